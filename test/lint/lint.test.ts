// Lint as a whole: it never throws at bytes that lie, it says where things are, it is told no more
// than a reader can bear, and tars made by real tools are judged by who made them.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { concatBytes } from '../../src/base/bytes.ts';
import {
  COMPRESSIONS_MAX_COUNT,
  DECODED_FLOOR_BYTES,
  FINDINGS_MAX_COUNT,
} from '../../src/base/limits.ts';
import { bytesSource } from '../../src/base/source.ts';
import type { Codec } from '../../src/codec/codec.ts';
import { portableCodec } from '../../src/codec/gzip.ts';
import { Findings } from '../../src/lint/findings.ts';
import { peel } from '../../src/lint/layers.ts';
import { type LintFinding, lint } from '../../src/lint/lint.ts';
import { nativeCodec } from '../../src/node/native-codecs.ts';
import { corpusPath } from '../support/corpus.ts';
import { prng } from '../support/prng.ts';
import { zipOf } from '../support/zips.ts';
import { CASES } from './cases.ts';
import {
  bank,
  bundle,
  file,
  found,
  type Made,
  state,
  subjectOf,
  TREE,
  tar,
  tgz,
  vib,
} from './made.ts';

/** `findings` in a line each: rule, place, offset. */
function told(findings: readonly LintFinding[]): string[] {
  return findings.map(({ rule, place, offset }) => `${rule} ${place} ${offset}`);
}

function gzipped(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(gzipSync(bytes));
}

function bytesOf(made: Made): Uint8Array {
  return (made as Extract<Made, { bytes: unknown }>).bytes;
}

test('what is clean alone is clean together', async () => {
  const all = [tar(), file(tgz()), vib(), bank(), file(state()), file(await bundle(), 'b.zip')];
  expect(await found(all)).toEqual([]);
});

test('each subject is called what it is', async () => {
  const all = [
    ...[tar(), tar(TREE, 'visor'), vib(), bank(), file(state()), file(await bundle())],
    ...[file('text'), file('')],
  ];
  const reports = await lint(all.map(subjectOf), nativeCodec);
  const kinds = ['tar', 'visor tar', 'vib', 'bank', 'state', 'bundle', 'unknown', 'unknown'];
  expect(reports.map(({ kind }) => kind)).toEqual(kinds);
});

test('places lead through what holds what', async () => {
  const entries = [{ path: 'opt/x', content: 'x' }];
  const offset = 0;
  const inVib = ['missing-parent payload1!opt/x 0'];
  expect(told(await found([vib({ entries })]))).toEqual(inVib);
  const zip = file(
    await zipOf({ 'index.xml': '<', 'v/a.vib': bytesOf(vib({ entries })) }),
    'b.zip',
  );
  expect(told(await found([zip]))).toContain(`missing-parent v/a.vib!payload1!opt/x ${offset}`);
  const made = bank((cfg) => cfg, { 'a.v00': tgz(entries) });
  expect(told(await found([made]))).toEqual(['missing-parent a.v00!opt/x 0']);
  const marked = state([{ path: 'etc/.#x', content: 'x' }]);
  expect(told(await found([file(marked)]))).toEqual(['marker-name local.tgz!etc/.#x 0']);
});

test('a lie is told with the place that the engine found it at', async () => {
  const cut = tar().name;
  const bytes = bytesOf(tar()).slice();
  bytes[512 + 124] = 0x78;
  expect(await found([{ name: cut, bytes }])).toMatchObject([
    { rule: 'corrupt', offset: 512, what: expect.stringContaining('checksum') },
  ]);
});

test('a rule that is broken without end is told so often, and counted', async () => {
  const entries = Array.from({ length: FINDINGS_MAX_COUNT + 7 }, (_, index) => {
    return { path: `x${index}`, content: '', mode: 0o4755 };
  });
  const findings = await found([tar(entries)]);
  expect(findings.length).toBe(FINDINGS_MAX_COUNT + 1);
  expect(findings.at(-1)).toMatchObject({ rule: 'setuid', what: 'the same of 7 more' });
});

test('two versions of one VIB are no conflict', async () => {
  expect(await found([vib(), vib({ content: { version: '1.0.0-2' } })])).toEqual([]);
});

test('a bad file of a bank does not keep the others from being looked at', async () => {
  const made = bank((cfg) => cfg, { 'a.v00': 'no archive', 'boot.cfg': 'timeout=soon\n' });
  const rules = (await found([made])).map(({ rule, place }) => `${rule} ${place}`);
  expect(rules).toEqual(['corrupt boot.cfg', 'not-an-archive a.v00']);
});

test('a name that leads out is told once, and not as corrupt too', async () => {
  const rules = (await found(await CASES['climbing-name'].bad)).map(({ rule }) => rule);
  expect(rules).toEqual(['climbing-name', 'missing-parent']);
});

test('a bank that was never backed up has no state, and nothing is wrong with that', async () => {
  const made = bank() as Extract<Made, { files: unknown }>;
  const { 'state.tgz': _state, ...files } = made.files;
  expect(await found([{ name: 'bank', files }])).toEqual([]);
});

describe.each([
  ['native', nativeCodec],
  ['portable', portableCodec],
])('with the %s codec', (_name, codec) => {
  const look = async (bytes: Uint8Array): Promise<string[]> => {
    const [report] = await lint([subjectOf(file(bytes))], codec);
    return report!.findings.map(({ rule }) => rule);
  };

  test('what is behind a gzip does not keep it from being looked at', async () => {
    const whole = tgz();
    const behind = ['text behind', '\x1f\x8b\x08 a member that is none', '\0'.repeat(600)];
    for (const text of behind) {
      const bytes = concatBytes([whole, Buffer.from(text, 'latin1')]);
      expect(await look(bytes), text).toEqual(['gzip-trailing-bytes']);
    }
  });

  test('compression without end is refused', async () => {
    let bytes = bytesOf(tar());
    for (let layers = 0; layers < COMPRESSIONS_MAX_COUNT; layers++) bytes = gzipped(bytes);
    expect(new Set(await look(bytes))).toEqual(new Set(['inner-compression']));
    expect(await look(gzipped(bytes))).toContain('corrupt');
  });

  test('a bomb is not decoded beyond its limit to see where it ends', async () => {
    const limitBytes = 1 << 20;
    const bomb = gzipped(new Uint8Array(64 << 20));
    let decodedBytes = 0;
    const counting: Codec = {
      ...codec,
      blocksFrom(stored, offset) {
        const blocks = codec.blocksFrom(stored, offset);
        return {
          get storedOffset() {
            return blocks.storedOffset;
          },
          get offset() {
            return blocks.offset;
          },
          next(target, start) {
            const met = blocks.next(target, start);
            decodedBytes += blocks.offset - start;
            return met;
          },
        };
      },
    };
    const findings = new Findings('bomb');
    expect(await peel(bytesSource(bomb, 'bomb'), counting, limitBytes, findings)).toBeNull();
    expect(findings.all()).toMatchObject([{ rule: 'corrupt' }]);
    expect(decodedBytes).toBeGreaterThan(0);
    expect(decodedBytes).toBeLessThan(2 * limitBytes);
  });
});

test('a payload that takes all that a VIB may decode to leaves nothing to the next', async () => {
  const bomb = gzipped(gzipped(new Uint8Array(DECODED_FLOOR_BYTES)));
  const payload = (name: string) => ({
    ...{ name, type: 'tgz', size: bomb.length, uncompressedSize: null, checksums: [] },
  });
  const made = vib({
    content: { payloads: [payload('one'), payload('two')], files: [] },
    members: ([xml, signature]) => {
      return [xml!, signature!, ...['one', 'two'].map((name) => ({ name, bytes: bomb }))];
    },
  });
  const findings = (await found([made])).filter(({ rule }) => !rule.startsWith('vib-'));
  expect(findings.map(({ rule, place }) => `${rule} ${place}`)).toEqual([
    // Zeros are an empty tar.
    'inner-compression one',
    'corrupt two',
  ]);
});

test('the portable codec finds the same', async () => {
  for (const id of ['gzip-trailing-bytes', 'gzip-several-members', 'corrupt'] as const) {
    const subjects = (await CASES[id].bad).map(subjectOf);
    const [native] = await lint(subjects, nativeCodec);
    const [portable] = await lint(subjects, portableCodec);
    expect(told(portable!.findings), id).toEqual(told(native!.findings));
  }
});

test('it can be ended between two subjects', async () => {
  const controller = new AbortController();
  const seen: string[] = [];
  const looking = lint([tar(), vib(), bank()].map(subjectOf), nativeCodec, {
    signal: controller.signal,
    onProgress: ({ done, count, what }) => {
      seen.push(`${done}/${count} ${what}`);
      if (done === 1) controller.abort(new Error('enough'));
    },
  });
  await expect(looking).rejects.toThrow('enough');
  expect(seen).toEqual(['0/3 a.tar', '1/3 a.vib']);
});

describe('no archive makes it throw', () => {
  test('of images/evil, and there is something to say of each', async () => {
    const names = readdirSync('images/evil').filter((name) => name !== 'claims.tsv');
    for (const name of names) {
      const bytes = new Uint8Array(readFileSync(join('images/evil', name)));
      const findings = await found([{ name, bytes }]);
      expect(
        findings.some(({ level }) => level === 'error'),
        name,
      ).toBe(true);
    }
  });

  test('of images/good and the VIBs, none of which is corrupt', async () => {
    for (const folder of ['images/good', 'images/vibs']) {
      for (const name of readdirSync(folder).filter((one) => !one.endsWith('.tsv'))) {
        const bytes = new Uint8Array(readFileSync(join(folder, name)));
        const rules = (await found([{ name, bytes }])).map(({ rule }) => rule);
        expect(rules, name).not.toContain('corrupt');
        expect(rules, name).not.toContain('not-an-archive');
      }
    }
  });

  test('of the corpus', async () => {
    const folder = corpusPath();
    if (folder === null) return;
    const names = readdirSync(folder, { recursive: true, withFileTypes: true });
    for (const entry of names.filter((one) => one.isFile())) {
      const bytes = new Uint8Array(readFileSync(join(entry.parentPath, entry.name)));
      await found([{ name: entry.name, bytes }]);
    }
  });

  const SEEDS = process.env['SEED'] === undefined ? 300 : 1;
  test(`of ${SEEDS} with flipped, cut and spliced bytes`, async () => {
    const whole = [tar(), tar(TREE, 'visor'), file(tgz()), vib(), file(state())];
    const bases = [...whole.map(bytesOf), await bundle(), new Uint8Array(gzipSync('x'))];
    for (let index = 0; index < SEEDS; index++) {
      const seed = Number(process.env['SEED'] ?? index + 1);
      const random = prng(seed);
      const bytes = random.pick(bases).slice();
      for (let count = random.below(8); count >= 0; count--) {
        bytes[random.below(bytes.length)] = random.below(256);
      }
      const cut = random.below(3) === 0 ? bytes.subarray(0, random.below(bytes.length)) : bytes;
      const findings = await found([{ name: `seed ${seed}`, bytes: cut }]);
      for (const { what } of findings) expect(what, `SEED=${seed}`).not.toContain('visorfs bug');
    }
  });
});

// Real files, by what is found of each: their bytes are not in this project.
test('real VIBs are clean, and a tar of Python breaks what ESXi does not take', async () => {
  const real = corpusPath('vib', 'lamw__ghettoVCB', 'vghetto-ghettoVCB.vib');
  const testtar = corpusPath('tar', 'python__cpython', 'testtar.tar');
  if (real === null || testtar === null) return;
  const look = (name: string) => found([{ name, bytes: new Uint8Array(readFileSync(name)) }]);
  expect(await look(real)).toEqual([]);
  const rules = new Map<string, number>();
  for (const { rule } of await look(testtar)) rules.set(rule, (rules.get(rule) ?? 0) + 1);
  expect(Object.fromEntries(rules)).toMatchObject({
    'tar-flavour': 3,
    'pax-header': expect.any(Number),
    'owner-not-root': 1,
    'special-entry': expect.any(Number),
  });
});

describe('tars made by real tools', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'visorfs-lint-'));
    mkdirSync(join(folder, 'etc'));
    writeFileSync(join(folder, 'etc', 'motd'), 'hello');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function has(tool: string): boolean {
    if (spawnSync(tool, ['--version']).status === 0) return true;
    process.stderr.write(`skipped: there is no ${tool} here\n`);
    return false;
  }

  async function rulesOf(tool: string, ...args: readonly string[]): Promise<string[]> {
    const out = join(folder, 'out.tgz');
    execFileSync(
      tool,
      args.map((arg) => (arg === 'OUT' ? out : arg)),
      { cwd: folder },
    );
    return (await found([file(new Uint8Array(readFileSync(out)))])).map(({ rule }) => rule);
  }

  const owned = ['--owner=0', '--group=0'];

  test.skipIf(!has('tar'))('GNU tar makes clean ones of its own kind alone', async () => {
    expect(await rulesOf('tar', '--format=gnu', ...owned, '-czf', 'OUT', 'etc')).toEqual([]);
    const posix = await rulesOf('tar', '--format=pax', ...owned, '-czf', 'OUT', 'etc');
    expect(new Set(posix)).toEqual(new Set(['tar-flavour', 'pax-header']));
    expect(await rulesOf('tar', '--format=gnu', ...owned, '-czf', 'OUT', './etc')).toEqual([
      'dot-slash',
    ]);
    expect(await rulesOf('tar', '--format=gnu', ...owned, '-czf', 'OUT', 'etc/motd')).toEqual([
      'missing-parent',
    ]);
  });

  test.skipIf(!has('python3'))('Python makes others unless it is told', async () => {
    const script = (format: string): string =>
      `import tarfile; t = tarfile.open('out.tgz', 'w:gz', format=tarfile.${format}_FORMAT); ` +
      "roots = lambda i: (setattr(i, 'uid', 0), setattr(i, 'gid', 0), i)[2]; " +
      "t.add('etc', filter=roots); t.close()";
    expect(await rulesOf('python3', '-c', script('GNU'))).toEqual([]);
    expect(await rulesOf('python3', '-c', script('PAX'))).toContain('tar-flavour');
  });

  test.skipIf(!has('bsdtar'))('bsdtar makes what ESXi does not take', async () => {
    expect(await rulesOf('bsdtar', '-czf', 'OUT', 'etc')).toContain('tar-flavour');
  });
});
