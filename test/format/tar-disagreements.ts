/**
 * Where readers of tar disagree about the archives of the corpus: what each says, what is done here
 * and why. FORMATS.md has them as a table; test/format/tar-corpus.test.ts holds it, the readers of
 * this machine and ours to one another.
 */

import type { TarRecord } from '../../src/format/tar-record.ts';

/** Why we count entries as we do, or refuse, where the three readers do not say the same. */
export const COUNTS: Readonly<Record<string, string>> = {
  'empty_filename.tar': 'a directory without a name is the root; any other such entry is refused',
  'hdr-only.tar': 'directories, links and devices have no data, whatever size they say',
  'pax-bad-hdr-file.tar': 'a record that does not end where it says may say anything',
  'pax-bad-hdr-large.tar.bz2': 'bzip2 is not read',
  'pax-multi-hdrs.tar': 'each reader gives the entry another name: none is safe',
  'pax-nul-xattrs.tar': 'a key ends at a NUL, or does not: no reader knows',
  'pax-path-hdr.tar': 'an archive that ends within an entry is cut',
  'testtar.tar': 'bsdtar lists all, and complains of a name that is no UTF-8',
};

/** One thing that readers say differently of an entry that they all list. */
export interface Detail {
  readonly file: string;
  readonly what: string;
  readonly gnu: string;
  readonly bsd: string;
  readonly python: string;
  /** What is said here. */
  readonly of: (entries: readonly TarRecord[]) => string;
  readonly why: string;
}

const names = (entries: readonly TarRecord[]): string =>
  entries.map(({ path }) => `\`${path}\``).join(' ');
const firstName = (entries: readonly TarRecord[]): string => `\`${entries[0]!.path}\``;
const firstSize = (entries: readonly TarRecord[]): string => String(entries[0]!.size);

const LONG = '`0123…` of 200';

/** What they say differently of entries. */
export const DETAILS: readonly Detail[] = [
  {
    file: 'golang__go/tar/gnu-incremental.tar',
    what: 'name',
    gnu: '`test2/`',
    bsd: '`test2/`',
    python: '`12574544345/test2`',
    of: firstName,
    why: 'GNU headers have times where ustar has a prefix',
  },
  {
    file: 'mafintosh__tar-stream/test/fixtures/gnu-incremental.tar',
    what: 'name',
    gnu: '`test.txt`',
    bsd: '`test.txt`',
    python: '`13474024717/test.txt`',
    of: firstName,
    why: 'the same',
  },
  {
    file: 'golang__go/tar/invalid-go17.tar',
    what: 'name',
    gnu: '`foo`',
    bsd: '`foo`',
    python: '`aaa…/foo`',
    of: firstName,
    why: 'GNU headers have no prefix',
  },
  {
    file: 'golang__go/tar/gnu-multi-hdrs.tar',
    what: 'name',
    gnu: '`GNU2/…`',
    bsd: '`GNU2/…`',
    python: '`GNU1/…`',
    of: (entries) => `\`${entries[0]!.path.slice(0, 5)}…\``,
    why: 'of several long names the last one counts: GNU says what its format means',
  },
  {
    file: 'golang__go/tar/nil-uid.tar',
    what: 'size',
    gnu: '14',
    bsd: '2176',
    python: '14',
    of: firstSize,
    why: 'a real size is for sparse files; it is not looked at in others',
  },
  {
    file: 'golang__go/tar/pax-bad-mtime-file.tar',
    what: 'time `999xxx9324.43…`',
    gnu: '999',
    bsd: '999',
    python: '0',
    of: (entries) => String(entries[0]!.mtimeSeconds),
    why: 'what is no number says no time: the header does',
  },
  {
    file: 'golang__go/tar/pax-global-records.tar',
    what: 'names',
    gnu: '`global1` `file2` `` ` ` `` `` ` ` ``',
    bsd: '`file1` `file2` `file3` `file4`',
    python: '`global1` `file2` `` ` ` `` `` ` ` ``',
    of: names,
    why: 'a global record counts; one of nothing takes it back, and never leaves no name',
  },
  {
    file: 'golang__go/tar/pax-nil-sparse-data.tar',
    what: 'size',
    gnu: '1000',
    bsd: '1000',
    python: '1512',
    of: firstSize,
    why: 'the size with holes is the size; the map is not part of the file',
  },
  {
    file: 'golang__go/tar/pax-nil-sparse-hole.tar',
    what: 'size',
    gnu: '1000',
    bsd: '1000',
    python: '512',
    of: firstSize,
    why: 'the same',
  },
  {
    file: 'golang__go/tar/pax-sparse-big.tar',
    what: 'size',
    gnu: '60000000000',
    bsd: '60000000000',
    python: '3584',
    of: firstSize,
    why: 'the same',
  },
  {
    file: 'golang__go/tar/pax-nul-path.tar',
    what: 'name with a NUL',
    gnu: LONG,
    bsd: LONG,
    python: 'with the NUL, 201 and more',
    of: (entries) => `\`${entries[0]!.path.slice(0, 4)}…\` of ${entries[0]!.path.length}`,
    why: 'no system takes a NUL in a name',
  },
  {
    file: 'mafintosh__tar-stream/test/fixtures/unknown-format.tar',
    what: 'owner by name',
    gnu: 'none',
    bsd: 'none',
    python: '`maf`',
    of: (entries) => entries[0]!.uname || 'none',
    why: 'a magic that nobody knows says nothing of what is behind it',
  },
  {
    file: 'python__cpython/testtar.tar',
    what: 'owner of `pax/regtype2`',
    gnu: 'none',
    bsd: '`tarfile`',
    python: 'none',
    of: (entries) => `\`${entries.find(({ path }) => path === 'pax/regtype2')!.uname}\``,
    why: 'a record of nothing leaves what the header says; owners by name decide nothing here',
  },
];
