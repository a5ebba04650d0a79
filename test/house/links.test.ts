/**
 * Attacks the links of the documents: what one leads to is there, down to the heading.
 */

import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The documents, as paths from the top level. */
const DOCUMENTS = [ROOT, path.join(ROOT, 'docs')]
  .flatMap((folder) => fs.readdirSync(folder).map((name) => path.join(folder, name)))
  .filter((file) => file.endsWith('.md'))
  .map((file) => path.relative(ROOT, file));

/** What leads to the headings of a document: their words in small letters, joined by hyphens. */
function anchorsOf(text: string): string[] {
  const prose = text.replace(/^```[\s\S]*?^```$/gm, '');
  return [...prose.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  );
}

test.each(DOCUMENTS)('every link of %s leads somewhere', (document) => {
  const text = fs.readFileSync(path.join(ROOT, document), 'utf8');
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!);
  const lost = links
    .filter((link) => !/^[a-z]+:/.test(link))
    .filter((link) => {
      const [place, anchor] = link.split('#') as [string, string?];
      const file = place === '' ? document : path.join(path.dirname(document), place);
      const absolute = path.join(ROOT, file);
      if (!fs.existsSync(absolute)) return true;
      return anchor !== undefined && !anchorsOf(fs.readFileSync(absolute, 'utf8')).includes(anchor);
    });
  expect(lost).toEqual([]);
});
