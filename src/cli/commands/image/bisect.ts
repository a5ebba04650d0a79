/**
 * `visorfs image bisect`: runs a command over a series of images to find the first bad one.
 *
 * The command's exit code is its verdict, as `git bisect run` has it: 0 good, 125 skip, any other
 * up to 127 bad; above, or killed, ends the search. What it prints goes to stderr, as stdout is
 * the answer's.
 */

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { Bisection, type Verdict } from '../../bisection.ts';
import {
  type Comparison,
  compareStacks,
  comparisonText,
  describedComparison,
} from '../../comparison.ts';
import { isAddress } from '../../devices.ts';
import { counted } from '../../figures.ts';
import { landingArgument } from '../../landing.ts';
import { CommandError, jsonLine, type Output, UsageError } from '../../output.ts';
import { printable } from '../../printable.ts';

const SKIP = 125;
const BAD_MAX = 127;
const PLACE = '{}';
const VARIABLE = 'VISORFS_IMAGE';
const BOOT_CFG = 'boot.cfg';
/** What ends our options, and starts the user's command. */
const END = '--';

const HELP = `
The command stands behind --. {} in it becomes the path of the image, which is
also in the environment as ${VARIABLE}. Exit code 0 means good, 125 cannot be
tested, 1 to 127 bad; anything else ends the search.

Example:
  visorfs image bisect builds/ -- sh -c 'visorfs cat "{}" /etc/motd | grep ok'`;

const SERIES =
  'the series, oldest first, each any image but stdin; or a folder of them, sorted by name';

interface Options {
  readonly good?: string;
  readonly bad?: string;
  readonly json?: true;
}

/** One test, as it is told. */
interface Step {
  readonly image: string;
  readonly verdict: Verdict;
  readonly exitCode: number;
}

/** Adds `bisect` to the noun `image` of `program`. */
export function addBisect(image: Command, program: Command, out: Output): void {
  image
    .command('bisect')
    .summary('the first bad one of a series of images')
    .description(
      'Finds the first bad one of a series of images by running a test command on some of them, ' +
        'and says how it differs from the last good one.',
    )
    .usage('[options] <image...> -- <command...>')
    .addArgument(landingArgument('<image...>', SERIES, { stdin: 'refused', untilDashes: true }))
    .option('--good <image>', 'one that is known to be good (default: the first, tested)')
    .option('--bad <image>', 'one that is known to be bad (default: the last, tested)')
    .option('--json', 'as an object')
    .addHelpText('after', HELP)
    .action(async (words: string[], { good, bad, json }: Options) => {
      const test = testIn(program, words);
      const files = seriesOf(words.slice(0, words.length - test.length));
      const series = files.map((file) => out.nameOf?.(file) ?? file);
      const goodIndex = good === undefined ? 0 : indexOf(series, good);
      const badIndex = bad === undefined ? series.length - 1 : indexOf(series, bad);
      if (goodIndex >= badIndex) {
        const order = `'${series[goodIndex]}' does not come before '${series[badIndex]}'`;
        throw new UsageError(`the good image comes before the bad one: ${order}`);
      }
      const steps: Step[] = [];
      const asked = async (index: number, why: string): Promise<Verdict> => {
        if (!json) await out.write(`testing ${printable(series[index]!)} (${why})\n`);
        const step: Step = {
          ...(await tested(test, files[index]!, out)),
          image: series[index]!,
        };
        steps.push(step);
        if (!json) await out.write(`  ${step.verdict} (exit code ${step.exitCode})\n`);
        return step.verdict;
      };
      // Between two ends that are not what they are taken for, any answer would be made up.
      if (good === undefined) checkEnd('good', series[0]!, await asked(0, 'the first'));
      if (bad === undefined) checkEnd('bad', series[badIndex]!, await asked(badIndex, 'the last'));
      const bisection = new Bisection(goodIndex, badIndex);
      for (let next = bisection.next(); next !== null; next = bisection.next()) {
        const left = counted(bisection.stepsLeft, 'step');
        bisection.tell(next, await asked(next, `${left} to go`));
      }
      await report(bisection, files, series, steps, json === true, out);
    });
}

/** Throws CommandError where `image`, an end that nobody vouched for, is not `want`. */
function checkEnd(want: 'good' | 'bad', image: string, verdict: Verdict): void {
  if (verdict === want) return;
  const is = verdict === 'skip' ? 'cannot be tested' : `is ${verdict}`;
  const end = want === 'good' ? 'the first' : 'the last';
  throw new CommandError(
    `'${image}', ${end} of the series, ${is}: name one that is known to be ${want} with --${want}`,
  );
}

async function report(
  bisection: Bisection,
  files: readonly string[],
  series: readonly string[],
  steps: readonly Step[],
  json: boolean,
  out: Output,
): Promise<void> {
  const suspects = bisection.suspects().map((index) => series[index]!);
  const lastGood = series[bisection.goodIndex]!;
  const isFound = suspects.length === 1;
  const firstBad = isFound ? suspects[0]! : null;
  const difference = isFound
    ? await differenceOf(files[bisection.goodIndex]!, files[bisection.suspects()[0]!]!, out)
    : null;
  if (json) {
    const isTold = difference === null || typeof difference === 'string';
    const diff = isTold ? difference : describedComparison(difference);
    await out.write(jsonLine({ firstBad, lastGood, suspects, steps, diff }));
  }
  if (firstBad === null || difference === null) {
    throw new CommandError(
      `the first bad image is one of ${suspects.join(', ')}: the others could not be tested`,
    );
  }
  if (json) return;
  await out.write(`\nfirst bad  ${printable(firstBad)}\nlast good  ${printable(lastGood)}\n\n`);
  const told = typeof difference === 'string' ? `${difference}\n` : comparisonText(difference);
  await out.write(told === '' ? 'no file differs between the two\n' : told);
}

/** How `bad` differs from `good`; where one of them cannot be opened, why: that may be the bug. */
async function differenceOf(good: string, bad: string, out: Output): Promise<Comparison | string> {
  try {
    return await compareStacks([good], [bad], out);
  } catch (error) {
    if (out.signal.aborted || !(error instanceof Error)) throw error;
    return `they cannot be compared: ${printable(error.message)}`;
  }
}

/** The words behind `--`, all of which are the last of `words`. Throws UsageError for none. */
function testIn(program: Command, words: readonly string[]): string[] {
  // Commander takes the `--` out of its arguments, but not out of what it was given.
  const { rawArgs } = program as unknown as { readonly rawArgs: readonly string[] };
  const end = rawArgs.indexOf(END);
  const count = end < 0 ? 0 : rawArgs.length - end - 1;
  if (count > 0 && count < words.length) return words.slice(words.length - count);
  throw new UsageError(
    count === 0
      ? 'the test command stands behind --; see visorfs image bisect --help'
      : 'no image stands before --; see visorfs image bisect --help',
  );
}

/** The series that `given` names. Throws UsageError for fewer than two. */
function seriesOf(given: readonly string[]): string[] {
  const [only] = given;
  const series = given.length === 1 && isFolderOfImages(only!) ? imagesIn(only!) : [...given];
  for (const name of series) {
    if (!isAddress(name) && !fs.existsSync(name))
      throw new CommandError(`there is no image '${name}'`);
  }
  if (series.length < 2) throw new UsageError('a series has two images or more');
  return series;
}

function isFolderOfImages(name: string): boolean {
  const isFolder = fs.statSync(name, { throwIfNoEntry: false })?.isDirectory() === true;
  return isFolder && !fs.existsSync(path.join(name, BOOT_CFG));
}

/** What lies in `folder`, hidden files apart, sorted by name: build-9 before build-10. */
function imagesIn(folder: string): string[] {
  const names = fs.readdirSync(folder).filter((name) => !name.startsWith('.'));
  const { compare } = new Intl.Collator('en', { numeric: true });
  return names.sort(compare).map((name) => path.join(folder, name));
}

/** Which of `series` `name` is: by its path, or the last name of it. Throws UsageError. */
function indexOf(series: readonly string[], name: string): number {
  const isMeant = (image: string): boolean =>
    path.resolve(image) === path.resolve(name) || path.basename(image) === name;
  const index = series.findIndex(isMeant);
  if (index < 0) throw new UsageError(`'${name}' is none of the series`);
  return index;
}

/** Runs `test` on `image`. Throws CommandError where it cannot be run, or is no test. */
async function tested(test: readonly string[], image: string, out: Output): Promise<Step> {
  const [program, ...words] = test.map((word) => word.replaceAll(PLACE, image));
  const exitCode = await new Promise<number>((resolve, reject) => {
    const child = spawn(program!, words, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, [VARIABLE]: image },
    });
    const stop = (): void => {
      child.kill();
    };
    out.signal.addEventListener('abort', stop);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => out.complain(text));
    }
    child.on('error', ({ message }) => {
      reject(new CommandError(`the test '${program}' cannot be run: ${message}`));
    });
    child.on('close', (code, signal) => {
      out.signal.removeEventListener('abort', stop);
      if (code !== null && code <= BAD_MAX) resolve(code);
      const how = code === null ? `killed by ${signal}` : `exit code ${code}`;
      reject(new CommandError(`the test ended with '${image}': ${how}`));
    });
  });
  out.signal.throwIfAborted();
  return { image, exitCode, verdict: verdictOf(exitCode) };
}

function verdictOf(exitCode: number): Verdict {
  if (exitCode === 0) return 'good';
  return exitCode === SKIP ? 'skip' : 'bad';
}
