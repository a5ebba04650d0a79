/**
 * Large gzips by the browser itself, which is faster than JavaScript, says how far it is and can be
 * stopped. Whatever it does not like, or claims too much, is left to the engine, which says why.
 */

import type { Task } from './task.ts';

/** Below this the engine is done before anybody sees a bar. */
const LARGE_BYTES = 4 << 20;
/** As the engine: what any archive may decode to at the most. */
const DECODED_MAX_BYTES = 2 ** 31;
const TRAILER_BYTES = 4;

/**
 * What the gzip `file` holds, which messages call `name`; null where it is small, no gzip, not one
 * sound member, or decodes to more than it may. Rejects where `task` is cancelled.
 */
export async function gunzipped(file: Blob, name: string, task: Task): Promise<Uint8Array | null> {
  if (file.size < LARGE_BYTES) return null;
  const [first, second] = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  if (first !== 0x1f || second !== 0x8b) return null;
  const trailer = new DataView(await file.slice(-TRAILER_BYTES).arrayBuffer());
  const claimed = trailer.getUint32(0, true);
  if (claimed > DECODED_MAX_BYTES) return null;
  const reader = file.stream().pipeThrough(new DecompressionStream('gzip')).getReader();
  try {
    const plain = new Uint8Array(claimed);
    for (let size = 0; ; ) {
      const { done, value } = await reader.read();
      task.signal.throwIfAborted();
      if (done) return size === claimed ? plain : null;
      if (size + value.length > claimed) return null;
      plain.set(value, size);
      size += value.length;
      task.step(size, claimed, `decompressing ${name}`);
    }
  } catch {
    // Not sound, or no memory for it: the engine finds out which, and says it in its words.
    task.signal.throwIfAborted();
    return null;
  } finally {
    // What is cancelled may reject with what was thrown already.
    reader.cancel().catch(() => {});
  }
}
