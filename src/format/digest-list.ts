/**
 * sha256.sum: what the modules of a bank have to be, as `sha256sum` writes and checks it.
 *
 *   e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  sb.v00
 *
 *   64 digits of the SHA-256, two blanks (or a blank and "*"), the name, a line feed
 *
 * It is in the bank beside them, and `sha256sum -c sha256.sum` there says the same as we do. Listed
 * are the modules of boot.cfg as they are stored, the kernel too, by name; not state.tgz, which
 * changes with every backup, and not boot.cfg, of which the boot loader rewrites a digit. A module
 * that is not listed is not checked, and a bank without this file has no module that is: real ESXi
 * has none. Letters of either case are one name, as the bank is FAT.
 */

import { compareBytes, isUtf8, text, utf8 } from '../base/bytes.ts';
import { CorruptError } from '../base/errors.ts';
import { DIGEST_LIST_MAX_BYTES } from '../base/limits.ts';

/** The file that it is. */
export const DIGEST_LIST = 'sha256.sum';

/** SHA-256 in hexadecimal of files by their names, these in lower case. */
export type Digests = ReadonlyMap<string, string>;

const LINE = /^([0-9a-f]{64}) [ *]([^\s/]+)$/i;

/**
 * Reads a sha256.sum; `name` is what messages call it. Throws CorruptError where a line is none of
 * that form, two give a file different sums, or it is too long.
 */
export function parseDigests(bytes: Uint8Array, name: string): Digests {
  if (bytes.length > DIGEST_LIST_MAX_BYTES) {
    throw new CorruptError(name, 0, `a list of sums of ${bytes.length} bytes`);
  }
  if (!isUtf8(bytes)) throw new CorruptError(name, 0, 'it is no text');
  const digests = new Map<string, string>();
  let offset = 0;
  for (const line of text(bytes).split('\n')) {
    if (line !== '') {
      const [, digest, file] = LINE.exec(line) ?? [];
      if (digest === undefined || file === undefined) {
        throw new CorruptError(name, offset, 'a line that is no SHA-256 and a name');
      }
      const [key, sum] = [file.toLowerCase(), digest.toLowerCase()];
      if ((digests.get(key) ?? sum) !== sum) {
        throw new CorruptError(name, offset, `a second sum for '${file}'`);
      }
      digests.set(key, sum);
    }
    offset += utf8(line).length + 1;
  }
  return digests;
}

/** A sha256.sum that says `digests`, by name: the same ones give the same bytes. */
export function encodeDigests(digests: Digests): Uint8Array {
  const sorted = [...digests].sort(([one], [other]) => compareBytes(utf8(one), utf8(other)));
  return utf8(sorted.map(([file, digest]) => `${digest}  ${file}\n`).join(''));
}
