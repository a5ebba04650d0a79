/**
 * The figures of the documents come of one run of the bench: what docs/benchmarks.md and
 * docs/peers.md say of the same line and machine is the same.
 */

import fs from 'node:fs';
import { expect, test } from 'vitest';

const ROW = /^\| ([^|*]+) \| \**([^|*]+)\** \| .*$/gm;
const MACHINE = /^\d+ × .* · node .*$/m;

const [benchmarks, peers] = ['benchmarks', 'peers'].map((name) => {
  return fs.readFileSync(new URL(`../../docs/${name}.md`, import.meta.url), 'utf8');
}) as [string, string];

/** What `page` says of this engine, by the lines of the bench. */
function figuresOf(page: string): Map<string, string> {
  return new Map([...page.matchAll(ROW)].map(([, line, figure]) => [line!, figure!]));
}

test('the figures beside the peers are those of the benchmarks', () => {
  expect(MACHINE.exec(peers)?.[0]).toBe(MACHINE.exec(benchmarks)?.[0]);
  const [aims, beside] = [figuresOf(benchmarks), figuresOf(peers)];
  const both = [...beside].filter(([line]) => aims.has(line));
  expect(both.length).toBeGreaterThan(40);
  for (const [line, figure] of both) expect(figure, line).toBe(aims.get(line));
});
