/**
 * What a directory lists: its names in no promised order, and with markers shown, the original of
 * each branched sticky file under `.#name`.
 */

import { VisorError } from '../base/errors.ts';
import { isDirectory } from '../base/mode.ts';
import type { Dirents } from '../store/dirents.ts';
import { type Ino, MARK, NO_INO } from './ino.ts';
import type { Live } from './live.ts';
import type { DirectoryEntry } from './shapes.ts';

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
    const entries: DirectoryEntry[] = [];
    this.#each(directory, (table, entry, ino, mark) => {
      const bytes = new Uint8Array(mark.length + table.nameLength(entry));
      for (let index = 0; index < mark.length; index++) bytes[index] = mark.charCodeAt(index);
      bytes.set(table.nameBytes(entry), mark.length);
      const name = mark + table.name(entry);
      entries.push({ name, bytes, ino, mode: this.#live.mode(ino) });
    });
    return entries;
  }

  /** The names in `directory` as text. Throws ENOTDIR. */
  names(directory: Ino): string[] {
    const names: string[] = [];
    this.#each(directory, (table, entry, _ino, mark) => names.push(mark + table.name(entry)));
    return names;
  }

  #each(
    directory: Ino,
    visit: (table: Dirents, entry: number, ino: Ino, mark: string) => void,
  ): void {
    const live = this.#live;
    if (!isDirectory(live.mode(directory))) throw new VisorError('ENOTDIR');
    live.list(directory, (table, entry, ino) => {
      visit(table, entry, ino, '');
      if (!this.#showsMarkers) return;
      const name = table.nameBytes(entry);
      const original = live.originalOf(directory, name, 0, name.length);
      if (original !== NO_INO) visit(table, entry, original, MARK);
    });
  }
}
