/**
 * What the page and its worker say to one another.
 *
 *   page  ── call id verb given ──►  worker      one engine, one stack of layers
 *         ◄── progress id ─────────              any number of times
 *         ◄── done id | failed id ──             once
 *         ── cancel id ───────────►              what is being done stops at its next pause
 *
 * Everything goes by structured clone. Errors travel as name, code and message: the message is the
 * engine's, word for word.
 */

import type {
  Change,
  LintFinding,
  RamdiskRow,
  StateFile,
  TardiskRow,
  TreeDifference,
  Why,
} from '../index.ts';

/** Something to open: one file, or a folder as its files by their paths below it. */
export type LayerInput =
  | { readonly kind: 'file'; readonly name: string; readonly file: Blob }
  | { readonly kind: 'folder'; readonly name: string; readonly files: ReadonlyMap<string, Blob> };

/** One layer of the stack, the bottom one first. */
export interface LayerRow {
  readonly id: number;
  readonly name: string;
  readonly kind: 'archive' | 'bank' | 'state';
  /** What it gives to the tree, as `vdf` has it; none of a state. */
  readonly tardisks: readonly TardiskRow[];
  /** What an administrator of the bank should hear of its boot. */
  readonly warnings: readonly string[];
  /** What boot.cfg says the build is; null where it is no bank. */
  readonly build: string | null;
}

/** One name in a directory. */
export interface EntryRow {
  readonly name: string;
  readonly path: string;
  readonly kind: 'file' | 'directory' | 'symlink' | 'special';
  /** As `ls -l` shows it: `-rw-r--r-T`. */
  readonly letters: string;
  /** Bytes; of a directory 0. */
  readonly size: number;
  readonly mtimeSeconds: number;
  /** Where a symbolic link leads. */
  readonly target: string | null;
  /** Which tardisk its bytes come from, and which ramdisk holds what was written; or none. */
  readonly tardisk: string | null;
  readonly ramdisk: string | null;
}

/** Some of what is in a directory, sorted, and how much there is in all. */
export interface Listed {
  readonly count: number;
  readonly entries: readonly EntryRow[];
}

/** What a search found, in the order of a walk; `isCut` where there is more. */
export interface Found {
  readonly entries: readonly EntryRow[];
  readonly isCut: boolean;
}

/** A piece of a file. */
export interface Piece {
  readonly bytes: Uint8Array;
  /** Bytes of the whole file. */
  readonly size: number;
}

/** What a path and all below it takes; children beyond a limit are one, without a path. */
export interface UsageNode {
  readonly name: string;
  readonly path: string | null;
  readonly isDirectory: boolean;
  readonly bytes: number;
  /** The ramdisk or tardisk that most of it lies in. */
  readonly owner: string | null;
  readonly children: readonly UsageNode[];
}

/** What lint found, with what the rule says. */
export interface LintedFinding extends LintFinding {
  readonly why: string;
  readonly mend: string;
}

/** What lint found, the worst first; the counts are of all, the list may be cut. */
export interface Linted {
  readonly findings: readonly LintedFinding[];
  readonly counts: Readonly<Record<LintFinding['level'], number>>;
}

/** What the next backup holds, and all that differs from the image. */
export interface Kept {
  readonly state: readonly StateFile[];
  readonly changes: readonly Change[];
  /** Whether the backup is encrypted, with the key that the bank was opened with. */
  readonly isEncrypted: boolean;
  /** Why no disk image can be made of it; null where one can. */
  readonly noDevice: string | null;
}

/** How the stack differs from another image; `count` is of all, the list may be cut. */
export interface Compared {
  readonly older: string;
  readonly differences: readonly TreeDifference[];
  readonly count: number;
}

/** How full everything is. */
export interface Space {
  readonly ramdisks: readonly RamdiskRow[];
  readonly tardisks: readonly TardiskRow[];
}

/** What can be asked of the worker, as it is there; the page has promises of it. */
export interface Verbs {
  /** Fetches what is at `address`, a file or a bank, through the frame at the end of `port`. */
  fetch(address: string, port: MessagePort): LayerInput;
  /**
   * Opens `input` as a layer on top, with the key of its state where that is encrypted. Throws as
   * the engine, and has changed nothing then.
   */
  open(input: LayerInput, key: string | null): LayerRow;
  /** Takes the layer `id` away: what it covered shows again. Throws EBUSY, ENOSPC. */
  close(id: number): void;
  /** Takes everything away, what was written too. */
  reset(): void;
  layers(): LayerRow[];
  /** What is in the directory `path`, `count` names from the one with the number `from` on. */
  list(path: string, from: number, count: number): Listed;
  /** Which number `path` has in its directory; -1 where it is not there. */
  place(path: string): number;
  /** What has `text` in its name, in any case of letters; or `inside`, in what it holds. */
  search(text: string, where: 'names' | 'inside'): Found;
  why(path: string): Why;
  /** At most `length` bytes of the file at `path` from `offset` on. */
  piece(path: string, offset: number, length: number): Piece;
  /** Makes `text` all that the file at `path` holds. Throws ENOSPC where it does not fit. */
  write(path: string, text: string): void;
  space(): Space;
  /** Sets what the ramdisk `name` may hold. Throws EBUSY below what it holds. */
  resize(name: string, bytes: number): void;
  usage(path: string): UsageNode;
  lint(): Linted;
  kept(): Kept;
  compare(older: LayerInput, key: string | null): Compared;
  /** The file at `path`; the state as a state.tgz; the bank with it as a disk image. */
  fileOf(path: string): Blob;
  stateOf(): Blob;
  deviceOf(): Blob;
}

export type Verb = keyof Verbs;

/** How far something is; `count` is 0 where nobody knows of how many. */
export interface Progress {
  readonly done: number;
  readonly count: number;
  readonly what: string;
}

/** An error on its way. */
export interface WireError {
  readonly name: string;
  readonly code: string;
  readonly message: string;
}

/** From the page. */
export type Asked =
  | { readonly kind: 'call'; readonly id: number; readonly verb: Verb; readonly given: unknown[] }
  | { readonly kind: 'cancel'; readonly id: number };

/** From the worker. */
export type Told =
  | { readonly kind: 'progress'; readonly id: number; readonly progress: Progress }
  | { readonly kind: 'done'; readonly id: number; readonly result: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly error: WireError };

/** From the worker to the frame that fetches. */
export interface ToFrame {
  readonly id: number;
  readonly address: string;
}

/** From the frame: one head, any number of pieces, and an end; or a failure at any time. */
export type FromFrame =
  | {
      readonly kind: 'head';
      readonly id: number;
      readonly status: number;
      readonly headers: readonly (readonly [name: string, value: string])[];
    }
  | { readonly kind: 'piece'; readonly id: number; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'end'; readonly id: number }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string };

/** A no that is the explorer's own: what cannot be done here, and what can. */
export class Refusal extends Error {
  readonly code = 'ERR_VISORFS_EXPLORER';
}
