/**
 * The probes of times: what each verb does, in the directory `p`, to files that were there before.
 *
 *   f, twin     one file of two names       dir/g   dir/sub/   empty/   old   bare (empty)
 *   link -> f                               dirlink -> dir
 */

import type { AnyFs } from './outcome.ts';

/** What is there before, and what a probe may make. */
export const TIMED = [
  ...'. f twin dir dir/g dir/sub empty old bare link dirlink new dir/new empty/new'.split(' '),
  ...'dir/sub/new empty/g empty/sub'.split(' '),
];

export function buildTimedScene(fs: AnyFs, p: string): void {
  fs.writeFileSync(`${p}/f`, 'hello');
  fs.linkSync(`${p}/f`, `${p}/twin`);
  fs.mkdirSync(`${p}/dir/sub`, { recursive: true });
  fs.writeFileSync(`${p}/dir/g`, 'G');
  fs.mkdirSync(`${p}/empty`);
  fs.writeFileSync(`${p}/old`, 'old');
  fs.writeFileSync(`${p}/bare`, '');
  fs.symlinkSync('f', `${p}/link`);
  fs.symlinkSync('dir', `${p}/dirlink`);
}

/** Reads all there is, so that it was read after it was last changed. */
export function readTimedScene(fs: AnyFs, p: string): void {
  for (const name of ['f', 'dir/g', 'old', 'bare']) fs.readFileSync(`${p}/${name}`);
  for (const name of ['.', 'dir', 'dir/sub', 'empty']) fs.readdirSync(`${p}/${name}`);
  for (const name of ['link', 'dirlink']) fs.readlinkSync(`${p}/${name}`);
}

const O_TRUNC = 0o1000;
const O_NOATIME = 0o1000000;

type Act = (fs: AnyFs, p: string) => void;

function opened(name: string, flags: string | number, act: (fs: AnyFs, fd: number) => void): Act {
  return (fs, p) => {
    const fd = fs.openSync(`${p}/${name}`, flags);
    act(fs, fd);
    fs.closeSync(fd);
  };
}

/** One verb each, by what it is called. */
export const TIME_PROBES: Readonly<Record<string, Act>> = {
  'stat of a file': (fs, p) => fs.statSync(`${p}/f`),
  'stat of a link': (fs, p) => fs.statSync(`${p}/link`),
  'stat through a link': (fs, p) => fs.statSync(`${p}/dirlink/g`),
  'lstat of a link': (fs, p) => fs.lstatSync(`${p}/link`),
  'stat of a link with a slash': (fs, p) => fs.statSync(`${p}/dirlink/`),
  access: (fs, p) => fs.accessSync(`${p}/link`, 4),
  exists: (fs, p) => fs.existsSync(`${p}/dir/g`),
  statfs: (fs, p) => fs.statfsSync(`${p}/dir`),
  'open to read': opened('f', 'r', () => {}),
  'open to write': opened('f', 'r+', () => {}),
  'open to append': opened('f', 'a', () => {}),
  'open with w': opened('f', 'w', () => {}),
  'open with w of an empty file': opened('bare', 'w', () => {}),
  'open with w of a new file': opened('new', 'w', () => {}),
  'open to read and truncate': opened('f', O_TRUNC, () => {}),
  'open of a directory': opened('dir', 'r', () => {}),
  read: opened('f', 'r', (fs, fd) => fs.readSync(fd, Buffer.alloc(2))),
  'read at the end': opened('f', 'r', (fs, fd) => fs.readSync(fd, Buffer.alloc(2), 0, 2, 99)),
  'read of an empty file': opened('bare', 'r', (fs, fd) => fs.readSync(fd, Buffer.alloc(2))),
  'read into nothing': opened('f', 'r', (fs, fd) => fs.readSync(fd, Buffer.alloc(2), 0, 0, 0)),
  'read without atime': opened('f', O_NOATIME, (fs, fd) => fs.readSync(fd, Buffer.alloc(2))),
  readv: opened('f', 'r', (fs, fd) => fs.readvSync(fd, [Buffer.alloc(2), Buffer.alloc(9)])),
  readFile: (fs, p) => fs.readFileSync(`${p}/f`),
  'readFile as text': (fs, p) => fs.readFileSync(`${p}/f`, 'utf8'),
  'readFile of a link': (fs, p) => fs.readFileSync(`${p}/link`),
  'readFile of an empty file': (fs, p) => fs.readFileSync(`${p}/bare`),
  'readFile of a descriptor': opened('f', 'r', (fs, fd) => fs.readFileSync(fd)),
  readdir: (fs, p) => fs.readdirSync(`${p}/dir`),
  'readdir with types': (fs, p) => fs.readdirSync(`${p}/dir`, { withFileTypes: true }),
  'readdir as bytes': (fs, p) => fs.readdirSync(`${p}/dir`, 'buffer'),
  'readdir of all below': (fs, p) => fs.readdirSync(p, { recursive: true }),
  'readdir of a link': (fs, p) => fs.readdirSync(`${p}/dirlink`),
  opendir: (fs, p) => fs.opendirSync(`${p}/dir`).closeSync(),
  'opendir and a read': (fs, p) => {
    const dir = fs.opendirSync(`${p}/dir`);
    dir.readSync();
    dir.closeSync();
  },
  readlink: (fs, p) => fs.readlinkSync(`${p}/link`),
  'realpath of a file': (fs, p) => fs.realpathSync(`${p}/dir/g`),
  'realpath of a link': (fs, p) => fs.realpathSync(`${p}/link`),
  'realpath.native of a link': (fs, p) => fs.realpathSync.native(`${p}/dirlink/g`),
  'writeFile over': (fs, p) => fs.writeFileSync(`${p}/f`, 'HELLO'),
  'writeFile of nothing': (fs, p) => fs.writeFileSync(`${p}/f`, ''),
  'writeFile of nothing over nothing': (fs, p) => fs.writeFileSync(`${p}/bare`, ''),
  'writeFile new': (fs, p) => fs.writeFileSync(`${p}/new`, 'new'),
  'writeFile through a link': (fs, p) => fs.writeFileSync(`${p}/link`, 'new'),
  appendFile: (fs, p) => fs.appendFileSync(`${p}/f`, 'more'),
  'appendFile of nothing': (fs, p) => fs.appendFileSync(`${p}/f`, ''),
  write: opened('f', 'r+', (fs, fd) => fs.writeSync(fd, 'x', 1)),
  'write of nothing': opened('f', 'r+', (fs, fd) => fs.writeSync(fd, Buffer.alloc(0))),
  writev: opened('f', 'r+', (fs, fd) => fs.writevSync(fd, [Buffer.from('a'), Buffer.from('b')])),
  fsync: opened('f', 'r+', (fs, fd) => fs.fsyncSync(fd)),
  'truncate to less': (fs, p) => fs.truncateSync(`${p}/f`, 2),
  'truncate to more': (fs, p) => fs.truncateSync(`${p}/f`, 20),
  'truncate to the same': (fs, p) => fs.truncateSync(`${p}/f`, 5),
  'chmod to another': (fs, p) => fs.chmodSync(`${p}/f`, 0o600),
  'chmod to the same': (fs, p) => fs.chmodSync(`${p}/f`, 0o644),
  'chmod of a directory': (fs, p) => fs.chmodSync(`${p}/dir`, 0o700),
  'chown to another': (fs, p) => fs.chownSync(`${p}/f`, 1, 1),
  'chown to the same': (fs, p) => fs.chownSync(`${p}/f`, 0, 0),
  'chown to nobody': (fs, p) => fs.chownSync(`${p}/f`, -1, -1),
  lchown: (fs, p) => fs.lchownSync(`${p}/link`, 1, 1),
  utimes: (fs, p) => fs.utimesSync(`${p}/f`, 1, 2),
  lutimes: (fs, p) => fs.lutimesSync(`${p}/link`, 1, 2),
  'futimes of a directory': opened('dir', 'r', (fs, fd) => fs.futimesSync(fd, 1, 2)),
  link: (fs, p) => fs.linkSync(`${p}/f`, `${p}/dir/new`),
  'link of a link': (fs, p) => fs.linkSync(`${p}/link`, `${p}/new`),
  'unlink of one name': (fs, p) => fs.unlinkSync(`${p}/twin`),
  'unlink of the last name': (fs, p) => fs.unlinkSync(`${p}/old`),
  'rename of a file': (fs, p) => fs.renameSync(`${p}/f`, `${p}/new`),
  'rename to another directory': (fs, p) => fs.renameSync(`${p}/old`, `${p}/empty/new`),
  'rename over a file': (fs, p) => fs.renameSync(`${p}/old`, `${p}/dir/g`),
  'rename over one name of two': (fs, p) => fs.renameSync(`${p}/old`, `${p}/twin`),
  'rename over another name of it': (fs, p) => fs.renameSync(`${p}/f`, `${p}/twin`),
  'rename to itself': (fs, p) => fs.renameSync(`${p}/f`, `${p}/f`),
  'rename of a directory': (fs, p) => fs.renameSync(`${p}/dir`, `${p}/new`),
  'rename of a directory to another': (fs, p) => fs.renameSync(`${p}/dir/sub`, `${p}/empty/sub`),
  'rename of a directory over an empty one': (fs, p) => fs.renameSync(`${p}/dir`, `${p}/empty`),
  'rename of a link': (fs, p) => fs.renameSync(`${p}/link`, `${p}/new`),
  mkdir: (fs, p) => fs.mkdirSync(`${p}/dir/new`),
  'mkdir of all above': (fs, p) => fs.mkdirSync(`${p}/dir/sub/new/a`, { recursive: true }),
  'mkdir of what is there': (fs, p) => fs.mkdirSync(`${p}/dir/sub`, { recursive: true }),
  rmdir: (fs, p) => fs.rmdirSync(`${p}/dir/sub`),
  symlink: (fs, p) => fs.symlinkSync('x', `${p}/dir/new`),
  'copyFile to a new name': (fs, p) => fs.copyFileSync(`${p}/f`, `${p}/new`),
  'copyFile over a file': (fs, p) => fs.copyFileSync(`${p}/f`, `${p}/old`),
  'copyFile of an empty file': (fs, p) => fs.copyFileSync(`${p}/bare`, `${p}/old`),
  'copyFile to itself': (fs, p) => fs.copyFileSync(`${p}/f`, `${p}/f`),
  'rm of a file': (fs, p) => fs.rmSync(`${p}/f`),
  'rm of a directory': (fs, p) => fs.rmSync(`${p}/dir/sub`, { recursive: true }),
};
