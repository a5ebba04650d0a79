/**
 * The two sides of a run, each as several users: node:fs on a folder of the kernel's, and vfs.fs.
 *
 * The kernel lets root be others: this process changes its effective user from call to call. Anyone
 * else is himself on both sides, and there is nobody but him.
 *
 * A side with a dial tells times by the call in which they were stamped: the kernel's clock goes on
 * by ticks of some milliseconds, which are waited for, and ours when it is told to.
 */

import fs from 'node:fs';
import { type Identity, VisorFs } from '../../src/node.ts';
import { type AnyFs, buildScene, imageOfScene, type Owner } from './fs-scene.ts';

/** Whether the kernel lets this process be others. */
export const isJudge = process.platform === 'linux' && process.getuid?.() === 0;

/** Whose the scene is where nobody can be made its owner. */
const owner: Owner | null = isJudge
  ? null
  : { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };

/** Who this process is without being another. */
export const SELF: Identity = isJudge
  ? { uid: 0, gid: 0, groups: [], umask: 0o022 }
  : { ...owner, groups: process.getgroups?.() ?? [], umask: 0o022 };

/** A clock that goes on from call to call. */
export interface Dial {
  /** Goes on: what is stamped from here on belongs to the next call. */
  tick(): void;
  /** The number of the call in which the time `ms` was stamped; 0 is before the first. */
  callAt(ms: number): number;
}

/** A file system, as several users have it. */
export interface Side {
  readonly root: string;
  readonly dial: Dial | null;
  /** Runs `act` with the file system of the user `who`, an index. */
  as<T>(who: number, act: (fs: AnyFs) => T): T;
  /** Runs `act` as who built the scene. */
  asSelf<T>(act: (fs: AnyFs) => T): T;
}

/** Who this process acts as on the kernel. Everyone of a campaign shares it. */
class Actor {
  #uid = 0;
  #groups = '';

  become({ uid = 0, gid = uid, groups = [], umask = 0o022 }: Identity): void {
    process.umask(umask);
    if (!isJudge) return;
    const all = [gid, ...groups].join();
    if (all !== this.#groups) {
      this.asRoot();
      process.setgroups!([...groups]);
      process.setegid!(gid);
      this.#groups = all;
    }
    if (uid !== this.#uid) process.seteuid!(uid);
    this.#uid = uid;
  }

  /** Root, in whatever groups: each change costs more than the calls it is for. */
  asRoot(): void {
    if (isJudge && this.#uid !== 0) process.seteuid!(0);
    this.#uid = 0;
  }
}

const actor = new Actor();

/** Is who this process was, once more. */
export function beSelf(): void {
  actor.become(SELF);
}

/** The kernel's side for `users`, with the scene in the folder `root`, which is made. */
export function kernelSide(root: string, users: readonly Identity[], isTimed: boolean): Side {
  const asSelf = <T>(act: (on: AnyFs) => T): T => {
    actor.asRoot();
    process.umask(0o022);
    return act(fs);
  };
  asSelf(() => {
    fs.mkdirSync(root, { recursive: true });
    if (isJudge) own(fs, root, { uid: 0, gid: 0 });
    buildScene(fs, root, owner);
  });
  return {
    root,
    dial: isTimed ? new KernelDial(root) : null,
    as(who, act) {
      actor.become(users[who]!);
      return act(fs);
    },
    asSelf,
  };
}

/** Our side: a tree with the scene in the directory `root`, written or in an image. */
export function ourSide(
  root: string,
  users: readonly Identity[],
  isImaged: boolean,
  isTimed: boolean,
): Side {
  const dial = isTimed ? new OurDial() : null;
  const options = dial === null ? {} : { clock: () => dial.now };
  const vfs = new VisorFs(isImaged ? imageOfScene(root, owner) : undefined, options);
  const faces = users.map((user) => vfs.as(user) as unknown as AnyFs);
  const all = vfs.as(SELF) as unknown as AnyFs;
  if (!isImaged) {
    vfs.fs.mkdirSync(root, { recursive: true });
    if (owner !== null) own(vfs.fs as unknown as AnyFs, root, owner);
    buildScene(all, root, owner);
  }
  return { root, dial, as: (who, act) => act(faces[who]!), asSelf: (act) => act(all) };
}

/** How far up a path may lead. */
const LEVELS = 8;

/** Gives `path` and what is above it to `uid` and `gid`. */
function own(fs: AnyFs, path: string, { uid, gid }: Owner): void {
  let at = path;
  for (let level = 0; level < LEVELS; level++) {
    fs.chownSync(at, uid, gid);
    at = at.slice(0, at.lastIndexOf('/'));
  }
}

/** The longest that a kernel's coarse clock stands still, in milliseconds. */
const TICK_MAX_MS = 10;
const MILLISECOND = new Int32Array(new SharedArrayBuffer(4));

/**
 * The kernel's clock, read off files that are made far above `root`: nothing that was stamped
 * before is later than the newest of them, and nothing that is stamped later is earlier.
 */
class KernelDial implements Dial {
  readonly #file: string;
  readonly #starts: number[] = [];

  constructor(root: string) {
    // Where no path of a call leads.
    this.#file = `${root.split('/').slice(0, -LEVELS).join('/')}/clock`;
  }

  tick(): void {
    actor.asRoot();
    const last = this.#stamp();
    let next = last;
    while (next <= last) {
      Atomics.wait(MILLISECOND, 0, 0, 1);
      next = this.#stamp();
    }
    // Stamps of what nobody looked at since may be a tick older than this one.
    Atomics.wait(MILLISECOND, 0, 0, TICK_MAX_MS);
    this.#starts.push(next);
  }

  callAt(ms: number): number {
    return this.#starts.findLastIndex((start) => start <= ms) + 1;
  }

  #stamp(): number {
    fs.closeSync(fs.openSync(this.#file, 'w'));
    const { ctimeMs } = fs.statSync(this.#file);
    fs.unlinkSync(this.#file);
    return ctimeMs;
  }
}

/** Our clock, which stands still until it is told to go on. */
class OurDial implements Dial {
  readonly #start = Date.now();
  #ticks = 0;

  get now(): number {
    return this.#start + this.#ticks * 1000;
  }

  tick(): void {
    this.#ticks++;
  }

  callAt(ms: number): number {
    return Math.max(0, Math.floor((ms - this.#start) / 1000));
  }
}
