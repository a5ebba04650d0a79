// `--index keep`: an index is kept beside a gzipped tar, whichever command mounts it, and used.

import fs from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { tarOf } from '../support/archives.ts';
import { perform, stageFolder } from './stage.ts';

const TGZ = gzipSync(tarOf([{ path: 'etc/' }, { path: 'etc/motd', content: 'hello\n' }]));
const at = stageFolder();

function archive(name: string): string {
  const file = at(name);
  fs.writeFileSync(file, TGZ);
  return file;
}

test('an index is kept by the first command, and serves the next', async () => {
  const file = archive('base.tgz');
  const wanted = { code: 0, out: 'hello\n', err: '' };
  expect(await perform(['--index', 'keep', 'cat', file, '/etc/motd'])).toMatchObject(wanted);
  const { ino } = fs.statSync(`${file}.seek`);
  expect(await perform(['cat', file, '/etc/motd', '--index', 'keep'])).toMatchObject(wanted);
  expect(fs.statSync(`${file}.seek`).ino).toBe(ino);
});

test.each([
  ['ls', []],
  ['tree', []],
  ['image stat', ['/etc']],
  ['vdf', []],
  ['vdu', []],
  ['tardisk list', []],
  ['ramdisk list', []],
  ['ramdisk top', []],
])('%s takes it', async (command, path) => {
  const file = archive(`${command}.tgz`);
  const words = [...command.split(' '), file, ...path];
  const { code, out } = await perform(words);
  expect(code).toBe(0);
  expect(fs.existsSync(`${file}.seek`)).toBe(false);
  expect(await perform(['--index', 'keep', ...words])).toMatchObject({ code, out });
  expect(fs.existsSync(`${file}.seek`)).toBe(true);
});

test('it is one word, and where an index cannot be kept the reason is said', async () => {
  const file = archive('other.tgz');
  const misused = await perform(['--index', 'make', 'ls', file]);
  expect([misused.code, misused.out]).toEqual([2, '']);
  expect(misused.err).toContain('Allowed choices are keep.');
  fs.mkdirSync(`${file}.seek`);
  const { code, err } = await perform(['--index', 'keep', 'ls', file]);
  expect([code, err.split('\n').length]).toEqual([1, 2]);
  expect(err).toContain('visorfs: EISDIR');
});
