/**
 * The bench measures what it says: each question asked of each rival, tiny trees, one turn.
 *
 * A question verifies what it measured and throws where that was not done, so that asking it is the
 * test; no figure is looked at, because no test depends on time.
 */

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import {
  baseManifest,
  contentBytes,
  FLAT_DIRECTORY,
  HUNDRED_DIRECTORY,
  manyManifest,
} from '../../bench/archives.ts';
import { FloorFs } from '../../bench/floor.ts';
import type { Subject } from '../../bench/peers.ts';
import type { Question } from '../../bench/question.ts';
import { QUESTIONS } from '../../bench/questions.ts';
import { type Asker, askAll, rowsOf } from '../../bench/rounds.ts';
import { SCALES } from '../../bench/scale.ts';
import { openShelf } from '../../bench/shelf.ts';
import { tableOf, verdictsOf, verdictText } from '../../bench/table.ts';
import { checkFiles } from '../../bench/verify.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'visorfs-bench-test-'));
const shelf = openShelf(folder, SCALES.once);

afterAll(() => fs.rmSync(folder, { recursive: true }));

for (const question of QUESTIONS) {
  test(`the question ${question.name} is answered by all its peers, in figures`, async () => {
    const answers = await askAll(question, 0, (asked, peer) => asked.ask(peer, SCALES.once, shelf));
    const rows = rowsOf(question, [answers]);
    expect(rows.length).toBeGreaterThan(0);
    for (const { line, values } of rows) {
      expect(values.visorfs, line).not.toBeNull();
      // memfs has no archive that it could leave on a disk.
      if (!line.includes('from disk')) expect(values.memfs, line).not.toBeNull();
      expect(tableOf(question, rows)).toContain(line);
    }
  });
}

test('the images have the shape that they are said to have', () => {
  const { directories, files } = baseManifest(SCALES.full);
  expect([files.length, directories.length]).toEqual([2000, 222]);
  expect(Math.abs(contentBytes({ directories, files }) / 2000 / (20 << 10) - 1)).toBeLessThan(0.1);
  const many = manyManifest(SCALES.full);
  expect([many.files.length, many.directories.length]).toEqual([50_001, 1204]);
  const below = (directory: string) =>
    many.files.filter(({ path }) => path.startsWith(`${directory}/`)).length;
  expect([below(HUNDRED_DIRECTORY), below(FLAT_DIRECTORY)]).toEqual([100, 10_000]);
});

test('a rival with a wrong byte is caught, and so is one with a file too few', () => {
  const tar = shelf.read('base.tar').slice();
  const whole: Subject = { fs: FloorFs.of(tar), root: '', close: () => {} };
  checkFiles(whole, shelf.base.files);
  const [first] = shelf.base.files;
  whole.fs.appendFileSync(first!.path, new Uint8Array(1));
  expect(() => checkFiles(whole, shelf.base.files)).toThrow('what was not done');
  whole.fs.writeFileSync(first!.path, new Uint8Array(first!.size));
  expect(() => checkFiles(whole, shelf.base.files)).toThrow('other bytes');
  whole.fs.unlinkSync(first!.path);
  expect(() => checkFiles(whole, shelf.base.files)).toThrow('ENOENT');
});

test('a ratio is taken within a round, so a machine that slows down changes none', async () => {
  const question = { ...QUESTIONS[0]!, peers: ['visorfs', 'memfs'] } satisfies Question;
  let asked = 0;
  const ask: Asker = async (_question, peer) => {
    const slowdown = 10 ** Math.floor(asked++ / 2);
    const value = (peer === 'memfs' ? 30 : 10) * slowdown;
    return [{ line: 'x', unit: 'ns', value, control: null }];
  };
  const rounds = [
    await askAll(question, 0, ask),
    await askAll(question, 1, ask),
    await askAll(question, 2, ask),
  ];
  const [row] = rowsOf(question, rounds);
  expect(row!.values.visorfs).toBe(100);
  expect(row!.ratios.memfs).toBe(3);
});

test('a claim that falls short is said', () => {
  const row = (line: string, value: number) => ({
    question: 'memory-base',
    line,
    unit: 'bytes' as const,
    rounds: 1,
    values: { visorfs: value, memfs: 2000, kernel: null, floor: null },
    ratios: { memfs: 2000 / value, kernel: null, floor: null },
    control: null,
  });
  const line = 'mounted file, 2,000: all told, from disk';
  const said = (value: number) => verdictsOf([row(line, value)]).map(verdictText);
  expect(said(149)[0]).toMatch(/^PASS .*149 all told/);
  expect(said(151)[0]).toMatch(/^short .*151 all told/);
});
