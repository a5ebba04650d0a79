// From tars to visor tars and back: what each kind of tar becomes, what only a pax record can
// carry, what is refused before a byte is out, and that nothing is held that need not be. Whether
// what comes out is what vmtar writes, test/corpus/vmtar.test.ts asks of real ones.

import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { concatBytes, text } from '../../src/base/bytes.ts';
import { CorruptError, ForeignError } from '../../src/base/errors.ts';
import { bytesSource, type Source } from '../../src/base/source.ts';
import { portableCodec } from '../../src/codec/gzip.ts';
import { tarEntries } from '../../src/format/tar-record.ts';
import { walkTar } from '../../src/format/tar-walk.ts';
import {
  type Converted,
  listTar,
  packVisorTar,
  unpackVisorTar,
  type VisorTarOptions,
} from '../../src/layer/vmtar.ts';
import { body, END, header, pax, paxRecord } from '../format/tar-blocks.ts';
import { type Entry, tarOf } from '../support/archives.ts';
import { elfOf } from '../support/elf.ts';

const ELF = elfOf(9000, [[1, 5, 0, 8500]]);

async function packed(tar: Uint8Array, options?: VisorTarOptions): Promise<Uint8Array> {
  return whole(await packVisorTar(bytesSource(tar, 'in.tar'), portableCodec, options));
}

async function unpacked(vtar: Uint8Array): Promise<Uint8Array> {
  return whole(await unpackVisorTar(bytesSource(vtar, 'in.vtar'), portableCodec));
}

function whole(converted: Converted): Uint8Array {
  const bytes = concatBytes([...converted.pieces()]);
  expect(bytes.length).toBe(converted.size);
  converted.close();
  return bytes;
}

/** What is in `archive`, with contents and what is said of text. */
function told(archive: Uint8Array): { path: string; [of: string]: unknown }[] {
  const told: { path: string; [of: string]: unknown }[] = [];
  walkTar(bytesSource(archive, 'told'), (entry) => {
    const { kind, mode, uid, gid, size, mtimeSeconds, deviceMajor, deviceMinor } = entry;
    const content = Buffer.from(archive.subarray(entry.dataOffset, entry.dataOffset + size));
    const names = { path: text(entry.path), target: text(entry.target), uname: entry.uname() };
    const numbers = { mode, uid, gid, size, mtimeSeconds, deviceMajor, deviceMinor };
    told.push({ kind, ...names, ...numbers, content: content.toString('latin1') });
  });
  return told;
}

const LONG = `opt/${'a-long-name/'.repeat(12)}`;

const ENTRIES: readonly Entry[] = [
  { path: 'etc/', mode: 0o1755 },
  { path: 'etc/motd', content: 'hello\n', mode: 0o1644, uid: 201, gid: 501, mtime: 946684800 },
  { path: 'etc/nothing', content: '' },
  { path: 'bin/tool', content: ELF, mode: 0o555 },
  { path: 'bin/same', target: 'bin/tool', type: 'link' },
  { path: 'bin/sh', target: 'busybox' },
  { path: 'dev/null', type: 'device' },
  { path: 'dev/pipe', type: 'fifo' },
];

describe('a tar', () => {
  test('becomes a visor tar of the same entries, which becomes the same tar again', async () => {
    const tar = tarOf(ENTRIES);
    const vtar = await packed(tar);
    expect(told(vtar)).toEqual(told(tar));
    const again = await unpacked(vtar);
    expect(told(again)).toEqual(told(tar));
    expect(await packed(again)).toEqual(vtar);
    expect(tarEntries(bytesSource(again, 'again')).every(({ flavour }) => flavour === 'gnu')).toBe(
      true,
    );
  });

  test('is packed as the tools of ESXi 8.0 do unless another is said', async () => {
    const tar = tarOf(ENTRIES);
    expect(await packed(tar)).toEqual(await packed(tar, { layout: '8.0' }));
    for (const layout of ['6.5', '6.7', '8.0'] as const) {
      const listing = await listTar(bytesSource(await packed(tar, { layout }), 'x'), portableCodec);
      expect(listing).toMatchObject({ layout, isVisor: true });
    }
  });

  test('may be in gzip', async () => {
    const tar = tarOf(ENTRIES);
    expect(await packed(new Uint8Array(gzipSync(tar)))).toEqual(await packed(tar));
  });

  test('may be a visor tar already, which is laid out anew', async () => {
    const tar = tarOf(ENTRIES);
    const old = await packed(tar, { layout: '6.5' });
    expect(await packed(old, { layout: '8.0' })).toEqual(await packed(tar, { layout: '8.0' }));
  });

  test('with pax names, times below a second and long names is told by visor headers', async () => {
    const records = paxRecord('path', LONG) + paxRecord('mtime', '5.75');
    const tar = concatBytes([pax(records), header({ typeflag: '5' }), END]);
    const [entry] = told(await packed(tar));
    expect(entry).toMatchObject({ kind: 'directory', path: LONG, mtimeSeconds: 5 });
    expect(told(await unpacked(await packed(tar)))).toEqual([entry]);
  });

  test('gives directories the slash that visor tars have', async () => {
    const tar = concatBytes([header({ typeflag: '5', path: 'etc' }), END]);
    expect(told(await packed(tar))[0]!.path).toBe('etc/');
  });

  test('of before there was a magic has nothing to say of devices', async () => {
    const old = header({ path: 'old' }, [257, '\0'.repeat(8)]);
    const vtar = await packed(concatBytes([old, END]));
    expect(Buffer.from(vtar.subarray(329, 345)).every((byte) => byte === 0)).toBe(true);
    const ustar = await packed(concatBytes([header({ path: 'new' }), END]));
    expect(text(ustar, 329, 345)).toBe('0000000\0'.repeat(2));
  });

  // Found by the fuzzer (seed 1000878): as type 0 such a file became a directory.
  test('takes the slash from files that have one', async () => {
    const tar = concatBytes([header({ typeflag: '7', path: 'lib//', size: 3 }), body('abc'), END]);
    const vtar = await packed(tar);
    expect(told(vtar)).toMatchObject([{ kind: 'file', path: 'lib', content: 'abc' }]);
    expect(told(await unpacked(vtar))).toEqual(told(vtar));
    const mapped = header({ flavour: 'visor', typeflag: '7', path: 'lib/' });
    expect(told(await unpacked(concatBytes([mapped, END])))).toMatchObject([{ path: 'lib' }]);
  });

  test('with a sparse file is written without holes', async () => {
    const map = body('2\n0\n3\n600\n3\n');
    const said = { major: '1', minor: '0', realsize: '1000', name: 'holes' };
    const records = Object.entries(said).map(([key, value]) =>
      paxRecord(`GNU.sparse.${key}`, value),
    );
    const file = header({ size: map.length + 6 });
    const tar = concatBytes([pax(records.join('')), file, map, body('abcxyz'), END]);
    const [entry] = told(await packed(tar));
    const content = `abc${'\0'.repeat(597)}xyz${'\0'.repeat(397)}`;
    expect(entry).toMatchObject({ path: 'holes', size: 1000, content });
  });

  test('of nothing is a visor tar of nothing', async () => {
    expect(await packed(END)).toEqual(new Uint8Array(512));
  });
});

describe('what headers say of program text', () => {
  const saying = async (content: string | Uint8Array, record: string): Promise<Uint8Array> => {
    const file = tarOf([{ path: 'a', content }]);
    return packed(concatBytes([pax(paxRecord('VISORFS.text', record)), file]));
  };
  const ofFirst = (archive: Uint8Array): unknown => {
    const [first] = tarEntries(bytesSource(archive, 'text'));
    const { typeflag, textPages, fixupPages } = first!;
    return [typeflag, textPages, fixupPages];
  };

  test('is found in the file', async () => {
    expect(ofFirst(await packed(tarOf([{ path: 'a', content: ELF }])))).toEqual(['7', 2, 0]);
    expect(ofFirst(await packed(tarOf([{ path: 'a', content: 'text' }])))).toEqual(['0', 0, 0]);
  });

  test('needs no record where the file tells it', async () => {
    const tar = await unpacked(await packed(tarOf([{ path: 'a', content: ELF }])));
    expect(text(tar)).not.toContain('VISORFS');
  });

  // A driver of ESXi 6.0 is an ELF of type 0.
  const said: [why: string, content: string | Uint8Array, record: string, wanted: unknown[]][] = [
    ['an image of type 0', ELF, '0 0 0 0', ['0', 0, 0]],
    ['a mapped file that is no image', 'text', '7 0 0 0', ['7', 0, 0]],
    ['other pages', ELF, '7 4096 1 3', ['7', 1, 3]],
  ];

  test.each(said)('%s survives the way through a tar', async (_why, content, record, wanted) => {
    const vtar = await saying(content, record);
    expect(ofFirst(vtar)).toEqual(wanted);
    const tar = await unpacked(vtar);
    expect(text(tar)).toContain(`VISORFS.text=${record}\n`);
    expect(await packed(tar)).toEqual(vtar);
  });
});

describe('what cannot be converted', () => {
  test('is refused with its place', async () => {
    const tar = concatBytes([header({ path: 'b' }), header({ mtimeSeconds: 0 }), END]);
    const late = concatBytes([pax(paxRecord('uid', '3000000')), header(), END]);
    await expect(packed(concatBytes([tar.subarray(0, 512), late]))).rejects.toThrow(
      'in.tar at 0x600: 3000000 does not fit into 8 bytes of a visor header',
    );
  });

  test('a tar that is no visor tar is not unpacked', async () => {
    await expect(unpacked(tarOf(ENTRIES))).rejects.toThrow(ForeignError);
    await expect(unpacked(END)).rejects.toThrow(ForeignError);
    await expect(unpacked(new Uint8Array(600).fill(65))).rejects.toThrow(ForeignError);
  });

  test('more than offsets can say is refused before anything is made of it', async () => {
    const big = { ...bytesSource(tarOf([{ path: 'a' }]), 'big.tar') };
    const size = 2 ** 32;
    const head = header({ path: 'a', size });
    const source: Source = {
      ...big,
      size: 512 + size + 1024,
      resident: () => null,
      readInto(target, offset) {
        target.fill(0);
        if (offset < 512) target.set(head.subarray(offset, offset + target.length));
      },
    };
    await expect(packVisorTar(source, portableCodec)).rejects.toThrow(
      'big.tar at 0x0: makes a visor tar of 4294971392 bytes; 4294967296 are the most',
    );
  });

  test('closes what it was given', async () => {
    let closed = 0;
    const watched = (bytes: Uint8Array): Source => {
      return { ...bytesSource(bytes, 'watched'), close: () => (closed += 1) };
    };
    await expect(unpackVisorTar(watched(tarOf(ENTRIES)), portableCodec)).rejects.toThrow();
    expect(closed).toBe(1);
    await listTar(watched(tarOf(ENTRIES)), portableCodec);
    expect(closed).toBe(2);
    const converted = await packVisorTar(watched(tarOf(ENTRIES)), portableCodec);
    expect(closed).toBe(2);
    converted.close();
    expect(closed).toBe(3);
  });
});

test('of an archive on a disk no more than a piece is read at once', async () => {
  const tar = tarOf([{ path: 'big', content: new Uint8Array(5_000_000).fill(7) }]);
  const inner = bytesSource(tar, 'disk.tar');
  let longest = 0;
  const source: Source = {
    ...inner,
    resident: () => null,
    readInto(target, offset) {
      longest = Math.max(longest, target.length);
      inner.readInto(target, offset);
    },
  };
  const converted = await packVisorTar(source, portableCodec);
  expect(Buffer.compare(concatBytes([...converted.pieces()]), await packed(tar))).toBe(0);
  expect(longest).toBe(1 << 20);
});

test('an archive that shrinks meanwhile is one that lies', async () => {
  const inner = bytesSource(tarOf(ENTRIES), 'disk.tar');
  let isGone = false;
  const source: Source = {
    ...inner,
    resident: () => null,
    readInto(target, offset) {
      if (isGone) throw new CorruptError('disk.tar', offset, 'the file ends here by now');
      inner.readInto(target, offset);
    },
  };
  const converted = await packVisorTar(source, portableCodec);
  isGone = true;
  expect(() => [...converted.pieces()]).toThrow(CorruptError);
});

test('a listing names the layout that all data is in, and none where it is in none', async () => {
  const vtar = await packed(tarOf(ENTRIES), { layout: '6.7' });
  const list = async (bytes: Uint8Array) => listTar(bytesSource(bytes, 'x'), portableCodec);
  expect((await list(vtar)).layout).toBe('6.7');
  expect((await list(concatBytes([vtar, new Uint8Array(5)]))).layout).toBeNull();
  expect(await list(tarOf(ENTRIES))).toMatchObject({ layout: null, isVisor: false });
});
