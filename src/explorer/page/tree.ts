/**
 * The merged tree, as the treeview that WAI-ARIA describes: one stop of the tab key, arrows within.
 *
 *   Down, Up     the next and the one before, of those that show      Home, End   first, last
 *   Right        open it; where it is open, its first child           Enter       show it
 *   Left         close it; where it is closed, its parent             letters     the next such
 *
 * A directory is listed when it is first opened, and shows some hundreds at once: the rest on
 * demand, so that a directory of 100,000 names does not hold up the page. What asks for the rest is
 * a button, which the tab key comes to.
 */

import type { EntryRow } from '../protocol.ts';
import { button, fill, h } from './dom.ts';
import { size } from './figures.ts';

const SHOWN_AT_ONCE = 400;

/** What the tree needs, and tells. */
export interface TreeHost {
  /** What is in a directory. */
  readonly list: (path: string) => Promise<readonly EntryRow[]>;
  readonly onSelect: (entry: EntryRow) => void;
  readonly onError: (error: unknown) => void;
}

interface Item {
  readonly entry: EntryRow;
  readonly element: HTMLElement;
  readonly group: HTMLElement;
  readonly parent: Item | null;
}

const ROOT: EntryRow = {
  ...{ name: '/', path: '/', kind: 'directory', letters: 'drwxr-xr-x', size: 0 },
  ...{ mtimeSeconds: 0, target: null, tardisk: null, ramdisk: null },
};

/** The tree of directories and files. */
export class TreeView {
  readonly element = h('ul', { role: 'tree', 'aria-label': 'Files', class: 'tree' });
  readonly #host: TreeHost;
  readonly #items = new Map<Element, Item>();
  #typed = '';
  #typedMs = 0;

  constructor(host: TreeHost) {
    this.#host = host;
    this.element.addEventListener('keydown', (event) => this.#onKey(event));
    this.element.addEventListener('click', (event) => this.#onClick(event));
  }

  /** Lists everything that is open anew; what was selected stays so where it is still there. */
  async refresh(): Promise<void> {
    const isOpen = ({ element }: Item): boolean => element.getAttribute('aria-expanded') === 'true';
    const open = new Set([...this.#items.values()].filter(isOpen).map(({ entry }) => entry.path));
    const selected = this.#selected()?.entry.path;
    this.#items.clear();
    const root = this.#item(ROOT, null, 1);
    fill(this.element, root.element);
    await this.#expand(root, (path) => open.has(path));
    const again = this.#at(selected);
    this.#focusable(again ?? root);
    again?.element.setAttribute('aria-selected', 'true');
  }

  /** What is listed at `path`; undefined where its directory was never opened. */
  entryAt(path: string): EntryRow | undefined {
    return this.#at(path)?.entry;
  }

  #at(path: string | undefined): Item | undefined {
    return [...this.#items.values()].find(({ entry }) => entry.path === path);
  }

  /** Opens the way to `path`, selects it and puts the focus there. */
  async reveal(path: string): Promise<void> {
    let item = this.#items.get(this.element.firstElementChild!);
    for (let at = path.indexOf('/', 1); item !== undefined && item.entry.path !== path; ) {
      await this.#expand(item);
      const want = at < 0 ? path : path.slice(0, at);
      item = this.#shown(item, want);
      at = at < 0 ? at : path.indexOf('/', at + 1);
    }
    if (item === undefined) return;
    this.#select(item);
    item.element.focus();
  }

  /** The item of `path` in the directory `parent`, which is made where it was left for later. */
  #shown(parent: Item, path: string): Item | undefined {
    for (;;) {
      const found = [...parent.group.children].find(
        (element) => this.#items.get(element)?.entry.path === path,
      );
      if (found !== undefined) return this.#items.get(found);
      const more = parent.group.querySelector<HTMLElement>(':scope > .more > button');
      if (more === null) return undefined;
      more.click();
    }
  }

  #item(entry: EntryRow, parent: Item | null, level: number): Item {
    const { kind, name } = entry;
    const isDirectory = kind === 'directory';
    const group = h('ul', { role: 'group', hidden: true });
    const hint = kind === 'file' ? size(entry.size) : kind === 'symlink' ? `→ ${entry.target}` : '';
    const row = h(
      'span',
      { class: `row ${kind}` },
      h('span', { class: 'name' }, name),
      h('span', { class: 'hint' }, hint),
      entry.ramdisk === null ? null : h('span', { class: 'badge', title: 'written' }, 'written'),
    );
    const element = h(
      'li',
      {
        ...{ role: 'treeitem', tabindex: -1, 'aria-level': level, 'aria-selected': 'false' },
        'aria-label': [name, isDirectory ? 'directory' : kind, hint].filter(Boolean).join(', '),
        'aria-expanded': isDirectory ? 'false' : undefined,
        'data-path': entry.path,
      },
      row,
      isDirectory ? group : null,
    );
    const item = { entry, element, group, parent };
    this.#items.set(element, item);
    return item;
  }

  /** Opens `item`, and what is below it where `also` says so. */
  async #expand(item: Item, also: (path: string) => boolean = () => false): Promise<void> {
    const { element, group, entry } = item;
    if (entry.kind !== 'directory' || element.getAttribute('aria-expanded') === 'true') return;
    if (group.childElementCount === 0) {
      element.setAttribute('aria-busy', 'true');
      try {
        const rows = await this.#host.list(entry.path);
        // Whoever listed it meanwhile has made the items.
        if (group.childElementCount === 0) this.#more(item, rows);
      } catch (error) {
        this.#host.onError(error);
        return;
      } finally {
        element.removeAttribute('aria-busy');
      }
    }
    element.setAttribute('aria-expanded', 'true');
    group.hidden = false;
    for (const child of [...group.children]) {
      const below = this.#items.get(child);
      if (below !== undefined && also(below.entry.path)) await this.#expand(below, also);
    }
  }

  /** Shows the next of `rows` in `item`. */
  #more(item: Item, rows: readonly EntryRow[]): void {
    const level = Number(item.element.getAttribute('aria-level')) + 1;
    const next = rows.slice(0, SHOWN_AT_ONCE).map((row) => this.#item(row, item, level).element);
    item.group.append(...next);
    const rest = rows.slice(SHOWN_AT_ONCE);
    if (rest.length === 0) return;
    const more = h('li', { role: 'none', class: 'more' });
    const act = (): void => {
      more.remove();
      this.#more(item, rest);
    };
    more.append(button(`${rest.length} more`, act));
    item.group.append(more);
  }

  #collapse({ element, group }: Item): void {
    element.setAttribute('aria-expanded', 'false');
    group.hidden = true;
  }

  #selected(): Item | undefined {
    const element = this.element.querySelector('[aria-selected="true"]');
    return element === null ? undefined : this.#items.get(element);
  }

  #select(item: Item): void {
    this.#selected()?.element.setAttribute('aria-selected', 'false');
    item.element.setAttribute('aria-selected', 'true');
    this.#focusable(item);
    this.#host.onSelect(item.entry);
  }

  /** Makes `item` the one that the tab key stops at. */
  #focusable({ element }: Item): void {
    for (const old of this.element.querySelectorAll('[tabindex="0"]')) {
      old.setAttribute('tabindex', '-1');
    }
    element.setAttribute('tabindex', '0');
  }

  #focus(item: Item | undefined): void {
    if (item === undefined) return;
    this.#focusable(item);
    item.element.focus();
    item.element.firstElementChild?.scrollIntoView({ block: 'nearest' });
  }

  /** What shows, from the top down. */
  #visible(): Item[] {
    return [...this.element.querySelectorAll('[role="treeitem"]')]
      .filter((element) => element.closest('ul[hidden]') === null)
      .map((element) => this.#items.get(element)!);
  }

  #onClick(event: MouseEvent): void {
    const element = (event.target as Element).closest('.row')?.parentElement;
    const item = element ? this.#items.get(element) : undefined;
    if (item === undefined) return;
    this.#select(item);
    this.#toggle(item);
  }

  #toggle(item: Item): void {
    const state = item.element.getAttribute('aria-expanded');
    if (state === 'true') this.#collapse(item);
    else if (state === 'false') void this.#expand(item);
  }

  #onKey(event: KeyboardEvent): void {
    const item = this.#items.get(event.target as Element);
    if (item === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    const visible = this.#visible();
    const at = visible.indexOf(item);
    const isOpen = item.element.getAttribute('aria-expanded') === 'true';
    const child = (): Item | undefined => this.#items.get(item.group.children[0]!);
    const acts: Readonly<Record<string, () => void>> = {
      ArrowDown: () => this.#focus(visible[at + 1]),
      ArrowUp: () => this.#focus(visible[at - 1]),
      Home: () => this.#focus(visible[0]),
      End: () => this.#focus(visible.at(-1)),
      ArrowRight: () => (isOpen ? this.#focus(child()) : void this.#expand(item)),
      ArrowLeft: () => (isOpen ? this.#collapse(item) : this.#focus(item.parent ?? undefined)),
      Enter: () => this.#select(item),
      ' ': () => this.#select(item),
    };
    const act = acts[event.key];
    if (act === undefined && event.key.length !== 1) return;
    event.preventDefault();
    if (act !== undefined) act();
    else this.#focus(this.#named(event, visible, at));
  }

  /** The next item after `at` whose name starts with what was typed in one go. */
  #named(event: KeyboardEvent, visible: readonly Item[], at: number): Item | undefined {
    const isGoingOn = event.timeStamp - this.#typedMs < 700;
    this.#typed = (isGoingOn ? this.#typed : '') + event.key.toLowerCase();
    this.#typedMs = event.timeStamp;
    const start = this.#typed.length > 1 ? at : at + 1;
    const order = [...visible.slice(start), ...visible.slice(0, start)];
    return order.find(({ entry }) => entry.name.toLowerCase().startsWith(this.#typed));
  }
}
