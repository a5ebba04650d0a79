/**
 * Attacks the one thing that a stream of LZMA must not do: copy what was never decoded. Whatever
 * follows, a stream that starts with a copy is broken. What else it says, xz judges.
 */

import { expect, test } from 'vitest';
import { LzmaDecoder, lzmaProperties } from '../../src/codec/lzma.ts';

test('nothing is copied from before the start', () => {
  for (let byte = 0x80; byte < 256; byte++) {
    for (const rest of [0, 0x55, 0xff]) {
      const stored = new Uint8Array(40).fill(rest);
      stored.set([0, byte]);
      const decoder = new LzmaDecoder(stored, 2 ** 32);
      decoder.reset(lzmaProperties(93)!);
      expect(decoder.start(0)).toBe(true);
      const outcome = decoder.decode(new Uint8Array(4), 4);
      // Where all bits are ones, the copy is the mark that ends a stream.
      expect(['broken', 'end'], `${byte} ${rest}`).toContain(outcome);
      expect(decoder.offset).toBe(0);
    }
  }
});

test('properties are below 225', () => {
  expect(lzmaProperties(224)).toEqual({ contextBits: 8, literalPositionBits: 4, positionBits: 4 });
  expect(lzmaProperties(225)).toBe(null);
});
