/**
 * What a caller hands to a tree to make it, and the records that a tree hands back.
 */

import type { FullRamdisk } from '../base/errors.ts';
import type { RamdiskOptions } from '../layer/ramdisk.ts';
import type { SlabMaker } from '../store/pages.ts';
import type { Identity } from './credentials.ts';
import type { Named } from './feed.ts';
import type { Ino } from './ino.ts';
import type { Clock } from './live.ts';

/** How a tree is to be. */
export interface TreeOptions {
  /** The ramdisks; one named root, 32 MiB at `/`, unless said or where none covers `/`. */
  readonly ramdisks?: readonly RamdiskOptions[];
  /**
   * The memory that all ramdisks share, in bytes or as '512mb': no limit of its own unless said.
   */
  readonly memory?: number | string;
  /** Whether listings show the originals of branched sticky files as `.#name`. */
  readonly branchMarkers?: 'hidden' | 'visible';
  /**
   * Who acts on it, and owns what he makes: root, with a umask of 022, unless said. A label counts
   * for `fs` and for what `acting` gives.
   */
  readonly identity?: Identity;
  /** Milliseconds since 1970: the clock on the wall, which the front doors give, unless said. */
  readonly clock?: Clock;
  /** Gives memory for what is written, by the slab: what suits the platform unless said. */
  readonly slabs?: SlabMaker;
}

/** What a runtime gives a tree, which the front doors fill in. */
export interface TreePlatform {
  readonly clock: Clock;
  readonly slabs?: SlabMaker;
}

/** One name in a directory. */
export interface DirectoryEntry {
  readonly name: string;
  /** The exact bytes of the name. */
  readonly bytes: Uint8Array;
  readonly ino: Ino;
  /** Type and permission bits. */
  readonly mode: number;
}

/** What the ramdisk that covers a path has: node's StatFs. */
export interface Space {
  readonly bsize: number;
  readonly blocks: number;
  readonly bfree: number;
  readonly files: number;
  readonly ffree: number;
}

/** Calls `verb`, which is called `name`, for a face of `view`, and gives or throws what it does. */
export type Tracer = (
  name: string,
  // biome-ignore lint/suspicious/noExplicitAny: verbs have every signature there is
  verb: (...given: any[]) => unknown,
  given: readonly unknown[],
  view: object,
) => unknown;

/** Hears of what the full ramdisk `full` refused, for the sake of the name `at`. */
export type RefusalListener = (full: FullRamdisk, at: Named) => void;
