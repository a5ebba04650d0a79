// A folder as a boot device: one bank or several, and writes that leave the old file or the new
// one.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { folderDevice } from '../../src/node/folder-device.ts';

let folder = '';
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'visorfs-bank-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

async function names(): Promise<string[]> {
  return (await folderDevice(folder).banks()).map(({ name }) => name);
}

test('a folder with a boot.cfg is one bank, and altbootbank in it the other', async () => {
  fs.writeFileSync(path.join(folder, 'boot.cfg'), '');
  fs.mkdirSync(path.join(folder, 'other'));
  expect(await names()).toEqual([path.basename(folder), 'altbootbank']);
  expect(fs.readdirSync(folder)).toEqual(['boot.cfg', 'other']);
});

test('a bank that is not there yet is empty, and made by the first write', async () => {
  fs.writeFileSync(path.join(folder, 'boot.cfg'), '');
  const [, other] = await folderDevice(folder).banks();
  expect(await other!.list()).toEqual([]);
  await other!.remove('state.tgz');
  await other!.write('state.tgz', utf8('one'));
  expect(fs.readFileSync(path.join(folder, 'altbootbank/state.tgz'), 'utf8')).toBe('one');
  await other!.remove('state.tgz');
  expect(await other!.list()).toEqual([]);
});

test('one bank of the pair is enough to have both', async () => {
  fs.mkdirSync(path.join(folder, 'altbootbank'));
  fs.writeFileSync(path.join(folder, 'altbootbank/boot.cfg'), '');
  expect(await names()).toEqual(['bootbank', 'altbootbank']);
});

test('else every folder in it that has a boot.cfg is one', async () => {
  for (const name of ['bootbank', 'altbootbank', 'lost+found'])
    fs.mkdirSync(path.join(folder, name));
  fs.writeFileSync(path.join(folder, 'bootbank/boot.cfg'), '');
  fs.writeFileSync(path.join(folder, 'altbootbank/boot.cfg'), '');
  expect(await names()).toEqual(['bootbank', 'altbootbank']);
});

test('a folder that is not there is an error that names it', async () => {
  const missing = path.join(folder, 'missing');
  await expect(folderDevice(missing).banks()).rejects.toThrow(missing);
});

test('a write replaces the file whole and leaves nothing else', async () => {
  fs.writeFileSync(path.join(folder, 'boot.cfg'), '');
  const [bank] = await folderDevice(folder).banks();
  await bank!.write('state.tgz', utf8('one'));
  await bank!.write('state.tgz', utf8('two, longer'));
  expect(fs.readFileSync(path.join(folder, 'state.tgz'), 'utf8')).toBe('two, longer');
  expect(fs.readdirSync(folder).sort()).toEqual(['boot.cfg', 'state.tgz']);
});

test('writes of one file at once leave one of them whole, and nothing else', async () => {
  fs.writeFileSync(path.join(folder, 'boot.cfg'), '');
  const [bank] = await folderDevice(folder).banks();
  const contents = [1, 2, 3, 4].map((byte) => new Uint8Array(byte * 300_000).fill(byte));
  await Promise.all(contents.map((bytes) => bank!.write('state.tgz', bytes)));
  const left = fs.readFileSync(path.join(folder, 'state.tgz'));
  expect(contents.some((bytes) => left.equals(bytes))).toBe(true);
  expect(fs.readdirSync(folder).sort()).toEqual(['boot.cfg', 'state.tgz']);
});

test('a write that fails leaves the old file and no temporary one', async () => {
  fs.writeFileSync(path.join(folder, 'boot.cfg'), '');
  // A folder stands where the file is to go, so the rename is refused.
  fs.mkdirSync(path.join(folder, 'state.tgz/inside'), { recursive: true });
  const [bank] = await folderDevice(folder).banks();
  await expect(bank!.write('state.tgz', utf8('one'))).rejects.toThrow();
  expect(fs.readdirSync(folder).sort()).toEqual(['boot.cfg', 'state.tgz']);
  expect(fs.statSync(path.join(folder, 'state.tgz')).isDirectory()).toBe(true);
});

test('what was left by a crash before the rename is in nobody’s way', async () => {
  fs.writeFileSync(path.join(folder, 'boot.cfg'), '');
  fs.writeFileSync(path.join(folder, '.state.tgz.new'), 'a longer leftover of a crash');
  const [bank] = await folderDevice(folder).banks();
  await bank!.write('state.tgz', utf8('new'));
  expect(fs.readFileSync(path.join(folder, 'state.tgz'), 'utf8')).toBe('new');
  expect(fs.readdirSync(folder)).toContain('.state.tgz.new');
});
