/**
 * `glob`: the paths that patterns name, as Node 22 finds them, quirks and order with it.
 *
 * The runtime cuts a pattern into parts that test names; the walk over the tree is here. At every
 * path there are searches: a pattern, and the set of its parts that the next name may match.
 * Walking to a name moves the set on; a last part that matches is a result.
 *
 *   pattern   a / ** / *.js          at `a`       { 1 }
 *   parts     0   1    2             at `a/b`     { 1, 2 }   `**` stays, and what follows may begin
 *
 * Names that begin with a dot are matched only by parts that do. A link is not gone into by `**`.
 * What can not be listed has nothing in it. Paths that are relative start at `cwd`, and that at
 * `/`, since a tree has no working directory.
 *
 * Where a search has been before, the rest of its directory is left out: so does node, and it
 * shows.
 */

import { Dirent } from './dirent.ts';
import type { Verb } from './flavours.ts';
import type { Footing } from './footing.ts';
import { directoryOf, joinedPath, resolvedPath } from './path-text.ts';
import { shownPath } from './refusals.ts';
import type { Glob, GlobPart, GlobPattern } from './runtime.ts';
import type { Stats } from './stats.ts';

/** What makes entries; listings.ts has what lists them. */
export interface GlobSources {
  /** The entry at `path`, not following a link, or null. */
  entryAt(path: string): Dirent | null;
  /** What is in `path`; nothing where it cannot be listed. */
  entriesIn(path: string): Dirent[];
}

/** The options of glob, once checked. */
interface GlobOptions {
  readonly cwd: string;
  readonly withFileTypes: boolean;
  readonly exclude: ((entry: never) => unknown) | undefined;
  readonly excluded: readonly GlobPattern[];
}

/** A pattern, and which of its parts the next name may match. */
class Search {
  readonly parts: readonly GlobPart[];
  readonly texts: readonly string[];
  readonly at: ReadonlySet<number>;
  /** Those of them that were reached through a link. */
  readonly throughLink: ReadonlySet<number>;

  constructor(
    parts: readonly GlobPart[],
    texts: readonly string[],
    at: readonly number[] | ReadonlySet<number>,
    throughLink: ReadonlySet<number> = new Set(),
  ) {
    this.parts = parts;
    this.texts = texts;
    this.at = new Set(at);
    this.throughLink = throughLink;
  }

  get last(): number {
    return this.parts.length - 1;
  }

  moved(at: readonly number[] | ReadonlySet<number>, throughLink?: ReadonlySet<number>): Search {
    return new Search(this.parts, this.texts, at, throughLink);
  }

  /** What is left of the pattern from `index` on: searches with the same rest find the same. */
  rest(index: number): string {
    return this.texts.slice(index).join('/');
  }

  matches(index: number, name: string): boolean {
    const part = this.parts[index];
    if (part === undefined) return false;
    if (isStars(part)) return true;
    return typeof part === 'string' ? part === name : part.test(name);
  }

  /** Whether what the search has come to may be a result. */
  isAtEnd(isDirectory: boolean): boolean {
    if (this.at.has(this.last)) return true;
    const isSlash = this.parts.at(-1) === '' && isStars(this.parts.at(-2));
    return isSlash && isDirectory && this.at.has(this.last - 1);
  }
}

function isStars(part: GlobPart | undefined): part is symbol {
  return typeof part === 'symbol';
}

/** One walk over the tree for some patterns. */
class Globbing {
  readonly #sources: GlobSources;
  readonly #options: GlobOptions;
  readonly #first: readonly Search[];
  readonly #found = new Set<string>();
  readonly #known = new Map<string, Dirent | null>();
  readonly #listed = new Map<string, Dirent[]>();
  readonly #visited = new Map<string, Set<string>>();
  #next = new Map<string, Search[]>();

  constructor(sources: GlobSources, patterns: readonly GlobPattern[], options: GlobOptions) {
    this.#sources = sources;
    this.#options = options;
    this.#first = patterns.flatMap(({ set, globParts }) => {
      return set.map((parts, index) => new Search(parts, globParts[index]!, [0]));
    });
  }

  /** Every result once, as it is found. */
  *results(): Generator<string> {
    const pending: [string, readonly Search[]][] = [['.', this.#first]];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      for (const search of next[1]) yield* this.#visit(next[0], search);
      pending.push(...this.#next);
      this.#next = new Map();
    }
  }

  /** What the caller gets for the result `path`. */
  shown(path: string): string | Dirent | null {
    if (!this.#options.withFileTypes) return path;
    return this.#entry(path.startsWith('/') ? path : joinedPath(this.#options.cwd, path));
  }

  #entry(path: string): Dirent | null {
    let entry = this.#known.get(path);
    if (entry === undefined) {
      entry = this.#sources.entryAt(path);
      this.#known.set(path, entry);
    }
    return entry;
  }

  #entries(path: string): Dirent[] {
    let entries = this.#listed.get(path);
    if (entries === undefined) {
      entries = this.#sources.entriesIn(path);
      this.#listed.set(path, entries);
    }
    return entries;
  }

  #whole(path: string): string {
    return resolvedPath(this.#options.cwd, path);
  }

  #isExcluded(whole: string): boolean {
    return this.#options.excluded.some((matcher) => matcher.match(whole));
  }

  *#result(path: string): Generator<string> {
    if (this.#found.has(path) || this.#isExcluded(this.#whole(path))) return;
    this.#found.add(path);
    yield path;
  }

  /** Notes that `search` is at `path`; whether a part of it was there before. */
  #isRevisit(path: string, search: Search): boolean {
    const rests = this.#visited.get(path) ?? new Set();
    this.#visited.set(path, rests);
    const size = rests.size + search.at.size;
    for (const index of search.at) rests.add(search.rest(index));
    return rests.size !== size;
  }

  #hasVisited(path: string, search: Search, index: number): boolean {
    return this.#visited.get(path)?.has(search.rest(index)) ?? false;
  }

  #later(path: string, search: Search): void {
    if (this.#isExcluded(path)) return;
    const whole = this.#whole(path);
    if (this.#isExcluded(`${whole}/`) && this.#entry(whole)?.isDirectory()) return;
    const { exclude, withFileTypes } = this.#options;
    if (exclude !== undefined) {
      const shown = withFileTypes ? this.#entry(path) : path;
      if (shown !== null && exclude(shown as never)) return;
    }
    const searches = this.#next.get(path);
    if (searches === undefined) this.#next.set(path, [search]);
    else searches.push(search);
  }

  *#visit(path: string, search: Search): Generator<string> {
    if (this.#isRevisit(path, search)) return;
    const whole = this.#whole(path);
    const entry = this.#entry(whole);
    const isFollowed = [...search.at].some((index) => !search.throughLink.has(index));
    const isDir = entry?.isDirectory() || (entry?.isSymbolicLink() && isFollowed) || false;
    if (this.#isExcluded(whole)) return;
    const start = search.at.has(0) ? START[String(search.parts[0])] : undefined;
    if (start !== undefined) {
      this.#later(start, search.moved([1]));
      return;
    }
    const isAtEnd = search.isAtEnd(isDir);
    const { last } = search;
    const end = search.parts[last];
    if (isAtEnd && typeof end === 'string') {
      if (this.#entry(joined(whole, end)) !== null && (end !== '' || isDir)) {
        yield* this.#result(joined(path, end));
      }
      if (search.at.size === 1 && search.at.has(last)) return;
    } else if (isAtEnd && isStars(end)) {
      const isNamed = path !== '.' || search.parts[0] === '.' || (last === 0 && entry !== null);
      if (isNamed) yield* this.#result(path);
    }
    if (isDir) yield* this.#descend(path, whole, search, isAtEnd);
  }

  *#descend(path: string, whole: string, search: Search, isAtEnd: boolean): Generator<string> {
    for (const entry of this.#candidates(whole, search)) {
      const below = joined(path, entry.name);
      this.#known.set(joined(whole, entry.name), entry);
      const step = new Step(path, below, entry);
      for (const index of search.at) {
        const wasHere = this.#hasVisited(below, search, index);
        if (wasHere || this.#hasVisited(below, search, index + 1)) return;
        const part = search.parts[index];
        if (isStars(part)) yield* this.#throughStars(step, search, index, isAtEnd);
        else if (typeof part === 'string') yield* this.#byName(step, search, index, part);
        else if (search.matches(index, entry.name)) {
          if (index === search.last) yield* this.#result(below);
          else if (entry.isDirectory()) step.at.add(index + 1);
        }
      }
      if (step.at.size > 0) this.#later(below, search.moved(step.at, step.links));
    }
  }

  /** The names that `search` may go on with: the only one that it names, or all that there are. */
  #candidates(whole: string, search: Search): readonly Dirent[] {
    const [only] = search.at;
    const part = search.at.size === 1 ? search.parts[only!] : undefined;
    if (typeof part !== 'string') return this.#entries(whole);
    const entry = this.#entry(joined(whole, part));
    if (entry === null) return [];
    entry.name = part;
    return [entry];
  }

  *#byName(step: Step, search: Search, index: number, part: string): Generator<string> {
    if (index !== search.last && part === step.entry.name) step.at.add(index + 1);
    else if (part === '.' && search.matches(index + 1, step.entry.name)) {
      if (index + 1 === search.last) yield* this.#result(step.below);
      else step.at.add(index + 2);
    }
  }

  *#throughStars(step: Step, search: Search, index: number, isAtEnd: boolean): Generator<string> {
    const { entry, below } = step;
    const { last, parts } = search;
    const isDir = entry.isDirectory();
    const isNext = search.matches(index + 1, entry.name);
    let behind = index + 1;
    while (isStars(parts[behind])) behind++;
    if (entry.name.startsWith('.') && !search.matches(behind, entry.name)) return;
    const { exclude, withFileTypes } = this.#options;
    if (exclude?.((withFileTypes ? entry : entry.name) as never)) return;

    const isLinked = search.throughLink.has(index);
    if (!isLinked && isDir) step.at.add(index);
    else if (!isLinked && index === last) yield* this.#result(below);

    if (isNext && index + 1 === last && !isAtEnd) yield* this.#result(below);
    else if (isNext && isDir) step.at.add(index + 2);
    const mayBegin = isNext || parts[0] === '.';
    if (mayBegin && (isDir || entry.isSymbolicLink()) && !isLinked) step.at.add(index + 1);
    if (entry.isSymbolicLink()) step.links.add(index);
    if (parts[index + 1] === '..' && isDir) yield* this.#upwards(step.path, search, index + 1);
  }

  /** A `..` behind `**`: this directory and the one above it are what is meant. */
  *#upwards(path: string, search: Search, index: number): Generator<string> {
    const isLast = index >= search.last;
    for (const place of [path, joined(path, '..')]) {
      const at = isLast ? index : index + 1;
      if (this.#hasVisited(place, search, at)) continue;
      if (isLast) {
        this.#isRevisit(place, search.moved([at]));
        yield* this.#result(place);
      } else if (!this.#next.has(place)) this.#next.set(place, [search.moved([at])]);
    }
  }
}

/** One step from `path` to the entry `below`, and the parts of the pattern to go on with there. */
class Step {
  readonly path: string;
  readonly below: string;
  readonly entry: Dirent;
  readonly at = new Set<number>();
  readonly links = new Set<number>();

  constructor(path: string, below: string, entry: Dirent) {
    this.path = path;
    this.below = below;
    this.entry = entry;
  }
}

/** Where a pattern starts whose first part is one of these. */
const START: Readonly<Record<string, string>> = { '': '/', '..': '../', '.': '.' };

/** `name` in `path`, keeping the slash that a name of nothing stands for. */
function joined(path: string, name: string): string {
  const whole = joinedPath(path, name);
  const ends = name.endsWith('/') || (name === '' && path !== '' && path.endsWith('/'));
  return ends && !whole.endsWith('/') ? `${whole}/` : whole;
}

/** What begins walks for patterns that `globPattern` cuts. Their calls throw what is wrong. */
export function globbing(globPattern: (pattern: string) => GlobPattern): Glob {
  return (under, verb, given, options) => begun(globPattern, under, verb, given, options);
}

/** A walk over what `verb` finds, for `given` patterns. */
function begun(
  globPattern: (pattern: string) => GlobPattern,
  { check }: Footing,
  verb: (name: string) => Verb,
  given: unknown,
  options: unknown,
): Globbing {
  const { cwd, exclude, withFileTypes } = check.fields(options);
  const isUrl = typeof cwd === 'object' && cwd !== null;
  const root = isUrl ? shownPath(check.path(cwd, 'cwd')) : (cwd ?? '.');
  if (typeof root !== 'string') throw check.wrongType('paths[0]', 'of type string', root);
  const isPatterns = Array.isArray(exclude);
  if (isPatterns) checkTexts(exclude, 'options.exclude');
  else if (exclude !== undefined && exclude !== null && typeof exclude !== 'function') {
    throw check.wrongType(
      'options.exclude',
      'of type function or an instance of string[]',
      exclude,
    );
  }
  if (typeof given === 'object' && !Array.isArray(given)) {
    throw check.wrongType('patterns', 'an instance of Array', given);
  }
  if (Array.isArray(given)) checkTexts(given, 'patterns');
  else if (typeof given !== 'string') throw check.wrongType('patterns', 'of type string', given);

  function checkTexts(texts: readonly unknown[], name: string): void {
    texts.forEach((text, index) => {
      if (typeof text === 'string') return;
      throw check.wrongType(`${name}[${index}]`, 'of type string', text);
    });
  }

  return new Globbing(sourcesOf(verb), ([given].flat() as string[]).map(globPattern), {
    cwd: root,
    withFileTypes: Boolean(withFileTypes),
    exclude: isPatterns ? undefined : ((exclude ?? undefined) as never),
    excluded: isPatterns ? exclude.map((text) => globPattern(resolvedPath(root, text))) : [],
  });
}

function sourcesOf(verb: (name: string) => Verb): GlobSources {
  return {
    entryAt(path) {
      try {
        const { mode } = verb('lstat')(path) as Stats;
        const trimmed = path.replace(/(?<=.)\/+$/, '');
        return new Dirent(trimmed.slice(trimmed.lastIndexOf('/') + 1), mode, directoryOf(path));
      } catch {
        // Whatever is wrong with it, nothing is found there.
        return null;
      }
    },
    entriesIn(path) {
      try {
        return verb('readdir')(path, { withFileTypes: true }) as Dirent[];
      } catch {
        // As in node: what cannot be listed has nothing in it.
        return [];
      }
    },
  };
}
