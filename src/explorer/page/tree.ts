/**
 * The merged tree, as the treeview that WAI-ARIA describes: one stop of the tab key, arrows within.
 *
 *   Down, Up     the next and the one before                  Home, End      first, last
 *   Right        open it; where it is open, its first child   Page Up, Down  a screen further
 *   Left         close it; where it is closed, its parent     Enter          show it
 *   letters      the next row, of those that came, whose name starts so
 *
 * Only what shows is in the document, and some rows around it; each says which of how many it is.
 * Names are asked for in pieces, when their rows show for the first time.
 */

import type { EntryRow, Listed } from '../protocol.ts';
import { fill, h } from './dom.ts';
import { printable, size } from './figures.ts';
import { type Row, Rows } from './tree-rows.ts';

/** Names that are asked for at once. */
const PIECE_COUNT = 250;
/** Rows above and below those that show. */
const SPARE_COUNT = 12;
const ROW_PIXELS = 22;
/** For fingers. */
const COARSE_ROW_PIXELS = 34;
/** Deeper is not further to the right: there would be no room for names. */
const INDENTED_MAX_LEVEL = 16;
const TYPING_MS = 700;
/** Rows that are looked at for a name that is typed. */
const NAMED_MAX_COUNT = 5000;

/** What the tree needs, and tells. */
export interface TreeHost {
  /** What is in a directory, from a place on. */
  readonly list: (path: string, from: number, count: number) => Promise<Listed>;
  /** Which number a path has in its directory; -1 where it is not there. */
  readonly place: (path: string) => Promise<number>;
  readonly onSelect: (entry: EntryRow) => void;
  readonly onError: (error: unknown) => void;
}

interface Shown {
  readonly element: HTMLElement;
  readonly entry: EntryRow | undefined;
}

/** The tree of directories and files. */
export class TreeView {
  readonly element: HTMLElement;
  readonly #host: TreeHost;
  readonly #sheet = h('div', { role: 'none', class: 'sheet' });
  readonly #pixels = matchMedia('(pointer: coarse)').matches ? COARSE_ROW_PIXELS : ROW_PIXELS;
  #rows = new Rows();
  #shown = new Map<string, Shown>();
  /** The row that the keys act on. */
  #active = 0;
  #selected: string | null = null;
  /** Pieces that were asked for. */
  readonly #asked = new Set<string>();
  #typed = '';
  #typedMs = 0;
  /** What opens and closes is done one after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  #lastId = 0;

  constructor(host: TreeHost) {
    this.#host = host;
    this.element = h(
      'div',
      { role: 'tree', 'aria-label': 'Files', class: 'tree', tabindex: 0 },
      this.#sheet,
    );
    this.element.addEventListener('keydown', (event) => this.#onKey(event));
    this.element.addEventListener('click', (event) => this.#onClick(event));
    this.element.addEventListener('scroll', () => requestAnimationFrame(() => this.#paint()));
    new ResizeObserver(() => this.#paint()).observe(this.element);
  }

  /** Asks for everything that is open anew; what was selected stays so where it is still there. */
  refresh(): Promise<void> {
    return this.#inTurn(async () => {
      const rows = new Rows();
      const active = this.#rows.size > 0 ? this.#rows.at(this.#active).entry?.path : undefined;
      for (const path of ['/', ...this.#rows.opened().slice(1)]) {
        const index = await this.#come(rows, path);
        if (index >= 0) await this.#open(rows, index);
      }
      const index = active === undefined ? 0 : await this.#come(rows, active);
      this.#rows = rows;
      this.#asked.clear();
      this.#active = Math.max(0, index);
      this.#paint();
    });
  }

  /** What came of `path`; undefined where its directory is not open. */
  entryAt(path: string): EntryRow | undefined {
    const index = this.#rows.find(path);
    return index < 0 ? undefined : this.#rows.at(index).entry;
  }

  /** Opens the way to `path`, selects it and puts the focus there. */
  reveal(path: string): Promise<void> {
    return this.#inTurn(async () => {
      const names = path.split('/').filter(Boolean);
      let index = 0;
      for (let depth = 1; depth <= names.length; depth += 1) {
        await this.#open(this.#rows, index);
        index = await this.#come(this.#rows, `/${names.slice(0, depth).join('/')}`);
        if (index < 0) return;
      }
      this.element.focus();
      // As high as it is now: what is scrolled to must be there.
      this.#paint();
      this.#select(index);
    });
  }

  /** The row of `path`, whose directory is open in `rows`, once it came; -1 where it is gone. */
  async #come(rows: Rows, path: string): Promise<number> {
    const known = rows.find(path);
    if (known >= 0) return known;
    const directory = path.slice(0, path.lastIndexOf('/')) || '/';
    if (rows.indexOf(directory, 0) < 0) return -1;
    const place = await this.#host.place(path);
    if (place < 0) return -1;
    const from = place - (place % PIECE_COUNT);
    const { entries } = await this.#host.list(directory, from, PIECE_COUNT);
    rows.fill(directory, from, entries);
    return rows.find(path);
  }

  async #open(rows: Rows, index: number): Promise<void> {
    const { entry, isOpen } = rows.at(index);
    if (entry?.kind !== 'directory' || isOpen) return;
    const { count, entries } = await this.#host.list(entry.path, 0, PIECE_COUNT);
    rows.open(index, count);
    rows.fill(entry.path, 0, entries);
  }

  /** Opens or closes the directory `path`. */
  #toggle(path: string): void {
    void this.#inTurn(async () => {
      const index = this.#rows.find(path);
      if (index < 0) return;
      if (this.#rows.at(index).isOpen) this.#rows.close(index);
      else await this.#open(this.#rows, index);
      this.#active = Math.min(this.#active, this.#rows.size - 1);
      this.#paint();
    });
  }

  #inTurn(act: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(act).catch(this.#host.onError);
    this.#turn = turn;
    return turn;
  }

  /** Asks for the piece that `row` is in. */
  #ask({ directory, place }: Row): void {
    const from = place - (place % PIECE_COUNT);
    const key = `${from} ${directory}`;
    if (this.#asked.has(key)) return;
    this.#asked.add(key);
    const rows = this.#rows;
    this.#host
      .list(directory, from, PIECE_COUNT)
      .then(({ entries }) => {
        if (rows !== this.#rows) return;
        rows.fill(directory, from, entries);
        this.#paint();
      })
      .catch(this.#host.onError);
  }

  /** Puts the rows that show into the document. */
  #paint(): void {
    const { scrollTop, clientHeight } = this.element;
    const { size: count } = this.#rows;
    this.#sheet.style.setProperty('block-size', `${count * this.#pixels}px`);
    const first = Math.max(0, Math.floor(scrollTop / this.#pixels) - SPARE_COUNT);
    const last = Math.min(
      count,
      Math.ceil((scrollTop + clientHeight) / this.#pixels) + SPARE_COUNT,
    );
    const shown = new Map<string, Shown>();
    for (let index = first; index < last; index += 1) {
      const row = this.#rows.at(index);
      if (row.entry === undefined) this.#ask(row);
      const key = row.entry?.path ?? `${row.directory}/${row.place}/`;
      const old = this.#shown.get(key);
      const one = old?.entry === row.entry && old !== undefined ? old : this.#made(row);
      this.#mark(one.element, row, index);
      shown.set(key, one);
    }
    this.#shown = shown;
    fill(this.#sheet, ...[...shown.values()].map(({ element }) => element));
    const active = this.#sheet.querySelector('[data-active]');
    if (active === null) this.element.removeAttribute('aria-activedescendant');
    else this.element.setAttribute('aria-activedescendant', active.id);
  }

  #made({ entry, level }: Row): Shown {
    this.#lastId += 1;
    const id = `row-${this.#lastId}`;
    if (entry === undefined) {
      return {
        entry,
        element: h('div', { id, role: 'treeitem', class: 'row', 'aria-busy': true }),
      };
    }
    const { kind, path, ramdisk, tardisk } = entry;
    const name = printable(entry.name);
    const hint =
      kind === 'file'
        ? size(entry.size)
        : kind === 'symlink'
          ? `→ ${printable(entry.target!)}`
          : '';
    const from = ramdisk === null ? tardisk : `written, ${ramdisk}`;
    const element = h(
      'div',
      {
        ...{ id, role: 'treeitem', class: `row ${kind}`, title: path, 'data-path': path },
        'aria-label': [name, kind, hint, from].filter(Boolean).join(', '),
      },
      h('bdi', { class: 'name' }, name),
      h('span', { class: 'hint' }, hint),
      h('span', { class: ramdisk === null ? 'from' : 'from written' }, ramdisk ?? tardisk),
    );
    element.style.setProperty('--level', String(Math.min(level, INDENTED_MAX_LEVEL) - 1));
    return { entry, element };
  }

  /** Says of `element`, which shows `row`, what may have changed since it was made. */
  #mark(element: HTMLElement, { entry, level, place, count, isOpen }: Row, index: number): void {
    const isDirectory = entry?.kind === 'directory';
    const isSelected = entry !== undefined && entry.path === this.#selected;
    const said: Readonly<Record<string, string | number | null>> = {
      'aria-level': level,
      'aria-posinset': place + 1,
      'aria-setsize': count,
      'aria-selected': String(isSelected),
      'aria-expanded': isDirectory ? String(isOpen) : null,
      'data-active': index === this.#active ? '' : null,
    };
    for (const [name, value] of Object.entries(said)) {
      if (value === null) element.removeAttribute(name);
      else element.setAttribute(name, String(value));
    }
    element.style.setProperty('inset-block-start', `${index * this.#pixels}px`);
    element.style.setProperty('block-size', `${this.#pixels}px`);
  }

  /** Makes the row `index` the one that the keys act on, and shows it. */
  #go(index: number): void {
    this.#active = Math.max(0, Math.min(index, this.#rows.size - 1));
    const top = this.#active * this.#pixels;
    const { clientHeight, scrollTop } = this.element;
    if (top < scrollTop) this.element.scrollTop = top;
    const end = top + this.#pixels;
    if (end > scrollTop + clientHeight) this.element.scrollTop = end - clientHeight;
    this.#paint();
  }

  #select(index: number): void {
    const { entry } = this.#rows.at(index);
    if (entry === undefined) return;
    this.#selected = entry.path;
    this.#go(index);
    this.#host.onSelect(entry);
  }

  #onClick(event: MouseEvent): void {
    const path = (event.target as Element).closest<HTMLElement>('.row')?.dataset['path'];
    if (path === undefined) return;
    this.#select(this.#rows.find(path));
    this.#toggle(path);
  }

  #onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const at = this.#active;
    const { entry, isOpen, above } = this.#rows.at(at);
    const page = Math.max(1, Math.floor(this.element.clientHeight / this.#pixels) - 1);
    const toggle = (): void => this.#toggle(entry!.path);
    const isClosed = entry?.kind === 'directory' && !isOpen;
    const acts: Readonly<Record<string, () => void>> = {
      ArrowDown: () => this.#go(at + 1),
      ArrowUp: () => this.#go(at - 1),
      PageDown: () => this.#go(at + page),
      PageUp: () => this.#go(at - page),
      Home: () => this.#go(0),
      End: () => this.#go(this.#rows.size - 1),
      ArrowRight: () => {
        if (isClosed) toggle();
        else if (isOpen) this.#go(at + 1);
      },
      ArrowLeft: () => {
        if (isOpen) toggle();
        else this.#go(above);
      },
      Enter: () => this.#select(at),
      ' ': () => this.#select(at),
    };
    const act = acts[event.key];
    if (act === undefined && event.key.length !== 1) return;
    event.preventDefault();
    if (act !== undefined) act();
    else this.#goToNamed(event);
  }

  /** Goes to the next row whose name starts with what was typed in one go. */
  #goToNamed({ key, timeStamp }: KeyboardEvent): void {
    const isGoingOn = timeStamp - this.#typedMs < TYPING_MS;
    this.#typed = (isGoingOn ? this.#typed : '') + key.toLowerCase();
    this.#typedMs = timeStamp;
    const count = Math.min(this.#rows.size, NAMED_MAX_COUNT);
    const start = this.#typed.length > 1 ? this.#active : this.#active + 1;
    for (let step = 0; step < count; step += 1) {
      const index = (start + step) % this.#rows.size;
      const { entry } = this.#rows.at(index);
      if (entry?.name.toLowerCase().startsWith(this.#typed)) {
        this.#go(index);
        return;
      }
    }
  }
}
