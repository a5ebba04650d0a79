/**
 * Who acts in the shell: what a script of the boot writes is counted as that script's, and what is
 * run by hand as the shell's, so that `ramdisk top` says who filled a ramdisk.
 */

import type { VisorFs } from '../../node.ts';

/** The label of whoever sits before the shell, and of what runs there. */
const SHELL = 'shell';

/** The tree of a shell, as whoever acts there has it. */
export class Actor {
  readonly #vfs: VisorFs;
  readonly #faces = new Map<string, VisorFs['fs']>();
  #label = SHELL;

  constructor(vfs: VisorFs) {
    this.#vfs = vfs;
  }

  /** The tree with the label of whoever acts now. */
  get fs(): VisorFs['fs'] {
    const face = this.#faces.get(this.#label) ?? this.#vfs.as({ label: this.#label });
    this.#faces.set(this.#label, face);
    return face;
  }

  /** Runs `act`, and what it does is done by `label`. */
  async as<T>(label: string, act: () => Promise<T>): Promise<T> {
    this.#label = label;
    try {
      return await act();
    } finally {
      this.#label = SHELL;
    }
  }
}
