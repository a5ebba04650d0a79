/**
 * A stage for installations: a small host with two banks in memory, and what is compared before and
 * after.
 */

import { expect } from 'vitest';
import { crc32 } from '../../src/codec/crc32.ts';
import type { Bank, BootDevice } from '../../src/host/device.ts';
import {
  type BootOptions,
  Host,
  type HostSoftware,
  memoryDevice,
  type SoftwareError,
  type SoftwareErrorKind,
  softwareOf,
} from '../../src/index.ts';
import { copyOf, type Files, NOW_MS, treeOf } from '../support/small-host.ts';

/** What is said of a change that is done, and of one that waits for the next boot. */
export const DONE = 'Operation finished successfully.';
export const REBOOT =
  'The update completed successfully, but the system needs to be rebooted for the changes to be ' +
  'effective.';

/** A host on two banks, the second of which is empty unless given. */
export interface Stage {
  readonly one: Files;
  readonly other: Files;
  readonly device: BootDevice;
  readonly host: Host;
  readonly software: HostSoftware;
}

/** Boots a host on `one` and `other`; `wrap` puts something between it and its banks. */
export async function stageOf(
  one: Files,
  {
    other = new Map(),
    wrap = (bank) => bank,
    ...options
  }: BootOptions & { readonly other?: Files; readonly wrap?: (bank: Bank) => Bank } = {},
): Promise<Stage> {
  const inner = memoryDevice(one, 'bootbank', other);
  const banks = (await inner.banks()).map(wrap);
  const device = { name: inner.name, banks: async () => banks };
  const host = await Host.boot(device, { clock: () => NOW_MS, ...options });
  return { one, other, device, host, software: await softwareOf(host) };
}

/** The ids of the VIBs that a host of these banks has once it is booted. */
export async function bootedVibs(one: Files, other: Files): Promise<string[]> {
  const { software } = await stageOf(copyOf(one), { other: copyOf(other) });
  const { profile } = await software.running();
  return profile.vibs.map(({ descriptor }) => descriptor.id);
}

/** What a bank holds, as text. */
export function bankOf(files: Files): string[] {
  return [...files].map(([name, bytes]) => `${name} ${bytes.length} ${crc32(bytes)}`).sort();
}

/** All of a host that a change could touch, as text. */
export function everything({ host, one, other }: Stage): Record<string, string[]> {
  return { tree: treeOf(host.vfs), one: bankOf(one), other: bankOf(other) };
}

/** What `act` is refused with; nothing of the host has changed by it. */
export async function refusal(stage: Stage, act: () => Promise<unknown>): Promise<SoftwareError> {
  const before = everything(stage);
  const error = await act().then(
    () => null,
    (thrown: SoftwareError) => thrown,
  );
  expect(everything(stage)).toEqual(before);
  expect(error, 'it is refused').not.toBeNull();
  return error!;
}

/** Checks that `act` is refused with exactly this. */
export async function refused(
  stage: Stage,
  kind: SoftwareErrorKind,
  lines: readonly string[],
  act: () => Promise<unknown>,
): Promise<void> {
  const error = await refusal(stage, act);
  expect([error.kind, ...error.lines]).toEqual([kind, ...lines]);
}
