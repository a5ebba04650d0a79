/**
 * Attacks the explorer as whoever uses it does: each of its abilities is an action in Chromium with
 * what shows then; the engine in this process is the judge of what goes out of it. Skipped where no
 * Chromium is installed.
 */

import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { blobDevice, Host, memoryDisk, mount, openTardisks } from '../../src/index.ts';
import { tarOf } from '../support/archives.ts';
import { installedChromium } from '../support/browser.ts';
import { bundleOf, vibOf } from '../support/bundles.ts';
import { storedXz, storedZstd } from '../support/packed.ts';
import { Stage } from './stage.ts';

const chromium = installedChromium();
if (chromium === null) process.stderr.write('skipped: no Chromium is installed\n');

const IMAGES = fileURLToPath(new URL('../../images/', import.meta.url));
const BANK = `${IMAGES}bank`;

/** A picture of one dot. */
const DOT = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg' +
    'gg==',
  'base64',
);
const BASE = tarOf([
  { path: 'etc/', mode: 0o755 },
  { path: 'etc/motd', content: 'below\n', mode: 0o1644 },
  { path: 'etc/plain', content: 'plain\n' },
  { path: 'bin/', mode: 0o755 },
  { path: 'bin/tool', content: Uint8Array.from({ length: 5000 }, (_, at) => at % 256) },
  { path: 'bin/link', target: 'tool' },
  { path: 'dot.png', content: DOT },
]);
const TOP = tarOf([
  { path: 'etc/motd', content: 'above\n', mode: 0o1644 },
  { path: 'opt/new', content: 'new' },
]);
const base = { name: 'base.tar', bytes: BASE };
const top = { name: 'top.tgz', bytes: gzipSync(TOP) };

describe.skipIf(chromium === null)('in Chromium', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.start(chromium!);
  });
  afterAll(() => stage?.stop());
  beforeEach(() => stage.fresh());

  test('archives of every kind stack up as layers of one tree', async () => {
    const vib = await vibOf('agent', { 'opt/agent/run': 'run' });
    const bundle = await bundleOf([await vibOf('other', { 'opt/other/run': 'run' })]);
    await stage.pick(
      base,
      top,
      { name: 'agent.vib', bytes: vib },
      { name: 'depot.zip', bytes: bundle },
      { name: 'more.tar.xz', bytes: storedXz(tarOf([{ path: 'xz', content: 'xz' }])) },
      { name: 'more.tar.zst', bytes: storedZstd(tarOf([{ path: 'zst', content: 'zst' }])) },
    );
    expect(await stage.refusals()).toEqual([]);
    const layers = stage.page.getByRole('list', { name: 'Layers, the top one first' });
    expect(await layers.locator('.layer .name').allInnerTexts()).toEqual([
      ...['more.tar.zst', 'more.tar.xz', 'depot.zip', 'agent.vib', 'top.tgz', 'base.tar'],
    ]);
    for (const path of ['/opt/agent/run', '/opt/other/run', '/opt/new', '/xz', '/zst']) {
      await (await stage.item(path)).waitFor();
    }
    await stage.page.getByRole('button', { name: 'Close top.tgz' }).click();
    await layers.locator('.layer .name').nth(4).waitFor();
    await expect.poll(() => layers.locator('.layer').count()).toBe(5);
    expect(await (await stage.choose('/etc/motd')).locator('textarea').inputValue()).toBe(
      'below\n',
    );
  });

  test('a folder and a file that are dropped are opened, the folder first', async () => {
    const cdp = await stage.page.context().newCDPSession(stage.page);
    const files = [stage.fileOf({ name: 'extra.tar', bytes: TOP }), BANK];
    const data = { items: [], files, dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      await cdp.send('Input.dispatchDragEvent', { type, x: 300, y: 300, data });
    }
    const names = stage.page.locator('.layer .name');
    await expect.poll(() => names.allInnerTexts()).toEqual(['extra.tar', 'bank']);
    expect(await stage.refusals()).toEqual([]);
    await (await stage.item('/opt/new')).waitFor();
  });

  test('a file that a page drops is opened', async () => {
    const text = Buffer.from(BASE).toString('base64');
    await stage.page.evaluate((base64) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const dropped = new DataTransfer();
      dropped.items.add(new File([bytes], 'dropped.tar'));
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: dropped }));
    }, text);
    await (await stage.item('/etc/motd')).waitFor();
    expect(await stage.page.getByRole('status').innerText()).toBe('dropped.tar is open: 4 files');
  });

  test('the tree is walked by keys alone', async () => {
    await stage.pick(base);
    const { keyboard } = stage.page;
    const focused = () =>
      stage.page.evaluate(() => document.activeElement?.getAttribute('data-path') ?? null);
    await stage.page.getByRole('searchbox').focus();
    const seen: unknown[] = [];
    const keys = [
      ...['Tab', 'ArrowDown', 'ArrowRight', 'ArrowRight', 'ArrowDown', 'Enter', 'ArrowLeft'],
      ...['ArrowLeft', 'ArrowDown', 'End', 'Home', 'd', 'ArrowUp', 'ArrowRight'],
    ];
    for (const key of keys) {
      await keyboard.press(key);
      if (key === 'ArrowRight') await (await stage.item('/bin/tool')).waitFor();
      seen.push(await focused());
    }
    expect(seen).toEqual([
      ...['/', '/bin', '/bin', '/bin/link', '/bin/tool', '/bin/tool', '/bin'],
      ...['/bin', '/dot.png', '/etc', '/', '/dot.png', '/bin', '/bin'],
    ]);
    await stage.page.getByRole('heading', { name: '/bin/tool' }).waitFor();
  });

  test('a search finds names, and leads to the file', async () => {
    await stage.pick(base, top);
    await stage.page.getByRole('searchbox').fill('MOT');
    const found = stage.page.getByRole('list', { name: 'Names found' });
    await found.getByRole('button', { name: '/etc/motd' }).click();
    const item = await stage.item('/etc/motd');
    await expect.poll(() => item.getAttribute('aria-selected')).toBe('true');
    expect(await item.evaluate((element) => element === document.activeElement)).toBe(true);
  });

  test('a file says who gives it and what that covers', async () => {
    await stage.pick(base, top);
    const detail = await stage.choose('/etc/motd');
    const why = detail.getByRole('region', { name: 'Where it comes from', exact: true });
    expect(await why.innerText()).toContain('Tardisk top.tgz gives it, as it is in the archive.');
    const rows = await why.locator('tbody tr').allInnerTexts();
    expect(rows.map((row) => row.split('\t').slice(0, 2))).toEqual([
      ['top.tgz', 'shows'],
      ['base.tar', 'covered by top.tgz'],
    ]);
  });

  test('text, bytes and pictures show as what they are', async () => {
    await stage.pick(base);
    const tool = await stage.choose('/bin/tool');
    const bytes = tool.getByRole('region', { name: 'bytes of /bin/tool' });
    await expect
      .poll(() => bytes.innerText())
      .toContain('00000040  40 41 42 43 44 45 46 47  48 49 4a 4b 4c 4d 4e 4f  @ABCDEFGHIJKLMNO');
    await tool.getByRole('button', { name: 'On' }).click();
    await expect.poll(() => bytes.innerText()).toMatch(/^00001000 {2}00 01 02/);
    const dot = await stage.choose('/dot.png');
    await expect.poll(() => dot.locator('figcaption').innerText()).toBe('dot.png, 1 × 1');
    const plain = await stage.choose('/etc/plain');
    expect(await plain.locator('textarea').inputValue()).toBe('plain\n');
  });

  test('an edit goes to the ramdisk, moves its gauge, and is in the next backup', async () => {
    await stage.pick(base);
    const gauge = stage.page
      .getByRole('complementary')
      .getByRole('meter', { name: 'ramdisk root' });
    expect(await gauge.getAttribute('aria-valuenow')).toBe('0');
    const detail = await stage.choose('/etc/motd');
    await detail.locator('textarea').fill('edited\n');
    await detail.getByRole('button', { name: 'Save' }).click();
    await expect.poll(() => gauge.getAttribute('aria-valuenow')).toBe('4096');
    const said = (): Promise<string> => detail.innerText();
    await expect.poll(said).toContain('The next backup saves it: it is sticky');
    const kept = await stage.view('Backup');
    await kept.getByRole('region', { name: 'State' }).waitFor();
    expect(await kept.locator('td').allInnerTexts()).toEqual([
      ...['/etc/motd', 'sticky, and written to', '7 B', '1644', '/etc/motd', 'modified'],
    ]);
    const state = await stage.download(() =>
      kept.getByRole('button', { name: 'Download state.tgz' }).click(),
    );
    expect(state.name).toBe('state.tgz');
    const restored = await mount(BASE);
    await restored.restore(state.bytes);
    expect(restored.fs.readFileSync('/etc/motd', 'utf8')).toBe('edited\n');
    // The same state over the same base, in the page.
    await stage.page.getByRole('button', { name: 'Close all' }).click();
    await stage.pick(base, state);
    await stage.view('Files');
    const again = await stage.choose('/etc/motd');
    expect(await again.locator('textarea').inputValue()).toBe('edited\n');
  });

  test('a full ramdisk refuses an edit in words of the engine, the text stays', async () => {
    await stage.pick(base);
    const space = await stage.view('Space');
    await space.getByLabel('limit of root in MiB').fill('0.015625');
    await space.getByRole('button', { name: 'Set limit' }).click();
    await expect.poll(() => space.locator('.gauge .figure').innerText()).toBe('0 B of 16 KiB');
    await stage.view('Files');
    const detail = await stage.choose('/etc/motd');
    const typed = 'x'.repeat(20_000);
    await detail.locator('textarea').fill(typed);
    await detail.getByRole('button', { name: 'Save' }).click();
    const judge = await mount(BASE);
    judge.ramdisks.resize('root', { size: 16384 });
    const refuse = (): void => judge.fs.writeFileSync('/etc/motd', typed);
    await expect.poll(() => stage.refusals()).toEqual([messageOf(refuse)]);
    expect(messageOf(refuse)).toContain("(the ramdisk 'root' is full: ");
    expect(await stage.page.locator('.alert').getAttribute('data-code')).toBe('ENOSPC');
    expect(await detail.locator('textarea').inputValue()).toBe(typed);
    await detail.locator('textarea').fill('short');
    await detail.getByRole('button', { name: 'Save' }).click();
    await expect.poll(() => stage.refusals()).toEqual([]);
  });

  test('the map of areas shows who takes what, and goes into a directory', async () => {
    await stage.pick(base);
    const space = await stage.view('Space');
    const map = space.getByRole('group', { name: 'what / takes' });
    // By the keyboard: in the middle of it lies what it holds.
    await map.getByRole('button', { name: 'bin, 4.9 KiB, base.tar' }).press('Enter');
    await space.getByRole('group', { name: 'what /bin takes' }).waitFor();
    await space.getByRole('button', { name: 'tool, 4.9 KiB, base.tar' }).click();
    await stage.page.getByRole('heading', { name: '/bin/tool' }).waitFor();
  });

  test('a bank boots, and goes out as a disk image that boots', async () => {
    await stage.pickFolder(BANK);
    expect(await stage.page.getByRole('status').innerText()).toBe('bank is open: 68 files');
    const meters = stage.page.getByRole('complementary').getByRole('meter');
    expect(await meters.count()).toBe(7);
    const kept = await stage.view('Backup');
    await kept.getByRole('button', { name: '/etc/vmware/esx.conf' }).first().waitFor();
    const disk = await stage.download(() =>
      kept.getByRole('button', { name: 'Download a disk image' }).click(),
    );
    const host = await Host.boot(await blobDevice(memoryDisk(disk.bytes)));
    expect(host.vfs.state().length).toBeGreaterThan(0);
    await stage.page.getByRole('button', { name: 'Close all' }).click();
    await stage.pick(disk);
    expect(await stage.page.getByRole('status').innerText()).toBe('boot.img is open: 68 files');
    await stage.pickFolder(BANK);
    expect((await stage.refusals())[0]).toMatch(
      /^'bank' is a bank, which boots into an empty tree/,
    );
  });

  test('lint says what ESXi would trip over, and how to mend it', async () => {
    await stage.pick({ name: 'names.tar', bytes: tarOf([{ path: 'a', mode: 0o4755 }]) }, base);
    const lint = await stage.view('Lint');
    await lint.getByRole('list', { name: 'Findings' }).waitFor();
    const findings = await lint.locator('.finding').allInnerTexts();
    expect(findings.length).toBeGreaterThan(0);
    expect(findings.join('\n')).toContain('names.tar');
  });

  test('two images are compared path by path', async () => {
    await stage.pick(base, top);
    const compare = await stage.view('Compare');
    const older = stage.fileOf({ name: 'older.tar', bytes: BASE });
    await compare.locator('input[type=file]').first().setInputFiles(older);
    await compare.getByRole('region', { name: 'Differences' }).waitFor();
    const rows = await compare.locator('tbody tr').allInnerTexts();
    expect(rows.map((row) => row.split('\t'))).toEqual([
      ['/etc/motd', 'changed', 'content'],
      ['/opt', 'added', 'directory, top.tgz'],
      ['/opt/new', 'added', '3 B, top.tgz'],
    ]);
  });

  test('a file is downloaded as it is in the tree', async () => {
    await stage.pick(base);
    const detail = await stage.choose('/bin/tool');
    const file = await stage.download(() =>
      detail.getByRole('button', { name: 'Download' }).click(),
    );
    const judge = await mount(BASE);
    expect(file.name).toBe('tool');
    expect(Buffer.compare(file.bytes, judge.fs.readFileSync('/bin/tool'))).toBe(0);
  });

  test('what lies is refused in the words of the engine, and the page goes on', async () => {
    const names = ['name-dot-dot.tar', 'gzip-bad-crc.tgz', 'bomb.tgz', 'not-an-archive.bin'];
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
});

function messageOf(act: () => void): string {
  try {
    act();
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing was refused';
}
