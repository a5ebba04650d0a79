/**
 * A bank that becomes another image: by ordered writes, each of which can be taken back.
 *
 *   1  boot.cfg    bootstate 3: whatever happens from here on, this bank is not booted
 *   2  modules     those that differ from what is there
 *   3  leftovers   modules of the image that was there go
 *   4  sha256.sum  the sums of the modules that are there now
 *   5  boot.cfg    the new one, bootstate 1 and a higher `updated`: the bank is booted next
 *
 * Power that fails before 5 leaves the other bank to be booted, which nobody touched; after 5 it is
 * this one, whole. An error at any of them is another matter: the program goes on, so everything
 * that was written is put back, boot.cfg last, and the bank is byte for byte what it was. Where
 * that fails too, the bank stays at bootstate 3.
 *
 * One module of a bank that may be booted at any moment is changed by three writes: its sum goes
 * off the list, it is written, its new sum comes onto the list. At each of them the list says
 * nothing that is not so, and all that a power cut can leave is a module without a sum.
 */

import { sameBytes } from '../base/bytes.ts';
import { CorruptError } from '../base/errors.ts';
import type { Codec } from '../codec/codec.ts';
import { bootModules, moduleName, parseBootCfg, withBootCfg } from '../format/boot-cfg.ts';
import { BOOTSTATE } from '../format/bootstate.ts';
import { DIGEST_LIST, encodeDigests } from '../format/digest-list.ts';
import { BOOT_CFG, type BootableBank, readBankFile } from '../host/bank.ts';
import type { Bank } from '../host/device.ts';
import { isDigested, readDigests } from '../host/digests.ts';
import { hexSum } from '../software/checksum.ts';

/** One file of a bank, as it was before it was written; null where it was not there. */
interface Written {
  readonly file: string;
  readonly before: Uint8Array | null;
}

/** The writes to one bank, which can be taken back. */
export class BankChange {
  readonly bank: Bank;
  readonly #written: Written[] = [];

  constructor(bank: Bank) {
    this.bank = bank;
  }

  /** Makes `bytes` the file `file`; nothing is written where they are that already. */
  async put(file: string, bytes: Uint8Array): Promise<void> {
    const before = await this.#read(file);
    if (before !== null && sameBytes(before, bytes)) return;
    // Noted first: a write that fails may have happened.
    this.#written.push({ file, before });
    await this.bank.write(file, bytes);
  }

  /** Takes `file` away, where it is there. */
  async drop(file: string): Promise<void> {
    const before = await this.#read(file);
    if (before === null) return;
    this.#written.push({ file, before });
    await this.bank.remove(file);
  }

  /** Puts everything back, the last write first. Throws what the bank throws. */
  async undo(): Promise<void> {
    for (let last = this.#written.at(-1); last !== undefined; last = this.#written.at(-1)) {
      if (last.before === null) await this.bank.remove(last.file);
      else await this.bank.write(last.file, last.before);
      this.#written.pop();
    }
  }

  async #read(file: string): Promise<Uint8Array | null> {
    const isThere = (await this.bank.list()).includes(file);
    return isThere ? (await readBankFile(this.bank, file)).slice() : null;
  }
}

/**
 * Makes the bank from which the host runs a valid one, where its boot could not or was not to say
 * so: were both banks upgrades, a power cut in the next boot would leave none.
 */
export async function confirm(change: BankChange, { bank, cfg }: BootableBank): Promise<void> {
  if (cfg.bootstate === BOOTSTATE.valid) return;
  const bytes = await readBankFile(bank, BOOT_CFG);
  await change.put(BOOT_CFG, withBootCfg(bytes, { bootstate: BOOTSTATE.valid }));
}

/** The image that a bank is to hold. */
export interface BankImage {
  readonly bootCfg: Uint8Array;
  /** What boot.cfg lists, and how to read it. */
  readonly modules: ReadonlyMap<string, () => Promise<Uint8Array>>;
}

/**
 * Writes `image` through `change`, in the order above, and tells of each module. Throws what the
 * banks throw.
 */
export async function writeImage(
  change: BankChange,
  image: BankImage,
  codec: Codec,
  onProgress?: (progress: { what: string; done: number; count: number }) => void,
): Promise<void> {
  const before = await bootCfgOf(change.bank);
  if (before !== null) {
    await change.put(BOOT_CFG, withBootCfg(before.bytes, { bootstate: BOOTSTATE.invalid }));
  }
  const digests = new Map<string, string>();
  let done = 0;
  for (const [file, read] of image.modules) {
    const bytes = await read();
    if (isDigested(file)) digests.set(file, await hexSum('sha-256', bytes, codec));
    await change.put(file, bytes);
    onProgress?.({ what: file, done: ++done, count: image.modules.size });
  }
  for (const file of before?.files ?? []) {
    if (!image.modules.has(file)) await change.drop(file);
  }
  await change.put(DIGEST_LIST, encodeDigests(digests));
  await change.put(BOOT_CFG, image.bootCfg);
}

/**
 * Makes `bytes` the module `file` of a bank that may be booted at any moment, in the order above; a
 * bank without a list of sums gets none. Throws what the bank throws.
 */
export async function putModule(
  change: BankChange,
  file: string,
  bytes: Uint8Array,
  codec: Codec,
): Promise<void> {
  const listed = await readDigests(change.bank);
  if (listed === null) return change.put(file, bytes);
  const digests = new Map(listed);
  digests.delete(file.toLowerCase());
  await change.put(DIGEST_LIST, encodeDigests(digests));
  await change.put(file, bytes);
  digests.set(file.toLowerCase(), await hexSum('sha-256', bytes, codec));
  await change.put(DIGEST_LIST, encodeDigests(digests));
}

/** The boot.cfg of `bank` and the modules it lists; null where it has none that can be read. */
async function bootCfgOf(
  bank: Bank,
): Promise<{ readonly bytes: Uint8Array; readonly files: readonly string[] } | null> {
  if (!(await bank.list()).includes(BOOT_CFG)) return null;
  const bytes = (await readBankFile(bank, BOOT_CFG)).slice();
  try {
    const modules = bootModules(parseBootCfg(bytes, `${bank.name}/${BOOT_CFG}`));
    return { bytes, files: modules.map(({ file }) => moduleName(file) ?? file) };
  } catch (error) {
    // The boot loader passes over such a bank, so there is nothing to mark.
    if (error instanceof CorruptError) return null;
    throw error;
  }
}
