/**
 * `visorfs image stat`: all that is known of one path, and which archive or ramdisk it comes from.
 */

import type { Command } from 'commander';
import type { VisorFs } from '../../../node.ts';
import { modeLetters } from '../../../node.ts';
import { described, deviceOf, type Entry, entryAt, octal, utc } from '../../entries.ts';
import { checkPath, lastIsPath, openStack } from '../../images.ts';
import { landingArgument } from '../../landing.ts';
import { jsonLine, type Output } from '../../output.ts';
import { printable } from '../../printable.ts';
import { IMAGE } from '../../words.ts';

/** Adds `stat` to `image`. */
export function addStat(image: Command, out: Output): void {
  image
    .command('stat')
    .summary('all about one path')
    .description('Says all about one path. The last argument is the path; links are not followed.')
    .usage('[options] <image>... <path>')
    .addArgument(landingArgument('<image...>', IMAGE))
    .option('--json', 'as an object')
    .addHelpText(
      'after',
      '\nExample:\n  visorfs image stat base.v00 hostd.vib /etc/vmware/esx.conf',
    )
    .action(async (given: string[], { json }: { json?: true }) => {
      const request = lastIsPath(given, out, 'image stat');
      const { vfs, close } = await openStack(request.images, out);
      try {
        checkPath(vfs, request);
        const entry = entryAt(vfs, request.path);
        const layers = layersOf(vfs, request.path, entry);
        await out.write(json ? jsonLine({ ...described(entry), ...layers }) : text(entry, layers));
      } finally {
        close();
      }
    });
}

/** Where an entry comes from: null where it has nothing there. */
interface Layers {
  readonly tardisk: string | null;
  readonly ramdisk: string | null;
}

function layersOf(vfs: VisorFs, path: string, { attributes }: Entry): Layers {
  const { ramdisk } = vfs.vdu(path, 0)[0]!;
  return { tardisk: vfs.image.tardiskOf(attributes.ino)?.name ?? null, ramdisk };
}

function text(entry: Entry, { tardisk, ramdisk }: Layers): string {
  const { path, type, target, attributes } = entry;
  const { mode, uid, gid, size, nlink, ino, mtimeSeconds, mtimeNanoseconds } = attributes;
  const { major, minor } = deviceOf(attributes.rdev);
  const rows = [
    ['Path', printable(path)],
    ['Type', type],
    ...(target === undefined ? [] : [['Target', printable(target)]]),
    ...(type.endsWith('device') ? [['Device', `${major}, ${minor}`]] : []),
    ['Size', String(size)],
    ['Mode', `${octal(mode)} ${modeLetters(mode)}`],
    ['Owner', `${uid}:${gid}`],
    ['Links', String(nlink)],
    ['Inode', String(ino)],
    ['Modified', utc(mtimeSeconds, mtimeNanoseconds)],
    ['Tardisk', tardisk ?? '--'],
    ['Ramdisk', ramdisk ?? '--'],
  ];
  return rows.map(([word, value]) => `${word!.padEnd(10)}${value}\n`).join('');
}
