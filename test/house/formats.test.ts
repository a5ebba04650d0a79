// FORMATS.md quotes the byte tables from the headers of the files that parse them. A layout is
// written once, where it is used; this test fails where the quotation has fallen behind.
// UPDATE_FORMATS=1 writes the quotations anew.

import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const FORMATS = new URL('../../FORMATS.md', import.meta.url);
const QUOTE = /(<!-- quoted from (src\/[\w./-]+) -->\n```text\n)([\s\S]*?)(```\n)/g;

/** The header comment of a source file, without its stars. */
function headerOf(file: string): string {
  const source = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
  const comment = /^(?:#!.*\n)?\/\*\*\n([\s\S]*?)\n \*\//.exec(source);
  if (comment === null) throw new Error(`${file} has no header`);
  return `${comment[1]!.replace(/^ \* ?/gm, '')}\n`;
}

test('FORMATS.md quotes the headers of the files that parse the formats, as they are now', () => {
  const text = readFileSync(FORMATS, 'utf8');
  const quoted = [...text.matchAll(QUOTE)].map((match) => match[2]!);
  expect(quoted.length).toBeGreaterThan(8);
  const fresh = text.replace(QUOTE, (_all, open: string, file: string, _old, close: string) => {
    return `${open}${headerOf(file)}${close}`;
  });
  if (process.env['UPDATE_FORMATS'] === '1') writeFileSync(FORMATS, fresh);
  else expect(text).toBe(fresh);
});
