/**
 * What a tar holds: one walk over its headers, without reading any file's data.
 *
 * Of a Source in memory every header is read where it lies. Of any other, 512 bytes are read for
 * each header, and besides them only what extended headers and sparse maps say of entries.
 *
 *   type       entry        of its header and data
 *   0 NUL 7    file         a directory where a 0 or NUL has a name that ends in a slash (v7)
 *   1          link         another name of the file at `target`; has no data of its own
 *   2          symlink
 *   3 4        character, block
 *   5 D        directory    D, of GNU incremental dumps, has a list of names as data: passed over
 *   6          fifo
 *   S          file         sparse, by the old GNU map
 *   x X g      none         pax records: tar-pax.ts
 *   L K        none         the path or target of the next entry, up to the first NUL
 *   V N        none         a volume's label, old GNU renames: no file is meant
 *   M          refused      the middle of a file that starts on another volume
 *   any other  file         as POSIX asks
 *
 * Of links, directories and devices the size is passed over and no data is expected, as by Python,
 * Go and libarchive. Of all that names an entry, GNU.sparse.name comes first, then pax records,
 * then L and K, then the header. Of several L or K the last one counts, as for GNU tar. Of pax
 * headers an entry has one: of two, GNU tar takes the last, Python the first, bsdtar neither.
 *
 * An archive ends at a block of zeros, whatever follows, or at the end of its bytes after a whole
 * entry; one that ends elsewhere is refused, as by GNU tar and Python, and so are one of no bytes,
 * one whose data overruns it, and extended headers that no entry follows. A visor tar ends as
 * tar-visor.ts says, has no types but 0 to 7, L and K, and may end within the padding of its last
 * data. A visor header amid another kind of tar is refused: readers that know it and readers that
 * do not would see two archives.
 *
 * The walk visits entries as it finds them, so it may have visited some of an archive that it
 * refuses then. Names may repeat, be empty, absolute or climb: that is for layer/ to judge.
 */

import { NO_BYTES } from '../base/bytes.ts';
import { CorruptError } from '../base/errors.ts';
import { ENTRIES_MAX_COUNT, PATH_MAX_BYTES, PAX_MAX_BYTES } from '../base/limits.ts';
import { readBytes, type Source } from '../base/source.ts';
import { type TarEntry, type TarKind, WalkedEntry } from './tar-entry.ts';
import { BLOCK_BYTES, isVisorHeader, parseTarHeader, TarHeader } from './tar-header.ts';
import { PaxRecords, PaxView } from './tar-pax.ts';
import { oldGnuRealSize, paxRealSize, readOldGnuMap, readPaxMap, SparseMap } from './tar-sparse.ts';
import { VisorTable } from './tar-visor.ts';

export type { TarEntry, TarKind } from './tar-entry.ts';

/** The types that have a meaning of their own. */
const TYPE = {
  oldFile: 0,
  file: 0x30,
  link: 0x31,
  symlink: 0x32,
  character: 0x33,
  block: 0x34,
  directory: 0x35,
  fifo: 0x36,
  mapped: 0x37,
  dumpDirectory: 0x44,
  longTarget: 0x4b,
  longName: 0x4c,
  middle: 0x4d,
  renames: 0x4e,
  sparse: 0x53,
  label: 0x56,
  solaris: 0x58,
  global: 0x67,
  pax: 0x78,
} as const;

const SLASH = 0x2f;

/** Longest path that a header spells by itself: a prefix, a slash and a name. */
const HEADER_PATH_BYTES = 256;

/**
 * Calls `visit` for each entry of the tar in `source`, in its order. Throws CorruptError where the
 * archive is no tar, lies or has more than `entriesMax` entries, and whatever `visit` throws.
 */
export function walkTar(
  source: Source,
  visit: (entry: TarEntry) => void,
  entriesMax = ENTRIES_MAX_COUNT,
): void {
  new Walk(source, visit, entriesMax).run();
}

class Walk {
  readonly #source: Source;
  readonly #visit: (entry: TarEntry) => void;
  readonly #entriesMax: number;
  #count = 0;

  /** The whole archive where it is in memory; else null, and `#block` is what is read into. */
  readonly #whole: Uint8Array | null;
  readonly #block: Uint8Array;
  /** Made for the first path that has a prefix. */
  #pathBuffer = NO_BYTES;

  readonly #header = new TarHeader();
  readonly #own: PaxRecords;
  readonly #global: PaxRecords;
  readonly #pax: PaxView;
  readonly #entry: WalkedEntry;
  #visor: VisorTable | null = null;

  /** What L and K said of the next entry. */
  #longName: Uint8Array | null = null;
  #longTarget: Uint8Array | null = null;
  /** Where the first extended header of the next entry is, or -1. */
  #extendedOffset = -1;
  #hasPax = false;

  /** Where the data of the header at hand is, and where the next header. */
  #dataOffset = 0;
  #nextOffset = 0;

  constructor(source: Source, visit: (entry: TarEntry) => void, entriesMax: number) {
    this.#source = source;
    this.#visit = visit;
    this.#entriesMax = entriesMax;
    this.#whole = source.resident(0, source.size);
    this.#block = this.#whole === null ? new Uint8Array(BLOCK_BYTES) : NO_BYTES;
    this.#own = new PaxRecords(source.name, 'one');
    this.#global = new PaxRecords(source.name, 'all');
    this.#pax = new PaxView(this.#own, this.#global);
    this.#entry = new WalkedEntry(this.#header, this.#pax);
  }

  run(): void {
    const { size } = this.#source;
    if (size === 0) throw this.#refusal(0, 'no tar: the archive is empty');
    let offset = 0;
    while (offset < size && this.#readHeader(offset)) {
      this.#takeHeader(offset);
      offset = this.#nextOffset;
    }
    if (this.#extendedOffset >= 0) {
      throw this.#refusal(this.#extendedOffset, 'an extended header that no entry follows');
    }
    this.#visor?.finish(offset);
  }

  /** Reads the header at `offset`; false where the archive ends there. */
  #readHeader(offset: number): boolean {
    const visor = this.#visor;
    const isDataNext = visor !== null && offset >= visor.lowestOffset;
    if (offset + BLOCK_BYTES > this.#source.size) {
      if (isDataNext) return false;
      throw this.#refusal(offset, 'the archive ends within a tar header');
    }
    const start = this.#whole === null ? 0 : offset;
    const bytes = this.#whole ?? this.#block;
    if (this.#whole === null) this.#source.readInto(this.#block, offset);
    const isVisor = isVisorHeader(bytes, start);
    if (visor !== null && !isVisor) return false;
    if (isDataNext) throw this.#refusal(offset, 'a visor header where the data starts');
    if (!parseTarHeader(this.#header, bytes, start, this.#source.name, offset)) return false;
    if (isVisor && offset === 0) this.#visor = new VisorTable(this.#source.name);
    if (isVisor && this.#visor === null)
      throw this.#refusal(offset, 'a visor header amid another tar');
    return true;
  }

  #takeHeader(offset: number): void {
    const { typeflag } = this.#header;
    if (this.#visor !== null && !isVisorType(typeflag)) {
      throw this.#refusal(offset, `a visor header of type 0x${typeflag.toString(16)}`);
    }
    switch (typeflag) {
      case TYPE.pax:
      case TYPE.solaris:
        if (this.#hasPax) throw this.#refusal(offset, 'a second pax header about one entry');
        this.#hasPax = true;
        this.#own.read(this.#readAboutNext(offset), this.#dataOffset);
        return;
      case TYPE.longName:
        this.#longName = this.#longText(offset);
        return;
      case TYPE.longTarget:
        this.#longTarget = this.#longText(offset);
        return;
      case TYPE.global:
        this.#global.read(this.#readExtended(offset), this.#dataOffset);
        return;
      case TYPE.label:
      case TYPE.renames:
        this.#locate(offset, offset + BLOCK_BYTES, this.#header.size);
        break;
      case TYPE.middle:
        throw this.#refusal(offset, 'the middle of a file that starts on another volume');
      default:
        this.#takeEntry(offset);
    }
    this.#forgetExtended();
  }

  /** The data of an extended header that is about the next entry. */
  #readAboutNext(offset: number): Uint8Array {
    if (this.#extendedOffset < 0) this.#extendedOffset = offset;
    return this.#readExtended(offset);
  }

  /** GNU ends long names with a NUL, as C does; what is behind it is not part of them. */
  #longText(offset: number): Uint8Array {
    const bytes = this.#readAboutNext(offset);
    const end = bytes.indexOf(0);
    const name = end < 0 ? bytes : bytes.subarray(0, end);
    if (name.length <= PATH_MAX_BYTES) return name;
    throw this.#refusal(offset, `a name of ${name.length} bytes`);
  }

  #readExtended(offset: number): Uint8Array {
    const { size, dataOffset } = this.#header;
    // Elsewhere many headers could all point at the same bytes, and each would read them again.
    if (dataOffset !== 0) {
      throw this.#refusal(offset, 'an extended header that has its data elsewhere');
    }
    if (size > PAX_MAX_BYTES) {
      throw this.#refusal(
        offset,
        `an extended header of ${size} bytes; at most ${PAX_MAX_BYTES} are read`,
      );
    }
    this.#locate(offset, offset + BLOCK_BYTES, size);
    return readBytes(this.#source, this.#dataOffset, size);
  }

  #forgetExtended(): void {
    if (this.#extendedOffset < 0) return;
    this.#extendedOffset = -1;
    this.#hasPax = false;
    this.#own.clear();
    this.#longName = null;
    this.#longTarget = null;
  }

  #takeEntry(offset: number): void {
    if (++this.#count > this.#entriesMax) {
      throw this.#refusal(offset, `more than ${this.#entriesMax} entries`);
    }
    const entry = this.#entry;
    entry.fill(offset);
    const isAmended = this.#pax.isSpeaking();
    if (isAmended) entry.amend();
    this.#takePath(isAmended);
    entry.kind = kindOf(this.#header.typeflag, entry);
    entry.target = hasTarget(entry.kind) ? this.#targetOf(isAmended) : NO_BYTES;
    this.#takeDevice(offset);
    this.#takeData(offset, isAmended);
    this.#visit(entry);
  }

  #takePath(isAmended: boolean): void {
    const said = isAmended ? (this.#pax.bytes('GNU.sparse.name') ?? this.#pax.bytes('path')) : null;
    const name = said ?? this.#longName;
    const header = this.#header;
    if (name !== null) this.#entry.setPath(name, 0, name.length);
    else if (header.hasPrefix()) this.#takePrefixedPath();
    else this.#entry.setPath(header.bytes, header.start, header.nameEnd());
  }

  #takePrefixedPath(): void {
    const prefix = this.#header.prefix();
    const name = this.#header.name();
    if (this.#pathBuffer.length === 0) this.#pathBuffer = new Uint8Array(HEADER_PATH_BYTES);
    const path = this.#pathBuffer;
    path.set(prefix);
    path[prefix.length] = SLASH;
    path.set(name, prefix.length + 1);
    this.#entry.setPath(path, 0, prefix.length + 1 + name.length);
  }

  #targetOf(isAmended: boolean): Uint8Array {
    const said = isAmended ? this.#pax.bytes('linkpath') : null;
    return said ?? this.#longTarget ?? this.#header.target();
  }

  #takeDevice(offset: number): void {
    const entry = this.#entry;
    const isDevice = entry.kind === 'character' || entry.kind === 'block';
    entry.deviceMajor = isDevice ? this.#header.deviceMajor() : 0;
    entry.deviceMinor = isDevice ? this.#header.deviceMinor() : 0;
    if (entry.deviceMajor >= 0 && entry.deviceMinor >= 0) return;
    throw this.#refusal(offset, 'a device without a valid number');
  }

  /** Says where the data is, how long and in which pieces, and where the next header is. */
  #takeData(offset: number, isAmended: boolean): void {
    const entry = this.#entry;
    const isFile = entry.kind === 'file';
    const isStored = isFile || this.#header.typeflag === TYPE.dumpDirectory;
    const paxSize = isAmended ? this.#pax.number('size') : null;
    const size = isStored ? (paxSize ?? this.#header.size) : 0;
    const realSize = isAmended && isFile ? paxRealSize(this.#pax) : null;
    entry.pieces = null;
    if (realSize !== null) this.#takePaxSparse(offset, size, realSize);
    else if (this.#header.typeflag === TYPE.sparse) this.#takeOldGnuSparse(offset, size);
    else {
      this.#locate(offset, offset + BLOCK_BYTES, size);
      entry.size = isFile ? size : 0;
    }
    entry.dataOffset = isFile ? this.#dataOffset : 0;
  }

  #takePaxSparse(offset: number, size: number, realSize: number): void {
    this.#locate(offset, offset + BLOCK_BYTES, size);
    const map = new SparseMap(this.#source.name, offset);
    const mapBytes = readPaxMap(map, this.#source, this.#pax, this.#dataOffset, size);
    this.#dataOffset += mapBytes;
    this.#entry.size = realSize;
    this.#entry.pieces = map.place(realSize, this.#dataOffset, size - mapBytes);
  }

  #takeOldGnuSparse(offset: number, size: number): void {
    const map = new SparseMap(this.#source.name, offset);
    const dataOffset = readOldGnuMap(map, this.#source, this.#header, offset);
    const realSize = oldGnuRealSize(this.#header);
    if (!(realSize >= 0)) map.refuse('a sparse file without a real size');
    this.#locate(offset, dataOffset, size);
    this.#entry.size = realSize;
    this.#entry.pieces = map.place(realSize, this.#dataOffset, size);
  }

  /**
   * Finds the `size` bytes of data of the header at `offset`: where a visor header says, else at
   * `inlineOffset`. Data of no bytes is always inline, whatever a visor header says of it.
   */
  #locate(offset: number, inlineOffset: number, size: number): void {
    const said = this.#header.dataOffset;
    const isElsewhere = said !== 0 && size > 0;
    this.#dataOffset = isElsewhere ? said : inlineOffset;
    const end = this.#dataOffset + size;
    // Exact of any whole number: only the low bits count.
    const paddedEnd = end + (-end & (BLOCK_BYTES - 1));
    this.#nextOffset = isElsewhere ? inlineOffset : paddedEnd;
    const needed = this.#visor === null ? paddedEnd : end;
    if (needed > this.#source.size) {
      const at = `0x${this.#dataOffset.toString(16)}`;
      throw this.#refusal(offset, `${size} bytes of data at ${at}, but the archive has none there`);
    }
    if (isElsewhere) this.#visor?.add(offset, said, size);
  }

  #refusal(offset: number, claim: string): CorruptError {
    return new CorruptError(this.#source.name, offset, claim);
  }
}

/** What vmtar knows, and NUL. */
function isVisorType(typeflag: number): boolean {
  if (typeflag >= TYPE.file && typeflag <= TYPE.mapped) return true;
  return typeflag === TYPE.oldFile || typeflag === TYPE.longName || typeflag === TYPE.longTarget;
}

function hasTarget(kind: TarKind): boolean {
  return kind === 'link' || kind === 'symlink';
}

function kindOf(typeflag: number, { pathBytes, pathStart, pathEnd }: TarEntry): TarKind {
  switch (typeflag) {
    case TYPE.oldFile:
    case TYPE.file:
      return pathEnd > pathStart && pathBytes[pathEnd - 1] === SLASH ? 'directory' : 'file';
    case TYPE.link:
      return 'link';
    case TYPE.symlink:
      return 'symlink';
    case TYPE.character:
      return 'character';
    case TYPE.block:
      return 'block';
    case TYPE.directory:
    case TYPE.dumpDirectory:
      return 'directory';
    case TYPE.fifo:
      return 'fifo';
    default:
      return 'file';
  }
}
