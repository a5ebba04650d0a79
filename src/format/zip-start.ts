/**
 * How a zip starts: known without all that reads one, so that whoever opens an archive can tell.
 */

import { u32 } from '../base/bytes.ts';

/** What the structures of a zip start with. */
export const SIGNATURE = { entry: 0x02014b50, local: 0x04034b50, end: 0x06054b50 } as const;

/** Whether `bytes` start as a zip does: with a member, or with the end of an empty one. */
export function isZip(bytes: Uint8Array): boolean {
  if (bytes.length < 4) return false;
  const signature = u32(bytes, 0);
  return signature === SIGNATURE.local || signature === SIGNATURE.end;
}
