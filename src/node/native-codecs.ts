/**
 * gzip by Node's own zlib, on its thread pool: several archives are decoded at once.
 *
 * The output is asked for in one piece of the size that the trailer claims, which saves the fifth
 * of the time that growing and joining costs; the claim is bounded before it is believed.
 */

import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { CorruptError } from '../base/errors.ts';
import { type Codec, CUT_SHORT, gunzipHint, ofNoSystem, tooLarge } from '../codec/codec.ts';
import { portableCodec } from '../codec/gzip.ts';
import { aligned } from '../codec/restart.ts';
import { nativeBlocks } from './native-blocks.ts';

const gunzip = promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.gunzip);
const gzip = promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.gzip);

const CHUNK_BYTES = 64 << 10;

/** gzip by node:zlib. */
export const nativeCodec: Codec = {
  async gunzip(stored, limitBytes, archive) {
    const chunkSize = Math.max(CHUNK_BYTES, gunzipHint(stored, limitBytes) + 1);
    try {
      return bare(await gunzip(stored, { chunkSize, maxOutputLength: limitBytes }));
    } catch (error) {
      const why = reason(error as NodeJS.ErrnoException, limitBytes);
      throw why === null ? error : new CorruptError(archive, 0, why);
    }
  },

  async gzip(bytes) {
    return ofNoSystem(bare(await gzip(bytes, { level: 6 })));
  },

  inflateFrom({ stored, bit, window }, size) {
    // One byte more than is wanted, so that it comes in one piece and more of it shows.
    const options = {
      chunkSize: Math.max(zlib.constants.Z_MIN_CHUNK, size + 1),
      maxOutputLength: size + 1,
      finishFlush: zlib.constants.Z_SYNC_FLUSH,
    };
    try {
      const bytes =
        bit === null
          ? zlib.gunzipSync(stored, options)
          : zlib.inflateRawSync(aligned(stored, bit), withWindow(options, window));
      return bytes.length === size ? bare(bytes) : null;
    } catch (error) {
      if (reason(error as NodeJS.ErrnoException, size) !== null) return null;
      throw error;
    }
  },

  gunzipNow(stored, limitBytes) {
    const chunkSize = Math.max(CHUNK_BYTES, gunzipHint(stored, limitBytes) + 1);
    try {
      return bare(zlib.gunzipSync(stored, { chunkSize, maxOutputLength: limitBytes }));
    } catch (error) {
      if (reason(error as NodeJS.ErrnoException, limitBytes) !== null) return null;
      throw error;
    }
  },

  blocksFrom(stored, offset) {
    return nativeBlocks(stored, offset) ?? portableCodec.blocksFrom(stored, offset);
  },

  crc32: zlib.crc32,

  sha256: async (bytes) => bare(createHash('sha256').update(bytes).digest()),

  sha1: async (bytes) => bare(createHash('sha1').update(bytes).digest()),
};

/** `options` with `window` as what was decoded ahead, if there is any. */
function withWindow(options: zlib.ZlibOptions, window: Uint8Array): zlib.ZlibOptions {
  return window.length === 0 ? options : { ...options, dictionary: window };
}

/** What `error` says of the archive; null where the fault is not the archive's. */
function reason({ code, message }: NodeJS.ErrnoException, limitBytes: number): string | null {
  if (code === 'ERR_BUFFER_TOO_LARGE') return tooLarge(limitBytes);
  if (code === 'Z_BUF_ERROR') return CUT_SHORT;
  return code?.startsWith('Z_') === true ? `is not sound gzip: ${message}` : null;
}

/** The engine has no Buffers: the same memory as a plain Uint8Array. */
function bare(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}
