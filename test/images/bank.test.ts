/**
 * The sample bank boots what its boot.cfg names, and its base system is the tree of its recipe.
 */

import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type Listed, listedRows } from '../../images/make/good.ts';
import { readRecipe } from '../../images/make/recipe.ts';
import { text, u32 } from '../../src/base/bytes.ts';
import { isSticky } from '../../src/base/mode.ts';
import { bytesSource } from '../../src/base/source.ts';
import { arMembers } from '../../src/format/ar.ts';
import { bootModules, parseBootCfg } from '../../src/format/boot-cfg.ts';
import { EsxConf } from '../../src/format/esx-conf.ts';
import { looksLikeTar } from '../../src/format/tar-header.ts';
import { tarEntries } from '../../src/format/tar-record.ts';
import { openTardisk } from '../../src/layer/open.ts';
import { nativeCodec } from '../../src/node/native-codecs.ts';
import { committed, RECIPES, rowsOf } from './built.ts';

const cfg = parseBootCfg(committed('bank/boot.cfg'), 'boot.cfg');
const base = readRecipe(join(RECIPES, 'base'));

function gunzipped(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(gunzipSync(bytes));
}

function opened(name: string) {
  return openTardisk(bytesSource(committed(name), name), nativeCodec);
}

describe('boot.cfg', () => {
  test('says that the bank is good, was written once and has a build', () => {
    expect(cfg).toMatchObject({
      bootstate: 0,
      updated: 1,
      build: '8.0.3-0.0.24000000',
      timeout: 5,
    });
  });

  test('names modules of 8.3 letters that are all there, state last', () => {
    const names = bootModules(cfg).map(({ file }) => file);
    expect(names[0]).toBe('b.b00');
    expect(names.at(-1)).toBe('state.tgz');
    for (const name of names) {
      expect(name).toMatch(/^[a-z0-9_]{1,8}\.[a-z0-9]{1,3}$/);
      expect(committed(`bank/${name}`).length).toBeGreaterThan(0);
    }
  });

  test('has its bootstate in the sector that the boot loader rewrites', () => {
    expect(text(committed('bank/boot.cfg').subarray(0, 512))).toContain('bootstate=0\n');
  });
});

test('what is no tardisk does not look like one', () => {
  for (const name of ['b.b00', 'jumpstrt.gz', 'useropts.gz']) {
    expect(looksLikeTar(gunzipped(committed(`bank/${name}`)).subarray(0, 512)), name).toBe(false);
  }
});

describe('sb.v00', () => {
  const tar = gunzipped(committed('bank/sb.v00'));
  const entries = tarEntries(bytesSource(tar, 'sb.v00'));

  test('lists as its recipe', async () => {
    expect(rowsOf(await opened('bank/sb.v00'))).toEqual(listedRows(base as Listed[]));
  });

  test('is a visor tar of ESXi 8: data at pages, its end at a block', () => {
    expect(tar.length % 512).toBe(0);
    expect(tar.length).toBeGreaterThan(4_000_000);
    for (const { flavour, kind, size, dataOffset } of entries) {
      expect(flavour).toBe('visor');
      if (kind === 'file' && size > 0) expect(dataOffset % 4096).toBe(0);
    }
  });

  test('says of its ELF images, and of nothing else, that they can be mapped', () => {
    for (const { path, kind, size, dataOffset, typeflag, textPages: pages } of entries) {
      const isElf = kind === 'file' && size > 4 && u32(tar, dataOffset) === 0x464c457f;
      expect(typeflag === '7', path).toBe(isElf);
      if (isElf) expect(pages, path).toBe(textPages(tar.subarray(dataOffset, dataOffset + size)));
    }
    const mapped = entries.filter(({ textPages: pages }) => pages > 0).map(({ path }) => path);
    expect(mapped).toContain('bin/busybox');
    expect(mapped).not.toContain('usr/lib/vmware/vmkmod/ahci.ko');
  });

  test('has headers whose sum of signed bytes is another than that of unsigned ones', () => {
    const sums = entries.map(({ headerOffset }) => {
      const block = tar.slice(headerOffset, headerOffset + 512);
      block.fill(0x20, 148, 156);
      const stored = Number.parseInt(text(tar, headerOffset + 148, headerOffset + 154), 8);
      const signed = new Int8Array(block.buffer).reduce((sum, byte) => sum + byte, 0);
      expect(stored).toBe(signed);
      return signed === block.reduce((sum, byte) => sum + byte, 0);
    });
    expect(sums).toContain(false);
  });
});

test('configuration in /etc is sticky, and scripts and catalogues are not', () => {
  const sticky = base.filter(({ kind, mode }) => isSticky((kind === 'file' ? 0o100000 : 0) | mode));
  const paths = sticky.map(({ path }) => path);
  expect(paths).toContain('etc/vmware/esx.conf');
  expect(paths).toContain('etc/rc.local.d/local.sh');
  for (const path of ['etc/motd', 'etc/profile', 'etc/services']) expect(paths).not.toContain(path);
  expect(paths.every((path) => path.startsWith('etc/'))).toBe(true);
});

test('the modules of installed VIBs are the payloads of those VIBs', () => {
  for (const name of ['hostd', 'vpxa', 'fdm']) {
    const source = bytesSource(committed(`vibs/${name}.vib`), name);
    const payload = arMembers(source).find((member) => member.name === name)!;
    const bytes = source.resident(payload.dataOffset, payload.size);
    expect(committed(`bank/${name}.v00`), name).toEqual(bytes);
  }
});

test('layers of the bank share no file: none covers another before debug-tools', async () => {
  const names = ['bank/sb.v00', 'bank/hostd.v00', 'bank/vpxa.v00', 'bank/fdm.v00'];
  const layers = await Promise.all([...names, 'vibs/debug-tools.vib'].map(opened));
  const files = layers.map((layer) => {
    const rows = rowsOf(layer).map((row) => row.split('\t'));
    return rows.filter(([mode]) => !mode!.startsWith('d')).map((fields) => fields[6]!);
  });
  const installed = files.slice(0, -1).flat();
  expect(new Set(installed).size).toBe(installed.length);
  expect(files.at(-1)!.filter((path) => installed.includes(path))).toEqual(['etc/motd']);
});

test('state.tgz holds local.tgz, which holds the one file that installing changed', () => {
  const outer = gunzipped(committed('bank/state.tgz'));
  const [local, ...others] = tarEntries(bytesSource(outer, 'state.tgz'));
  expect([local!.path, others]).toEqual(['local.tgz', []]);
  const inner = gunzipped(outer.subarray(local!.dataOffset, local!.dataOffset + local!.size));
  const [conf, ...rest] = tarEntries(bytesSource(inner, 'local.tgz'));
  expect(conf).toMatchObject({ path: 'etc/vmware/esx.conf', mode: 0o1644, flavour: 'gnu' });
  expect(rest).toEqual([]);
  const now = EsxConf.parse(inner.subarray(conf!.dataOffset, conf!.dataOffset + conf!.size));
  const before = EsxConf.parse(base.find(({ path }) => path === 'etc/vmware/esx.conf')!.content);
  expect(now.keys()).toEqual(before.keys());
  const changed = now.keys().filter((key) => now.read(key) !== before.read(key));
  expect(changed).toEqual(['/adv/Misc/HostName', '/system/installed', '/system/uuid']);
});

test('esx.conf is sorted by its keys, as ESXi keeps it', () => {
  const keys = EsxConf.parse(
    base.find(({ path }) => path === 'etc/vmware/esx.conf')!.content,
  ).keys();
  expect(keys.length).toBeGreaterThan(40);
  expect(keys).toEqual([...keys].sort());
});

/**
 * Whole pages of the text of an ELF64: of its first segment, if that is loaded (1), read and
 * executed (5). The images here have no other.
 */
function textPages(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint16(56, true) === 0) return 0;
  const segment = view.getUint32(32, true);
  expect([view.getUint32(segment, true), view.getUint32(segment + 4, true)]).toEqual([1, 5]);
  return Math.floor(view.getUint32(segment + 32, true) / 4096);
}
