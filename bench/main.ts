/**
 * `npm run bench`: what this engine costs, beside its rivals and its floors, in one run.
 *
 * Every question is asked of every peer in a process of its own, in turns (rounds.ts); on a machine
 * that is busy there are fewer turns, not more minutes. Figures are medians, and what counts are
 * the ratios: above 1, ours is faster or smaller. The figures of the last full run are in
 * build/bench/results.json. A claim that falls short is said and changes no exit code.
 */

import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { spin } from './clock.ts';
import { unmountBelow } from './peers/kernel.ts';
import { hasRivals, projectFolder, rivalsFolder } from './peers/rivals.ts';
import { plotsOf } from './plots.ts';
import { NotHere, type Question } from './question.ts';
import { QUESTIONS } from './questions.ts';
import { questionReport, type Report, reportOf } from './report.ts';
import { type Answer, type Asker, allRounds } from './rounds.ts';
import { SCALES, type Scale } from './scale.ts';
import { openShelf, type Shelf } from './shelf.ts';
import { markdownOf, peersOf, questionText, tally } from './table.ts';

const run = promisify(execFile);
const CHILD = fileURLToPath(new URL('child.js', import.meta.url));
const RESULTS = fileURLToPath(new URL('results.json', import.meta.url));
const OUTPUT_BYTES = 1 << 26;

const HELP = `npm run bench                        everything, about a quarter of an hour
npm run bench -- --quick             under a minute, for a look
npm run bench -- --only stat         one question; may be given again
npm run bench -- --json FILE         the figures also in FILE
npm run bench -- --plot              draws bench/plots from the last full run
npm run bench -- --markdown          its verdicts as a table
npm run bench -- --peers             every figure that a rival has too as a table
npm run bench -- --plot --from FILE  from other figures

Questions: ${QUESTIONS.map(({ name }) => name).join(' ')}`;

interface Arguments {
  readonly scale: Scale;
  readonly questions: readonly Question[];
  /** Whether it is the run that is quoted: everything, at size. */
  readonly isWhole: boolean;
  readonly jsonFile: string | undefined;
  /** What to do with figures that are there, instead of measuring. */
  readonly plots: boolean;
  readonly markdown: boolean;
  readonly peers: boolean;
  readonly from: string;
  readonly help: boolean;
}

function parsed(): Arguments {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      only: { type: 'string', multiple: true, default: [] },
      plot: { type: 'boolean', default: false },
      markdown: { type: 'boolean', default: false },
      peers: { type: 'boolean', default: false },
      from: { type: 'string', default: RESULTS },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const { quick, only, json, plot, markdown, peers, from, help } = values;
  const known = QUESTIONS.map(({ name }) => name);
  const unknown = only.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new TypeError(`no question '${unknown}': ${known.join(' ')}`);
  const isAsked = ({ name, isLong = false }: Question): boolean =>
    only.length === 0 ? !(quick && isLong) : only.includes(name);
  const scale = quick ? SCALES.quick : SCALES.full;
  const questions = QUESTIONS.filter(isAsked);
  const isWhole = !quick && only.length === 0;
  return { scale, questions, isWhole, jsonFile: json, plots: plot, markdown, peers, from, help };
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

async function measure(
  { scale, questions, jsonFile, isWhole }: Arguments,
  folder: string,
): Promise<void> {
  const spins: number[] = [];
  const ask: Asker = async (question, peer) => {
    progress(`${question.name}: ${peer} …`);
    spins.push(spin());
    const args = ['--expose-gc', CHILD, question.name, peer, scale.name, folder];
    try {
      const { stdout } = await run(process.execPath, args, { maxBuffer: OUTPUT_BYTES });
      return JSON.parse(stdout) as Answer;
    } catch (error) {
      // The others go on: a run is too long to lose.
      process.exitCode = 1;
      const { stderr = '' } = error as { stderr?: string };
      const [why = String(error)] = /^\w*Error.*$/m.exec(stderr) ?? [];
      return { notHere: `failed: ${why}` };
    }
  };
  await stock(openShelf(folder, scale), questions);
  const asked = await allRounds(scale, questions, ask);
  progress('');
  const reports = asked.map(({ question, rounds, seconds }) =>
    questionReport(question, rounds, seconds),
  );
  const report = reportOf(scale, spins, reports);
  for (const one of reports) say(questionText(one));
  say(`${tally(reports.flatMap(({ verdicts }) => verdicts))} · ${report.machine}`);
  const results = `${JSON.stringify(report, null, 2)}\n`;
  if (isWhole) fs.writeFileSync(RESULTS, results);
  if (jsonFile !== undefined) fs.writeFileSync(jsonFile, results);
}

/** Makes every archive that will be read, so that nobody who is timed makes one. */
async function stock(shelf: Shelf, questions: readonly Question[]): Promise<void> {
  for (const name of new Set(questions.flatMap(({ archives = [] }) => archives))) {
    progress(`making ${name} …`);
    try {
      await shelf.file(name);
    } catch (error) {
      // Whoever needs it will say so too.
      if (!(error instanceof NotHere)) throw error;
    }
  }
}

/** Installs the rivals where they are missing; without them the bench goes on with the others. */
async function installRivals(): Promise<void> {
  if (hasRivals()) return;
  progress('installing rivals …');
  // What npm run has put there is the configuration of this package, not of that one.
  const own = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name));
  const options = { cwd: rivalsFolder(), env: Object.fromEntries(own) };
  try {
    await run('npm', ['ci'], options);
  } catch (error) {
    process.stderr.write(`bench: rivals are not here: ${(error as Error).message}\n`);
  }
}

/** Prints and draws figures that are there. */
function show({ from, plots, markdown, peers }: Arguments): void {
  const report = JSON.parse(fs.readFileSync(from, 'utf8')) as Report;
  if (markdown) say(markdownOf(report));
  if (peers) say(peersOf(report));
  if (!plots) return;
  const folder = path.join(projectFolder(), 'bench', 'plots');
  fs.mkdirSync(folder, { recursive: true });
  for (const [name, svg] of plotsOf(report)) {
    fs.writeFileSync(path.join(folder, `${name}.svg`), svg);
    say(`bench/plots/${name}.svg`);
  }
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
  if (asked.help) {
    say(HELP);
    return;
  }
  if (asked.plots || asked.markdown || asked.peers) {
    show(asked);
    return;
  }
  await installRivals();
  const memory = fs.existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir();
  const folder = fs.mkdtempSync(path.join(memory, 'visorfs-bench-'));
  const clear = (): void => {
    unmountBelow(folder);
    fs.rmSync(folder, { recursive: true, force: true });
  };
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
