/**
 * How an encrypted state is told from a plain one, which takes no cipher: by its member's name and
 * magic, which stand where they do since deflate stores them (sealed.ts).
 */

import { latin1 } from '../base/bytes.ts';

/** What a state is encrypted with: a passphrase, or a key of 32 bytes. */
export type StateKey = string | Uint8Array;

export const STATE_KEY_BYTES = 32;

/** Throws RangeError where `key` is none: an empty passphrase, or not 32 bytes. */
export function checkStateKey(key: StateKey): void {
  if (typeof key === 'string' ? key !== '' : key.length === STATE_KEY_BYTES) return;
  throw new RangeError(`a key of a state is a passphrase, or ${STATE_KEY_BYTES} bytes`);
}

export const SEALED_FILE = 'local.tgz.ve';
export const SEALED_MAGIC = 'VFSSTATE';

/** Where the tar starts in the file: behind the head of gzip and that of a stored block. */
const TAR_OFFSET = 15;
const SEALED_OFFSET = TAR_OFFSET + 512;

/** Whether the state.tgz `blob` was encrypted here; whether it is whole is not looked at. */
export function isSealed(blob: Uint8Array): boolean {
  const reads = (what: string, offset: number): boolean =>
    latin1(blob, offset, Math.min(blob.length, offset + what.length)) === what;
  return reads(`${SEALED_FILE}\0`, TAR_OFFSET) && reads(SEALED_MAGIC, SEALED_OFFSET);
}
