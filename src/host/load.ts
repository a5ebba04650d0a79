/**
 * Loading the modules of a bank: each is checked against its sum, archives are opened in place, the
 * state is read, what only a boot loader understands is kept by name.
 */

import { NO_BYTES } from '../base/bytes.ts';
import { CorruptError, ForeignError } from '../base/errors.ts';
import { readBytes, type Source } from '../base/source.ts';
import { allOrNone } from '../base/together.ts';
import { bootModules, moduleName } from '../format/boot-cfg.ts';
import { DIGEST_LIST, type Digests } from '../format/digest-list.ts';
import { openTardisk } from '../layer/open.ts';
import type { Tardisk } from '../layer/tardisk.ts';
import { STATE_FILE } from '../state/archive.ts';
import type { Platform } from '../visorfs.ts';
import { BOOT_CFG, type BootableBank, readBankFile } from './bank.ts';
import type { Bank } from './device.ts';
import { checkDigest, isDigested, readDigests } from './digests.ts';
import type { TellEvent } from './events.ts';

/** How far a boot has come: `done` of `count` modules, the last of them `module`. */
export interface BootProgress {
  readonly module: string;
  readonly done: number;
  readonly count: number;
}

/**
 * One module of the bank: mounted, the state, something that only a boot loader understands, or a
 * state not saved yet.
 */
export interface HostModule {
  readonly file: string;
  readonly kind: 'tardisk' | 'state' | 'opaque' | 'absent';
  /** Bytes as stored in the bank. */
  readonly storedBytes: number;
}

/**
 * Loads all modules side by side; where one fails, the others are closed. Throws CorruptError where
 * one is missing, lies, or is not what its sum says.
 */
export async function loadAll<B extends Uint8Array>(
  platform: Platform<B>,
  { bank, cfg }: BootableBank,
  tell: TellEvent,
  onProgress: ((progress: BootProgress) => void) | undefined,
): Promise<readonly Loaded[]> {
  const files = bootModules(cfg).map(({ file }) => inBank(bank, file));
  const digests = await readDigests(bank);
  if (digests !== null) tellUnlisted(bank, files, digests, tell);
  let done = 0;
  const loading = files.map(async (file) => {
    const module = await load(platform, bank, file, digests);
    done += 1;
    onProgress?.({ module: file, done, count: files.length });
    return module;
  });
  return allOrNone(loading, ({ tardisk }) => tardisk?.close());
}

/** A module as it was loaded. */
export interface Loaded extends HostModule {
  readonly tardisk: Tardisk | null;
  /** Of the state only. */
  readonly bytes: Uint8Array;
}

/** Reads one module. */
async function load<B extends Uint8Array>(
  platform: Platform<B>,
  bank: Bank,
  file: string,
  digests: Digests | null,
): Promise<Loaded> {
  const isState = file === STATE_FILE;
  if (isState && !(await bank.list()).includes(file)) {
    // A host that was never backed up has no state yet.
    return { file, kind: 'absent', storedBytes: 0, tardisk: null, bytes: NO_BYTES };
  }
  if (isState) {
    const bytes = await readBankFile(bank, file);
    return { file, kind: 'state', storedBytes: bytes.length, tardisk: null, bytes };
  }
  const source = await opened(bank, file);
  const storedBytes = source.size;
  const codec = await platform.codec();
  try {
    if (digests?.has(file.toLowerCase())) {
      await checkDigest(bank, file, readBytes(source, 0, storedBytes), digests, codec);
    }
  } catch (error) {
    source.close();
    throw error;
  }
  try {
    const tardisk = await openTardisk(source, codec, { name: file });
    return { file, kind: 'tardisk', storedBytes, tardisk, bytes: NO_BYTES };
  } catch (error) {
    if (!(error instanceof ForeignError)) throw error;
    return { file, kind: 'opaque', storedBytes, tardisk: null, bytes: NO_BYTES };
  }
}

/** Tells of modules that somebody added to a bank by hand: nothing says what they have to be. */
function tellUnlisted(
  bank: Bank,
  files: readonly string[],
  digests: Digests,
  tell: TellEvent,
): void {
  const unlisted = files.filter((file) => isDigested(file) && !digests.has(file.toLowerCase()));
  if (unlisted.length === 0) return;
  const message =
    `${bank.name}: ${DIGEST_LIST} has no sum of ${unlisted.join(', ')}; booted unchecked. ` +
    "'visorfs device verify --write' adds what is missing.";
  tell('visorfs.boot.module.unchecked', 'warning', message);
}

/**
 * The name of a module as a file of the bank: installers write `/sb.v00`, and nobody leads out of
 * it.
 */
function inBank(bank: Bank, file: string): string {
  const name = moduleName(file);
  if (name !== null) return name;
  const claim = `lists the module '${file}', which is no file of the bank`;
  throw new CorruptError(`${bank.name}/${BOOT_CFG}`, 0, claim);
}

async function opened(bank: Bank, file: string): Promise<Source> {
  try {
    return await bank.open(file);
  } catch (error) {
    const isMissing = (error as { code?: string }).code === 'ENOENT';
    if (!isMissing) throw error;
    throw new CorruptError(
      `${bank.name}/${BOOT_CFG}`,
      0,
      `lists the module '${file}', which is not in the bank`,
    );
  }
}
