/**
 * `npm run bench`: what this engine costs, beside its rivals, in one run.
 *
 *   npm run bench                        under five minutes
 *   npm run bench -- --quick             under forty seconds, for a look
 *   npm run bench -- --only stat         one question; may be given again
 *   npm run bench -- --json FILE         the figures also in FILE
 *
 * Every question is asked of every rival in a process of its own, in turns (rounds.ts); on a
 * machine that is busy there are fewer turns, not more minutes. Figures are medians, and what
 * counts are the ratios: above 1, ours is faster or smaller. The figures of the last run are in
 * build/bench/results.json. A claim that falls short is said and changes no exit code.
 */

import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { spin } from './clock.ts';
import { memoryFolder } from './peers.ts';
import type { Question, Reading } from './question.ts';
import { QUESTIONS } from './questions.ts';
import { type Answers, type Asker, askAll, rowsOf } from './rounds.ts';
import { SCALES, type Scale } from './scale.ts';
import { openShelf } from './shelf.ts';
import { machineText, tableHead, tableOf, verdictsOf, verdictText } from './table.ts';

const run = promisify(execFile);
const CHILD = fileURLToPath(new URL('child.js', import.meta.url));
const RESULTS = fileURLToPath(new URL('results.json', import.meta.url));

interface Arguments {
  readonly scale: Scale;
  readonly questions: readonly Question[];
  readonly jsonFile: string | undefined;
}

function parsed(): Arguments {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      only: { type: 'string', multiple: true, default: [] },
    },
  });
  const known = QUESTIONS.map(({ name }) => name);
  const unknown = values.only.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new TypeError(`no question '${unknown}': ${known.join(' ')}`);
  const isAsked = ({ name, isLong = false }: Question): boolean =>
    values.only.length === 0 ? !(values.quick && isLong) : values.only.includes(name);
  const scale = values.quick ? SCALES.quick : SCALES.full;
  return { scale, questions: QUESTIONS.filter(isAsked), jsonFile: values.json };
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

async function measure({ scale, questions, jsonFile }: Arguments, folder: string): Promise<void> {
  const spins: number[] = [];
  const ask: Asker = async (question, peer) => {
    progress(`${question.name}: ${peer} …`);
    spins.push(spin());
    const args = ['--expose-gc', CHILD, question.name, peer, scale.name, folder];
    const { stdout } = await run(process.execPath, args, { maxBuffer: 1 << 26 });
    return JSON.parse(stdout) as Reading[];
  };
  progress('making archives …');
  const shelf = openShelf(folder, scale);
  for (const name of ['base.tar', 'base.tgz', 'many.tar'] as const) shelf.read(name);
  const rounds = await allRounds(scale, questions, ask);
  progress('');
  const rows = questions.map((question) => rowsOf(question, rounds.get(question)!));
  const verdicts = verdictsOf(rows.flat());
  const machine = machineText(spins);
  say(tableHead());
  questions.forEach((question, index) => {
    say(tableOf(question, rows[index]!));
  });
  say(['', ...verdicts.map(verdictText), machine].join('\n'));
  const report = { scale: scale.name, machine, verdicts, rows: rows.flat() };
  const results = `${JSON.stringify(report, null, 2)}\n`;
  fs.writeFileSync(RESULTS, results);
  if (jsonFile !== undefined) fs.writeFileSync(jsonFile, results);
}

/** Asks every question once, and again for as many rounds as there is time. */
async function allRounds(
  scale: Scale,
  questions: readonly Question[],
  ask: Asker,
): Promise<Map<Question, Answers[]>> {
  const start = performance.now();
  const rounds = new Map<Question, Answers[]>(questions.map((question) => [question, []]));
  const seconds = new Map<Question, number>();
  for (let round = 0; round < scale.rounds; round++) {
    for (const question of questions) {
      const spent = (performance.now() - start) / 1000;
      const fits = spent + (seconds.get(question) ?? 0) < scale.budgetSeconds;
      if (round > 0 && (question.isSteady || !fits)) continue;
      rounds.get(question)!.push(await askAll(question, round, ask));
      seconds.set(question, (performance.now() - start) / 1000 - spent);
    }
  }
  return rounds;
}

async function main(): Promise<void> {
  let asked: Arguments;
  try {
    asked = parsed();
  } catch (error) {
    process.stderr.write(`bench: ${(error as Error).message}\n`);
    process.exitCode = 2;
    return;
  }
  const folder = fs.mkdtempSync(path.join(memoryFolder(), 'visorfs-bench-'));
  const clear = (): void => fs.rmSync(folder, { recursive: true, force: true });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      clear();
      process.exit(130);
    });
  }
  try {
    await measure(asked, folder);
  } finally {
    clear();
  }
}

await main();
