/**
 * The commands for files that just-bash has not, or not as a host would have them:
 *
 *   ls       with -l the mode as it is, sticky bit and all, and the owner
 *   chown    there is none
 *
 * One name a line, as ls has it where no terminal reads; times are UTC.
 */

import type { Command } from 'commander';
import type { VisorFs } from '../../node.ts';
import { longLines } from '../commands/ls.ts';
import { type Entry, entriesIn, entryAt } from '../entries.ts';
import { ExitError, type Output, UsageError } from '../output.ts';
import { printable } from '../printable.ts';
import type { Tool } from './tools.ts';

/** What GNU and busybox end with where an operand is not there. */
const MISSING = 2;

/** The commands, by name. */
export const FILE_COMMANDS: Readonly<Record<string, Tool>> = { ls: addLs, chown: addChown };

interface Flags {
  readonly all?: true;
  readonly almostAll?: true;
  readonly long?: true;
  readonly directory?: true;
  readonly classify?: true;
  readonly human?: true;
  readonly inode?: true;
  readonly recursive?: true;
  readonly reverse?: true;
  readonly size?: true;
  readonly time?: true;
}

function addLs(program: Command, out: Output): void {
  // -h is of figures here, and --help of help.
  program
    .description('Lists directories and files.')
    .usage('[-1aAdFhilRrSt] [path...]')
    .argument('[path...]')
    .option('-1', 'one name a line, as always here')
    .option('-a, --all', 'names that start with a dot too, and . and ..')
    .option('-A, --almost-all', 'those, but not . and ..')
    .option('-d, --directory', 'a directory itself, not what lies in it')
    .option('-F, --classify', 'a letter behind each name for what it is')
    .option('-h, --human', 'with -l, sizes in units, each rounded down')
    .option('-i, --inode', 'the number of the inode too')
    .option('-l, --long', 'mode, links, owner, group, size and time (UTC) too')
    .option('-R, --recursive', 'directories below too')
    .option('-r, --reverse', 'in reverse')
    .option('-S, --size', 'the largest first')
    .option('-t, --time', 'the newest first')
    .option('--color [when]', 'as ls has it; there are no colours here')
    .action(async (paths: string[], flags: Flags) => {
      const { vfs, resolve } = out.live!;
      const asked = (paths.length === 0 ? ['.'] : paths).map((name) => ({
        name,
        path: resolve(name),
      }));
      const found = asked.flatMap(({ name, path }) => {
        const entry = entryOrComplaint(vfs, path, name, flags, out);
        return entry === null ? [] : [entry];
      });
      const isOpened = ({ type }: Entry): boolean =>
        type === 'directory' && flags.directory !== true;
      const files = found.filter((entry) => !isOpened(entry));
      const parts = files.length === 0 ? [] : [linesOf(sorted(files, flags), flags)];
      const pending = sorted(found.filter(isOpened), flags);
      const isTitled = asked.length > 1 || flags.recursive === true;
      for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
        const entries = sorted(shownIn(vfs, next, flags), flags);
        const title = isTitled ? `${printable(next.name)}:\n` : '';
        parts.push(`${title}${linesOf(entries, flags)}`);
        if (!flags.recursive) continue;
        const above = next.name === '/' ? '' : next.name;
        const below = entries.filter(
          ({ type, name }) => type === 'directory' && !/^\.\.?$/.test(name),
        );
        pending.unshift(...below.map((entry) => ({ ...entry, name: `${above}/${entry.name}` })));
      }
      await out.write(parts.join('\n'));
      if (found.length < asked.length) throw new ExitError(MISSING);
    });
}

/** What lies at `path`, under the name asked for; null where nothing does, which is said. */
function entryOrComplaint(
  vfs: VisorFs,
  path: string,
  name: string,
  { long, directory }: Flags,
  out: Output,
): Entry | null {
  try {
    const entry = entryAt(vfs, path);
    if (entry.type !== 'link' || long || directory) return { ...entry, name };
    return { ...entryAt(vfs, path, true), name };
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    const why = code === 'ENOENT' ? 'No such file or directory' : message;
    out.complain(`ls: ${printable(name)}: ${why}\n`);
    return null;
  }
}

function shownIn(vfs: VisorFs, directory: Entry, { all, almostAll }: Flags): Entry[] {
  const entries = entriesIn(vfs, directory.bytes);
  if (all) {
    const above = directory.path.slice(0, directory.path.lastIndexOf('/')) || '/';
    return [{ ...directory, name: '.' }, { ...entryAt(vfs, above), name: '..' }, ...entries];
  }
  return almostAll ? entries : entries.filter(({ name }) => !name.startsWith('.'));
}

function sorted(entries: readonly Entry[], { size, time, reverse }: Flags): Entry[] {
  const order = [...entries];
  if (size) order.sort((left, right) => right.attributes.size - left.attributes.size);
  if (time)
    order.sort((left, right) => right.attributes.mtimeSeconds - left.attributes.mtimeSeconds);
  return reverse ? order.reverse() : order;
}

function linesOf(entries: readonly Entry[], { long, human, inode, classify }: Flags): string {
  const names = entries.map((entry) => {
    const number = inode ? `${entry.attributes.ino} ` : '';
    return `${number}${printable(entry.name)}${classify && !long ? classOf(entry) : ''}`;
  });
  const lines = long
    ? longLines(entries, names, { isHuman: human === true, hasNames: true })
    : names;
  return lines.map((line) => `${line}\n`).join('');
}

function classOf({ type, attributes: { mode } }: Entry): string {
  if (type === 'directory') return '/';
  if (type === 'link') return '@';
  return type === 'file' && (mode & 0o111) !== 0 ? '*' : '';
}

function addChown(program: Command, out: Output): void {
  program
    .description('Changes who owns files.')
    .usage('[-R] owner[:group] path...')
    .argument('<owner>', 'root, or a number; after a colon that of the group')
    .argument('<path...>')
    .option('-R, --recursive', 'what lies below too')
    .action(async (owner: string, paths: string[], { recursive }: { recursive?: true }) => {
      const { vfs, resolve } = out.live!;
      const [, user = '', group = ''] = /^(\w*)(?::(\w*))?$/.exec(owner) ?? [];
      const [uid, gid] = [numberOf(user, owner), numberOf(group, owner)];
      const change = (path: string): void => {
        const stats = vfs.fs.lstatSync(path);
        vfs.fs.lchownSync(path, uid ?? stats.uid, gid ?? stats.gid);
        if (!recursive || !stats.isDirectory()) return;
        for (const name of vfs.fs.readdirSync(path)) change(`${path === '/' ? '' : path}/${name}`);
      };
      for (const path of paths) change(resolve(path));
    });
}

/** The number of an owner; null where none is said. Throws UsageError for a name but root's. */
function numberOf(said: string, owner: string): number | null {
  if (said === '') return null;
  if (said === 'root') return 0;
  if (/^\d{1,10}$/.test(said)) return Number(said);
  throw new UsageError(`'${owner}' is no owner: root or a number, and :group`);
}
