/**
 * The page: makes its parts, and tells them of each other.
 *
 *   header    what opens something            aside   layers and gauges, always
 *   tabs      files, space, lint, kept, compare: asked anew when they show after something changed
 *   status    progress, what was done, what was refused
 */

import { Client } from './page/client.ts';
import { compareView } from './page/compare-view.ts';
import { fill, h } from './page/dom.ts';
import { addressOf, fetched } from './page/fetching.ts';
import { counted } from './page/figures.ts';
import { filesView } from './page/files-view.ts';
import { inputsOfDrop } from './page/inputs.ts';
import { keptView } from './page/kept-view.ts';
import { Layers } from './page/layers.ts';
import { lintView } from './page/lint-view.ts';
import { picker } from './page/pickers.ts';
import type { Explorer, View, What } from './page/shared.ts';
import { spaceView } from './page/space-view.ts';
import { Status } from './page/status.ts';
import { Tabs } from './page/tabs.ts';
import { themeButton } from './page/theme.ts';
import type { LayerInput } from './protocol.ts';

const status = new Status();
const client = new Client(new URL('worker.js', import.meta.url), (message) =>
  status.refuse(new Error(`The engine stopped (${message}). Reload the page to start it anew.`)),
);

/** What each view has not been told of yet. */
const stale = new Map<View, What>();

const explorer: Explorer = {
  client,
  status,
  async changed(what) {
    for (const view of views) if (stale.get(view) !== 'layers') stale.set(view, what);
    const [rows, space] = [await client.call('layers', []), await client.call('space', [])];
    layers.show(rows, space);
    document.body.classList.toggle('empty', rows.length === 0);
    await renew(tabs.view);
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

/** Opens `inputs`, one on top of the other; where one is refused, the others are opened still. */
async function open(inputs: readonly LayerInput[]): Promise<void> {
  status.clear();
  let opened = 0;
  for (const input of inputs) {
    const row = await status.during(`opening ${input.name}`, (options) =>
      client.call('open', [input], options),
    );
    if (row === undefined) continue;
    opened += 1;
    const count = row.tardisks.reduce((sum, { files }) => sum + files, 0);
    for (const message of row.warnings) status.refuse({ message });
    status.say(`${row.name} is open: ${counted(count, 'file')}`);
  }
  if (opened > 0) await explorer.changed('layers');
}

async function openAddress(text: string): Promise<void> {
  status.clear();
  const input = await status.during(`fetching ${text}`, (options) =>
    Promise.resolve(text)
      .then(addressOf)
      .then((address) => fetched(address, options)),
  );
  if (input !== undefined) await open([input]);
}

const layers = new Layers(
  ({ id, name }) => {
    client
      .call('close', [id])
      .then(() => status.say(`${name} is closed`))
      .then(() => explorer.changed('layers'))
      .catch((error) => status.refuse(error));
  },
  () => {
    status.clear();
    client
      .call('reset', [])
      .then(() => explorer.changed('layers'))
      .catch((error) => status.refuse(error));
  },
);

const files = filesView(explorer);
const views = [
  files,
  spaceView(explorer),
  lintView(explorer),
  keptView(explorer),
  compareView(explorer),
];
const tabs = new Tabs(views, (view) => void renew(view));

function header(): HTMLElement {
  const address = h('input', {
    ...{ type: 'url', placeholder: 'or paste an address', 'aria-label': 'Address of an archive' },
    ...{ spellcheck: 'false', required: true },
  });
  const onsubmit = (event: SubmitEvent): void => {
    event.preventDefault();
    void openAddress(address.value);
  };
  return h(
    'header',
    { class: 'top' },
    h('h1', {}, 'visorfs ', h('span', {}, 'explorer')),
    h(
      'div',
      { class: 'opening' },
      picker('Open files…', 'files', (inputs) => void open(inputs)),
      picker('Open a folder…', 'folder', (inputs) => void open(inputs)),
      h('form', { onsubmit, novalidate: true }, address, h('button', {}, 'Fetch')),
    ),
    themeButton(),
  );
}

function listenForDrops(): void {
  const { body } = document;
  const mark = (isOver: boolean) => (event: DragEvent) => {
    event.preventDefault();
    body.classList.toggle('over', isOver);
  };
  body.addEventListener('dragover', mark(true));
  body.addEventListener('dragleave', mark(false));
  body.addEventListener('drop', (event) => {
    mark(false)(event);
    if (event.dataTransfer === null) return;
    inputsOfDrop(event.dataTransfer).then(open, (error) => status.refuse(error));
  });
}

const welcome = h(
  'section',
  { class: 'welcome', 'aria-label': 'How to start' },
  h('p', { class: 'big' }, 'Drop an archive here'),
  h(
    'p',
    {},
    'A VIB, an offline bundle, a tar in any compression, a folder with a boot.cfg, a disk ' +
      'image. Several lie over each other, the last on top; a state.tgz goes over a bank.',
  ),
  h('p', { class: 'note' }, 'Nothing leaves this machine: the page may connect nowhere.'),
);

document.body.classList.add('empty');
document.body.setAttribute('aria-busy', 'true');
fill(
  document.body,
  h('a', { class: 'skip', href: '#main' }, 'Skip to the files'),
  header(),
  status.element,
  h('nav', { 'aria-label': 'Views' }, tabs.bar),
  h('div', { class: 'middle' }, layers.element, h('main', { id: 'main' }, welcome, tabs.panels)),
);
listenForDrops();
void explorer.changed('layers').then(() => document.body.removeAttribute('aria-busy'));
