/**
 * Lint of a tar of any kind: its flavour, its names, its modes.
 *
 * The walk shows entries as they stand in the archive, so what mounting would merge, mend or refuse
 * is seen; what mounting refuses is asked of mounting itself.
 */

import { latin1, text } from '../base/bytes.ts';
import { CorruptError } from '../base/errors.ts';
import { LINT_ENTRIES_MAX_COUNT, PAGE_BYTES } from '../base/limits.ts';
import { S_ISGID, S_ISUID, S_ISVTX } from '../base/mode.ts';
import { readBytes, type Source } from '../base/source.ts';
import type { TarFlavour } from '../format/tar-header.ts';
import { type TarEntry, walkTar } from '../format/tar-walk.ts';
import { Tardisk } from '../layer/tardisk.ts';
import type { Findings, LintPlace } from './findings.ts';

const BLOCK_BYTES = 512;
const TYPEFLAG_OFFSET = 156;
const PAX_TYPES: ReadonlySet<number> = new Set(['x', 'X', 'g'].map((type) => type.charCodeAt(0)));
/** A visor file that may be mapped: its data is page-aligned. */
const MAPPED = '7'.charCodeAt(0);
const SEARCHABLE = 0o111;
const MARK = '.#';
const APPLE_MARK = '._';

/** What ESXi does with a tar. */
export type TarUse =
  /** It is mounted. */
  | 'tardisk'
  /** It is unpacked over the tree: any flavour does. */
  | 'state';

/** What lint learned of a tar. */
export interface TarFacts {
  /** Paths of all that is no directory, without a slash ahead. */
  readonly files: ReadonlySet<string>;
  /** Those of them that are sticky. */
  readonly sticky: readonly string[];
  /** Bytes of files, each in whole pages. */
  readonly pageBytes: number;
}

/** Looks at the tar in `source`, of which ESXi makes `use`. */
export function lintTar(source: Source, findings: Findings, use: TarUse): TarFacts {
  const lint = new TarLint(source, findings, use);
  try {
    walkTar(source, (entry) => lint.visit(entry), LINT_ENTRIES_MAX_COUNT);
    Tardisk.index(source, source.name);
  } catch (error) {
    if (!(error instanceof CorruptError)) throw error;
    // Names that lead out are told as such, and refused as corrupt.
    if (!findings.has('climbing-name')) findings.corrupt(error);
  }
  lint.finish();
  return lint;
}

class TarLint implements TarFacts {
  readonly files = new Set<string>();
  readonly sticky: string[] = [];
  pageBytes = 0;
  readonly #source: Source;
  readonly #findings: Findings;
  readonly #use: TarUse;
  /** Names of directories and of all else that were seen, a character a byte. */
  readonly #directories = new Set<string>(['']);
  readonly #others = new Set<string>();
  readonly #flavours = new Map<TarFlavour, { count: number; readonly first: number }>();
  readonly #owners = new Set<string>();
  readonly #told = new Set<string>();
  /** Where a header is, if nothing is ahead of it; -1 where that is not known. */
  #nextOffset = 0;

  constructor(source: Source, findings: Findings, use: TarUse) {
    this.#source = source;
    this.#findings = findings;
    this.#use = use;
  }

  visit(entry: TarEntry): void {
    const raw = text(entry.pathBytes, entry.pathStart, entry.pathEnd);
    const names = raw.split('/').filter((name) => name !== '' && name !== '.');
    const place = names.join('/') || '/';
    this.#flavour(entry);
    this.#paxHeader(entry, place);
    this.#name(entry, raw, names, place);
    this.#parents(entry, place);
    this.#mode(entry, place);
    this.#kind(entry, place);
    this.#owner(entry);
    if (entry.kind !== 'directory') this.files.add(place);
    if (entry.kind === 'file') {
      this.pageBytes += Math.ceil(entry.size / PAGE_BYTES) * PAGE_BYTES;
    }
  }

  /** Tells what is told of the whole archive. */
  finish(): void {
    const foreign = [...this.#flavours].filter(([flavour]) => !isEsxiFlavour(flavour));
    for (const [flavour, { count, first }] of this.#use === 'tardisk' ? foreign : []) {
      const what = `${count} of its entries are ${FLAVOURS[flavour]}, from this one on`;
      this.#findings.add('tar-flavour', what, { offset: first });
    }
    if (this.#owners.size === 0) return;
    const owners = [...this.#owners].slice(0, 4).join(', ');
    this.#findings.add('owner-not-root', `entries belong to ${owners}`);
  }

  #flavour({ flavour, headerOffset }: TarEntry): void {
    const known = this.#flavours.get(flavour);
    if (known === undefined) this.#flavours.set(flavour, { count: 1, first: headerOffset });
    else known.count += 1;
  }

  /** What is ahead of a header and is none of the data before it, is about the entry. */
  #paxHeader({ flavour, headerOffset, dataOffset, size, pieces }: TarEntry, place: string): void {
    const start = this.#nextOffset;
    const isKnown = flavour !== 'visor' && pieces === null;
    const stored = dataOffset === 0 ? headerOffset + BLOCK_BYTES : dataOffset + size;
    this.#nextOffset = isKnown ? Math.ceil(stored / BLOCK_BYTES) * BLOCK_BYTES : -1;
    if (this.#use === 'state' || start < 0 || start >= headerOffset) return;
    const [typeflag] = readBytes(this.#source, start + TYPEFLAG_OFFSET, 1);
    if (PAX_TYPES.has(typeflag!)) {
      this.#findings.add('pax-header', 'a pax header stands ahead of it', { place, offset: start });
    }
  }

  #name({ headerOffset }: TarEntry, raw: string, names: readonly string[], place: string): void {
    const at = { place, offset: headerOffset };
    const findings = this.#findings;
    if (raw.startsWith('/')) findings.add('absolute-name', `its name is '${raw}'`, at);
    if (raw.startsWith('./') && names.length > 0 && this.#isFirst('dot-slash')) {
      findings.add('dot-slash', 'its name, and others, start with ./', at);
    }
    if (names.includes('..')) findings.add('climbing-name', `its name is '${raw}'`, at);
    const isMarked = (mark: string) => (name: string) =>
      name.length > mark.length && name.startsWith(mark);
    const marked = names.find(isMarked(MARK));
    if (marked !== undefined) findings.add('marker-name', `the name '${marked}' is a mark`, at);
    const apple = names.find(isMarked(APPLE_MARK));
    if (apple !== undefined) findings.add('apple-double', `'${apple}' is of macOS`, at);
  }

  /** Directories have to come ahead of what is in them, and names once. */
  #parents({ kind, headerOffset, pathBytes, pathStart, pathEnd }: TarEntry, place: string): void {
    const at = { place, offset: headerOffset };
    const bytes = latin1(pathBytes, pathStart, pathEnd);
    const names = bytes.split('/').filter((name) => name !== '' && name !== '.');
    if (names.length === 0) return;
    const path = names.join('/');
    const parent = names.slice(0, -1).join('/');
    if (!this.#directories.has(parent)) {
      // A state has files alone, and what they are in is made.
      if (this.#use === 'tardisk') this.#missing(place, at);
      // Told once, and so for what is above.
      for (let count = 1; count < names.length; count++) {
        this.#directories.add(names.slice(0, count).join('/'));
      }
    }
    const isRepeated = this.#others.has(path) || (kind !== 'directory' && this.#isDirectory(path));
    if (isRepeated) this.#findings.add('duplicate-name', 'an entry ahead has the same name', at);
    (kind === 'directory' ? this.#directories : this.#others).add(path);
  }

  #missing(place: string, at: LintPlace): void {
    const shown = place.slice(0, place.lastIndexOf('/'));
    this.#findings.add('missing-parent', `no entry ahead of it is the directory '${shown}'`, at);
  }

  #isDirectory(path: string): boolean {
    return this.#directories.has(path);
  }

  #mode({ kind, mode, headerOffset }: TarEntry, place: string): void {
    const at = { place, offset: headerOffset };
    const octal = `0${mode.toString(8)}`;
    const isFile = kind === 'file';
    if (isFile && (mode & (S_ISUID | S_ISGID)) !== 0) {
      this.#findings.add('setuid', `its mode is ${octal}`, at);
    }
    if (kind === 'directory' && (mode & SEARCHABLE) === 0) {
      this.#findings.add('closed-directory', `its mode is ${octal}`, at);
    }
    if (!isFile || (mode & S_ISVTX) === 0) return;
    this.sticky.push(place);
    if (this.#use === 'tardisk' && !place.startsWith('etc/')) {
      this.#findings.add('sticky-outside-etc', `its mode is ${octal}`, at);
    }
  }

  #kind(
    { kind, flavour, typeflag, dataOffset, size, headerOffset }: TarEntry,
    place: string,
  ): void {
    const at = { place, offset: headerOffset };
    if (this.#use === 'state') {
      if (kind !== 'file' && kind !== 'directory') {
        this.#findings.add('state-special', `it is ${KINDS[kind]}`, at);
      }
      return;
    }
    if (kind === 'character' || kind === 'block' || kind === 'fifo') {
      this.#findings.add('special-entry', `it is ${KINDS[kind]}`, at);
    }
    if (flavour !== 'visor' || kind !== 'file' || size === 0) return;
    const alignment = typeflag === MAPPED ? PAGE_BYTES : BLOCK_BYTES;
    if (dataOffset % alignment === 0) return;
    const what = `its data starts at 0x${dataOffset.toString(16)}, no multiple of ${alignment}`;
    this.#findings.add('visor-alignment', what, at);
  }

  #owner({ uid, gid }: TarEntry): void {
    if (this.#use === 'tardisk' && (uid !== 0 || gid !== 0)) this.#owners.add(`${uid}:${gid}`);
  }

  /** Whether `what` is told for the first time. */
  #isFirst(what: string): boolean {
    if (this.#told.has(what)) return false;
    this.#told.add(what);
    return true;
  }
}

function isEsxiFlavour(flavour: TarFlavour): boolean {
  return flavour === 'gnu' || flavour === 'visor';
}

const FLAVOURS: Readonly<Record<TarFlavour, string>> = {
  v7: 'of the old kind without a magic (v7)',
  ustar: 'of the kind of POSIX (ustar)',
  star: 'of the kind of star',
  gnu: 'of the kind of GNU',
  visor: 'of the kind of VMware (visor)',
};

const KINDS: Readonly<Record<TarEntry['kind'], string>> = {
  file: 'a file',
  directory: 'a directory',
  symlink: 'a symbolic link',
  link: 'a hard link',
  character: 'a character device',
  block: 'a block device',
  fifo: 'a fifo',
};
