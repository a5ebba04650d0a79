/**
 * The view of files: a search, the tree, and what is at the path that was chosen.
 */

import type { EntryRow, Found } from '../protocol.ts';
import type { CallOptions } from './client.ts';
import { type ContentHost, contentView } from './content.ts';
import { button, fill, h, save } from './dom.ts';
import { counted, instant, printable } from './figures.ts';
import type { Explorer, View } from './shared.ts';
import { TreeView } from './tree.ts';
import { whyView } from './why.ts';

/** Typing goes on for this long before anything is looked for, in milliseconds. */
const PATIENCE_MS = 150;

/** Files, found or in their tree. */
export function filesView(explorer: Explorer): View {
  const { client, status } = explorer;
  const refuse = (error: unknown): void => status.refuse(error);
  const detail = h('section', { class: 'detail', 'aria-label': 'The file chosen' });
  const nothing = h(
    'p',
    { class: 'note' },
    'Choose a file to see what it holds, and who gives it.',
  );
  let chosen = 0;
  let current: EntryRow | null = null;

  const content: ContentHost = {
    piece: (path, offset, length) => client.call('piece', [path, offset, length]),
    write: async (path, text) => {
      try {
        await client.call('write', [path, text]);
      } catch (error) {
        refuse(error);
        return false;
      }
      explorer.drafts.noteSaved();
      status.clear();
      status.say(`${path} is saved in its ramdisk`);
      await explorer.changed('content');
      if (current?.path === path) await showAgain(path);
      return true;
    },
    drafts: explorer.drafts,
    onError: refuse,
  };

  const head = h('div');
  const why = h('div');
  /** Shows anew what is said of `path`, but for what it holds, which somebody edits. */
  const showAgain = async (path: string): Promise<void> => {
    const entry = tree.entryAt(path);
    if (entry !== undefined) fill(head, headOf(entry, download));
    fill(why, whyView(await client.call('why', [path])));
  };

  const show = async (entry: EntryRow): Promise<void> => {
    chosen += 1;
    const mine = chosen;
    current = entry;
    try {
      const parts: HTMLElement[] = [head];
      const origin = await client.call('why', [entry.path]);
      // Last, as it begins with what is typed by then.
      if (entry.kind === 'file') parts.push(await contentView(entry, content));
      // Somebody chose another one meanwhile.
      if (mine !== chosen) return;
      fill(head, headOf(entry, download));
      fill(why, whyView(origin));
      fill(detail, ...parts, why);
    } catch (error) {
      refuse(error);
    }
  };
  const download = async ({ path, name }: EntryRow): Promise<void> => {
    const blob = await status.during(`reading ${name}`, (options) =>
      client.call('fileOf', [path], options),
    );
    if (blob !== undefined) save(blob, name);
  };

  const tree = new TreeView({
    list: (path, from, count) => client.call('list', [path, from, count]),
    place: (path) => client.call('place', [path]),
    onSelect: (entry) => {
      // Chosen again, what is being typed into it is let be.
      const isTyped = current?.path === entry.path && explorer.drafts.has(entry.path);
      if (!isTyped) void show(entry);
    },
    onError: refuse,
  });
  const found = h('div', { class: 'found', hidden: true });
  const search = searchBox(
    (text, where, options) => {
      const ask = (given: CallOptions): Promise<Found> =>
        client.call('search', [text, where], given);
      // Names are found at once; what files hold may take a while, and can be stopped.
      return where === 'names'
        ? ask(options)
        : status.during(`looking for '${text}'`, ask, options);
    },
    (result) => {
      found.hidden = result === null;
      tree.element.hidden = result !== null;
      if (result === null) return;
      const { length } = result.entries;
      status.say(
        result.isCut
          ? `More than ${counted(length, 'path')} found`
          : `${counted(length, 'path')} found`,
      );
      fill(found, resultsOf(result, pick));
    },
    refuse,
  );
  const pick = (entry: EntryRow): void => {
    search.clear();
    void tree.reveal(entry.path);
  };

  fill(detail, nothing);
  const element = h(
    'div',
    { class: 'files' },
    h('div', { class: 'side' }, search.element, found, tree.element),
    detail,
  );
  return {
    title: 'Files',
    element,
    async refresh(what) {
      await tree.refresh();
      if (what === 'content') return;
      search.clear();
      // What was looked at may come from another layer now, or be gone.
      const still = current === null ? undefined : tree.entryAt(current.path);
      if (still !== undefined) {
        await show(still);
        return;
      }
      chosen += 1;
      current = null;
      fill(detail, nothing);
    },
    reveal: (path) => tree.reveal(path),
  };
}

function headOf(entry: EntryRow, download: (entry: EntryRow) => Promise<void>): HTMLElement {
  const { path, letters, kind, target, mtimeSeconds } = entry;
  const bytes = kind === 'file' ? counted(entry.size, 'byte') : kind;
  const link = target === null ? '' : `→ ${printable(target)}`;
  const facts = [letters, bytes, instant(mtimeSeconds), link];
  return h(
    'header',
    {},
    h('h2', { class: 'path' }, h('bdi', {}, printable(path))),
    h('p', { class: 'facts' }, facts.filter(Boolean).join('   ')),
    kind === 'file' ? button('Download', () => void download(entry), { class: 'download' }) : null,
  );
}

function resultsOf({ entries, isCut }: Found, pick: (entry: EntryRow) => void): HTMLElement {
  const rows = entries.map((entry) =>
    h(
      'li',
      {},
      button(printable(entry.path), () => pick(entry)),
      h('small', {}, `  ${entry.ramdisk ?? entry.tardisk ?? ''}`),
    ),
  );
  const note = isCut ? `The first ${entries.length}: type more.` : null;
  return h(
    'div',
    {},
    entries.length === 0 ? h('p', { class: 'note' }, 'Nothing has that in it.') : null,
    note === null ? null : h('p', { class: 'note' }, note),
    h('ul', { 'aria-label': 'Found', class: 'results' }, ...rows),
  );
}

/** A field that asks for names while somebody types; `tell` hears null where it is empty. */
function searchBox(
  ask: (
    text: string,
    where: 'names' | 'inside',
    options: CallOptions,
  ) => Promise<Found | undefined>,
  tell: (found: Found | null) => void,
  onError: (error: unknown) => void,
) {
  let asking = new AbortController();
  const field = h('input', {
    ...{ type: 'search', placeholder: 'Find', 'aria-label': 'Find files' },
    oninput: () => look(),
  });
  const inside = h('input', { type: 'checkbox', class: 'tick', onchange: () => look() });
  const look = (): void => {
    asking.abort();
    asking = new AbortController();
    const { signal } = asking;
    const text = field.value.trim();
    if (text === '') {
      tell(null);
      return;
    }
    setTimeout(() => {
      if (signal.aborted) return;
      ask(text, inside.checked ? 'inside' : 'names', { signal }).then(
        (result) => {
          if (!signal.aborted && result !== undefined) tell(result);
        },
        (error) => {
          if (!signal.aborted) onError(error);
        },
      );
    }, PATIENCE_MS);
  };
  const clear = (): void => {
    field.value = '';
    look();
  };
  const choice = h('label', { class: 'check within' }, inside, 'in what files hold, not in names');
  return { element: h('div', { role: 'search' }, field, choice), clear };
}
