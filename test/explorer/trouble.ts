/**
 * Attacks the page with what goes wrong: archives that lie, what is none, and somebody who does not
 * wait for the end.
 */

import fs from 'node:fs';
import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { openTardisks } from '../../src/index.ts';
import { zipOf } from '../support/zips.ts';
import { BASE, base, IMAGES, largeTgz, top } from './given.ts';
import type { Stage } from './stage.ts';

const LARGE_BYTES = 20 << 20;

/** The tests of trouble. */
export function troubleSuite(on: () => Stage): void {
  test('what lies is refused in the words of the engine, and the page goes on', async () => {
    const stage = on();
    const names = [
      ...['name-dot-dot.tar', 'gzip-bad-crc.tgz', 'bomb.tgz', 'not-an-archive.bin', 'empty.bin'],
      ...['data-cut-short.tar', 'descriptor-not-xml.vib'],
    ];
    const judged = names.map(async (name) => {
      const bytes = fs.readFileSync(`${IMAGES}evil/${name}`);
      return openTardisks(bytes, { name }).then(String, (error: Error) => error.message);
    });
    await stage.pick(...names.map((name) => `${IMAGES}evil/${name}`));
    expect(await stage.refusals()).toEqual(await Promise.all(judged));
    await stage.pick(base);
    await (await stage.item('/etc/motd')).waitFor();
    expect(await stage.refusals()).toEqual([]);
  });

  test('what is no archive is refused with what it is, and what can be opened', async () => {
    const stage = on();
    const zip = await zipOf({ 'a.txt': new TextEncoder().encode('a') });
    await stage.pick({ name: 'plain.zip', bytes: zip });
    expect(await stage.refusals()).toEqual([
      "plain.zip at 0x0: is no bundle: it has no 'index.xml'. Of zips only offline bundles are " +
        'opened: unpack it, and drop its files.',
    ]);
    const folder = stage.newFolder();
    fs.writeFileSync(`${folder}/a.txt`, 'a');
    await stage.pickFolder(folder);
    expect(await stage.refusals()).toEqual([
      expect.stringMatching(
        /is no bank: it has no boot\.cfg\. Open the archives in it as files\.$/,
      ),
    ]);
    await stage.drop(stage.newFolder());
    await expect.poll(async () => (await stage.refusals())[0]).toMatch(/it has no boot\.cfg/);
    await stage.pick({ name: 'note.txt', bytes: new TextEncoder().encode('hello\n') });
    expect((await stage.refusals())[0]).toMatch(/^note\.txt at 0x0: is no archive/);
  });

  test('what is dropped while something is read waits for its turn, and lies on top', async () => {
    const stage = on();
    let slow: ServerResponse | undefined;
    stage.answers.set('/slow.tar', (to) => {
      to.writeHead(200, { 'Access-Control-Allow-Origin': '*', 'Content-Length': BASE.length });
      to.write(BASE.subarray(0, 1000));
      slow = to;
    });
    await stage.fetch(`${stage.elsewhere}/slow.tar`);
    const jobs = stage.page.getByRole('list', { name: 'Under way' }).getByRole('listitem');
    await jobs.filter({ hasText: 'fetching slow.tar' }).waitFor();
    await stage.drop(top);
    await jobs.filter({ hasText: 'waiting: opening top.tgz' }).waitFor();
    expect(await stage.layers()).toEqual([]);
    slow?.end(BASE.subarray(1000));
    await expect.poll(() => stage.layers()).toEqual(['top.tgz', 'slow.tar']);
    expect(await jobs.count()).toBe(0);
  });

  test('a fetch that hangs is cancelled, and what waited for it is opened', async () => {
    const stage = on();
    let isGone = false;
    stage.answers.set('/slow.tar', (to) => {
      to.writeHead(200, { 'Access-Control-Allow-Origin': '*', 'Content-Length': 1000 });
      to.write('some');
      to.once('close', () => {
        isGone = true;
      });
    });
    await stage.fetch(`${stage.elsewhere}/slow.tar`);
    await stage.page.locator('.what', { hasText: 'fetching slow.tar 0 %' }).waitFor();
    await stage.drop(base);
    await stage.page.getByRole('button', { name: /^Cancel fetching/ }).click();
    await (await stage.item('/etc/motd')).waitFor();
    await expect.poll(() => isGone).toBe(true);
    expect(await stage.layers()).toEqual(['base.tar']);
    expect(await stage.refusals()).toEqual([]);
  });

  test('a large archive is cancelled on its way, and opened when asked for again', async () => {
    const stage = on();
    const file = stage.fileOf({ name: 'large.tgz', bytes: largeTgz(LARGE_BYTES) });
    await stage.page.evaluate(() => {
      const watch = new MutationObserver(() => {
        const job = document.querySelector('.job');
        if (!job?.querySelector('.what')?.textContent?.startsWith('decompressing')) return;
        watch.disconnect();
        job.querySelector('button')!.click();
      });
      watch.observe(document.querySelector('.jobs')!, { childList: true, subtree: true });
    });
    await stage.pick(file);
    expect(await stage.said()).toBe('Cancelled: opening large.tgz');
    expect(await stage.layers()).toEqual([]);
    await stage.pick(file);
    await (await stage.item('/usr/d0/f0')).waitFor();
    // The worker, too, took nothing of the first one.
    expect(await stage.layers()).toEqual(['large.tgz']);
  });
}
