// Where a path comes from. Attacked by stacks in which every kind of thing covers every other, by
// what was written, moved and deleted over them, and by random operations after which each path
// that any tardisk or the tree has must answer, and agree with the state list and with stat.

import { expect, test } from 'vitest';
import { text, utf8 } from '../../src/base/bytes.ts';
import { VisorError } from '../../src/base/errors.ts';
import { isDirectory } from '../../src/base/mode.ts';
import { Image } from '../../src/layer/image.ts';
import { esxRamdisks } from '../../src/layer/ramdisk.ts';
import { VisorFs, type Why } from '../../src/node.ts';
import { NONE } from '../../src/store/dirents.ts';
import { diskOf, type Entry } from '../support/archives.ts';
import { prng } from '../support/prng.ts';

const BASE: readonly Entry[] = [
  { path: 'etc/' },
  { path: 'etc/motd', content: 'welcome\n', mtime: 100 },
  { path: 'etc/esx.conf', content: 'old\n', mode: 0o1644 },
  { path: 'etc/link', target: 'motd' },
  { path: 'opt/' },
  { path: 'opt/tool/' },
  { path: 'opt/tool/conf', content: 'x', mode: 0o1644 },
];

const TOOLS: readonly Entry[] = [{ path: 'etc/motd', content: 'tools\n', mode: 0o600, mtime: 200 }];

function stacked(...disks: readonly (readonly Entry[])[]): VisorFs {
  const tardisks = disks.map((entries, index) => diskOf(`disk${index}`, ...entries));
  return new VisorFs(Image.of(...tardisks), { clock: () => 1_000_000 });
}

/** The rows of `why` in a line each. */
function rowsOf({ rows }: Why): string[] {
  return rows.map(({ tardisk, path, role, cover }) => {
    const by = cover === null ? '' : ` by ${cover.by}: ${cover.what} ${cover.path}`;
    return `${tardisk} ${path} ${role}${by}`;
  });
}

function verdict(vfs: VisorFs, path: string): string {
  const { backup } = vfs.why(path);
  return backup.isSaved ? `saved: ${backup.reason}` : backup.obstacle;
}

test('the topmost file shows, and says whom it covers', () => {
  const why = stacked(BASE, TOOLS).why('/etc/motd');
  expect(why).toMatchObject({
    kind: 'file',
    size: 6,
    mode: 0o600,
    tardisk: 'disk1',
    ramdisk: null,
  });
  expect(why.rows).toEqual([
    {
      ...{ tardisk: 'disk1', index: 1, path: '/etc/motd', kind: 'file', mode: 0o600, size: 6 },
      ...{ mtimeSeconds: 200, role: 'shows', cover: null },
    },
    {
      ...{ tardisk: 'disk0', index: 0, path: '/etc/motd', kind: 'file', mode: 0o644, size: 8 },
      ...{ mtimeSeconds: 100, role: 'covered' },
      cover: { by: 'disk1', where: 'tardisk', what: 'entry', path: '/etc/motd' },
    },
  ]);
});

test('directories merge, and a file in the place of one covers all below it', () => {
  const vfs = stacked(BASE, [{ path: 'opt/' }], [{ path: 'opt', content: 'a file' }], BASE);
  expect(rowsOf(vfs.why('/opt'))).toEqual([
    'disk3 /opt merges',
    'disk2 /opt covered by disk3: directory /opt',
    'disk1 /opt covered by disk2: entry /opt',
    'disk0 /opt covered by disk2: entry /opt',
  ]);
  expect(rowsOf(vfs.why('/opt/tool/conf'))).toEqual([
    'disk3 /opt/tool/conf shows',
    'disk0 /opt/tool/conf covered by disk2: entry /opt',
  ]);
  const covered = stacked(BASE, [{ path: 'opt', content: 'a file' }]).why('/opt/tool/conf');
  expect(covered).toMatchObject({ kind: null, hidden: { by: 'disk1', path: '/opt' } });
});

test('a branch says its ramdisk, its pages, and what still comes from the tardisk', () => {
  const vfs = stacked([{ path: 'etc/big', content: 'x'.repeat(10_000) }]);
  const fd = vfs.fs.openSync('/etc/big', 'r+');
  vfs.fs.writeSync(fd, 'y', 0);
  vfs.fs.closeSync(fd);
  const why = vfs.why('/etc/big');
  expect(why.ramdisk).toEqual({
    ...{ name: 'root', isBranch: true, pages: 1, bytes: 4096, tardiskBytes: 10_000 },
  });
  expect(rowsOf(why)).toEqual(['disk0 /etc/big branched']);
});

test('a deleted path says which tardisks had it', () => {
  const vfs = stacked(BASE, TOOLS);
  vfs.fs.rmSync('/etc/motd');
  const why = vfs.why('/etc/motd');
  const hidden = { by: 'root', where: 'ramdisk', what: 'whiteout', path: '/etc/motd' };
  expect(why).toMatchObject({ kind: null, mode: null, size: null, tardisk: null, hidden });
  expect(rowsOf(why)).toEqual([
    'disk1 /etc/motd covered by root: whiteout /etc/motd',
    'disk0 /etc/motd covered by disk1: entry /etc/motd',
  ]);
  expect(verdict(vfs, '/etc/motd')).toBe('absent');
});

test('so does a path in a directory that was deleted, or made anew', () => {
  const vfs = stacked(BASE);
  vfs.fs.rmSync('/opt', { recursive: true });
  expect(rowsOf(vfs.why('/opt/tool/conf'))).toEqual([
    'disk0 /opt/tool/conf covered by root: whiteout /opt',
  ]);
  vfs.fs.mkdirSync('/opt/tool', { recursive: true });
  expect(rowsOf(vfs.why('/opt/tool/conf'))).toEqual([
    'disk0 /opt/tool/conf covered by root: directory /opt',
  ]);
});

test('a file made over others covers them, and one made where none was has no rows', () => {
  const vfs = stacked(BASE);
  vfs.fs.rmSync('/etc/motd');
  vfs.fs.writeFileSync('/etc/motd', 'anew');
  expect(rowsOf(vfs.why('/etc/motd'))).toEqual([
    'disk0 /etc/motd covered by root: entry /etc/motd',
  ]);
  vfs.fs.writeFileSync('/etc/fresh', '');
  expect(vfs.why('/etc/fresh')).toMatchObject({ tardisk: null, ramdisk: { isBranch: false } });
  expect(vfs.why('/etc/fresh').rows).toEqual([]);
});

test('a directory made here merges with one that is mounted later', () => {
  const vfs = stacked(BASE);
  vfs.fs.mkdirSync('/srv');
  vfs.mount(diskOf('later', { path: 'srv/' }, { path: 'srv/x', content: 'x' }));
  expect(rowsOf(vfs.why('/srv'))).toEqual(['later /srv merges']);
  expect(rowsOf(vfs.why('/srv/x'))).toEqual(['later /srv/x shows']);
  vfs.fs.rmSync('/srv/x');
  expect(rowsOf(vfs.why('/srv/x'))).toEqual(['later /srv/x covered by root: whiteout /srv/x']);
});

test('what was moved is told under the path that its tardisk has', () => {
  const vfs = stacked(BASE, TOOLS);
  vfs.fs.renameSync('/etc/motd', '/opt/motd');
  expect(rowsOf(vfs.why('/opt/motd'))).toEqual(['disk1 /etc/motd branched']);
  vfs.fs.renameSync('/opt', '/moved');
  expect(rowsOf(vfs.why('/moved/tool'))).toEqual(['disk0 /opt/tool merges']);
  expect(rowsOf(vfs.why('/moved/tool/conf'))).toEqual(['disk0 /opt/tool/conf shows']);
});

test('a marker shows the original, and is never saved', () => {
  const vfs = stacked(BASE);
  vfs.fs.writeFileSync('/etc/esx.conf', 'a new one');
  const why = vfs.why('/etc/.#esx.conf');
  expect(why).toMatchObject({ size: 4, tardisk: 'disk0', originalOf: '/etc/esx.conf' });
  expect(rowsOf(why)).toEqual(['disk0 /etc/esx.conf shows']);
  expect(verdict(vfs, '/etc/.#esx.conf')).toBe('marker');
});

test('links on the way are followed, the last one is not', () => {
  const vfs = stacked(BASE, [{ path: 'lnk', target: 'opt/./tool' }]);
  expect(vfs.why('/lnk/../tool/./conf').path).toBe('/opt/tool/conf');
  expect(vfs.why('/etc/link')).toMatchObject({ kind: 'symlink', target: 'motd' });
  expect(vfs.why('/')).toMatchObject({ path: '/', kind: 'directory' });
  expect(vfs.why('/opt/..')).toMatchObject({ path: '/', kind: 'directory' });
  expect(vfs.why('/opt/tool/.')).toMatchObject({ path: '/opt/tool', kind: 'directory' });
});

test('what never was anywhere is ENOENT', () => {
  const vfs = stacked(BASE);
  for (const path of ['/nope', '/etc/nope/x', '/nope/..', '/etc/.#esx.conf']) {
    expect(() => vfs.why(path), path).toThrow('ENOENT');
  }
  expect(() => vfs.why('/etc/motd/x')).toThrow('ENOTDIR');
});

test('each reason for not being saved is told', () => {
  const vfs = stacked(BASE);
  const { fs } = vfs;
  expect(verdict(vfs, '/etc/esx.conf')).toBe('unchanged');
  fs.appendFileSync('/etc/esx.conf', 'more');
  expect(verdict(vfs, '/etc/esx.conf')).toBe('saved: sticky');
  expect(verdict(vfs, '/etc/motd')).toBe('not-sticky');
  fs.appendFileSync('/etc/motd', 'more');
  expect(verdict(vfs, '/etc/motd')).toBe('not-sticky');
  fs.chmodSync('/etc/motd', 0o1644);
  expect(verdict(vfs, '/etc/motd')).toBe('saved: sticky');
  fs.writeFileSync('/etc/new', '');
  fs.chmodSync('/etc/new', 0o1644);
  expect(verdict(vfs, '/etc/new')).toBe('new');
  fs.renameSync('/etc/new', '/etc/esx.conf');
  expect(verdict(vfs, '/etc/esx.conf')).toBe('saved: replaced');
  fs.appendFileSync('/opt/tool/conf', 'more');
  expect(verdict(vfs, '/opt/tool/conf')).toBe('outside');
  expect(verdict(vfs, '/etc/link')).toBe('symlink');
  expect(verdict(vfs, '/etc')).toBe('directory');
});

test('a path that is no text is asked for by its bytes', () => {
  const odd = Uint8Array.of(0x2f, 0xff, 0xfe);
  const vfs = stacked([{ path: odd.subarray(1), content: 'x' }]);
  expect(vfs.why(odd)).toMatchObject({ kind: 'file', tardisk: 'disk0' });
});

const FOLDERS = ['/', '/etc', '/etc/sub', '/opt', '/opt/tool', '/new'];
const NAMES = ['motd', 'esx.conf', 'sub', 'conf', 'tool'];

const SEEDS = process.env['SEED'] === undefined ? 60 : 1;
for (let index = 0; index < SEEDS; index++) {
  const seed = Number(process.env['SEED'] ?? index + 1);
  test(`every path answers, and as state and stat do (SEED=${seed})`, () => {
    const random = prng(seed);
    const disks = [BASE, TOOLS, randomDisk(random), randomDisk(random)];
    const tardisks = disks.map((entries, at) => diskOf(`disk${at}`, ...entries));
    const vfs = new VisorFs(Image.of(...tardisks), {
      ramdisks: esxRamdisks(0),
      clock: () => 5_000_000,
    });
    const { fs } = vfs;
    const place = (): string => `${random.pick(FOLDERS)}/${random.pick(NAMES)}`.replace('//', '/');
    const verbs: (() => void)[] = [
      () => fs.mkdirSync(random.pick(FOLDERS)),
      () => fs.rmSync(place(), { recursive: true }),
      () => fs.appendFileSync(place(), utf8('more')),
      () => fs.symlinkSync(random.pick(FOLDERS), place()),
      () => fs.linkSync(place(), place()),
      () => fs.renameSync(place(), place()),
      () => fs.renameSync(random.pick(FOLDERS), place()),
      () => fs.chmodSync(place(), random.pick([0o600, 0o1644])),
      () => vfs.unmount(random.pick(tardisks)),
      () => vfs.mount(random.pick(tardisks)),
    ];
    for (let step = 0; step < 30; step++) {
      try {
        random.pick(verbs)();
      } catch (error) {
        if (!(error instanceof VisorError)) throw error;
      }
      check(vfs);
    }
  });
}

function randomDisk(random: ReturnType<typeof prng>): Entry[] {
  const entries = new Map<string, Entry>();
  for (let count = 0; count < 4; count++) {
    const path = `${random.pick(FOLDERS)}/${random.pick(NAMES)}`.replace(/^\/+/, '');
    const above = path.split('/').slice(0, -1);
    const isBelow = above.some((_, at) => entries.has(above.slice(0, at + 1).join('/')));
    const isAbove = [...entries.keys()].some((other) => other.startsWith(`${path}/`));
    if (!isBelow && !isAbove) entries.set(path, { path, content: 'zz', mode: 0o1644 });
  }
  return [...entries.values()];
}

/** Asks for every path that a tardisk or the tree has. */
function check(vfs: VisorFs): void {
  const saved = new Map(vfs.state().map(({ path, reason }) => [path, reason]));
  for (const path of everyPath(vfs)) {
    const why = vfs.why(path);
    if (why.path !== path) continue; // by way of a link
    const seek = vfs.seek(path, false);
    expect(why.kind === null, path).toBe(typeof seek === 'string');
    expect(why.backup, path).toEqual(
      saved.has(path)
        ? { isSaved: true, reason: saved.get(path) }
        : { isSaved: false, obstacle: expect.any(String) },
    );
    const open = why.rows.filter(({ cover }) => cover === null);
    if (why.kind === null) expect(open, path).toEqual([]);
    else if (why.kind !== 'directory') expect(open.length, path).toBeLessThanOrEqual(1);
    if (why.kind === 'file' && why.ramdisk === null) {
      expect(open, path).toMatchObject([{ size: why.size, tardisk: why.tardisk, role: 'shows' }]);
    }
    if (why.kind === null) continue;
    expect(why.ramdisk?.name ?? null, path).toBe(vfs.vdu(path, 0)[0]!.ramdisk);
  }
}

function everyPath(vfs: VisorFs): Set<string> {
  const paths = new Set(vfs.vdu('/').flatMap(({ path }) => (path === null ? [] : [path])));
  for (const { dirents, mode } of vfs.image.tardisks) {
    const below = (row: number, at: string): void => {
      for (let entry = dirents.first(row); entry !== NONE; entry = dirents.next(entry)) {
        const path = `${at}/${text(dirents.nameBytes(entry))}`;
        paths.add(path);
        if (isDirectory(mode[dirents.child(entry)]!)) below(dirents.child(entry), path);
      }
    };
    below(1, '');
  }
  return paths;
}
