// Damaged archives, some hundreds of the endless many that `npm run fuzz -- archive` reads: each is
// read or refused, and a process that does neither is caught and named by its seed.

import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from '../support/corpus.ts';
import { prng, seeds } from '../support/prng.ts';
import { archiveCampaign, countOf } from './archive-campaign.ts';
import { archiveCase, archiveOf } from './archive-case.ts';
import { meterAllocations } from './archive-meter.ts';
import { reading } from './archive-reading.ts';
import { specimens } from './archive-specimens.ts';

const SEEDS_COUNT = 5;
const ARCHIVES_COUNT = 100;

/** Ample for a worker to eat its heap, on any machine. */
const PATIENCE_MS = 6000;

let folder = '';
beforeAll(() => {
  fs.mkdirSync(path.join(ROOT, 'build'), { recursive: true });
  // Two below the project, where worker and packages look for what they need.
  folder = fs.mkdtempSync(path.join(ROOT, 'build', 'fuzz-'));
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

const BRIEF = [...specimens().values()].flat().filter(({ name }) => name.startsWith('brief-'));

test.each(BRIEF)('$name is read while it is whole', async ({ name, bytes }) => {
  // What is an ar, but no VIB, is walked and then refused.
  expect((await reading(bytes, prng(1))).isRead).toBe(name !== 'brief-ar');
});

test('a seed is one archive, always the same', () => {
  for (const seed of [1, 2, 3]) expect(archiveOf(seed)).toEqual(archiveOf(seed));
  expect(archiveOf(1).bytes).not.toEqual(archiveOf(2).bytes);
});

for (const seed of seeds(SEEDS_COUNT)) {
  test(`${ARCHIVES_COUNT} damaged archives are read or refused (SEED=${seed})`, async () => {
    const counts = { read: 0, refused: 0 };
    for (let step = 0; step < ARCHIVES_COUNT; step++) {
      const { isRead } = await archiveCase(seed * 1_000_000 + step);
      counts[isRead ? 'read' : 'refused'] += 1;
    }
    expect(Math.min(counts.read, counts.refused)).toBeGreaterThan(5);
  });
}

describe('a campaign', () => {
  test('counts what its workers read, and what they asked for', async () => {
    const outfile = path.join(folder, 'worker.mjs');
    const entry = path.join(ROOT, 'test/fuzz/archive-worker.ts');
    const options = {
      bundle: true,
      format: 'esm',
      platform: 'node',
      packages: 'external',
    } as const;
    await build({ ...options, entryPoints: [entry], outfile, logLevel: 'silent' });
    const plan = { worker: pathToFileURL(outfile), from: 7_000_000, to: 7_000_060 };
    const verdict = await archiveCampaign({ ...plan, patienceMs: 60_000 });
    expect(verdict.failures).toEqual([]);
    expect(countOf(verdict)).toBe(60);
    expect(verdict.largestBytes).toBeGreaterThan(1000);
  });

  // In place of archives: seed 3 hangs, 5 eats the heap, 7 all memory there is, 9 ends the process.
  const STUB = `
    const [from, to] = process.argv.slice(2).map(Number);
    const kept = [];
    for (let seed = from; seed < to; seed++) {
      process.send({ at: seed });
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (seed === 3) for (;;);
      if (seed === 5) for (;;) kept.push(new Array(1e5).fill(seed));
      if (seed === 7) for (;;) kept.push(new Uint8Array(1 << 24).fill(1));
      if (seed === 9) process.exit(0);
      if (seed === 11) process.send({ failure: 'thrown' });
      else process.send({ kind: 'tar', isRead: true, largestBytes: seed });
    }
    process.disconnect();
  `;

  test('names what hangs, what eats memory, and what ends the process, and goes on', async () => {
    const file = path.join(folder, 'stub.mjs');
    fs.writeFileSync(file, STUB);
    const plan = { worker: pathToFileURL(file), from: 0, to: 13 };
    const verdict = await archiveCampaign({ ...plan, patienceMs: PATIENCE_MS });
    expect(verdict.failures.map(({ seed }) => seed)).toEqual([3, 5, 7, 9, 11]);
    const why = verdict.failures.map(({ message }) => message);
    expect(why[0]).toBe(`is not done in ${PATIENCE_MS} ms`);
    expect(why[1]).toMatch(/^ends the process: /);
    expect(why[2]).toMatch(/^makes the process grow to /);
    expect(why.slice(3)).toEqual(['ends the process: code 0', 'thrown']);
    expect([countOf(verdict), verdict.largestBytes]).toEqual([8, 12]);
  });
});

test('an allocation by a size is seen, and refused where it is too large', () => {
  const globals = globalThis as unknown as Record<string, unknown>;
  const names = Object.getOwnPropertyNames(globalThis).filter((name) => /Array|Buffer/.test(name));
  const before = names.map((name) => globals[name]);
  try {
    const meter = meterAllocations(1 << 20);
    new Float64Array(1000);
    expect(new Uint8Array(10)).toBeInstanceOf(Uint8Array);
    expect([meter.largest(), meter.largest()]).toEqual([8000, 0]);
    expect(() => new Uint8Array(2 ** 20 + 1)).toThrow('allocates 1048577 bytes at once');
  } finally {
    names.forEach((name, index) => {
      globals[name] = before[index];
    });
  }
});
