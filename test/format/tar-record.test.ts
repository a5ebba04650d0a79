/**
 * Attacks the records of a tar: they must stay what they were when the walk has gone on.
 */

import { expect, test } from 'vitest';
import { entriesOf, header, pax, paxRecord } from './tar-blocks.ts';

test('a record says all of an entry, as text and numbers', () => {
  const file = header({ mode: 0o1644, uid: 1, gid: 2, uname: 'u', gname: 'g', mtimeSeconds: 3 });
  expect(entriesOf(file)).toEqual([
    {
      kind: 'file',
      flavour: 'ustar',
      typeflag: '0',
      headerOffset: 0,
      dataOffset: 512,
      size: 0,
      mode: 0o1644,
      uid: 1,
      gid: 2,
      uname: 'u',
      gname: 'g',
      mtimeSeconds: 3,
      mtimeNanoseconds: 0,
      path: 'a',
      target: '',
      deviceMajor: 0,
      deviceMinor: 0,
      textPages: 0,
      fixupPages: 0,
      pieces: null,
    },
  ]);
});

test('a record keeps its own names, whatever comes after it', () => {
  const long = `${'p'.repeat(60)}/${'n'.repeat(60)}`;
  const entries = entriesOf(
    header({ path: long }),
    pax(paxRecord('path', 'second') + paxRecord('uname', 'wer')),
    header(),
    header({ path: long.replaceAll('p', 'q') }),
  );
  expect(entries.map(({ path }) => path)).toEqual([long, 'second', long.replaceAll('p', 'q')]);
  expect(entries.map(({ uname }) => uname)).toEqual(['', 'wer', '']);
});

test('what is not UTF-8 has replacement characters', () => {
  expect(entriesOf(header({}, [0, 'b\xe4r']))[0]!.path).toBe('b\ufffdr');
});
