/**
 * A file of the browser as a Source and as a Disk: read where it lies, never whole.
 *
 * FileReaderSync, which only workers have, gives bytes at once; so a tar of any size is mounted by
 * reading its headers. Small reads go through a few blocks that are kept, since each read of a file
 * is a message to another process of the browser.
 */

import { CorruptError, type Disk, type Source, VisorError } from '../../index.ts';

const BLOCK_BYTES = 256 << 10;
/** 8 MiB for each file that is open, at the most. */
const BLOCKS_MAX_COUNT = 32;

/** Of the types of workers, which this project has not, the one class that is used. */
declare class FileReaderSync {
  readAsArrayBuffer(blob: Blob): ArrayBuffer;
}

/** `blob` as a Source that messages call `name`. */
export function blobSource(blob: Blob, name: string): Source {
  const reader = new FileReaderSync();
  const blocks = new Map<number, Uint8Array>();
  const read = (start: number, end: number): Uint8Array =>
    new Uint8Array(reader.readAsArrayBuffer(blob.slice(start, end)));
  const block = (index: number): Uint8Array => {
    const bytes =
      blocks.get(index) ??
      read(index * BLOCK_BYTES, Math.min(blob.size, (index + 1) * BLOCK_BYTES));
    // The one that was used last is the last to go.
    blocks.delete(index);
    blocks.set(index, bytes);
    if (blocks.size > BLOCKS_MAX_COUNT) blocks.delete(blocks.keys().next().value!);
    return bytes;
  };
  return {
    name,
    size: blob.size,
    readInto(target, offset) {
      const end = offset + target.length;
      if (offset < 0 || end > blob.size) {
        const claim = `a read has ${target.length} bytes here, but the archive ends before`;
        throw new CorruptError(name, offset, claim);
      }
      if (target.length >= BLOCK_BYTES) {
        target.set(read(offset, end));
        return;
      }
      for (let at = offset; at < end; ) {
        const index = Math.floor(at / BLOCK_BYTES);
        const start = at - index * BLOCK_BYTES;
        const piece = block(index).subarray(start, start + end - at);
        target.set(piece, at - offset);
        at += piece.length;
      }
    },
    resident: () => null,
    close: () => blocks.clear(),
  };
}

/** `blob` as a Disk that nobody writes to: EROFS. */
export function blobDisk(blob: Blob, name: string): Disk {
  return {
    name,
    size: blob.size,
    read: async (offset, length) => {
      if (offset < 0 || offset + length > blob.size) {
        throw new CorruptError(name, offset, `a read has ${length} bytes here: there are fewer`);
      }
      return new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer());
    },
    write: async () => {
      throw new VisorError('EROFS');
    },
    sync: async () => {},
    close: () => {},
  };
}
