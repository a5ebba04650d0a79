/**
 * How an ar archive starts: known without all that reads one, so that whoever opens an archive can
 * tell.
 */

import { utf8 } from '../base/bytes.ts';

/** What it starts with. */
export const AR_MAGIC = utf8('!<arch>\n');

/** Whether `bytes` start as an ar archive does. */
export function isAr(bytes: Uint8Array): boolean {
  return AR_MAGIC.every((byte, index) => bytes[index] === byte);
}
