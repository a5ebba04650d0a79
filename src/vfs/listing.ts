/**
 * What a directory lists, sorted by the bytes of the names; with markers shown, also the original
 * of each branched sticky file under `.#name`.
 *
 * What the image has in a directory that nothing was written into is sorted and decoded once and
 * kept with the image, up to a limit in bytes: listings are asked for again and again, and an image
 * never changes (test/vfs/listing.test.ts).
 */

import { compareBytes, concatBytes, utf8 } from '../base/bytes.ts';
import { VisorError } from '../base/errors.ts';
import { LISTINGS_MAX_BYTES } from '../base/limits.ts';
import { isDirectory } from '../base/mode.ts';
import { type Dirents, NONE } from '../store/dirents.ts';
import { type Ino, MARK, NO_INO } from './ino.ts';
import type { Live } from './live.ts';
import type { DirectoryEntry } from './shapes.ts';

/** What a listing takes that is kept, and each name beside its letters, in bytes. */
const KEPT_LISTING_BYTES = 256;
const KEPT_NAME_BYTES = 48;

/** One name of a directory, and where it stands; behind a marker, for an original. */
interface Row {
  readonly name: string;
  readonly mark: string;
  readonly ino: Ino;
  readonly table: Dirents;
  readonly entry: number;
}

/** Names and what they lead to, in order. */
interface Sorted {
  readonly names: readonly string[];
  readonly inos: readonly Ino[];
}

/** Listings of one image by directory, the one kept longest first. */
class Kept {
  readonly #listings = new Map<Ino, Sorted>();
  #bytes = 0;

  at(directory: Ino): Sorted | undefined {
    return this.#listings.get(directory);
  }

  keep(directory: Ino, listing: Sorted): void {
    const bytes = keptBytes(listing);
    if (bytes > LISTINGS_MAX_BYTES) return;
    this.#listings.set(directory, listing);
    this.#bytes += bytes;
    for (const [oldest, kept] of this.#listings) {
      if (this.#bytes <= LISTINGS_MAX_BYTES) break;
      this.#listings.delete(oldest);
      this.#bytes -= keptBytes(kept);
    }
  }
}

/** By the table of an image: whoever has the same image lists from the same. */
const KEPT = new WeakMap<Dirents, Kept>();

/** Lists directories of one live tree. */
export class Listing {
  readonly #live: Live;
  readonly #showsMarkers: boolean;

  constructor(live: Live, showsMarkers: boolean) {
    this.#live = live;
    this.#showsMarkers = showsMarkers;
  }

  /** What is in `directory`. Throws ENOTDIR. */
  entries(directory: Ino): DirectoryEntry[] {
    this.#check(directory);
    return this.#rows(directory).map((row) => {
      const { name, ino } = row;
      return { name, bytes: bytesOf(row), ino, mode: this.#live.mode(ino) };
    });
  }

  /** The names in `directory` as text. Throws ENOTDIR. */
  names(directory: Ino): string[] {
    return this.#sorted(directory).names.slice();
  }

  /** Calls `visit` for every name in `directory`. Throws ENOTDIR. */
  each(directory: Ino, visit: (name: string, mode: number) => void): void {
    const { names, inos } = this.#sorted(directory);
    for (let index = 0; index < names.length; index++) {
      visit(names[index]!, this.#live.mode(inos[index]!));
    }
  }

  #check(directory: Ino): void {
    if (!isDirectory(this.#live.mode(directory))) throw new VisorError('ENOTDIR');
  }

  #sorted(directory: Ino): Sorted {
    this.#check(directory);
    const live = this.#live;
    const isWritten = live.delta.dirents.first(directory) !== NONE;
    const lower = live.lower(directory);
    if (isWritten || this.#showsMarkers || lower === NO_INO) {
      return columnsOf(this.#rows(directory));
    }
    const { dirents } = live.image;
    let kept = KEPT.get(dirents);
    if (kept === undefined) {
      kept = new Kept();
      KEPT.set(dirents, kept);
    }
    const known = kept.at(lower);
    if (known !== undefined) return known;
    const listing = columnsOf(this.#rows(directory));
    kept.keep(lower, listing);
    return listing;
  }

  #rows(directory: Ino): Row[] {
    const live = this.#live;
    const rows: Row[] = [];
    live.list(directory, (table, entry, ino) => {
      rows.push({ name: table.name(entry), mark: '', ino, table, entry });
      if (!this.#showsMarkers) return;
      const name = table.nameBytes(entry);
      const original = live.originalOf(directory, name, 0, name.length);
      if (original === NO_INO) return;
      rows.push({ name: MARK + table.name(entry), mark: MARK, ino: original, table, entry });
    });
    return rows.sort(rows.every(isAscii) ? byText : byBytes);
  }
}

function columnsOf(rows: readonly Row[]): Sorted {
  return { names: rows.map(({ name }) => name), inos: rows.map(({ ino }) => ino) };
}

function keptBytes({ names }: Sorted): number {
  return names.reduce((sum, { length }) => sum + length + KEPT_NAME_BYTES, KEPT_LISTING_BYTES);
}

/** The exact bytes of the name of `row`. */
function bytesOf({ mark, table, entry }: Row): Uint8Array {
  return mark === ''
    ? table.nameBytes(entry).slice()
    : concatBytes([utf8(mark), table.nameBytes(entry)]);
}

/** Text sorts as its bytes do as long as it is ASCII; a stray byte shows as one letter too. */
function isAscii({ name, table, entry, mark }: Row): boolean {
  return name.length === mark.length + table.nameLength(entry) && !name.includes('\ufffd');
}

function byText(one: Row, other: Row): number {
  return one.name < other.name ? -1 : 1;
}

function byBytes(one: Row, other: Row): number {
  return compareBytes(bytesOf(one), bytesOf(other));
}
