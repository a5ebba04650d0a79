/**
 * What a program asks of states that are kept, on one platform; loaded when it first asks.
 */

import type { BootDevice } from '../host/device.ts';
import type { StateArchive, StatePlatform } from '../host/states.ts';
import type { StateKey } from '../state/seal-marks.ts';
import type { RekeyedBank, Rekeying } from './rekey.ts';

/** How to read a state. */
export interface StateReading {
  /** What it was encrypted with. */
  readonly key?: StateKey;
  /** What messages call it. */
  readonly name?: string;
}

/** Which state of a device to read, and how. */
export interface BankStateReading {
  readonly bank?: string;
  /** What it was encrypted with. */
  readonly key?: StateKey;
}

/** The verbs on states. */
export interface StateVerbs {
  /**
   * What is in the state.tgz `blob`. Throws StateError where it is encrypted with another key than
   * `key`, or none is given, CorruptError where it is no state.
   */
  readState(blob: Uint8Array, options?: StateReading): Promise<StateArchive>;
  /**
   * The state in the bank `bank` of `device`, or in the one that is booted: without any file where
   * it was never saved. Throws ENOENT where there is no such bank, CorruptError where none can be
   * booted, and as `readState`.
   */
  readBankState(device: BootDevice, options?: BankStateReading): Promise<StateArchive>;
  /**
   * Encrypts the state in all banks of `device` with another key, or makes it plain. Throws
   * StateError where one cannot be decrypted, CorruptError where one lies, RangeError where a key
   * is none, and what the device throws; then every bank has the state it had.
   */
  rekeyState(device: BootDevice, keys: Rekeying): Promise<RekeyedBank[]>;
}

/** The verbs on states for `platform`. */
export function stateVerbs(platform: StatePlatform): StateVerbs {
  const states = () => import('../host/states.ts');
  return {
    readState: async (blob, { key, name } = {}) =>
      (await states()).readState(blob, platform, key, name),
    readBankState: async (device, { bank, key } = {}) =>
      (await states()).bankState(device, bank, platform, key),
    rekeyState: async (device, keys) =>
      (await import('./rekey.ts')).rekeyState(device, platform, keys),
  };
}
