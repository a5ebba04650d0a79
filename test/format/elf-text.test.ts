// What vmtar would say of an ELF image: the two executables whose pages are known, and images that
// have no text, several segments, or segments that are not where they say.

import { expect, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { visorTextOf } from '../../src/format/elf-text.ts';
import { NO_TEXT, parseTextRecord, type VisorText } from '../../src/format/visor-text.ts';
import { type ElfKind, elfOf, type Segment } from '../support/elf.ts';

function textOf(bytes: Uint8Array): VisorText {
  return visorTextOf(bytes.length, (target, offset) => {
    expect(offset + target.length).toBeLessThanOrEqual(bytes.length);
    target.set(bytes.subarray(offset, offset + target.length));
  });
}

const mapped = (textPages: number, textOffset = 0): VisorText => {
  return { ...NO_TEXT, isMapped: true, textOffset, textPages };
};

const MIB = 1 << 20;
const TEXT: Segment = [1, 5, 0, 0x1833ac];

const IMAGES: readonly [why: string, size: number, of: Segment[], kind: ElfKind, is: VisorText][] =
  [
    // bin/ipmitool_wd of the hardware watchdog, and nvmupdaten64e: visor headers say 387 and 982.
    ['an ELF32 executable', 2 * MIB, [TEXT], { bits: 32 }, mapped(387)],
    [
      'an ELF64 that is position-independent',
      8 * MIB,
      [[1, 5, 0, 0x3d6a48]],
      { type: 3 },
      mapped(982),
    ],
    ['a kernel module, which is relocatable', 2 * MIB, [TEXT], { type: 1 }, mapped(0)],
    ['a core, which no one runs', 2 * MIB, [TEXT], { type: 4 }, mapped(0)],
    [
      'text after what is only read',
      MIB,
      [
        [1, 4, 0, 900],
        [1, 5, 4096, 9000],
      ],
      {},
      mapped(2, 4096),
    ],
    ['text that may be written', MIB, [[1, 7, 0, 9000]], {}, mapped(0)],
    ['a segment that is not loaded', MIB, [[6, 5, 0, 9000]], {}, mapped(0)],
    [
      'the first of two texts',
      MIB,
      [
        [1, 5, 0, 4096],
        [1, 5, 8192, 9000],
      ],
      {},
      mapped(1),
    ],
    ['text of less than a page', MIB, [[1, 5, 0, 4095]], {}, mapped(0)],
    ['no segments', 64, [], {}, mapped(0)],
    ['text up to the last byte', 8192, [[1, 5, 0, 8192]], {}, mapped(2)],
    ['text past the end', 8192, [[1, 5, 1, 8192]], {}, mapped(0)],
    ['text past 2^53', 8192, [[1, 5, 2 ** 60, 2 ** 62]], {}, mapped(0)],
    [
      'the other end first, as ESXi never had it',
      2 * MIB,
      [TEXT],
      { isBigEndian: true },
      mapped(0),
    ],
    ['descriptions of another size', 2 * MIB, [TEXT], { each: 64 }, mapped(0)],
  ];

test.each(IMAGES)('%s', (_why, size, segments, kind, wanted) => {
  expect(textOf(elfOf(size, segments, kind))).toEqual(wanted);
});

test('an image that is cut anywhere is read no further than it goes', () => {
  const image = elfOf(200, [TEXT, TEXT]);
  for (let size = 0; size < image.length; size++) {
    expect(textOf(image.subarray(0, size))).toEqual(size < 4 ? NO_TEXT : mapped(0));
  }
});

test('segments that lie past the end are not looked for', () => {
  const image = elfOf(200, [TEXT]);
  new DataView(image.buffer).setBigUint64(32, 1n << 63n, true);
  expect(textOf(image)).toEqual(mapped(0));
});

test('what is no ELF has no text', () => {
  expect(textOf(utf8('#!/bin/sh\n'.repeat(20)))).toEqual(NO_TEXT);
  expect(textOf(new Uint8Array(0))).toEqual(NO_TEXT);
});

const RECORDS: readonly [value: string, said: VisorText | null][] = [
  ['0 0 0 0', NO_TEXT],
  ['7 4096 387 2', { isMapped: true, textOffset: 4096, textPages: 387, fixupPages: 2 }],
  ['7 0 4294967295 0', mapped(0xffffffff)],
  ['7 0 4294967296 0', null],
  ['5 0 0 0', null],
  ['7 0 0', null],
  ['7 0 0 -1', null],
  ['7 0 0 0 ', null],
  ['', null],
];

test.each(RECORDS)("a record of '%s' says %j", (value, said) => {
  expect(parseTextRecord(utf8(value))).toEqual(said);
});
