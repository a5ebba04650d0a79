/**
 * `Stats`, `BigIntStats` and `StatFs`: what stat and statfs hand out, in node's fields.
 *
 * The four Dates are made when they are first asked for and may be set, as newer Nodes do: most
 * callers of stat never look at them, and four objects a call are what makes stat slow.
 */

import {
  S_IFBLK,
  S_IFCHR,
  S_IFDIR,
  S_IFIFO,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  S_IFSOCK,
} from '../base/mode.ts';
import { type Attributes, blankAttributes, describe } from '../vfs/attributes.ts';
import type { Ino } from '../vfs/ino.ts';
import type { Live } from '../vfs/live.ts';
import type { Space } from '../vfs/shapes.ts';

/** One tree is one device. */
const DEVICE = 1;
const BLOCK_BYTES = 4096;

/** What statfs calls the kind of file system: Linux's number for tmpfs, which this is most like. */
const TMPFS_MAGIC = 0x01021994;

/** What the look at hand shows: copied into Stats at once, so that one is enough. */
const SHOWN = blankAttributes();

/** What stat reports of `ino`. */
export function statsOf(live: Live, ino: Ino, isBig: boolean | undefined): Stats | BigIntStats {
  describe(live, ino, SHOWN);
  return isBig ? new BigIntStats(SHOWN) : new Stats(SHOWN);
}

const TIMES = ['atime', 'mtime', 'ctime', 'birthtime'] as const;

/**
 * What tells the seven types of inode apart, and the Dates of its times, whatever its numbers are
 * held in.
 */
abstract class Described {
  declare atime: Date;
  declare mtime: Date;
  declare ctime: Date;
  declare birthtime: Date;

  static {
    for (const time of TIMES) {
      Object.defineProperty(Described.prototype, time, {
        enumerable: true,
        configurable: true,
        get(this: Described & Record<`${typeof time}Ms`, number | bigint>): Date {
          this[time] = new Date(Math.round(Number(this[`${time}Ms`])));
          return this[time];
        },
        set(this: object, value: unknown): void {
          const own = { value, writable: true, enumerable: true, configurable: true };
          Object.defineProperty(this, time, own);
        },
      });
    }
  }

  protected abstract hasType(type: number): boolean;

  isFile(): boolean {
    return this.hasType(S_IFREG);
  }

  isDirectory(): boolean {
    return this.hasType(S_IFDIR);
  }

  isSymbolicLink(): boolean {
    return this.hasType(S_IFLNK);
  }

  isBlockDevice(): boolean {
    return this.hasType(S_IFBLK);
  }

  isCharacterDevice(): boolean {
    return this.hasType(S_IFCHR);
  }

  isFIFO(): boolean {
    return this.hasType(S_IFIFO);
  }

  isSocket(): boolean {
    return this.hasType(S_IFSOCK);
  }
}

/** What stat reports, in numbers. */
export class Stats extends Described {
  dev: number;
  mode: number;
  nlink: number;
  uid: number;
  gid: number;
  rdev: number;
  blksize: number;
  ino: number;
  size: number;
  blocks: number;
  atimeMs: number;
  mtimeMs: number;
  ctimeMs: number;
  birthtimeMs: number;

  constructor(of: Attributes) {
    super();
    this.dev = DEVICE;
    this.mode = of.mode;
    this.nlink = of.nlink;
    this.uid = of.uid;
    this.gid = of.gid;
    this.rdev = of.rdev;
    this.blksize = BLOCK_BYTES;
    this.ino = of.ino;
    this.size = of.size;
    this.blocks = of.blocks;
    this.atimeMs = of.atimeSeconds * 1000 + of.atimeNanoseconds / 1e6;
    this.mtimeMs = of.mtimeSeconds * 1000 + of.mtimeNanoseconds / 1e6;
    this.ctimeMs = of.ctimeSeconds * 1000 + of.ctimeNanoseconds / 1e6;
    this.birthtimeMs = of.birthtimeSeconds * 1000 + of.birthtimeNanoseconds / 1e6;
  }

  protected hasType(type: number): boolean {
    return (this.mode & S_IFMT) === type;
  }
}

function nanoseconds(seconds: number, beyond: number): bigint {
  return BigInt(seconds) * 1_000_000_000n + BigInt(beyond);
}

/** What stat reports, in bigints and to the nanosecond. */
export class BigIntStats extends Described {
  dev: bigint;
  mode: bigint;
  nlink: bigint;
  uid: bigint;
  gid: bigint;
  rdev: bigint;
  blksize: bigint;
  ino: bigint;
  size: bigint;
  blocks: bigint;
  atimeMs: bigint;
  mtimeMs: bigint;
  ctimeMs: bigint;
  birthtimeMs: bigint;
  atimeNs: bigint;
  mtimeNs: bigint;
  ctimeNs: bigint;
  birthtimeNs: bigint;

  constructor(of: Attributes) {
    super();
    this.dev = BigInt(DEVICE);
    this.mode = BigInt(of.mode);
    this.nlink = BigInt(of.nlink);
    this.uid = BigInt(of.uid);
    this.gid = BigInt(of.gid);
    this.rdev = BigInt(of.rdev);
    this.blksize = BigInt(BLOCK_BYTES);
    this.ino = BigInt(of.ino);
    this.size = BigInt(of.size);
    this.blocks = BigInt(of.blocks);
    this.atimeNs = nanoseconds(of.atimeSeconds, of.atimeNanoseconds);
    this.mtimeNs = nanoseconds(of.mtimeSeconds, of.mtimeNanoseconds);
    this.ctimeNs = nanoseconds(of.ctimeSeconds, of.ctimeNanoseconds);
    this.birthtimeNs = nanoseconds(of.birthtimeSeconds, of.birthtimeNanoseconds);
    this.atimeMs = this.atimeNs / 1_000_000n;
    this.mtimeMs = this.mtimeNs / 1_000_000n;
    this.ctimeMs = this.ctimeNs / 1_000_000n;
    this.birthtimeMs = this.birthtimeNs / 1_000_000n;
  }

  protected hasType(type: number): boolean {
    return (Number(this.mode) & S_IFMT) === type;
  }
}

/** What statfs reports. */
export class StatFs<N extends number | bigint = number> {
  declare readonly type: N;
  declare readonly bsize: N;
  declare readonly blocks: N;
  declare readonly bfree: N;
  declare readonly bavail: N;
  declare readonly files: N;
  declare readonly ffree: N;

  constructor(fields: { readonly [F in keyof StatFs<N>]: N }) {
    Object.assign(this, fields);
  }
}

/** `space` in the fields of statfs. */
export function statFs(space: Space): StatFs {
  return new StatFs(fieldsOf(space));
}

/** `space` in the fields of statfs, in bigints. */
export function bigStatFs(space: Space): StatFs<bigint> {
  const entries = Object.entries(fieldsOf(space)).map(([field, value]) => [field, BigInt(value)]);
  return new StatFs(Object.fromEntries(entries) as StatFs<bigint>);
}

function fieldsOf({ bsize, blocks, bfree, files, ffree }: Space): Omit<StatFs, never> {
  return { type: TMPFS_MAGIC, bsize, blocks, bfree, bavail: bfree, files, ffree };
}
