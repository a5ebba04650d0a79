// The footer of an eStargz: letter for letter as container tools write it, and the older one.

import zlib from 'node:zlib';
import { expect, test } from 'vitest';
import { encodeFooter, tocRange } from '../../src/codec/stargz-footer.ts';

/** Both as stargz-snapshotter writes them, for a table at 0x1234. */
const FOOTER = '1f8b08040000000000ff1a0053471600';
const OLDER = '1f8b08040000000000ff1600';
const SAID = Buffer.from('0000000000001234STARGZ').toString('hex');
const END = '010000ffff0000000000000000';
const footer = Buffer.from(FOOTER + SAID + END, 'hex');
const older = Buffer.from(OLDER + SAID + END, 'hex');

test('a footer is 51 bytes of an empty gzip member', () => {
  expect(Buffer.from(encodeFooter(0x1234)).toString('hex')).toBe(footer.toString('hex'));
  expect(footer.length).toBe(51);
  expect(zlib.gunzipSync(footer).length).toBe(0);
});

test('a footer says where the table is, the older one of 47 bytes too', () => {
  expect(older.length).toBe(47);
  expect(tocRange(footer, 0x2000)).toEqual({ start: 0x1234, end: 0x2000 - 51 });
  expect(tocRange(Buffer.concat([Buffer.alloc(4), older]), 0x2000)).toEqual({
    start: 0x1234,
    end: 0x2000 - 47,
  });
});

test.each([
  ['that is cut short', footer.subarray(1)],
  ['whose table is behind it', encodeFooter(0x2000)],
  ['whose offset is no number', Buffer.from(footer).fill('g', 16, 17)],
  ['of another field', Buffer.from(footer).fill(9, 10, 11)],
  ['that is no gzip', Buffer.from(footer).fill(9, 0, 1)],
])('a footer %s is none', (_how, bytes) => {
  expect(tocRange(bytes, 0x2000)).toBeNull();
});
