/**
 * Who may what: a scene of files and directories that differ in owner, group and mode.
 *
 * USER is 1000, of the groups 1000 and 27; 1001 and 28 are strangers. What is called `theirs` is of
 * the stranger, `mine` of USER, what says nothing is of root.
 */

import type { Entry } from '../support/archives.ts';
import type { AnyFs } from './outcome.ts';

/** The user whose permissions are judged; on the kernel he is nobody that needs to exist. */
export const USER = { uid: 1000, gid: 1000, groups: [27], umask: 0o027 } as const;

const STRANGER = 1001;
const OURS = 27;
const FOREIGN = 28;

type Row = readonly [path: string, mode: number, uid?: number, gid?: number];

/** Directories end in a slash; of the others the name is also the content. */
const ROWS: readonly Row[] = [
  ['open/', 0o777],
  ['open/theirs', 0o644, STRANGER, FOREIGN],
  ['open/dir/', 0o755],
  ['open/dir/f', 0o666],
  ['shut/', 0o700],
  ['shut/f', 0o666],
  ['shut/dir/', 0o777],
  ['list/', 0o744],
  ['list/f', 0o666],
  ['list/dir/', 0o777],
  ['pass/', 0o711],
  ['pass/f', 0o666],
  ['pass/dir/', 0o777],
  ['drop/', 0o733],
  ['drop/f', 0o644],
  ['mine/', 0o755, 1000, 1000],
  ['mine/f', 0o640, 1000, 1000],
  ['mine/root', 0o600],
  ['mine/rootdir/', 0o755],
  ['mine/rootdir/f', 0o666],
  ['mine/empty/', 0o700],
  ['mine/dir/', 0o700, 1000, 1000],
  ['mine/dir/f', 0o600, 1000, 1000],
  ['mine/frozen/', 0o500, 1000, 1000],
  ['mine/frozen/f', 0o600, 1000, 1000],
  ['sticky/', 0o1777],
  ['sticky/mine', 0o600, 1000, 1000],
  ['sticky/theirs', 0o666, STRANGER, FOREIGN],
  ['sticky/minedir/', 0o755, 1000, 1000],
  ['sticky/theirdir/', 0o777, STRANGER, FOREIGN],
  ['mysticky/', 0o1777, 1000, 1000],
  ['mysticky/theirs', 0o600, STRANGER, FOREIGN],
  ['group/', 0o2775, 0, OURS],
  ['group/f', 0o664, 0, OURS],
  ['group/dir/', 0o2770, 0, OURS],
  ['foreign/', 0o2777, 0, FOREIGN],
  ['foreign/f', 0o664, 0, FOREIGN],
  ['read', 0o444],
  ['write', 0o222],
  ['run', 0o711],
  ['none', 0o000],
  ['all', 0o666],
  ['denied-owner', 0o077, 1000, 1000],
  ['denied-group', 0o707, 0, OURS],
  ['only-group', 0o070, 0, OURS],
  ['suid', 0o4755, 1000, 1000],
  ['suid-all', 0o4777],
  ['sgid', 0o2755, 1000, OURS],
  ['sgid-foreign', 0o2755, 1000, FOREIGN],
  ['sgid-all', 0o2777, 0, OURS],
  ['sgid-lock', 0o2666, 0, OURS],
  ['sgid-lock-foreign', 0o2666, 0, FOREIGN],
  ['mine-sgid-lock', 0o6644, 1000, FOREIGN],
];

const LINKS: Readonly<Record<string, string>> = {
  'to-mine': 'mine/f',
  'to-shut': 'shut/f',
  'to-list': 'list',
  'to-pass': 'pass',
  'to-none': 'none',
  'into-open': 'open/new',
  'into-shut': 'shut/new',
  'mine/up': '../read',
  'sticky/mylink': 'mine',
  'sticky/link': 'theirs',
};

const LINK_OWNERS: Readonly<Record<string, readonly [uid: number, gid: number]>> = {
  'sticky/mylink': [1000, 1000],
  'sticky/link': [STRANGER, FOREIGN],
};

/** Every path of the scene, as it is probed. */
export const PLACES: readonly string[] = [
  ...ROWS.map(([path]) => path.replace(/\/$/, '')),
  ...Object.keys(LINKS),
];

/** Builds the scene in the directory `root`, which is there and empty; takes root. */
export function buildPermissionScene(fs: AnyFs, root: string): void {
  for (const [path] of ROWS) {
    const at = `${root}/${path}`;
    if (path.endsWith('/')) fs.mkdirSync(at, 0o700);
    else fs.writeFileSync(at, path);
  }
  for (const [path, target] of Object.entries(LINKS)) {
    fs.symlinkSync(target, `${root}/${path}`);
    fs.lchownSync(`${root}/${path}`, ...(LINK_OWNERS[path] ?? [0, 0]));
  }
  // Last: what is made in a setgid directory would have its group, and a change of owner take bits.
  for (const [path, mode, uid = 0, gid = 0] of ROWS) {
    fs.chownSync(`${root}/${path}`, uid, gid);
    fs.chmodSync(`${root}/${path}`, mode);
  }
}

/** The scene as an archive has it, at `root`. */
export function permissionEntries(root: string): Entry[] {
  const at = root.slice(1);
  const rows = ROWS.map(([path, mode, uid = 0, gid = 0]): Entry => {
    const owned = { path: `${at}/${path}`, mode, uid, gid };
    return path.endsWith('/') ? { ...owned, type: 'dir' } : { ...owned, content: path };
  });
  const links = Object.entries(LINKS).map(([path, target]): Entry => {
    const [uid, gid] = LINK_OWNERS[path] ?? [0, 0];
    return { path: `${at}/${path}`, target, mode: 0o777, uid, gid };
  });
  return [{ path: `${at}/`, type: 'dir', mode: 0o755 }, ...rows, ...links];
}

/** Everything below `root` that permissions can change: what it is, whose, and what is in it. */
export function permissionPicture(fs: AnyFs, root: string): string[] {
  const lines: string[] = [];
  const visit = (path: string): void => {
    for (const name of fs.readdirSync(path)) {
      const below = `${path}/${name}`;
      const stats = fs.lstatSync(below);
      const { uid, gid, nlink } = stats;
      const content = stats.isFile() ? fs.readFileSync(below, 'latin1') : '';
      const target = stats.isSymbolicLink() ? fs.readlinkSync(below) : '';
      const shown = below.slice(root.length).replace(/(?<=\/t-).{6}$/, 'XXXXXX');
      lines.push(`${shown} ${stats.mode.toString(8)} ${uid}:${gid} ${nlink} ${content}${target}`);
      if (stats.isDirectory()) visit(below);
    }
  };
  visit(root);
  return lines.sort();
}
