/**
 * Zips: what other tools write is read, what is written other tools read, and what lies is refused.
 *
 * unzip, zip and Python's zipfile are the judges. The evil ones are made of a sound one by writing
 * over a few bytes, each named for its lie; then a sound one is cut at every byte, and bytes of it
 * are changed at random.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { concatBytes, putU16, putU32, u16, u32, utf8 } from '../../src/base/bytes.ts';
import { CorruptError } from '../../src/base/errors.ts';
import { bytesSource } from '../../src/base/source.ts';
import { portableCodec } from '../../src/codec/gzip.ts';
import { whyNoPath, zipEntries } from '../../src/format/zip.ts';
import { isZip } from '../../src/format/zip-start.ts';
import { encodeZip } from '../../src/format/zip-write.ts';
import { openZipEntry } from '../../src/layer/zip.ts';
import { nativeCodec } from '../../src/node/native-codecs.ts';
import { corpusPath } from '../support/corpus.ts';
import { prng, seeds } from '../support/prng.ts';
import { unzipped, zipOf } from '../support/zips.ts';

const WORDS = 'the same words over and over, '.repeat(100);
const FILES = { 'index.xml': '<a/>', 'vib20/a/words': WORDS, empty: '' };

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'visorfs-zip-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const has = (tool: string): boolean => {
  const isThere = spawnSync(tool, ['--help']).error === undefined;
  if (!isThere) process.stderr.write(`skipped: no ${tool}\n`);
  return isThere;
};
const HAS = { unzip: has('unzip'), zip: has('zip'), python3: has('python3') };

function python(script: string, ...args: string[]): string {
  return execFileSync('python3', ['-c', script, ...args], { encoding: 'utf8' });
}

const texts = (bytes: Uint8Array): Record<string, string> => {
  const files = [...unzipped(bytes)].map(([name, content]) => [name, Buffer.from(content)]);
  return Object.fromEntries(files.map(([name, content]) => [name, content!.toString('utf8')]));
};

describe('what is written', () => {
  test('is read again, by either codec', async () => {
    for (const codec of [nativeCodec, portableCodec]) {
      const bytes = await zipOf(FILES, codec);
      expect(texts(bytes)).toEqual(FILES);
      expect(unzipped(bytes, portableCodec)).toEqual(unzipped(bytes));
      expect(isZip(bytes)).toBe(true);
    }
  });

  test('is the same for the same files, and small where they are not random', async () => {
    const bytes = await zipOf(FILES);
    expect(await zipOf(FILES)).toEqual(bytes);
    expect(bytes.length).toBeLessThan(1000);
  });

  test.skipIf(!HAS.unzip)('unzip finds nothing wrong with', async () => {
    writeFileSync(join(folder, 'ours.zip'), await zipOf(FILES));
    expect(execFileSync('unzip', ['-t', join(folder, 'ours.zip')], { encoding: 'utf8' })).toContain(
      'No errors detected',
    );
    const out = execFileSync('unzip', ['-p', join(folder, 'ours.zip'), 'vib20/a/words']);
    expect(out.toString()).toBe(WORDS);
  });

  test.skipIf(!HAS.python3)(
    'Python reads, with names that are not ASCII and no files too',
    async () => {
      const files = { ...FILES, 'bücher/世界': 'x' };
      writeFileSync(join(folder, 'python.zip'), await zipOf(files));
      const script = `if 1:
      import sys, zipfile, json
      z = zipfile.ZipFile(sys.argv[1])
      print(json.dumps({i.filename: z.read(i).decode() for i in z.infolist()}))`;
      expect(JSON.parse(python(script, join(folder, 'python.zip')))).toEqual(files);
      writeFileSync(join(folder, 'python.zip'), await zipOf({}));
      expect(JSON.parse(python(script, join(folder, 'python.zip')))).toEqual({});
      expect(zipEntries(bytesSource(await zipOf({}), 'a.zip'))).toEqual([]);
    },
  );

  test('is refused where zip has no room for it', () => {
    const content = { name: 'a', method: 0, stored: new Uint8Array(0), size: 0, crc32: 0 };
    expect(() => encodeZip(Array.from({ length: 0xffff }, () => content))).toThrow(RangeError);
  });
});

describe('what others write is read', () => {
  test.skipIf(!HAS.zip)('zip: stored, deflated, folders, sums behind the data', () => {
    const at = join(folder, 'tree');
    mkdirSync(join(at, 'sub'), { recursive: true });
    writeFileSync(join(at, 'sub', 'words'), WORDS);
    writeFileSync(join(at, 'short'), 'x');
    const files = { 'sub/words': WORDS, short: 'x' };
    for (const option of ['-0', '-9', '-fd', '-fz']) {
      // Into a pipe, zip 3.0 writes half of zip64 with -fz, which unzip refuses too.
      const file = join(folder, `${option}.zip`);
      execFileSync('zip', ['-q', '-r', option, file, '.'], { cwd: at });
      expect(texts(readFileSync(file)), option).toEqual(files);
    }
    expect(texts(execFileSync('zip', ['-q', '-r', '-', '.'], { cwd: at }))).toEqual(files);
  });

  test.skipIf(!HAS.python3)('Python: zip64, sums behind the data, bytes ahead and behind', () => {
    const script = `if 1:
      import sys, zipfile
      class Pipe:
        def __init__(self): self.bytes = b''
        def write(self, b): self.bytes += b; return len(b)
        def flush(self): pass
      out = Pipe()
      with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as z:
        with z.open('words', 'w', force_zip64=True) as f: f.write(b'word ' * 1000)
        z.writestr('b/c', 'x')
      open(sys.argv[1], 'wb').write(out.bytes)
      with zipfile.ZipFile(sys.argv[2], 'w') as z:
        for i in range(65540): z.writestr('f%d' % i, b'')`;
    python(script, join(folder, 'piped.zip'), join(folder, 'many.zip'));
    const piped = readFileSync(join(folder, 'piped.zip'));
    const files = { words: 'word '.repeat(1000), 'b/c': 'x' };
    expect(texts(piped)).toEqual(files);
    expect(texts(concatBytes([utf8('#!/bin/sh\n'), piped, utf8('more')]))).toEqual(files);
    const many = bytesSource(readFileSync(join(folder, 'many.zip')), 'many.zip');
    expect(() => zipEntries(many)).toThrow('65540 members');
  });

  test('a zip in a zip is opened where it lies, and where it was deflated', async () => {
    const inner = await zipOf(FILES);
    for (const method of [0, 8]) {
      const outer = bytesSource(await zipOf(method === 0 ? { inner } : { inner, a: WORDS }), 'o');
      const entry = zipEntries(outer).find(({ name }) => name === 'inner')!;
      const opened = openZipEntry(outer, entry, nativeCodec);
      expect(opened.name).toBe('o!inner');
      expect(zipEntries(opened).map(({ name }) => name)).toEqual(Object.keys(FILES));
    }
  });
});

/** What Go, unzip and Python make of these is in FORMATS.md. */
const GO_REFUSED: Readonly<Record<string, string>> = {
  'dupdir.zip': "two members are called 'a/b'",
  'symlink.zip': 'is a symlink',
  'test-baddirsz.zip': 'no member of the directory',
};

const goFolder = corpusPath('tar', 'golang__go', 'zip');
describe.skipIf(goFolder === null || !HAS.python3)('odd zips that Go is tested with', () => {
  const names = goFolder === null ? [] : readdirSync(goFolder);
  test.each(names)('%s is read as Python reads it, or refused for a reason', (name) => {
    const bytes = readFileSync(join(goFolder!, name));
    const why = GO_REFUSED[name];
    if (why !== undefined) {
      expect(() => unzipped(bytes)).toThrow(why);
      return;
    }
    const script = `if 1:
      import sys, zipfile, json
      z = zipfile.ZipFile(sys.argv[1])
      name = lambda i: i.filename if i.flag_bits & 0x800 else i.filename.encode('cp437').decode()
      print(json.dumps({name(i): z.read(i).hex() for i in z.infolist() if not i.is_dir()}))`;
    const ours = [...unzipped(bytes)].map(([path, file]) => [
      path,
      Buffer.from(file).toString('hex'),
    ]);
    expect(Object.fromEntries(ours)).toEqual(JSON.parse(python(script, join(goFolder!, name))));
  });
});

type Lie = readonly [name: string, tell: (zip: Uint8Array, at: Places) => void, claim: string];

/** Where, in a zip of two members of one letter each, the second's structures are. */
interface Places {
  readonly first: number;
  readonly local: number;
  readonly entry: number;
  readonly end: number;
}

const LIES: readonly Lie[] = [
  ['no end', (zip, { end }) => putU32(zip, end, 0), 'no end of a central directory'],
  ['two disks', (zip, { end }) => putU16(zip, end + 4, 1), 'in several parts'],
  ['more members', (zip, { end }) => putCounts(zip, end, 3), 'no member of the directory'],
  ['fewer members', (zip, { end }) => putCounts(zip, end, 1), 'bytes of directory behind its 1'],
  ['a directory past its end', (zip, { end }) => putU32(zip, end + 16, 0x7fffffff), 'ends behind'],
  ['a directory of 2 GiB', (zip, { end }) => putU32(zip, end + 12, 0x7fffffff), 'ends behind here'],
  ['all ones without zip64', (zip, { end }) => putU32(zip, end + 16, 0xffffffff), 'ends behind'],
  [
    'an entry of all ones',
    (zip, { entry }) => putU32(zip, entry + 24, 0xffffffff),
    'without zip64',
  ],
  ['no entry', (zip, { entry }) => putU32(zip, entry, 0), 'no member of the directory'],
  ['a comment past the end', (zip, { entry }) => putU16(zip, entry + 32, 99), 'within a member'],
  ['a place of the first', (zip, { entry, first }) => putU32(zip, entry + 42, first), 'one place'],
  ['a place past the end', (zip, { entry }) => putU32(zip, entry + 42, 0x7fffffff), 'run into'],
  ['a place in the first', (zip, { entry }) => putU32(zip, entry + 42, 5), 'run into what comes'],
  ['a stored size past the end', (zip, { entry }) => putU32(zip, entry + 20, 9999), 'run into'],
  ['encryption', (zip, { entry, local }) => putBoth(zip, entry + 8, local + 6, 1), 'is encrypted'],
  ['encryption in one', (zip, { local }) => putU16(zip, local + 6, 1), 'otherwise of encryption'],
  ['bzip2', (zip, { entry, local }) => putBoth(zip, entry + 10, local + 8, 12), 'by method 12'],
  ['another method', (zip, { local }) => putU16(zip, local + 8, 8), 'another method'],
  ['no local header', (zip, { local }) => putU32(zip, local, 0), 'leads to no local header'],
  ['another name', (zip, { local }) => zip.set(utf8('x'), local + 30), "calls it 'x'"],
  ['a name past the end', (zip, { local }) => putU16(zip, local + 26, 999), 'run into'],
  ['other extra fields', (zip, { local }) => putU16(zip, local + 28, 999), 'run into'],
  ['another sum', (zip, { entry, local }) => putSums(zip, entry, local), 'another CRC'],
  ['another sum in one', (zip, { entry }) => putU32(zip, entry + 16, 1), 'another size or sum'],
  ['other bytes', (zip, { local }) => zip.set(utf8('x'), local + 31), 'another CRC'],
  [
    'a doubled name',
    (zip, { entry }) => zip.set(utf8('a'), entry + 46),
    "two members are called 'a'",
  ],
  ['an absolute name', (zip, { entry }) => zip.set(utf8('/'), entry + 46), 'is absolute'],
  ['a backslash', (zip, { entry }) => zip.set(utf8('\\'), entry + 46), 'has a backslash'],
  ['a dot', (zip, { entry }) => zip.set(utf8('.'), entry + 46), 'has an empty, . or .. part'],
  ['a name of no UTF-8', (zip, { entry }) => zip.set([0xff], entry + 46), 'is not UTF-8'],
];

function putCounts(zip: Uint8Array, end: number, count: number): void {
  putBoth(zip, end + 8, end + 10, count);
}

function putBoth(zip: Uint8Array, one: number, other: number, value: number): void {
  putU16(zip, one, value);
  putU16(zip, other, value);
}

function putSums(zip: Uint8Array, entry: number, local: number): void {
  putU32(zip, entry + 16, 1);
  putU32(zip, local + 14, 1);
}

function placesIn(zip: Uint8Array): Places {
  const end = zip.length - 22;
  const directory = u32(zip, end + 16);
  const entry = directory + 46 + u16(zip, directory + 28);
  return { first: u32(zip, directory + 42), local: u32(zip, entry + 42), entry, end };
}

describe('what lies is refused', () => {
  test.each(LIES)('%s', async (_name, tell, claim) => {
    const zip = await zipOf({ a: '1', b: '2' });
    tell(zip, placesIn(zip));
    expect(() => unzipped(zip)).toThrow(CorruptError);
    expect(() => unzipped(zip)).toThrow(claim);
  });

  test.each([
    ['', 'is empty'],
    ['/a', 'is absolute'],
    ['C:a', 'is absolute'],
    ['a\\b', 'has a backslash or a NUL'],
    ['a\0', 'has a backslash or a NUL'],
    ['../a', 'has an empty, . or .. part'],
    ['a/../b', 'has an empty, . or .. part'],
    ['a//b', 'has an empty, . or .. part'],
    ['a/./b', 'has an empty, . or .. part'],
  ])('a member called %j', async (name, why) => {
    expect(whyNoPath(name)).toBe(why);
    const zip = await zipOf({ [name]: 'x' });
    expect(() => unzipped(zip)).toThrow(why);
  });

  test('deflate of another size than it claims, and of more than the limit', async () => {
    const zip = await zipOf({ a: WORDS });
    const [entry] = zipEntries(bytesSource(zip, 'a.zip'));
    const source = bytesSource(zip, 'a.zip');
    const open = (limit?: number): unknown => openZipEntry(source, entry!, nativeCodec, limit);
    expect(() => open(WORDS.length - 1)).toThrow('decodes to more than 2999 bytes');
    const { end } = placesIn(zip);
    const directory = u32(zip, end + 16);
    for (const [size, claim] of [
      [WORDS.length - 1, 'does not decode'],
      [WORDS.length + 1, 'does not decode'],
      [2 ** 31, 'claims 2147483648 bytes'],
    ] as const) {
      putU32(zip, 22, size);
      putU32(zip, directory + 24, size);
      for (const codec of [nativeCodec, portableCodec]) {
        expect(() => unzipped(zip, codec)).toThrow(claim);
      }
    }
  });

  test('deflate with another sum, and stored bytes of another size than is stored', async () => {
    const deflated = await zipOf({ a: WORDS });
    const { end } = placesIn(deflated);
    for (const offset of [14, u32(deflated, end + 16) + 16]) putU32(deflated, offset, 1);
    expect(() => unzipped(deflated)).toThrow('another CRC');
    const stored = await zipOf({ a: '1' });
    const directory = u32(stored, placesIn(stored).end + 16);
    for (const offset of [22, directory + 24]) putU32(stored, offset, 2);
    expect(() => unzipped(stored)).toThrow('is stored, but 2 bytes in 1');
  });

  test('a name that no path is as long as', async () => {
    const zip = await zipOf({ [`${'a/'.repeat(2048)}b`]: 'x' });
    expect(() => unzipped(zip)).toThrow('a name of 4097 bytes');
  });

  test('a link, which is listed and never opened', async () => {
    const zip = await zipOf({ a: '/etc/passwd' });
    putU32(zip, u32(zip, placesIn(zip).end + 16) + 38, 0o120777 * 2 ** 16);
    const source = bytesSource(zip, 'a.zip');
    const [entry] = zipEntries(source);
    expect(entry).toMatchObject({ name: 'a', kind: 'symlink' });
    expect(() => openZipEntry(source, entry!, nativeCodec)).toThrow("'a' is a symlink, no file");
  });

  test('a zip cut at any byte', async () => {
    const zip = await zipOf(FILES);
    for (let length = 0; length < zip.length; length++) {
      expect(() => unzipped(zip.subarray(0, length)), `${length}`).toThrow(CorruptError);
    }
  });

  test.each(seeds(8))(
    'or it is read as something else, whatever bytes change (SEED=%i)',
    async (seed) => {
      const chance = prng(seed);
      const zip = await zipOf(FILES);
      for (let turn = 0; turn < 400; turn++) {
        const bad = zip.slice();
        for (let count = chance.below(4); count >= 0; count--) {
          bad[chance.below(bad.length)] = chance.below(256);
        }
        try {
          unzipped(bad);
        } catch (error) {
          if (!(error instanceof CorruptError)) throw error;
        }
      }
    },
  );
});
