/**
 * gzip by pako: for every runtime that has no zlib of its own.
 *
 * pako's streaming Inflate says of input that ends early that it wants more of a buffer, or nothing
 * at all, so `ended` is asked as well.
 */

import {
  gzip,
  Inflate,
  Z_BLOCK,
  Z_BUF_ERROR,
  Z_OK,
  Z_STREAM_END,
  Z_SYNC_FLUSH,
  ZStream,
  zlibInflate,
  zlibInflateInit2,
  zlibInflateSetDictionary,
} from 'pako';
import { assert } from '../base/assert.ts';
import { concatBytes } from '../base/bytes.ts';
import { CorruptError } from '../base/errors.ts';
import {
  type BlockInflater,
  type Codec,
  CUT_SHORT,
  gunzipHint,
  ofNoSystem,
  tooLarge,
} from './codec.ts';
import { crc32 } from './crc32.ts';
import { aligned } from './restart.ts';

/** What zlib calls deflate without any header, in its largest window. */
const RAW_WINDOW_BITS = -15;
const CHUNK_BYTES = 64 << 10;
const OUTPUT_CHUNK_MAX_BYTES = 16 << 20;

/** gzip in plain JavaScript. */
export const portableCodec: Codec = {
  async gunzip(stored, limitBytes, archive) {
    return gunzipped(stored, limitBytes, archive);
  },

  async gzip(bytes) {
    return ofNoSystem(gzip(bytes, { level: 6 }));
  },

  inflateFrom({ stored, bit, window }, size) {
    if (bit === null) return members(stored, size);
    const stream = rawStream(aligned(stored, bit), 0);
    if (window.length > 0) zlibInflateSetDictionary(stream, window);
    // One byte more than is wanted, so that a stream that gives more shows it.
    stream.output = new Uint8Array(size + 1);
    stream.avail_out = size + 1;
    const status = zlibInflate(stream, Z_SYNC_FLUSH);
    const isSound = status === Z_OK || status === Z_STREAM_END || status === Z_BUF_ERROR;
    return isSound && stream.next_out === size ? stream.output.subarray(0, size) : null;
  },

  blocksFrom: (stored, offset) => new PortableBlocks(stored, offset),

  gunzipNow(stored, limitBytes) {
    try {
      return gunzipped(stored, limitBytes, '');
    } catch (error) {
      if (error instanceof CorruptError) return null;
      throw error;
    }
  },

  crc32,

  sha256: (bytes) => digest('SHA-256', bytes),

  sha1: (bytes) => digest('SHA-1', bytes),
};

async function digest(algorithm: string, bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest(algorithm, bytes as Uint8Array<ArrayBuffer>));
}

/** As `gunzip` of the codec. */
function gunzipped(stored: Uint8Array, limitBytes: number, archive: string): Uint8Array {
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
  if (inflate.err === Z_BUF_ERROR || (inflate.err === Z_OK && !inflate.ended)) {
    throw new CorruptError(archive, 0, CUT_SHORT);
  }
  if (inflate.err !== Z_OK) {
    throw new CorruptError(archive, 0, `is not sound gzip: ${inflate.msg}`);
  }
  return chunks.length === 1 ? chunks[0]! : concatBytes(chunks);
}

/** What the gzip members in `stored` decode to: `size` bytes, or null. The last may be cut. */
function members(stored: Uint8Array, size: number): Uint8Array | null {
  const inflate = new Inflate({ chunkSize: size + 1 });
  let only: Uint8Array | null = null;
  let count = 0;
  inflate.onData = (chunk) => {
    count += chunk.length;
    if (chunk.length === size) only = chunk;
  };
  inflate.push(stored, Z_SYNC_FLUSH);
  const isSound = inflate.err === Z_OK || inflate.err === Z_BUF_ERROR;
  return isSound && count === size ? only : null;
}

function rawStream(input: Uint8Array, offset: number): ZStream {
  const stream = new ZStream();
  const status = zlibInflateInit2(stream, RAW_WINDOW_BITS);
  assert(status === Z_OK, 'pako inflates');
  stream.input = input;
  stream.next_in = offset;
  stream.avail_in = input.length - offset;
  return stream;
}

class PortableBlocks implements BlockInflater {
  storedOffset: number;
  offset = 0;
  readonly #stream: ZStream;

  constructor(stored: Uint8Array, offset: number) {
    this.storedOffset = offset;
    this.#stream = rawStream(stored, offset);
  }

  next(target: Uint8Array, offset: number): ReturnType<BlockInflater['next']> {
    const stream = this.#stream;
    stream.output = target as Uint8Array<ArrayBuffer>;
    stream.next_out = offset;
    stream.avail_out = target.length - offset;
    const status = zlibInflate(stream, Z_BLOCK);
    this.storedOffset = stream.next_in;
    this.offset = stream.next_out;
    if (status === Z_STREAM_END) return 'end';
    if (status !== Z_OK && status !== Z_BUF_ERROR) return 'broken';
    if (stream.avail_in === 0) return 'cut';
    return stream.avail_out === 0 ? 'full' : 'block';
  }
}
