/**
 * Archives that lie, each in one way and named for its lie. Every one must be refused with a
 * CorruptError that names the archive, the place and the claim; never with another error, and never
 * believed. Those about visor tables are in tar-visor.test.ts, those about numbers and sums of one
 * header in tar-header.test.ts.
 */

import { describe, expect, test } from 'vitest';
import { concatBytes } from '../../src/base/bytes.ts';
import { CorruptError } from '../../src/base/errors.ts';
import { PAX_MAX_BYTES, SPARSE_PIECES_MAX_COUNT } from '../../src/base/limits.ts';
import { tarEntries } from '../../src/format/tar-record.ts';
import { countingSource } from './counting-source.ts';
import { body, END, header, patched, pax, paxRecord, tar } from './tar-blocks.ts';

const ZEROS = new Uint8Array(512);
const octal = (value: number): string => `${value.toString(8).padStart(11, '0')}\0`;

function oldGnu(runs: readonly number[], realSize: number, size: number): Uint8Array {
  const record = { flavour: 'gnu', typeflag: 'S', size } as const;
  return header(record, [386, runs.map(octal).join('')], [483, octal(realSize)]);
}

function sparse10(map: string, realSize = 5000, dataSize = 512): Uint8Array[] {
  const records = [
    paxRecord('GNU.sparse.major', '1'),
    paxRecord('GNU.sparse.minor', '0'),
    paxRecord('GNU.sparse.realsize', String(realSize)),
  ];
  const blocks = body(map);
  const size = blocks.length + dataSize;
  return [pax(records.join('')), header({ size }), blocks, new Uint8Array(dataSize)];
}

function sparse00(...keys: readonly [key: string, value: string][]): Uint8Array[] {
  const runs = keys.map(([key, value]) => paxRecord(`GNU.sparse.${key}`, value));
  const size = paxRecord('GNU.sparse.size', '5000');
  return [pax(size + runs.join('')), header({ size: 512 }), ZEROS];
}

function longName(length: number): Uint8Array {
  const name = body('n'.repeat(length));
  return concatBytes([header({ typeflag: 'L', size: length }), name]);
}

type Evil = readonly [lie: string, parts: readonly Uint8Array[], offset: number, claim: string];

const HEADERS: readonly Evil[] = [
  ['an archive of nothing', [], 0, 'the archive is empty'],
  ['an archive of less than a header', [header().slice(0, 511)], 0, 'ends within a tar header'],
  ['an archive of too few zeros', [ZEROS.slice(1)], 0, 'ends within a tar header'],
  ['text', [body('hello, world')], 0, 'do not add up'],
  ['a size beyond the archive', [header({ size: 1024 }), ZEROS], 0, '1024 bytes of data at 0x200'],
  [
    'a size of half a block too much',
    [header({ size: 3 }), body('abc').slice(0, 300)],
    0,
    '3 bytes',
  ],
  [
    'a size of 2^53 - 1',
    [header({}, [124, '\x80\0\0\0\0\x1f\xff\xff\xff\xff\xff\xff'])],
    0,
    '9007',
  ],
  ['a size below nothing', [header({}, [124, '\xff'.repeat(12)]), END], 0, 'a bad size'],
  ['a second header with another sum', [header(), patched(header(), [5, 'x'])], 512, 'add up'],
  ['a second header cut short', [header(), header().slice(0, 200)], 512, 'within a tar header'],
  ['a label that overruns', [header({ typeflag: 'V', size: 9 })], 0, '9 bytes of data'],
  ['a dump directory that overruns', [header({ typeflag: 'D', size: 9 })], 0, '9 bytes of data'],
  ['a file from another volume', [header({ typeflag: 'M' })], 0, 'starts on another volume'],
  ['a device of no number', [header({ typeflag: '3' }, [329, 'eight'])], 0, 'a device without'],
  ['a device below nothing', [header({ typeflag: '4' }, [337, '\xff'.repeat(8)])], 0, 'a device'],
];

const EXTENDED: readonly Evil[] = [
  [
    'a long name that overruns',
    [header({ typeflag: 'L', size: 600 }), ZEROS],
    0,
    '600 bytes of data',
  ],
  [
    'a long name of more than anyone needs',
    [header({ typeflag: 'L', size: PAX_MAX_BYTES + 1 })],
    0,
    'at most 1048576 are read',
  ],
  [
    'a long name and no entry',
    [header({ typeflag: 'L', size: 1 }), body('a')],
    0,
    'no entry follows',
  ],
  [
    'long names and no entry',
    [header({ typeflag: 'L' }), header({ typeflag: 'K' }), header({ typeflag: 'L' }), END],
    0,
    'no entry follows',
  ],
  [
    'pax records and no entry',
    [header(), pax(paxRecord('path', 'b')), END],
    512,
    'no entry follows',
  ],
  [
    'pax records of more than anyone needs',
    [header({ typeflag: 'x', size: PAX_MAX_BYTES + 1 })],
    0,
    'an extended header of 1048577 bytes',
  ],
  ['pax records that overrun', [header({ typeflag: 'x', size: 512 })], 0, '512 bytes of data'],
  ['global records that overrun', [header({ typeflag: 'g', size: 512 })], 0, '512 bytes of data'],
  ['a record without a length', [pax('path=a\n')], 512, 'without a length'],
  ['a record with a signed length', [pax('+9 path=a\n')], 512, 'without a length'],
  ['a record of length 0', [pax('0 path=a\n')], 512, 'without a length'],
  ['a record with a length and no more', [pax('10')], 512, 'without a length'],
  [
    'a record with a very long length',
    [pax(`${'9'.repeat(40)} path=a\n`)],
    512,
    'without a length',
  ],
  ['a record longer than its header', [pax('99 path=a\n')], 512, 'past its header'],
  ['a record shorter than it is', [pax('8 path=a\n')], 512, 'does not end in a newline'],
  ['a record shorter than its length', [pax('1 \n')], 512, 'does not end in a newline'],
  ['a record without a newline', [pax('10 path=ab')], 512, 'does not end in a newline'],
  ['a record without "="', [pax('7 path\n')], 512, 'without "="'],
  ['a record with "=" in the next', [pax('7 path\n9 uid=12\n')], 512, 'without "="'],
  ['a bad record behind a good one', [pax(`${paxRecord('path', 'b')}x`)], 521, 'without a length'],
  ['a name longer than any path', [longName(4097), header()], 0, 'a name of 4097 bytes'],
  ['a path longer than any', [pax(paxRecord('path', 'p'.repeat(4097)))], 512, 'of 4097 bytes'],
  ['an owner longer than any', [pax(paxRecord('uname', 'p'.repeat(4097)))], 512, 'of 4097 bytes'],
  ['a size longer than any', [pax(paxRecord('size', '0'.repeat(4097)))], 512, 'of 4097 bytes'],
  ['a negative size', [pax(paxRecord('size', '-1'))], 512, 'a pax size of "-1"'],
  ['a size past 2^53', [pax(paxRecord('size', '9007199254740992'))], 512, 'a pax size of'],
  ['a size in words', [pax(paxRecord('size', 'huge'))], 512, 'a pax size of "huge"'],
  [
    'a size beyond the archive',
    [pax(paxRecord('size', '513')), header(), ZEROS],
    1024,
    '513 bytes',
  ],
  [
    'a global size beyond it',
    [pax(paxRecord('size', '9'), 'g'), header()],
    1024,
    '9 bytes of data',
  ],
  ['a uid of 33 bits', [pax(paxRecord('uid', '4294967296'))], 512, 'a pax uid of "4294967296"'],
  ['a gid in words', [pax(paxRecord('gid', 'root'))], 512, 'a pax gid of "root"'],
];

const many = Array.from({ length: SPARSE_PIECES_MAX_COUNT + 1 }, (_, index) => index);

const tooLong = sparse00(['map', String([...many, ...many])]);

/** A header that promises blocks of runs, and as many of them as it takes. */
function endlessMap(): Uint8Array[] {
  const first = header({ flavour: 'gnu', typeflag: 'S' }, [482, '\x01'], [483, octal(5000)]);
  const block = patched(ZEROS, [0, [...Array(42).keys()].map(octal).join('')], [504, '\x01']);
  return [first, concatBytes(Array.from({ length: 1 + many.length / 21 }, () => block)), ZEROS];
}

const SPARSE: readonly Evil[] = [
  ['pieces that overlap', [oldGnu([0, 100, 50, 100], 5000, 512), ZEROS], 0, 'before the end'],
  ['pieces that go back', [oldGnu([600, 100, 0, 100], 5000, 512), ZEROS], 0, 'before the end'],
  ['a piece past the file', [oldGnu([4990, 11], 5000, 512), ZEROS], 0, "past the file's 5000"],
  ['more in pieces than in data', [oldGnu([0, 513], 5000, 512), ZEROS], 0, 'more than the 512'],
  ['data of nothing', [oldGnu([0, 1], 5000, 0)], 0, 'more than the 0 bytes'],
  ['data that overruns', [oldGnu([0, 512], 5000, 512)], 0, '512 bytes of data'],
  [
    'a piece of no number',
    [
      header(
        { flavour: 'gnu', typeflag: 'S' },
        [386, `x${octal(1).slice(1)}${octal(1)}`],
        [483, octal(1)],
      ),
    ],
    0,
    'something else than numbers',
  ],
  [
    'a real size of no number',
    [header({ flavour: 'gnu', typeflag: 'S' }, [483, 'x'])],
    0,
    'without a real size',
  ],
  [
    'a real size below nothing',
    [header({ flavour: 'gnu', typeflag: 'S' }, [483, '\xff'.repeat(12)])],
    0,
    'without a real size',
  ],
  [
    'a map that goes on past the end',
    [header({ flavour: 'gnu', typeflag: 'S' }, [482, '\x01'])],
    512,
    'a sparse map has 512 bytes here',
  ],
  ['a map without an end', endlessMap(), 0, 'more than 65536 pieces'],
  ['an offset and no length', sparse00(['offset', '1']), 1024, 'ends with an offset'],
  ['a length before its offset', sparse00(['numbytes', '1']), 512 + 24, 'out of turn'],
  [
    'two offsets in a row',
    sparse00(['offset', '1'], ['offset', '2']),
    512 + 24 + 23,
    'out of turn',
  ],
  ['an offset in words', sparse00(['offset', 'zero']), 512 + 24, 'without a number'],
  ['a list of an odd count', sparse00(['map', '1,2,3']), 1024, 'ends with an offset'],
  ['a list of nothing between commas', sparse00(['map', '1,,3,4']), 1024, 'else than numbers'],
  ['a list of more than anyone needs', tooLong, tooLong[0]!.length, 'more than 65536'],
  ['a version from the future', sparse00(['major', '2']), 1024, 'version 2.0'],
  ['lines of no numbers', sparse10('one\n'), 1024, 'else than numbers'],
  ['lines of nothing', sparse10('\n\n'), 1024, 'else than numbers'],
  ['lines that stop', sparse10('1\n0\n'), 1024, 'else than numbers'],
  ['a line of very many digits', sparse10(`${'1'.repeat(99)}\n`), 1024, 'else than numbers'],
  ['lines of more than anyone needs', sparse10('65537\n'), 1024, 'a sparse map of 65537 pieces'],
  ['lines past their data', sparse10('', 5000, 0), 1024, 'longer than the 0 bytes'],
  [
    'lines that need a block too many',
    sparse10(`${'0'.repeat(13)}16\n${`${'0'.repeat(15)}\n`.repeat(31)}`, 5000, 0),
    1024,
    'longer than the 512 bytes',
  ],
];

describe.each([
  ['headers', HEADERS],
  ['extended headers', EXTENDED],
  ['sparse maps', SPARSE],
] as const)('%s', (_what, evils) => {
  test.each(evils)('%s is refused', (_lie, parts, offset, claim) => {
    for (const source of [tar(...parts), countingSource(tar(...parts))]) {
      let refusal: unknown = 'accepted';
      try {
        tarEntries(source);
      } catch (error) {
        refusal = error;
      }
      expect(refusal).toBeInstanceOf(CorruptError);
      expect(refusal).toMatchObject({ archive: 'evil.tar', offset });
      expect((refusal as CorruptError).claim).toContain(claim);
    }
  });
});
