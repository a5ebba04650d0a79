/**
 * Which image made a state: its build, in the comment of the outer gzip of state.tgz.
 *
 *   off  len
 *     0    3  1f 8b 08
 *     3    1  16: a comment follows, and no other field
 *     4    6  time, level, system
 *    10       "visorfs build=", the build as boot.cfg has it, NUL
 *             deflate
 *
 * Every gzip passes over a comment, and the tar in it stays what ESXi wants, which is one member. A
 * state that was packed anew has no record any more, and neither has one of ESXi. A build that is
 * no printable ASCII of at most 256 characters is not recorded.
 */

import { concatBytes, latin1, utf8 } from '../base/bytes.ts';
import { isGzip } from '../codec/codec.ts';

const FLAGS_OFFSET = 3;
const FIXED_BYTES = 10;
const HAS_COMMENT = 16;
const LABEL = 'visorfs build=';
const BUILD_MAX_BYTES = 256;
/** As many bytes from its start as `buildOf` looks at, in a state of any size. */
export const BUILD_RECORD_MAX_BYTES = FIXED_BYTES + LABEL.length + BUILD_MAX_BYTES + 1;
const RECORDED = new RegExp(`^${LABEL}([\\x20-\\x7e]{1,${BUILD_MAX_BYTES}})\\0`);

/** The state.tgz `blob` with `build` for its record; as it is where that cannot be recorded. */
export function withBuild(blob: Uint8Array, build: string): Uint8Array {
  const comment = `${LABEL}${build}\0`;
  if (blob[FLAGS_OFFSET] !== 0 || !RECORDED.test(comment)) return blob;
  const start = blob.slice(0, FIXED_BYTES);
  start[FLAGS_OFFSET] = HAS_COMMENT;
  return concatBytes([start, utf8(comment), blob.subarray(FIXED_BYTES)]);
}

/** The build that the state.tgz `blob` records; null where it has no record. */
export function buildOf(blob: Uint8Array): string | null {
  if (!isGzip(blob) || blob[FLAGS_OFFSET] !== HAS_COMMENT) return null;
  const end = Math.min(blob.length, BUILD_RECORD_MAX_BYTES);
  return RECORDED.exec(latin1(blob, FIXED_BYTES, end))?.[1] ?? null;
}
