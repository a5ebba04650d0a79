/**
 * The view that compares: another image against all that is open here.
 */

import type { TreeDifference } from '../../index.ts';
import type { Compared, LayerInput } from '../protocol.ts';
import { button, type Child, fill, h, table } from './dom.ts';
import { fetched } from './fetching.ts';
import { counted, printable, size } from './figures.ts';
import { withKey } from './key-dialog.ts';
import { addressForm, picker } from './pickers.ts';
import type { Explorer, View } from './shared.ts';

/** Another image, and how this one differs. */
export function compareView({ client, status, reveal }: Explorer): View {
  const result = h('div');
  const compare = async ([older]: readonly LayerInput[]): Promise<void> => {
    if (older === undefined) return;
    status.clear();
    const compared = await status.during(`comparing with ${older.name}`, (options) =>
      withKey(older.name, (key) => client.call('compare', [older, key], options)),
    );
    if (compared === undefined) return;
    fill(result, ...differencesOf(compared, reveal));
    status.say(`${counted(compared.count, 'difference')} from ${compared.older}`);
  };
  const compareAt = async (text: string): Promise<void> => {
    status.clear();
    const input = await status.during(`fetching ${text.trim()}`, (options) =>
      fetched(text, client, options),
    );
    if (input !== undefined) await compare([input]);
  };
  const address = addressForm('the older image', (text) => void compareAt(text));
  const file = picker('Compare with a file…', 'file', (inputs) => void compare(inputs));
  const folder = picker('Compare with a folder…', 'folder', (inputs) => void compare(inputs));
  const note = 'The other image is taken as the older one; what is open here is the newer.';
  return {
    title: 'Compare',
    element: h(
      'div',
      { class: 'compare' },
      h('h2', {}, 'Differences from another image'),
      h('p', { class: 'note' }, note),
      h('div', { class: 'actions opening' }, file, folder, address),
      result,
    ),
    async refresh(what) {
      // What was found is of the layers that were there then.
      if (what === 'layers') fill(result);
    },
  };
}

function differencesOf(
  { older, differences, count }: Compared,
  reveal: (path: string) => void,
): Child[] {
  if (count === 0) return [h('p', {}, `No difference from ${older}.`)];
  const rows = differences.map((difference): Child[] => {
    const { path, change } = difference;
    const shown = printable(path);
    const isHere = change !== 'removed';
    return [
      isHere ? button(shown, () => reveal(path), { class: 'link' }) : shown,
      h('span', { class: `change ${change}` }, change),
      whatOf(difference),
    ];
  });
  const note = `${counted(count, 'difference')} from ${older}`;
  const isCut = count > differences.length;
  return [
    h('p', {}, isCut ? `${note}; the first ${differences.length}:` : `${note}:`),
    table('Differences', ['Path', 'Change', 'What'], rows),
  ];
}

function whatOf({ aspects, older, newer }: TreeDifference): string {
  const one = newer ?? older;
  if (older === null || newer === null) {
    const from = one?.tardisk ? `, ${one.tardisk}` : '';
    return one?.kind === 'file' ? `${size(one.size)}${from}` : `${one?.kind}${from}`;
  }
  const both: Readonly<Record<string, () => string>> = {
    type: () => `${older.kind} → ${newer.kind}`,
    mode: () => `mode ${older.mode.toString(8)} → ${newer.mode.toString(8)}`,
    owner: () => `owner ${older.uid}:${older.gid} → ${newer.uid}:${newer.gid}`,
    size: () => `${size(older.size)} → ${size(newer.size)}`,
    target: () => printable(`→ ${older.target}, now → ${newer.target}`),
  };
  return aspects.map((aspect) => both[aspect]?.() ?? aspect).join(', ');
}
