/**
 * Whether the modules of a bank are what they have to be, and the sums that are missing.
 *
 *   sha256.sum   says what each module has to be; the boot goes by it
 *   imgdb.tgz    says so of the payloads of VIBs, as their descriptors do; looked at here, not at
 *                boot, for what the list has no sum of: banks of real ESXi have no list
 *
 * What ESXi itself writes anew with each backup (useropts.gz, features.gz, jumpstrt.gz) is not what
 * its VIB had, so the database is not asked about it.
 */

import { CorruptError } from '../base/errors.ts';
import { bytesSource } from '../base/source.ts';
import type { Codec } from '../codec/codec.ts';
import { type BootCfg, moduleName } from '../format/boot-cfg.ts';
import { bankVerdict } from '../format/bootstate.ts';
import { DIGEST_LIST, encodeDigests } from '../format/digest-list.ts';
import { BOOT_CFG, bankFault, readBankFile } from '../host/bank.ts';
import type { Bank } from '../host/device.ts';
import { digestedFiles, readDigests } from '../host/digests.ts';
import { openTardisk } from '../layer/open.ts';
import { hexSum } from '../software/checksum.ts';
import { IMAGE_DB_FILE, parseImageDb } from '../software/image-db.ts';

/** What became of one module. */
export interface ModuleVerification {
  readonly file: string;
  /** `unlisted` is whole, as far as anybody can say. */
  readonly verdict: 'holds' | 'unlisted' | 'differs' | 'missing' | 'unreadable';
  /** Its SHA-256; null where it cannot be read. */
  readonly sha256: string | null;
  /** What it has to be, and who says so; null where nobody does. */
  readonly expected: string | null;
  readonly source: string | null;
}

/** What became of one bank. */
export interface BankVerification {
  readonly bank: string;
  readonly build: string | null;
  readonly updated: number | null;
  /** As the bank says it; null where its boot.cfg cannot be read. */
  readonly bootstate: number | null;
  /** Why the boot loader passes it over; null where it may be booted. */
  readonly notBooted: string | null;
  /** What cannot be read: boot.cfg, the list of sums, the database. */
  readonly problems: readonly string[];
  readonly modules: readonly ModuleVerification[];
}

/** Looks at all modules of `bank`; `onModule` is told before each. Nothing is written. */
export async function verifyBank(
  bank: Bank,
  codec: Codec,
  onModule: (file: string, done: number, count: number) => void = () => {},
): Promise<BankVerification> {
  const problems: string[] = [];
  const asked = async <T>(act: () => Promise<T>): Promise<T | null> => {
    try {
      return await act();
    } catch (error) {
      problems.push(bankFault(error));
      return null;
    }
  };
  const none = { build: null, updated: null, bootstate: null, modules: [], problems };
  const files = await asked(() => bank.list());
  if (files === null) return { bank: bank.name, ...none, notBooted: problems[0]! };
  if (!files.includes(BOOT_CFG)) {
    return { bank: bank.name, ...none, notBooted: `has no ${BOOT_CFG}` };
  }
  const verdict = await asked(async () => {
    return bankVerdict(await readBankFile(bank, BOOT_CFG), `${bank.name}/${BOOT_CFG}`);
  });
  if (verdict === null) return { bank: bank.name, ...none, notBooted: problems[0]! };
  const { cfg, problem: notBooted, found: bootstate } = verdict;
  const listed = (await asked(() => readDigests(bank))) ?? new Map<string, string>();
  const known = (await asked(() => databaseSums(bank, cfg, files, codec))) ?? listed;
  const modules: ModuleVerification[] = [];
  const names = digestedFiles(cfg);
  for (const file of names) {
    onModule(file, modules.length, names.length);
    const sum = listed.get(file.toLowerCase());
    const expected = sum ?? known.get(file) ?? null;
    const says = sum === undefined ? IMAGE_DB_FILE : DIGEST_LIST;
    const source = expected === null ? null : says;
    modules.push({ file, expected, source, ...(await judged(bank, file, expected, codec)) });
  }
  const { build, updated } = cfg;
  return { bank: bank.name, build, updated, bootstate, notBooted, problems, modules };
}

/**
 * The sha256.sum that `bank` is to have, by its `verification`: what it lists already and a sum for
 * each module without one. Null where there is nothing to add. Throws CorruptError where the list
 * cannot be read, or a module is not there or not what it has to be: it has to be mended first.
 */
export async function completedDigests(
  bank: Bank,
  { modules, problems }: BankVerification,
): Promise<Uint8Array | null> {
  const bad = modules.find(({ verdict }) => verdict !== 'holds' && verdict !== 'unlisted');
  const claim =
    problems[0] ?? (bad === undefined ? null : `the module '${bad.file}' ${fault(bad)}`);
  if (claim !== null) throw new CorruptError(bank.name, null, claim);
  const before = await readDigests(bank);
  const digests = new Map(before);
  for (const { file, sha256 } of modules) digests.set(file.toLowerCase(), sha256!);
  return digests.size === before?.size ? null : encodeDigests(digests);
}

function fault({ verdict, sha256, expected, source }: ModuleVerification): string {
  if (verdict !== 'differs') return `is ${verdict}`;
  return `has the SHA-256 ${sha256}, and ${source} says ${expected}`;
}

async function judged(
  bank: Bank,
  file: string,
  expected: string | null,
  codec: Codec,
): Promise<Pick<ModuleVerification, 'verdict' | 'sha256'>> {
  let sha256: string;
  try {
    sha256 = await hexSum('sha-256', await readBankFile(bank, file), codec);
  } catch (error) {
    bankFault(error);
    const isMissing = (error as { code?: string }).code === 'ENOENT';
    return { verdict: isMissing ? 'missing' : 'unreadable', sha256: null };
  }
  if (expected === null) return { verdict: 'unlisted', sha256 };
  return { verdict: sha256 === expected ? 'holds' : 'differs', sha256 };
}

const REWRITTEN = ['useropts.gz', 'features.gz', 'jumpstrt.gz'];

/** What the image database of `bank` says of the modules that payloads are, by their names. */
async function databaseSums(
  bank: Bank,
  cfg: BootCfg,
  files: readonly string[],
  codec: Codec,
): Promise<Map<string, string>> {
  const sums = new Map<string, string>();
  const isListed = cfg.modules.some(({ file }) => moduleName(file) === IMAGE_DB_FILE);
  if (!isListed || !files.includes(IMAGE_DB_FILE)) return sums;
  const bytes = await readBankFile(bank, IMAGE_DB_FILE);
  const { vibs } = parseImageDb(await openTardisk(bytesSource(bytes, IMAGE_DB_FILE), codec));
  for (const { descriptor, payloads } of vibs) {
    for (const { name, file } of payloads) {
      const sum = descriptor.payloads
        .find((payload) => payload.name === name)
        ?.checksums.find(({ type, verifyProcess }) => type === 'sha-256' && verifyProcess === null);
      if (sum !== undefined && !REWRITTEN.includes(file)) sums.set(file, sum.value.toLowerCase());
    }
  }
  return sums;
}
