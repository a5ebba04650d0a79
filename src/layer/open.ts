/**
 * The door for archives: from bytes of any kind to a Tardisk.
 *
 *   gzip, xz, zstd, LZMA  ──►  tar in any dialect, visor tar        ──►  Tardisk
 *   one in the other      ──►  VIB: ar with descriptor and payloads ──►  Tardisk per payload
 *
 * What an archive is, its bytes say; its name is never asked. This is the one place that awaits:
 * whatever must be decoded is decoded here, within a limit that follows from what is stored
 * (base/limits.ts), and everything after is synchronous.
 *
 * A gzipped tar whose seek index is at hand is not decoded (seek.ts).
 *
 * Whoever opens a Source here gives it away: it is closed where it is not needed any more or where
 * opening fails, else with the Tardisk.
 */

import { CorruptError, ForeignError } from '../base/errors.ts';
import { decodedLimitBytes } from '../base/limits.ts';
import type { Source } from '../base/source.ts';
import type { Codec } from '../codec/codec.ts';
import { isAr } from '../format/ar-start.ts';
import { looksLikeTar } from '../format/tar-header.ts';
import { decoded, headOf, index, isTar, startsAsGzip, whatItIs } from './plain.ts';
import type { IndexPlace } from './seek.ts';
import { Tardisk } from './tardisk.ts';
import type { Vib } from './vib.ts';

export type { Vib } from './vib.ts';

const TAR = 'wanted is tar or visor tar, compressed or not';

/** How to open an archive. */
export interface OpenOptions {
  /**
   * What to call it; the name of the source unless said. Of a VIB, the names of its payloads count.
   */
  readonly name?: string;
  /** What it may decode to, in bytes: follows from its stored size unless said. */
  readonly maxDecodedBytes?: number;
  /**
   * Of a gzipped tar, its seek index: then it is not decoded, but where it is read. 'make' makes
   * the index, for `seekIndexOf`. Nothing else is opened in another way by it.
   */
  readonly index?: Uint8Array | 'make';
  /** What is kept of what was decoded by a seek index, in bytes: 16 MiB at most unless said. */
  readonly cacheBytes?: number;
}

/** As OpenOptions, with an index that is kept somewhere: made where it is not there, or stale. */
export interface OpenPlaceOptions extends Omit<OpenOptions, 'index'> {
  readonly index?: Uint8Array | 'make' | IndexPlace;
}

/**
 * Indexes the archive in `source`: a tar of any kind gives one tardisk, a VIB one for each payload.
 * Throws CorruptError where it lies or decodes to more than it may, ForeignError where it is
 * neither.
 */
export function openTardisks(
  source: Source,
  codec: Codec,
  options: OpenPlaceOptions = {},
): Promise<readonly Tardisk[]> {
  return owning(source, async () => {
    const limit = options.maxDecodedBytes ?? decodedLimitBytes(source.size);
    const seeking = await sought(source, codec, limit, options);
    if (seeking instanceof Tardisk) return [seeking];
    const plain = await decoded(source, codec, limit, seeking);
    const head = headOf(plain);
    if (isAr(head) && !looksLikeTar(head)) return (await vibIn(plain, codec, limit)).tardisks;
    return [index(plain, head, options.name ?? source.name, source.size)];
  });
}

/**
 * As `openTardisks`, for what holds exactly one; a VIB of several payloads, or none, is refused.
 */
export async function openTardisk(
  source: Source,
  codec: Codec,
  options: OpenPlaceOptions = {},
): Promise<Tardisk> {
  const tardisks = await openTardisks(source, codec, options);
  const [only] = tardisks;
  if (only !== undefined && tardisks.length === 1) return only;
  const claim = `is a VIB with ${tardisks.length} payloads to mount: open it as a VIB`;
  throw new CorruptError(source.name, 0, claim);
}

/**
 * Opens the VIB in `source` with all its payloads. Throws CorruptError where it is none or lies.
 */
export function openVib(source: Source, codec: Codec, options: OpenOptions = {}): Promise<Vib> {
  const limit = options.maxDecodedBytes ?? decodedLimitBytes(source.size);
  return owning(source, () => vibIn(source, codec, limit));
}

/**
 * The tar in `source` as it is without compression, decoded whole. Throws CorruptError where it
 * lies, ForeignError where it is none.
 */
export function openPlainTar(source: Source, codec: Codec): Promise<Source> {
  return owning(source, async () => {
    const plain = await decoded(source, codec, decodedLimitBytes(source.size));
    if (isTar(plain)) return plain;
    const head = headOf(plain);
    const claim = isAr(head) ? `is a VIB, or another ar; ${TAR}` : whatItIs(head, TAR);
    throw new ForeignError(plain.name, 0, claim);
  });
}

/** Runs `open` and closes `source` where it throws. */
async function owning<T>(source: Source, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    source.close();
    throw error;
  }
}

/**
 * What `source` is where it is read without being decoded, or what was decoded on the way to that;
 * null where neither is.
 */
async function sought(
  source: Source,
  codec: Codec,
  limitBytes: number,
  options: OpenPlaceOptions,
): Promise<Tardisk | Source | null> {
  if (!(options.index instanceof Uint8Array || startsAsGzip(source))) return null;
  const { openSeeking } = await import('./seeking.ts');
  return openSeeking(source, codec, limitBytes, options);
}

/** The VIB in `plain`. Loaded with the first of them: most programs open none, and need no XML. */
async function vibIn(plain: Source, codec: Codec, limitBytes: number): Promise<Vib> {
  const { openVibIn } = await import('./vib.ts');
  return openVibIn(plain, codec, limitBytes);
}
