/**
 * Attacks what the page shows of a tree: by keys, by search, who gives a file, and what it holds,
 * whatever names and contents there are.
 */

import { expect, test } from 'vitest';
import { tarOf } from '../support/archives.ts';
import { base, IMAGES, top } from './given.ts';
import type { Stage } from './stage.ts';

const MANY = 100_000;
/** A task of the page that takes longer is one that a user may feel; machines here are shared. */
const LONG_TASK_MAX_MS = 250;

/** The tests of looking. */
export function lookingSuite(on: () => Stage): void {
  /** The path of the row that the keys of the tree act on. */
  const active = (): Promise<string | null> =>
    on().page.evaluate(() => {
      const id = document.activeElement?.getAttribute('aria-activedescendant');
      return document.getElementById(id ?? '')?.getAttribute('data-path') ?? null;
    });

  test('the tree is walked by keys alone', async () => {
    const stage = on();
    await stage.pick(base);
    const { keyboard } = stage.page;
    await stage.page.getByLabel('in what files hold, not in names').focus();
    const steps: readonly [key: string, at: string][] = [
      ['Tab', '/'],
      ['ArrowDown', '/bin'],
      ['ArrowRight', '/bin'],
      ['ArrowRight', '/bin/link'],
      ['ArrowDown', '/bin/tool'],
      ['Enter', '/bin/tool'],
      ['ArrowLeft', '/bin'],
      ['ArrowLeft', '/bin'],
      ['ArrowDown', '/dot.png'],
      ['End', '/etc'],
      ['Home', '/'],
      ['d', '/dot.png'],
      ['ArrowUp', '/bin'],
      ['PageDown', '/etc'],
      ['PageUp', '/'],
    ];
    let isOpen = false;
    for (const [index, [key, at]] of steps.entries()) {
      await keyboard.press(key);
      // The first of two arrows opens or closes: the second must find it so.
      if (index === 2 || index === 7) {
        isOpen = !isOpen;
        const bin = stage.treeitem('/bin');
        await expect.poll(() => bin.getAttribute('aria-expanded')).toBe(String(isOpen));
      }
      await expect.poll(active, { message: `step ${index}, ${key}` }).toBe(at);
    }
    await stage.detail('/bin/tool');
  });

  test('a search finds names in any case, and leads to the file', async () => {
    const stage = on();
    await stage.pick(base, top);
    await stage.page.getByRole('searchbox').fill('MOT');
    const found = stage.page.getByRole('list', { name: 'Found' });
    await found.getByRole('button', { name: '/etc/motd' }).click();
    const item = stage.treeitem('/etc/motd');
    await expect.poll(() => item.getAttribute('aria-selected')).toBe('true');
    expect(await active()).toBe('/etc/motd');
    await stage.page.getByRole('searchbox').fill('no such name');
    await stage.page.getByText('Nothing has that in it.').waitFor();
    expect(await stage.said()).toBe('0 paths found');
  });

  test('a search for what files hold finds it over the seam of two pieces too', async () => {
    const stage = on();
    const content = new Uint8Array(2 << 20);
    content.set(new TextEncoder().encode('needle ✓'), (1 << 20) - 4);
    const entries = [
      { path: 'seam', content },
      { path: 'near', content: 'needle' },
    ];
    await stage.pick(base, { name: 'hay.tar', bytes: tarOf(entries) });
    await stage.page.getByLabel('in what files hold, not in names').check();
    await stage.page.getByRole('searchbox').fill('needle ✓');
    const found = stage.page.getByRole('list', { name: 'Found' }).getByRole('button');
    await expect.poll(() => found.allInnerTexts()).toEqual(['/seam']);
    await stage.page.getByRole('searchbox').fill('needle');
    await expect.poll(() => found.allInnerTexts()).toEqual(['/near', '/seam']);
    expect(await stage.said()).toBe('2 paths found');
    await stage.page.getByLabel('in what files hold, not in names').uncheck();
    await stage.page.getByText('Nothing has that in it.').waitFor();
  });

  test('a file says which tardisk gives it and what that covers', async () => {
    const stage = on();
    await stage.pick(base, top);
    expect(await (await stage.item('/etc/motd')).locator('.from').innerText()).toBe('top.tgz');
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
    const stage = on();
    await stage.pick(base);
    const tool = await stage.choose('/bin/tool');
    const bytes = tool.getByRole('region', { name: 'bytes of /bin/tool' });
    await expect
      .poll(() => bytes.innerText())
      .toContain('00000040  40 41 42 43 44 45 46 47  48 49 4a 4b 4c 4d 4e 4f  @ABCDEFGHIJKLMNO');
    await tool.getByRole('button', { name: 'Next' }).click();
    await expect.poll(() => bytes.innerText()).toMatch(/^00001000 {2}00 01 02/);
    await tool.getByLabel('offset in hex').fill('20');
    await tool.getByLabel('offset in hex').press('Enter');
    await expect.poll(() => bytes.innerText()).toMatch(/^00000020 {2}20 21 22/);
    const dot = await stage.choose('/dot.png');
    await expect.poll(() => dot.locator('figcaption').innerText()).toBe('dot.png, 1 × 1');
    const plain = await stage.choose('/etc/plain');
    expect(await plain.locator('textarea').inputValue()).toBe('plain\n');
  });

  test('names of any script and length show whole or cut, and steer nothing', async () => {
    const stage = on();
    const names = ['שלום.txt', '🚀 rocket', 'x'.repeat(255), 'a\u202egnp.exe', 'two\nlines'];
    const pax = (name: string) => ({ path: `odd/${name}`, content: 'odd' });
    await stage.pick({ name: 'מערכת 🚀.tar', bytes: tarOf(names.slice(0, 2).map(pax), 'gnu') });
    expect(await stage.layers()).toEqual(['מערכת 🚀.tar']);
    for (const name of names.slice(0, 2)) await stage.choose(`/odd/${name}`);
    await stage.pick({ name: 'steer.tar', bytes: tarOf(names.slice(3).map(pax), 'gnu') });
    const shown = await stage.page.locator('.row .name').allInnerTexts();
    expect(shown).toContain('a\\u202egnp.exe');
    expect(shown).toContain('two\\u000alines');
    const long = 'y'.repeat(90);
    await stage.pick({ name: `${'n'.repeat(200)}.tar`, bytes: tarOf([{ path: long }]) });
    await stage.choose(`/${long}`);
    const wide = await stage.page.evaluate(() => document.documentElement.scrollWidth);
    expect(wide).toBeLessThanOrEqual(1280);
  });

  test('what only claims to be text shows as bytes, and nothing as nothing', async () => {
    const stage = on();
    const content = Uint8Array.of(0x68, 0x69, 0, 1, 2);
    await stage.pick({
      name: 'claims.tar',
      bytes: tarOf([
        { path: 'a.png', content: 'no picture' },
        { path: 'a.txt', content },
        { path: 'empty' },
        { path: 'latin', content: Uint8Array.of(0x63, 0x61, 0x66, 0xe9) },
        { path: 'lies.png', content: '\x89PNG, it says' },
      ]),
    });
    const text = await stage.choose('/a.txt');
    const pressed = text.locator('.modes [aria-pressed="true"]');
    expect(await pressed.innerText()).toBe('Hex');
    await text.getByRole('button', { name: 'Text' }).click();
    await text.getByText('Not text in UTF-8: it cannot be edited here.').waitFor();
    expect(await (await stage.choose('/latin')).locator('textarea').count()).toBe(0);
    const picture = await stage.choose('/a.png');
    expect(await picture.locator('textarea').inputValue()).toBe('no picture');
    const empty = await stage.choose('/empty');
    await expect.poll(() => empty.locator('textarea').inputValue()).toBe('');
    await empty.getByRole('button', { name: 'Hex' }).click();
    await empty.getByText('0 bytes').first().waitFor();
    const lies = await stage.choose('/lies.png');
    await expect.poll(() => lies.locator('.modes').innerText()).toContain('Hex');
  });

  test('an archive of nothing opens, and says that it is empty', async () => {
    const stage = on();
    const nothing = tarOf([{ path: './', mode: 0o755 }]);
    await stage.pick({ name: 'nothing.tar', bytes: nothing });
    expect(await stage.refusals()).toEqual([]);
    expect(await stage.said()).toBe('nothing.tar is open: 0 files');
    expect(await stage.page.getByRole('treeitem').count()).toBe(1);
    const space = await stage.view('Space');
    await space.getByText('Nothing here takes any space.').waitFor();
  });

  test('a name that is not in UTF-8 is listed, read and written as any other', async () => {
    const stage = on();
    await stage.pick(`${IMAGES}good/not-utf8.tar`);
    const detail = await stage.choose('/caf\ufffd');
    expect(await detail.innerText()).toContain('10 bytes');
    await detail.locator('textarea').fill('saved');
    await detail.getByRole('button', { name: 'Save' }).click();
    await expect.poll(() => detail.innerText()).toContain('It was written over');
    expect(await stage.page.getByRole('treeitem').count()).toBe(2);
    expect(await stage.refusals()).toEqual([]);
  });

  test('of 100,000 names in one directory those that show are in the page', async () => {
    const stage = on();
    const { page } = stage;
    const entries = Array.from({ length: MANY }, (_, index) => ({
      path: `many/f${String(index).padStart(5, '0')}`,
    }));
    const file = stage.fileOf({ name: 'many.tar', bytes: tarOf(entries) });
    await page.evaluate(() => {
      const tasks: number[] = [];
      Object.assign(globalThis, { tasks });
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) tasks.push(duration);
      }).observe({ entryTypes: ['longtask'] });
    });
    await stage.pick(file);
    await (await stage.item('/many/f00000')).waitFor();
    await page.getByRole('tree').press('End');
    const last = stage.treeitem(`/many/f${MANY - 1}`);
    await last.waitFor();
    expect(await last.getAttribute('aria-posinset')).toBe(String(MANY));
    expect(await last.getAttribute('aria-setsize')).toBe(String(MANY));
    await page.getByRole('searchbox').fill('f51234');
    const found = page.getByRole('list', { name: 'Found' });
    await found.getByRole('button', { name: '/many/f51234' }).click();
    await expect.poll(active).toBe('/many/f51234');
    // Closed and opened anew on the way: the tree is as high as that before it is scrolled.
    await page.getByRole('tree').press('Home');
    await (await stage.item('/many')).click();
    await expect.poll(() => page.getByRole('treeitem').count()).toBe(2);
    await page.getByRole('searchbox').fill('f61234');
    await found.getByRole('button', { name: '/many/f61234' }).click();
    await expect.poll(active).toBe('/many/f61234');
    expect(await stage.treeitem('/many/f61234').isVisible()).toBe(true);
    expect(await page.getByRole('treeitem').count()).toBeLessThan(100);
    const tasks = await page.evaluate(() => (globalThis as unknown as { tasks: number[] }).tasks);
    expect(tasks.filter((duration) => duration > LONG_TASK_MAX_MS)).toEqual([]);
  });
}
