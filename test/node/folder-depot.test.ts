/**
 * Folders as depots: what lies in them is there, what lies elsewhere is not.
 */

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { folderDepot, openBundle, verifyBundle } from '../../src/node.ts';
import { bundleOf, vibOf } from '../support/bundles.ts';
import { unzipped } from '../support/zips.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'visorfs-depot-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function depot(): Promise<string> {
  const place = join(folder, 'depot');
  for (const [path, bytes] of unzipped(await bundleOf([await vibOf('one')]))) {
    mkdirSync(dirname(join(place, path)), { recursive: true });
    writeFileSync(join(place, path), bytes);
  }
  return place;
}

test('a folder is opened as the bundle that it was, and verified', async () => {
  const bundle = await openBundle(await depot());
  expect(bundle.source.name).toBe('depot');
  expect(bundle.vibs.map(({ descriptor }) => descriptor.name)).toEqual(['one']);
  const { vibs, findings } = await verifyBundle(bundle);
  expect([...vibs, { findings }].flatMap((one) => one.findings)).toEqual([]);
  const vib = await bundle.openVib(bundle.vibs[0]!);
  vib.close();
});

test('it lists its files, and a VIB more is found', async () => {
  const place = await depot();
  const vib = 'vib20/one/us_bootbank_one_1.0.0-1.vib';
  writeFileSync(join(place, 'vib20', 'stray.vib'), 'x');
  expect(await folderDepot(place).list()).toEqual([
    ...['index.xml', 'metadata.zip', 'vendor-index.xml', vib, 'vib20/stray.vib'],
  ]);
  const { findings } = await verifyBundle(await openBundle(place));
  expect(findings.map(({ code }) => code)).toEqual(['vib-unlisted']);
});

test('a link within it is followed, one that leads out leads to nothing', async () => {
  const place = await depot();
  writeFileSync(join(folder, 'secret'), 'x');
  mkdirSync(join(folder, 'depot-2'));
  writeFileSync(join(folder, 'depot-2', 'secret'), 'x');
  symlinkSync('index.xml', join(place, 'within'));
  symlinkSync('../secret', join(place, 'out'));
  symlinkSync('../depot-2', join(place, 'beside'));
  symlinkSync('nowhere', join(place, 'lost'));
  const source = folderDepot(place);
  const within = await source.open('within');
  expect(within!.size).toBeGreaterThan(0);
  within!.close();
  for (const path of ['out', 'beside/secret', 'lost', 'vib20', 'index.xml/x', 'none']) {
    expect(await source.open(path), path).toBe(null);
  }
});

test('a folder that is no depot is told to be none', async () => {
  await expect(openBundle(folder)).rejects.toThrow("is no depot: it has no 'index.xml'");
  await expect(openBundle(join(folder, 'none'))).rejects.toThrow('ENOENT');
});
