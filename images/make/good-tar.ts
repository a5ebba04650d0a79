/**
 * Good tars of every dialect but visor's, and the oddities that tools in use are known to write.
 */

import { concatBytes, utf8 } from '../../src/base/bytes.ts';
import { gnuLong, header, member, octal, patched, pax, paxRecord, summed, tar } from './blocks.ts';
import { type GoodArchive, good, type Listed } from './good.ts';
import { END, packGnu, packUstar, padded, ustarEntries } from './pack.ts';
import { directory, file, link, symlink, type TreeEntry } from './tree.ts';

/** What most archives here hold: one of each kind, a sticky file among them. */
export const SAMPLE: readonly TreeEntry[] = [
  directory('etc'),
  file('etc/motd', 'Welcome to the sample.\n'),
  directory('etc/vmware'),
  file('etc/vmware/esx.conf', '/system/uuid = "sample"\n', 0o1644),
  symlink('etc/welcome', 'motd'),
  directory('tmp', 0o1777),
];

/** What of SAMPLE dialects without symbolic links can hold. */
export const PLAIN: readonly TreeEntry[] = SAMPLE.filter(({ kind }) => kind !== 'symlink');

const LONG_NAME = `${'a-very-long-name-'.repeat(8)}.conf`;
const LONG_PATH = `opt/${'deeper/'.repeat(20)}${LONG_NAME}`;
const LONG_TARGET = `../${'elsewhere/'.repeat(15)}end`;

/** The directories above `path`, for listings. */
export function above(path: string): Listed[] {
  const names = path.split('/').slice(0, -1);
  return names.map((_, index) => directory(names.slice(0, index + 1).join('/')));
}

/** The good tars. */
export function goodTars(): GoodArchive[] {
  return [...dialects(), ...paxTars(), ...links(), ...sparse(), ...endings(), ...names()];
}

function dialects(): GoodArchive[] {
  const long = [...above(LONG_PATH), file(LONG_PATH, 'far down\n'), symlink('far', LONG_TARGET)];
  const prefixed = `${'d'.repeat(60)}/${'e'.repeat(60)}/${'f'.repeat(90)}`;
  const split = [...above(prefixed), file(prefixed, 'by prefix\n')];
  const big = { ...file('big-ids', 'x'), uid: 2 ** 31, gid: 4294967294, mtime: '-86400' };
  const bigIds = { uid: big.uid, gid: big.gid, mtimeSeconds: -86400, flavour: 'gnu' } as const;
  const devices = [
    header({ typeflag: '3', path: 'dev/null', mode: 0o666, deviceMajor: 1, deviceMinor: 3 }),
    header({ typeflag: '4', path: 'dev/disk', mode: 0o600, deviceMajor: 8 }),
    header({ typeflag: '6', path: 'dev/pipe', mode: 0o600 }),
  ];
  const deviceEntries = [
    directory('dev'),
    { ...file('dev/null', '', 0o666), letter: 'c' },
    { ...file('dev/disk', '', 0o600), letter: 'b' },
    { ...file('dev/pipe', '', 0o600), letter: 'p' },
  ];
  return [
    good('v7.tar', 'no magic; directories are files whose names end in a slash', v7(), PLAIN),
    good('ustar.tar', 'POSIX 1988', packUstar(SAMPLE), SAMPLE),
    good('ustar-prefix.tar', 'a path of 212 bytes, split at a slash', packUstar(split), split),
    good('gnu.tar', 'as GNU tar writes it, in records of 10240 bytes', packGnu(SAMPLE), SAMPLE),
    good(
      'gnu-long-names.tar',
      'a path and a link target in headers of L and K',
      packGnu(long),
      long,
    ),
    good(
      'gnu-base256.tar',
      'ids past octal, a time before 1970',
      tar(member('big-ids', 'x', bigIds)),
      [big],
    ),
    good(
      'devices.tar',
      'a character device, a block device and a fifo',
      tar(...devices),
      deviceEntries,
    ),
  ];
}

function v7(): Uint8Array {
  const blocks = PLAIN.map((entry) => {
    const typeflag = '\0';
    const isDirectory = entry.kind === 'directory';
    const { mode, content } = entry;
    const path = isDirectory ? `${entry.path}/` : entry.path;
    const size = content.length;
    const block = header({ path, mode, size, typeflag }, [257, '\0'.repeat(255)]);
    return concatBytes([block, padded(content)]);
  });
  return tar(...blocks);
}

function paxTars(): GoodArchive[] {
  const path = `opt/${'päckchen/'.repeat(20)}größe-世界.conf`;
  const records = [
    paxRecord('path', path),
    paxRecord('mtime', '1350244992.023960108'),
    paxRecord('atime', '1'),
    paxRecord('comment', 'passed over'),
    paxRecord('uid', '70000000'),
  ];
  const mtime = '1350244992.023960108';
  const one = { ...file(path, 'by pax\n'), mtime, uid: 70000000 };
  const parents = above(path).map((parent) => ({ ...parent, mtime }));
  const global = pax(paxRecord('gid', '50') + paxRecord('mtime', '1.5'), 'g');
  const own = pax(paxRecord('gid', '60') + paxRecord('mtime', ''));
  return [
    good(
      'pax.tar',
      'a long UTF-8 path, nanoseconds, an id past octal',
      tar(pax(records.join('')), member('short', 'by pax\n')),
      [...parents, one],
    ),
    good(
      'pax-nul-in-path.tar',
      'a path that ends at its NUL, as in C',
      tar(pax(paxRecord('path', 'seen\0unseen')), member('short', 'x')),
      [file('seen', 'x')],
    ),
    good(
      'pax-global.tar',
      'records for all, and an entry that takes one of them back',
      tar(global, member('a', 'a'), own, member('b', 'b'), member('c', 'c')),
      [
        { ...file('a', 'a'), gid: 50, mtime: '1.5' },
        { ...file('b', 'b'), gid: 60 },
        { ...file('c', 'c'), gid: 50, mtime: '1.5' },
      ],
    ),
  ];
}

function links(): GoodArchive[] {
  const content = 'one file, three names\n';
  const first = file('bin/tool', content, 0o755);
  const more = ['bin/alias', 'sbin/tool'].map((path) => link(path, 'bin/tool', 0o755));
  const folders = [directory('bin'), directory('sbin')];
  const listed = [first, ...more].map(({ path }) => ({ ...file(path, content, 0o755), names: 3 }));
  const symlinks = [
    symlink('absolute', '/etc/motd'),
    symlink('climbing', '../../../etc/motd'),
    symlink('dangling', 'nowhere'),
    symlink('itself', 'itself'),
    symlink('to-folder', 'folder/'),
    directory('folder'),
  ];
  return [
    good('hard-links.tar', 'three names of one file', packUstar([...folders, first, ...more]), [
      ...folders,
      ...listed,
    ]),
    good(
      'hard-link-forward.tar',
      'links that come before their file',
      packUstar([...folders, ...more, first]),
      [...folders, ...listed],
    ),
    good(
      'symlinks.tar',
      'targets of every kind, none of them followed',
      packUstar(symlinks),
      symlinks,
    ),
  ];
}

function sparse(): GoodArchive[] {
  // Whole blocks: of others GNU tar thinks that each starts a new one, and most readers do not.
  const [start, middle] = [utf8('start'.padEnd(512, '.')), utf8('middle'.padEnd(1024, '.'))];
  const content = new Uint8Array(100_000);
  content.set(start, 0);
  content.set(middle, 51_200);
  const runs = [0, start.length, 51_200, middle.length, content.length, 0];
  const stored = concatBytes([start, middle]);
  const entries = [file('holes', content)];
  const says = 'a file of 100,000 bytes that are mostly holes, ';
  const old = concatBytes([
    header(
      { flavour: 'gnu', typeflag: 'S', path: 'holes', size: stored.length },
      [386, runs.map(octal).join('')],
      [483, octal(content.length)],
    ),
    padded(stored),
  ]);
  const name = paxRecord('GNU.sparse.name', 'holes');
  const list = paxRecord('GNU.sparse.numblocks', '3') + paxRecord('GNU.sparse.map', runs.join(','));
  const size = paxRecord('GNU.sparse.size', String(content.length));
  const lines = padded(utf8(`3\n${runs.join('\n')}\n`));
  const version = paxRecord('GNU.sparse.major', '1') + paxRecord('GNU.sparse.minor', '0');
  const real = paxRecord('GNU.sparse.realsize', String(content.length));
  const short = 'GNUSparseFile.0/holes';
  return [
    good('sparse-gnu.tar', `${says}in an old GNU header`, tar(old), entries),
    good(
      'sparse-pax-0.1.tar',
      `${says}as a list in pax`,
      tar(pax(name + size + list), member(short, stored)),
      entries,
    ),
    good(
      'sparse-pax-1.0.tar',
      `${says}as lines before the data`,
      tar(pax(name + version + real), member(short, concatBytes([lines, stored]))),
      entries,
    ),
  ];
}

function endings(): GoodArchive[] {
  const bare = ustarEntries(SAMPLE);
  const one = concatBytes([bare, END.subarray(0, 512)]);
  const garbage = concatBytes([bare, END, utf8('whatever a tape had on it before')]);
  return [
    good('empty.tar', 'two blocks of zeros and no entry', END, []),
    good('no-end-marker.tar', 'ends after its last entry', bare, SAMPLE),
    good('one-end-block.tar', 'one block of zeros instead of two', one, SAMPLE),
    good('garbage-behind.tar', 'bytes behind the end that mean nothing', garbage, SAMPLE),
  ];
}

function names(): GoodArchive[] {
  const dotted = SAMPLE.map((entry) => ({ ...entry, path: `./${entry.path}` }));
  const rooted = SAMPLE.map((entry) => ({ ...entry, path: `/${entry.path}` }));
  const twice = [
    directory('etc', 0o700),
    file('etc/motd', 'an older one, and longer'),
    file('etc/issue', 'a file at first'),
    directory('etc', 0o755),
    file('etc/motd', 'the last one wins\n', 0o600),
    directory('etc/issue'),
  ];
  const bytes = packUstar([file('caf\u0001', 'not UTF-8\n')]);
  const cafe = concatBytes([
    summed(patched(bytes.subarray(0, 512), [3, '\xe9'])),
    bytes.subarray(512),
  ]);
  const slashes = tar(member('opt//tools/./run', 'slashes\n', { mode: 0o755 }));
  return [
    good(
      'dot-slash.tar',
      'every path starts with ./',
      packUstar([directory('.'), ...dotted]),
      SAMPLE,
    ),
    good('absolute.tar', 'every path starts with /', packUstar(rooted), SAMPLE),
    good(
      'duplicate-names.tar',
      'names that come again: the last wins, a directory keeps its entries',
      packUstar(twice),
      twice.slice(3),
    ),
    good('not-utf8.tar', 'a name that is no UTF-8', cafe, [file('caf\ufffd', 'not UTF-8\n')]),
    good('slashes.tar', 'slashes twice and a . within a path', slashes, [
      directory('opt'),
      directory('opt/tools'),
      file('opt/tools/run', 'slashes\n', 0o755),
    ]),
    good(
      'long-link.tar',
      'K alone: a target of 200 bytes',
      tar(
        gnuLong(`${'t'.repeat(200)}\0`, 'K'),
        header({ flavour: 'gnu', typeflag: '2', path: 'l', mode: 0o777 }),
      ),
      [symlink('l', 't'.repeat(200))],
    ),
  ];
}
