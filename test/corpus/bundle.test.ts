/**
 * Real bundles: every zip among the VIBs of the corpus is listed, holds what it says, holds the
 * VIBs that an independent reader found in it, and is mounted as they are.
 */

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { mount, openBundle, verifyBundle } from '../../src/node.ts';
import { holds } from '../../src/software/verify-depot.ts';
import { corpusPath } from '../support/corpus.ts';
import { zipOf } from '../support/zips.ts';

interface ExpectedVib {
  readonly sha256: string;
  readonly size: number;
  readonly found_as: readonly string[];
  readonly payloads: readonly {
    readonly entries: readonly { readonly path: string; readonly sha256?: string }[];
  }[];
}

const table = corpusPath('vib', 'expected.json');
const folder = corpusPath('vib');
const { vibs }: { readonly vibs: readonly ExpectedVib[] } =
  table === null ? { vibs: [] } : JSON.parse(readFileSync(table, 'utf8'));
const zips =
  folder === null
    ? []
    : readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => {
        return path.endsWith('.zip');
      });

/** The VIBs that were found in `zip`, by their paths in it. */
function expected(zip: string): Map<string, ExpectedVib> {
  const found = vibs.flatMap((vib) =>
    vib.found_as.map((place): [string, ExpectedVib] => [place, vib]),
  );
  const inZip = found.filter(([place]) => place.startsWith(`vib/${zip}!`));
  return new Map(inZip.map(([place, vib]) => [place.slice(place.indexOf('!') + 1), vib]));
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe.skipIf(folder === null)('bundles of the corpus', () => {
  test('are there, and each is in the table', () => {
    expect(zips.length).toBeGreaterThanOrEqual(12);
    const bundled = vibs.flatMap((vib) => vib.found_as.filter((place) => place.includes('!')));
    expect(bundled).toHaveLength(zips.length);
  });

  test.each(zips)('%s holds, and holds what was found in it', async (zip) => {
    const bundle = await openBundle(join(folder!, zip));
    const wanted = expected(zip);
    expect(bundle.vibs.map(({ path }) => path)).toEqual([...wanted.keys()]);
    for (const vib of bundle.vibs) {
      const { sha256: sum, size } = wanted.get(vib.path)!;
      expect([vib.checksum, vib.packedSize]).toEqual([{ type: 'sha-256', value: sum }, size]);
      const file = (await bundle.openFile(vib.path))!;
      const bytes = new Uint8Array(file.size);
      file.readInto(bytes, 0);
      expect(sha256(bytes)).toBe(sum);
    }
    const verification = await verifyBundle(bundle);
    expect([verification.findings, verification.vibs.map((one) => one.findings)]).toEqual([
      [],
      bundle.vibs.map(() => []),
    ]);
    expect(holds(verification)).toBe(true);
    expect(bundle.bulletins.map(({ vibIds }) => vibIds)).toEqual(
      bundle.bulletins.map(() => bundle.vibs.map(({ id }) => id)),
    );
    bundle.close();
  });

  test.each(zips)('%s is mounted as its VIBs are, and within another zip too', async (zip) => {
    const inner = readFileSync(join(folder!, zip));
    for (const input of [inner, await zipOf({ 'inner.zip': inner })]) {
      const { fs } = await mount(input);
      for (const { payloads } of expected(zip).values()) {
        for (const { path, sha256: sum } of payloads.flatMap(({ entries }) => entries)) {
          if (sum !== undefined) expect(sha256(fs.readFileSync(`/${path}`)), path).toBe(sum);
        }
      }
    }
  });
});
