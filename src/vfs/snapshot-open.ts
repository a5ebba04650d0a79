/**
 * A snapshot of bytes that `snapshotBytes` made, checked as if an enemy had (snapshot-bytes.ts).
 */

import { sameBytes, text } from '../base/bytes.ts';
import { CorruptError, VisorError } from '../base/errors.ts';
import {
  FILE_MAX_BYTES,
  NAME_MAX_BYTES,
  PAGE_BYTES,
  SNAPSHOT_ROWS_MAX_COUNT,
} from '../base/limits.ts';
import { isDirectory, isRegular, isSymlink } from '../base/mode.ts';
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
  imageMark,
  MAGIC,
  NAME_WORDS,
  ROW_WORDS,
  RUN_WORDS,
  START_BYTES,
  sumOf,
  VERSION,
} from './snapshot-bytes.ts';

const WHAT = 'snapshot';
const SLASH = 0x2f;
const DOT = 0x2e;

/**
 * The live tree in `bytes`, over `image`. Throws CorruptError where they are no snapshot, lie or
 * are of another image, and ENOMEM.
 */
export function liveOfBytes(bytes: Uint8Array, image: Image): Live {
  // Numbers of four bytes need an even start.
  const whole = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  return new Opening(whole, image).live();
}

class Opening {
  readonly #whole: Uint8Array;
  readonly #image: Image;
  readonly #delta = new Delta(new Budget(Number.MAX_SAFE_INTEGER));
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
    const [version, headBytes, rowCount, nameCount, nameBytes, runCount, pageCount] = [
      ...start,
    ].map((word) => word >>> 0) as [number, number, number, number, number, number, number];
    if (version !== VERSION || start[7] !== 0)
      throw this.#refusal(`is of version ${version}; ${VERSION} is read`);
    const tables = 4 * (rowCount * ROW_WORDS + nameCount * NAME_WORDS + runCount * RUN_WORDS);
    const size = START_BYTES + headBytes + nameBytes + tables + pageCount * PAGE_BYTES;
    const isEven = headBytes % 8 === 0 && nameBytes % 8 === 0;
    if (size !== whole.length || !isEven) {
      throw this.#refusal(`says that it has ${size} bytes, and has ${whole.length}`);
    }
    const sum = sumOf(whole);
    if (sum[0] !== start[8] || sum[1] !== start[9]) throw this.#refusal('has another sum');
    const head = this.#head(headBytes);
    const live = new Live(this.#image, this.#delta, () => 0);
    this.#ramdisks(head);
    this.#rows(head, rowCount);
    this.#names(live, nameCount, nameBytes);
    this.#pages(runCount, pageCount);
    this.#rest(live, head);
    this.#charge(live);
    this.#checkNames(live);
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
    for (const ramdisk of ramdisks) {
      if (ramdisk === null) {
        this.#delta.ramdisks.push(undefined);
        continue;
      }
      const [name, root, reservedBytes, maxBytes, maxInodes, peakBytes, peakInodes] = ramdisk;
      if (reservedBytes > maxBytes) throw this.#refusal(`ramdisk '${name}' is promised too much`);
      const ledger = budget.open(name, { reservedBytes, maxBytes, maxInodes }, () => {});
      ledger.raisePeak(Math.min(peakBytes, maxBytes), Math.min(peakInodes, maxInodes));
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
      own[PAGE] = 0;
      inodes.takeAt(row);
      inodes.setWords(row, own);
      const [mode, size, origin] = [inodes.mode(row), inodes.size(row), inodes.origin(row)];
      const isSane =
        (isDirectory(mode) || isRegular(mode) || isSymlink(mode) || origin !== 0) &&
        size >= 0 &&
        size <= FILE_MAX_BYTES &&
        inodes.below(row) >= 0 &&
        inodes.below(row) <= (origin === 0 ? 0 : Math.min(size, this.#image.size(origin))) &&
        inodes.levels(row) === 0 &&
        inodes.nlink(row) > 0 &&
        ramdisks[inodes.ramdisk(row)] !== undefined;
      const isOfImage = origin >= 0 && origin < head.inoEnd;
      if (!isSane || !isOfImage || inodes.at(row, PAGES) !== 0) {
        throw this.#refusal(`inode of row ${row} cannot be`);
      }
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
    for (const [row, device] of head.devices) inodes.device.set(row, device);
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
    for (let at = 0; at < words.length; at += NAME_WORDS) {
      const [directory, child, length] = [words[at]!, words[at + 1]!, words[at + 2]! % HOME_BIT];
      const end = start + length;
      const isName = length > 0 && length <= NAME_MAX_BYTES && end <= byteCount;
      const name = names.subarray(start, end);
      if (!isName || !isNameOfFile(name)) throw this.#refusal(`name ${at / NAME_WORDS} is none`);
      const row = this.#rowOf(directory);
      const isThere = child === WHITEOUT || this.#isInode(child);
      if (row === 0 || !isDirectory(inodes.mode(row)) || !isThere) {
        throw this.#refusal(`the name '${text(name)}' is in no directory or leads nowhere`);
      }
      if (dirents.find(directory, names, start, end) !== NONE) {
        throw this.#refusal(`the name '${text(name)}' is there twice`);
      }
      const entry = dirents.add(directory, names, start, end, child);
      const isHome = words[at + 2]! >= HOME_BIT;
      if (isHome) {
        const isFirst = child !== WHITEOUT && isDirectory(live.mode(child));
        if (!isFirst || dirents.home(child) !== NONE)
          throw this.#refusal('a directory of two names');
        dirents.setHome(child, entry);
      }
      start = end;
    }
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
      const isBehind = next > row || (next === row && first >= end);
      const isWithin = first >= 0 && (first + count) * PAGE_BYTES < inodes.size(next) + PAGE_BYTES;
      if (!isFile || !isBehind || !isWithin || count <= 0 || count > left) {
        throw this.#refusal(`pages of row ${next} that cannot be`);
      }
      for (let index = first; index < first + count; index++) {
        const bytes = this.#whole.subarray(this.#at, this.#at + PAGE_BYTES);
        this.#delta.data.putPage(next, index, bytes);
        this.#at += PAGE_BYTES;
      }
      [row, end, left] = [next, first + count, left - count];
    }
    if (left !== 0) throw this.#refusal(`${left} pages of no file`);
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
    const counts = new Map<Ino, number>([[ROOT_INO, 2]]);
    const pending = [ROOT_INO];
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      const directory = at;
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
        pending.push(ino);
      });
    }
    for (const row of inodes.used()) {
      const found = counts.get(live.inoOf(row));
      if (found !== inodes.nlink(row))
        throw this.#refusal(`row ${row} has other names than it says`);
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
    const isOfImage = ino > 0 && ino < this.#image.inoEnd;
    return this.#rowOf(ino) !== 0 || (isOfImage && this.#image.tardiskOf(ino) !== null);
  }

  /** `count` words at `offset`; the caller has checked that they are there. */
  #words(offset: number, count: number): Int32Array {
    return new Int32Array(this.#whole.buffer, this.#whole.byteOffset + offset, count);
  }

  #refusal(claim: string): CorruptError {
    return new CorruptError(WHAT, this.#at, claim);
  }
}

function isNameOfFile(name: Uint8Array): boolean {
  if (name.includes(0) || name.includes(SLASH)) return false;
  return name[0] !== DOT || (name.length > 1 && (name.length > 2 || name[1] !== DOT));
}

function bytesOfLatin1(value: string): Uint8Array {
  return Uint8Array.from(value, (character) => character.charCodeAt(0));
}

function isHead(head: Head): boolean {
  const isCount = (value: unknown): boolean =>
    Number.isSafeInteger(value) && (value as number) >= 0;
  const arePairs = (list: unknown, isSecond: (value: unknown) => boolean): boolean =>
    Array.isArray(list) && list.every((pair) => isCount(pair?.[0]) && isSecond(pair[1]));
  const isText = (value: unknown): boolean => typeof value === 'string';
  const isRamdisk = (ramdisk: unknown): boolean =>
    ramdisk === null ||
    (Array.isArray(ramdisk) &&
      isText(ramdisk[0]) &&
      ramdisk.length === 7 &&
      ramdisk.slice(1).every(isCount));
  return (
    Array.isArray(head.image) &&
    head.image.every(Array.isArray) &&
    Array.isArray(head.ramdisks) &&
    head.ramdisks.every(isRamdisk) &&
    arePairs(head.targets, isText) &&
    arePairs(head.devices, isCount) &&
    arePairs(head.lowers, isCount) &&
    arePairs(head.linkCounts, isCount) &&
    Array.isArray(head.restored) &&
    head.restored.every(isText)
  );
}
