/**
 * `visorfs why`: where what is at one path comes from, and whether the next backup saves it.
 */

import type { Command } from 'commander';
import type { StateObstacle, StateReason, Why, WhyCover, WhyRow } from '../../node.ts';
import { modeLetters } from '../../node.ts';
import { octal, utc } from '../entries.ts';
import { type Column, counted, table } from '../figures.ts';
import { checkPath, imageArgument, imageUsage, lastIsPath, openStack } from '../images.ts';
import { jsonLine, type Output } from '../output.ts';
import { printable } from '../printable.ts';

const COLUMNS: readonly Column[] = [
  { heading: 'Tardisk' },
  { heading: 'Mode' },
  { heading: 'Size', isFigure: true },
  { heading: 'Modified' },
  { heading: 'Role' },
];

const SAVED: Readonly<Record<StateReason, string>> = {
  sticky: 'a sticky file of an archive that was changed',
  replaced: 'it stands where an archive has a sticky file',
  restored: 'the last boot brought it back',
};

/** Why something is not saved, in words. */
export const NOT_SAVED: Readonly<Record<StateObstacle, string>> = {
  absent: 'nothing is there: what is deleted comes back with the next boot',
  marker: 'it only shows what an archive has under a changed sticky file',
  directory: 'it is a directory; files are saved, and the directories they are in come with them',
  symlink: 'it is a symbolic link; only regular files are saved',
  special: 'it is no regular file',
  outside: 'it is not below /etc',
  new: 'no archive has a file there, and only changed files of archives are saved, sticky or not',
  'not-sticky': 'it is not sticky; a file that an archive has is saved after chmod +t',
  unchanged: 'it is sticky, but nobody changed it: the archive has it as it is',
};

const TYPE_BITS = { file: 0o100000, directory: 0o040000, symlink: 0o120000, special: 0 };

/** Adds `why` to `program`. */
export function addWhy(program: Command, out: Output): void {
  program
    .command('why')
    .summary('which archive or ramdisk gives a path, and will it be saved')
    .description(
      'Says where what is at one path comes from: which tardisk or ramdisk gives it, what it ' +
        'covers, what covers whom, how much of it is in memory, and whether the next backup ' +
        'saves it, or why not. Of a deleted path it says which tardisk had it. The last argument ' +
        'is the path; a last link is not followed.',
    )
    .usage(imageUsage(out, '<path>'))
    .addArgument(imageArgument(out))
    .option('--json', 'as an object')
    .addHelpText('after', '\nExample:\n  visorfs why images/bank /etc/vmware/esx.conf')
    .action(async (given: string[], { json }: { json?: true }) => {
      const request = lastIsPath(given, out, 'why');
      const { vfs, close } = await openStack(request.images, out);
      try {
        const why = askedOf(
          () => vfs.why(request.path),
          () => checkPath(vfs, request),
        );
        await out.write(json ? jsonLine(described(why)) : textOf(why));
      } finally {
        close();
      }
    });
}

/** What `ask` says; where it throws, what `explain` throws, which names the path. */
function askedOf(ask: () => Why, explain: () => void): Why {
  try {
    return ask();
  } catch (error) {
    explain();
    throw error;
  }
}

/** `why` as JSON shows it: modes and times as everywhere. */
function described(why: Why): Record<string, unknown> {
  const rows = why.rows.map(({ mode, mtimeSeconds, ...row }) => ({
    ...row,
    mode: octal(mode),
    modified: utc(mtimeSeconds),
  }));
  return { ...why, mode: why.mode === null ? null : octal(why.mode), rows };
}

function textOf(why: Why): string {
  const { path, kind, mode, size, target, isSticky, originalOf, rows } = why;
  const is = kind === null ? 'deleted' : kind;
  const lines = [
    ['Path', printable(path)],
    ['Is', kind === null && why.hidden?.what !== 'whiteout' ? 'covered' : is],
    ...(target === undefined ? [] : [['Target', printable(target)]]),
    ...(mode === null ? [] : [['Mode', `${octal(mode)} ${lettersOf(kind!, mode)}`]]),
    ...(kind === 'file'
      ? [
          ['Size', String(size)],
          ['Sticky', isSticky ? 'yes' : 'no'],
        ]
      : []),
    ...(originalOf === null ? [] : [['Shows', `the original of ${printable(originalOf)}`]]),
    ['From', fromText(why)],
    ['Backup', backupText(why)],
  ];
  const head = lines.map(([word, value]) => `${word!.padEnd(8)}${value}\n`).join('');
  return rows.length === 0
    ? head
    : `${head}\n${table(
        COLUMNS,
        rows.map((row) => cells(row, path)),
      )}`;
}

function fromText({ tardisk, ramdisk, hidden }: Why): string {
  if (hidden !== null) return `nothing: ${coverText(hidden)}`;
  const origin = tardisk === null ? null : `tardisk ${printable(tardisk)}`;
  if (ramdisk === null) return origin ?? 'nothing but the mount itself';
  const held = `${counted(ramdisk.pages, 'page')}, ${ramdisk.bytes} bytes`;
  const where = `ramdisk ${ramdisk.name} (${held})`;
  if (!ramdisk.isBranch) return `${where}, made there`;
  return `${where}, branched from ${origin ?? 'a tardisk that is unmounted'}`;
}

function backupText({ backup }: Why): string {
  if (backup.isSaved) return `saved (${backup.reason}): ${SAVED[backup.reason]}`;
  return `not saved (${backup.obstacle}): ${NOT_SAVED[backup.obstacle]}`;
}

function cells(row: WhyRow, path: string): string[] {
  const { tardisk, mode, size, mtimeSeconds, role, cover } = row;
  const moved = row.path === path ? '' : `, as ${printable(row.path)}`;
  const isSized = row.kind === 'file' || row.kind === 'symlink';
  return [
    printable(tardisk),
    lettersOf(row.kind, mode),
    isSized ? String(size) : '-',
    utc(mtimeSeconds),
    `${cover === null ? role : `covered by ${coverText(cover)}`}${moved}`,
  ];
}

function coverText({ by, where, what, path }: WhyCover): string {
  const how = what === 'whiteout' ? 'deleted' : what;
  return `${where} ${printable(by)}: ${how} ${printable(path)}`;
}

function lettersOf(kind: WhyRow['kind'], mode: number): string {
  return modeLetters(TYPE_BITS[kind] | mode);
}
