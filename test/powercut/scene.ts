/**
 * What a scene is: a disk, and something done to it while the power may fail.
 *
 * A mark is set when a file is promised to be on the medium; what the banks hold at each mark are
 * the only things that a cut may leave.
 */

import type { DiskEvent, RecordingDisk } from '../support/recording-disk.ts';
import type { Keys } from './hosts.ts';

const MIB = 1 << 20;

/** Of the disks of all scenes. */
export const SIZES = { efiSize: MIB, bankSize: 3 * MIB, dumpSize: MIB };
export const GUID = '01234567-89AB-CDEF-0123-456789ABCDEF';

/** Where the partitions of the banks start, and their size, in bytes. */
export const BANKS = [2 * MIB, 5 * MIB].map((offset) => ({ offset, size: 3 * MIB }));

/** What a disk is told to hold on which there is no device yet. */
export const NO_DEVICE = 'no device';

/** Something done to a disk. */
export interface Scene {
  readonly name: string;
  readonly base: Uint8Array;
  /** What was written and not synced before it starts: by a process that was killed. */
  readonly before: readonly DiskEvent[];
  /** Whether there may be no device at all before the first mark. */
  readonly isNew: boolean;
  /**
   * The hosts that boot from one mark to the next, by name (hosts.ts); none where the disk holds no
   * whole host.
   */
  readonly hosts?: readonly string[];
  /** What the states of these hosts may be encrypted with. */
  readonly keys?: Keys;
  run(disk: RecordingDisk): Promise<void>;
}
