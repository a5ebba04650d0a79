// A file as a Source: reads where it is asked, refuses what is not there, gives its descriptor
// back.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { text } from '../../src/base/bytes.ts';
import { fileSource } from '../../src/node/file-source.ts';

let folder = '';
let file = '';
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'visorfs-source-'));
  file = path.join(folder, 'f');
  fs.writeFileSync(file, 'hello, file');
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

function read(source: ReturnType<typeof fileSource>, offset: number, length: number): string {
  const target = new Uint8Array(length);
  source.readInto(target, offset);
  return text(target);
}

test('bytes are read where they are asked for', () => {
  const source = fileSource(file, 'f');
  expect([source.size, read(source, 7, 4), source.resident(0, 1)]).toEqual([11, 'file', null]);
  source.close();
});

test('a read past the end is refused, and so is one after the file shrank', () => {
  const source = fileSource(file, 'f');
  expect(() => read(source, 8, 4)).toThrow('f at 0x8');
  fs.truncateSync(file, 3);
  expect(() => read(source, 0, 8)).toThrow('f at 0x3: the file ends here by now');
  source.close();
});

test('closing twice closes once', () => {
  const source = fileSource(file, 'f');
  source.close();
  const other = fs.openSync(file, 'r');
  source.close();
  expect(fs.fstatSync(other).size).toBe(11);
  fs.closeSync(other);
});

test('what is missing is node’s own error, and a directory is no archive', () => {
  expect(() => fileSource(path.join(folder, 'gone'), 'gone')).toThrow('ENOENT');
  expect(() => fileSource(folder, 'folder')).toThrow('is a directory, not a file');
});
