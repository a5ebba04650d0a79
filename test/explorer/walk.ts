/**
 * One walk through every view of the page, as those see it who use no mouse or no screen, with a
 * picture of each in both themes and two widths, left in build/explorer-shots. Rules of our own
 * over Chromium's accessibility tree, since the usual checker's licence is none of those we take.
 */

import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { tarOf } from '../support/archives.ts';
import { BANK, base, encryptedState, IMAGES, stateGiven } from './given.ts';
import type { Stage } from './stage.ts';

const SHOTS = fileURLToPath(new URL('../../build/explorer-shots/', import.meta.url));
/** Tall instead of a picture of the whole page, in which what scrolls by itself may be blank. */
const SIZES = [
  { width: 400, height: 1600 },
  { width: 1600, height: 1000 },
] as const;
const USUAL = { width: 1280, height: 800 };
const THEMES = ['light', 'dark'] as const;
const VIEWS = ['Files', 'Space', 'Lint', 'Backup', 'Compare'];
/** What must have a name. */
const NAMED: ReadonlySet<string> = new Set([
  ...['button', 'textbox', 'searchbox', 'checkbox', 'spinbutton', 'link', 'tab', 'tree'],
  ...['treeitem', 'meter', 'progressbar', 'image', 'dialog', 'region', 'tabpanel'],
]);
/** WCAG 2, AA, for text of any size. */
const CONTRAST_MIN = 4.5;

/** What is wrong with a view, each by its title: nothing, where all is well. */
export interface Wrongs {
  /** Roles of what has no name. */
  readonly nameless: string[];
  /** Texts with too little contrast. */
  readonly faint: string[];
  /** Controls that the tab key does not come to, and stops without a mark. */
  readonly unreached: string[];
  readonly unmarked: string[];
  /** Views in which the focus is trapped. */
  readonly trapped: string[];
  /** What is wider than the screen. */
  readonly wide: string[];
  /** Identifiers that two elements have, and landmarks that are missing. */
  readonly odd: string[];
  /** Views that were looked at. */
  readonly titles: string[];
}

/** A node of the accessibility tree, as Chromium tells it. */
interface Node {
  readonly ignored: boolean;
  readonly role?: { readonly value: string };
  readonly name?: { readonly value: string };
}

/** Walks through the page on `stage`. */
export async function walked(stage: Stage): Promise<Wrongs> {
  const wrongs: Wrongs = {
    ...{ nameless: [], faint: [], unreached: [], unmarked: [], trapped: [] },
    ...{ wide: [], odd: [], titles: [] },
  };
  fs.mkdirSync(SHOTS, { recursive: true });
  await everyView(stage, async (title) => {
    wrongs.titles.push(title);
    await hear(stage, title, wrongs);
    await tabThrough(stage, title, wrongs);
    for (const size of SIZES) {
      await stage.page.setViewportSize(size);
      for (const colorScheme of THEMES) {
        await stage.page.emulateMedia({ colorScheme });
        const name = `${title.toLowerCase().replace(' ', '-')}-${colorScheme}-${size.width}.png`;
        await stage.page.screenshot({ path: SHOTS + name });
        const width = await stage.page.evaluate(() => document.documentElement.scrollWidth);
        if (width > size.width) wrongs.wide.push(name);
        // The colours are the same on any screen.
        if (size !== SIZES[1]) continue;
        const faint = await stage.page.evaluate(faintTexts, CONTRAST_MIN);
        wrongs.faint.push(...faint.map((text) => `${name}: ${text}`));
      }
    }
    await stage.page.setViewportSize(USUAL);
    await stage.page.emulateMedia({ colorScheme: 'light' });
  });
  return wrongs;
}

/** Shows every view in turn, filled, and calls `look` for each. */
async function everyView(stage: Stage, look: (title: string) => Promise<void>): Promise<void> {
  const { page } = stage;
  await look('Empty');
  await stage.pickFolder(BANK);
  const odd = tarOf([{ path: 'opt/odd', content: 'odd', mode: 0o6755, uid: 12 }]);
  await stage.pick(`${IMAGES}vibs/debug-tools.vib`, { name: 'odd.tar', bytes: odd });
  const detail = await stage.choose('/etc/motd');
  await detail.locator('textarea').fill('Welcome to the explorer.\n');
  await detail.getByRole('button', { name: 'Save' }).click();
  await stage.settled();
  for (const title of VIEWS) {
    const view = await stage.view(title);
    await stage.settled();
    if (title === 'Compare') {
      await look('Uncompared');
      await view.locator('input[webkitdirectory]').setInputFiles(BANK);
      await view.getByRole('region', { name: 'Differences' }).waitFor();
    }
    await look(title);
  }
  await stage.view('Files');
  await (await stage.choose('/bin/vmx')).getByRole('button', { name: 'Next' }).waitFor();
  await look('Hex');
  await page.getByRole('searchbox').fill('host');
  await page.getByRole('list', { name: 'Found' }).waitFor();
  await look('Found');
  await stage.pick(`${IMAGES}evil/name-dot-dot.tar`, `${IMAGES}evil/not-an-archive.bin`);
  await look('Refused');
  await page.getByRole('button', { name: 'Close all' }).click();
  await stage.pick(base);
  await (await stage.choose('/dot.png')).getByText('1 × 1').waitFor();
  await look('Picture');
  await stage.hand(await encryptedState());
  const key = page.getByLabel('Key', { exact: true });
  await key.waitFor();
  await look('Key');
  await key.fill('wrong');
  await key.press('Enter');
  await page.getByRole('dialog').getByRole('alert').waitFor();
  await look('Wrong key');
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  await stage.settled();
  await page.getByRole('button', { name: 'Close all' }).click();
  await page.getByRole('region', { name: 'How to start' }).waitFor();
  let end: (() => void) | undefined;
  stage.answers.set('/slow.tar', (to) => {
    to.writeHead(200, { 'Access-Control-Allow-Origin': '*', 'Content-Length': 1000 });
    to.write('x'.repeat(420));
    end = () => to.destroy();
  });
  await stage.fetch(`${stage.elsewhere}/slow.tar`);
  await page.locator('.what', { hasText: '42 %' }).waitFor();
  await stage.drop(await stateGiven('waits\n'));
  await page.locator('.what', { hasText: 'waiting' }).waitFor();
  await look('Busy');
  end?.();
  await stage.settled();
}

async function hear({ page, cdp }: Stage, title: string, wrongs: Wrongs): Promise<void> {
  const { nodes } = (await cdp.send('Accessibility.getFullAXTree')) as { nodes: Node[] };
  for (const { ignored, role, name } of nodes) {
    const said = role?.value ?? '';
    if (ignored || !NAMED.has(said) || name?.value.trim()) continue;
    wrongs.nameless.push(`${title}: ${said}`);
  }
  const ids = await page.evaluate(() => [...document.querySelectorAll('[id]')].map(({ id }) => id));
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index);
  wrongs.odd.push(...twice.map((id) => `${title}: #${id}`));
  for (const role of ['banner', 'main', 'status', 'heading'] as const) {
    // Behind a dialog there is nothing, and what is under way takes the place of what was said.
    const isGone = /key/i.test(title) || (role === 'status' && title === 'Busy');
    const wanted = isGone ? 0 : 1;
    if ((await page.getByRole(role).count()) < wanted) wrongs.odd.push(`${title}: no ${role}`);
  }
}

/** Goes round the page with the tab key. */
async function tabThrough({ page }: Stage, title: string, wrongs: Wrongs): Promise<void> {
  const count = await page.evaluate(beginTrail);
  // It goes on from where the last click was; the page itself, at its end, is a stop too.
  for (let press = 0; press < count + 2; press += 1) await page.keyboard.press('Tab');
  const { isRound, unreached, unmarked } = await page.evaluate(endTrail);
  if (!isRound) wrongs.trapped.push(title);
  wrongs.unreached.push(...unreached.map((what) => `${title}: ${what}`));
  wrongs.unmarked.push(...unmarked.map((what) => `${title}: ${what}`));
}

/** Where the focus came, in the page, while somebody presses the tab key. */
interface Trail {
  readonly wanted: readonly HTMLElement[];
  readonly seen: { readonly element: HTMLElement; readonly isMarked: boolean }[];
  readonly end: AbortController;
}

/** Begins to note where the focus comes, in the page; gives how many stops there are. */
function beginTrail(): number {
  (document.activeElement as HTMLElement | null)?.blur();
  const controls = 'button, input, textarea, a[href], summary, [tabindex="0"]';
  const wanted = [...document.querySelectorAll<HTMLElement>(controls)].filter((element) => {
    const isBehind = document.querySelector('dialog[open]')?.contains(element) === false;
    const isOff = isBehind || element.matches(':disabled, [tabindex="-1"], [hidden]');
    return !isOff && element.checkVisibility({ visibilityProperty: true });
  });
  const trail: Trail = { wanted, seen: [], end: new AbortController() };
  Object.assign(globalThis, { trail });
  const note = ({ target }: FocusEvent): void => {
    const element = target as HTMLElement;
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    const isMarked = outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2;
    trail.seen.push({ element, isMarked });
  };
  document.addEventListener('focusin', note, { signal: trail.end.signal });
  return wanted.length;
}

/** What the trail says, in the page. */
function endTrail(): { isRound: boolean; unreached: string[]; unmarked: string[] } {
  const { wanted, seen, end } = (globalThis as unknown as { trail: Trail }).trail;
  end.abort();
  (document.activeElement as HTMLElement | null)?.blur();
  const nameOf = (element: HTMLElement): string =>
    `${element.tagName} ${element.getAttribute('aria-label') ?? element.textContent}`;
  const reached = seen.map(({ element }) => element);
  return {
    isRound: new Set(reached).size < reached.length,
    unreached: wanted.filter((element) => !reached.includes(element)).map(nameOf),
    unmarked: seen.filter(({ isMarked }) => !isMarked).map(({ element }) => nameOf(element)),
  };
}

/** Texts in the page whose contrast is below `min`, each with what it is. */
function faintTexts(min: number): string[] {
  type Colour = readonly [red: number, green: number, blue: number, alpha: number];
  const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!;
  const known = new Map<string, Colour>();
  const colourOf = (text: string): Colour => {
    const kept = known.get(text);
    if (kept !== undefined) return kept;
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = text;
    context.fillRect(0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0, alpha = 0] = context.getImageData(0, 0, 1, 1).data;
    const colour: Colour = [red, green, blue, alpha / 255];
    known.set(text, colour);
    return colour;
  };
  const over = (top: Colour, below: Colour): Colour => {
    const mix = (index: 0 | 1 | 2): number => top[index] * top[3] + below[index] * (1 - top[3]);
    return [mix(0), mix(1), mix(2), 1];
  };
  const light = (colour: Colour): number => {
    const [red, green, blue] = colour.slice(0, 3).map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    }) as [number, number, number];
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const ground = (element: Element | null): Colour => {
    if (element === null) return [255, 255, 255, 1];
    const own = colourOf(getComputedStyle(element).backgroundColor);
    return own[3] === 1 ? own : over(own, ground(element.parentElement));
  };
  const faint: string[] = [];
  const look = (element: HTMLElement, text: string): void => {
    // What cannot be used may be faint, by WCAG.
    if (element.closest(':disabled, .unseen, .skip') !== null) return;
    const below = ground(element);
    const [one, other] = [
      light(over(colourOf(getComputedStyle(element).color), below)),
      light(below),
    ];
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (ratio < min) faint.push(`${ratio.toFixed(2)}: ${element.className} '${text.slice(0, 40)}'`);
  };
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node !== null; node = walk.nextNode()) {
    const element = node.parentElement!;
    const text = node.textContent!.trim();
    if (text !== '' && element.checkVisibility()) look(element, text);
  }
  for (const field of document.querySelectorAll<HTMLInputElement>('input, textarea')) {
    if (field.checkVisibility()) look(field, field.value);
  }
  return faint;
}
