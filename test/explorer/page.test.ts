/**
 * Attacks the page around the engine: where it may connect, without a network, whether it stays
 * awake while a large archive is read, what a screen reader hears, and how it looks. Pictures of
 * every view, in both themes and two widths, are left in build/explorer-shots. Skipped where no
 * Chromium is installed.
 */

import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { tarOf } from '../support/archives.ts';
import { installedChromium } from '../support/browser.ts';
import { prng } from '../support/prng.ts';
import { Stage } from './stage.ts';

const chromium = installedChromium();
if (chromium === null) process.stderr.write('skipped: no Chromium is installed\n');

const IMAGES = fileURLToPath(new URL('../../images/', import.meta.url));
const SHOTS = fileURLToPath(new URL('../../build/explorer-shots/', import.meta.url));
const ARCHIVE = tarOf([{ path: 'etc/motd', content: 'fetched\n' }]);
const README = fs.readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const PACKED_MAX_KB = 300;
const LARGE_BYTES = 20 << 20;
/** A task of the page that takes longer is one that a user may feel; machines here are shared. */
const LONG_TASK_MAX_MS = 250;

/** A gzip of about `bytes` that holds some hundred files. */
function largeTgz(bytes: number): Uint8Array {
  // Deflate looks back 32 KiB, so that what comes again after 64 is as good as new.
  const chance = prng(7).bytes(64 << 10);
  const content = chance.subarray(0, chance.length - 1);
  const entries = Array.from({ length: Math.floor(bytes / content.length) }, (_, index) => ({
    path: `usr/d${index % 40}/f${index}`,
    content,
  }));
  return gzipSync(tarOf(entries), { level: 1 });
}

describe.skipIf(chromium === null)('in Chromium', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.start(chromium!);
    fs.mkdirSync(SHOTS, { recursive: true });
  });
  afterAll(() => stage?.stop());
  beforeEach(() => stage.fresh());

  const fetchAddress = async (address: string): Promise<void> => {
    await stage.page.getByLabel('Address of an archive').fill(address);
    await stage.page.getByRole('button', { name: 'Fetch' }).click();
  };

  test('what is behind an address is fetched, and from no other host', async () => {
    const readable = { 'Access-Control-Allow-Origin': '*' };
    const other = http.createServer((_request, response) => {
      response.writeHead(200, readable).end(ARCHIVE);
    });
    await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
    const otherPort = (other.address() as AddressInfo).port;
    stage.answers.set('/good.tar', (to) => to.writeHead(200, readable).end(ARCHIVE));
    stage.answers.set('/closed.tar', (to) => to.writeHead(200).end(ARCHIVE));
    stage.answers.set('/away.tar', (to) =>
      to.writeHead(302, { ...readable, Location: `http://127.0.0.1:${otherPort}/a.tar` }).end(),
    );
    await fetchAddress(`${stage.elsewhere}/good.tar`);
    await (await stage.item('/etc/motd')).waitFor();
    expect(await stage.page.locator('.layer .name').innerText()).toBe('good.tar');
    for (const name of ['closed.tar', 'away.tar', 'missing.tar']) {
      await fetchAddress(`${stage.elsewhere}/${name}`);
      await expect
        .poll(() => stage.refusals())
        .toEqual([expect.stringContaining(`${stage.elsewhere}/${name} could not be fetched: `)]);
    }
    await fetchAddress('ftp://host/a.tar');
    await expect
      .poll(() => stage.refusals())
      .toEqual(["'ftp://host/a.tar' is no address: it starts with https:// or http://"]);
    other.close();
  });

  test('a fetch that hangs is cancelled, and the page goes on', async () => {
    let isGone = false;
    stage.answers.set('/slow.tar', (to) => {
      to.writeHead(200, { 'Access-Control-Allow-Origin': '*', 'Content-Length': 1000 });
      to.write('some');
      to.once('close', () => {
        isGone = true;
      });
    });
    await fetchAddress(`${stage.elsewhere}/slow.tar`);
    await stage.page.locator('.what', { hasText: 'fetching slow.tar 0 %' }).waitFor();
    await stage.page.getByRole('button', { name: 'Cancel' }).click();
    await stage.settled();
    expect(await stage.page.getByRole('status').innerText()).toMatch(/^Cancelled: fetching/);
    await expect.poll(() => isGone).toBe(true);
    await stage.pick({ name: 'a.tar', bytes: ARCHIVE });
    await (await stage.item('/etc/motd')).waitFor();
  });

  test('the page may connect nowhere, and neither may a worker that it starts', async () => {
    stage.answers.set('/good.tar', (to) =>
      to.writeHead(200, { 'Access-Control-Allow-Origin': '*' }).end(ARCHIVE),
    );
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
          setTimeout(() => done('started'), 2000);
        } catch {
          // Thrown where the policy is asked at once.
          done('no');
        }
      });
      return [await ofPage, await ofWorker, fromServer];
    }, `${stage.elsewhere}/good.tar`);
    expect(tried).toEqual(['no', 'no', 'no']);
  });

  test('without a network, all of it works', async () => {
    const context = stage.page.context();
    const requests: string[] = [];
    stage.page.on('request', (request) => {
      if (!request.url().startsWith('blob:')) requests.push(request.url());
    });
    await context.setOffline(true);
    try {
      await stage.pick(`${IMAGES}vibs/hostd.vib`, `${IMAGES}vibs/vpxa.vib`);
      for (const title of ['Space', 'Lint', 'Backup', 'Compare', 'Files']) await stage.view(title);
      const kept = await stage.view('Backup');
      const state = await stage.download(() =>
        kept.getByRole('button', { name: 'Download state.tgz' }).click(),
      );
      expect(state.bytes.length).toBeGreaterThan(0);
      expect(await stage.refusals()).toEqual([]);
      expect(requests).toEqual([]);
    } finally {
      await context.setOffline(false);
    }
  });

  test('it weighs no more than the README says', () => {
    const bytes = stage.packedBytes;
    const said = README.replace(/\s+/g, ' ');
    expect(said).toContain(`at most ${PACKED_MAX_KB} KB in gzip: six files`);
    expect(bytes.length).toBe(6);
    expect(bytes.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(PACKED_MAX_KB * 1000);
  });

  test('the page stays awake while a large archive is read, with a bar of progress', async () => {
    const file = stage.fileOf({ name: 'large.tgz', bytes: largeTgz(LARGE_BYTES) });
    await stage.page.evaluate(() => {
      const seen = { tasks: [] as number[], said: [] as string[] };
      Object.assign(globalThis, { seen });
      const tasks = new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) seen.tasks.push(duration);
      });
      tasks.observe({ entryTypes: ['longtask'] });
      const what = document.querySelector('.what')!;
      new MutationObserver(() => seen.said.push(what.textContent ?? '')).observe(what, {
        childList: true,
      });
    });
    await stage.pick(file);
    await (await stage.item('/usr/d0/f0')).waitFor();
    const { tasks, said } = await stage.page.evaluate(
      () => (globalThis as unknown as { seen: { tasks: number[]; said: string[] } }).seen,
    );
    process.stderr.write(`tasks above 50 ms while 20 MB were read: [${tasks.map(Math.round)}]\n`);
    expect(said.some((text) => /^decompressing large\.tgz \d+ %$/.test(text))).toBe(true);
    expect(tasks.filter((duration) => duration > LONG_TASK_MAX_MS)).toEqual([]);
  });

  test('a large archive is cancelled on its way, and opened when asked for again', async () => {
    const file = stage.fileOf({ name: 'large.tgz', bytes: largeTgz(LARGE_BYTES) });
    await stage.page.evaluate(() => {
      const what = document.querySelector('.what')!;
      const cancel = new MutationObserver(() => {
        if (!what.textContent?.startsWith('decompressing')) return;
        cancel.disconnect();
        document.querySelector<HTMLElement>('.running button')!.click();
      });
      cancel.observe(what, { childList: true });
    });
    await stage.pick(file);
    expect(await stage.page.getByRole('status').innerText()).toBe('Cancelled: opening large.tgz');
    expect(await stage.page.locator('.layer').count()).toBe(0);
    await stage.pick(file);
    await (await stage.item('/usr/d0/f0')).waitFor();
    // The worker, too, took nothing of the first one.
    expect(await stage.page.locator('.layer').count()).toBe(1);
  });

  test('a directory of many names is shown in pieces', async () => {
    const entries = Array.from({ length: 1000 }, (_, index) => ({
      path: `many/f${String(index).padStart(4, '0')}`,
    }));
    await stage.pick({ name: 'many.tar', bytes: tarOf(entries) });
    await (await stage.item('/many/f0000')).waitFor();
    expect(await stage.page.getByRole('treeitem').count()).toBe(2 + 400);
    await stage.page.getByRole('searchbox').fill('f0999');
    const found = stage.page.getByRole('list', { name: 'Names found' });
    await found.getByRole('button', { name: '/many/f0999' }).click();
    const last = await stage.item('/many/f0999');
    await expect.poll(() => last.getAttribute('aria-selected')).toBe('true');
  });

  test('a screen reader hears landmarks, names and states', async () => {
    await stage.pickFolder(`${IMAGES}bank`);
    await stage.choose('/etc/motd');
    const { page } = stage;
    for (const role of ['banner', 'navigation', 'complementary', 'main', 'status'] as const) {
      expect(await page.getByRole(role).count(), role).toBe(1);
    }
    const heard = await page.locator('body').ariaSnapshot();
    for (const line of ['tab "Files" [selected]', 'treeitem "etc, directory" [expanded]']) {
      expect(heard).toContain(line);
    }
    expect(heard).toContain('meter "ramdisk etc"');
    for (const title of ['Files', 'Space', 'Lint', 'Backup', 'Compare']) {
      await stage.view(title);
      await stage.settled();
      const nameless = page.locator('button:visible, input:visible, textarea:visible').filter({
        hasNot: page.locator('[hidden]'),
      });
      const names = await nameless.evaluateAll((elements) =>
        elements.map((element) => {
          const { labels } = element as HTMLInputElement;
          return (
            element.getAttribute('aria-label') || element.textContent || labels?.[0]?.innerText
          );
        }),
      );
      expect(
        names.filter((name) => !name),
        title,
      ).toEqual([]);
    }
  });

  test('every view fits, in both themes, on a narrow and on a wide screen', async () => {
    const { page } = stage;
    await stage.page.setViewportSize({ width: 1600, height: 1000 });
    for (const theme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: theme });
      await shoot('Empty', theme);
    }
    await stage.pickFolder(`${IMAGES}bank`);
    const odd = tarOf([{ path: 'opt/odd', content: 'odd', mode: 0o6755, uid: 12 }]);
    await stage.pick(`${IMAGES}vibs/debug-tools.vib`, { name: 'odd.tar', bytes: odd });
    const detail = await stage.choose('/etc/motd');
    await detail.locator('textarea').fill('Welcome to the explorer.\n');
    await detail.getByRole('button', { name: 'Save' }).click();
    await stage.settled();
    const compare = await stage.view('Compare');
    const older = compare.locator('input[webkitdirectory]');
    await older.setInputFiles(`${IMAGES}bank`);
    await compare.getByRole('region', { name: 'Differences' }).waitFor();
    const acts: Readonly<Record<string, () => Promise<unknown>>> = {
      Hex: async () => {
        await stage.view('Files');
        await stage.choose('/bin/vmx');
      },
      Found: () => page.getByRole('searchbox').fill('host'),
      Refused: () => stage.pick(`${IMAGES}evil/name-dot-dot.tar`),
    };
    const views = ['Files', 'Space', 'Lint', 'Backup', 'Compare', 'Hex', 'Found', 'Refused'];
    for (const title of views) {
      await (acts[title]?.() ?? stage.view(title));
      await stage.settled();
      for (const theme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme: theme });
        await shoot(title, theme);
      }
    }
    await page.getByRole('button', { name: 'Dark' }).click();
    expect(await page.locator('html').getAttribute('data-theme')).toBe('light');

    async function shoot(title: string, theme: string): Promise<void> {
      // Tall instead of a picture of the whole page, in which what scrolls by itself may be blank.
      for (const [width, height] of [[400, 2000] as const, [1600, 1000] as const]) {
        await page.setViewportSize({ width, height });
        const path = `${SHOTS}${title.toLowerCase()}-${theme}-${width}.png`;
        await page.screenshot({ path });
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        expect(wide, `${title} at ${width}`).toBeLessThanOrEqual(width);
      }
    }
  });
});
