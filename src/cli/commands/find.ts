/**
 * `visorfs find`: the paths of the images that have a name, a type, a size or a text, in find's
 * words.
 */

import type { Command } from 'commander';
import { minimatch } from 'minimatch';
import { contains, neededBytes } from '../contains.ts';
import { described, type Entry, type EntryType, entriesBelow, entryAt } from '../entries.ts';
import { checkPath, openStack, splitPath } from '../images.ts';
import { landingArgument } from '../landing.ts';
import { jsonLine, type Output, UsageError } from '../output.ts';
import { printable } from '../printable.ts';
import { IMAGE, PATH_HELP, PATH_OPTION } from '../words.ts';

const TYPES: Readonly<Record<string, EntryType>> = {
  f: 'file',
  d: 'directory',
  l: 'link',
  b: 'block device',
  c: 'character device',
  p: 'fifo',
  s: 'socket',
};

const UNITS: Readonly<Record<string, number>> = { c: 1, k: 1 << 10, M: 1 << 20, G: 1 << 30 };

const HELP = `
A size is +n for more than n, -n for less, n for as much; in bytes (c, or no
letter), k, M or G. It is compared in bytes: nothing is rounded.
A text is searched as it is written, in UTF-8, in files of any kind. Exit code 0
also where there is no such path, as find has it.
${PATH_HELP}
Examples:
  visorfs find images/bank /etc --type f --name '*.conf' --size +1k
  visorfs find images/bank --contains /adv/Misc/HostName`;

interface Options {
  readonly name?: string;
  readonly type?: string;
  readonly size?: string;
  readonly contains?: string;
  readonly path?: string;
  readonly json?: true;
}

type Test = (entry: Entry) => boolean;

/** Adds `find` to `program`. */
export function addFind(program: Command, out: Output): void {
  program
    .command('find')
    .summary('find paths by name, type, size and content')
    .description('Lists all paths at and below one of the images that pass every test.')
    .usage('[options] <image>... [path]')
    .addArgument(landingArgument('<image...>', IMAGE))
    .option('-n, --name <pattern>', 'whose last name is as the pattern (*, ?, [abc])')
    .option('-t, --type <letter>', 'that are: f file, d directory, l link, b, c, p, s')
    .option('-s, --size <size>', 'files of this size')
    .option('-c, --contains <text>', 'files that hold this text')
    .option('-p, --path <path>', PATH_OPTION)
    .option('--json', 'as a list of objects')
    .addHelpText('after', HELP)
    .action(async (given: string[], options: Options) => {
      const tests = testsOf(options);
      const needle = options.contains === undefined ? null : neededBytes(options.contains);
      const request = await splitPath(given, out, options.path);
      const { vfs, close } = await openStack(request.images, out);
      try {
        checkPath(vfs, request);
        const found: Entry[] = [];
        for (const entry of entriesBelow(vfs, entryAt(vfs, request.path))) {
          if (!tests.every((passes) => passes(entry))) continue;
          if (needle === null || (await contains(vfs, entry, needle, out))) found.push(entry);
        }
        const lines = found.map(({ path }) => `${printable(path)}\n`).join('');
        await out.write(options.json ? jsonLine(found.map(described)) : lines);
      } finally {
        close();
      }
    });
}

/** The tests that `options` name. Throws UsageError for what is none. */
function testsOf({ name, type, size }: Options): Test[] {
  const tests: Test[] = [];
  if (name !== undefined) {
    const options = { dot: true, nobrace: true, noext: true, nocomment: true, nonegate: true };
    tests.push((entry) => minimatch(entry.name, name, options));
  }
  if (type !== undefined) {
    const wanted = TYPES[type];
    if (wanted === undefined) throw new UsageError(`'${type}' is no type: f, d, l, b, c, p, s`);
    tests.push((entry) => entry.type === wanted);
  }
  if (size !== undefined) tests.push(sizeTest(size));
  return tests;
}

function sizeTest(size: string): Test {
  const match = /^([+-]?)(\d{1,15})([ckMG]?)$/.exec(size);
  if (match === null) throw new UsageError(`'${size}' is no size: +10k, -1M, 4096`);
  const [, sign, digits, unit = ''] = match;
  const wanted = Number(digits) * (UNITS[unit] ?? 1);
  return ({ type, attributes }) => {
    if (type !== 'file') return false;
    if (sign === '+') return attributes.size > wanted;
    return sign === '-' ? attributes.size < wanted : attributes.size === wanted;
  };
}
