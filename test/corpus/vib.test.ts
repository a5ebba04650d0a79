/**
 * Real VIBs, verified: each holds, as the independent reader that wrote expected.json has it; and
 * each, with a byte of any payload changed, does not.
 */

import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { nativeCodec } from '../../src/node/native-codecs.ts';
import { verifyVib } from '../../src/software/verify.ts';
import { corpusPath } from '../support/corpus.ts';
import { changed, opened } from '../support/vibs.ts';

interface ExpectedVib {
  readonly found_as: readonly string[];
  readonly signature_bytes: number;
  readonly payloads: readonly {
    readonly name: string;
    readonly entries: readonly { readonly type: string }[];
  }[];
}

/** The VIBs that are files of their own. */
function bareVibs(): readonly [name: string, path: string, vib: ExpectedVib][] {
  const table = corpusPath('vib', 'expected.json');
  if (table === null) return [];
  const { vibs } = JSON.parse(readFileSync(table, 'utf8')) as { vibs: readonly ExpectedVib[] };
  return vibs.flatMap((vib) => {
    const found = vib.found_as.filter((path) => !path.includes('!'));
    return found.map((path): [string, string, ExpectedVib] => [basename(path), path, vib]);
  });
}

const OPTIONS = { signature: { atMs: 0 } };

describe.skipIf(bareVibs().length === 0)('VIBs of the corpus', () => {
  test.each(bareVibs())('%s holds, file for file', async (_name, path, vib) => {
    const one = opened(new Uint8Array(readFileSync(corpusPath(...path.split('/'))!)));
    const verified = await verifyVib(one, nativeCodec, OPTIONS);
    expect(verified.findings).toEqual([]);
    expect(verified.signature.status).toBe('unsigned');
    expect(vib.signature_bytes).toBe(0);
    expect(verified.payloads.map(({ name, fileCount }) => [name, fileCount])).toEqual(
      vib.payloads.map(({ name, entries }) => [
        name,
        entries.filter(({ type }) => type !== '5').length,
      ]),
    );
    const sums = one.descriptor.payloads.map(({ checksums }) => checksums.length);
    expect(verified.payloads.map(({ checksumCount }) => checksumCount)).toEqual(sums);
  });

  test.each(bareVibs())('%s does not hold with a byte changed', async (_name, path, vib) => {
    const one = opened(new Uint8Array(readFileSync(corpusPath(...path.split('/'))!)));
    for (const { name } of vib.payloads) {
      const stored = one.stored(name)!.slice();
      // The time in the head of the gzip: nothing of what is in it changes.
      stored[4]! ^= 1;
      const { findings } = await verifyVib(
        changed(one, { members: { [name]: stored } }),
        nativeCodec,
        OPTIONS,
      );
      expect(findings.map(({ code, subject }) => [code, subject])).toEqual([['checksum', name]]);
    }
  });
});
