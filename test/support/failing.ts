// Devices and disks that fail: the verb of one number, once or for ever, as real ones do.

import { type ErrnoCode, VisorError } from '../../src/base/errors.ts';
import type { Disk } from '../../src/disk/disk.ts';
import type { Bank, BootDevice } from '../../src/host/device.ts';

/** When something fails, and how. */
export interface Fault {
  /** The number of the verb, from 1 on, of those counted. */
  readonly at: number;
  readonly code: ErrnoCode;
  readonly isForEver: boolean;
}

/** Counts verbs and fails the one that `fault` says; nothing is counted where it is null. */
export class Faults {
  fault: Fault | null = null;
  count = 0;
  /** Whether one has failed. */
  hasStruck = false;

  /** Does `act`, or fails instead. */
  async through<T>(act: () => Promise<T>): Promise<T> {
    const { fault } = this;
    if (fault === null) return act();
    this.count += 1;
    const isDue = fault.isForEver ? this.count >= fault.at : this.count === fault.at;
    if (!isDue) return act();
    this.hasStruck = true;
    throw new VisorError(fault.code, { syscall: 'write' });
  }
}

/** `device`, each verb of whose banks may fail. */
export function failingDevice(device: BootDevice, faults: Faults): BootDevice {
  const wrap = (bank: Bank): Bank => ({
    name: bank.name,
    list: () => faults.through(() => bank.list()),
    open: (file) => faults.through(() => bank.open(file)),
    write: (file, bytes) => faults.through(() => bank.write(file, bytes)),
    remove: (file) => faults.through(() => bank.remove(file)),
  });
  return {
    name: device.name,
    banks: async () => (await faults.through(() => device.banks())).map(wrap),
  };
}

/** `disk`, each verb of which may fail. */
export function failingDisk(disk: Disk, faults: Faults): Disk {
  return {
    ...disk,
    read: (offset, length) => faults.through(() => disk.read(offset, length)),
    write: (offset, bytes) => faults.through(() => disk.write(offset, bytes)),
    sync: () => faults.through(() => disk.sync()),
  };
}
