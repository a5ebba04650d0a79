/**
 * The boot loader: which bank is booted, and what is written to the others on the way.
 *
 *   scan       the first three banks that have a boot.cfg it can read; of each the bootstate that
 *              is due is written at once (format/bootstate.ts)
 *   roll back  where it was asked for and another bank can be booted: the default gets bootstate 3
 *   order      by `updated`, the greatest first
 *   confirm    once the host is up: bootstate 0, as its own tools do on ESXi
 *
 * A bootstate that cannot be written is told and else ignored, as by the loader of ESXi: the boot
 * goes on with what it would have written. A dry run writes nothing and judges alike.
 *
 * Not here: what a bank has to hold (load.ts), and taking the next one where it does not (boot.ts).
 */

import { CorruptError } from '../base/errors.ts';
import { withBootCfg } from '../format/boot-cfg.ts';
import {
  type BankVerdict,
  BOOTSTATE,
  type Bootstate,
  bankVerdict,
  bootstateOffset,
  withBootstate,
} from '../format/bootstate.ts';
import { BOOT_CFG, type BootableBank, bankFault, readBankFile } from './bank.ts';
import type { Bank, BootDevice } from './device.ts';
import type { TellEvent } from './events.ts';
import { type Rollback, RollbackError } from './rollback.ts';

/** As many banks are looked at: two, and while an installation moves them three. */
const BANKS_MAX_COUNT = 3;

const NO_BOOT_CFG = `has no ${BOOT_CFG}`;

/** How to look at banks. */
export interface LoaderOptions {
  /** Writes nothing. */
  readonly dryRun?: boolean;
  /** Marks the default bank as invalid and takes another, as Shift+R does. */
  readonly rollback?: boolean;
}

/** A bank that is not booted, and why. */
export interface SkippedBank {
  readonly bank: string;
  readonly reason: string;
}

/** What the loader found. */
export interface Banks {
  /** What may be booted, the default first. */
  readonly bootable: readonly BootableBank[];
  readonly skipped: readonly SkippedBank[];
}

/**
 * Looks at the banks of `device` as the loader does, and tells of what is not as it should be.
 * Throws RollbackError where a roll back is asked for and cannot be, and what `device` throws where
 * it cannot say which banks it has.
 */
export async function scanBanks(
  device: BootDevice,
  tell: TellEvent,
  { dryRun = false, rollback = false }: LoaderOptions = {},
): Promise<Banks> {
  const bootable: BootableBank[] = [];
  const skipped: SkippedBank[] = [];
  let count = 0;
  for (const bank of await device.banks()) {
    if (count === BANKS_MAX_COUNT) break;
    const seen = await verdictOn(bank);
    const isRead = typeof seen !== 'string';
    if (isRead) count += 1;
    if (isRead && seen.rewrite !== null && !dryRun) await markBank(bank, seen.rewrite, tell);
    const reason = isRead ? seen.problem : seen;
    if (reason === null) bootable.push({ bank, cfg: (seen as BankVerdict).cfg });
    else skipped.push({ bank: bank.name, reason });
    if (reason !== null) tellSkipped(bank.name, reason, isRead ? seen : null, tell, dryRun);
  }
  // Sorting is stable: of two alike the first stays the first.
  bootable.sort((one, other) => other.cfg.updated - one.cfg.updated);
  if (!rollback) return { bootable, skipped };
  const { from, to } = await rollbackPair(bootable);
  if (!dryRun) await markBank(from.bank, BOOTSTATE.invalid, tell);
  const message = `Rolled back from ${from.bank.name} to ${to.bank.name}: the former is invalid.`;
  tell('visorfs.boot.rollback', 'info', message);
  skipped.push({ bank: from.bank.name, reason: 'it was rolled back from' });
  return { bootable: bootable.slice(1), skipped };
}

/** As rollback.ts says. */
export async function plannedRollback(device: BootDevice): Promise<Rollback> {
  const { bootable } = await scanBanks(device, () => {}, { dryRun: true });
  return rollbackPair(bootable);
}

/** As rollback.ts says. */
export async function rollBack(device: BootDevice): Promise<Rollback> {
  const planned = await plannedRollback(device);
  await writeBootstate(planned.from.bank, BOOTSTATE.invalid);
  return planned;
}

/** Says that the host which was booted from `booted` is up; returns what its boot.cfg says then. */
export async function confirmBank(booted: BootableBank, tell: TellEvent): Promise<BootableBank> {
  const { bank, cfg } = booted;
  if (cfg.bootstate === BOOTSTATE.valid) return booted;
  try {
    const bytes = await readBankFile(bank, BOOT_CFG);
    await bank.write(BOOT_CFG, withBootCfg(bytes, { bootstate: BOOTSTATE.valid }));
  } catch (error) {
    tellUnwritten(bank, BOOTSTATE.valid, error, tell);
    return booted;
  }
  tell('visorfs.boot.upgrade.confirmed', 'info', `${bank.name} was upgraded and has come up.`);
  return { bank, cfg: { ...cfg, bootstate: BOOTSTATE.valid } };
}

/**
 * Gives the upgrades among `banks`, which the loader marked as tried, their one try back: what
 * ended the boot was no fault of theirs.
 */
export async function giveBackTry(
  banks: readonly BootableBank[],
  tell: TellEvent,
  { dryRun = false }: LoaderOptions,
): Promise<void> {
  if (dryRun) return;
  for (const { bank, cfg } of banks) {
    if (cfg.bootstate === BOOTSTATE.dirty) await markBank(bank, BOOTSTATE.upgrading, tell);
  }
}

/** What the loader makes of `bank`; where it cannot even be read, why. */
async function verdictOn(bank: Bank): Promise<BankVerdict | string> {
  try {
    if (!(await bank.list()).includes(BOOT_CFG)) return NO_BOOT_CFG;
    return bankVerdict(await readBankFile(bank, BOOT_CFG), `${bank.name}/${BOOT_CFG}`);
  } catch (error) {
    return bankFault(error);
  }
}

/** Tells of a bank that is not booted, where that is not as it should be. */
function tellSkipped(
  bank: string,
  reason: string,
  verdict: BankVerdict | null,
  tell: TellEvent,
  dryRun: boolean,
): void {
  const isEmpty = reason === NO_BOOT_CFG;
  // An invalid bank is empty, or somebody has heard of it when it became so.
  const isKnown = verdict?.rewrite === null && verdict.cfg.bootstate === BOOTSTATE.invalid;
  if (isEmpty || isKnown) return;
  const now = dryRun ? 'the next boot makes it invalid' : 'it is invalid now';
  const since = verdict === null || verdict.rewrite === null ? '' : `; ${now}`;
  tell('visorfs.boot.bank.skipped', 'warning', `${bank} is not booted: ${reason}${since}.`);
  if (!verdict?.isRollback) return;
  tell('visorfs.boot.rollback', 'warning', `${bank} failed to upgrade: this boot rolls it back.`);
}

async function rollbackPair(bootable: readonly BootableBank[]): Promise<Rollback> {
  const [from, to] = bootable;
  if (from === undefined || to === undefined) {
    throw new RollbackError('No alternate hypervisor to roll back to.');
  }
  if (bootstateOffset(await readBankFile(from.bank, BOOT_CFG)) !== null) return { from, to };
  throw new RollbackError(
    `System has failed to roll back: ${from.bank.name}/${BOOT_CFG} has no bootstate to be ` +
      'rewritten; put bootstate=0 on its first line.',
  );
}

/** Makes `state` the bootstate of `bank`; where that fails, it is told and the boot goes on. */
export async function markBank(bank: Bank, state: Bootstate, tell: TellEvent): Promise<void> {
  try {
    await writeBootstate(bank, state);
  } catch (error) {
    tellUnwritten(bank, state, error, tell);
  }
}

async function writeBootstate(bank: Bank, state: Bootstate): Promise<void> {
  await bank.write(BOOT_CFG, withBootstate(await readBankFile(bank, BOOT_CFG), state));
}

function tellUnwritten(bank: Bank, state: Bootstate, error: unknown, tell: TellEvent): void {
  const message =
    `The bootstate of ${bank.name} could not be set to ${state}: ${bankFault(error)}; ` +
    'the boot goes on as if it had been.';
  tell('visorfs.boot.bootstate.unwritten', 'warning', message);
}

/** That no bank of `device` can be booted, and what is wrong with each. */
export function noBank(device: BootDevice, skipped: readonly SkippedBank[]): CorruptError {
  const reasons = skipped.map(({ bank, reason }) => `${bank}: ${reason}`);
  const why = reasons.length === 0 ? 'it has no bank' : reasons.join('; ');
  return new CorruptError(device.name, null, `no bank can be booted: ${why}`);
}
