/**
 * Another key for the state of a device: in all of its banks, or in none.
 *
 * Everything that can fail is done ahead of the first write: each state is decrypted and encrypted
 * anew. Then it is written bank by bank, each whole or not at all; an error puts back what was
 * written. Two banks have no write in common, so power that fails between the two leaves one on
 * the old key: doing the same again finds that one bank has the new key already, and finishes.
 *
 * A host that runs on the device goes on with the key it was booted with; it is to be rebooted
 * first. What was there before may stay on the medium until something else is written there.
 */

import { readBankFile } from '../host/bank.ts';
import type { Bank, BootDevice } from '../host/device.ts';
import { plainState } from '../host/kept-state.ts';
import type { StatePlatform } from '../host/states.ts';
import { openState, STATE_FILE } from '../state/archive.ts';
import { checkStateKey, isSealed, type StateKey } from '../state/seal-marks.ts';
import { sealState } from '../state/sealed.ts';
import { StateError } from '../state/state-error.ts';
import { BankChange } from './bank-change.ts';

/** The key that was, and the one that is to be; without a new one the state is plain from then. */
export interface Rekeying {
  readonly key?: StateKey;
  readonly newKey?: StateKey;
}

/** What came of the state of one bank. */
export interface RekeyedBank {
  readonly bank: string;
  /** What it was; a bank without a state is not told of. */
  readonly before: 'plain' | 'encrypted';
  readonly after: 'plain' | 'encrypted';
  /** False where it was so already. */
  readonly isChanged: boolean;
}

interface Planned extends RekeyedBank {
  readonly on: Bank;
  readonly blob: Uint8Array;
}

/**
 * Encrypts the state in all banks of `device` with the new key, or makes it plain. Throws
 * StateError where one cannot be decrypted, CorruptError where one lies, RangeError where a key is
 * none, and what the device throws; then every bank has the state it had.
 */
export async function rekeyState(
  device: BootDevice,
  platform: StatePlatform,
  keys: Rekeying,
): Promise<RekeyedBank[]> {
  for (const one of [keys.key, keys.newKey]) if (one !== undefined) checkStateKey(one);
  const plans: Planned[] = [];
  for (const bank of await device.banks()) {
    if (!(await bank.list()).includes(STATE_FILE)) continue;
    plans.push(await planned(bank, platform, keys));
  }
  const changes: BankChange[] = [];
  try {
    for (const { on, blob, isChanged } of plans) {
      if (!isChanged) continue;
      const change = new BankChange(on);
      changes.push(change);
      await change.put(STATE_FILE, blob);
    }
  } catch (error) {
    for (const change of changes.reverse()) await change.undo();
    throw error;
  }
  return plans.map(({ bank, before, after, isChanged }) => ({ bank, before, after, isChanged }));
}

async function planned(
  bank: Bank,
  platform: StatePlatform,
  { key, newKey }: Rekeying,
): Promise<Planned> {
  const blob = await readBankFile(bank, STATE_FILE);
  const name = `${bank.name}/${STATE_FILE}`;
  const before = isSealed(blob) ? 'encrypted' : 'plain';
  const after = newKey === undefined ? 'plain' : 'encrypted';
  const plan = { on: bank, bank: bank.name, before, after, blob, isChanged: false } as const;
  if (before === 'plain' && after === 'plain') return plan;
  let plain: Uint8Array;
  try {
    plain = await plainState(blob, key, platform.crypto, name);
  } catch (error) {
    const isDone = error instanceof StateError && newKey !== undefined;
    if (isDone && (await opensWith(newKey, blob, platform, name))) return plan;
    throw error;
  }
  // What is no state is not to be hidden behind a key.
  await openState(plain, await platform.codec());
  const next = newKey === undefined ? plain : await sealState(plain, newKey, platform.crypto);
  return { ...plan, blob: next, isChanged: true };
}

/** Whether `key` is what `blob` was encrypted with, as an earlier run that was cut short did. */
async function opensWith(
  key: StateKey,
  blob: Uint8Array,
  platform: StatePlatform,
  name: string,
): Promise<boolean> {
  try {
    await plainState(blob, key, platform.crypto, name);
    return true;
  } catch (error) {
    if (error instanceof StateError) return false;
    throw error;
  }
}
