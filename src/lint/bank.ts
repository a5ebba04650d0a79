/**
 * Lint of a boot bank: boot.cfg, the modules it lists, and the files that it does not.
 */

import { CorruptError } from '../base/errors.ts';
import { readBytes, type Source } from '../base/source.ts';
import { type BootCfg, bootModules, parseBootCfg } from '../format/boot-cfg.ts';
import { DIGEST_LIST, type Digests, parseDigests } from '../format/digest-list.ts';
import { hexSum } from '../software/checksum.ts';
import { compareVersions } from '../software/vib-version.ts';
import { BUILD_RECORD_MAX_BYTES, buildOf } from '../state/build-record.ts';
import { lintArchive } from './archive.ts';
import { lintBootCfg } from './boot-cfg.ts';
import type { LintContext } from './context.ts';
import type { Findings } from './findings.ts';

const BOOT_CFG = 'boot.cfg';
/** Listed by every bank, and there once the host was backed up. */
const STATE_FILE = 'state.tgz';
/** What installers call modules. */
const MODULE = /\.(v\d\d|t\d\d|b\d\d|tgz|gz|z)$/i;
/** Of those, what has to be an archive. */
const TARDISK = /\.(v\d\d|t\d\d|tgz)$/i;
const SHORT_NAME = /^[^.]{1,8}(\.[^.]{1,3})?$/;

/** A bank to look at: as a boot device has it. */
export interface LintBank {
  readonly name: string;
  /** The names of its files. */
  list(): Promise<readonly string[]>;
  /** One of them; whoever gets it closes it. */
  open(file: string): Promise<Source>;
}

/** Looks at `bank`; `onFile` is told of each file before it is looked at. */
export async function lintBank(
  bank: LintBank,
  context: LintContext,
  findings: Findings,
  onFile: (file: string) => void,
): Promise<void> {
  const files = [...(await bank.list())].filter((file) => !file.startsWith('.')).sort();
  lintNames(files, findings);
  const cfg = await bootCfgIn(bank, files, findings);
  if (cfg !== null) lintModules(cfg, files, findings);
  const digests = await digestsIn(bank, files, findings);
  for (const file of files.filter((name) => MODULE.test(name))) {
    onFile(file);
    const within = findings.within(file);
    const source = await bank.open(file);
    try {
      const expected = digests.get(file.toLowerCase());
      if (expected !== undefined) await lintDigest(source, expected, context, within);
      await lintArchive(source, context, within, TARDISK.test(file) ? 'wanted' : 'possible');
      if (file === STATE_FILE && cfg !== null) lintBuild(source, cfg, within);
    } finally {
      source.close();
    }
  }
}

async function bootCfgIn(
  bank: LintBank,
  files: readonly string[],
  findings: Findings,
): Promise<BootCfg | null> {
  if (!files.includes(BOOT_CFG)) {
    findings.add('boot-cfg-missing', `there is no ${BOOT_CFG}`);
    return null;
  }
  const within = findings.within(BOOT_CFG);
  const source = await bank.open(BOOT_CFG);
  try {
    const bytes = readBytes(source, 0, source.size);
    const cfg = parseBootCfg(bytes, BOOT_CFG);
    lintBootCfg(bytes, cfg, within);
    return cfg;
  } catch (error) {
    if (!(error instanceof CorruptError)) throw error;
    within.corrupt(error);
    return null;
  } finally {
    source.close();
  }
}

async function digestsIn(
  bank: LintBank,
  files: readonly string[],
  findings: Findings,
): Promise<Digests> {
  if (!files.includes(DIGEST_LIST)) return new Map();
  const source = await bank.open(DIGEST_LIST);
  try {
    return parseDigests(readBytes(source, 0, source.size), DIGEST_LIST);
  } catch (error) {
    if (!(error instanceof CorruptError)) throw error;
    findings.within(DIGEST_LIST).corrupt(error);
    return new Map();
  } finally {
    source.close();
  }
}

async function lintDigest(
  source: Source,
  expected: string,
  { codec }: LintContext,
  findings: Findings,
): Promise<void> {
  const found = await hexSum('sha-256', readBytes(source, 0, source.size), codec);
  if (found === expected) return;
  findings.add('module-digest', `its SHA-256 is ${found}, and ${DIGEST_LIST} says ${expected}`);
}

/** Whether the state in `source` was made by an image that is newer than that of its bank. */
function lintBuild(source: Source, { build }: BootCfg, findings: Findings): void {
  const made = buildOf(readBytes(source, 0, Math.min(source.size, BUILD_RECORD_MAX_BYTES)));
  if (made === null || compareVersions(made, build) <= 0) return;
  findings.add('state-newer', `the image ${made} made it, and the bank has the older ${build}`);
}

function lintModules(cfg: BootCfg, files: readonly string[], findings: Findings): void {
  const listed = new Set<string>();
  for (const { file } of bootModules(cfg)) {
    const name = file.replace(/^\/+/, '');
    const place = { place: BOOT_CFG };
    if (name === '') continue;
    if (listed.has(name)) findings.add('module-repeated', `it lists '${name}' twice`, place);
    listed.add(name);
    if (files.includes(name) || name === STATE_FILE) continue;
    findings.add('module-missing', `it lists '${name}', which is not in the bank`, place);
  }
  for (const file of files.filter((name) => MODULE.test(name) && !listed.has(name))) {
    findings.add('module-unlisted', 'boot.cfg does not list it', { place: file });
  }
}

function lintNames(files: readonly string[], findings: Findings): void {
  const seen = new Map<string, string>();
  for (const file of files) {
    const at = { place: file };
    if (!SHORT_NAME.test(file)) findings.add('bank-name', 'it is no name of 8 and 3 letters', at);
    const key = file.toUpperCase();
    const other = seen.get(key);
    if (other === undefined) seen.set(key, file);
    else findings.add('bank-name-clash', `FAT does not tell it from '${other}'`, at);
  }
}
