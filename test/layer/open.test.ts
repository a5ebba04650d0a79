// The door for archives: what they are is told by their bytes, gzip is peeled off within limits,
// and whatever a Source held open is given back. Attacked with wrong names, nested gzip, bombs,
// VIBs of every count of payloads, and Sources that note whether they were closed.

import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { concatBytes, text, utf8 } from '../../src/base/bytes.ts';
import { CorruptError, ForeignError } from '../../src/base/errors.ts';
import { bytesSource, type Source } from '../../src/base/source.ts';
import { portableCodec } from '../../src/codec/gzip.ts';
import { encodeAr } from '../../src/format/ar.ts';
import { openTardisk, openTardisks, openVib } from '../../src/layer/open.ts';
import { decoded, peeled } from '../../src/layer/plain.ts';
import { nativeCodec } from '../../src/node/native-codecs.ts';
import { openTardisks as openAny } from '../../src/software/tardisks.ts';
import { tarOf } from '../support/archives.ts';
import { isInstalled, piped, storedXz, storedZstd, zstdFrame } from '../support/packed.ts';

const TAR = tarOf([{ path: 'etc/' }, { path: 'etc/motd', content: 'hello\n' }]);

/** What is behind the xz of a `*.vxz-psigned`: 284 bytes. */
const SIGNED = utf8('vmware_esx67Z'.padEnd(284, '.'));

/** A Source that counts how often it was closed, resident or not. */
function watched(
  bytes: Uint8Array,
  name = 'archive',
  isResident = true,
): Source & { closed: number } {
  const inner = bytesSource(bytes, name);
  return {
    ...inner,
    closed: 0,
    resident: (offset, length) => (isResident ? inner.resident(offset, length) : null),
    close() {
      this.closed += 1;
    },
  };
}

function vib(
  payloads: Record<string, Uint8Array>,
  sizes: Record<string, number> = {},
  type = 'vgz',
  signature = utf8('signed'),
): Uint8Array {
  const list = Object.entries(payloads).map(([name, bytes]) => {
    const size = sizes[name] ?? bytes.length;
    return `<payload name="${name}" type="${type}" size="${size}"></payload>`;
  });
  const xml =
    '<vib version="5.0"><type>bootbank</type><name>tool</name><version>1-1</version>' +
    `<vendor>us</vendor><payloads>${list.join('')}</payloads></vib>`;
  const members = Object.entries(payloads).map(([name, bytes]) => ({ name, bytes }));
  return encodeAr([
    { name: 'descriptor.xml', bytes: utf8(xml) },
    { name: 'sig.pkcs7', bytes: signature },
    ...members,
  ]);
}

describe.each([
  ['native zlib', nativeCodec],
  ['pako', portableCodec],
])('with %s', (_name, codec) => {
  test.each([
    ['plain', TAR],
    ['in gzip', gzipSync(TAR)],
    ['in gzip twice', gzipSync(gzipSync(TAR))],
    ['as the payload of a VIB', vib({ tool: gzipSync(TAR) })],
    ['as a payload that is not compressed', vib({ tool: TAR })],
    ['as a VIB in gzip', gzipSync(vib({ tool: gzipSync(TAR) }))],
    ['in xz', storedXz(TAR)],
    ['in xz with a signature behind it, in gzip', gzipSync(concatBytes([storedXz(TAR), SIGNED]))],
    ['in xz in gzip twice', gzipSync(gzipSync(storedXz(TAR)))],
    ['in zstd', storedZstd(TAR)],
    ['in zstd in gzip that stores', gzipSync(storedZstd(TAR), { level: 0 })],
    ['in gzip in zstd in xz', storedXz(storedZstd(gzipSync(TAR)))],
    ['as a payload in zstd', vib({ tool: gzipSync(storedZstd(TAR), { level: 0 }) }, {}, 'vzstd')],
  ])('a tar %s is found by its bytes, whatever it is called', async (_how, bytes) => {
    const disk = await openTardisk(bytesSource(bytes, 'photo.jpg'), codec);
    expect(disk.fileCount).toBe(1);
    expect(text(disk.view(disk.dirents.child(disk.dirents.first(2)))!)).toBe('hello\n');
  });

  // Found by the fuzzer (seed 1180513): one with such a name was taken for gzip. GNU tar and Python
  // ask the sum first.
  test.each(['\x1f\x8b\x08\x00', '\xfd7zXZ\x00', '(\xb5/\xfd', '!<arch>\n', 'PK\x03\x04', ']\0\0'])(
    'a tar whose first name starts as %j is a tar',
    async (magic) => {
      const path = Uint8Array.from(`${magic}name`, (letter) => letter.charCodeAt(0));
      const tar = tarOf([{ path, content: 'x' }]);
      for (const open of [openTardisk, openAny]) {
        const opened = await open(bytesSource(tar, 'odd.tar'), codec);
        expect(Array.isArray(opened) ? opened.length : 1).toBe(1);
      }
    },
  );

  test('gzip four times is one too many', async () => {
    const bytes = gzipSync(gzipSync(gzipSync(TAR)));
    expect((await openTardisk(bytesSource(bytes, 'three.tgz'), codec)).fileCount).toBe(1);
    const opening = openTardisk(bytesSource(gzipSync(bytes), 'deep.tgz'), codec);
    await expect(opening).rejects.toThrow(
      'deep.tgz at 0x0: is compressed more than 3 times, which is the limit',
    );
  });

  test('a bomb stops at the limit that its stored size sets, or at a given one', async () => {
    const bomb = gzipSync(gzipSync(new Uint8Array(80 << 20)));
    expect(bomb.length).toBeLessThan(1000);
    const opening = openTardisk(bytesSource(bomb, 'bomb.tgz'), codec);
    await expect(opening).rejects.toThrow(/decodes to more than 67108864 bytes/);
    const options = { maxDecodedBytes: 1000 };
    const tight = openTardisk(bytesSource(gzipSync(TAR), 'small.tgz'), codec, options);
    await expect(tight).rejects.toThrow('decodes to more than 1000 bytes');
  });

  test('the limit is one for all layers, whichever they are of', async () => {
    const zeros = { kind: 1, size: 128 << 10, slice: new Uint8Array(1) };
    const frame = zstdFrame(600 << 17, new Array<typeof zeros>(600).fill(zeros));
    for (const bomb of [frame, gzipSync(frame), storedXz(frame), gzipSync(storedXz(frame))]) {
      const opening = openTardisk(bytesSource(bomb, 'bomb'), codec);
      await expect(opening).rejects.toThrow('decodes to more than 67108864 bytes');
    }
  });

  test('many payloads share one limit', async () => {
    const large = gzipSync(tarOf([{ path: 'zeros', content: new Uint8Array(2 << 20) }]));
    const bytes = vib({ a: large, b: large, c: large });
    const opening = (maxDecodedBytes: number) => {
      return openVib(bytesSource(bytes, 'b.vib'), codec, { maxDecodedBytes });
    };
    await expect(opening(5 << 20)).rejects.toThrow('decodes to more than');
    expect((await opening(9 << 20)).tardisks).toHaveLength(3);
  });
});

test('after a payload that leaves nothing of the limit, another is refused', async () => {
  const bytes = vib({ one: gzipSync(TAR), two: gzipSync(TAR) });
  const options = { maxDecodedBytes: TAR.length };
  const opening = openVib(bytesSource(bytes, 't.vib'), nativeCodec, options);
  await expect(opening).rejects.toThrow(CorruptError);
});

test('a signature without end is refused', async () => {
  const bytes = vib({ one: TAR }, {}, 'vgz', new Uint8Array((1 << 20) + 1));
  const opening = openVib(bytesSource(bytes, 't.vib'), nativeCodec);
  await expect(opening).rejects.toThrow('a signature of 1048577 bytes');
});

test('a VIB gives its descriptor, its signature and its payloads in order', async () => {
  const bytes = vib({ one: gzipSync(TAR), two: gzipSync(TAR) });
  const { descriptor, signature, tardisks } = await openVib(
    bytesSource(bytes, 't.vib'),
    nativeCodec,
  );
  expect(descriptor.id).toBe('us_bootbank_tool_1-1');
  expect(text(signature)).toBe('signed');
  expect(tardisks.map(({ name }) => name)).toEqual(['one', 'two']);
  expect(await openTardisks(bytesSource(bytes, 't.vib'), nativeCodec)).toHaveLength(2);
});

test('a VIB of two payloads is no single tardisk', async () => {
  const bytes = vib({ one: TAR, two: TAR });
  const opening = openTardisk(bytesSource(bytes, 't.vib'), nativeCodec);
  await expect(opening).rejects.toThrow('t.vib at 0x0: is a VIB with 2 payloads to mount');
});

test('a payload of another size than the descriptor says is refused', async () => {
  const opening = openVib(bytesSource(vib({ one: TAR }, { one: 5 }), 't.vib'), nativeCodec);
  await expect(opening).rejects.toThrow("gives payload 'one' 5 bytes, its member");
});

test('a payload without a member is refused', async () => {
  const xml = text(vib({})).replace('</payloads>', '').replace('<payloads>', '');
  expect(xml).toContain('descriptor.xml');
  const descriptor =
    '<vib version="5.0"><type>b</type><name>n</name><version>1</version><vendor>v</vendor>' +
    '<payloads><payload name="gone" type="vgz" size="1"></payload></payloads></vib>';
  const bytes = encodeAr([{ name: 'descriptor.xml', bytes: utf8(descriptor) }]);
  const opening = openVib(bytesSource(bytes, 't.vib'), nativeCodec);
  await expect(opening).rejects.toThrow("the VIB has no member 'gone'");
});

test.each([
  ['nothing', new Uint8Array(0), 'is empty'],
  ['a zip', utf8('PK\u0003\u0004…'), 'is a zip'],
  ['bzip2', utf8('BZh91AY&SY…'), 'is compressed with bzip2, which is not read'],
  ['a web page', utf8('<!doctype html>'), "starts as markup does: '<!doctype html>'"],
  ['noise', new Uint8Array(4096).fill(7), 'is no archive'],
])('%s is foreign, not corrupt, and the error says what it is', async (_what, bytes, claim) => {
  const opening = openTardisk(bytesSource(bytes, 'thing'), nativeCodec);
  await expect(opening).rejects.toBeInstanceOf(ForeignError);
  await expect(openTardisk(bytesSource(bytes, 'thing'), nativeCodec)).rejects.toThrow(claim);
});

test('a tar with a magic and a wrong checksum lies; it is not foreign', async () => {
  const bytes = TAR.slice();
  bytes[0] = 0x7f;
  const error = await openTardisk(bytesSource(bytes, 't.tar'), nativeCodec).catch(
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(CorruptError);
  expect(error).not.toBeInstanceOf(ForeignError);
});

test('a plain tar keeps its source until it is closed; what is decoded gives it back', async () => {
  const plain = watched(TAR, 'plain', false);
  const disk = await openTardisk(plain, nativeCodec);
  expect(plain.closed).toBe(0);
  disk.close();
  expect(plain.closed).toBe(1);
  const packed = watched(gzipSync(TAR), 'packed', false);
  await openTardisk(packed, nativeCodec);
  expect(packed.closed).toBe(1);
});

test.each([
  ['a tar that lies', TAR.slice(0, 700)],
  ['cut gzip', gzipSync(TAR).subarray(0, 60)],
  ['noise', new Uint8Array(600).fill(9)],
])('%s gives its source back', async (_what, bytes) => {
  const source = watched(bytes, 'bad', false);
  await expect(openTardisk(source, nativeCodec)).rejects.toThrow('bad');
  expect(source.closed).toBeGreaterThan(0);
});

test('a sound VIB is read though one of many payloads is by far the largest', async () => {
  const small = gzipSync(TAR);
  const large = gzipSync(tarOf([{ path: 'zeros', content: new Uint8Array(10 << 20) }]));
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  const payloads = Object.fromEntries(names.map((name) => [name, small]));
  const bytes = vib({ ...payloads, h: large });
  expect((await openVib(bytesSource(bytes, 'many.vib'), nativeCodec)).tardisks).toHaveLength(8);
});

test('an archive cannot imply directories without end', async () => {
  const deep = Array.from({ length: 400 }, (_, index) => ({
    path: `${index}/${'d/'.repeat(70)}f`,
    content: '',
  }));
  const opening = openTardisk(bytesSource(tarOf(deep), 'deep.tar'), nativeCodec);
  await expect(opening).rejects.toThrow('implies directories without end');
  const few = openTardisk(bytesSource(tarOf(deep.slice(0, 20)), 'few.tar'), nativeCodec);
  expect((await few).fileCount).toBe(20);
});

test('a layer is taken off alone, and says what is behind it', async () => {
  const xz = concatBytes([storedXz(TAR), SIGNED]);
  const outer = await peeled(bytesSource(gzipSync(xz), 's.v00'), nativeCodec, 1 << 20);
  expect(outer).toMatchObject({ compression: 'gzip', trailingBytes: 0 });
  const inner = await peeled(outer!.plain, nativeCodec, 1 << 20);
  expect(inner).toMatchObject({ compression: 'xz', trailingBytes: SIGNED.length });
  expect(await peeled(inner!.plain, nativeCodec, 1 << 20)).toBe(null);
  expect(inner!.plain.size).toBe(TAR.length);
  expect(inner!.plain.name).toBe('s.v00');
});

test.skipIf(!isInstalled('xz'))('LZMA alone is found where no tar is, by its header', async () => {
  const lzma = piped('xz', ['-c', '--format=lzma'], TAR);
  expect((await openTardisk(bytesSource(lzma, 'x'), nativeCodec)).fileCount).toBe(1);
  // A tar whose first name looks like such a header is a tar.
  const name = Uint8Array.from([93, 0x20, 0x20, 0x20, 0x20]);
  const tar = tarOf([{ path: name, content: 'x' }]);
  tar.set([93, 0, 0, 128, 0, 255, 255, 255, 255, 255, 255, 255, 255, 0]);
  let sum = 256;
  for (let at = 0; at < 512; at++) sum += at >= 148 && at < 156 ? 0 : tar[at]!;
  tar.set(utf8(`${sum.toString(8).padStart(6, '0')}\0 `), 148);
  const source = bytesSource(tar, 'x');
  expect(await decoded(source, nativeCodec, 1 << 20)).toBe(source);
});
