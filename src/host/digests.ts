/**
 * The sums of a bank's modules: reading them, checking them, and making them.
 *
 * A module whose sum is another is a lie like any other: CorruptError, and the bank is not booted.
 */

import { CorruptError } from '../base/errors.ts';
import type { Codec } from '../codec/codec.ts';
import { type BootCfg, bootModules, moduleName } from '../format/boot-cfg.ts';
import { DIGEST_LIST, type Digests, parseDigests } from '../format/digest-list.ts';
import { hexSum } from '../software/checksum.ts';
import { STATE_FILE } from '../state/archive.ts';
import { readBankFile } from './bank.ts';
import type { Bank } from './device.ts';

/**
 * The sums that `bank` says its modules have; null where it says none. Throws CorruptError where
 * they cannot be read as such.
 */
export async function readDigests(bank: Bank): Promise<Digests | null> {
  if (!(await bank.list()).includes(DIGEST_LIST)) return null;
  return parseDigests(await readBankFile(bank, DIGEST_LIST), `${bank.name}/${DIGEST_LIST}`);
}

/**
 * Throws CorruptError where the module `file` of `bank`, which is `bytes`, is not what `digests`
 * says; one that is not listed holds.
 */
export async function checkDigest(
  bank: Bank,
  file: string,
  bytes: Uint8Array,
  digests: Digests | null,
  codec: Codec,
): Promise<void> {
  const expected = digests?.get(file.toLowerCase());
  if (expected === undefined) return;
  const found = await hexSum('sha-256', bytes, codec);
  if (found === expected) return;
  const claim = `its SHA-256 is ${found}, and ${DIGEST_LIST} says ${expected}`;
  throw new CorruptError(`${bank.name}/${file}`, 0, claim);
}

/** The bytes of the module `file` of `bank`, checked. Throws ENOENT, CorruptError. */
export async function checkedFile(
  bank: Bank,
  file: string,
  digests: Digests | null,
  codec: Codec,
): Promise<Uint8Array> {
  const bytes = await readBankFile(bank, file);
  await checkDigest(bank, file, bytes, digests, codec);
  return bytes;
}

/** Whether a module `file` has a sum: all but the state have, and but the list itself. */
export function isDigested(file: string): boolean {
  return file !== STATE_FILE && file.toLowerCase() !== DIGEST_LIST;
}

/** The files that have a sum where `cfg` is booted, each once. */
export function digestedFiles(cfg: BootCfg): readonly string[] {
  const names = bootModules(cfg).flatMap(({ file }) => moduleName(file) ?? []);
  return [...new Set(names)].filter(isDigested);
}
