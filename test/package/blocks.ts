/**
 * The blocks of code in the documents. A fence names the language, and then, where that is not Node
 * or bash, what it takes to run the block:
 *
 *   js                 a module, in Node
 *   js node:vfs        the same, in a Node that has this module
 *   js browser         bundled, in Chromium
 *   sh                 a script, in bash
 *   sh two terminals   what stands before the first empty line in the first, the rest in the other
 *   sh clone           commands in a clone of the repository
 *
 * A fence without a language is a drawing, or what a program said. Every other word is an error.
 */

import fs from 'node:fs';
import path from 'node:path';
import { ROOT } from '../support/installed.ts';

const FENCE = /^```([^\n]*)\n([\s\S]*?)^```$/gm;
const KINDS = ['js', 'js node:vfs', 'js browser', 'sh', 'sh two terminals', 'sh clone'] as const;

/** What a fence says. */
export type Kind = (typeof KINDS)[number];

/** One block of code. */
export interface Block {
  /** From the root of the project. */
  readonly page: string;
  /** The heading that it stands under, and which block of the page it is. */
  readonly title: string;
  readonly kind: Kind;
  readonly code: string;
}

/** Where blocks are looked for. */
const PAGES = [
  'README.md',
  'DOORS.md',
  ...fs.readdirSync(path.join(ROOT, 'docs')).map((name) => `docs/${name}`),
];

/** All blocks of code of all documents. Throws for a fence that says what is not known here. */
export function blocks(): Block[] {
  return PAGES.flatMap((page) => blocksOf(page, fs.readFileSync(path.join(ROOT, page), 'utf8')));
}

/** The blocks of `text`, which is in `page`. */
export function blocksOf(page: string, text: string): Block[] {
  const found = [...text.matchAll(FENCE)].filter(([, info]) => info !== '');
  return found.map(({ index, 1: info, 2: code = '' }, at): Block => {
    const kind = KINDS.find((one) => one === info);
    if (kind === undefined) throw new Error(`${page}: nobody runs a block of '${info}'`);
    const headings = [...text.slice(0, index).matchAll(/^#+ (.*)$/gm)];
    return { page, title: `${headings.at(-1)?.[1]}, block ${at + 1}`, kind, code };
  });
}
