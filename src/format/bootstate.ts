/**
 * What the boot loader of ESXi makes of a bank by its boot.cfg: the state machine of two banks.
 *
 *   bootstate       found at boot                            written   booted this time
 *   0 valid         stays                                              yes
 *   1 upgrading     an upgrade that was not booted yet       2         yes
 *   2 dirty         it was booted once, and not confirmed    3         no
 *   3 invalid       empty, rolled back, or failed                      no
 *   none, or empty  read as 0                                          yes
 *   any other       wants to write 3, which it cannot                  no, as if it were no bank
 *
 *   also needed     updated above 0, and a build; an upgrade that lacks one is written 3, and the
 *                   boot is called a roll back
 *   quickboot       not 0: its one use was by the system that ran before, so it is written 3
 *
 * Of the banks that may be booted the greatest `updated` wins, the first of two alike. A system
 * that has come up well writes 0 where it found 2.
 *
 * The digit is rewritten in place, by a scan of its own: it looks in the first 512 bytes only, for
 * the first line whose first word is bootstate in full, and takes blanks ahead of "=", which the
 * reader of boot.cfg does not. What it finds has to be 0 to 3, or the bank is passed over. So a
 * boot.cfg may say one state and have another rewritten; lint tells of such lines.
 */

import { latin1 } from '../base/bytes.ts';
import { CorruptError } from '../base/errors.ts';
import { type BootCfg, parseBootCfg } from './boot-cfg.ts';

/** What a bank is, as its boot.cfg says it. */
export const BOOTSTATE = { valid: 0, upgrading: 1, dirty: 2, invalid: 3 } as const;

/** One of those that the loader knows. */
export type Bootstate = (typeof BOOTSTATE)[keyof typeof BOOTSTATE];

/** The loader rewrites one sector: in so many bytes bootstate has to be. */
export const BOOTSTATE_SPAN_BYTES = 512;

/** What the loader makes of one bank. */
export interface BankVerdict {
  /** What its boot.cfg says, `bootstate` as it is once the loader has looked at it. */
  readonly cfg: BootCfg;
  /** The bootstate that it says. */
  readonly found: number;
  /** Why it is not booted; null where it may be. */
  readonly problem: string | null;
  /** The bootstate to be written; null where it stays. */
  readonly rewrite: Bootstate | null;
  /** Whether it was upgraded and not confirmed yet. */
  readonly isUpgrade: boolean;
  /** Whether this boot is a roll back, as an upgrade had no build or no `updated`. */
  readonly isRollback: boolean;
}

/**
 * What the loader makes of a bank whose boot.cfg is `bytes`; `name` is what messages call that.
 * Throws CorruptError where it is none, or has no bootstate to be rewritten where that is due: then
 * the loader goes on as if the bank were not there.
 */
export function bankVerdict(bytes: Uint8Array, name: string): BankVerdict {
  const cfg = parseBootCfg(bytes, name);
  const verdict = verdictOf(cfg);
  const { rewrite } = verdict;
  if (rewrite === null) return verdict;
  const offset = bootstateOffset(bytes);
  if (offset === null) {
    const claim =
      `bootstate ${cfg.bootstate} has to become ${rewrite}, and its first ` +
      `${BOOTSTATE_SPAN_BYTES} bytes set none of 0 to 3`;
    throw new CorruptError(name, 0, claim);
  }
  return { ...verdict, cfg: { ...cfg, bootstate: rewrite } };
}

function verdictOf(cfg: BootCfg): BankVerdict {
  const { bootstate } = cfg;
  const isUpgrade = bootstate === BOOTSTATE.upgrading || bootstate === BOOTSTATE.dirty;
  const found = { cfg, found: bootstate, isUpgrade, isRollback: false };
  if (bootstate === BOOTSTATE.invalid) {
    return { ...found, problem: 'its bootstate is 3, invalid', rewrite: null };
  }
  if (cfg.quickboot !== 0) {
    const problem = 'it was for one quick boot, which is over';
    return { ...found, isUpgrade: false, problem, rewrite: BOOTSTATE.invalid };
  }
  const lack = lackSaid(cfg);
  if (bootstate !== BOOTSTATE.valid && !isUpgrade) {
    const problem = `its bootstate is ${bootstate}, which the boot loader does not know`;
    return { ...found, problem, rewrite: BOOTSTATE.invalid };
  }
  if (lack !== null) {
    return {
      ...found,
      problem: isUpgrade ? `its upgrade failed: ${lack}` : lack,
      rewrite: isUpgrade ? BOOTSTATE.invalid : null,
      isRollback: isUpgrade,
    };
  }
  if (bootstate === BOOTSTATE.dirty) {
    const problem = 'its upgrade failed: it was booted once and did not come up';
    return { ...found, problem, rewrite: BOOTSTATE.invalid };
  }
  return { ...found, problem: null, rewrite: isUpgrade ? BOOTSTATE.dirty : null };
}

/** What a bank of this boot.cfg lacks to be booted, whatever its state. */
export function lacksOf({ updated, build }: BootCfg): readonly ('updated' | 'build')[] {
  return [
    ...(updated > 0 ? [] : ['updated' as const]),
    ...(build === '' ? ['build' as const] : []),
  ];
}

function lackSaid(cfg: BootCfg): string | null {
  const [lack] = lacksOf(cfg);
  if (lack === undefined) return null;
  return lack === 'build'
    ? 'its boot.cfg names no build'
    : `its updated is ${cfg.updated}, and has to be above 0`;
}

/**
 * Where the digit is that the loader rewrites, from the start of the boot.cfg `bytes`; null where
 * it finds none.
 */
export function bootstateOffset(bytes: Uint8Array): number | null {
  const length = Math.min(bytes.length, BOOTSTATE_SPAN_BYTES);
  const start = latin1(bytes, 0, length);
  const line = /(?:^|\n)[ \t\r\v\f]*bootstate[ \t]*=[ \t]*/i.exec(start);
  if (line === null) return null;
  const offset = line.index + line[0].length;
  return /[0-3]/.test(start.charAt(offset)) ? offset : null;
}

/**
 * The boot.cfg `bytes` with the digit that the loader rewrites made `state`. Throws RangeError
 * where there is none.
 */
export function withBootstate(bytes: Uint8Array, state: Bootstate): Uint8Array {
  const offset = bootstateOffset(bytes);
  if (offset === null) throw new RangeError('a boot.cfg without a bootstate to be rewritten');
  const edited = bytes.slice();
  edited[offset] = 0x30 + state;
  return edited;
}
