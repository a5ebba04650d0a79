/**
 * Attacks the entry that a walk fills again and again: nothing may be left in it of the one before.
 */

import { expect, test } from 'vitest';
import type { TarEntry } from '../../src/format/tar-entry.ts';
import { walkTar } from '../../src/format/tar-walk.ts';
import { entriesOf, header, pax, paxRecord, tar } from './tar-blocks.ts';

test('one entry object serves the whole walk', () => {
  const seen = new Set<TarEntry>();
  walkTar(tar(header(), header(), header()), (entry) => seen.add(entry));
  expect(seen.size).toBe(1);
});

test('nothing of an entry is left in the next', () => {
  const sparse = paxRecord('GNU.sparse.size', '9') + paxRecord('mtime', '1.5');
  const entries = entriesOf(
    pax(sparse),
    header(),
    header({ typeflag: '2', target: 't' }),
    header({ typeflag: '3', deviceMajor: 1 }),
    header(),
  );
  const plain = entriesOf(header())[0]!;
  expect({ ...entries[3], headerOffset: 0, dataOffset: 512 }).toEqual(plain);
});

test('owners by name are those of the entry, from pax or its header', () => {
  const seen: string[] = [];
  const file = header({ uname: 'mts', gname: 'games' });
  walkTar(tar(pax(paxRecord('uname', 'wer')), file, file), (entry) => {
    seen.push(`${entry.uname()}:${entry.gname()}`);
  });
  expect(seen).toEqual(['wer:games', 'mts:games']);
});
