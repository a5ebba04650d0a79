/**
 * Memory for what is written, that the system gets back when it is given up.
 *
 * Node's ordinary buffers come from malloc, which keeps what is freed: after 100,000 files were
 * removed the process still had all of their memory. A buffer that may be resized is mapped by
 * itself, and unmapped with it; reading and writing 4 KiB of one costs the same.
 *
 * Not for browsers: there many calls of the platform take no view of such a buffer.
 */

interface ResizableBuffers {
  new (size: number, options: { readonly maxByteLength: number }): ArrayBuffer;
}

/** Below this malloc has it back for the next small thing, and mapping costs more than it saves. */
const MAPPED_MIN_BYTES = 128 << 10;

/** A slab of `size` bytes. */
export function returnedSlab(size: number): Uint8Array {
  if (size < MAPPED_MIN_BYTES) return new Uint8Array(size);
  const Resizable = ArrayBuffer as unknown as ResizableBuffers;
  return new Uint8Array(new Resizable(size, { maxByteLength: size }), 0, size);
}
