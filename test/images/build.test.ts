/**
 * What is committed is what the recipes make, byte for byte and every time; and it stays small.
 */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BUILT_FOLDERS, buildImages } from '../../images/make/images.ts';
import { text } from '../../src/base/bytes.ts';
import { committed, IMAGES, RECIPES, sha256 } from './built.ts';

const built = buildImages(RECIPES);

test('two builds are the same', () => {
  const again = buildImages(RECIPES);
  expect([...again.keys()]).toEqual([...built.keys()]);
  for (const [name, bytes] of again) expect(sha256(bytes), name).toBe(sha256(built.get(name)!));
});

test('the committed files are what the recipes make: if not, run npm run images', () => {
  for (const [name, bytes] of built) expect(sha256(committed(name)), name).toBe(sha256(bytes));
});

test('nothing else lies in the folders of built files', () => {
  const found = BUILT_FOLDERS.flatMap((folder) => {
    return readdirSync(join(IMAGES, folder)).map((name) => `${folder}/${name}`);
  });
  expect([...found, 'SHA256SUMS'].sort()).toEqual([...built.keys()].sort());
});

test('SHA256SUMS has the sum of every other built file', () => {
  const lines = text(committed('SHA256SUMS')).trimEnd().split('\n');
  const sums = new Map(lines.map((line) => [line.slice(66), line.slice(0, 64)]));
  expect([...sums.keys()]).toEqual([...built.keys()].filter((name) => name !== 'SHA256SUMS'));
  for (const [name, sum] of sums) expect(sha256(committed(name)), name).toBe(sum);
});

test('no file is above 256 KiB but sb.v00, and test archives are below 1 MB', () => {
  const large = [...built].filter(([, bytes]) => bytes.length > 256 << 10).map(([name]) => name);
  // The base system is the one image that has to be of a size that says something.
  expect(large).toEqual(['bank/sb.v00']);
  expect(built.get('bank/sb.v00')!.length).toBeLessThan(1_500_000);
  const archives = [...built].filter(([name]) => /^(good|evil)\//.test(name));
  expect(archives.reduce((sum, [, bytes]) => sum + bytes.length, 0)).toBeLessThan(1_000_000);
});
