// What the boot loader makes of a bank: every bootstate × updated × build × quickboot against the
// table of what ESXi's loader does, written out here by itself; and the scan that rewrites the
// digit, each oddity as a row.

import { describe, expect, test } from 'vitest';
import { text, utf8 } from '../../src/base/bytes.ts';
import { CorruptError } from '../../src/base/errors.ts';
import {
  type BankVerdict,
  bankVerdict,
  bootstateOffset,
  withBootstate,
} from '../../src/format/bootstate.ts';

const STATES = [null, '', '0', '1', '2', '3', '4', '9', '12', '31', '-1'] as const;
const UPDATED = [null, '', '0', '1', '7', '-3'] as const;
const BUILDS = [null, '', '8.0.3'] as const;
const QUICK = [null, '0', '1'] as const;

interface Row {
  readonly state: string | null;
  readonly updated: string | null;
  readonly build: string | null;
  readonly quick: string | null;
}

/** What becomes of it: a bank or none at all, whether it is booted, and the file afterwards. */
interface Fate {
  readonly fate: 'no bank' | 'booted' | 'not booted';
  readonly state: string | null;
  readonly rollback: boolean;
}

/**
 * ESXi's loader, by its table: the words of a row, then what is also required, then quickboot. The
 * state in the file is one character that is overwritten, where it is one of 0 to 3.
 */
function fateOf({ state, updated, build, quick }: Row): Fate {
  const isComplete = Number(updated ?? 0) > 0 && (build ?? '') !== '';
  const word = state === null || state === '' ? 0 : Number(state);
  let [isBooted, becomes] = [false, null as string | null];
  if (word === 0) isBooted = true;
  else if (word === 1) [isBooted, becomes] = [true, '2'];
  else if (word !== 3) becomes = '3';
  const isUpgrade = word === 1 || word === 2;
  if (quick === '1') {
    isBooted = false;
    becomes = word === 3 ? null : '3';
  } else if (!isComplete && isUpgrade) becomes = '3';
  if (!isComplete) isBooted = false;
  const rollback = isUpgrade && !isComplete && quick !== '1';
  if (becomes === null) return { fate: isBooted ? 'booted' : 'not booted', state, rollback };
  const first = (state ?? '')[0] ?? '';
  if (!'0123'.includes(first) || first === '') return { fate: 'no bank', state, rollback: false };
  return { fate: isBooted ? 'booted' : 'not booted', state: becomes + state!.slice(1), rollback };
}

function cfgOf({ state, updated, build, quick }: Row): string {
  const lines = { bootstate: state, kernel: 'b.b00', build, updated, quickboot: quick };
  return Object.entries(lines)
    .flatMap(([key, value]) => (value === null ? [] : [`${key}=${value}\n`]))
    .join('');
}

function seen(content: string): Fate {
  const bytes = utf8(content);
  let verdict: BankVerdict;
  try {
    verdict = bankVerdict(bytes, 'bank/boot.cfg');
  } catch (error) {
    expect(error).toBeInstanceOf(CorruptError);
    return { fate: 'no bank', state: stateIn(content), rollback: false };
  }
  const { problem, rewrite, isRollback } = verdict;
  const after = rewrite === null ? content : text(withBootstate(bytes, rewrite));
  expect(after.length).toBe(content.length);
  return {
    fate: problem === null ? 'booted' : 'not booted',
    state: stateIn(after),
    rollback: isRollback,
  };
}

function stateIn(content: string): string | null {
  return /^bootstate=(.*)$/m.exec(content)?.[1] ?? null;
}

test('every bootstate, updated, build and quickboot comes out as in the table of ESXi', () => {
  let rows = 0;
  for (const state of STATES) {
    for (const updated of UPDATED) {
      for (const build of BUILDS) {
        for (const quick of QUICK) {
          const row = { state, updated, build, quick };
          expect({ row, ...seen(cfgOf(row)) }).toEqual({ row, ...fateOf(row) });
          rows += 1;
        }
      }
    }
  }
  expect(rows).toBe(11 * 6 * 3 * 3);
});

test('the state in memory is the one after the scan, and the one found is kept beside it', () => {
  const verdict = bankVerdict(utf8('bootstate=1\nupdated=1\nbuild=1\n'), 'boot.cfg');
  expect(verdict).toMatchObject({ found: 1, cfg: { bootstate: 2 }, rewrite: 2, isUpgrade: true });
});

const LONG = '#'.repeat(500);

describe('the digit that is rewritten', () => {
  test.each<[rule: string, content: string, offset: number | null]>([
    ['is behind "="', 'bootstate=1', 10],
    ['may have blanks ahead of "=", which the reader takes for no key', 'bootstate \t=  1', 14],
    ['may be indented, on any line', 'title=x\r\n \tbootstate=2\n', 21],
    ['is of either case', 'BootState=0', 10],
    ['is that of the first line, where the reader takes the last', 'bootstate=0\nbootstate=1', 10],
    ['is only found by the whole word, where the reader takes a part', 'boots=1', null],
    ['is none of a longer word', 'bootstates=1\nbootstate=2', 23],
    ['is none in a comment', '#bootstate=1\nbootstate=2', 23],
    ['is none in a value', 'kernelopt=bootstate=1\nbootstate=2', 32],
    ['is none where there is nothing', 'bootstate=\nupdated=1', null],
    ['is none of 4', 'bootstate=4', null],
    ['is none at the end', 'bootstate=', null],
    ['may be the last of 512 bytes', `${LONG}\nbootstate=1`, 511],
    ['is none behind 512 bytes', `${LONG}\n bootstate=1`, null],
  ])('%s', (_rule, content, offset) => {
    expect(bootstateOffset(utf8(content))).toBe(offset);
  });

  test('is all that changes', () => {
    const before = 'title=x\r\nbootstate = 1 \r\nup=3\n\xff';
    expect(text(withBootstate(utf8(before), 2))).toBe(before.replace('= 1 ', '= 2 '));
    expect(() => withBootstate(utf8('boots=1'), 2)).toThrow(RangeError);
  });
});
