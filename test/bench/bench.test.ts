/**
 * The bench measures what it says: each question asked of each rival, tiny trees, one turn.
 *
 * A question verifies what it measured and throws where that was not done, so that asking it is the
 * test; no figure is looked at, because no test depends on time. Who is not here (a rival that is
 * not installed, a tool that the machine lacks) says so, and is no failure.
 */

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import {
  contentBytes,
  FLAT_DIRECTORY,
  HUNDRED_DIRECTORY,
  manifestOf,
  tarOf,
} from '../../bench/archives.ts';
import { FloorFs } from '../../bench/peers/floor.ts';
import { ANCHORS, type Subject, subject } from '../../bench/peers.ts';
import { plotsOf } from '../../bench/plots.ts';
import { atLeast, atMost, limit, NotHere, type Question, within } from '../../bench/question.ts';
import { QUESTIONS } from '../../bench/questions.ts';
import { questionReport, reportOf } from '../../bench/report.ts';
import { type Answer, type Asker, askAll } from '../../bench/rounds.ts';
import { SCALES } from '../../bench/scale.ts';
import { openShelf } from '../../bench/shelf.ts';
import { markdownOf, peersOf, questionText } from '../../bench/table.ts';
import { checkFiles } from '../../bench/verify.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'visorfs-bench-test-'));
const shelf = openShelf(folder, SCALES.once);

afterAll(() => fs.rmSync(folder, { recursive: true }));

const ask: Asker = async (question, peer): Promise<Answer> => {
  try {
    return { readings: await question.ask(peer, SCALES.once, shelf) };
  } catch (error) {
    if (error instanceof NotHere) return { notHere: error.message };
    throw error;
  }
};

for (const question of QUESTIONS) {
  test(`the question ${question.name} is answered by all its peers, in figures`, async () => {
    const report = questionReport(question, [await askAll(question, 0, SCALES.once, ask)], 0);
    const answered = question.peers.filter((peer) => report.absent[peer] === undefined);
    for (const peer of ANCHORS.slice(1)) {
      if (question.peers.includes(peer)) expect(answered).toContain(peer);
    }
    const text = questionText(report);
    for (const { line, values } of report.rows) {
      expect(Object.values(values).every(Number.isFinite), line).toBe(true);
      expect(text).toContain(line);
    }
    for (const { target, value } of report.verdicts) {
      const isAsked = report.absent.visorfs === undefined;
      if (isAsked && isAskedAtThisScale(target.line)) expect(value, target.line).not.toBeNull();
    }
  });
}

/** Some lines say how many files they are about, and a tiny tree has fewer. */
function isAskedAtThisScale(line: string): boolean {
  return !/^mount an entry |, 100,000 files$/.test(line);
}

test('the images have the shape that they are said to have', () => {
  const base = manifestOf('base', SCALES.full);
  expect([base.files.length, base.directories.length]).toEqual([2560, 278]);
  expect(Math.abs(contentBytes(base) / 152e6 - 1)).toBeLessThan(0.05);
  const many = manifestOf('many', SCALES.full);
  expect([many.files.length, many.directories.length]).toEqual([50_000, 1204]);
  const below = (directory: string) =>
    many.files.filter(({ path }) => path.startsWith(`${directory}/`)).length;
  expect([below(HUNDRED_DIRECTORY), below(FLAT_DIRECTORY)]).toEqual([100, 10_000]);
  const names = (file: { path: string }): number => file.path.split('/').length - 1;
  const depths = new Set(manifestOf('deep', SCALES.once).files.map(names));
  expect([...depths].sort()).toEqual([16, 2]);
});

test('the parts of a stack hold together what one archive holds', () => {
  const whole = manifestOf('part-0-of-1', SCALES.once).files;
  const parts = [0, 1, 2].flatMap((part) => manifestOf(`part-${part}-of-3`, SCALES.once).files);
  expect(parts).toEqual(whole);
});

test('a rival with a wrong byte is caught, and so is one with a file too few', async () => {
  const manifest = manifestOf('base', SCALES.once);
  const floor = FloorFs.of(tarOf(manifest));
  const whole: Subject = subject(floor);
  await checkFiles(whole, manifest.files);
  const [first] = manifest.files;
  floor.appendFileSync(first!.path, new Uint8Array(1));
  await expect(checkFiles(whole, manifest.files)).rejects.toThrow('what was not done');
  floor.writeFileSync(first!.path, new Uint8Array(first!.size));
  await expect(checkFiles(whole, manifest.files)).rejects.toThrow('other bytes');
  floor.unlinkSync(first!.path);
  await expect(checkFiles(whole, manifest.files)).rejects.toThrow('ENOENT');
});

const QUESTION: Question = {
  name: 'made-up',
  chapter: 'Mount',
  claim: 'nothing is claimed',
  kind: 'steady',
  peers: ['visorfs', 'memfs', 'yarn'],
  targets: [
    atLeast(3, 'memfs', 'x'),
    atLeast(3.1, 'memfs', 'x'),
    atMost(0.3, 'memfs', 'x'),
    within(2, 'x', 'y'),
    within(1.9, 'x', 'y'),
    limit(100, 'ns', 'x'),
    limit(99, 'ns', 'x'),
    limit(1, 'ns', 'z'),
    atLeast(1, 'yarn', 'x'),
  ],
  ask: async () => [],
};

/** A machine that slows down tenfold from round to round; memfs takes thrice as long as ours. */
async function slowing(): Promise<ReturnType<typeof questionReport>> {
  let round = 0;
  const reading = (line: string, value: number) =>
    ({ line, unit: 'ns', value: value * 10 ** round, control: null }) as const;
  const slow: Asker = async (_question, peer) => {
    if (peer === 'yarn') return { notHere: 'not installed' };
    const times = peer === 'memfs' ? 3 : 1;
    return { readings: [reading('x', 10 * times), reading('y', 20 * times)] };
  };
  const rounds = [];
  for (; round < 3; round++) rounds.push(await askAll(QUESTION, round, SCALES.once, slow));
  return questionReport(QUESTION, rounds, 0);
}

test('a ratio is taken within a round, so a machine that slows down changes none', async () => {
  const { rows } = await slowing();
  expect(rows[0]!.values).toEqual({ visorfs: 100, memfs: 300 });
  expect(rows[0]!.ratios).toEqual({ memfs: 3 });
});

test('a target is reached, missed, or not measured, and each is said', async () => {
  const report = await slowing();
  const says = report.verdicts.map((verdict) => verdict.says);
  const missing = ['not here', 'not here'];
  expect(says).toEqual(['PASS', 'short', 'short', 'PASS', 'short', 'PASS', 'short', ...missing]);
  expect(questionText(report)).toContain('yarn is not here: not installed');
  const table = markdownOf(reportOf(SCALES.once, [1], [report]));
  expect(table).toContain('| x | 100 ns | 3.00 × faster than memfs | ≥ 3.1 × | **short** |');
  expect(table).toContain("| y | 200 ns | 2.00 × 'x' | ≤ 2 × | PASS |");
  const peers = peersOf(reportOf(SCALES.once, [1], [report]));
  expect(peers).toContain('| x | **100 ns** | 300 ns | | |');
});

test('who is no measure is asked twice if an anchor, else once', async () => {
  const { targets } = QUESTION;
  const asked = async (question: Question, round: number): Promise<readonly string[]> => [
    ...(await askAll(question, round, SCALES.once, async () => ({ readings: [] }))).keys(),
  ];
  expect(await asked(QUESTION, 1)).toEqual(['yarn', 'memfs', 'visorfs']);
  const without = { ...QUESTION, targets: targets.filter(({ of }) => of !== 'yarn') };
  expect(await asked(without, 0)).toEqual(['visorfs', 'memfs', 'yarn']);
  expect(await asked(without, 1)).toEqual(['memfs', 'visorfs']);
  expect(await asked({ ...without, targets: [] }, 4)).toEqual(['visorfs']);
});

test('the lock of the rivals names no registry', () => {
  const lock = new URL('../../bench/rivals/package-lock.json', import.meta.url);
  expect(fs.readFileSync(lock, 'utf8')).not.toContain('"resolved"');
});

test('the same figures draw the same plots, and what was not measured is not drawn', async () => {
  const drawn = ['entries', 'soak'];
  const named = QUESTIONS.filter(({ name }) => drawn.includes(name));
  const reports = [];
  for (const question of named) {
    const figures = await askAll(question, 0, SCALES.once, ask);
    reports.push(questionReport(question, [figures], 0));
  }
  const report = reportOf(SCALES.once, [1], reports);
  const plots = plotsOf(report);
  expect([...plots.keys()].sort()).toEqual(drawn);
  expect(plotsOf(report)).toEqual(plots);
  for (const svg of plots.values()) {
    expect(svg).toMatch(/^<svg [\s\S]*>visorfs<\/text>[\s\S]*<\/svg>\n$/);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  }
});
