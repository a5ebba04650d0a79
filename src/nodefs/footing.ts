/**
 * What every verb stands on: the tree, the platform, and the checks of what callers pass.
 */

import type { View } from '../vfs/view.ts';
import { Arguments } from './arguments.ts';
import type { Runtime } from './runtime.ts';

/** What every verb stands on. */
export interface Footing<B extends Uint8Array = Uint8Array> {
  readonly tree: View;
  readonly runtime: Runtime<B>;
  readonly check: Arguments;
  /** `bytes` as callers asked for them: text of `encoding`, or bytes for none and for 'buffer'. */
  given(bytes: Uint8Array, encoding: string | null | undefined): string | B;
}

/** The footing of verbs over `tree`, on `runtime`. */
export function footing<B extends Uint8Array>(tree: View, runtime: Runtime<B>): Footing<B> {
  return {
    tree,
    runtime,
    check: new Arguments(runtime, tree.live.clock),
    given: (bytes, encoding) =>
      !encoding || encoding === 'buffer' ? runtime.bytes(bytes) : runtime.decode(bytes, encoding),
  };
}
