/**
 * Sums as VIBs and bundles write them.
 */

import type { Codec } from '../codec/codec.ts';

/** The kinds of sums that are known. */
export type ChecksumType = 'sha-256' | 'sha-1';

/** The sum of `bytes` by `type`, in hexadecimal. */
export async function hexSum(type: ChecksumType, bytes: Uint8Array, codec: Codec): Promise<string> {
  const sum = await (type === 'sha-1' ? codec.sha1(bytes) : codec.sha256(bytes));
  return Array.from(sum, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
