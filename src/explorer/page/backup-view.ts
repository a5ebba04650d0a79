/**
 * The view of the backup: what the next one holds, what differs from the image, and both to take
 * along.
 */

import type { Change, StateFile } from '../../index.ts';
import { button, type Child, fill, h, save, table } from './dom.ts';
import { counted, printable, size } from './figures.ts';
import type { Explorer, View } from './shared.ts';

/** More rows than anybody reads. */
const SHOWN_MAX_COUNT = 1000;

const REASONS: Readonly<Record<StateFile['reason'], string>> = {
  sticky: 'sticky, and written to',
  replaced: 'in the place of a sticky file',
  restored: 'restored by the boot',
};

/** What the next backup holds. */
export function backupView({ client, status, reveal }: Explorer): View {
  const state = h('div');
  const changes = h('div');
  const device = h('span');
  const seal = h('span', { class: 'note' });
  const link = (path: string): HTMLElement =>
    button(printable(path), () => reveal(path), { class: 'link' });

  const take = async (verb: 'stateOf' | 'deviceOf', name: string): Promise<void> => {
    const blob = await status.during(`making ${name}`, (options) => client.call(verb, [], options));
    if (blob === undefined) return;
    save(blob, name);
    status.say(`${name} is made: ${size(blob.size)}`);
  };
  const stateButton = button('Download state.tgz', () => void take('stateOf', 'state.tgz'));
  const element = h(
    'div',
    { class: 'backup' },
    h('h2', {}, 'The next backup holds'),
    state,
    h('div', { class: 'actions' }, stateButton, device, seal),
    h('h2', {}, 'What differs from the image'),
    changes,
  );
  return {
    title: 'Backup',
    element,
    async refresh() {
      const kept = await client.call('kept', []);
      fill(state, stateTable(kept.state, link));
      fill(changes, changesTable(kept.changes, link));
      seal.textContent = kept.isEncrypted ? 'Both encrypted, with the key that was given.' : '';
      const disk = button('Download a disk image', () => void take('deviceOf', 'boot.img'));
      const note = kept.noDevice ?? 'The bank with this state; no layer that lies over it.';
      const said = h('span', { class: 'note' }, note);
      if (kept.noDevice === null) fill(device, disk, ' ', said);
      else fill(device, said);
    },
  };
}

type Link = (path: string) => HTMLElement;

function stateTable(state: readonly StateFile[], link: Link): HTMLElement {
  if (state.length === 0) {
    return h('p', { class: 'note' }, 'Nothing: no sticky file below /etc was written to.');
  }
  const rows = state.map(({ path, reason, size: bytes, mode }): Child[] => [
    link(path),
    REASONS[reason],
    size(bytes),
    (mode & 0o7777).toString(8).padStart(4, '0'),
  ]);
  return table('State', ['Path', 'Because it is', 'Size', 'Mode'], rows, ['Size']);
}

function changesTable(changes: readonly Change[], link: Link): HTMLElement {
  if (changes.length === 0) return h('p', { class: 'note' }, 'Nothing: the image is as it was.');
  const rows = changes
    .slice(0, SHOWN_MAX_COUNT)
    .map(({ path, change }): Child[] => [
      change === 'deleted' ? printable(path) : link(path),
      change,
    ]);
  const all = table('Changes', ['Path', 'Change'], rows);
  const rest = changes.length - rows.length;
  return rest === 0
    ? all
    : h('div', {}, all, h('p', { class: 'note' }, `and ${counted(rest, 'other')}`));
}
