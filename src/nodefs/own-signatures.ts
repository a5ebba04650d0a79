/**
 * The signatures of the verbs in own-flavours.ts. What is here is typed only: nothing of it runs.
 */

import type { Dirent } from './dirent.ts';
import type { UrlLike } from './runtime.ts';
import type { Callback, Done, PathLike } from './signatures.ts';

/** How cp copies, whatever the flavour. */
export interface CopyOptionsBase {
  readonly dereference?: boolean;
  readonly errorOnExist?: boolean;
  readonly force?: boolean;
  readonly mode?: number;
  readonly preserveTimestamps?: boolean;
  readonly recursive?: boolean;
  readonly verbatimSymlinks?: boolean;
}

/** The options of cpSync. */
export interface CopySyncOptions extends CopyOptionsBase {
  filter?(source: string, target: string): boolean;
}

/** The options of cp in its other flavours, whose filter may promise. */
export interface CopyOptions extends CopyOptionsBase {
  filter?(source: string, target: string): boolean | Promise<boolean>;
}

/** How glob finds; `E` is what `exclude` is asked of. */
export interface GlobOptionsOf<E> {
  readonly cwd?: string | UrlLike | undefined;
  readonly exclude?: readonly string[] | ((entry: E) => boolean) | undefined;
}

type Named = GlobOptionsOf<string> & { readonly withFileTypes?: false | undefined };
type Typed = GlobOptionsOf<Dirent> & { readonly withFileTypes: true };
type Patterns = string | readonly string[];

/** The synchronous flavour. */
export interface OwnSync {
  cpSync(source: string | UrlLike, target: string | UrlLike, options?: CopySyncOptions): void;
  globSync(pattern: Patterns, options?: Named): string[];
  globSync(pattern: Patterns, options: Typed): Dirent[];
  /** Linux has none. */
  lchmodSync: undefined;
}

/** The flavour with callbacks. */
export interface OwnCallbacks {
  cp(source: string | UrlLike, target: string | UrlLike, callback: Done): void;
  cp(
    source: string | UrlLike,
    target: string | UrlLike,
    options: CopyOptions,
    callback: Done,
  ): void;
  glob(pattern: Patterns, callback: Callback<string[]>): void;
  glob(pattern: Patterns, options: Named, callback: Callback<string[]>): void;
  glob(pattern: Patterns, options: Typed, callback: Callback<Dirent[]>): void;
  /** Linux has none. */
  lchmod: undefined;
}

/** The flavour with promises. */
export interface OwnPromises {
  cp(source: string | UrlLike, target: string | UrlLike, options?: CopyOptions): Promise<void>;
  glob(pattern: Patterns, options?: Named): AsyncGenerator<string, void, undefined>;
  glob(pattern: Patterns, options: Typed): AsyncGenerator<Dirent, void, undefined>;
  /** Rejects: Linux has none. */
  lchmod(path: PathLike, mode: number | string): Promise<void>;
}
