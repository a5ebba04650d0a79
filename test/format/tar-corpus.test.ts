/**
 * Archives that other people's tools made, read as other people's tools read them.
 *
 * Every tar of the corpus was listed by GNU tar, bsdtar and Python. Where the three agree we must
 * agree too: on the count of entries, or on refusing. Where they do not, there is no oracle, and
 * tar-disagreements.ts says why we do what we do; FORMATS.md has it as a table, which
 * UPDATE_FORMATS=1 writes anew. The GNU tar and the Python of this machine are asked besides, for
 * every name, number and byte: what they say differently must be in that table.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { CorruptError, ForeignError } from '../../src/base/errors.ts';
import { modeLetters } from '../../src/base/mode.ts';
import { bytesSource, type Source } from '../../src/base/source.ts';
import type { TarKind } from '../../src/format/tar-entry.ts';
import { type TarRecord, tarEntries } from '../../src/format/tar-record.ts';
import { openTardisk } from '../../src/layer/open.ts';
import { decoded } from '../../src/layer/plain.ts';
import { nativeCodec } from '../../src/node/native-codecs.ts';
import { corpusPath } from '../support/corpus.ts';
import { isInstalled } from '../support/packed.ts';
import { contentOf } from './tar-blocks.ts';
import { COUNTS, DETAILS } from './tar-disagreements.ts';

const FORMATS = new URL('../../FORMATS.md', import.meta.url);
const TABLE = /(<!-- from test\/format\/tar-disagreements\.ts -->\n)((?:\|.*\n)*)/;
const LIMIT = 64 << 20;
const BZIP2 = 'tar/golang__go/tar/pax-bad-hdr-large.tar.bz2';
/** Files above this are holes, which nobody reads to the end. */
const CONTENT_MAX_BYTES = 16 << 20;

/** What is said of an archive as a whole: how many entries it has, or that it is refused. */
type Verdict = number | 'refused';

interface Oracle {
  readonly path: string;
  readonly gnu: Verdict;
  readonly bsd: Verdict;
  readonly python: Verdict;
}

const ORACLES = oracles();
const DISAGREED = ORACLES.filter((oracle) => !isOneVoice(oracle));

function oracles(): Oracle[] {
  const table = corpusPath('tar', 'oracles.tsv');
  if (table === null) return [];
  const lines = readFileSync(table, 'utf8').trimEnd().split('\n').slice(1);
  return lines.map((line) => {
    const [path, , gnuStatus, gnu, bsdStatus, bsd, python] = line.split('\t');
    const count = /^ok:(\d+)$/.exec(python!)?.[1];
    return {
      path: path!,
      gnu: gnuStatus === '0' ? Number(gnu) : 'refused',
      bsd: bsdStatus === '0' ? Number(bsd) : 'refused',
      python: count === undefined ? 'refused' : Number(count),
    };
  });
}

function isOneVoice({ gnu, bsd, python }: Oracle): boolean {
  return gnu === bsd && bsd === python;
}

function stored(path: string): Source {
  return bytesSource(new Uint8Array(readFileSync(corpusPath(path)!)), basename(path));
}

/** A tar of the corpus without compression, and its entries. */
interface Read {
  readonly source: Source;
  readonly entries: readonly TarRecord[];
}

/** What is read of an archive of the corpus; null where it is refused. */
async function read(path: string): Promise<Read | null> {
  try {
    const source = await decoded(stored(path), nativeCodec, LIMIT);
    return { source, entries: tarEntries(source) };
  } catch (error) {
    if (error instanceof CorruptError) return null;
    throw error;
  }
}

describe.skipIf(ORACLES.length === 0)('tars of the corpus', () => {
  const all = new Map<string, Read | null>();
  const verdict = (path: string): Verdict => all.get(path)?.entries.length ?? 'refused';
  beforeAll(async () => {
    for (const { path } of ORACLES) all.set(path, await read(path));
  });

  test.each(ORACLES.filter(isOneVoice))('$path: $gnu, as all three say', ({ path, gnu }) => {
    expect(verdict(path)).toBe(gnu);
  });

  test('where the three disagree, the table says why we do what we do', () => {
    const files = DISAGREED.map(({ path }) => basename(path));
    expect(files.sort()).toEqual(Object.keys(COUNTS).sort());
  });

  test('FORMATS.md has every disagreement, with what is done here', () => {
    const rows = [
      ['archive', 'what', 'GNU tar 1.34', 'bsdtar 3.6', 'Python 3.11', 'here', 'why'],
      new Array<string>(7).fill('---'),
      ...DISAGREED.map(({ path, gnu, bsd, python }) => {
        const file = basename(path);
        return [file, 'entries', gnu, bsd, python, verdict(path), COUNTS[file]];
      }),
      ...DETAILS.map(({ file, what, gnu, bsd, python, of, why }) => {
        return [basename(file), what, gnu, bsd, python, of(all.get(`tar/${file}`)!.entries), why];
      }),
    ];
    const table = rows.map((row) => `| ${row.join(' | ')} |\n`).join('');
    const text = readFileSync(FORMATS, 'utf8');
    expect(text).toMatch(TABLE);
    const fresh = text.replace(TABLE, (_all, open: string) => open + table);
    if (process.env['UPDATE_FORMATS'] === '1') writeFileSync(FORMATS, fresh);
    else expect(text).toBe(fresh);
  });

  test('bzip2 is refused by its name', async () => {
    const opening = openTardisk(stored(BZIP2), nativeCodec);
    await expect(opening).rejects.toBeInstanceOf(ForeignError);
    await expect(openTardisk(stored(BZIP2), nativeCodec)).rejects.toThrow(
      'pax-bad-hdr-large.tar.bz2 at 0x0: is compressed with bzip2, which is not read',
    );
  });

  const inTable = new Set([
    ...DETAILS.map(({ file }) => `tar/${file}`),
    ...DISAGREED.map(({ path }) => path),
  ]);

  /** Those of which `say` says something else than we, and that are not in the table. */
  function differing(
    say: (paths: readonly string[]) => readonly (readonly string[] | null)[],
    ours: (read: Read, entry: TarRecord) => string,
  ): string[] {
    const paths = [...all.keys()].filter((path) => all.get(path) !== null && !inTable.has(path));
    const theirs = say(paths.map((path) => corpusPath(path)!));
    const same = (index: number): boolean => {
      const one = all.get(paths[index]!)!;
      const lines = one.entries.map((entry) => ours(one, entry));
      return JSON.stringify(lines) === JSON.stringify(theirs[index]);
    };
    expect(paths.length).toBeGreaterThan(50);
    return paths.filter((_path, index) => !same(index));
  }

  test.skipIf(!isInstalled('python3'))('Python says of all others what we say', () => {
    expect(differing(pythonSays, ourLineForPython)).toEqual([]);
  });

  test.skipIf(!isGnuTar())('GNU tar says of all others what we say', () => {
    const say = (paths: readonly string[]) => paths.map(gnuSays);
    expect(differing(say, (_read, entry) => ourLineForGnu(entry))).toEqual([]);
  });
});

/** What Python's tarfile says of each archive: a line for each entry. */
function pythonSays(paths: readonly string[]): readonly (readonly string[] | null)[] {
  const script = `
import hashlib, json, math, sys, tarfile
KINDS = {b'1': 'link', b'2': 'symlink', b'3': 'character', b'4': 'block', b'5': 'directory',
         b'6': 'fifo', b'D': 'directory'}
def text(name):
    return name.encode('utf-8', 'surrogateescape').decode('utf-8', 'replace').rstrip('/')
def line(tar, one):
    kind = KINDS.get(one.type, 'file')
    size = one.size if kind == 'file' else 0
    content = ''
    if kind == 'file' and size < ${CONTENT_MAX_BYTES}:
        content = hashlib.sha256(tar.extractfile(one).read()).hexdigest()
    device = [one.devmajor, one.devminor] if kind in ('character', 'block') else [0, 0]
    return ' '.join(map(str, [kind, one.mode & 0o7777, one.uid, one.gid, size,
        math.floor(one.mtime), *device, text(one.name), text(one.linkname), content]))
for path in sys.argv[1:]:
    with tarfile.open(path) as tar:
        print(json.dumps([line(tar, one) for one in tar]))
`;
  const options = { maxBuffer: LIMIT, env: { ...process.env, PYTHONUTF8: '1' } };
  const said = execFileSync('python3', ['-c', script, ...paths], options).toString();
  return said
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as string[]);
}

function ourLineForPython({ source }: Read, entry: TarRecord): string {
  const { kind, mode, uid, gid, size, mtimeSeconds, deviceMajor, deviceMinor } = entry;
  const isSmall = kind === 'file' && size < CONTENT_MAX_BYTES;
  const content = isSmall
    ? createHash('sha256').update(contentOf(source, entry)).digest('hex')
    : '';
  const bare = (name: string): string => name.replace(/\/+$/, '');
  const numbers = [mode, uid, gid, kind === 'file' ? size : 0, mtimeSeconds];
  const names = [bare(entry.path), bare(entry.target), content];
  return [kind, ...numbers, deviceMajor, deviceMinor, ...names].join(' ');
}

function isGnuTar(): boolean {
  const said = spawnSync('tar', ['--version']).stdout?.toString() ?? '';
  if (!said.includes('GNU tar')) process.stderr.write('skipped: there is no GNU tar here\n');
  return said.includes('GNU tar');
}

/** What `tar -tv` shows of an archive, without fractions of seconds; null where it refuses it. */
function gnuSays(path: string): string[] | null {
  const args = ['--numeric-owner', '--full-time', '--quoting-style=literal', '-tvf', path];
  const env = { ...process.env, TZ: 'UTC', LC_ALL: 'C.UTF-8' };
  const { stdout, status } = spawnSync('tar', args, { env, maxBuffer: LIMIT });
  if (status !== 0) return null;
  const lines = stdout.toString().trimEnd().split('\n');
  return lines.map((line) => line.replace(/ +/g, ' ').replace(/(:\d\d)\.\d+ /, '$1 '));
}

const LETTERS: Readonly<Record<TarKind, string>> = {
  directory: 'd',
  file: '-',
  link: 'h',
  symlink: 'l',
  character: 'c',
  block: 'b',
  fifo: 'p',
};

function ourLineForGnu(entry: TarRecord): string {
  const { kind, mode, uid, gid, size, mtimeSeconds, path, target } = entry;
  const isDevice = kind === 'character' || kind === 'block';
  const time = new Date(mtimeSeconds * 1000).toISOString();
  const arrow = kind === 'link' ? ' link to ' : kind === 'symlink' ? ' -> ' : '';
  return [
    LETTERS[kind] + modeLetters(mode).slice(1),
    `${uid}/${gid}`,
    isDevice ? `${entry.deviceMajor},${entry.deviceMinor}` : size,
    time.slice(0, 10),
    time.slice(11, 19),
    path + arrow + (arrow === '' ? '' : target),
  ]
    .join(' ')
    .replace(/ +/g, ' ');
}
