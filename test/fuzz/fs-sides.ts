/**
 * The two sides of a run: node:fs on a folder of the kernel's, and vfs.fs; both as several users.
 *
 * Each begins with the same scene, made by root, in which the users may do some things and not
 * others:
 *
 *   sticky/ 1777   shared/ 2777 of group 2000   closed/ 700   roots 644   mine 644 of user 1000
 */

import type nodeFs from 'node:fs';
import { type Identity, VisorFs } from '../../src/node.ts';

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

/** Builds the scene in `root`, an empty directory, as root. */
export function buildScene(fs: AnyFs, root: string): void {
  fs.chmodSync(root, 0o777);
  fs.mkdirSync(`${root}/sticky`);
  fs.chmodSync(`${root}/sticky`, 0o1777);
  fs.writeFileSync(`${root}/sticky/a`, 'root made it');
  fs.mkdirSync(`${root}/shared`);
  fs.chownSync(`${root}/shared`, 0, 2000);
  fs.chmodSync(`${root}/shared`, 0o2777);
  fs.mkdirSync(`${root}/closed`);
  fs.writeFileSync(`${root}/closed/a`, 'hidden');
  fs.chmodSync(`${root}/closed`, 0o700);
  fs.writeFileSync(`${root}/roots`, 'of root');
  fs.writeFileSync(`${root}/mine`, 'of the user');
  fs.chownSync(`${root}/mine`, 1000, 1000);
}

/** The kernel's side in the folder `root`; the process is root where `users` are others. */
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
  return {
    root,
    as: (who, act) => as(users[who]!, act),
    asRoot: (act) => as(ROOT, act),
  };
}

const ROOT: Identity = { uid: 0, gid: 0, groups: [], umask: 0o022 };

/** Our side: a tree of its own, and the directory `root` in it. */
export function ourSide(root: string, users: readonly Identity[]): Side {
  const vfs = new VisorFs();
  const faces = users.map((user) => vfs.as(user) as unknown as AnyFs);
  const all = vfs.fs as unknown as AnyFs;
  all.mkdirSync(root, { recursive: true });
  return {
    root,
    as: (who, act) => act(faces[who]!),
    asRoot: (act) => act(all),
  };
}
