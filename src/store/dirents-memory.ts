/**
 * A flat table of directory entries as plain memory: what the same table is made of elsewhere.
 *
 * Arrays and numbers, so that postMessage takes it; whoever shares it exchanges the arrays.
 */

import type { RowsMemory } from './entry-rows.ts';
import type { NamesMemory } from './names.ts';
import type { SlotsMemory } from './slots.ts';

/** See dirents.ts for what the parts are. */
export interface DirentsMemory {
  readonly rows: RowsMemory;
  readonly seed: number;
  readonly slots: SlotsMemory;
  readonly names: NamesMemory;
}
