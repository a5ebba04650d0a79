/**
 * Archives by hand, block by block: for oddities that no packer writes, and for lies.
 */

import { concatBytes, utf8 } from '../../src/base/bytes.ts';
import { encodeTarHeader, type TarHeaderRecord } from '../../src/format/tar-header.ts';
import { END, padded } from './pack.ts';
import { MTIME_SECONDS } from './tree.ts';

export const ZEROS: Uint8Array = new Uint8Array(512);

/** What to put over bytes: characters, one byte each, at an offset. */
export type Patch = readonly [offset: number, characters: string];

/** `characters` as bytes, one each. */
export function latin1Bytes(characters: string): Uint8Array {
  return Uint8Array.from(characters, (character) => character.charCodeAt(0));
}

/** `bytes` with `patches` over a copy of them. */
export function patched(bytes: Uint8Array, ...patches: readonly Patch[]): Uint8Array {
  const copy = bytes.slice();
  for (const [offset, characters] of patches) copy.set(latin1Bytes(characters), offset);
  return copy;
}

/** `block`, a tar header, with the sum of its bytes as POSIX has it. */
export function summed(block: Uint8Array): Uint8Array {
  const blank = patched(block, [148, ' '.repeat(8)]);
  const sum = blank.reduce((total, byte) => total + byte, 0);
  return patched(blank, [148, `${sum.toString(8).padStart(6, '0')}\0 `]);
}

/** A header of the plain file `a` but for what `record` and `patches` say; its sum is right. */
export function header(
  record: Partial<TarHeaderRecord> = {},
  ...patches: readonly Patch[]
): Uint8Array {
  const mtimeSeconds = MTIME_SECONDS;
  const plain = { flavour: 'ustar', typeflag: '0', path: 'a', mtimeSeconds } as const;
  const block = encodeTarHeader({ ...plain, ...record });
  return patches.length === 0 ? block : summed(patched(block, ...patches));
}

/** A plain file with its data; `record` is for the rest of its header. */
export function member(
  path: string,
  content: string | Uint8Array,
  record: Partial<TarHeaderRecord> = {},
): Uint8Array {
  const bytes = typeof content === 'string' ? utf8(content) : content;
  return concatBytes([header({ path, size: bytes.length, ...record }), padded(bytes)]);
}

/** One pax record with its right length. */
export function paxRecord(key: string, value: string): string {
  const rest = utf8(` ${key}=${value}\n`).length;
  let length = rest + 1;
  while (String(length).length + rest !== length) length++;
  return `${length} ${key}=${value}\n`;
}

/** An extended header of `typeflag` whose data is `content` as it stands. */
export function pax(content: string, typeflag: 'x' | 'g' = 'x'): Uint8Array {
  return member('PaxHeaders/a', content, { typeflag });
}

/** A GNU header of `typeflag` L or K whose data is `content` as it stands. */
export function gnuLong(content: string, typeflag: 'L' | 'K'): Uint8Array {
  return member('././@LongLink', content, { typeflag, flavour: 'gnu' });
}

/** `parts` one behind the other and the end of a tar. */
export function tar(...parts: readonly Uint8Array[]): Uint8Array {
  return concatBytes([...parts, END]);
}

/** `value` as the twelve bytes of an octal field. */
export function octal(value: number): string {
  return `${value.toString(8).padStart(11, '0')}\0`;
}

/**
 * A member of an ar archive: its header of sixty bytes, its data, and a newline where that is odd.
 */
export function arMember(
  name: string,
  content: Uint8Array,
  fields: { readonly size?: string; readonly mode?: string; readonly mark?: string } = {},
): Uint8Array {
  const { size = String(content.length), mode = '0o0', mark = '`\n' } = fields;
  const owner = `${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${mode.padEnd(8)}`;
  const head = utf8(`${name.padEnd(16)}${owner}${size.padEnd(10)}${mark}`);
  return concatBytes([head, content, utf8(content.length % 2 === 0 ? '' : '\n')]);
}

/** An ar archive of `members` as they stand. */
export function ar(...members: readonly Uint8Array[]): Uint8Array {
  return concatBytes([utf8('!<arch>\n'), ...members]);
}
