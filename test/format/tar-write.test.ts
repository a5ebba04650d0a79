// Entries written as tar: our own walk and GNU tar must read all that was said, and the same entry
// must give the same bytes.

import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { concatBytes, utf8 } from '../../src/base/bytes.ts';
import { bytesSource } from '../../src/base/source.ts';
import { tarEntries } from '../../src/format/tar-record.ts';
import { encodeTarEntry, paddingOf, type WrittenEntry } from '../../src/format/tar-write.ts';

const PLAIN: WrittenEntry = {
  kind: 'file',
  path: utf8('etc/motd'),
  target: new Uint8Array(0),
  mode: 0o1644,
  uid: 7,
  gid: 8,
  size: 0,
  mtimeSeconds: 1_350_244_992,
  mtimeNanoseconds: 0,
  uname: 'root',
  gname: 'wheel',
  deviceMajor: 0,
  deviceMinor: 0,
};

const CASES: Readonly<Record<string, Partial<WrittenEntry>>> = {
  'what ustar holds': {},
  'a name of 100 bytes': { path: utf8('n'.repeat(100)) },
  'a name of 101 bytes': { path: utf8('n'.repeat(101)) },
  'a path of 300 bytes': { path: utf8('directory/'.repeat(30)), kind: 'directory' },
  'a name beyond ASCII': { path: utf8('ärger/日本') },
  'owners beyond octal': { uid: 4_000_000_000, gid: 2_097_152 },
  'owners with long names': { uname: 'u'.repeat(40), gname: 'grün' },
  'a time with a fraction': { mtimeNanoseconds: 23_960_108 },
  'a time before 1970': { mtimeSeconds: -86_400 },
  'a fraction before 1970': { mtimeSeconds: -2, mtimeNanoseconds: 750_000_000 },
  'a time after 2242': { mtimeSeconds: 9_000_000_000 },
  'a symbolic link': { kind: 'symlink', target: utf8('../elsewhere') },
  'a link that is long': { kind: 'symlink', target: utf8('../elsewhere/'.repeat(20)) },
  'a hard link': { kind: 'link', target: utf8('etc/motd') },
  'a device': { kind: 'character', deviceMajor: 10, deviceMinor: 200 },
  'a fifo': { kind: 'fifo' },
};

const archiveOf = (entry: WrittenEntry): Uint8Array =>
  concatBytes([encodeTarEntry(entry), new Uint8Array(1024)]);

test.each(Object.keys(CASES))('%s is read as it was said', (how) => {
  const entry = { ...PLAIN, ...CASES[how] };
  const archive = archiveOf(entry);
  expect(archive.length % 512).toBe(0);
  const [read, ...others] = tarEntries(bytesSource(archive, 'made.tar'));
  expect(others).toEqual([]);
  const { path, target, ...rest } = entry;
  expect(read).toMatchObject({ ...rest, path: text(path), target: text(target) });
  expect(archiveOf(entry)).toEqual(archive);
});

test('GNU tar lists them all, without a warning', () => {
  const kinds = Object.values(CASES).filter(({ kind }) => kind !== 'link');
  const entries = kinds.map((part) => encodeTarEntry({ ...PLAIN, ...part }));
  const archive = concatBytes([...entries, new Uint8Array(1024)]);
  const list = spawnSync('tar', ['-tf', '-', '--quoting-style=literal'], { input: archive });
  expect([list.status, list.stderr.toString()]).toEqual([0, '']);
  expect(list.stdout.toString().trimEnd().split('\n')).toEqual(
    kinds.map(({ path }) => text(path ?? PLAIN.path)),
  );
});

test('a pax record counts itself where that makes it a digit longer', () => {
  for (let length = 85; length < 105; length++) {
    const entry = { ...PLAIN, path: utf8(`${'n'.repeat(length)}ä`) };
    const [read] = tarEntries(bytesSource(archiveOf(entry), 'made.tar'));
    expect(read?.path).toBe(text(entry.path));
  }
});

test('data is padded to whole blocks', () => {
  expect([0, 1, 511, 512, 513].map(paddingOf)).toEqual([0, 511, 1, 0, 511]);
});

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
