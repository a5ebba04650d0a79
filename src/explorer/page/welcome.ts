/**
 * What shows while nothing is open: what can be opened here, and what becomes of it.
 */

import { h } from './dom.ts';

const KINDS: readonly [what: string, how: string][] = [
  ['A VIB, or an offline bundle', 'its payloads, as they would be mounted'],
  ['A .tgz, or a tar of any kind', 'plain, visor, gzip, xz or zstd: mounted in place'],
  ['A boot bank: its folder', 'booted, with the ramdisks that ESXi has'],
  ['A disk image with banks', 'booted likewise; it goes out again as one'],
  ['A state.tgz', 'restored over what is open, as a boot does'],
  ['An address of any of these', 'of a bank that of its folder, with a slash at its end'],
];

/** The page while nothing is open. */
export function welcome(): HTMLElement {
  return h(
    'section',
    { class: 'welcome', 'aria-label': 'How to start' },
    h('p', { class: 'big' }, 'Drop an archive here'),
    h('p', {}, 'Several lie over each other as layers of one tree, the last on top.'),
    h('dl', {}, ...KINDS.flatMap(([what, how]) => [h('dt', {}, what), h('dd', {}, how)])),
    h(
      'p',
      { class: 'note' },
      'Nothing leaves this machine: the page may connect nowhere. What is edited is in memory, ' +
        'and goes when the page does, unless it is downloaded.',
    ),
  );
}
