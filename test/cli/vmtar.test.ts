// `visorfs vmtar`: the letters of ESXi's vmtar, what it prints, letter for letter, and that a file
// is there whole or not at all.

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { tarOf } from '../support/archives.ts';
import { elfOf } from '../support/elf.ts';
import { LEAP_DAY, perform, stageFolder } from './stage.ts';

const at = stageFolder();

const TAR = tarOf([
  { path: 'etc/', mtime: LEAP_DAY },
  { path: 'etc/motd', content: 'hello\n', mode: 0o1644, mtime: LEAP_DAY },
  { path: 'etc/link', target: 'motd', mtime: LEAP_DAY },
  { path: 'bin/tool', content: elfOf(9000, [[1, 5, 0, 8500]]), mode: 0o555, mtime: LEAP_DAY },
  { path: 'bin/same', target: 'bin/tool', type: 'link', mode: 0o555, mtime: LEAP_DAY },
]);

function stored(name: string, bytes: Uint8Array = TAR): string {
  fs.writeFileSync(at(name), bytes);
  return at(name);
}

async function made(name: string, ...args: string[]): Promise<string> {
  const file = at(name);
  const { code, err } = await perform(['vmtar', '-c', stored('in.tar'), '-o', file, ...args]);
  expect([code, err]).toEqual([0, '']);
  return file;
}

test('-c makes a visor tar of a tar or a tgz, -x a tar of that', async () => {
  const one = await perform(['vmtar', '-c', stored('in.tgz', gzipSync(TAR)), '-o', at('a.vtar')]);
  expect(one).toMatchObject({ code: 0, err: '' });
  expect(one.out).toBe(`${at('a.vtar')}: 5 entries, 17408 bytes, layout 8.0\n`);
  const two = await perform(['vmtar', '-x', at('a.vtar'), '-o', at('a.tar')]);
  expect(two.out).toBe(`${at('a.tar')}: 5 entries, 13312 bytes, layout 8.0\n`);
  const again = await perform(['vmtar', '-c', at('a.tar'), '-o', '-']);
  expect(again.bytes).toEqual(fs.readFileSync(at('a.vtar')));
  const tree = await perform(['cat', at('a.vtar'), '/etc/motd']);
  expect(tree.out).toBe('hello\n');
});

test('--layout is that of another ESXi', async () => {
  const old = await made('old.vtar', '--layout', '6.5');
  expect((await perform(['vmtar', '-tv', old])).out).toContain(
    '5 entries, 13096 bytes, layout 6.5',
  );
  const none = ['vmtar', '-c', stored('in.tar'), '-o', at('no.vtar'), '--layout', '5.5'];
  expect(await perform(none)).toMatchObject({
    code: 2,
    err: "visorfs: there is no layout '5.5', but 6.5, 6.7, 8.0\n",
  });
});

test('-t names what is in it, from a file and from stdin', async () => {
  const names = 'etc/\netc/motd\netc/link\nbin/tool\nbin/same\n';
  expect((await perform(['vmtar', '-t', await made('t.vtar')])).out).toBe(names);
  const readAll = async (): Promise<Uint8Array> => gzipSync(fs.readFileSync(at('t.vtar')));
  expect((await perform(['vmtar', '-t'], { readAll })).out).toBe(names);
  expect((await perform(['vmtar', '-t', '-'], { readAll })).out).toBe(names);
});

test('-tv tells all about it', async () => {
  expect((await perform(['vmtar', '-tv', await made('tv.vtar')])).out).toBe(`\
T  Mode        Owner  Size  Modified          Data at  Text pages  Name
5  drwxr-xr-x  0/0       0  2024-02-29 12:34       --           0  etc/
0  -rw-r--r-T  0/0       6  2024-02-29 12:34   0x1000           0  etc/motd
2  lrwxrwxrwx  0/0       0  2024-02-29 12:34       --           0  etc/link -> motd
7  -r-xr-xr-x  0/0    9000  2024-02-29 12:34   0x2000           2  bin/tool
1  -r-xr-xr-x  0/0       0  2024-02-29 12:34       --           0  bin/same link to bin/tool
5 entries, 17408 bytes, layout 8.0
`);
});

test('-t takes any tar, and says that it is no visor tar', async () => {
  const { out } = await perform(['vmtar', '-tv', stored('plain.tar')]);
  expect(out).toContain(`\n5 entries, ${TAR.length} bytes, no visor tar\n`);
});

test('--json lists as an object, and says what was written', async () => {
  const file = at('j.vtar');
  const { out } = await perform(['vmtar', '-c', stored('in.tar'), '-o', file, '--json']);
  expect(JSON.parse(out)).toEqual({ file, entries: 5, bytes: 17408, layout: '8.0' });
  const listed = JSON.parse((await perform(['vmtar', '-t', '--json', file])).out);
  const { entries, ...rest } = listed;
  expect(rest).toEqual({ format: 'visor', layout: '8.0', bytes: 17408 });
  expect(entries[3]).toEqual({
    ...{ path: 'bin/tool', type: '7', kind: 'file', mode: '0555' },
    ...{ uid: 0, gid: 0, uname: '', gname: '', size: 9000, modified: '2024-02-29T12:34:56Z' },
    ...{ dataOffset: 8192, textPages: 2 },
  });
  expect(entries[2]).toMatchObject({ kind: 'symlink', target: 'motd' });
});

test('-v names entries, beside the archive where that goes to stdout', async () => {
  const names = 'etc/\netc/motd\netc/link\nbin/tool\nbin/same\n';
  const tar = stored('in.tar');
  const toFile = await perform(['vmtar', '-cv', tar, '-o', at('v.vtar')]);
  expect(toFile.out).toBe(`${names}${at('v.vtar')}: 5 entries, 17408 bytes, layout 8.0\n`);
  const toStdout = await perform(['vmtar', '-cv', tar, '-o', '-']);
  expect(toStdout.err).toBe(names);
  expect(toStdout.bytes).toEqual(fs.readFileSync(at('v.vtar')));
});

const MISUSES: readonly [args: string[], why: string][] = [
  [[], 'vmtar takes one of -c, -x and -t; see visorfs vmtar --help'],
  [
    ['-c', '-x', 'in.tar', '-o', 'out'],
    'vmtar takes one of -c, -x and -t; see visorfs vmtar --help',
  ],
  [['-c', 'in.tar'], '-c and -x take the name of a file by -o, or - for stdout'],
  [['-t', 'in.tar', '-o', 'out'], '-o is for -c and -x: -t writes no file'],
  [['-x', 'in.tar', '-o', 'out', '--layout', '8.0'], '--layout is for -c'],
  [['-c', 'in.tar', '-o', '-', '--json'], '--json and the archive both want stdout'],
];

test.each(MISUSES)('%j is refused as misuse', async (args, why) => {
  expect(await perform(['vmtar', ...args])).toMatchObject({
    code: 2,
    out: '',
    err: `visorfs: ${why}\n`,
  });
});

test('nothing is overwritten without --force', async () => {
  const file = stored('mine', Buffer.from('mine'));
  const args = ['vmtar', '-c', stored('in.tar'), '-o', file];
  const { code, err } = await perform(args);
  expect([code, err]).toEqual([1, `visorfs: '${file}' is there already; --force overwrites it\n`]);
  expect(fs.readFileSync(file, 'utf8')).toBe('mine');
  expect((await perform([...args, '-f'])).code).toBe(0);
});

test('what is no archive, not there or no visor tar is refused, and nothing is left', async () => {
  const refusals: readonly [args: string[], why: string][] = [
    [['-c', at('nowhere')], `there is no archive '${at('nowhere')}'`],
    [['-x', stored('in.tar')], 'in.tar at 0x0: is no visor tar, but another kind of tar'],
    [
      ['-c', stored('text', Buffer.from('no archive'))],
      'text at 0x0: is no archive: no tar header',
    ],
    [
      ['-t', stored('text', Buffer.from('no archive'))],
      'text at 0x0: is no archive: no tar header',
    ],
  ];
  const before = fs.readdirSync(at()).sort();
  for (const [args, why] of refusals) {
    const output = args[0] === '-t' ? [] : ['-o', at('never')];
    const { code, err } = await perform(['vmtar', ...args, ...output]);
    expect(code).toBe(1);
    expect(err).toContain(`visorfs: ${why}`);
  }
  expect(fs.readdirSync(at()).sort()).toEqual(before);
});

test('an interrupt before the file is written leaves none', async () => {
  const controller = new AbortController();
  controller.abort(new Error('interrupted'));
  const args = ['vmtar', '-c', stored('in.tar'), '-o', at('cut.vtar')];
  expect((await perform(args, { signal: controller.signal })).code).toBe(1);
  expect(fs.existsSync(at('cut.vtar'))).toBe(false);
});

test('progress is shown on a terminal, and gone at the end', async () => {
  let now = 0;
  const props = { isTerminal: true, now: () => (now += 1000) };
  const args = ['vmtar', '-c', stored('in.tar'), '-o', at('slow.vtar')];
  const { err } = await perform(args, props);
  expect(err).toContain('writing MiB 0/1');
  expect(err.endsWith('\r\x1b[K')).toBe(true);
});

test('GNU tar lists what -x writes to stdout', async () => {
  const { bytes } = await perform(['vmtar', '-x', await made('gnu.vtar'), '-o', '-']);
  const names = execFileSync('tar', ['-tf', '-'], { input: bytes }).toString();
  expect(names).toBe('etc/\netc/motd\netc/link\nbin/tool\nbin/same\n');
});
