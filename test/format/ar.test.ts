/**
 * Attacks ar: the ways in which its tools write names, and archives that lie. Real VIBs are in
 * vib-corpus.test.ts.
 */

import { expect, test } from 'vitest';
import { concatBytes, utf8 } from '../../src/base/bytes.ts';
import { CorruptError } from '../../src/base/errors.ts';
import { AR_MEMBERS_MAX_COUNT } from '../../src/base/limits.ts';
import { bytesSource, readBytes, type Source } from '../../src/base/source.ts';
import { arMembers, encodeAr } from '../../src/format/ar.ts';
import { isAr } from '../../src/format/ar-start.ts';
import { countingSource } from './counting-source.ts';
import { characters } from './tar-blocks.ts';

const MAGIC = '!<arch>\n';

/** One member with its header as some tool writes it. */
function member(
  name: string,
  content: string,
  fields = '0           0     0     644     ',
): string {
  const size = utf8(content).length;
  const pad = size % 2 === 0 ? '' : '\n';
  return `${name.padEnd(16)}${fields}${String(size).padEnd(10)}\`\n${content}${pad}`;
}

function ar(...parts: readonly string[]): Source {
  return bytesSource(utf8(parts.join('')), 'evil.vib');
}

function contents(source: Source): string[] {
  return arMembers(source).map(({ name, dataOffset, size }) => {
    return `${name}: ${characters(readBytes(source, dataOffset, size))}`;
  });
}

const ODDITIES: readonly [why: string, parts: readonly string[], want: readonly string[]][] = [
  ['VMware fills names with blanks', [member('payload1', 'abc')], ['payload1: abc']],
  ['GNU ends names with a slash', [member('esxcli-nsx-ext/', 'ab')], ['esxcli-nsx-ext: ab']],
  ['BSD fills its field with a name', [member('sixteen-letters!', 'ab')], ['sixteen-letters!: ab']],
  [
    'VMware of Python 3 writes a mode of 0o0',
    [member('a', 'b', '0           0     0     0o0     ')],
    ['a: b'],
  ],
  ['times and owners may be anything', [member('a', 'b', 'x'.repeat(32))], ['a: b']],
  [
    'GNU keeps long names in a member of their own',
    [
      member('//', 'a very long name indeed/\nanother of them/\n'),
      member('/25', 'x'),
      member('/0', 'y'),
    ],
    ['another of them: x', 'a very long name indeed: y'],
  ],
  [
    'SVR4 ends long names with newlines alone',
    [member('//', 'a name\n'), member('/2', 'x')],
    ['name: x'],
  ],
  ['BSD keeps long names before the data', [member('#1/8', 'name\0\0\0\0data')], ['name: data']],
  [
    'GNU has symbol tables',
    [member('/', 'symbols'), member('/SYM64/', ''), member('a/', 'b')],
    ['a: b'],
  ],
  ['a member may be empty', [member('sig.pkcs7', ''), member('a', 'b')], ['sig.pkcs7: ', 'a: b']],
  ['the last newline may be missing', [member('a', 'b').slice(0, -1)], ['a: b']],
  ['an archive may be empty', [], []],
];

test.each(ODDITIES)('%s', (_why, parts, want) => {
  expect(contents(ar(MAGIC, ...parts))).toEqual(want);
  expect(
    contents(countingSource(ar(MAGIC, ...parts)).name === '' ? ar() : ar(MAGIC, ...parts)),
  ).toEqual(want);
});

const a = member('a', 'bc');

const LIES: readonly [lie: string, parts: readonly string[], offset: number, claim: string][] = [
  ['nothing', [], 0, 'no ar archive'],
  ['half a magic', ['!<arc'], 0, 'no ar archive'],
  ['another magic', ['!<thin>\n'], 0, 'no ar archive'],
  ['half a header', [MAGIC, a, a.slice(0, 59)], 70, 'ends within an ar header'],
  ['another end mark', [MAGIC, a.replace('`\n', '``')], 8, 'without its end mark'],
  ['a size past the end', [MAGIC, a, a.slice(0, -1)], 70, "'a' has 2 bytes"],
  ['a size of nothing', [MAGIC, a.replace('2         `', '          `')], 8, 'of size ""'],
  ['a size below nothing', [MAGIC, a.replace('2         `', '-2        `')], 8, 'of size "-2"'],
  ['a size in hexadecimal', [MAGIC, a.replace('2         `', '0x2       `')], 8, 'of size "0x2"'],
  ['a huge size', [MAGIC, a.replace('2         `', '9999999999`')], 8, '9999999999 bytes'],
  ['a long name and no table', [MAGIC, member('/0', 'b')], 8, 'a long name at 0 of no table'],
  ['a long name past its table', [MAGIC, member('//', 'a/'), member('/2', '')], 70, 'of no table'],
  [
    'a long name of no end',
    [MAGIC, member('//', 'x'.repeat(4097)), member('/0', '')],
    4166,
    'a name of 4097',
  ],
  ['a name longer than a path', [MAGIC, member('#1/4097', 'x'.repeat(5000))], 8, 'a name of 4097'],
  ['a long name longer than its member', [MAGIC, member('#1/3', 'ab')], 8, 'a name of 3 bytes'],
  [
    'more long names than anyone needs',
    [MAGIC, member('//', 'x'.repeat(1048577))],
    8,
    'long names',
  ],
  ['a table of symbols that overruns', [MAGIC, member('/', 'abcd').slice(0, -1)], 8, "'/' has 4"],
  [
    'more members than anyone needs',
    [MAGIC, member('a', '').repeat(AR_MEMBERS_MAX_COUNT + 1)],
    8 + 60 * AR_MEMBERS_MAX_COUNT,
    'more than 1024 members',
  ],
];

test.each(LIES)('%s is refused', (_lie, parts, offset, claim) => {
  let refusal: unknown = 'accepted';
  try {
    arMembers(ar(...parts));
  } catch (error) {
    refusal = error;
  }
  expect(refusal).toBeInstanceOf(CorruptError);
  expect(refusal).toMatchObject({ archive: 'evil.vib', offset });
  expect((refusal as CorruptError).claim).toContain(claim);
});

test('only headers and names are read', () => {
  const source = countingSource(ar(MAGIC, member('a', 'x'.repeat(999)), member('#1/2', 'bcdata')));
  expect(arMembers(source).length).toBe(2);
  expect(source.readBytes).toBe(8 + 60 + 60 + 2);
});

test('an archive is written as VMware writes it', () => {
  const bytes = encodeAr([
    { name: 'descriptor.xml', bytes: utf8('<vib/>') },
    { name: 'payload1', bytes: utf8('odd') },
  ]);
  const fields = '0           0     0     0o0     ';
  const want =
    MAGIC + member('descriptor.xml', '<vib/>', fields) + member('payload1', 'odd', fields);
  expect(characters(bytes)).toBe(want);
  expect(contents(bytesSource(bytes, 'a.vib'))).toEqual([
    'descriptor.xml: <vib/>',
    'payload1: odd',
  ]);
});

test('a name that does not fit is refused as RangeError', () => {
  const write = (): Uint8Array => encodeAr([{ name: 'seventeen-letters', bytes: utf8('') }]);
  expect(write).toThrow(RangeError);
  expect(write).toThrow("'seventeen-letters' does not fit into an ar header");
});

test('an ar is known by its magic', () => {
  expect(isAr(utf8(MAGIC))).toBe(true);
  expect(isAr(concatBytes([utf8(MAGIC), utf8('more')]))).toBe(true);
  expect(isAr(utf8('!<arch>'))).toBe(false);
  expect(isAr(utf8('!<thin>\n'))).toBe(false);
});
