/**
 * Attacks the page as those do who use no mouse or no screen, and looks at how it looks: one walk
 * through every view finds what is wrong with each (walk.ts); then a whole journey by keys.
 */

import { expect, test } from 'vitest';
import { base, stateGiven, top } from './given.ts';
import type { Stage } from './stage.ts';
import { type Wrongs, walked } from './walk.ts';

const VIEWS = ['Files', 'Space', 'Lint', 'Backup', 'Compare'];

/** The tests of access. */
export function accessSuite(on: () => Stage): void {
  let walk: Promise<Wrongs> | undefined;
  /** The one walk: of whichever test asks first. */
  const wrongs = (): Promise<Wrongs> => {
    walk ??= walked(on());
    return walk;
  };
  /** What has the focus; null where nothing has. */
  const nowAt = (): Promise<string | null> =>
    on().page.evaluate(() => {
      const element = document.activeElement;
      if (element === null || element === document.body) return null;
      return `${element.tagName} ${element.getAttribute('aria-label') ?? element.textContent}`;
    });

  test('a screen reader hears a name for every control, and landmarks, in every view', async () => {
    const { titles, nameless, odd } = await wrongs();
    expect(titles).toHaveLength(14);
    expect(nameless).toEqual([]);
    expect(odd).toEqual([]);
  });

  test('all text can be read in both themes: its contrast is 4.5 at the least', async () => {
    expect((await wrongs()).faint).toEqual([]);
  });

  test('the tab key comes to every control, shows where it is, never trapped', async () => {
    const { unreached, unmarked, trapped } = await wrongs();
    expect(unreached).toEqual([]);
    expect(unmarked).toEqual([]);
    expect(trapped).toEqual([]);
  });

  test('every view fits a narrow and a wide screen', async () => {
    expect((await wrongs()).wide).toEqual([]);
  });

  test('a screen reader hears what is open, selected and written', async () => {
    const stage = on();
    const { page } = stage;
    await stage.pick(base, top);
    const detail = await stage.choose('/etc/motd');
    await detail.locator('textarea').fill('edited\n');
    await detail.getByRole('button', { name: 'Save' }).click();
    await expect.poll(() => stage.said()).toBe('/etc/motd is saved in its ramdisk');
    const heard = await page.locator('body').ariaSnapshot();
    for (const line of [
      ...['tab "Files" [selected]', 'treeitem "etc, directory" [expanded] [level=2]'],
      ...['written, root" [level=3] [selected]', 'meter "ramdisk root"'],
    ]) {
      expect(heard).toContain(line);
    }
    // The two that are read out without being asked: in passing, and at once.
    expect(await page.locator('.said').getAttribute('role')).toBe('status');
    expect(await page.locator('.alerts').getAttribute('role')).toBe('alert');
  });

  test("the theme is the system's until somebody chooses, and then what was chosen", async () => {
    const { page } = on();
    const scheme = (): Promise<string> =>
      page.evaluate(() => getComputedStyle(document.documentElement).colorScheme);
    expect(await scheme()).toBe('light dark');
    await page.getByRole('button', { name: 'Dark' }).click();
    expect(await scheme()).toBe('dark');
    await page.reload();
    expect(await scheme()).toBe('dark');
    await page.getByRole('button', { name: 'Dark' }).click();
    expect(await scheme()).toBe('light');
    await page.evaluate(() => localStorage.clear());
  });

  test('a whole journey goes by keys alone', async () => {
    const stage = on();
    const { page } = stage;
    const { keyboard } = page;
    const tabTo = async (what: string): Promise<void> => {
      for (let press = 0; press < 60; press += 1) {
        const at = await nowAt();
        if (at?.includes(what)) return;
        await keyboard.press('Tab');
      }
      throw new Error(`the tab key does not come to ${what}`);
    };
    const choosing = page.waitForEvent('filechooser');
    await tabTo('Open files…');
    await keyboard.press('Enter');
    await (await choosing).setFiles([stage.fileOf(base), stage.fileOf(await stateGiven('kept\n'))]);
    await expect.poll(() => stage.layers()).toEqual(['state.tgz', 'base.tar']);
    await tabTo('Find files');
    await keyboard.type('motd');
    await tabTo('/etc/motd');
    await keyboard.press('Enter');
    await stage.detail('/etc/motd');
    await tabTo('text of /etc/motd');
    await keyboard.press('Control+End');
    await keyboard.type('typed\n');
    await tabTo('Save');
    await keyboard.press('Enter');
    await expect.poll(() => stage.said()).toBe('/etc/motd is saved in its ramdisk');
    // Saving takes the button away from under the focus: it must not be lost.
    expect(await nowAt()).not.toBeNull();
    await tabTo('BUTTON Files');
    for (const title of VIEWS.slice(1)) {
      await keyboard.press('ArrowRight');
      expect(await page.getByRole('tabpanel').getAttribute('id')).toBe(`view-${title}`);
    }
    await keyboard.press('ArrowLeft');
    await stage.settled();
    const coming = page.waitForEvent('download');
    await tabTo('Download state.tgz');
    await keyboard.press('Enter');
    expect((await coming).suggestedFilename()).toBe('state.tgz');
    await tabTo('Close all');
    await keyboard.press('Enter');
    await page.getByRole('region', { name: 'How to start' }).waitFor();
    expect(await nowAt()).not.toBeNull();
  });
}
