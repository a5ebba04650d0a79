/**
 * Runs every example of DOORS.md as it stands there, over the sources as they are built: what a
 * `console.log` prints is what the comment behind it says.
 *
 *   js             in the Node that runs the tests
 *   js node:vfs    the same, where that Node has the module
 *   js browser     in a page, where Chromium is installed
 */

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answerOfPage, installedChromium } from '../support/browser.ts';
import { compiledSources } from '../support/compiled.ts';

const PAGE = fs.readFileSync(new URL('../../DOORS.md', import.meta.url), 'utf8');
const FENCE = /^```js([^\n]*)\n([\s\S]*?)^```$/gm;
const VFS_FLAG = '--experimental-vfs';

interface Example {
  readonly title: string;
  readonly where: string;
  readonly code: string;
}

const examples = [...PAGE.matchAll(FENCE)].map(({ index, 1: where, 2: code }): Example => {
  const heads = [...PAGE.slice(0, index).matchAll(/^#+ (.*)$/gm)];
  return { title: heads.at(-1)![1]!, where: where!.trim(), code: code! };
});

/** What `code` says that it prints. */
function promised(code: string): string[] {
  return [...code.matchAll(/^ *console\.log\(.*\); \/\/ (.*)$/gm)].map(([, said]) => said!);
}

/** `code` with the names of visorfs's doors as where they are, seen from `root`. */
function placed(code: string, root: string, main: string): string {
  return code.replace(/ from 'visorfs(?:\/([a-z-]+))?'/g, (_all, door?: string) => {
    return ` from '${root}${door === undefined ? main : `doors/${door}.js`}'`;
  });
}

let sources: URL;
beforeAll(() => {
  sources = compiledSources();
});
afterAll(() => fs.rmSync(sources, { recursive: true }));

test('each example says what it prints', () => {
  for (const { title, code } of examples) {
    expect(code.match(/console\.log/g)?.length, title).toBe(promised(code).length);
  }
});

test.each(examples.map((example, index) => [example.title, index] as const))(
  'the example of %s (%i) prints what it says',
  async (_title, index) => {
    const { where, code } = examples[index]!;
    const said =
      where === 'browser' ? await inPage(code) : inNode(code, index, where === 'node:vfs');
    expect(said ?? promised(code)).toEqual(promised(code));
  },
);

/** The lines that `code` prints, or null where this Node cannot run it. */
function inNode(code: string, index: number, needsVfs: boolean): string[] | null {
  if (needsVfs && !process.allowedNodeEnvironmentFlags.has(VFS_FLAG)) return null;
  const file = new URL(`example-${index}.mjs`, sources);
  fs.writeFileSync(file, placed(code, './', 'node.js'));
  const flags = needsVfs ? [VFS_FLAG, '--no-warnings'] : [];
  const printed = execFileSync(process.execPath, [...flags, fileURLToPath(file)], {
    encoding: 'utf8',
  });
  return printed.trimEnd().split('\n');
}

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
