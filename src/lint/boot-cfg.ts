/**
 * Lint of boot.cfg: what the boot loader of ESXi reads otherwise than one would think.
 *
 * Lines are taken as they stand: the reader (format/boot-cfg.ts) already forgives what is told
 * here, as the loader does.
 */

import { latin1 } from '../base/bytes.ts';
import { BOOT_KEYS, type BootCfg, type BootKey } from '../format/boot-cfg.ts';
import type { Findings } from './findings.ts';

/** The loader rewrites bootstate in this much of the file, in bytes. */
const SECTOR_BYTES = 512;
const LINE = /^(\s*)([^\s=#][^=]*?)(\s*)=(.*)$/;

const BOOTSTATE = { dirty: 2, invalid: 3 } as const;

/** One line that has a key, as it stands. */
interface Line {
  readonly offset: number;
  readonly said: string;
  /** Where the value is, from the start of the file. */
  readonly valueOffset: number;
  readonly value: string;
  readonly isBlankAhead: boolean;
  /** What the loader takes it for; null where that is none. */
  readonly key: BootKey | null;
}

/** Looks at a boot.cfg: `bytes`, and what they were read as. */
export function lintBootCfg(bytes: Uint8Array, cfg: BootCfg, findings: Findings): void {
  const lines = linesIn(bytes);
  const set = new Map<BootKey, Line>();
  for (const line of lines) {
    const { said, key, offset, isBlankAhead } = line;
    const at = { offset };
    if (isBlankAhead) {
      findings.add('boot-cfg-blank', `'${said} =' has a blank ahead of =`, at);
    } else if (key === null) {
      findings.add('boot-cfg-unknown-key', `no key is called '${said}'`, at);
    } else {
      if (key !== said.toLowerCase()) {
        findings.add('boot-cfg-short-key', `'${said}' is read as ${key}`, at);
      }
      if (set.has(key)) findings.add('boot-cfg-repeated-key', `'${key}' is set again`, at);
      set.set(key, line);
    }
  }
  lintBootstate(cfg, set.get('bootstate'), findings);
  const offset = (key: BootKey) => ({ offset: set.get(key)?.offset ?? 0 });
  if (cfg.build === '') findings.add('build-empty', 'it names no build', offset('build'));
  if (cfg.updated <= 0) {
    findings.add('updated-missing', `updated is ${cfg.updated}`, offset('updated'));
  }
  if (cfg.kernel === '') findings.add('kernel-missing', 'it names no kernel', offset('kernel'));
}

function lintBootstate({ bootstate }: BootCfg, line: Line | undefined, findings: Findings): void {
  if (line === undefined || line.value.trim() === '') {
    const what = line === undefined ? 'no line sets bootstate' : 'bootstate is empty';
    findings.add('bootstate-missing', what, { offset: line?.offset ?? 0 });
    return;
  }
  const at = { offset: line.offset };
  if (line.valueOffset + line.value.trimEnd().length > SECTOR_BYTES) {
    findings.add('bootstate-place', `bootstate ends behind byte ${SECTOR_BYTES}`, at);
  }
  if (bootstate < 0 || bootstate > BOOTSTATE.invalid) {
    findings.add('bootstate-unknown', `bootstate is ${bootstate}`, at);
  } else if (bootstate >= BOOTSTATE.dirty) {
    findings.add('bootstate-failed', `bootstate is ${bootstate}`, at);
  }
}

function linesIn(bytes: Uint8Array): Line[] {
  const lines: Line[] = [];
  let offset = 0;
  for (const text of latin1(bytes, 0, bytes.length).split('\n')) {
    const [, ahead = '', said, blank = '', value = ''] = LINE.exec(text.replace(/\r$/, '')) ?? [];
    if (said !== undefined) {
      const key = BOOT_KEYS.find((known) => known.startsWith(said.toLowerCase())) ?? null;
      const valueOffset = offset + ahead.length + said.length + blank.length + 1;
      const isBlankAhead = blank !== '' && key !== null;
      lines.push({ offset, said, valueOffset, value, isBlankAhead, key });
    }
    offset += text.length + 1;
  }
  return lines;
}
