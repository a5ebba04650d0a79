/**
 * Writing an eStargz: a gzipped tar that any gunzip and tar read, and that is mounted, here and by
 * container tools, without being decoded.
 *
 *   member    headers | chunk | headers | chunk | chunk | headers | table | footer
 *   tar       …………………   4 MiB   padding,          rest    padding,  a file of
 *                               …………………                    …………………   its own
 *
 * Each chunk of a file is a gzip member by itself; what is between the data of two files (padding,
 * headers) is one too. Entries keep their order and all that a Tardisk knows of them; sparse files
 * lose their holes, and pax records of other kinds (extended attributes) are left out. The same
 * archive gives the same bytes with the same codec.
 *
 * Not here: what the table says (format/stargz-toc.ts), what an archive is (open.ts).
 */

import { concatBytes, isUtf8, text } from '../base/bytes.ts';
import { CorruptError } from '../base/errors.ts';
import { SEAL_CHUNK_BYTES } from '../base/limits.ts';
import type { Source } from '../base/source.ts';
import type { Codec } from '../codec/codec.ts';
import { encodeFooter } from '../codec/stargz-footer.ts';
import {
  type DigestedChunk,
  type DigestedEntry,
  encodeToc,
  TOC_NAME,
} from '../format/stargz-toc.ts';
import { BLOCK_BYTES } from '../format/tar-header.ts';
import { encodeTarEntry, paddingOf } from '../format/tar-write.ts';
import { type KeptEntry, keptEntries, readKept } from './kept-entries.ts';
import { openPlainTar } from './open.ts';

/** A sealed archive. */
export interface Sealed {
  /** The eStargz, in pieces, as it is made: what is joined or written one after the other. */
  readonly pieces: readonly Uint8Array[];
  readonly size: number;
  readonly entryCount: number;
  /** SHA-256 of the table, in hexadecimal: what registries keep as `toc.digest`. */
  readonly tocDigest: string;
}

/** How to seal. */
export interface SealOptions {
  /** Called after each entry. */
  readonly onProgress?: (progress: { readonly done: number; readonly count: number }) => void;
}

/**
 * The tar in `stored`, of any kind, compressed or not, as an eStargz; `stored` is closed. Throws
 * CorruptError where it lies, or a name is no text, which a table cannot have, or sparse files have
 * more holes than can be written.
 */
export async function seal(
  stored: Source,
  codec: Codec,
  { onProgress }: SealOptions = {},
): Promise<Sealed> {
  const source = await openPlainTar(stored, codec);
  try {
    return await sealed(source, codec, onProgress);
  } finally {
    source.close();
  }
}

async function sealed(
  source: Source,
  codec: Codec,
  onProgress: SealOptions['onProgress'],
): Promise<Sealed> {
  const entries = sealedEntries(source);
  const writer = new Writer(codec);
  const table: DigestedEntry[] = [];
  for (const [index, entry] of entries.entries()) {
    writer.add(headerOf(entry, source.name));
    const file = entry.kind === 'file' ? await writer.addFile(source, entry) : NO_FILE;
    table.push({ ...entry, ...file });
    onProgress?.({ done: index + 1, count: entries.length });
  }
  await writer.flush();
  const toc = encodeToc(table);
  const tocOffset = writer.size;
  const header = encodeTarEntry({ ...TOC_ENTRY, size: toc.length });
  writer.add(concatBytes([header, toc, new Uint8Array(paddingOf(toc.length) + 2 * BLOCK_BYTES)]));
  await writer.flush();
  writer.pieces.push(encodeFooter(tocOffset));
  return {
    pieces: writer.pieces,
    size: writer.pieces.reduce((sum, { length }) => sum + length, 0),
    entryCount: entries.length,
    tocDigest: hex(await codec.sha256(toc)),
  };
}

const NO_FILE = { chunks: [], digest: null } as const;

const TOC_ENTRY = {
  kind: 'file',
  path: Uint8Array.from(TOC_NAME, (letter) => letter.charCodeAt(0)),
  target: new Uint8Array(0),
  mode: 0o444,
  uid: 0,
  gid: 0,
  uname: '',
  gname: '',
  mtimeSeconds: 0,
  mtimeNanoseconds: 0,
  deviceMajor: 0,
  deviceMinor: 0,
} as const;

/** All entries of `source`, but for a table that is there from an earlier time. */
function sealedEntries(source: Source): KeptEntry[] {
  return keptEntries(source).filter((entry) => {
    checkText(entry, entry.path, source.name);
    checkText(entry, entry.target, source.name);
    return text(entry.path) !== TOC_NAME;
  });
}

function checkText({ headerOffset }: KeptEntry, bytes: Uint8Array, archive: string): void {
  if (isUtf8(bytes)) return;
  const claim = `'${text(bytes)}' is no UTF-8, and a table of contents has only text`;
  throw new CorruptError(archive, headerOffset, claim);
}

function headerOf(entry: KeptEntry, archive: string): Uint8Array {
  try {
    return encodeTarEntry(entry);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new CorruptError(archive, entry.headerOffset, error.message);
  }
}

/** What is written so far, and what waits for its member. */
class Writer {
  readonly pieces: Uint8Array[] = [];
  size = 0;
  readonly #codec: Codec;
  #waiting: Uint8Array[] = [];

  constructor(codec: Codec) {
    this.#codec = codec;
  }

  /** Adds `bytes` to the member at hand. */
  add(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#waiting.push(bytes);
  }

  /** Writes the member at hand. */
  async flush(): Promise<void> {
    if (this.#waiting.length === 0) return;
    const member = await this.#codec.gzip(concatBytes(this.#waiting));
    this.#waiting = [];
    this.pieces.push(member);
    this.size += member.length;
  }

  /** Writes the data of `entry`, a member for each chunk. */
  async addFile(
    source: Source,
    entry: KeptEntry,
  ): Promise<Pick<DigestedEntry, 'chunks' | 'digest'>> {
    const content = readKept(source, entry, 0, entry.size);
    const chunks: DigestedChunk[] = [];
    for (let offset = 0; offset < content.length; offset += SEAL_CHUNK_BYTES) {
      await this.flush();
      const chunk = content.subarray(offset, offset + SEAL_CHUNK_BYTES);
      const place = { storedOffset: this.size, skipped: 0, offset, size: chunk.length };
      chunks.push({ ...place, digest: hex(await this.#codec.sha256(chunk)) });
      this.add(chunk);
    }
    await this.flush();
    this.add(new Uint8Array(paddingOf(content.length)));
    return { chunks, digest: hex(await this.#codec.sha256(content)) };
  }
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
