/**
 * VisorFs on Node: native zlib, Buffers, streams.
 */

import { allOrNone } from '../base/together.ts';
import { Image } from '../layer/image.ts';
import type { Origin } from '../vfs/tree.ts';
import { type Platform, VisorFs as VisorFsOn, type VisorFsOptions } from '../visorfs.ts';
import { openTardisks } from './archives.ts';
import type { ArchiveInput } from './inputs.ts';
import { nativeCodec } from './native-codecs.ts';
import { nodeRuntime } from './node-runtime.ts';
import { treePlatform } from './tree.ts';

/** What Node gives. */
export const platform: Platform<Buffer> = {
  ...treePlatform,
  codec: async () => nativeCodec,
  runtime: nodeRuntime,
  crypto: globalThis.crypto,
};

/**
 * One image and the ramdisks over it; empty, with one ramdisk of 32 MiB, unless told otherwise. Of
 * a snapshot or another tree it is a fork. Throws RangeError for a size or an identity that is
 * none, EINVAL for a ramdisk that cannot be.
 *
 * @example
 * const image = Image.of(await openTardisk('images/bank/sb.v00'));
 * const vfs = new VisorFs(image, { ramdisks: [{ name: 'box', path: '/', size: '8mb' }] });
 * vfs.fs.writeFileSync('/tmp/result', 'done');
 * console.log(vfs.changes()); // [ { path: '/tmp/result', change: 'added' } ]
 * console.log(vfs.vdf().ramdisks[0].name, vfs.fs.readFileSync('/tmp/result', 'utf8')); // box done
 */
export class VisorFs extends VisorFsOn<Buffer> {
  constructor(of?: Origin, options?: VisorFsOptions) {
    super(of, options, platform);
  }
}

/**
 * Mounts `archives` over each other, the last on top, in a new VisorFs. Throws as `openTardisk`.
 *
 * @example
 * const vfs = await mount('images/bank/sb.v00', 'images/vibs/hostd.vib'); // the last one on top
 * console.log(vfs.image.tardisks.map(({ name }) => name)); // [ 'sb.v00', 'hostd' ]
 * console.log(vfs.fs.readdirSync('/etc/vmware/hostd')); // [ 'config.xml' ]
 */
export async function mount(...archives: readonly ArchiveInput[]): Promise<VisorFs> {
  const openings = archives.map((archive) => openTardisks(archive));
  const opened = await allOrNone(openings, (tardisks) => {
    for (const tardisk of tardisks) tardisk.close();
  });
  return new VisorFs(Image.of(...opened.flat()));
}
