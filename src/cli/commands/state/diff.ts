/**
 * `visorfs state diff`: how the files of two states differ, those that are text line by line.
 */

import type { Command } from 'commander';
import { diffStates, type TreeDifference, type VisorFs } from '../../../node.ts';
import { describedComparison, differenceLine, summary } from '../../comparison.ts';
import { landingArgument } from '../../landing.ts';
import { ExitError, jsonLine, type Output } from '../../output.ts';
import { printable } from '../../printable.ts';
import { STATE, stateOf, treeOf } from '../../states.ts';
import { FOUND, orTrouble } from '../../trouble.ts';

/** A larger file is not shown line by line, in bytes. */
const TEXT_MAX_BYTES = 1 << 20;
/** Of two files that differ in more lines than these, it is only said that they do. */
const EDITS_MAX_COUNT = 2000;
const CONTEXT_LINES = 3;
const NO_FILE = '/dev/null';
const NO_END = '\\ No newline at end of file';

const HELP = `
Each is ${STATE}.
A device is the state in the bank that it boots; images are what the next backup
of them saves. Exit code: 0 the same, 1 different, 2 trouble, as diff has it.

Example:
  visorfs state diff host:altbootbank host
  visorfs state diff before-update.tgz host
  visorfs state diff host host,fix.v00`;

/** A difference, and the lines of it. */
type Shown = TreeDifference & {
  /** A unified diff; null where one side is no text, or too much of it differs. */
  readonly patch: string | null;
};

/** Adds `diff` to the noun `state`. */
export function addStateDiff(state: Command, out: Output): void {
  state
    .command('diff')
    .summary('how two states differ')
    .description(
      'Lists files that were added (+), removed (-) or changed (~): in mode, owner, size or ' +
        'content; with the lines that differ where they are text. Times alone are no difference.',
    )
    .addArgument(landingArgument('<older>', 'a state', { commas: true }))
    .addArgument(landingArgument('<newer>', 'a state', { commas: true }))
    .allowExcessArguments(false)
    .option('--stat', 'without the lines')
    .option('--json', 'as an object')
    .addHelpText('after', HELP)
    .action(async (older: string, newer: string, flags: { json?: true; stat?: true }) => {
      const shown = await orTrouble(() => compared(older, newer, flags.stat === true, out));
      if (flags.json) {
        const comparison = { isSame: shown.length === 0, versions: [], differences: shown };
        const { isSame, differences } = describedComparison(comparison);
        await out.write(jsonLine({ isSame, differences }));
      } else await out.write(textOf(shown));
      if (shown.length > 0) throw new ExitError(FOUND);
    });
}

async function compared(
  older: string,
  newer: string,
  isStat: boolean,
  out: Output,
): Promise<Shown[]> {
  const [was, is] = [await stateOf(older, out), await stateOf(newer, out)];
  const differences = diffStates(was, is);
  const [before, after] = [treeOf(was), treeOf(is)];
  const shown: Shown[] = [];
  for (const difference of differences) {
    out.signal.throwIfAborted();
    const patch = isStat ? null : await patchOf(difference, before, after);
    shown.push({ ...difference, patch });
  }
  return shown;
}

/** The lines in which the two sides of `difference` differ; null where that cannot be said. */
async function patchOf(
  { path, older, newer }: TreeDifference,
  before: VisorFs,
  after: VisorFs,
): Promise<string | null> {
  const [was, is] = [textIn(before, path, older), textIn(after, path, newer)];
  if (was === null || is === null || was === is) return null;
  // Loaded when there is something to show.
  const { structuredPatch } = await import('diff');
  const names = [older === null ? NO_FILE : `a${path}`, newer === null ? NO_FILE : `b${path}`];
  const options = { context: CONTEXT_LINES, maxEditLength: EDITS_MAX_COUNT };
  const patch = structuredPatch(names[0]!, names[1]!, was, is, '', '', options);
  if (patch === undefined) return null;
  const hunks = patch.hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
    `@@ -${rangeOf(oldStart, oldLines)} +${rangeOf(newStart, newLines)} @@`,
    ...lines,
  ]);
  return [`--- ${names[0]}`, `+++ ${names[1]}`, ...hunks].map((line) => `${line}\n`).join('');
}

/** As diff writes it: without a count of one, and of no lines the one ahead of them. */
function rangeOf(start: number, count: number): string {
  if (count === 1) return String(start);
  return count === 0 ? `${Math.max(0, start - 1)},0` : `${start},${count}`;
}

/** The text at `path`, nothing where nothing is there; null where it is no text, or too long. */
function textIn(vfs: VisorFs, path: string, side: TreeDifference['older']): string | null {
  if (side === null) return '';
  if (side.kind !== 'file' || side.size > TEXT_MAX_BYTES) return null;
  try {
    const bytes = vfs.fs.readFileSync(path);
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.includes('\0') ? null : text;
  } catch (error) {
    // A fatal decoder has no other way of saying no; a path that is no text leads nowhere.
    const { code } = error as { code?: string };
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA' || code === 'ENOENT') return null;
    throw error;
  }
}

function textOf(shown: readonly Shown[]): string {
  if (shown.length === 0) return '';
  const lines = shown.flatMap(({ patch, ...difference }) => {
    const told = patch === null ? [] : patch.trimEnd().split('\n').map(patchLine);
    return [differenceLine(difference), ...told];
  });
  return [...lines, '', summary(shown)].map((line) => `${line}\n`).join('');
}

/** Tabs stay, as they line up what is in a file. */
function patchLine(line: string): string {
  return line === NO_END ? line : line.split('\t').map(printable).join('\t');
}
