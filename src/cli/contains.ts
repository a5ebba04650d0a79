/**
 * Whether a file of a tree holds a text: a search over chunks, so that memory stays small whatever
 * the file, and Ctrl-C is heard between them.
 */

import type { VisorFs } from '../node.ts';
import type { Entry } from './entries.ts';
import { breathe, type Output, UsageError } from './output.ts';

/** What is looked through at once, in bytes. */
const CHUNK_BYTES = 1 << 20;
/** The longest text, in bytes: it is kept before each chunk. */
const MAX_TEXT_BYTES = 4096;

/** The bytes that `text` is searched by. Throws UsageError for none and for too many. */
export function neededBytes(text: string): Buffer {
  const needle = Buffer.from(text);
  if (needle.length > 0 && needle.length <= MAX_TEXT_BYTES) return needle;
  throw new UsageError(`a text to search has 1 to ${MAX_TEXT_BYTES} bytes, not ${needle.length}`);
}

/** Whether `entry` is a file with `needle` in its content. Throws as `open` and `read`. */
export async function contains(
  vfs: VisorFs,
  { type, bytes, attributes }: Entry,
  needle: Buffer,
  out: Output,
): Promise<boolean> {
  if (type !== 'file' || attributes.size < needle.length) return false;
  const { fs } = vfs;
  const descriptor = fs.openSync(Buffer.from(bytes), 'r');
  try {
    const overlap = needle.length - 1;
    const window = Buffer.allocUnsafe(overlap + Math.min(CHUNK_BYTES, attributes.size));
    let kept = 0;
    for (;;) {
      const count = fs.readSync(descriptor, window, kept, window.length - kept, null);
      if (count === 0) return false;
      const end = kept + count;
      if (window.subarray(0, end).includes(needle)) return true;
      kept = Math.min(overlap, end);
      window.copyWithin(0, end - kept, end);
      if (end === window.length) await breathe(out);
    }
  } finally {
    fs.closeSync(descriptor);
  }
}
