/**
 * The two sides of a run: node:fs on a folder of the kernel's, and vfs.fs; both as several users.
 *
 * Each begins with the same scene, made by root, in which the users may do some things and not
 * others:
 *
 *   sticky/ 1777   shared/ 2777 of group 2000   closed/ 700   roots 644   mine 644 of user 1000
 *
 * On ours it is written, or found in an image.
 */

import type nodeFs from 'node:fs';
import { type Identity, VisorFs } from '../../src/node.ts';
import { type Entry, imageOf } from '../support/archives.ts';

/** Whatever has the shape of node:fs. */
export type AnyFs = typeof nodeFs;

/** A file system, as several users have it. */
export interface Side {
  readonly root: string;
  /** Runs `act` with the file system of the user `who`, an index. */
  as<T>(who: number, act: (fs: AnyFs) => T): T;
  /** Runs `act` as root. */
  asRoot<T>(act: (fs: AnyFs) => T): T;
}

const SCENE: readonly (Entry & { readonly path: string; readonly mode: number })[] = [
  { path: 'sticky', type: 'dir', mode: 0o1777 },
  { path: 'sticky/a', content: 'root made it', mode: 0o644 },
  { path: 'shared', type: 'dir', mode: 0o2777, gid: 2000 },
  { path: 'closed', type: 'dir', mode: 0o700 },
  { path: 'closed/a', content: 'hidden', mode: 0o644 },
  { path: 'roots', content: 'of root', mode: 0o644 },
  { path: 'mine', content: 'of the user', mode: 0o644, uid: 1000, gid: 1000 },
];

/** Builds the scene in `root`, an empty directory, as root. */
export function buildScene(fs: AnyFs, root: string): void {
  fs.chmodSync(root, 0o777);
  for (const { path, type, content, mode, uid = 0, gid = 0 } of SCENE) {
    const at = `${root}/${path}`;
    if (type === 'dir') fs.mkdirSync(at);
    else fs.writeFileSync(at, content!);
    fs.chownSync(at, uid, gid);
    fs.chmodSync(at, mode);
  }
}

/** An image with the scene at `root`. */
function imageOfScene(root: string): ReturnType<typeof imageOf> {
  const mtime = Math.floor(Date.now() / 1000);
  const above = root.slice(1);
  const below = SCENE.map((entry) => ({ ...entry, path: `${above}/${entry.path}`, mtime }));
  return imageOf({ path: above, type: 'dir', mode: 0o777, mtime }, ...below);
}

/**
 * The kernel's side, with the scene in the folder `root`; the process is root where `users` are
 * others.
 */
export function kernelSide(fs: AnyFs, root: string, users: readonly Identity[]): Side {
  const become = ({ uid = 0, gid = uid, groups = [], umask = 0o022 }: Identity): void => {
    process.umask(umask);
    if (process.getuid!() !== 0) return;
    process.seteuid!(0);
    process.setgroups!([...groups]);
    process.setegid!(gid);
    process.seteuid!(uid);
  };
  let at: Identity | null = null;
  const as = <T>(who: Identity, act: (fs: AnyFs) => T): T => {
    if (at !== who) become(who);
    at = who;
    return act(fs);
  };
  const side: Side = {
    root,
    as: (who, act) => as(users[who]!, act),
    asRoot: (act) => as(ROOT, act),
  };
  side.asRoot(() => {
    fs.mkdirSync(root, { recursive: true });
    buildScene(fs, root);
  });
  return side;
}

const ROOT: Identity = { uid: 0, gid: 0, groups: [], umask: 0o022 };

/** Our side: a tree with the scene in the directory `root`, written or in an image. */
export function ourSide(root: string, users: readonly Identity[], isImaged: boolean): Side {
  const vfs = isImaged ? new VisorFs(imageOfScene(root)) : new VisorFs();
  const faces = users.map((user) => vfs.as(user) as unknown as AnyFs);
  const all = vfs.fs as unknown as AnyFs;
  if (!isImaged) {
    all.mkdirSync(root, { recursive: true });
    buildScene(all, root);
  }
  return {
    root,
    as: (who, act) => act(faces[who]!),
    asRoot: (act) => act(all),
  };
}
