/**
 * `npm run bench`: what this engine costs, beside its rivals, in one run.
 *
 *   npm run bench                        under five minutes
 *   npm run bench -- --quick             under forty seconds, for a look
 *   npm run bench -- --only stat         one question; may be given again
 *   npm run bench -- --json FILE         the figures also in FILE
 *
 * Every question is asked of every rival in a process of its own, in turns (rounds.ts). Figures are
 * medians, and what counts are the ratios: above 1, ours is faster or smaller. The figures of the last
 * run are in build/bench/results.json. A claim that falls short is said and changes no exit code.
 */

import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { spin } from './clock.ts';
import { memoryFolder } from './peers.ts';
import type { Question, Reading } from './question.ts';
import { QUESTIONS } from './questions.ts';
import { type Asker, type Row, rowsOf } from './rounds.ts';
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
  const isAsked = ({ name }: Question): boolean =>
    values.only.length === 0 || values.only.includes(name);
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
    progress('');
    return JSON.parse(stdout) as Reading[];
  };
  progress('making archives …');
  const shelf = openShelf(folder, scale);
  for (const name of ['base.tar', 'base.tgz', 'many.tar'] as const) shelf.read(name);
  progress('');
  say(tableHead());
  const rows: Row[] = [];
  for (const question of questions) {
    const found = await rowsOf(question, scale, ask);
    rows.push(...found);
    say(tableOf(question, found));
  }
  const verdicts = verdictsOf(rows);
  const machine = machineText(spins);
  say(['', ...verdicts.map(verdictText), machine].join('\n'));
  const results = `${JSON.stringify({ scale: scale.name, machine, verdicts, rows }, null, 2)}\n`;
  fs.writeFileSync(RESULTS, results);
  if (jsonFile !== undefined) fs.writeFileSync(jsonFile, results);
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
  process.once('SIGINT', () => {
    clear();
    process.exit(130);
  });
  try {
    await measure(asked, folder);
  } finally {
    clear();
  }
}

await main();
