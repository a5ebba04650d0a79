/**
 * A snapshot of bytes that `snapshotBytes` made, checked as if an enemy had (snapshot-bytes.ts).
 */

import { compareBytes, sameBytes, text } from '../base/bytes.ts';
import { CorruptError, VisorError } from '../base/errors.ts';
import {
  FILE_MAX_BYTES,
  NAME_MAX_BYTES,
  PAGE_BYTES,
  SNAPSHOT_ROWS_MAX_COUNT,
} from '../base/limits.ts';
import {
  isDevice,
  isDirectory,
  isRegular,
  isSymlink,
  PERMISSIONS,
  S_IFIFO,
  S_IFMT,
} from '../base/mode.ts';
import { Delta, nameCost, WHITEOUT } from '../layer/delta.ts';
import { type Image, ROOT_INO } from '../layer/image.ts';
import { Ramdisk } from '../layer/ramdisk.ts';
import { NONE } from '../store/dirents.ts';
import { PAGE, PAGES } from '../store/inodes.ts';
import { Budget } from '../store/ledger.ts';
import { type Ino, isMade, rowOfMade } from './ino.ts';
import { Live } from './live.ts';
import {
  type Head,
  HOME_BIT,
  headBytes,
  imageMark,
  keptBytes,
  MAGIC,
  NAME_WORDS,
  ROW_WORDS,
  RUN_WORDS,
  START_BYTES,
  sumOf,
  VERSION,
} from './snapshot-bytes.ts';
import { isHead } from './snapshot-head.ts';

const WHAT = 'snapshot';
const SLASH = 0x2f;
const DOT = 0x2e;

/**
 * The live tree in `bytes`, over `image`. Throws CorruptError where they are no snapshot, lie or
 * are of another image, and ENOMEM.
 */
export function liveOfBytes(bytes: Uint8Array, image: Image): Live {
  // Numbers of four bytes need an even start; `slice` of a Buffer would be no copy.
  const whole = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
  return new Opening(whole, image).live();
}

class Opening {
  readonly #whole: Uint8Array;
  readonly #image: Image;
  #delta = new Delta(new Budget(0));
  #at = START_BYTES;

  constructor(whole: Uint8Array, image: Image) {
    this.#whole = whole;
    this.#image = image;
  }

  live(): Live {
    const whole = this.#whole;
    if (whole.length < START_BYTES || !sameBytes(whole.subarray(0, MAGIC.length), MAGIC)) {
      throw this.#refusal('is no snapshot');
    }
    const start = this.#words(MAGIC.length, (START_BYTES - MAGIC.length) / 4);
    const [version, headLength, rowCount, nameCount, nameBytes, runCount, pageCount] = [
      ...start,
    ].map((word) => word >>> 0) as [number, number, number, number, number, number, number];
    if (version !== VERSION) throw this.#refusal(`is of version ${version}; ${VERSION} is read`);
    const tables = 4 * (rowCount * ROW_WORDS + nameCount * NAME_WORDS + runCount * RUN_WORDS);
    const size = START_BYTES + headLength + nameBytes + tables + (start[7]! >>> 0) * 8;
    const isEven = headLength % 8 === 0 && nameBytes % 8 === 0;
    if (size !== whole.length || !isEven) {
      throw this.#refusal(`says that it has ${size} bytes, and has ${whole.length}`);
    }
    const sum = sumOf(whole);
    if (sum[0] !== start[8] || sum[1] !== start[9]) throw this.#refusal('has another sum');
    const head = this.#head(headLength);
    this.#delta = new Delta(new Budget(head.memory));
    const live = new Live(this.#image, this.#delta, () => 0);
    this.#ramdisks(head);
    this.#rows(head, rowCount);
    this.#names(live, nameCount, nameBytes);
    this.#pages(runCount, pageCount);
    this.#rest(live, head);
    this.#charge(live);
    this.#checkNames(live);
    if (!sameBytes(headBytes(live), whole.subarray(START_BYTES, START_BYTES + headLength))) {
      throw this.#refusal('has a head that says it in another way');
    }
    return live;
  }

  #head(length: number): Head {
    let head: Head;
    try {
      head = JSON.parse(text(this.#whole, this.#at, this.#at + length)) as Head;
      if (!isHead(head)) throw this.#refusal('has no such head');
    } catch (error) {
      throw error instanceof CorruptError ? error : this.#refusal('has no head of JSON');
    }
    const { image, inoEnd } = imageMark(this.#image);
    if (JSON.stringify(head.image) !== JSON.stringify(image) || head.inoEnd !== inoEnd) {
      const names = head.image.map(([name]) => name).join(', ');
      throw this.#refusal(`is of another image: of the tardisks ${names || 'none'}`);
    }
    this.#at += length;
    return head;
  }

  #ramdisks({ ramdisks }: Head): void {
    const { budget } = this.#delta;
    const names = new Set<string>();
    let promised = 0;
    for (const ramdisk of ramdisks) {
      if (ramdisk === null) {
        this.#delta.ramdisks.push(undefined);
        continue;
      }
      const [name, root, reservedBytes, maxBytes, maxInodes, peakBytes, peakInodes] = ramdisk;
      if (names.has(name)) throw this.#refusal(`has two ramdisks '${name}'`);
      names.add(name);
      promised += reservedBytes;
      if (reservedBytes > maxBytes || promised > budget.totalBytes) {
        throw this.#refusal(`ramdisk '${name}' is promised too much`);
      }
      const ledger = budget.open(name, { reservedBytes, maxBytes, maxInodes }, null);
      ledger.raisePeak(peakBytes, peakInodes);
      this.#delta.ramdisks.push(new Ramdisk(name, root, ledger));
    }
  }

  #rows(head: Head, count: number): void {
    const { inodes, ramdisks } = this.#delta;
    const words = this.#words(this.#at, count * ROW_WORDS);
    this.#at += words.byteLength;
    let before = 0;
    for (let at = 0; at < words.length; at += ROW_WORDS) {
      const row = words[at]!;
      if (row <= before || row > SNAPSHOT_ROWS_MAX_COUNT) throw this.#refusal(`has row ${row}`);
      before = row;
      const own = words.slice(at + 1, at + ROW_WORDS);
      const isBranch = own[PAGE] === 1;
      const isFlag = own[PAGE] === 0 || isBranch;
      own[PAGE] = 0;
      inodes.takeAt(row);
      inodes.setWords(row, own);
      const [mode, size, origin] = [inodes.mode(row), inodes.size(row), inodes.origin(row)];
      const isOfImage = origin > 0 && this.#isOfImage(origin);
      const isSane =
        isModeOf(mode, isOfImage ? this.#image.mode(origin) : mode) &&
        origin >= 0 &&
        origin < head.inoEnd &&
        size >= 0 &&
        size <= FILE_MAX_BYTES &&
        inodes.below(row) >= 0 &&
        inodes.below(row) <= (isOfImage ? Math.min(size, this.#image.size(origin)) : 0) &&
        inodes.levels(row) === 0 &&
        inodes.at(row, PAGES) === 0 &&
        inodes.nlink(row) > 0 &&
        ramdisks[inodes.ramdisk(row)] !== undefined;
      if (!isSane || !isFlag) throw this.#refusal(`inode of row ${row} cannot be`);
      if (!isBranch) continue;
      if (origin === 0 || this.#delta.branchOf(origin) !== 0) {
        throw this.#refusal(`row ${row} branches what cannot be`);
      }
      this.#delta.setBranch(origin, row);
    }
    for (const [row, target] of head.targets) {
      if (row >= inodes.rowCount || !isSymlink(inodes.mode(row))) throw this.#refusal('a target');
      inodes.target.set(row, bytesOfLatin1(target));
    }
    for (const [row, device] of head.devices) {
      if (row >= inodes.rowCount || !isDevice(inodes.mode(row))) throw this.#refusal('a device');
      inodes.device.set(row, device);
    }
    for (const row of inodes.used()) {
      if (isSymlink(inodes.mode(row)) && this.#targetLength(row) !== inodes.size(row))
        throw this.#refusal(`the link of row ${row} leads nowhere`);
    }
  }

  /** Bytes of where the link of `row` leads: by itself, or by the image. */
  #targetLength(row: number): number {
    const { inodes } = this.#delta;
    const origin = inodes.origin(row);
    const isOfImage = origin > 0 && this.#isOfImage(origin);
    return inodes.target.get(row)?.length ?? (isOfImage ? this.#image.size(origin) : 0);
  }

  #names(live: Live, count: number, byteCount: number): void {
    const { dirents, inodes } = this.#delta;
    const words = this.#words(this.#at, count * NAME_WORDS);
    const names = this.#whole.subarray(
      this.#at + words.byteLength,
      this.#at + words.byteLength + byteCount,
    );
    this.#at += words.byteLength + byteCount;
    let start = 0;
    let [lastDirectory, lastName] = [0, names.subarray(0, 0)];
    for (let at = 0; at < words.length; at += NAME_WORDS) {
      const [directory, child, said] = [words[at]!, words[at + 1]!, words[at + 2]!];
      const isHome = said >= HOME_BIT;
      const end = start + (isHome ? said - HOME_BIT : said);
      const length = end - start;
      const isName = length > 0 && length <= NAME_MAX_BYTES && end <= byteCount;
      const name = names.subarray(start, end);
      if (!isName || !isNameOfFile(name)) throw this.#refusal(`name ${at / NAME_WORDS} is none`);
      const row = this.#rowOf(directory);
      const isThere = child === WHITEOUT || this.#isInode(child);
      if (row === 0 || !isDirectory(inodes.mode(row)) || !isThere) {
        throw this.#refusal(`the name '${text(name)}' is in no directory or leads nowhere`);
      }
      const isNext = directory > lastDirectory || compareBytes(name, lastName) > 0;
      if (directory < lastDirectory || !isNext) {
        throw this.#refusal(`the name '${text(name)}' is there twice, or out of order`);
      }
      [lastDirectory, lastName] = [directory, name];
      const entry = dirents.add(directory, names, start, end, child);
      if (isHome) {
        const isFirst = child !== WHITEOUT && isDirectory(live.mode(child));
        if (!isFirst || dirents.home(child) !== NONE)
          throw this.#refusal('a directory of two names');
        dirents.setHome(child, entry);
      }
      start = end;
    }
    const isEnd = byteCount - start < 8 && names.subarray(start).every((byte) => byte === 0);
    if (!isEnd) throw this.#refusal('has bytes of no name');
  }

  #pages(runCount: number, pageCount: number): void {
    const { inodes } = this.#delta;
    const runs = this.#words(this.#at, runCount * RUN_WORDS);
    this.#at += runs.byteLength;
    let left = pageCount;
    let [row, end] = [0, 0];
    for (let at = 0; at < runs.length; at += RUN_WORDS) {
      const [next, first, count] = [runs[at]!, runs[at + 1]!, runs[at + 2]!];
      const isFile = next > 0 && next < inodes.rowCount && isRegular(inodes.mode(next));
      const size = isFile ? inodes.size(next) : 0;
      const isWithin = first >= 0 && (first + count) * PAGE_BYTES < size + PAGE_BYTES;
      const isBehind = next > row || (next === row && first > end);
      if (!isFile || !isBehind || !isWithin || count <= 0 || count > left) {
        throw this.#refusal(`pages of row ${next} that cannot be`);
      }
      for (let index = first; index < first + count; index++) {
        const stop = this.#at + keptBytes(size, index);
        if (stop > this.#whole.length) throw this.#refusal('has less of pages than it says');
        this.#delta.data.putPage(next, index, this.#whole.subarray(this.#at, stop));
        this.#at = stop;
      }
      const last = first + count - 1;
      const behind = last * PAGE_BYTES + keptBytes(size, last) - size;
      for (let back = 1; back <= behind; back++) {
        if (this.#whole[this.#at - back] === 0) continue;
        throw this.#refusal(`row ${next} has bytes behind its end`);
      }
      [row, end, left] = [next, first + count, left - count];
    }
    if (left !== 0 || this.#at !== this.#whole.length) throw this.#refusal('has pages of no file');
  }

  #rest(live: Live, head: Head): void {
    for (const [directory, lower] of head.lowers) {
      const isBoth = this.#rowOf(directory) !== 0 && this.#image.isDirectory(lower);
      if (!isBoth || live.uppers.has(lower)) throw this.#refusal('shows a directory twice');
      live.lowers.set(directory, lower);
      live.uppers.set(lower, directory);
    }
    for (const [ino, count] of head.linkCounts) live.linkCounts.set(ino, count);
    live.restored = new Set(head.restored);
  }

  /** Charges for all there is, as if it were made now. */
  #charge(live: Live): void {
    const { inodes, dirents } = this.#delta;
    try {
      for (const row of inodes.used()) {
        this.#delta.ledgerOf(row).charge(this.#delta.chargedBytes(row), 1);
      }
      dirents.eachNaming(null, null, (entry) => {
        const row = live.rowOf(dirents.directory(entry));
        this.#delta.ledgerOf(row).charge(nameCost(dirents.nameLength(entry)), 0);
      });
    } catch (error) {
      if (error instanceof VisorError) throw this.#refusal('holds more than its ramdisks may');
      throw error;
    }
  }

  /** Goes down all names: each directory is in one place, and every row has its names. */
  #checkNames(live: Live): void {
    const { inodes, dirents, ramdisks } = this.#delta;
    const covers = new Map(ramdisks.map((ramdisk, index) => [ramdisk?.root, index]));
    const counts = new Map<Ino, number>([[ROOT_INO, 2]]);
    const pending: [Ino, number][] = [[ROOT_INO, 0]];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const [directory, above] = next;
      const ramdisk = covers.get(directory) ?? above;
      const own = live.rowOf(directory);
      if (own !== 0 && inodes.ramdisk(own) !== ramdisk)
        throw this.#refusal(`the names of row ${own} are paid for by another ramdisk`);
      live.list(directory, (table, entry, ino) => {
        if (!isDirectory(live.mode(ino))) {
          counts.set(ino, (counts.get(ino) ?? 0) + 1);
          return;
        }
        const home = dirents.home(ino);
        const isOwn = table === dirents;
        const below = isOwn ? entry : this.#image.dirents.home(live.lower(ino));
        const isHome = home === (isOwn ? entry : NONE) && below !== NONE;
        if (counts.has(ino) || !isHome || live.parentOf(ino) !== directory)
          throw this.#refusal('has a directory in two places');
        counts.set(ino, 2);
        counts.set(directory, counts.get(directory)! + 1);
        pending.push([ino, ramdisk]);
      });
    }
    for (const row of inodes.used()) {
      const found = counts.get(live.inoOf(row));
      if (found !== inodes.nlink(row))
        throw this.#refusal(`row ${row} has other names than it says`);
    }
    for (const [ino, count] of counts) {
      if (live.rowOf(ino) === 0 && !isDirectory(live.mode(ino)) && live.nlink(ino) !== count)
        throw this.#refusal(`inode ${ino} has other names than it says`);
    }
    const roots = ramdisks.filter((ramdisk) => ramdisk !== undefined).map(({ root }) => root);
    const isCovered = roots.includes(ROOT_INO) && new Set(roots).size === roots.length;
    const isThere = roots.every((root) => counts.has(root) && isDirectory(live.mode(root)));
    if (!isCovered || !isThere) throw this.#refusal('has ramdisks that cover no directory');
  }

  /** The row of the inode `ino`, or 0. */
  #rowOf(ino: Ino): number {
    if (!isMade(ino)) return ino > 0 ? this.#delta.branchOf(ino) : 0;
    const row = rowOfMade(ino);
    const isUsed = row < this.#delta.inodes.rowCount && this.#delta.inodes.mode(row) !== 0;
    // A row that stands for its origin goes by that number.
    const origin = isUsed ? this.#delta.inodes.origin(row) : 0;
    return isUsed && (origin === 0 || this.#delta.branchOf(origin) !== row) ? row : 0;
  }

  #isInode(ino: Ino): boolean {
    return this.#rowOf(ino) !== 0 || (ino > 0 && this.#isOfImage(ino));
  }

  /** Whether a tardisk has `ino`, also where another covers it. */
  #isOfImage(ino: Ino): boolean {
    return ino < this.#image.inoEnd && this.#image.tardiskOf(ino) !== null;
  }

  /** `count` words at `offset`; the caller has checked that they are there. */
  #words(offset: number, count: number): Int32Array {
    return new Int32Array(this.#whole.buffer, this.#whole.byteOffset + offset, count);
  }

  #refusal(claim: string): CorruptError {
    return new CorruptError(WHAT, this.#at, claim);
  }
}

/** Whether `mode` is one of an inode of the type that `original` has. */
function isModeOf(mode: number, original: number): boolean {
  const type = mode & S_IFMT;
  const isFile = isDirectory(mode) || isRegular(mode) || isSymlink(mode);
  const isKnown = isFile || isDevice(mode) || type === S_IFIFO;
  const isAlike = type === (original & S_IFMT);
  return isKnown && isAlike && (mode & ~(S_IFMT | PERMISSIONS)) === 0;
}

function isNameOfFile(name: Uint8Array): boolean {
  if (name.includes(0) || name.includes(SLASH)) return false;
  return name[0] !== DOT || (name.length > 1 && (name.length > 2 || name[1] !== DOT));
}

function bytesOfLatin1(value: string): Uint8Array {
  return Uint8Array.from(value, (character) => character.charCodeAt(0));
}
