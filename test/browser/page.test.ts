/**
 * Attacks the door for any runtime in Chromium: the suites that hold node:fs and ours to one
 * another, with the kernel's answers to compare with. Skipped where no Chromium is installed.
 */

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { concatBytes, utf8 } from '../../src/base/bytes.ts';
import { contentProbes } from '../contract/content-probes.ts';
import { descriptorProbes } from '../contract/descriptor-probes.ts';
import { deviation } from '../contract/deviations.ts';
import { kernelStage } from '../contract/kernel-stage.ts';
import { pathProbes } from '../contract/path-probes.ts';
import { exact } from '../contract/told.ts';
import { tarOf } from '../support/archives.ts';
import { answerOfPage, installedChromium } from '../support/browser.ts';
import { isInstalled, piped, storedXz, storedZstd } from '../support/packed.ts';

const SOURCES = new URL('../../src/', import.meta.url);
const TAR = tarOf([
  { path: 'etc/', mode: 0o755 },
  { path: 'etc/motd', content: 'hé' },
]);
const ARCHIVE = gzipSync(TAR);
/** By the tools where they are, so that what they write is decoded in a page too. */
const XZ = isInstalled('xz') ? piped('xz', ['-c'], TAR) : storedXz(TAR);
const ZSTD = isInstalled('zstd') ? piped('zstd', ['-qc'], TAR) : storedZstd(TAR);

/** Bytes that a message shows: a page has no Buffer, and shows a Uint8Array. */
const SHOWN_BYTES = /Received (<Buffer |Uint8Array\()[^"]*/;

interface Answer {
  readonly wrong?: string;
  readonly page: Readonly<Record<string, unknown>>;
  readonly suite: readonly (readonly [title: string, wrong: string | null])[];
  readonly probes: Readonly<Record<string, object>>;
}

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const chromium = installedChromium();
if (chromium === null) process.stderr.write('skipped: no Chromium is installed\n');
const isJudge = process.platform === 'linux' && process.getuid?.() === 0;

const scene = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'visorfs-page-')), 'scene');
const usualUmask = process.umask(0o022);
afterAll(() => {
  fs.rmSync(path.dirname(scene), { recursive: true, force: true });
  process.umask(usualUmask);
});

/** The page, with stand-ins for what the suites, not the door, take of Node. */
async function packed(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [here('./page.ts')],
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    define: { SCENE: JSON.stringify(scene) },
    inject: [here('./buffer.ts')],
    alias: {
      vitest: here('./vitest.ts'),
      'node:util': here('./node-util.ts'),
      'node:buffer': 'buffer',
      'node:fs': here('../../src/nodefs/constants.ts'),
    },
  });
  return outputFiles[0]!.text;
}

describe.skipIf(chromium === null)('in Chromium', () => {
  let answer: Answer;
  beforeAll(async () => {
    const files = {
      '/': `import '/page.js';`,
      '/page.js': await packed(),
      '/archive.tgz': ARCHIVE,
      '/signed.vxz': gzipSync(concatBytes([XZ, utf8('signed')])),
      '/archive.vzstd': gzipSync(ZSTD, { level: 0 }),
    };
    answer = (await answerOfPage(chromium!, SOURCES, files)) as Answer;
    expect(answer.wrong).toBe(undefined);
  }, 60_000);

  test('what whoever uses node:fs relies on holds', () => {
    expect(answer.suite.length).toBeGreaterThan(25);
    expect(answer.suite.filter(([, wrong]) => wrong !== null)).toEqual([]);
  });

  test('bytes are Uint8Arrays, archives mount, and a full ramdisk says so', () => {
    const { full, ...rest } = answer.page;
    expect(rest).toEqual({
      kinds: [true, true, true, true],
      node: [],
      texts: ['hé', 'hÃ©', '68c3a9', 'aMOp', 'aMOp', '써', 'hC)'],
      archived: [['motd'], 'hé'],
      packed: ['hé', 'hé'],
      left: [],
      saved: true,
      sealed: [true, '1', 'ERR_VISORFS_STATE_KEY', 'ERR_VISORFS_STATE_ENCRYPTED'],
    });
    expect(full).toMatchObject({ code: 'ENOSPC', full: { ramdisk: 'small', limit: 'bytes' } });
  });

  test.runIf(isJudge)('a call goes as it goes on the kernel', async () => {
    const onKernel = kernelStage(scene);
    const differences: object[] = [];
    let counted = 0;
    for (const of of [pathProbes, contentProbes, descriptorProbes]) {
      for (const probe of of(scene).all) {
        for (const flavour of ['sync', 'promises'] as const) {
          const title = `${probe.verb} ${probe.title} (${flavour})`;
          if (!probe.flavours.includes(flavour) || deviation(title) !== undefined) continue;
          const kernel = comparable(await onKernel(probe, flavour));
          const page = comparable(answer.probes[title]);
          counted += 1;
          if (kernel !== page) differences.push({ title, kernel, page });
        }
      }
    }
    process.stderr.write(`compared ${counted} calls in Chromium with the kernel\n`);
    expect(differences).toEqual([]);
  });
});

/** `outcome` as text; what Node gives as a Buffer, a page has as a Uint8Array. */
function comparable(outcome: object | undefined): string {
  return JSON.stringify(outcome, exact)
    .replaceAll('{"Buffer":', '{"Uint8Array":')
    .replace(SHOWN_BYTES, 'Received bytes');
}
