/**
 * The page: makes its parts, and tells them of each other.
 *
 *   header    what opens something            aside   layers and gauges, always
 *   tabs      files, space, lint, backup, compare: asked anew where something changed since
 *   status    progress, what was done, what was refused
 */

import { backupView } from './page/backup-view.ts';
import { Client } from './page/client.ts';
import { compareView } from './page/compare-view.ts';
import { fill, h } from './page/dom.ts';
import { Drafts } from './page/drafts.ts';
import { filesView } from './page/files-view.ts';
import { inputsOfDrop } from './page/inputs.ts';
import { Layers } from './page/layers.ts';
import { lintView } from './page/lint-view.ts';
import { Opening } from './page/opening.ts';
import { addressForm, picker } from './page/pickers.ts';
import type { Explorer, View, What } from './page/shared.ts';
import { spaceView } from './page/space-view.ts';
import { Status } from './page/status.ts';
import { Tabs } from './page/tabs.ts';
import { themeButton } from './page/theme.ts';
import { welcome } from './page/welcome.ts';

const status = new Status();
const client = new Client(new URL('worker.js', import.meta.url), (message) =>
  status.refuse(new Error(`The engine stopped (${message}). Reload the page to start it anew.`)),
);

/** What each view has not been told of yet. */
const stale = new Map<View, What>();

const drafts = new Drafts();
const explorer: Explorer = {
  client,
  status,
  drafts,
  async changed(what) {
    const hadFocus = document.activeElement !== document.body;
    for (const view of views) if (stale.get(view) !== 'layers') stale.set(view, what);
    const [rows, space] = [await client.call('layers', []), await client.call('space', [])];
    layers.show(rows, space);
    document.body.classList.toggle('empty', rows.length === 0);
    await renew(tabs.view);
    // Where the focus was on what is gone now, the keys go on at the start of the view.
    const { activeElement } = document;
    const isLost = activeElement === document.body || activeElement?.checkVisibility() === false;
    if (hadFocus && isLost) main.focus();
  },
  reveal(path) {
    tabs.show(files);
    void renew(files).then(() => files.reveal?.(path));
  },
};

async function renew(view: View): Promise<void> {
  const what = stale.get(view);
  if (what === undefined) return;
  stale.delete(view);
  try {
    await view.refresh(what);
  } catch (error) {
    status.refuse(error);
  }
}

const opening = new Opening(client, status, () => explorer.changed('layers'));

const layers = new Layers(
  ({ id, name }) => {
    status.clear();
    client
      .call('close', [id])
      .then(() => status.say(`${name} is closed`))
      .then(() => explorer.changed('layers'))
      .catch((error) => status.refuse(error));
  },
  () => {
    const question = 'What was edited is in this page alone. Close everything, and lose it?';
    if (drafts.areHeld && !window.confirm(question)) return;
    status.clear();
    client
      .call('reset', [])
      .then(() => drafts.clear())
      .then(() => status.say('Everything is closed'))
      .then(() => explorer.changed('layers'))
      .catch((error) => status.refuse(error));
  },
);

const files = filesView(explorer);
const views = [
  files,
  spaceView(explorer),
  lintView(explorer),
  backupView(explorer),
  compareView(explorer),
];
const tabs = new Tabs(views, (view) => void renew(view));

function header(): HTMLElement {
  return h(
    'header',
    { class: 'top' },
    h('h1', {}, 'visorfs ', h('span', {}, 'explorer')),
    h(
      'div',
      { class: 'opening' },
      picker('Open files…', 'files', (inputs) => void opening.open(inputs)),
      picker('Open a folder…', 'folder', (inputs) => void opening.open(inputs)),
      addressForm('an archive or a bank', (address) => void opening.openAddress(address)),
    ),
    themeButton(),
  );
}

/** Opens what was dropped or pasted: files and folders, or an address. */
async function take(given: DataTransfer): Promise<void> {
  const text = given.getData('text/uri-list') || given.getData('text/plain');
  if (given.items.length > 0 && [...given.items].every(({ kind }) => kind === 'string')) {
    if (text !== '') await opening.openAddress(text.split('\n')[0]!);
    return;
  }
  await opening.open(await inputsOfDrop(given));
}

function listenForDrops(): void {
  const { body } = document;
  const mark = (isOver: boolean) => (event: DragEvent) => {
    event.preventDefault();
    body.classList.toggle('over', isOver);
  };
  const refuse = (error: unknown): void => status.refuse(error);
  body.addEventListener('dragover', mark(true));
  body.addEventListener('dragleave', mark(false));
  body.addEventListener('drop', (event) => {
    mark(false)(event);
    if (event.dataTransfer !== null) take(event.dataTransfer).catch(refuse);
  });
  body.addEventListener('paste', (event) => {
    // What is pasted into a field is the field's.
    const isField = (event.target as Element).matches('input, textarea');
    if (isField || event.clipboardData === null) return;
    event.preventDefault();
    take(event.clipboardData).catch(refuse);
  });
}

const main = h('main', { id: 'main', tabindex: -1 }, welcome(), tabs.panels);
document.body.classList.add('empty');
document.body.setAttribute('aria-busy', 'true');
fill(
  document.body,
  h('a', { class: 'skip', href: '#main' }, 'Skip to the files'),
  header(),
  status.element,
  h('nav', { 'aria-label': 'Views' }, tabs.bar),
  h('div', { class: 'middle' }, layers.element, main),
);
listenForDrops();
void explorer.changed('layers').then(() => document.body.removeAttribute('aria-busy'));
