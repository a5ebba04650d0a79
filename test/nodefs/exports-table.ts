/**
 * What of node:fs is how here: every name that Node 20 exports, and how ours differs where it does.
 *
 * The table of docs/node-fs.md is made of this (exports.test.ts).
 */

/** How an export of node's differs, and why. Names of promises are written `promises.x`. */
export const DIFFERS: Readonly<Record<string, string>> = {
  'copyFile, copyFileSync, promises.copyFile':
    'a copy that fails leaves the target as it was; libuv truncates and removes it. ' +
    '`COPYFILE_FICLONE_FORCE` clones, where a tmpfs cannot',
  'cp, cpSync, promises.cp':
    'paths of bytes are taken as text; directories are gone through sorted',
  'fsync, fsyncSync, fdatasync, fdatasyncSync': 'there is nothing to sync: the file must be open',
  'Dirent, Stats':
    'instances read as node’s do, with Dates by getters; they are not made by node’s arguments',
  'mkdir, mkdirSync, promises.mkdir':
    'with `recursive`, all directories are made or none; errors name the path as it was given',
  'mkdtemp, promises.mkdtemp': 'errors show `XXXXXX`, as node does where it is synchronous',
  openAsBlob: 'has the content of the moment; node’s cannot be read once the file changed',
  'opendir, opendirSync, promises.opendir, Dir':
    'names come sorted; `bufferSize` is checked and of no effect; synchronous errors have a path',
  'ReadStream, WriteStream, FileReadStream, FileWriteStream, createReadStream, createWriteStream':
    'node’s own, over these verbs; in browsers refused, as there are no streams',
  readFile: 'errors of a descriptor reach the callback; node’s get lost',
  'readdir, promises.readdir':
    '`recursive` goes breadth first in every flavour, and calls back later',
  readv: 'an empty list calls back later, as everything does',
  'realpath, realpathSync': 'the working directory is `/`; what is no path is refused',
  'rm, rmSync, promises.rm': 'of a link that may not be removed, what it leads to is let be',
  'statfs, statfsSync, promises.statfs': 'tells of the ramdisk that covers the path',
  watchFile: 'told by the change feed: `interval` is checked and of no effect',
  'writeFile, writeFileSync, appendFile, appendFileSync, promises.writeFile, promises.appendFile':
    'what does not fit leaves the file as it was; node truncates first',
};

/** What is refused, and why. */
export const REFUSED: Readonly<Record<string, string>> = {
  'promises.lchmod':
    'Linux has no modes of links; `lchmod` and `lchmodSync` are undefined, as in node',
};

/** What node has not, in its 20th version. */
export const MORE: Readonly<Record<string, string>> = {
  'glob, globSync, promises.glob': 'as in Node 22; in browsers refused, for the size of a matcher',
  BigIntStats: 'the class of what `{ bigint: true }` gives',
};

/** The names of `keys`, one by one. */
export function namesIn(table: Readonly<Record<string, string>>): string[] {
  return Object.keys(table).flatMap((names) => names.split(', '));
}

/** The table as docs/node-fs.md has it; `all` are node's names. */
export function exportsTable(all: readonly string[]): string {
  const special = new Set([...namesIn(DIFFERS), ...namesIn(REFUSED)]);
  const same = all.filter((name) => !special.has(name));
  const shown = (names: string): string =>
    names
      .split(', ')
      .map((name) => `\`${name}\``)
      .join(' ');
  const rows = (table: Readonly<Record<string, string>>, how: string): string[] =>
    Object.entries(table).map(([names, why]) => `| ${shown(names)} | ${how}: ${why} |`);
  return [
    '| of node:fs | here |',
    '|---|---|',
    ...rows(DIFFERS, 'works differently'),
    ...rows(REFUSED, 'refused'),
    ...rows(MORE, 'more than Node 20'),
    `| ${same.map((name) => `\`${name}\``).join(' ')} | works |`,
  ].join('\n');
}
