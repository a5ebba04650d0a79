/**
 * What Tab makes of a line: the first word of a command becomes a command, any other a path of the
 * tree, from the root or from where the shell stands.
 *
 * Blanks and other letters that a shell reads for itself are written with a backslash, or as they
 * are where the word began with a quote. A directory ends with /, a whole name with a blank.
 */

import type { Shell } from './open-shell.ts';

/** Builtins of the interpreter, which has no list of them. */
const BUILTINS =
  'alias break cd continue declare eval exec exit export local read return set shift';
const MORE_BUILTINS = 'shopt source test trap type unalias unset';
const SPECIAL = /[\s"'\\$`&|;<>()*?[\]{}#!~]/g;

/** The word that is being typed. */
interface Word {
  /** As it is typed. */
  readonly typed: string;
  /** What it means. */
  readonly means: string;
  readonly quote: string;
  readonly isFirst: boolean;
}

/** The completions of `line`, and the part of it that they take the place of, for readline. */
export function completionsOf(line: string, shell: Shell): [string[], string] {
  const word = lastWord(line);
  const isCommand = word.isFirst && !word.means.includes('/');
  const hits = isCommand ? commands(word, shell) : paths(word, shell);
  return [hits, word.typed];
}

function commands({ typed, means }: Word, { commands: names, session }: Shell): string[] {
  const builtins = `${BUILTINS} ${MORE_BUILTINS}`.split(' ');
  const all = new Set([...names, ...builtins, ...session.aliases]);
  return typed === ''
    ? []
    : [...all]
        .filter((name) => name.startsWith(means))
        .sort()
        .map((name) => `${name} `);
}

function paths({ means, quote }: Word, { live: { vfs }, session }: Shell): string[] {
  const slash = means.lastIndexOf('/');
  const folder = means.slice(0, slash + 1);
  const start = means.slice(slash + 1);
  const place = folder.startsWith('/') ? folder : `${session.cwd}/${folder}`;
  if (vfs.fs.statSync(place, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  return vfs.fs
    .readdirSync(place)
    .filter((name) => name.startsWith(start) && (start !== '' || !name.startsWith('.')))
    .sort()
    .map((name) => {
      const stats = vfs.fs.statSync(`${place}/${name}`, { throwIfNoEntry: false });
      const end = stats?.isDirectory() ? '/' : `${quote} `;
      return `${written(`${folder}${name}`, quote)}${end}`;
    });
}

/** `path` as a shell reads it back, after `quote`. */
function written(path: string, quote: string): string {
  if (quote === "'") return `'${path.replaceAll("'", `'\\''`)}`;
  if (quote === '"') return `"${path.replace(/["\\$`]/g, '\\$&')}`;
  return path.replace(SPECIAL, '\\$&');
}

/** The word at the end of `line`, as a shell splits it. */
function lastWord(line: string): Word {
  let start = 0;
  let means = '';
  let quote = '';
  let opened = '';
  let isFirst = true;
  let isWord = false;
  for (let at = 0; at < line.length; at++) {
    const letter = line[at]!;
    if (quote === '' && /[\s|;&<>()]/.test(letter)) {
      if (/[|;&(]/.test(letter)) isFirst = true;
      else if (isWord || /[<>]/.test(letter)) isFirst = false;
      [start, means, opened, isWord] = [at + 1, '', '', false];
      continue;
    }
    isWord = true;
    if (letter === '\\' && quote !== "'" && at + 1 < line.length) {
      at += 1;
      means += line[at]!;
    } else if (quote === '' && (letter === '"' || letter === "'")) {
      quote = letter;
      if (means === '') opened = letter;
    } else if (letter === quote) quote = '';
    else means += letter;
  }
  return { typed: line.slice(start), means, quote: quote === '' ? '' : opened, isFirst };
}
