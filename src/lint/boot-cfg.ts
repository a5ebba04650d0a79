/**
 * Lint of boot.cfg: what the boot loader of ESXi reads otherwise than one would think.
 *
 * Lines are taken as they stand: the reader (format/boot-cfg.ts) already forgives what is told
 * here, as the loader does.
 */

import { latin1 } from '../base/bytes.ts';
import { BOOT_KEYS, type BootCfg, type BootKey } from '../format/boot-cfg.ts';
import { BOOTSTATE, BOOTSTATE_SPAN_BYTES, bootstateOffset, lacksOf } from '../format/bootstate.ts';
import type { Findings } from './findings.ts';

const LINE = /^(\s*)([^\s=#][^=]*?)(\s*)=(.*)$/;

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
  lintBootstate(bytes, cfg, set.get('bootstate'), findings);
  const offset = (key: BootKey) => ({ offset: set.get(key)?.offset ?? 0 });
  for (const lack of lacksOf(cfg)) {
    const rule = lack === 'build' ? 'build-empty' : 'updated-missing';
    const what = lack === 'build' ? 'it names no build' : `updated is ${cfg.updated}`;
    findings.add(rule, what, offset(lack));
  }
  if (cfg.quickboot !== 0) {
    findings.add('quickboot-over', `quickboot is ${cfg.quickboot}`, offset('quickboot'));
  }
  if (cfg.kernel === '') findings.add('kernel-missing', 'it names no kernel', offset('kernel'));
}

function lintBootstate(
  bytes: Uint8Array,
  { bootstate }: BootCfg,
  line: Line | undefined,
  findings: Findings,
): void {
  if (line === undefined || line.value.trim() === '') {
    const what = line === undefined ? 'no line sets bootstate' : 'bootstate is empty';
    findings.add('bootstate-missing', what, { offset: line?.offset ?? 0 });
    return;
  }
  const at = { offset: line.offset };
  const isKnown = bootstate >= BOOTSTATE.valid && bootstate <= BOOTSTATE.invalid;
  const offset = line.valueOffset + line.value.length - line.value.trimStart().length;
  if (!isKnown) findings.add('bootstate-unknown', `bootstate is ${bootstate}`, at);
  else if (bootstateOffset(bytes) !== offset) {
    const isBehind = offset >= BOOTSTATE_SPAN_BYTES;
    const what = isBehind
      ? `bootstate ends behind byte ${BOOTSTATE_SPAN_BYTES}`
      : 'this line is read, and another one rewritten, or none';
    findings.add('bootstate-place', what, at);
  }
  if (isKnown && bootstate >= BOOTSTATE.dirty) {
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
