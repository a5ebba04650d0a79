// eStargz: what is sealed here, and what container tools lay out otherwise, is mounted by its table
// and is the tree of the tar. Attacked with tables that lie and with flipped bits.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import zlib from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { concatBytes, text, utf8 } from '../../src/base/bytes.ts';
import { CorruptError } from '../../src/base/errors.ts';
import { bytesSource } from '../../src/base/source.ts';
import { portableCodec } from '../../src/codec/gzip.ts';
import type { SeekSource } from '../../src/codec/seek-source.ts';
import { encodeFooter, FOOTER_BYTES, tocRange } from '../../src/codec/stargz-footer.ts';
import { BLOCK_BYTES, encodeTarHeader } from '../../src/format/tar-header.ts';
import { openTardisk } from '../../src/layer/open.ts';
import { seal } from '../../src/layer/seal.ts';
import { seekIndexOf } from '../../src/layer/tardisk.ts';
import { nativeCodec } from '../../src/node/native-codecs.ts';
import { body, END, header, pax, paxRecord } from '../format/tar-blocks.ts';
import { tarOf } from '../support/archives.ts';
import { mixedTar } from '../support/gzips.ts';
import { prng, seeds } from '../support/prng.ts';
import { told } from '../support/trees.ts';

const BIG = prng(9).bytes((4 << 20) + 100_000);
const PLAIN = concatBytes([mixedTar().slice(0, -1024), tarOf([{ path: 'big', content: BIG }])]);

const open = (bytes: Uint8Array, codec = nativeCodec) =>
  openTardisk(bytesSource(bytes, 'made.esgz'), codec);

async function sealed(plain: Uint8Array, codec = nativeCodec): Promise<Uint8Array> {
  return concatBytes((await seal(bytesSource(plain, 'made.tar'), codec)).pieces);
}

let made: Uint8Array | null = null;

/** One that is sealed once for all: not to be changed. */
async function small(): Promise<Uint8Array> {
  made ??= await sealed(mixedTar());
  return made;
}

interface Toc {
  version: number;
  entries: Record<string, unknown>[];
}

function tocOf(bytes: Uint8Array): { toc: Toc; start: number; json: string } {
  const { start, end } = tocRange(bytes.subarray(-FOOTER_BYTES), bytes.length)!;
  const tar = zlib.gunzipSync(bytes.subarray(start, end));
  const size = Number.parseInt(tar.toString('latin1', 124, 135), 8);
  const json = tar.toString('utf8', 512, 512 + size);
  return { toc: JSON.parse(json), start, json };
}

/** `bytes` with `toc` for a table. */
function withToc(bytes: Uint8Array, toc: unknown, name?: string): Uint8Array {
  return closed(bytes.subarray(0, tocOf(bytes).start), toc, name);
}

/** `body` with `toc` and a footer behind it. */
function closed(body: Uint8Array, toc: unknown, name = 'stargz.index.json'): Uint8Array {
  const json = utf8(JSON.stringify(toc));
  const header = encodeTarHeader({
    flavour: 'ustar',
    typeflag: '0',
    path: name,
    size: json.length,
  });
  const padding = new Uint8Array((-json.length & (BLOCK_BYTES - 1)) + 1024);
  const member = zlib.gzipSync(concatBytes([header, json, padding]));
  return concatBytes([body, member, encodeFooter(body.length)]);
}

describe.each([
  ['native zlib', nativeCodec],
  ['pako', portableCodec],
])('sealed with %s', (_name, codec) => {
  test('it is the tree of the tar, mounted without decoding anything', async () => {
    const bytes = await sealed(PLAIN, codec);
    const disk = await open(bytes, codec);
    expect((disk.source as SeekSource).decodedCount).toBe(0);
    expect(seekIndexOf(disk)).toBeNull();
    expect(told(disk)).toEqual(told(await open(PLAIN, codec)));
    expect(Buffer.compare(await sealed(PLAIN, codec), bytes)).toBe(0);
  });
});

const GOOD = new URL('../../images/good/', import.meta.url);
const TARS = fs.readdirSync(GOOD).filter((name) => /\.(tar|tgz|vtar)$/.test(name));

test.each(TARS)('%s, sealed, is the same tree', async (name) => {
  const plain = Uint8Array.from(fs.readFileSync(new URL(name, GOOD)));
  // A table of contents is text.
  if (name === 'not-utf8.tar') {
    await expect(sealed(plain)).rejects.toThrow('a table of contents has only text');
    return;
  }
  const bytes = await sealed(plain);
  expect(told(await open(bytes))).toEqual(told(await open(plain)));
  expect(Buffer.compare(await sealed(bytes), bytes), 'sealed again').toBe(0);
});

test('gunzip and GNU tar read the entries of the tar, in order, and the table last', async () => {
  const bytes = await sealed(PLAIN);
  const lists = [PLAIN, zlib.gunzipSync(bytes)].map((input) => {
    const options = { input, maxBuffer: 1 << 28, env: { ...process.env, TZ: 'UTC' } };
    return execFileSync('tar', ['-tvf', '-'], options).toString().trimEnd().split('\n');
  });
  expect(lists[1]!.at(-1)).toContain('stargz.index.json');
  expect(lists[1]!.slice(0, -1)).toEqual(lists[0]);
});

test('every chunk is a gzip member where its table says, with that digest', async () => {
  const bytes = await sealed(PLAIN);
  const { toc, start, json } = tocOf(bytes);
  const files = toc.entries.filter(({ type, size }) => type === 'chunk' || (size as number) > 0);
  expect(files.filter(({ name }) => name === 'big')).toHaveLength(2);
  for (const { offset, chunkDigest } of files) {
    const member = firstMember(bytes.subarray(offset as number, start));
    const digest = createHash('sha256').update(member).digest('hex');
    expect(chunkDigest).toBe(`sha256:${digest}`);
  }
  const big = toc.entries.find(({ name, type }) => name === 'big' && type === 'reg')!;
  expect(big['digest']).toBe(`sha256:${createHash('sha256').update(BIG).digest('hex')}`);
  const { tocDigest } = await seal(bytesSource(PLAIN, 'made.tar'), nativeCodec);
  expect(tocDigest).toBe(createHash('sha256').update(json).digest('hex'));
});

test('members as container tools lay them out: headers behind data, files in one', async () => {
  const parts = [
    tarOf([{ path: 'etc/' }, { path: 'etc/a', content: 'alpha' }]).subarray(0, -1024),
    tarOf([{ path: 'etc/b', content: 'beta' }]).subarray(0, -1024),
    tarOf([{ path: 'etc/c', content: 'gamma' }]).subarray(0, -1024),
  ];
  const tar = concatBytes(parts);
  const [a, b, c] = [1024, 2048, 3072] as const;
  expect([a, b, c].map((at) => text(tar.subarray(at, at + 4)))).toEqual(['alph', 'beta', 'gamm']);
  const members = [tar.subarray(0, a), tar.subarray(a, c), tar.subarray(c)].map((bytes) => {
    return new Uint8Array(zlib.gzipSync(bytes));
  });
  const offsets = [members[0]!.length, members[0]!.length + members[1]!.length];
  const toc = {
    version: 1,
    entries: [
      { name: 'etc/', type: 'dir', mode: 0o755 },
      { name: 'etc/a', type: 'reg', size: 5, mode: 0o644, offset: offsets[0] },
      {
        name: 'etc/b',
        type: 'reg',
        size: 4,
        mode: 0o644,
        offset: offsets[0],
        innerOffset: b - a,
      },
      { name: 'etc/c', type: 'reg', size: 5, mode: 0o644, offset: offsets[1] },
    ],
  };
  const disk = await open(closed(concatBytes(members), toc));
  expect((disk.source as SeekSource).decodedCount).toBe(0);
  const times = (rows: string[]) => rows.map((row) => row.replace(/ 0\.0 /, ' '));
  expect(times(told(disk))).toEqual(
    times(told(await open(concatBytes([tar, new Uint8Array(1024)])))),
  );
});

// A layer of small files may have thousands in one member. Each was decoded anew with all that lay
// ahead of it, and what was kept of each held all of the member.
test('of many files in one member, all are decoded at once', async () => {
  const files = Array.from({ length: 50 }, (_, index) => new Uint8Array(3000).fill(index));
  const member = new Uint8Array(zlib.gzipSync(concatBytes(files)));
  const entries = files.map(({ length }, index) => {
    return { name: `f${index}`, type: 'reg', size: length, innerOffset: index * length };
  });
  const disk = await open(closed(member, { version: 1, entries }));
  const { decodedCount } = disk.source as SeekSource;
  expect(told(disk)).toHaveLength(51);
  expect((disk.source as SeekSource).decodedCount - decodedCount).toBe(1);
  expect(() => told(disk)).not.toThrow();
});

test('whatever lies behind the last file of a member, the file is read', async () => {
  const zeros = new Uint8Array((64 << 20) + 100_000);
  const member = new Uint8Array(zlib.gzipSync(concatBytes([utf8('hello'), zeros]), { level: 1 }));
  const entries = [{ name: 'a', type: 'reg', size: 5 }];
  for (const codec of [nativeCodec, portableCodec]) {
    const disk = await open(closed(member, { version: 1, entries }), codec);
    const hello = new Uint8Array(5);
    disk.source.readInto(hello, 512);
    expect(text(hello)).toBe('hello');
    const bad = member.slice();
    bad[bad.length - 8]! ^= 1;
    const broken = await open(closed(bad, { version: 1, entries }), codec);
    expect(() => broken.source.readInto(hello, 512)).toThrow('no sound gzip of 5 bytes');
  }
});

test('a file of more than 4 GiB is mounted where more than that may be decoded', async () => {
  const size = 5 * 2 ** 30;
  const chunkSize = 4 << 20;
  const member = new Uint8Array(zlib.gzipSync(new Uint8Array(chunkSize)));
  const chunks = Array.from({ length: size / chunkSize }, (_, index) => {
    return { name: 'a', type: index === 0 ? 'reg' : 'chunk', size, chunkOffset: index * chunkSize };
  });
  const entries = chunks.map((chunk) => ({ ...chunk, chunkSize }));
  const last = { name: 'b', type: 'reg', size: 5, mode: 0o644 };
  const bytes = closed(member, { version: 1, entries: [...entries, last] });
  const options = { maxDecodedBytes: 2 ** 40 };
  const disk = await openTardisk(bytesSource(bytes, 'made.esgz'), nativeCodec, options);
  expect([disk.rowCount, disk.size[2], disk.size[3]]).toEqual([4, size, 5]);
  const end = new Uint8Array([1, 2, 3, 4, 5]);
  disk.readInto(3, end, 0);
  expect(end).toEqual(new Uint8Array(5));
  await expect(open(bytes)).rejects.toThrow('are the limit');
});

describe('a table that lies is refused', () => {
  const file = (toc: Toc, part: Record<string, unknown>) => ({
    ...toc,
    entries: toc.entries.map((entry) => (entry['name'] === 'last' ? { ...entry, ...part } : entry)),
  });
  test.each<[string, (toc: Toc) => unknown, string]>([
    ['of an offset behind the table', (toc) => file(toc, { offset: 2 ** 40 }), 'which it has not'],
    ['of more bytes than its member makes', (toc) => file(toc, { size: 60 << 20 }), 'has not'],
    ['of more bytes ahead than it makes', (toc) => file(toc, { innerOffset: 60 << 20 }), 'not'],
    ['of a name that climbs', (toc) => file(toc, { name: '../last' }), 'leads out of the archive'],
    [
      'of a name that is too long',
      (toc) => file(toc, { name: 'n'.repeat(300) }),
      '255 is the limit',
    ],
    ['of a path without end', (toc) => file(toc, { name: 'n/'.repeat(5000) }), 'pax'],
    [
      'of a link to nothing',
      (toc) => ({ ...toc, entries: [{ name: 'l', type: 'hardlink', linkName: 'x' }] }),
      'l',
    ],
    [
      'of a device beyond numbers',
      (toc) => ({ ...toc, entries: [{ name: 'd', type: 'char', devMajor: 2 ** 50 }] }),
      'does not fit',
    ],
    ['of another version', (toc) => ({ ...toc, version: 3 }), 'another version'],
  ])('%s', async (_how, spoil, claim) => {
    const bytes = await small();
    const opening = open(withToc(bytes, spoil(tocOf(bytes).toc)));
    await expect(opening).rejects.toThrow(CorruptError);
    await expect(open(withToc(bytes, spoil(tocOf(bytes).toc)))).rejects.toThrow(claim);
  });

  test('but not where a chunk lies too deep in its member: that is decoded whole', async () => {
    const bytes = await small();
    const disk = await open(withToc(bytes, file(tocOf(bytes).toc, { innerOffset: 2 ** 40 })));
    expect(disk.source.resident(0, 1)).not.toBeNull();
  });

  test('that is not there', async () => {
    const bytes = await small();
    const opening = open(withToc(bytes, tocOf(bytes).toc, 'other.json'));
    await expect(opening).rejects.toThrow("has no 'stargz.index.json' here");
  });

  test('when a file is read that has more bytes than its member', async () => {
    const bytes = await small();
    const disk = await open(withToc(bytes, file(tocOf(bytes).toc, { size: 31_000 })));
    expect(() => told(disk)).toThrow('no sound gzip of 31000 bytes starts here');
  });

  test('when a file is read whose member starts elsewhere', async () => {
    const bytes = await small();
    const { toc } = tocOf(bytes);
    const offset = (toc.entries.find(({ name }) => name === 'last')!['offset'] as number) + 1;
    const disk = await open(withToc(bytes, file(toc, { offset })));
    expect(() => told(disk)).toThrow('no sound gzip of');
  });
});

test.each(seeds(30))('a flipped bit gives right bytes or CorruptError (SEED=%i)', async (seed) => {
  const chance = prng(seed);
  const bytes = (await small()).slice();
  const wanted = told(await open(bytes));
  const isTail = chance.below(2) === 0;
  const at = isTail ? bytes.length - 1 - chance.below(2000) : chance.below(bytes.length);
  bytes[at]! ^= 1 << chance.below(8);
  try {
    const rows = told(await open(bytes));
    // Where the footer is none any more, it is a gzipped tar, with its table for a file.
    const kept = rows.filter((row) => !row.startsWith('/stargz.index.json '));
    expect(kept, `a bit at ${at}`).toEqual(wanted);
  } catch (error) {
    if (!(error instanceof CorruptError)) throw error;
  }
});

test('what no eStargz can hold is refused, with its place', async () => {
  // A device of base-256 numbers, and holes of a TiB: both are mounted as they are.
  const device = header({ typeflag: '3', path: 'd', flavour: 'gnu', deviceMajor: 2 ** 31 });
  const version = paxRecord('GNU.sparse.major', '1') + paxRecord('GNU.sparse.minor', '0');
  const real = paxRecord('GNU.sparse.realsize', String(2 ** 40));
  const holes = [pax(version + real), header({ path: 's', size: 512 }), body(`1\n${2 ** 40}\n0\n`)];
  for (const [parts, claim] of [
    [[device], 'at 0x0: 2147483648 does not fit'],
    [holes, `at 0x400: makes ${2 ** 40} bytes of sparse files; ${64 << 20} are the limit`],
  ] as const) {
    const bytes = concatBytes([...parts, END]);
    await open(bytes);
    await expect(sealed(bytes)).rejects.toThrow(CorruptError);
    await expect(sealed(bytes)).rejects.toThrow(claim);
  }
});

/** What the first gzip member in `bytes` decodes to. */
function firstMember(bytes: Uint8Array): Uint8Array {
  const head = 10;
  return zlib.inflateRawSync(bytes.subarray(head));
}
