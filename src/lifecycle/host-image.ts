/**
 * What is installed: on the running host, and on the bank that it boots next.
 *
 *   running    the database is the tardisk imgdb.tgz, mounted with all other modules
 *   pending    the bank that was updated since; its database is read from it
 *
 * A bank may have no database: nobody recorded what its modules are. Then the profile has no VIBs,
 * and each tardisk is a stray: known by its file and by what is in it, and by nothing else.
 */

import { bytesSource } from '../base/source.ts';
import type { Codec } from '../codec/codec.ts';
import { type BootCfg, moduleName } from '../format/boot-cfg.ts';
import { type BootableBank, readBankFile } from '../host/bank.ts';
import { openTardisk } from '../layer/open.ts';
import type { Tardisk } from '../layer/tardisk.ts';
import { archiveFiles } from '../software/archive-files.ts';
import { IMAGE_DB_FILE, parseImageDb } from '../software/image-db.ts';
import { DEFAULT_ACCEPTANCE, type InstalledProfile } from '../software/installed-profile.ts';

/** A module that is mounted and that no VIB accounts for. */
export interface StrayModule {
  readonly file: string;
  /** What lies in it, without a leading slash, and no directories. */
  readonly files: readonly string[];
}

/** What is installed somewhere. */
export interface HostImage {
  /** Whether there is a database that says so. */
  readonly isRecorded: boolean;
  readonly profile: InstalledProfile;
  readonly strays: readonly StrayModule[];
}

/**
 * What is installed where `tardisks` are mounted and `cfg` was booted. Throws CorruptError where
 * the database lies.
 */
export function imageOf(tardisks: readonly Tardisk[], cfg: BootCfg): HostImage {
  const database = tardisks.find(({ name }) => name === IMAGE_DB_FILE);
  const profile = database === undefined ? unrecorded(cfg) : parseImageDb(database);
  const known = new Set(profile.vibs.flatMap(({ payloads }) => payloads.map(({ file }) => file)));
  const strays = tardisks
    .filter((tardisk) => tardisk !== database && !known.has(tardisk.name))
    .map((tardisk) => ({
      file: tardisk.name,
      files: archiveFiles(tardisk).map(({ path }) => path),
    }));
  return { isRecorded: database !== undefined, profile, strays };
}

/**
 * What is installed on the bank `pending`; `tardisks` are those of the running host, from which no
 * installation takes a stray away. Throws CorruptError where the database lies.
 */
export async function imageOnBank(
  { bank, cfg }: BootableBank,
  tardisks: readonly Tardisk[],
  codec: Codec,
): Promise<HostImage> {
  const files = cfg.modules.map(({ file }) => moduleName(file));
  const mounted = tardisks.filter(({ name }) => name !== IMAGE_DB_FILE && files.includes(name));
  if (!files.includes(IMAGE_DB_FILE)) return imageOf(mounted, cfg);
  const bytes = await readBankFile(bank, IMAGE_DB_FILE);
  const database = await openTardisk(bytesSource(bytes, IMAGE_DB_FILE), codec);
  return imageOf([...mounted, database], cfg);
}

/** Whether the VIBs of two images are the same. */
export function haveSameVibs(one: InstalledProfile, other: InstalledProfile): boolean {
  const ids = ({ vibs }: InstalledProfile): string => {
    return vibs
      .map(({ descriptor }) => descriptor.id)
      .sort()
      .join('\n');
  };
  return ids(one) === ids(other);
}

function unrecorded({ build }: BootCfg): InstalledProfile {
  return {
    name: `Build ${build}`,
    vendor: '',
    creationTime: '',
    modificationTime: '',
    description: 'The bank has no image database; what its modules are is not recorded.',
    acceptanceLevel: DEFAULT_ACCEPTANCE,
    vibs: [],
  };
}
