/**
 * The probes of permissions: verb × place, whoever asks. `p` is where the scene is.
 */

import { FLAVOURS, type Flavour } from './outcome.ts';
import { PLACES } from './permission-scene.ts';
import { Probes } from './probes.ts';

const O_TRUNC = 0o1000;
const O_NOATIME = 0o1000000;
const SYNC: readonly Flavour[] = ['sync'];

/** On each place, and on a new name in it. */
const VERBS: Readonly<Record<string, readonly (readonly unknown[])[]>> = {
  appendFile: [['more']],
  chmod: [[0o6777], [0o640], [0o2640]],
  chown: [
    [1000, 27],
    [1000, 1000],
    [1000, 28],
    [1001, -1],
    [-1, 27],
    [-1, -1],
    [0, 0],
  ],
  lchown: [
    [1000, 27],
    [-1, -1],
  ],
  lstat: [[]],
  lutimes: [[1, 2]],
  mkdir: [[], [0o6777], [{ recursive: true }]],
  open: [['r'], ['r+'], ['w'], ['wx'], ['a+'], [O_TRUNC], [O_NOATIME], [3], ['w', 0o6777]],
  readFile: [[], ['utf8'], [{ flag: 'r+' }]],
  readdir: [[], [{ withFileTypes: true }], [{ recursive: true }]],
  readlink: [[]],
  realpath: [[]],
  rm: [[], [{ recursive: true }], [{ recursive: true, force: true }]],
  rmdir: [[]],
  stat: [[]],
  statfs: [[]],
  truncate: [[3]],
  unlink: [[]],
  utimes: [[1, 2]],
  writeFile: [['new'], ['new', { mode: 0o2777 }]],
};

const SOURCES = [
  ...'mine/f mine/dir mine/root mine/rootdir mine/empty mine/frozen/f open/theirs open/dir'.split(
    ' ',
  ),
  ...'sticky/mine sticky/theirs sticky/minedir sticky/theirdir mysticky/theirs shut/f'.split(' '),
  ...'drop/f group/f read write none all suid-all sgid-all sgid-lock only-group gone'.split(' '),
  ...'denied-owner denied-group to-mine to-shut sticky/link sgid-foreign'.split(' '),
];

const TARGETS = [
  ...'mine/new mine/f mine/empty open/new open/theirs open/dir shut/new shut/f list/new'.split(' '),
  ...'pass/new drop/new sticky/new sticky/mine sticky/theirs sticky/theirdir group/new'.split(' '),
  ...'mine/frozen/new foreign/new sticky/minedir mine/dir/new all write read into-open'.split(' '),
];

/** The probes of permissions. */
export function permissionProbes(p: string): Probes {
  const probes = new Probes(p);
  const add = (verb: string, place: string, given: readonly unknown[], flavours = SYNC): void => {
    const shown = JSON.stringify(given);
    probes.add(flavours, verb, `${place} ${shown}`, () => [`${p}/${place}`, ...given]);
  };
  const everywhere = [...PLACES, ...PLACES.filter((place) => !place.includes('-')).map(within)];
  for (const [verb, cases] of Object.entries(VERBS)) {
    for (const given of cases) for (const place of everywhere) add(verb, place, given);
    for (const place of ['shut/f', 'mine/f', 'sticky/theirs', 'read', 'mine/rootdir', 'pass']) {
      if (cases[0] !== undefined) add(verb, place, cases[0], FLAVOURS);
    }
  }
  for (const place of ['open', 'shut', 'list', 'pass', 'mine', 'mine/frozen', 'group', 'foreign']) {
    add('mkdtemp', `${place}/t-`, []);
    // Node's other flavours name the part that failed; this one, and all of ours, the whole path.
    add('mkdir', `${place}/a/b/c`, [{ recursive: true }]);
    add('mkdir', `${place}/a/b`, [{ recursive: true, mode: 0o2077 }]);
    probes.add(SYNC, 'symlink', `in ${place}`, () => ['anywhere', `${p}/${place}/new`]);
  }
  for (const place of ['shut/.', 'list/.', 'list/..', 'list/', 'pass/../read', 'shut/', 'f/..']) {
    for (const verb of ['stat', 'lstat', 'open', 'readdir', 'rmdir', 'unlink', 'mkdir']) {
      add(verb, place, []);
    }
  }
  for (const verb of ['rename', 'link', 'copyFile']) {
    for (const source of SOURCES) {
      for (const target of TARGETS) {
        const title = `${source} to ${target}`;
        probes.add(SYNC, verb, title, () => [`${p}/${source}`, `${p}/${target}`]);
      }
    }
  }
  return probes;
}

/**
 * The probes of access(2), by which also exists goes: it asks for the real user, so that another
 * process has to be him.
 */
export function accessProbes(p: string): Probes {
  const probes = new Probes(p);
  for (const place of [...PLACES, 'shut/gone', 'open/gone', 'list/gone']) {
    for (let bits = 0; bits < 8; bits++) probes.sync('access', '', `${p}/${place}`, bits);
  }
  return probes;
}

function within(place: string): string {
  return `${place}/new`;
}
