// A seek index beside its archive: through the door for Node, in a folder of its own.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Image, openTardisk, openTardisks, seekIndexOf, VisorFs } from '../../src/node.ts';
import { gzipsOf, mixedTar } from '../support/gzips.ts';

const GZIPS = gzipsOf(mixedTar());
let folder: string;
let archive: string;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'visorfs-kept-'));
  archive = path.join(folder, 'base.tgz');
  fs.writeFileSync(archive, GZIPS['gzip -6']!);
});

afterEach(() => fs.rmSync(folder, { recursive: true }));

async function lastFile(): Promise<string> {
  const disk = await openTardisk(archive, { index: 'keep' });
  try {
    return new VisorFs(Image.of(disk)).fs.readFileSync('/last', 'utf8');
  } finally {
    disk.close();
  }
}

test('it is made by the first mount, stays as it is, and leaves nothing else', async () => {
  const first = await lastFile();
  expect(fs.readdirSync(folder)).toEqual(['base.tgz', 'base.tgz.seek']);
  const before = fs.statSync(`${archive}.seek`).ino;
  expect(await lastFile()).toBe(first);
  expect(fs.statSync(`${archive}.seek`).ino).toBe(before);
  const disk = await openTardisk(archive, { index: fs.readFileSync(`${archive}.seek`) });
  expect(seekIndexOf(disk)).toEqual(fs.readFileSync(`${archive}.seek`));
  disk.close();
});

test('it is made anew for another archive in the same place, and when it is damaged', async () => {
  const first = await lastFile();
  fs.writeFileSync(archive, gzipsOf(mixedTar(2))['gzip -6']!);
  expect(await lastFile()).not.toBe(first);
  fs.writeFileSync(archive, GZIPS['gzip -6']!);
  expect(await lastFile()).toBe(first);
  fs.writeFileSync(`${archive}.seek`, 'what is this');
  expect(await lastFile()).toBe(first);
});

test('a URL has a place beside it too, bytes have none', async () => {
  const [disk] = await openTardisks(new URL(`file://${archive}`), { index: 'keep' });
  expect(fs.existsSync(`${archive}.seek`)).toBe(true);
  disk!.close();
  const bytes = fs.readFileSync(archive);
  await expect(openTardisk(bytes, { index: 'keep' })).rejects.toThrow(TypeError);
});

test('where it cannot be kept, node says why, and the archive is given back', async () => {
  fs.mkdirSync(`${archive}.seek`);
  await expect(openTardisk(archive, { index: 'keep' })).rejects.toMatchObject({ code: 'EISDIR' });
  expect(fs.readdirSync(folder)).toEqual(['base.tgz', 'base.tgz.seek']);
});
