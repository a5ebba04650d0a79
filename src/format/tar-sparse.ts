/**
 * Sparse files: where in the archive each run of a file's bytes is, and what is a hole.
 *
 *   old GNU, type 'S'   four runs in the header; while the byte behind them is set, another block
 *                       with 21 more, before the data
 *                         header 386  4 × (offset 12, length 12), 482 more follow, 483 real size 12
 *                         block    0 21 × (offset 12, length 12), 504 more follow
 *   pax 0.0             GNU.sparse.offset and GNU.sparse.numbytes in turn; GNU.sparse.size
 *   pax 0.1             GNU.sparse.map of "offset,length,…"; GNU.sparse.size
 *   pax 1.0             decimals, one a line, at the start of the data and padded to 512: how many
 *                       runs, then offset and length of each; GNU.sparse.realsize
 *
 * The runs lie in the data one right behind the other. They must rise, not overlap, end within the
 * file's real size, and need no more bytes than the data has; there is a limit on how many.
 */

import { NO_BYTES } from '../base/bytes.ts';
import { CorruptError } from '../base/errors.ts';
import { FILE_MAX_BYTES, SPARSE_PIECES_MAX_COUNT } from '../base/limits.ts';
import { checkRange, readBytes, type Source } from '../base/source.ts';
import { BLOCK_BYTES, type TarHeader } from './tar-header.ts';
import { tarNumber } from './tar-number.ts';
import { type PaxView, paxNumber } from './tar-pax.ts';

const RUNS_OFFSET = 386;
const RUNS_COUNT = 4;
const MORE_OFFSET = 482;
const REAL_SIZE_OFFSET = 483;
const BLOCK_RUNS_COUNT = 21;
const BLOCK_MORE_OFFSET = 504;
const RUN_BYTES = 24;
const NEWLINE = 0x0a;
const COMMA = 0x2c;
const ZERO = 0x30;
const NINE = 0x39;

/** As many as always make an exact number. */
const DECIMAL_DIGITS_MAX = 15;

/** Offsets and lengths in turn, as they were read; believed only once `place` has seen them all. */
export class SparseMap {
  readonly #numbers: number[] = [];
  readonly #archive: string;
  readonly #headerOffset: number;

  /** Refusals place what was wrong at `headerOffset` of `archive`. */
  constructor(archive: string, headerOffset: number) {
    this.#archive = archive;
    this.#headerOffset = headerOffset;
  }

  /** Adds the offset or the length that comes next. */
  add(number: number): void {
    if (!(number >= 0)) this.refuse('a sparse map with something else than numbers');
    if (this.#numbers.length >= 2 * SPARSE_PIECES_MAX_COUNT) {
      this.refuse(`a sparse map of more than ${SPARSE_PIECES_MAX_COUNT} pieces`);
    }
    this.#numbers.push(number);
  }

  /**
   * The runs of a file of `realSize` bytes whose data is `dataSize` bytes at `dataOffset`: (offset
   * in the file, length, offset in the archive) of each, none of them empty.
   */
  place(realSize: number, dataOffset: number, dataSize: number): Float64Array {
    const numbers = this.#numbers;
    if (realSize > FILE_MAX_BYTES) this.refuse(`a sparse file of ${realSize} bytes`);
    if (numbers.length % 2 !== 0) this.refuse('a sparse map that ends with an offset');
    const pieces: number[] = [];
    let used = 0;
    let floor = 0;
    for (let index = 0; index < numbers.length; index += 2) {
      const offset = numbers[index]!;
      const length = numbers[index + 1]!;
      if (offset < floor) this.refuse(`a sparse piece at ${offset}, before the end of another`);
      floor = offset + length;
      if (floor > realSize) this.refuse(`a sparse piece that ends past the file's ${realSize}`);
      if (length > 0) pieces.push(offset, length, dataOffset + used);
      used += length;
    }
    if (used > dataSize) this.refuse(`sparse pieces of more than the ${dataSize} bytes of data`);
    return Float64Array.from(pieces);
  }

  /** Throws CorruptError with `claim`. */
  refuse(claim: string): never {
    throw new CorruptError(this.#archive, this.#headerOffset, claim);
  }
}

/**
 * Reads the map of an old GNU header and the blocks behind it into `map`; where its data starts.
 */
export function readOldGnuMap(
  map: SparseMap,
  source: Source,
  header: TarHeader,
  headerOffset: number,
): number {
  addRuns(map, header.bytes, header.start + RUNS_OFFSET, RUNS_COUNT);
  let hasMore = header.bytes[header.start + MORE_OFFSET] !== 0;
  let offset = headerOffset + BLOCK_BYTES;
  while (hasMore) {
    const block = mapBlock(source, offset);
    addRuns(map, block, 0, BLOCK_RUNS_COUNT);
    hasMore = block[BLOCK_MORE_OFFSET] !== 0;
    offset += BLOCK_BYTES;
  }
  return offset;
}

/** The real size that an old GNU header gives; NaN where the field holds no number. */
export function oldGnuRealSize(header: TarHeader): number {
  return tarNumber(header.bytes, header.start + REAL_SIZE_OFFSET, 12);
}

/** Runs that are not used are NULs; one that is used says so even of 0, in digits. */
function addRuns(map: SparseMap, bytes: Uint8Array, start: number, count: number): void {
  for (let offset = start; offset < start + count * RUN_BYTES; offset += RUN_BYTES) {
    if (bytes[offset] === 0 || bytes[offset + 12] === 0) return;
    map.add(tarNumber(bytes, offset, 12));
    map.add(tarNumber(bytes, offset + 12, 12));
  }
}

/** The real size that pax records give, or null where they describe no sparse file. */
export function paxRealSize(pax: PaxView): number | null {
  return pax.number('GNU.sparse.realsize') ?? pax.number('GNU.sparse.size');
}

/**
 * Reads the map that pax records describe into `map`, or that the `dataSize` bytes at `dataOffset`
 * start with where the records say so. Returns how many of those bytes were the map.
 */
export function readPaxMap(
  map: SparseMap,
  source: Source,
  pax: PaxView,
  dataOffset: number,
  dataSize: number,
): number {
  const version = `${pax.number('GNU.sparse.major') ?? 0}.${pax.number('GNU.sparse.minor') ?? 0}`;
  if (version === '1.0') return readMapLines(map, source, dataOffset, dataSize);
  if (version !== '0.0' && version !== '0.1') map.refuse(`a sparse map of version ${version}`);
  const list = pax.bytes('GNU.sparse.map');
  if (list === null) {
    for (const number of pax.sparse()) map.add(number);
    return 0;
  }
  for (let start = 0; start <= list.length; ) {
    const comma = list.indexOf(COMMA, start);
    const end = comma < 0 ? list.length : comma;
    map.add(paxNumber(list.subarray(start, end)));
    start = end + 1;
  }
  return 0;
}

function readMapLines(map: SparseMap, source: Source, offset: number, size: number): number {
  const lines = new MapLines(map, source, offset, size);
  const count = lines.next();
  if (!(count <= SPARSE_PIECES_MAX_COUNT)) map.refuse(`a sparse map of ${count} pieces`);
  for (let index = 0; index < 2 * count; index++) map.add(lines.next());
  return lines.usedBytes;
}

/**
 * Decimals, one a line, block after block: no more blocks are read than the lines asked for need.
 */
class MapLines {
  usedBytes = 0;
  readonly #map: SparseMap;
  readonly #source: Source;
  readonly #offset: number;
  readonly #size: number;
  #block = NO_BYTES;
  #index = 0;

  constructor(map: SparseMap, source: Source, offset: number, size: number) {
    this.#map = map;
    this.#source = source;
    this.#offset = offset;
    this.#size = size;
  }

  next(): number {
    let value = 0;
    let digits = 0;
    for (;;) {
      if (this.#index === this.#block.length) this.#load();
      const byte = this.#block[this.#index++]!;
      if (byte === NEWLINE && digits > 0) return value;
      if (byte < ZERO || byte > NINE || ++digits > DECIMAL_DIGITS_MAX) {
        this.#map.refuse('a sparse map with something else than numbers');
      }
      value = value * 10 + (byte - ZERO);
    }
  }

  #load(): void {
    if (this.usedBytes + BLOCK_BYTES > this.#size) {
      this.#map.refuse(`a sparse map longer than the ${this.#size} bytes it lies in`);
    }
    this.#block = mapBlock(this.#source, this.#offset + this.usedBytes);
    this.#index = 0;
    this.usedBytes += BLOCK_BYTES;
  }
}

function mapBlock(source: Source, offset: number): Uint8Array {
  checkRange(source, offset, BLOCK_BYTES, 'a sparse map');
  return readBytes(source, offset, BLOCK_BYTES);
}
