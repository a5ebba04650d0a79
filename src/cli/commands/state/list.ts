/**
 * `visorfs state list`: which files the next backup saves, and why; or what is in a state.
 *
 *   sticky     a sticky file of an archive that was changed
 *   replaced   it stands where an archive has a sticky file
 *   restored   the last boot brought it back, so it is saved again
 */

import type { Command } from 'commander';
import { modeLetters, type StateArchive, type StateFile } from '../../../node.ts';
import { deviceName } from '../../devices.ts';
import { type Entry, entriesBelow, entryAt, octal, utc } from '../../entries.ts';
import { type Column, table } from '../../figures.ts';
import { imageArgument, imageUsage, openStack } from '../../images.ts';
import { jsonLine, type Output } from '../../output.ts';
import { printable } from '../../printable.ts';
import { isStateFile, stateOf, treeOf } from '../../states.ts';
import { IMAGE } from '../../words.ts';

const COLUMNS: readonly Column[] = [
  { heading: 'Mode' },
  { heading: 'Size', isFigure: true },
  { heading: 'Why' },
  { heading: 'Path' },
];

const KEPT_COLUMNS: readonly Column[] = [
  { heading: 'Mode' },
  { heading: 'Owner' },
  { heading: 'Size', isFigure: true },
  { heading: 'Modified' },
  { heading: 'Path' },
];

const HELP = `
A state.tgz, or one bank as device:bank, is listed as it is kept: with the build
that made it, and whether it is encrypted.

Example:
  visorfs state list images/bank
  visorfs state list images/bank/state.tgz`;

/** Adds `list` to the noun `state`. */
export function addStateList(state: Command, out: Output): void {
  state
    .command('list')
    .summary('list what the next backup saves, or what is in a state')
    .description(
      'Lists the files that the next backup saves, and why: sticky (a sticky file of an ' +
        'archive was changed), replaced (another stands in its place), restored (the boot ' +
        'brought it back).',
    )
    .usage(imageUsage(out))
    .addArgument(imageArgument(out, `${IMAGE}; or a state.tgz; or device:bank`))
    .option('--json', 'as a list of objects; of a state, as an object')
    .addHelpText('after', HELP)
    .action(async (images: string[], { json }: { json?: true }) => {
      const [only = ''] = images;
      const isKept = (): boolean => isStateFile(only) || deviceName(only).bank !== undefined;
      if (out.live === undefined && images.length === 1 && isKept()) {
        const archive = await stateOf(only, out);
        await out.write(json ? jsonLine(describedKept(archive)) : keptText(archive));
        return;
      }
      const { vfs, close } = await openStack(images, out);
      try {
        const files = vfs.state();
        if (json)
          await out.write(jsonLine(files.map((file) => ({ ...file, mode: octal(file.mode) }))));
        else await out.write(stateText(files));
      } finally {
        close();
      }
    });
}

/** `state` as a table. */
export function stateText(state: readonly StateFile[]): string {
  const rows = state.map(({ path, reason, size, mode }) => [
    modeLetters(mode),
    String(size),
    reason,
    printable(path),
  ]);
  return table(COLUMNS, rows);
}

function filesOf(archive: StateArchive): Entry[] {
  const vfs = treeOf(archive);
  return [...entriesBelow(vfs, entryAt(vfs, '/'))].filter(({ type }) => type !== 'directory');
}

function describedKept(archive: StateArchive): Record<string, unknown> {
  const { build, isEncrypted } = archive;
  const files = filesOf(archive).map(({ path, attributes }) => {
    const { size, mode, uid, gid, mtimeSeconds } = attributes;
    return { path, size, mode: octal(mode), uid, gid, modified: utc(mtimeSeconds) };
  });
  return { build, isEncrypted, files };
}

function keptText(archive: StateArchive): string {
  const rows = filesOf(archive).map(({ path, attributes }) => {
    const { size, mode, uid, gid, mtimeSeconds } = attributes;
    const time = utc(mtimeSeconds);
    return [modeLetters(mode), `${uid}:${gid}`, String(size), time, printable(path)];
  });
  const build = archive.build === null ? 'not recorded' : printable(archive.build);
  const cipher = archive.isEncrypted ? 'yes' : 'no';
  return `Build      ${build}\nEncrypted  ${cipher}\n\n${table(KEPT_COLUMNS, rows)}`;
}
