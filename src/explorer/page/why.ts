/**
 * Where what is at one path comes from, in words: who gives it, what covers whom, whether it is
 * saved.
 */

import type { Why, WhyRow } from '../../index.ts';
import { type Child, h, table } from './dom.ts';
import { count, instant, size } from './figures.ts';

type Verdict = Why['backup'];
type Obstacle = Extract<Verdict, { isSaved: false }>['obstacle'];
type Reason = Extract<Verdict, { isSaved: true }>['reason'];

const REASONS: Readonly<Record<Reason, string>> = {
  sticky: 'it is sticky, and was written to',
  replaced: 'it stands in the place of a sticky file',
  restored: 'the last boot restored it',
};

const OBSTACLES: Readonly<Record<Obstacle, string>> = {
  absent: 'nothing is there',
  marker: 'it shows the original of another file',
  directory: 'only files are saved, and this is a directory',
  symlink: 'only files are saved, and this is a link',
  special: 'only files are saved, and this is a device',
  outside: 'it is not below /etc',
  new: 'it is new, and no archive has a file there',
  'not-sticky': 'it is not sticky; in an archive, chmod +t makes it so',
  unchanged: 'it is sticky, but nobody wrote to it',
};

/** What `why` says, as elements. */
export function whyView(why: Why): HTMLElement {
  return h(
    'section',
    { class: 'why', 'aria-label': 'Where it comes from' },
    h('h3', {}, 'Where it comes from'),
    h('p', {}, givenBy(why)),
    why.rows.length === 0 ? null : rowsOf(why.rows),
    h('p', { class: 'verdict' }, verdictOf(why.backup)),
  );
}

function givenBy({ tardisk, ramdisk, kind }: Why): string {
  if (ramdisk === null) {
    if (tardisk === null)
      return 'No archive and no ramdisk holds it: it is there to be mounted on.';
    return kind === 'directory'
      ? `Tardisk ${tardisk} says its mode and owner; nothing was written to it.`
      : `Tardisk ${tardisk} gives it, as it is in the archive.`;
  }
  const held = `ramdisk ${ramdisk.name} holds ${count(ramdisk.bytes)} bytes of it`;
  if (!ramdisk.isBranch) return `It was made here: ${held}.`;
  if (ramdisk.tardiskBytes === 0)
    return `It was written over: ${held}; nothing of ${tardisk} shows.`;
  return `It was branched from ${tardisk}: ${held}; the rest still comes from there.`;
}

function rowsOf(rows: readonly WhyRow[]): HTMLElement {
  const heads = ['Tardisk', 'Here', 'Size', 'Mode', 'Modified'];
  const cells = rows.map((row): Child[] => [
    row.tardisk,
    roleOf(row),
    row.kind === 'file' ? size(row.size) : row.kind,
    row.mode.toString(8).padStart(4, '0'),
    instant(row.mtimeSeconds),
  ]);
  return table('Every tardisk that has this path, the topmost first', heads, cells, ['Size']);
}

function roleOf({ role, cover }: WhyRow): string {
  if (cover === null) {
    if (role === 'merges') return 'merges with the others';
    return role === 'branched' ? 'branched' : 'shows';
  }
  const what = cover.what === 'whiteout' ? 'deleted in' : 'covered by';
  return `${what} ${cover.by}`;
}

function verdictOf(backup: Verdict): string {
  if (backup.isSaved) return `The next backup saves it: ${REASONS[backup.reason]}.`;
  return `The next backup does not save it: ${OBSTACLES[backup.obstacle]}.`;
}
