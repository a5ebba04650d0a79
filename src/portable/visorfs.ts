/**
 * VisorFs for any runtime: pako, Uint8Arrays, WebCrypto.
 */

import { allOrNone } from '../base/together.ts';
import { Image } from '../layer/image.ts';
import type { ArchiveBytes } from '../layer/input.ts';
import { portableRuntime } from '../nodefs/runtime.ts';
import type { Origin } from '../vfs/tree.ts';
import { type Platform, VisorFs as VisorFsOn, type VisorFsOptions } from '../visorfs.ts';
import { codec, openTardisks } from './archives.ts';
import { treePlatform } from './tree.ts';

/** What every runtime has. */
export const platform: Platform<Uint8Array> = {
  ...treePlatform,
  codec,
  runtime: portableRuntime,
  crypto: globalThis.crypto,
};

/**
 * One image and the ramdisks over it; empty, with one ramdisk of 32 MiB, unless told otherwise. Of
 * a snapshot or another tree it is a fork. Throws RangeError for a size or an identity that is
 * none, EINVAL for a ramdisk that cannot be.
 *
 * @example
 * const image = Image.of(await openTardisk(tgz));
 * const vfs = new VisorFs(image, { ramdisks: [{ name: 'box', path: '/', size: '8mb' }] });
 * vfs.fs.writeFileSync('/opt/result', 'done');
 * console.log(vfs.changes()); // [ { path: '/opt/result', change: 'added' } ]
 * console.log(vfs.vdf().ramdisks[0].name, vfs.fs.readFileSync('/opt/result', 'utf8')); // box done
 */
export class VisorFs extends VisorFsOn<Uint8Array> {
  constructor(of?: Origin, options?: VisorFsOptions) {
    super(of, options, platform);
  }
}

/**
 * Mounts `archives` over each other, the last on top, in a new VisorFs. Throws CorruptError.
 *
 * @example
 * const vfs = await mount(tgz, file); // bytes, Blobs or Sources: the last one on top
 * console.log(vfs.image.tardisks.length, vfs.fs.readdirSync('/'));
 * // 2 [ 'etc', 'opt', 'usr', 'var' ]
 */
export async function mount(...archives: readonly ArchiveBytes[]): Promise<VisorFs> {
  const openings = archives.map((archive) => openTardisks(archive));
  const opened = await allOrNone(openings, (tardisks) => {
    for (const tardisk of tardisks) tardisk.close();
  });
  return new VisorFs(Image.of(...opened.flat()));
}
