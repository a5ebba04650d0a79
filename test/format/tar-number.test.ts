/**
 * Attacks the numbers of tar headers: a table of the ways in which they are written, and every
 * number written must be read back.
 */

import { expect, test } from 'vitest';
import { fitsOctal, putTarNumber, tarNumber, usualOctal } from '../../src/format/tar-number.ts';
import { prng, seeds } from '../support/prng.ts';

const field = (characters: string): Uint8Array => {
  return Uint8Array.from(characters, (character) => character.charCodeAt(0));
};

const ODDITIES: readonly [why: string, bytes: string, want: number][] = [
  ['POSIX: zeros before, a NUL behind', '0000644\0', 0o644],
  ['old tars: blanks before, a blank and a NUL behind', '   644 \0', 0o644],
  ['star: a blank behind', '0000644 ', 0o644],
  ['GNU tar fills the field where the number needs it', '77777777', 0o77777777],
  ['some writers put NULs before', '\0\x000644 \0', 0o644],
  ['Go leaves a uid of nothing as NULs', '\0\0\0\0\0\0\0\0', 0],
  ['blanks alone are nothing too', '        ', 0],
  ['GNU tar looks no further than the end of the digits', '644\0zz89', 0o644],
  ['GNU tar: base-256', '\x80\0\0\0\0\0\x01\0', 256],
  ['GNU tar: base-256 below nothing', '\xff\xff\xff\xff\xff\xff\xff\xff', -1],
  ['base-256 up to what is exact', '\x80\x1f\xff\xff\xff\xff\xff\xff', Number.MAX_SAFE_INTEGER],
  ['base-256 of more than is exact', '\x80\x20\0\0\0\0\0\0', Number.NaN],
  ['base-256 far below', '\xc0\0\0\0\0\0\0\0', Number.NaN],
  ['an octal number has no 8', '0000648\0', Number.NaN],
  ['a sign is no digit', '-000001\0', Number.NaN],
  ['text is no number', 'hello\0\0\0', Number.NaN],
];

for (const [why, bytes, want] of ODDITIES) {
  test(`${why}: ${JSON.stringify(bytes)} is ${want}`, () => {
    expect(tarNumber(field(`##${bytes}##`), 2, 8)).toBe(want);
  });
}

const wordsOf = (bytes: Uint8Array): Int32Array => new Int32Array(bytes.slice().buffer);

for (const [why, bytes] of ODDITIES) {
  test(`read at once or not at all, as byte by byte: ${why}`, () => {
    const quick = usualOctal(wordsOf(field(bytes)), 0, 8);
    if (quick !== -1) expect(quick).toBe(tarNumber(field(bytes), 0, 8));
  });
}

test.each([8, 12] as const)(
  '%i bytes with any one of them wrong are not read at once',
  (length) => {
    const digits = '12345670123'.slice(0, length - 1);
    for (const end of ['\0', ' ']) {
      const good = field(digits + end);
      expect(usualOctal(wordsOf(good), 0, length)).toBe(Number.parseInt(digits, 8));
      for (let at = 0; at < length; at++) {
        for (const byte of [0x00, 0x20, 0x2f, 0x37, 0x38, 0xb1]) {
          const bad = good.with(at, byte);
          const quick = usualOctal(wordsOf(bad), 0, length);
          if (quick === -1) continue;
          expect(quick, `${at}: ${byte}`).toBe(tarNumber(bad, 0, length));
        }
      }
      expect(usualOctal(wordsOf(good.with(0, 0x20)), 0, length)).toBe(-1);
      expect(usualOctal(wordsOf(good.with(5, 0x38)), 0, length)).toBe(-1);
      expect(usualOctal(wordsOf(good.with(length - 1, 0x31)), 0, length)).toBe(-1);
    }
  },
);

for (const seed of seeds(4)) {
  test(`a number written is read back (SEED=${seed})`, () => {
    const random = prng(seed);
    for (let step = 0; step < 500; step++) {
      const magnitude = random.below(2 ** (1 + random.below(53)));
      const value = random.below(4) === 0 ? -magnitude : magnitude;
      const bytes = random.bytes(16);
      putTarNumber(bytes, 2, 12, value);
      expect(tarNumber(bytes, 2, 12), `${value}`).toBe(value === 0 ? 0 : value);
      const quick = usualOctal(wordsOf(bytes.slice(2, 14)), 0, 12);
      expect(quick).toBe(fitsOctal(value, 12) ? magnitude : -1);
      expect(bytes[2]! >= 0x80).toBe(!fitsOctal(value, 12));
    }
  });
}
