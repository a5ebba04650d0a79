/**
 * gzip by pako: for every runtime that has no zlib of its own.
 *
 * pako's streaming Inflate says of input that ends early that it wants more of a buffer, or nothing
 * at all, so `ended` is asked as well.
 */

import { gzip, Inflate } from 'pako';
import { concatBytes } from '../base/bytes.ts';
import { CorruptError } from '../base/errors.ts';
import { type Codec, CUT_SHORT, gunzipHint, ofNoSystem, tooLarge } from './codec.ts';

const Z_BUF_ERROR = -5;
const CHUNK_BYTES = 64 << 10;
const OUTPUT_CHUNK_MAX_BYTES = 16 << 20;

/** gzip in plain JavaScript. */
export const portableCodec: Codec = {
  async gunzip(stored, limitBytes, archive) {
    const hint = gunzipHint(stored, limitBytes);
    const chunkSize = Math.min(OUTPUT_CHUNK_MAX_BYTES, Math.max(CHUNK_BYTES, hint + 1));
    const inflate = new Inflate({ chunkSize });
    const chunks: Uint8Array[] = [];
    let size = 0;
    inflate.onData = (chunk) => {
      size += chunk.length;
      if (size > limitBytes) throw new CorruptError(archive, 0, tooLarge(limitBytes));
      chunks.push(chunk);
    };
    inflate.push(stored, true);
    if (inflate.err === Z_BUF_ERROR || (inflate.err === 0 && !inflate.ended)) {
      throw new CorruptError(archive, 0, CUT_SHORT);
    }
    if (inflate.err !== 0) throw new CorruptError(archive, 0, `is not sound gzip: ${inflate.msg}`);
    return chunks.length === 1 ? chunks[0]! : concatBytes(chunks);
  },

  async gzip(bytes) {
    return ofNoSystem(gzip(bytes, { level: 6 }));
  },
};
