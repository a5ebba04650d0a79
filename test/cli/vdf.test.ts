// The rounding of vdf, from samples of real hosts: each figure is floored by itself, so that size
// less used need not be what is available.

import { describe, expect, test } from 'vitest';
import { vdfText } from '../../src/cli/commands/vdf.ts';

const KIB = 1024;
const MIB = KIB * KIB;

interface Row {
  readonly name: string;
  readonly size: number;
  readonly used: number;
  readonly line: string;
}

const HUMAN: readonly Row[] = [
  // 6.x: 32M, 22M used and 9M left, at 68 %.
  {
    name: 'root',
    size: 32 * MIB,
    used: 22 * MIB + 100 * KIB,
    line: 'root                       32M       22M        9M  69% --',
  },
  {
    name: 'root',
    size: 32 * MIB,
    used: 22 * MIB,
    line: 'root                       32M       22M       10M  68% --',
  },
  {
    name: 'var',
    size: 48 * MIB,
    used: 520 * KIB,
    line: 'var                        48M      520K       47M   1% --',
  },
  {
    name: 'var',
    size: 48 * MIB,
    used: 476 * KIB,
    line: 'var                        48M      476K       47M   0% --',
  },
  {
    name: 'opt',
    size: 32 * MIB,
    used: 4 * KIB,
    line: 'opt                        32M        4K       31M   0% --',
  },
  {
    name: 'tmp',
    size: 256 * MIB,
    used: 256 * MIB - 364 * KIB,
    line: 'tmp                       256M      255M      364K  99% --',
  },
  {
    name: 'iofilters',
    size: 32 * MIB,
    used: 0,
    line: 'iofilters                  32M        0B       32M   0% --',
  },
  // 4.x: a full one has 0B left. Megabytes are never gigabytes.
  {
    name: 'hostdstats',
    size: 166 * MIB,
    used: 166 * MIB,
    line: 'hostdstats                166M      166M        0B 100% --',
  },
  {
    name: 'hostdstats',
    size: 1803 * MIB,
    used: 2 * MIB,
    line: 'hostdstats               1803M        2M     1801M   0% --',
  },
];

function lineOf({ name, size, used }: Row, isHuman: boolean): string {
  const row = { name, path: '/', sizeBytes: size, usedBytes: used, maxInodes: 1, usedInodes: 0 };
  const ramdisks = [{ ...row, availableBytes: size - used }];
  return vdfText({ tardisks: [], ramdisks }, isHuman).split('\n').at(-2)!;
}

describe('vdf -h', () => {
  for (const row of HUMAN) {
    test(`shows ${row.used} of ${row.size} as '${row.line.replace(/ +/g, ' ')}'`, () => {
      expect(lineOf(row, true)).toBe(row.line);
    });
  }
});

test('vdf counts blocks of 1 KiB', () => {
  const tmp = { name: 'tmp', size: 256 * MIB, used: 256 * MIB, line: '' };
  expect(lineOf(tmp, false)).toBe('tmp                     262144    262144         0 100% --');
});

test('a ramdisk of no size is not divided by', () => {
  expect(lineOf({ name: 'none', size: 0, used: 0, line: '' }, false)).toContain('0% --');
});
