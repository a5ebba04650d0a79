/**
 * Attacks the page around the engine: where it may connect, without a server, what it weighs,
 * whether it stays awake while a large archive is read, and what it gives back.
 */

import fs from 'node:fs';
import { expect, test } from 'vitest';
import { tarOf } from '../support/archives.ts';
import { storedXz, storedZstd } from '../support/packed.ts';
import { BANK, BASE, base, IMAGES, largeTgz, stateGiven } from './given.ts';
import { readable, runningIn, type Stage } from './stage.ts';

const README = fs.readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const PACKED_MAX_KB = 300;
const LARGE_BYTES = 150 << 20;
/** A task of the page that takes longer is one that a user may feel; machines here are shared. */
const LONG_TASK_MAX_MS = 250;

/** The tests of the page. */
export function pageSuite(on: () => Stage): void {
  test('the page may connect nowhere, and neither may a worker that it starts', async () => {
    const stage = on();
    stage.answers.set('/good.tar', readable(BASE));
    const tried = await stage.page.evaluate(async (address) => {
      const code = `fetch('${address}').then(() => postMessage('sent'), () => postMessage('no'))`;
      const worker = new Worker(URL.createObjectURL(new Blob([code])));
      const ofWorker = new Promise((done) => {
        worker.onmessage = ({ data }) => done(data);
      });
      const ofPage = fetch(address).then(
        () => 'sent',
        () => 'no',
      );
      const fromServer = await new Promise((done) => {
        try {
          const other = new Worker('worker.js');
          other.onerror = () => done('no');
          other.onmessage = () => done('started');
        } catch {
          // Thrown where the policy is asked at once.
          done('no');
        }
      });
      return [await ofPage, await ofWorker, fromServer];
    }, `${stage.elsewhere}/good.tar`);
    expect(tried).toEqual(['no', 'no', 'no']);
  });

  test('with its server gone, all of it works, also what is used for the first time', async () => {
    const stage = on();
    await stage.freshAndAlone();
    await stage.pickFolder(BANK);
    await stage.pick(
      ...[`${IMAGES}vibs/hostd.vib`, `${IMAGES}vibs/vpxa.vib`],
      { name: 'more.tar.xz', bytes: storedXz(tarOf([{ path: 'xz', content: 'xz' }])) },
      { name: 'more.tar.zst', bytes: storedZstd(tarOf([{ path: 'zst', content: 'zst' }])) },
      await stateGiven('restored\n'),
    );
    for (const title of ['Space', 'Lint', 'Backup', 'Compare', 'Files']) {
      await stage.view(title);
      await stage.settled();
    }
    const backup = await stage.view('Backup');
    for (const name of ['Download state.tgz', 'Download a disk image']) {
      const file = await stage.download(() => backup.getByRole('button', { name }).click());
      expect(file.bytes.length).toBeGreaterThan(0);
    }
    const compare = await stage.view('Compare');
    await compare.locator('input[webkitdirectory]').setInputFiles(BANK);
    await compare.getByRole('region', { name: 'Differences' }).waitFor();
    expect(await stage.refusals()).toEqual([]);
    expect(stage.sent).toEqual([]);
  });

  test('it weighs no more than the README says', () => {
    const bytes = on().packedBytes;
    const said = README.replace(/\s+/g, ' ');
    expect(said).toContain(`at most ${PACKED_MAX_KB} KB in gzip: six files`);
    expect(bytes.length).toBe(6);
    expect(bytes.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(PACKED_MAX_KB * 1000);
  });

  test('150 MB are read with a bar, the page stays awake, closing gives them back', async () => {
    const stage = on();
    const { page } = stage;
    const file = stage.fileOf({ name: 'large.tgz', bytes: largeTgz(LARGE_BYTES) });
    await stage.pick(base);
    await page.evaluate(() => {
      const seen = { tasks: [] as number[], shares: [] as number[] };
      Object.assign(globalThis, { seen });
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) seen.tasks.push(duration);
      }).observe({ entryTypes: ['longtask'] });
      new MutationObserver(() => {
        const bar = document.querySelector<HTMLProgressElement>('.job progress');
        if (bar?.hasAttribute('value')) seen.shares.push(bar.position);
      }).observe(document.querySelector('.jobs')!, { childList: true, subtree: true });
    });
    await stage.pick(file);
    await (await stage.item('/usr/d0/f0')).waitFor();
    const { tasks, shares } = await page.evaluate(
      () => (globalThis as unknown as { seen: { tasks: number[]; shares: number[] } }).seen,
    );
    process.stderr.write(`tasks above 50 ms while 150 MB were read: [${tasks.map(Math.round)}]\n`);
    expect(tasks.filter((duration) => duration > LONG_TASK_MAX_MS)).toEqual([]);
    expect(new Set(shares).size).toBeGreaterThan(3);
    expect([...shares].sort((one, other) => one - other)).toEqual(shares);
    const held = await memoryOf(stage);
    await page.getByRole('button', { name: 'Close large.tgz' }).click();
    await expect.poll(() => stage.layers()).toEqual(['base.tar']);
    await expect
      .poll(async () => held - (await memoryOf(stage)), { timeout: 10_000 })
      .toBeGreaterThan(LARGE_BYTES * 0.8);
  });
}

/** Bytes that the processes of pages hold, after a collection. */
async function memoryOf(stage: Stage): Promise<number> {
  for (const worker of stage.page.workers()) await worker.evaluate('gc()');
  const pids = runningIn(stage.group).filter((pid) =>
    fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--type=renderer'),
  );
  const resident = pids.map((pid) => {
    const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
  });
  return resident.reduce((sum, bytes) => sum + bytes, 0);
}
