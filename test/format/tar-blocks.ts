/**
 * Tars by hand, block by block, for tests: right ones, and ones that lie in exactly one way.
 */

import { concatBytes, latin1, utf8 } from '../../src/base/bytes.ts';
import { bytesSource, type Source } from '../../src/base/source.ts';
import { encodeTarHeader, type TarHeaderRecord } from '../../src/format/tar-header.ts';
import { type TarRecord, tarEntries } from '../../src/format/tar-record.ts';

/** What tars end with. */
export const END = new Uint8Array(1024);

/** Bytes to put over a block: latin1 text at an offset. */
export type Patch = readonly [offset: number, bytes: string];

/**
 * A header of a plain file called `a`, but for what `record` and `patches` say; its sum is right.
 */
export function header(record: Partial<TarHeaderRecord> = {}, ...patches: Patch[]): Uint8Array {
  const block = encodeTarHeader({ flavour: 'ustar', typeflag: '0', path: 'a', ...record });
  return patches.length === 0 ? block : summed(patched(block, ...patches));
}

/** `block` with `patches` over it; its sum is not made right. */
export function patched(block: Uint8Array, ...patches: Patch[]): Uint8Array {
  const copy = block.slice();
  for (const [offset, bytes] of patches) {
    for (let index = 0; index < bytes.length; index++)
      copy[offset + index] = bytes.charCodeAt(index);
  }
  return copy;
}

/** `block` with the sum that POSIX asks for, or that of signed bytes. */
export function summed(block: Uint8Array, signed = false): Uint8Array {
  const blank = patched(block, [148, ' '.repeat(8)]);
  const bytes = Array.from(signed ? new Int8Array(blank.buffer) : blank);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  return patched(blank, [148, `${sum.toString(8).padStart(6, '0')}\0 `]);
}

/** `content` padded to whole blocks. */
export function body(content: string | Uint8Array): Uint8Array {
  const bytes = typeof content === 'string' ? utf8(content) : content;
  const padded = new Uint8Array(Math.ceil(bytes.length / 512) * 512);
  padded.set(bytes);
  return padded;
}

/** One pax record with a right length. */
export function paxRecord(key: string, value: string): string {
  const rest = utf8(` ${key}=${value}\n`).length;
  let length = rest + 1;
  while (String(length).length + rest !== length) length++;
  return `${length} ${key}=${value}\n`;
}

/** A pax header of `typeflag` and its data, as it stands. */
export function pax(content: string, typeflag = 'x'): Uint8Array {
  const size = utf8(content).length;
  return concatBytes([header({ typeflag, path: 'pax', size }), body(content)]);
}

/** A Source called `evil.tar` of `parts` one behind the other. */
export function tar(...parts: readonly Uint8Array[]): Source {
  return bytesSource(concatBytes(parts), 'evil.tar');
}

/** The entries of `parts` one behind the other. */
export function entriesOf(...parts: readonly Uint8Array[]): readonly TarRecord[] {
  return tarEntries(tar(...parts));
}

/** The bytes of a file of `source`, put together as its entry says. */
export function contentOf(source: Source, entry: TarRecord): Uint8Array {
  const whole = source.resident(0, source.size)!;
  if (entry.pieces === null) {
    return whole.slice(entry.dataOffset, entry.dataOffset + entry.size);
  }
  const content = new Uint8Array(entry.size);
  for (let index = 0; index < entry.pieces.length; index += 3) {
    const [offset, length, from] = entry.pieces.slice(index, index + 3);
    content.set(whole.subarray(from!, from! + length!), offset!);
  }
  return content;
}

/** `bytes` a character each. */
export function characters(bytes: Uint8Array): string {
  return latin1(bytes, 0, bytes.length);
}
