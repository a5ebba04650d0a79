/**
 * How the state of the tree in a shell gets to where it is kept: into the boot device where the
 * user said so, else nowhere, which is said. What differs from the device is told by `AutoBackup`,
 * which also remembers that a device failed.
 */

import { AutoBackup, type Host, type Snapshot } from '../../node.ts';
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

/** What is gone when the tree is. */
export interface Lost {
  /** Changes that no backup would have saved. */
  readonly never: number;
  /** Files of the state that no backup has saved as they are. */
  readonly notYet: number;
}

/** The state of one tree, and the way to its device. */
export class Saving {
  readonly #live: LiveTree;
  readonly #isWritten: boolean;
  readonly #backup: AutoBackup<Buffer> | null;

  /** `isWritten` allows to write to the device of `live`. */
  constructor(live: LiveTree, isWritten: boolean) {
    this.#live = live;
    this.#isWritten = isWritten;
    this.#backup = live.host === null ? null : new AutoBackup(live.host, { schedule: () => null });
  }

  /** Saves the state to the device. Throws what the device fails with. */
  async save(): Promise<Saved> {
    const { host } = this.#live;
    if (host === null) return { what: 'no host' };
    if (!this.#isWritten) return { what: 'read only' };
    return this.#written(host, await host.rebuild());
  }

  /** Saves the state to the device where it differs from what is there. Throws as `save`. */
  async saveChanged(): Promise<Saved> {
    const { host } = this.#live;
    if (host === null || this.#backup === null) return { what: 'no host' };
    if (!this.#isWritten) {
      const isSame = (await this.#backup.differences()).length === 0;
      return { what: isSame ? 'same' : 'read only' };
    }
    const { outcome, bytes, error } = await this.#backup.look();
    if (outcome === 'failed') throw error;
    return outcome === 'saved' ? this.#written(host, bytes) : { what: 'same' };
  }

  /** What is gone when the tree is, of what was changed since `before`. */
  async lost(before: Snapshot): Promise<Lost> {
    const { vfs } = this.#live;
    const state = new Set(vfs.state().map(({ path }) => path));
    const changes = vfs.diff(before);
    const never = changes.filter(({ path }) => !state.has(path)).length;
    // Of a device that cannot be read any more, as one of a server that has gone, nothing is known.
    const unsaved = await this.#backup?.differences().catch(() => undefined);
    return { never, notYet: unsaved?.length ?? changes.length - never };
  }

  #written({ bank, vfs }: Host, bytes: number): Saved {
    return { what: 'written', bank, files: vfs.state().length, bytes };
  }
}
