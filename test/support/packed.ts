/**
 * xz and zstd, by the tools of the machine where it has them, and without any compression by hand
 * where it has not: containers with sound sums around bytes as they are.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { concatBytes, putU32 } from '../../src/base/bytes.ts';
import { crc32 } from '../../src/codec/crc32.ts';
import { slices } from './gzips.ts';

const MAX_BUFFER = 512 << 20;

/** Whether `name` is installed; says on stderr that tests skip where it is not. */
export function isInstalled(name: string): boolean {
  const found = spawnSync(name, ['--version']).status === 0;
  if (!found) process.stderr.write(`skipped: there is no ${name} on this machine\n`);
  return found;
}

/** What the tool `name` makes of `bytes`. */
export function piped(name: string, args: readonly string[], bytes: Uint8Array): Uint8Array {
  const options = { input: bytes, maxBuffer: MAX_BUFFER, stdio: 'pipe' } as const;
  return Uint8Array.from(execFileSync(name, [...args], options));
}

/** How the tool `name` ends, given `bytes`. */
export function statusOf(name: string, args: readonly string[], bytes: Uint8Array): number | null {
  return spawnSync(name, [...args], { input: bytes, maxBuffer: MAX_BUFFER }).status;
}

/** What a block of an xz file is made of. */
export interface XzParts {
  /** LZMA2, with its end. */
  readonly coded: Uint8Array;
  /** Bytes that it decodes to. */
  readonly size: number;
  /** CRC-32 of these; none where there is no check. */
  readonly sum?: number;
  /** The byte that says how large the window is. */
  readonly window?: number;
  /** What its header says of the sizes of what is coded and decoded; nothing unless given. */
  readonly saysCoded?: number;
  readonly saysDecoded?: number;
}

/** What a container says that is not so, though its sums are right. */
export interface XzLies {
  /** How the index writes how many blocks there are. */
  readonly count?: readonly number[];
  /** How many more bytes each block has in the index. */
  readonly unpadded?: number;
  /** How many more bytes the index has in the footer. */
  readonly indexBytes?: number;
  /** The check that the footer says. */
  readonly check?: number;
}

/** `bytes` as an xz stream of one block of stored chunks, with a CRC-32. */
export function storedXz(bytes: Uint8Array): Uint8Array {
  return xzStream([{ coded: storedLzma2(bytes), size: bytes.length, sum: crc32(bytes) }]);
}

/** `bytes` as LZMA2 that does not compress, with its end. */
export function storedLzma2(bytes: Uint8Array): Uint8Array {
  const chunks = slices(bytes, 1 << 16).map((slice, index) => {
    const size = slice.length - 1;
    return concatBytes([Uint8Array.of(index === 0 ? 1 : 2, size >> 8, size & 255), slice]);
  });
  return concatBytes([...chunks, Uint8Array.of(0)]);
}

/** An xz stream of `blocks`, whose container is sound but for `lies`. */
export function xzStream(blocks: readonly XzParts[], lies: XzLies = {}): Uint8Array {
  const check = blocks.some(({ sum }) => sum !== undefined) ? 1 : 0;
  const magic = Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0);
  const pieces = [magic, summed(Uint8Array.of(0, check))];
  const records = blocks.map((block) => {
    const { coded, size, sum } = block;
    const head = headOf(block);
    const sums = sum === undefined ? new Uint8Array(0) : u32Of(sum);
    pieces.push(head, padded(coded), sums);
    const unpadded = head.length + coded.length + sums.length + (lies.unpadded ?? 0);
    return [...sevens(unpadded), ...sevens(size)];
  });
  const { count = sevens(blocks.length) } = lies;
  const index = padded(Uint8Array.from([0, ...count, ...records.flat()]));
  pieces.push(summed(index));
  const indexBytes = index.length + 4 + (lies.indexBytes ?? 0);
  const footer = concatBytes([u32Of(indexBytes / 4 - 1), Uint8Array.of(0, lies.check ?? check)]);
  pieces.push(u32Of(crc32(footer)), footer, Uint8Array.of(0x59, 0x5a));
  return concatBytes(pieces);
}

function headOf({ window = 0x16, saysCoded, saysDecoded }: XzParts): Uint8Array {
  const flags = (saysCoded === undefined ? 0 : 0x40) | (saysDecoded === undefined ? 0 : 0x80);
  const said = [saysCoded, saysDecoded].flatMap((one) => (one === undefined ? [] : sevens(one)));
  const head = padded(Uint8Array.from([0, flags, ...said, 0x21, 1, window]));
  head[0] = head.length / 4;
  return summed(head);
}

/** How a frame of zstd is to be. */
export interface ZstdParts {
  /** Whether it says how much it decodes to. */
  readonly hasSize?: boolean;
  /** The byte that says how large the window is. */
  readonly window?: number;
}

/** `bytes` as a zstd frame of stored blocks, without a sum. */
export function storedZstd(bytes: Uint8Array, parts: ZstdParts = {}): Uint8Array {
  const blocks = slices(bytes, 100_000).map((slice) => ({ kind: 0, size: slice.length, slice }));
  return zstdFrame(bytes.length, blocks, parts);
}

/** A zstd frame of `blocks`, which says that it decodes to `size` bytes. */
export function zstdFrame(
  size: number,
  blocks: readonly { readonly kind: number; readonly size: number; readonly slice: Uint8Array }[],
  { hasSize = true, window = 0x38 }: ZstdParts = {},
): Uint8Array {
  const head = [0x28, 0xb5, 0x2f, 0xfd, hasSize ? 0x80 : 0, window];
  const pieces = [Uint8Array.from(head), hasSize ? u32Of(size) : new Uint8Array(0)];
  const all = blocks.length === 0 ? [{ kind: 0, size: 0, slice: new Uint8Array(0) }] : blocks;
  for (const [index, block] of all.entries()) {
    const word = (index === all.length - 1 ? 1 : 0) | (block.kind << 1) | (block.size << 3);
    pieces.push(u32Of(word).subarray(0, 3), block.slice);
  }
  return concatBytes(pieces);
}

function sevens(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) | 128, ...sevens(Math.floor(value / 128))];
}

function padded(bytes: Uint8Array): Uint8Array {
  return concatBytes([bytes, new Uint8Array(-bytes.length & 3)]);
}

function summed(bytes: Uint8Array): Uint8Array {
  return concatBytes([bytes, u32Of(crc32(bytes))]);
}

function u32Of(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  putU32(bytes, 0, value);
  return bytes;
}
