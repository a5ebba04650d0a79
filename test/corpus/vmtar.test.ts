// Every visor tar there is: unpacked into a plain tar and packed again it must be what it was, byte
// for byte, and the plain tar must be one that other tools read. Its layout is found out from the
// archive itself, as nothing in it says so.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { concatBytes, text } from '../../src/base/bytes.ts';
import { bytesSource } from '../../src/base/source.ts';
import { isVisorHeader } from '../../src/format/tar-header.ts';
import type { VisorLayout } from '../../src/format/visor-write.ts';
import { type Converted, listTar, packVisorTar, unpackVisorTar } from '../../src/layer/vmtar.ts';
import { nativeCodec } from '../../src/node/native-codecs.ts';
import { corpusPayloads } from '../support/payloads.ts';

const images = new URL('../../images/good/', import.meta.url);
const generated = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(name, images)));

function whole(converted: Converted): Uint8Array {
  const bytes = concatBytes([...converted.pieces()]);
  expect(bytes.length).toBe(converted.size);
  converted.close();
  return bytes;
}

async function unpacked(vtar: Uint8Array): Promise<Uint8Array> {
  return whole(await unpackVisorTar(bytesSource(vtar, 'real.vtar'), nativeCodec));
}

async function packed(tar: Uint8Array, layout: VisorLayout): Promise<Uint8Array> {
  return whole(await packVisorTar(bytesSource(tar, 'unpacked.tar'), nativeCodec, { layout }));
}

describe('every visor payload of the corpus', () => {
  const payloads = corpusPayloads().filter(
    ({ bytes }) => bytes.length >= 512 && isVisorHeader(bytes, 0),
  );

  test.skipIf(payloads.length === 0)('comes back byte for byte', async () => {
    const counts = new Map<string, number>();
    for (const { place, bytes } of payloads) {
      const { layout } = await listTar(bytesSource(bytes, place), nativeCodec);
      expect(layout, place).not.toBeNull();
      const back = await packed(await unpacked(bytes), layout!);
      expect(Buffer.compare(back, bytes), place).toBe(0);
      counts.set(layout!, (counts.get(layout!) ?? 0) + 1);
    }
    const distinct = new Set(payloads.map(({ bytes }) => Buffer.from(bytes).toString('latin1')));
    const found = [...counts].map(([layout, count]) => `${count} of layout ${layout}`).join(', ');
    const all = `${payloads.length} visor payloads came back, ${distinct.size} of them distinct`;
    process.stderr.write(`${all}: ${found}\n`);
    expect(distinct.size).toBeGreaterThan(10);
  });
});

describe('generated visor tars', () => {
  test.each(['6.5', '6.7', '8.0'] as const)('visor-%s.vtar comes back', async (layout) => {
    const bytes = generated(`visor-${layout}.vtar`);
    expect((await listTar(bytesSource(bytes, layout), nativeCodec)).layout).toBe(layout);
    expect(Buffer.compare(await packed(await unpacked(bytes), layout), bytes)).toBe(0);
  });

  test('one with unsigned sums comes back as vmtar writes it', async () => {
    const back = await packed(await unpacked(generated('visor-unsigned.vtar')), '6.7');
    expect(Buffer.compare(back, generated('visor-6.7.vtar'))).toBe(0);
  });

  test('one with its data behind its headers comes back with the same entries, apart', async () => {
    const inline = generated('visor-inline.vtar');
    const back = await packed(await unpacked(inline), '8.0');
    const [before, after] = await Promise.all([told(inline), told(back)]);
    expect(before.layout).toBeNull();
    expect(after).toEqual({ ...before, layout: '8.0' });
  });
});

/** What is in `vtar`, wherever it lies in it. */
async function told(vtar: Uint8Array): Promise<{ layout: VisorLayout | null; entries: unknown[] }> {
  const { layout, entries } = await listTar(bytesSource(vtar, 'told'), nativeCodec);
  const contents = entries.map(({ headerOffset: _, dataOffset, ...entry }) => {
    return { ...entry, content: text(vtar, dataOffset, dataOffset + entry.size) };
  });
  return { layout, entries: contents };
}

/** Names, sizes, modes and sums of all that a tar holds, by Python's tarfile. */
const PYTHON = `
import hashlib, json, sys, tarfile
with tarfile.open(sys.argv[1]) as tar:
    print(json.dumps([[m.name, m.isdir(), m.size, m.mode, m.uid, m.uname, m.mtime,
        hashlib.sha256(tar.extractfile(m).read()).hexdigest() if m.isreg() else '']
        for m in tar]))
`;

describe('a tar that was unpacked', () => {
  const files = ['visor-6.5.vtar', 'visor-8.0.vtar', 'visor-inline.vtar'];

  test.skipIf(!has('tar')).each(files)('of %s is read by GNU tar without a word', async (file) => {
    const vtar = generated(file);
    const list = spawnSync('tar', ['-tf', '-'], { input: await unpacked(vtar) });
    expect([list.status, list.stderr.toString()]).toEqual([0, '']);
    const { entries } = await listTar(bytesSource(vtar, file), nativeCodec);
    expect(list.stdout.toString().trimEnd().split('\n')).toEqual(entries.map(({ path }) => path));
  });

  test.skipIf(!has('python3')).each(files)('of %s is read by Python as it was', async (file) => {
    const vtar = generated(file);
    const folder = mkdtempSync(join(tmpdir(), 'visorfs-vmtar-'));
    try {
      writeFileSync(join(folder, 'x.tar'), await unpacked(vtar));
      const python = spawnSync('python3', ['-c', PYTHON, join(folder, 'x.tar')]);
      expect(python.stderr.toString()).toBe('');
      const { entries } = await listTar(bytesSource(vtar, file), nativeCodec);
      const wanted = entries.map((entry) => [
        entry.path.replace(/\/$/, ''),
        ...[entry.kind === 'directory', entry.size, entry.mode],
        ...[entry.uid, entry.uname, entry.mtimeSeconds],
        entry.kind === 'file'
          ? hash(vtar.subarray(entry.dataOffset, entry.dataOffset + entry.size))
          : '',
      ]);
      expect(JSON.parse(python.stdout.toString())).toEqual(wanted);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

function hash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Whether `tool` is on this machine; where it is not, its tests are skipped. */
function has(tool: string): boolean {
  const isThere = spawnSync(tool, ['--version']).status === 0;
  if (!isThere) process.stderr.write(`skipped: no ${tool} on this machine\n`);
  return isThere;
}
