// docs/node-fs.md names the clients of this suite, with the versions that are installed.

import fs from 'node:fs';
import { expect, test } from 'vitest';

const ROOT = new URL('../../', import.meta.url);
const { dependencies, devDependencies } = JSON.parse(
  fs.readFileSync(new URL('package.json', ROOT), 'utf8'),
);

test('docs/node-fs.md lists every client that is run here, at its version', () => {
  const page = fs.readFileSync(new URL('docs/node-fs.md', ROOT), 'utf8');
  const [, list] = /<!-- clients -->\n([\s\S]*?)\n<!-- -->/.exec(page)!;
  const listed = [...list!.matchAll(/([a-zA-Z-]+)\s(\d[\d.]*\d)/g)].map(([, name, version]) => [
    name,
    version,
  ]);
  const folder = new URL('test/clients/', ROOT);
  const imported = fs
    .readdirSync(folder)
    .filter((name) => name.endsWith('.test.ts'))
    .flatMap((name) => [
      ...fs
        .readFileSync(new URL(name, folder), 'utf8')
        .matchAll(/^import .* from '([^./'][^']*)';$/gm),
    ])
    .map(([, name]) => name!)
    .filter((name) => !name.startsWith('node:') && name !== 'vitest');
  const expected = [...new Set(imported)].sort().map((name) => {
    const version: string = devDependencies[name] ?? dependencies[name];
    const isAlias = version.startsWith('npm:');
    return isAlias ? version.slice(4).split('@') : [name, version];
  });
  expect(listed.sort()).toEqual(expected.sort());
});
