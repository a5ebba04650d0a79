/**
 * Content that nobody wrote: what stands where a real image has programs, libraries and firmware.
 *
 *   elf      a sound ELF64 header, one LOAD segment, then "code", then "strings"
 *   module   the same as a relocatable kernel module: no segment
 *   noise    bytes that hardly compress, as firmware and keys do
 *   words    lines of made-up text, as catalogues of messages do
 *
 * "Code" repeats itself about as much as real code does, so that archives of it compress about as
 * well. Nothing of it runs: the header names no machine. The same seed gives the same bytes.
 */

import { putU32, utf8 } from '../../src/base/bytes.ts';

/** A whole number from 0 up to but without `count`. */
type Below = (count: number) => number;

/** splitmix32: ample spread for content, and the same everywhere. */
function chance(seed: number): Below {
  let state = seed >>> 0;
  return (count) => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return Math.floor((((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32) * count);
  };
}

const SYLLABLES =
  'vi sor tar disk ram bank hos ta ge nt moun ble sta te pa ge led ger no de por net sto re';

const ELF_HEADER_BYTES = 64;
const SEGMENT_BYTES = 56;
const PT_LOAD = 1;
const READ_AND_EXECUTE = 5;
const TYPE_RELOCATABLE = 1;
const TYPE_DYNAMIC = 3;

/** What a recipe may ask for by name. */
export type ContentRule = 'elf' | 'module' | 'noise' | 'words';

/** `size` bytes of what `rule` says, by `seed`. */
export function generated(rule: ContentRule, size: number, seed: number): Uint8Array {
  switch (rule) {
    case 'elf':
      return elf(size, seed, TYPE_DYNAMIC);
    case 'module':
      return elf(size, seed, TYPE_RELOCATABLE);
    case 'noise':
      return noise(size, chance(seed));
    case 'words':
      return words(size, chance(seed));
  }
}

function elf(size: number, seed: number, type: number): Uint8Array {
  const bytes = new Uint8Array(size);
  const below = chance(seed);
  const codeEnd = Math.floor(size * 0.8);
  fillCode(bytes, ELF_HEADER_BYTES + SEGMENT_BYTES, codeEnd, below);
  bytes.set(words(size - codeEnd, below), codeEnd);
  bytes.set(utf8('\x7fELF\x02\x01\x01'));
  const hasSegment = type === TYPE_DYNAMIC;
  bytes[16] = type;
  bytes[20] = 1;
  putU32(bytes, 32, hasSegment ? ELF_HEADER_BYTES : 0);
  bytes[52] = ELF_HEADER_BYTES;
  bytes[54] = SEGMENT_BYTES;
  bytes[56] = hasSegment ? 1 : 0;
  // Fields that stay zero must be zero: the code filler starts behind them.
  if (hasSegment) putSegment(bytes, ELF_HEADER_BYTES, codeEnd);
  return bytes;
}

function putSegment(bytes: Uint8Array, offset: number, length: number): void {
  putU32(bytes, offset, PT_LOAD);
  putU32(bytes, offset + 4, READ_AND_EXECUTE);
  putU32(bytes, offset + 32, length);
  putU32(bytes, offset + 40, length);
  putU32(bytes, offset + 48, 4096);
}

/** Short pieces, the first of them far more often than the last, with an address now and then. */
function fillCode(bytes: Uint8Array, start: number, end: number, below: Below): void {
  const pieces = Array.from({ length: 1500 }, () => noise(4 + below(7), below));
  for (let offset = start; offset < end; ) {
    const rank = below(1000) / 1000;
    const piece = pieces[Math.floor(pieces.length * rank ** 5)]!;
    const fits = piece.subarray(0, end - offset);
    bytes.set(fits, offset);
    offset += fits.length;
    if (below(24) === 0 && offset < end) bytes[offset++] = below(256);
  }
}

function noise(size: number, below: Below): Uint8Array {
  return Uint8Array.from({ length: size }, () => below(256));
}

function words(size: number, below: Below): Uint8Array {
  const syllables = SYLLABLES.split(' ');
  const word = (): string => {
    return Array.from({ length: 1 + below(3) }, () => syllables[below(syllables.length)]).join('');
  };
  let text = '';
  while (text.length < size) {
    text += `${word()}.${word()} = "${Array.from({ length: 3 + below(7) }, word).join(' ')}"\n`;
  }
  return utf8(text.slice(0, size));
}
