// DESIGN.md has a row for every package that visorfs depends on: that it is the one installed, with
// the licence that it says itself, and about as large as it is said to be.

import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { closureOf, manifestIn, ROOT } from '../support/installed.ts';

const ALLOWED = ['MIT', 'ISC', 'BSD-3-Clause', 'BSD-2-Clause', 'Apache-2.0', 'BlueOak-1.0.0'];
const ROW = /^\| ([\w@/-]+) \| ([^|]{20,}) \| ([\w .-]+) \| (\d+) \|$/gm;

const design = fs.readFileSync(path.join(ROOT, 'DESIGN.md'), 'utf8');
const table = design.slice(design.indexOf('| package | why this one | licence |'));
const rows = [...table.matchAll(ROW)].map(([, name, , licence, size]) => {
  return [name, licence, Number(size)] as const;
});
const folderOf = (name: string): string => path.join(ROOT, 'node_modules', name);

/** Bytes of all files below `folder`, without packages within. */
function sizeOf(folder: string): number {
  const entries = fs.readdirSync(folder, { withFileTypes: true });
  const sizes = entries.map((entry) => {
    const at = path.join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? 0 : sizeOf(at);
    return fs.statSync(at).size;
  });
  return sizes.reduce((sum, size) => sum + size, 0);
}

test('every dependency has its row, with its licence and size', () => {
  const { dependencies } = manifestIn(ROOT);
  const expected = Object.keys(dependencies).map((name) => {
    const { license, version } = manifestIn(folderOf(name));
    expect(version, name).toBe(dependencies[name]);
    return [name, license.replace(/[()]/g, ''), Math.round(sizeOf(folderOf(name)) / 1000)];
  });
  expect(rows).toEqual(expected.sort());
});

test('all that comes with them may be passed on by anybody', () => {
  for (const name of closureOf()) {
    const licences = manifestIn(folderOf(name)).license.replace(/[()]/g, '').split(' AND ');
    const odd = licences.filter((licence) => ![...ALLOWED, 'Zlib'].includes(licence));
    expect(odd, name).toEqual([]);
  }
});
