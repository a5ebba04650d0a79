/**
 * The least that reading a tar can be: sizes and names of plain ustar headers, nothing checked.
 *
 * It is the floor under mounting, and what fills the rivals at their best: a copy loop by hand,
 * without streams.
 */

import { gunzipSync } from 'node:zlib';
import { u32 } from '../../src/base/bytes.ts';
import { BLOCK_BYTES } from '../../src/format/tar-header.ts';
import type { Fs } from '../peers.ts';

const PREFIX_OFFSET = 345;
const SIZE_OFFSET = 124;
const SIZE_DIGITS = 11;
const TYPEFLAG_OFFSET = 156;
const DIRECTORY = 0x35;

/**
 * Calls `visit` for every entry of the ustar archive `bytes`; paths start with `/` and do not end
 * so.
 */
export function walkBareTar(
  bytes: Uint8Array,
  visit: (path: string, isDirectory: boolean, start: number, size: number) => void,
): void {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; bytes[at] !== 0; ) {
    let size = 0;
    for (let index = 0; index < SIZE_DIGITS; index++) {
      size = size * 8 + bytes[at + SIZE_OFFSET + index]! - 0x30;
    }
    const isDirectory = bytes[at + TYPEFLAG_OFFSET] === DIRECTORY;
    const prefix = field(text, at + PREFIX_OFFSET, 155);
    const name = field(text, at, 100);
    const path = prefix === '' ? `/${name}` : `/${prefix}/${name}`;
    visit(isDirectory ? path.slice(0, -1) : path, isDirectory, at + BLOCK_BYTES, size);
    at += BLOCK_BYTES + Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES;
  }
}

/** Writes every file of the ustar archive `bytes` into `fs` below `root`. */
export function copyTar(bytes: Uint8Array, fs: Fs, root: string): void {
  walkBareTar(bytes, (path, isDirectory, start, size) => {
    if (isDirectory) fs.mkdirSync(root + path, { recursive: true });
    else fs.writeFileSync(root + path, bytes.subarray(start, start + size));
  });
}

function field(bytes: Buffer, start: number, length: number): string {
  let end = start;
  while (end < start + length && bytes[end] !== 0) end += 1;
  return bytes.toString('latin1', start, end);
}

/**
 * `archive` without gzip: in one piece of the size that its trailer claims, which is the fastest
 * way.
 */
export function gunzipped(archive: Uint8Array): Uint8Array {
  if (archive[0] !== 0x1f || archive[1] !== 0x8b) return archive;
  return gunzipSync(archive, { chunkSize: Math.max(64, u32(archive, archive.length - 4) + 1) });
}
