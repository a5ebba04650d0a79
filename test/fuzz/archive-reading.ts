/**
 * Reading an archive that may be anything, through the front doors, and what must hold of it.
 *
 *   1. it is opened, or refused with a CorruptError
 *   2. what can be opened can be read whole, and reads the same however it was opened: in memory,
 *      from a Source that has nothing there, by a seek index, by pako in place of zlib
 *   3. no header is read twice
 *   4. a tar, and the tar that comes back from its visor tar, make the same visor tar
 *
 * Not here: that it ends, and in how much memory (archive-worker.ts, archive-meter.ts).
 */

import { concatBytes } from '../../src/base/bytes.ts';
import { PATH_MAX_BYTES } from '../../src/base/limits.ts';
import { bytesSource, type Source } from '../../src/base/source.ts';
import { crc32 } from '../../src/codec/crc32.ts';
import { arMembers } from '../../src/format/ar.ts';
import { tarEntries } from '../../src/format/tar-record.ts';
import * as portable from '../../src/index.ts';
import {
  type Converted,
  CorruptError,
  Image,
  openBundle,
  openTardisks,
  openVib,
  openVibPackage,
  packVisorTar,
  type Tardisk,
  unpackVisorTar,
  VisorFs,
  verifyBundle,
  verifyVib,
} from '../../src/node.ts';
import { countingSource } from '../format/counting-source.ts';
import type { Prng } from '../support/prng.ts';
import { type ArchiveKind, kindOf } from './archive-specimens.ts';

/** What an archive may decode to, in bytes: enough for every specimen, and soon reached. */
export const DECODED_LIMIT_BYTES = 8 << 20;

/** Of a longer file only its start and its end are read: sparse ones may claim 8 TiB. */
const PIECE_BYTES = 64 << 10;

/** Of what is longer the conversions are left out. */
const CONVERTED_MAX_BYTES = 1 << 20;

const OPTIONS = { name: 'fuzzed', maxDecodedBytes: DECODED_LIMIT_BYTES };

/**
 * Reads `bytes` in the ways that `random` picks. Returns what is in them, or why they are refused;
 * throws where one of the rules above is broken.
 */
export async function reading(
  bytes: Uint8Array,
  random: Prng,
): Promise<{ readonly isRead: boolean; readonly what: string }> {
  const kind = kindOf(bytes);
  checkWalk(bytes, kind);
  const told = await outcome(() => openTardisks(bytes, OPTIONS));
  const others: readonly Opening[] = [
    () => openTardisks(sourceOf(bytes), OPTIONS),
    () => openTardisks(bytes, { ...OPTIONS, index: 'make' }),
    () => portable.openTardisks(bytes, OPTIONS),
    ...(kind === 'vib' ? [async () => (await openVib(bytes, OPTIONS)).tardisks] : []),
  ];
  const again = await outcome(random.pick(others));
  if (again.isRead !== told.isRead || (told.isRead && again.what !== told.what)) {
    throw new Error(`reads in two ways:\n  ${told.what}\n  ${again.what}`);
  }
  if (told.isRead && kind !== 'vib' && kind !== 'zip') await checkConversion(bytes);
  if (kind === 'vib') await checkVerdict(() => verdictOfVib(bytes));
  if (kind === 'zip') await checkVerdict(() => verdictOfBundle(bytes));
  return told;
}

type Opening = () => Promise<readonly Tardisk[]>;

async function outcome(
  open: Opening,
): Promise<{ readonly isRead: boolean; readonly what: string }> {
  let tardisks: readonly Tardisk[];
  try {
    tardisks = await open();
  } catch (error) {
    if (error instanceof CorruptError) return { isRead: false, what: error.message };
    throw error;
  }
  return { isRead: true, what: contentOf(tardisks) };
}

/** What does not hold is listed; only what cannot be read at all may be refused. */
async function checkVerdict(verify: () => Promise<unknown>): Promise<void> {
  try {
    await verify();
  } catch (error) {
    if (!(error instanceof CorruptError)) throw error;
  }
}

async function verdictOfVib(bytes: Uint8Array): Promise<unknown> {
  const vib = await openVibPackage(bytes);
  try {
    return await verifyVib(vib);
  } finally {
    vib.close();
  }
}

async function verdictOfBundle(bytes: Uint8Array): Promise<unknown> {
  const bundle = await openBundle(bytes);
  try {
    return await verifyBundle(bundle);
  } finally {
    bundle.close();
  }
}

/** Headers are read alike wherever they lie, and not twice. */
function checkWalk(bytes: Uint8Array, kind: ArchiveKind): void {
  if (!['tar', 'visor', 'vib'].includes(kind)) return;
  const read: (source: Source) => readonly unknown[] = kind === 'vib' ? arMembers : tarEntries;
  const survivors = (source: Source): string => {
    try {
      return JSON.stringify(read(source));
    } catch (error) {
      if (error instanceof CorruptError) return error.message;
      throw error;
    }
  };
  const source = bytesSource(bytes, 'fuzzed');
  const counting = countingSource(source);
  const [one, other] = [survivors(source), survivors(counting)];
  if (one !== other) throw new Error(`walks in two ways:\n  ${one}\n  ${other}`);
  // But for a header whose long data may hold it as well.
  if (counting.readBytes > 2 * bytes.length + 512) {
    throw new Error(`${counting.readBytes} bytes are read of ${bytes.length}`);
  }
}

/** `bytes` as a Source that has nothing in memory. */
function sourceOf(bytes: Uint8Array): Source {
  return { ...bytesSource(bytes, 'fuzzed'), resident: () => null };
}

/** All names of `tardisks`, with what `stat` says and sums of what files hold. */
function contentOf(tardisks: readonly Tardisk[]): string {
  const lines = tardisks.map((tardisk) => {
    const vfs = new VisorFs(Image.of(tardisk));
    const said = [...entriesOf(vfs)].join('\n');
    vfs.release();
    return `${tardisk.fileCount} files, ${tardisk.contentBytes} bytes\n${said}`;
  });
  for (const tardisk of tardisks) tardisk.close();
  return lines.join('\n');
}

const SLASH = Buffer.from('/');

function* entriesOf({ fs }: VisorFs): Generator<string> {
  const pending: Buffer[] = [Buffer.from('/')];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    if (path.length >= PATH_MAX_BYTES) {
      yield `${path.toString('hex')} is too long`;
      continue;
    }
    const stats = fs.lstatSync(path);
    const { mode, uid, gid, size, nlink, mtimeMs, rdev } = stats;
    let content = '';
    if (stats.isDirectory()) {
      for (const name of fs.readdirSync(path, 'buffer')) {
        pending.push(Buffer.concat(path.length === 1 ? [path, name] : [path, SLASH, name]));
      }
    } else if (stats.isSymbolicLink()) content = String(fs.readlinkSync(path, 'hex'));
    else if (stats.isFile()) content = sums(fs, path, size);
    yield [path.toString('hex'), mode, uid, gid, size, nlink, mtimeMs, rdev, content].join(' ');
  }
}

function sums(fs: VisorFs['fs'], path: Buffer, size: number): string {
  const descriptor = fs.openSync(path, 'r');
  const piece = new Uint8Array(Math.min(PIECE_BYTES, size));
  const sumAt = (offset: number): number => {
    const count = fs.readSync(descriptor, piece, 0, piece.length, offset);
    if (count !== piece.length) throw new Error(`${count} bytes at ${offset} of ${size}`);
    return crc32(piece);
  };
  const both = [sumAt(0), sumAt(size - piece.length)];
  fs.closeSync(descriptor);
  return both.join(' ');
}

/** Into a visor tar, from that into a tar, and from that into a visor tar, which is the first. */
async function checkConversion(bytes: Uint8Array): Promise<void> {
  let first: Uint8Array | null;
  try {
    first = wholeOf(await packVisorTar(bytes));
  } catch (error) {
    // Visor headers hold less than others.
    if (error instanceof CorruptError) return;
    throw error;
  }
  if (first === null) return;
  const tar = wholeOf(await unpackVisorTar(first).catch(emptyOf(first)));
  if (tar === null || tar.length === 0) return;
  const second = wholeOf(await packVisorTar(tar));
  if (second === null || Buffer.compare(first, second) !== 0) {
    throw new Error('the visor tar of a tar of a visor tar is another');
  }
}

/** A visor tar without entries is no visor tar, as nothing in it says that it is one. */
function emptyOf(first: Uint8Array): (error: unknown) => Converted {
  return (error) => {
    if (!(error instanceof CorruptError) || first.some((byte) => byte !== 0)) throw error;
    return { size: 0, paths: [], layout: null, pieces: () => [], close() {} };
  };
}

function wholeOf(converted: Converted): Uint8Array | null {
  try {
    if (converted.size > CONVERTED_MAX_BYTES) return null;
    return concatBytes([...converted.pieces()]);
  } finally {
    converted.close();
  }
}
