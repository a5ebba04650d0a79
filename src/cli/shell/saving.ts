/**
 * How the state of the tree in a shell gets to where it is kept: into the boot device where the
 * user said so, else nowhere, which is said. What was saved last tells whether anything differs.
 */

import type { Snapshot } from '../../node.ts';
import type { LiveTree } from '../output.ts';

/** What came of a wish to save the state. */
export type Saved =
  | {
      readonly what: 'written';
      readonly bank: string;
      readonly files: number;
      readonly bytes: number;
    }
  | { readonly what: 'same' }
  | { readonly what: 'read only' }
  | { readonly what: 'no host' };

/** The state of one tree, and what of it was saved. */
export class Saving {
  readonly #live: LiveTree;
  readonly #isWritten: boolean;
  #last: Uint8Array;

  private constructor(live: LiveTree, isWritten: boolean, last: Uint8Array) {
    this.#live = live;
    this.#isWritten = isWritten;
    this.#last = last;
  }

  /** What is saved of `live` is what it is now; `isWritten` allows to write to its device. */
  static async since(live: LiveTree, isWritten: boolean): Promise<Saving> {
    return new Saving(live, isWritten, await live.vfs.backup());
  }

  /** Whether the state differs from what was saved last. */
  async differs(): Promise<boolean> {
    return Buffer.compare(await this.#live.vfs.backup(), this.#last) !== 0;
  }

  /** Saves the state to the device; with `onlyChanged` only where it differs. */
  async save(onlyChanged: boolean): Promise<Saved> {
    const { host, vfs } = this.#live;
    if (onlyChanged && !(await this.differs())) return { what: 'same' };
    if (host === null) return { what: 'no host' };
    if (!this.#isWritten) return { what: 'read only' };
    const files = vfs.state().length;
    const taken = await vfs.backup();
    const bytes = await host.rebuild();
    // Only now: where the device failed, it still differs.
    this.#last = taken;
    return { what: 'written', bank: host.bank, files, bytes };
  }

  /**
   * What is gone when the tree is: what was changed since `before` and no backup saves, and state
   * that none saved yet.
   */
  async lost(before: Snapshot): Promise<{ readonly never: number; readonly notYet: number }> {
    const { vfs } = this.#live;
    const state = new Set(vfs.state().map(({ path }) => path));
    const never = vfs.diff(before).filter(({ path }) => !state.has(path)).length;
    return { never, notYet: (await this.differs()) ? state.size : 0 };
  }
}
