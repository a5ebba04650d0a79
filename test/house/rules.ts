/**
 * The rules of the house, each a function from a file to what it does against them.
 *
 * A floor imports from floors below it and from its own room; rooms on one floor do not see each
 * other. The front doors are what programs import. The command line is such a program, and so is
 * each door for a program that wants a shape of its own.
 */

/** A file of the project: its path from the root, and what it says. */
export interface HouseFile {
  readonly path: string;
  readonly source: string;
}

export type Rule = (file: HouseFile) => string[];

/** Rooms, and single files, by the floor they are on. */
export const FLOORS: Readonly<Record<string, number>> = {
  base: 0,
  format: 1,
  codec: 1,
  store: 1,
  net: 1,
  layer: 2,
  disk: 2,
  vfs: 3,
  nodefs: 4,
  report: 4,
  software: 4,
  state: 4,
  lint: 5,
  'visorfs.ts': 5,
  host: 6,
  lifecycle: 7,
  node: 7,
  portable: 7,
  'index.ts': 8,
  'node.ts': 8,
  doors: 9,
  explorer: 9,
  cli: 10,
};

const FRONT_DOORS = ['src/index.ts', 'src/node.ts', 'src/doors/just-bash.ts'];
const ROOMS_OUTSIDE = ['cli', 'doors', 'explorer'];
const LINE_MAX_CHARACTERS = 100;
const FILE_MAX_LINES = 400;

/**
 * The room of a file in src, or the file itself where it stands in the hall; null for any other.
 */
export function roomOf(path: string): string | null {
  const [top, room] = path.split('/');
  return top === 'src' && room !== undefined ? room : null;
}

interface Import {
  readonly line: number;
  /** A path from the root, or the name of a package. */
  readonly target: string;
}

function normalized(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}

const lineAt = (source: string, index: number): number => source.slice(0, index).split('\n').length;

/** What `file` imports or exports again, types too. */
export function importsOf({ path, source }: HouseFile): Import[] {
  const imports: Import[] = [];
  const folder = path.slice(0, path.lastIndexOf('/'));
  const code = withoutComments(source);
  for (const match of code.matchAll(/\b(?:from|import)\s*\(?\s*'([^'\n]+)'/g)) {
    const said = match[1]!;
    const target = said.startsWith('.') ? normalized(`${folder}/${said}`) : said;
    imports.push({ line: lineAt(code, match.index), target });
  }
  return imports;
}

const blank = (part: string): string => part.replace(/[^\n]/g, ' ');
const PARTS = /'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`|\/\*[\s\S]*?\*\/|\/\/.*/g;

/** `source` with blanks for its comments and templates, so that lines stay where they are. */
function withoutComments(source: string): string {
  return source.replace(PARTS, (part) => (part.startsWith("'") ? part : blank(part)));
}

/** `source` with blanks for its comments and for what it says in quotes. */
function codeOf(source: string): string {
  return source.replace(PARTS, blank);
}

/** The lines of `file` that `pattern` finds, each with `say`. */
function lines({ source }: HouseFile, pattern: RegExp, say: string): string[] {
  return source
    .split('\n')
    .flatMap((line, index) => (pattern.test(line) ? [`${index + 1}: ${say}`] : []));
}

const isSource = ({ path }: HouseFile): boolean => path.startsWith('src/');

/** Whether `file` may speak to Node: the room and the door made for it, and the command line. */
function isOfNode({ path }: HouseFile): boolean {
  return path.startsWith('src/node/') || path === 'src/node.ts' || path.startsWith('src/cli/');
}

function floorsOf(file: HouseFile): string[] {
  return importsOf(file).flatMap(({ line, target }) => {
    const [from, to] = [roomOf(file.path), roomOf(target)];
    if (from === null || to === null || from === to) return [];
    const [floor, below] = [FLOORS[from], FLOORS[to]];
    if (floor === undefined || below === undefined) return [`${line}: ${from} or ${to} is no room`];
    return below < floor ? [] : [`${line}: ${from} (${floor}) may not import ${to} (${below})`];
  });
}

function throughDoors(file: HouseFile): string[] {
  const room = roomOf(file.path);
  if (room === null || !ROOMS_OUTSIDE.includes(room)) return [];
  return importsOf(file).flatMap(({ line, target }) => {
    const isOwn = [null, room].includes(roomOf(target)) || FRONT_DOORS.includes(target);
    return isOwn ? [] : [`${line}: ${target} is not a front door`];
  });
}

function platformOf(file: HouseFile): string[] {
  if (!isSource(file) || isOfNode(file)) return [];
  const ofNode = importsOf(file).filter(({ target }) => target.startsWith('node:'));
  // For any runtime there is the clock that every runtime has, and nothing else.
  const clock = file.path === 'src/portable/tree.ts' ? '  clock: Date.now,' : null;
  const code = codeOf(file.source).split('\n');
  const source = code.map((line) => (line === clock ? '' : line)).join('\n');
  // Not the type Buffer: it is tar-stream's word, and gone when the code runs.
  const pattern = /\bDate\.now|\bMath\.random|\bprocess\.|\bBuffer\.|instanceof Buffer/;
  return [
    ...ofNode.map(({ line, target }) => `${line}: imports ${target}`),
    ...lines({ path: file.path, source }, pattern, 'speaks to the platform'),
  ];
}

function hasHeader({ path, source }: HouseFile): string[] {
  const isConfig = path.endsWith('.config.ts');
  return isConfig || /^(#!.*\n|\/\/\/ .*\n)?(\/\*\*\n|\/\/ )/.test(source) ? [] : ['1: no header'];
}

function silentCatches(file: HouseFile): string[] {
  if (!isSource(file)) return [];
  const { source } = file;
  return [...source.matchAll(/catch \{(?!\s*\/\/)/g)].map(
    ({ index }) => `${lineAt(source, index)}: swallows an error without a word`,
  );
}

function exportsOf(file: HouseFile): string[] {
  if (file.path.endsWith('.config.ts')) return [];
  return lines(file, /^export (default\b|\* from)/, 'exports a default or a star');
}

/** Every rule by the sentence that is true of a file that keeps it. */
export const RULES: Readonly<Record<string, Rule>> = {
  'imports go down, or stay in the room': floorsOf,
  'the command line and the other doors come in by the front doors': throughDoors,
  'a file says what it is for before it says anything else': hasHeader,
  'a line fits': (file) => lines(file, new RegExp(`^.{${LINE_MAX_CHARACTERS + 1},}$`, 'u'), 'long'),
  'a file can be held in the head': ({ source }) => {
    const count = source.split('\n').length - 1;
    return count <= FILE_MAX_LINES ? [] : [`${count}: ${FILE_MAX_LINES} lines are the most`];
  },
  'nothing is left for later': (file) =>
    lines(
      file,
      new RegExp(`\\b(${['TO', 'FIX', 'X', 'HA'].map(laterWord).join('|')})\\b`),
      'later',
    ),
  'names are exported, defaults and stars are not': exportsOf,
  'time, chance and the platform are arguments': platformOf,
  'no error is swallowed without a word': silentCatches,
};

/** The words that put something off, spelled so that this file does not. */
function laterWord(start: string): string {
  return `${start}${{ TO: 'DO', FIX: 'ME', X: 'XX', HA: 'CK' }[start]}`;
}

/** Everything that `files` do against the rules. */
export function offences(files: readonly HouseFile[], rule: Rule): string[] {
  return files.flatMap((file) => rule(file).map((offence) => `${file.path}:${offence}`));
}
