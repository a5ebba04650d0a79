/**
 * Runs every example of DOORS.md as it stands there, over the sources as they are built: what a
 * `console.log` prints is what the comment behind it says.
 *
 *   js             in the Node that runs the tests
 *   js node:vfs    the same, where that Node has the module
 *   js browser     in a page, where Chromium is installed
 */

import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answerOfPage, installedChromium } from '../support/browser.ts';
import { compiledSources } from '../support/compiled.ts';
import { placed, printCount, printedInNode, promised } from '../support/examples.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PAGE = fs.readFileSync(`${ROOT}DOORS.md`, 'utf8');
const FENCE = /^```js([^\n]*)\n([\s\S]*?)^```$/gm;

interface DoorExample {
  readonly title: string;
  readonly isOfPage: boolean;
  readonly code: string;
}

const examples = [...PAGE.matchAll(FENCE)].map(({ index, 1: where, 2: code }): DoorExample => {
  const heads = [...PAGE.slice(0, index).matchAll(/^#+ (.*)$/gm)];
  return { title: heads.at(-1)![1]!, isOfPage: where!.trim() === 'browser', code: code! };
});

let sources: URL;
/** By the code of each. */
const printed = new Map<string, string[] | null>();
beforeAll(async () => {
  sources = compiledSources();
  const inNode = examples.filter(({ isOfPage }) => !isOfPage);
  const runs = inNode.map(({ code }) => ({ code, folder: ROOT }));
  const lines = await printedInNode(runs, sources);
  for (const [index, { code }] of inNode.entries()) printed.set(code, lines[index]!);
});
afterAll(() => fs.rmSync(sources, { recursive: true }));

test('each example says what it prints', () => {
  for (const { title, code } of examples) {
    expect(printCount(code), title).toBe(promised(code).length);
  }
});

test.each(examples.map((example, index) => [example.title, index] as const))(
  'the example of %s (%i) prints what it says',
  async (_title, index) => {
    const { isOfPage, code } = examples[index]!;
    const said = isOfPage ? await inPage(code) : printed.get(code);
    expect(said ?? promised(code)).toEqual(promised(code));
  },
);

/** The lines that `code` prints in a page, or null where there is no browser. */
async function inPage(code: string): Promise<string[] | null> {
  const chromium = installedChromium();
  if (chromium === null) return null;
  const module = placed(code, '/', 'index.js');
  const page = `
    const lines = [];
    console.log = (line) => lines.push(String(line));
    addEventListener('error', ({ message }) => lines.push(message));
    await import('/example.js').catch((error) => lines.push(String(error)));
    await fetch('/answer', { method: 'POST', body: JSON.stringify(lines) });`;
  return (await answerOfPage(chromium, sources, { '/': page, '/example.js': module })) as string[];
}
