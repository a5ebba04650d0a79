/**
 * What a caller may hand in as an archive, on any runtime.
 */

import { bytesSource, type Source } from '../base/source.ts';

/** An archive in hand. Bytes are kept, not copied: they must not change while it is mounted. */
export type ArchiveBytes = Uint8Array | ArrayBuffer | Blob | Source;

/**
 * `input` as a Source; `name` is what messages call bytes that have none. Throws TypeError for
 * anything else.
 */
export async function sourceOf(input: ArchiveBytes, name: string): Promise<Source> {
  if (input instanceof Uint8Array) return bytesSource(input, name);
  if (input instanceof ArrayBuffer) return bytesSource(new Uint8Array(input), name);
  if (typeof Blob === 'function' && input instanceof Blob) {
    return bytesSource(new Uint8Array(await input.arrayBuffer()), name);
  }
  if (isSource(input)) return input;
  throw new TypeError('an archive is bytes, a Blob or a Source; paths are for Node');
}

function isSource(input: unknown): input is Source {
  return typeof input === 'object' && input !== null && 'readInto' in input && 'size' in input;
}
