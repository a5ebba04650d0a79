/**
 * `visorfs ls`: what lies in a directory of the images.
 *
 * Nothing is hidden, one name a line, as an image has no files that are merely in the way. With -l
 * owners are numbers, as an image knows no names for them, and times are UTC.
 */

import type { Command } from 'commander';
import type { VisorFs } from '../../node.ts';
import { modeLetters } from '../../node.ts';
import { described, deviceOf, type Entry, entriesIn, entryAt, utc } from '../entries.ts';
import { units } from '../figures.ts';
import { checkPath, openStack, splitPath } from '../images.ts';
import { landingArgument } from '../landing.ts';
import { jsonLine, type Output } from '../output.ts';
import { printable } from '../printable.ts';
import { IMAGE, PATH_HELP, PATH_OPTION } from '../words.ts';

interface Options {
  readonly long?: true;
  readonly recursive?: true;
  readonly path?: string;
  readonly json?: true;
}

/** Adds `ls` to `program`. */
export function addLs(program: Command, out: Output): void {
  program
    .command('ls')
    .summary('list a directory')
    .description('Lists a directory of the images, or one file.')
    .usage('[options] <image>... [path]')
    .addArgument(landingArgument('<image...>', IMAGE))
    .option('-l, --long', 'mode, links, owner, group, size and time (UTC) too')
    .option('-R, --recursive', 'directories below it too')
    .option('-p, --path <path>', PATH_OPTION)
    .option('--json', 'as a list of objects')
    .addHelpText('after', `${PATH_HELP}\nExample:\n  visorfs ls -l base.v00 hostd.vib /etc/vmware`)
    .action(async (given: string[], options: Options) => {
      const request = await splitPath(given, out, options.path);
      const { vfs, close } = await openStack(request.images, out);
      try {
        checkPath(vfs, request);
        const listings = listed(vfs, request.path, options.recursive === true);
        await out.write(options.json ? jsonOf(listings) : textOf(listings, options));
      } finally {
        close();
      }
    });
}

interface Listing {
  /** The directory; null where a file was asked for. */
  readonly directory: string | null;
  readonly entries: readonly Entry[];
}

function listed(vfs: VisorFs, path: string, isRecursive: boolean): Listing[] {
  const top = followed(vfs, path);
  if (top.type !== 'directory') return [{ directory: null, entries: [top] }];
  const listings: Listing[] = [];
  const pending = [top];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const entries = entriesIn(vfs, next.bytes);
    listings.push({ directory: next.path, entries });
    if (!isRecursive) break;
    for (const entry of entries.toReversed()) if (entry.type === 'directory') pending.push(entry);
  }
  return listings;
}

/** The entry at `path`: where it is a link to a directory, that directory, else the link itself. */
function followed(vfs: VisorFs, path: string): Entry {
  const entry = entryAt(vfs, path);
  if (entry.type !== 'link') return entry;
  try {
    const behind = entryAt(vfs, path, true);
    return behind.type === 'directory' ? behind : entry;
  } catch {
    // A link that leads nowhere is listed as what it is.
    return entry;
  }
}

function jsonOf(listings: readonly Listing[]): string {
  return jsonLine(listings.flatMap(({ entries }) => entries.map(described)));
}

function textOf(listings: readonly Listing[], { long, recursive }: Options): string {
  const parts = listings.map(({ directory, entries }) => {
    const heading = recursive && directory !== null ? `${printable(directory)}:\n` : '';
    const names = entries.map((entry) => nameOf(entry, directory === null));
    const lines = long ? longLines(entries, names) : names;
    return `${heading}${lines.map((line) => `${line}\n`).join('')}`;
  });
  return parts.join('\n');
}

function nameOf({ path, name }: Entry, isWhole: boolean): string {
  return printable(isWhole ? path : name);
}

/** How long lines are written. */
interface LongStyle {
  /** Sizes in units, each rounded down. */
  readonly isHuman?: boolean;
  /** The owner 0 is called root. */
  readonly hasNames?: boolean;
}

/** `entries` as lines of `ls -l`, each with its name of `names`. */
export function longLines(
  entries: readonly Entry[],
  names: readonly string[],
  { isHuman = false, hasNames = false }: LongStyle = {},
): string[] {
  const ownerOf = (id: number): string => (hasNames && id === 0 ? 'root' : String(id));
  const rows = entries.map(({ type, attributes }) => {
    const { mode, nlink, uid, gid, size, mtimeSeconds, rdev } = attributes;
    const { major, minor } = deviceOf(rdev);
    const shown = type.endsWith('device')
      ? `${major}, ${minor}`
      : isHuman
        ? units(size)
        : String(size);
    const time = utc(mtimeSeconds)
      .replace('T', ' ')
      .replace(/:\d\dZ$/, '');
    return [modeLetters(mode), String(nlink), ownerOf(uid), ownerOf(gid), shown, time];
  });
  const widths = [0, 1, 2, 3, 4, 5].map((column) =>
    rows.reduce((width, row) => Math.max(width, row[column]!.length), 0),
  );
  return rows.map((row, index) => {
    const cells = row.map((cell, column) => cell.padStart(widths[column]!));
    const { target } = entries[index]!;
    const leads = target === undefined ? '' : ` -> ${printable(target)}`;
    return `${cells.join(' ')} ${names[index]}${leads}`;
  });
}
