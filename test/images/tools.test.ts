/**
 * The machine's own tar, ar and gzip read the images as we do, where they can read them at all.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { goodArchives } from '../../images/make/images.ts';
import { committed, IMAGES, sha256, table } from './built.ts';

function has(tool: string, words: string): boolean {
  const isThere = (spawnSync(tool, ['--version']).stdout?.toString() ?? '').includes(words);
  if (!isThere) process.stderr.write(`skipped: there is no ${words} on this machine\n`);
  return isThere;
}

const hasTar = has('tar', 'GNU tar');
const hasAr = has('ar', 'GNU ar');
const hasGzip = has('gzip', 'gzip');

function run(tool: string, ...args: readonly string[]): Buffer {
  const { status, stdout, stderr } = spawnSync(tool, args, { maxBuffer: 1 << 27 });
  expect(stderr.toString(), `${tool} ${args.join(' ')}`).toBe('');
  expect(status).toBe(0);
  return stdout;
}

/** What GNU tar reads otherwise, or only with a warning. */
const NOT_FOR_TAR: Readonly<Record<string, string>> = {
  'absolute.tar': 'it says that it drops the slash',
  'duplicate-names.tar': 'it lists every entry, not what wins',
  'missing-parents.tgz': 'it lists no directory that is only implied',
  'not-utf8.tar': 'its name cannot be passed on as text',
  'gnu-base256.tar': 'it lists times before 1970 in the zone of the machine',
  'one-end-block.tar': 'it says that a block of zeros stands alone',
  'pax-global.tar': 'it refuses a record that takes another back, which POSIX lets be',
  'twice-gzipped.tgz': 'it undoes one layer only',
};

const FOR_TAR = goodArchives().filter(({ name }) => {
  return /\.(tar|tgz)$/.test(name) && !(name in NOT_FOR_TAR);
});

/** Making devices takes rights, and GNU tar makes links as it goes. */
const TO_EXTRACT = FOR_TAR.filter(({ name }) => !/^(devices|hard-link-forward)/.test(name));

describe.skipIf(!hasTar)('GNU tar', () => {
  test.each(FOR_TAR)('lists $name with the same names', ({ name }) => {
    const stdout = run('tar', '--quoting-style=literal', '-tf', join(IMAGES, 'good', name));
    const lines = stdout.toString().split('\n').slice(0, -1);
    const clean = lines.map((line) => line.replace(/\/+(\.\/+)*/g, '/').replace(/^\.\/|\/$/g, ''));
    const named = clean.filter((line) => line !== '' && line !== '.').sort();
    const want = table('good/listing.tsv').filter(([archive]) => archive === name);
    const paths = want.map((fields) => fields[7]!);
    // Directories that are only implied are ours alone; there are none unless a path is long.
    expect(paths).toEqual(expect.arrayContaining(named));
    const implied = paths.filter((path) => !named.includes(path));
    for (const path of implied) expect(named.some((one) => one.startsWith(`${path}/`))).toBe(true);
  });

  test.each(TO_EXTRACT)('extracts the same content from $name', ({ name }) => {
    const folder = mkdtempSync(join(tmpdir(), 'visorfs-images-'));
    try {
      run('tar', '--no-same-owner', '-xf', join(IMAGES, 'good', name), '-C', folder);
      for (const fields of table('good/listing.tsv')) {
        const [archive, mode, , , , , , path, , sum] = fields;
        if (archive !== name || !mode!.startsWith('-')) continue;
        const content = new Uint8Array(readFileSync(join(folder, path!)));
        expect(sha256(content).slice(0, 16), path).toBe(sum);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('does not read the visor tars, so nobody may hand them to it', () => {
    const sample = join(IMAGES, 'good', 'visor-8.0.vtar');
    const lines = spawnSync('tar', ['-tf', sample]).stdout.toString().split('\n').slice(0, -1);
    const want = table('good/listing.tsv').filter(([archive]) => archive === 'visor-8.0.vtar');
    expect(lines.length).toBeLessThan(want.length);
  });
});

test.skipIf(!hasAr)('GNU ar lists and prints the members of every VIB', () => {
  const names = ['vibs/hostd.vib', 'vibs/debug-tools.vib', 'good/long-ar-names.vib'];
  const payloads = ['hostd', 'debug-to', 'a-payload-with-a-long-name'];
  for (const [index, name] of names.entries()) {
    const payload = payloads[index]!;
    const listed = run('ar', 't', join(IMAGES, name)).toString();
    expect(listed).toBe(`descriptor.xml\nsig.pkcs7\n${payload}\n`);
    const printed = run('ar', 'p', join(IMAGES, name), 'descriptor.xml').toString();
    expect(printed).toMatch(/^<vib version="5\.0">.*<\/vib>$/);
  }
  const stored = run('ar', 'p', join(IMAGES, 'vibs/hostd.vib'), 'hostd');
  expect(sha256(new Uint8Array(stored))).toBe(sha256(committed('bank/hostd.v00')));
});

test.skipIf(!hasGzip)('gzip finds every gzip sound but the evil ones', () => {
  const bank = ['b.b00', 'jumpstrt.gz', 'useropts.gz', 'sb.v00', 'hostd.v00', 'state.tgz'];
  const good = goodArchives().map(({ name }) => `good/${name}`);
  const gzips = [...bank.map((name) => `bank/${name}`), ...good.filter((one) => /tgz$/.test(one))];
  const isSound = (name: string): boolean => {
    const input = committed(name);
    return spawnSync('gzip', ['-t'], { input }).status === 0;
  };
  for (const name of gzips) expect(isSound(name), name).toBe(true);
  for (const name of ['cut-short', 'cut-in-trailer', 'cut-in-header', 'bad-crc', 'bad-length']) {
    expect(isSound(`evil/gzip-${name}.tgz`), name).toBe(false);
  }
  expect(isSound('evil/bomb.tgz'), 'a bomb is sound').toBe(true);
});
