/**
 * Evil tars of every dialect.
 */

import { concatBytes, utf8 } from '../../src/base/bytes.ts';
import { gnuLong, header, member, octal, patched, pax, paxRecord, tar, ZEROS } from './blocks.ts';
import { type EvilArchive, evil } from './evil.ts';
import { packUstar, packVisor } from './pack.ts';
import { directory, file, link } from './tree.ts';

const MIB = 1 << 20;

/** The evil tars. */
export function evilTars(): EvilArchive[] {
  return [...headers(), ...extended(), ...sparse(), ...trees(), ...visor()];
}

function headers(): EvilArchive[] {
  const negative = header({}, [124, '\xff'.repeat(12)]);
  const huge = header({}, [124, `\x80${'\0'.repeat(3)}\x40${'\0'.repeat(7)}`]);
  const far = header({}, [124, '\x80\0\0\0\0\0\0\x7f\xff\xff\xff\xff']);
  const cut = member('a', 'x'.repeat(600)).subarray(0, 512 + 600);
  const device = header({ typeflag: '3', path: 'dev/x' }, [329, 'eight']);
  const second = concatBytes([member('a', 'a'), header({ path: 'b' }).subarray(0, 200)]);
  return [
    evil(
      'size-past-the-end.tar',
      'a file of 1 MiB in 1.5 KiB',
      '1048576 bytes of data at 0x200',
      tar(header({ size: MIB })),
    ),
    evil('size-negative.tar', 'a file of -1 bytes', 'a bad size', tar(negative)),
    evil('size-base256-huge.tar', 'a file of 2^62 bytes', 'a bad size', tar(huge)),
    evil('size-base256-far.tar', 'a file of 512 GiB', '549755813887 bytes of data', tar(far)),
    evil(
      'size-in-words.tar',
      'a size that is no number',
      'a bad size',
      tar(header({}, [124, 'enormous'])),
    ),
    evil(
      'uid-past-32-bits.tar',
      'an owner of 33 bits',
      'a bad uid',
      tar(header({}, [108, '\x80\0\0\x01\0\0\0\0'])),
    ),
    evil(
      'checksum-wrong.tar',
      'a header with another sum',
      'do not add up to its checksum',
      tar(patched(header(), [0, 'b'])),
    ),
    evil(
      'checksum-wrong-later.tar',
      'a second header with another sum',
      'do not add up to its checksum',
      tar(member('a', 'a'), patched(header(), [0, 'b'])),
    ),
    evil(
      'header-cut-short.tar',
      'an archive that ends in a header',
      'ends within a tar header',
      second,
    ),
    evil('data-cut-short.tar', 'an archive that ends in data', '600 bytes of data at 0x200', cut),
    evil(
      'volume-middle.tar',
      'a file that began on another volume',
      'starts on another volume',
      tar(header({ typeflag: 'M' })),
    ),
    evil(
      'device-without-number.tar',
      'a device of no number',
      'a device without a valid number',
      tar(device),
    ),
  ];
}

function extended(): EvilArchive[] {
  const after = member('a', 'a');
  const record = (key: string, value: string): Uint8Array => tar(pax(paxRecord(key, value)), after);
  const endless = Array.from({ length: 40 }, () => gnuLong('over and over\0', 'L'));
  const dangling = tar(pax(paxRecord('path', 'b')));
  const claimed = header({ typeflag: 'x', size: MIB + 1 });
  const long = header({ typeflag: 'L', flavour: 'gnu', size: 8 ** 11 - 1 });
  return [
    evil(
      'pax-length-lies.tar',
      'a record longer than its header',
      'past its header',
      tar(pax('99 path=b\n'), after),
    ),
    evil(
      'pax-length-short.tar',
      'a record longer than its length',
      'does not end in a newline',
      tar(pax('8 path=b\n'), after),
    ),
    evil(
      'pax-length-missing.tar',
      'a record without a length',
      'without a length',
      tar(pax('path=b\n'), after),
    ),
    evil(
      'pax-record-huge.tar',
      'records of more than 1 MiB',
      'an extended header of 1048577 bytes',
      tar(claimed, after),
    ),
    evil('pax-size-negative.tar', 'a file of -1 bytes', 'a pax size of "-1"', record('size', '-1')),
    evil(
      'pax-size-past-the-end.tar',
      'another size than its header, past the end',
      '1000000 bytes of data',
      record('size', '1000000'),
    ),
    evil(
      'pax-no-entry.tar',
      'records about an entry that never comes',
      'no entry follows',
      dangling,
    ),
    evil(
      'gnu-long-name-endless.tar',
      'a name of 8 GiB',
      'an extended header of 8589934591 bytes',
      tar(long, after),
    ),
    evil(
      'gnu-long-names-no-entry.tar',
      'forty long names and no entry',
      'no entry follows',
      tar(...endless),
    ),
    evil(
      'gnu-long-name-cut-short.tar',
      'a long name past the end',
      '5000 bytes of data',
      tar(header({ typeflag: 'L', flavour: 'gnu', size: 5000 })),
    ),
  ];
}

function sparse(): EvilArchive[] {
  const old = (runs: readonly number[], realSize: number): Uint8Array => {
    const record = { flavour: 'gnu', typeflag: 'S', size: 512 } as const;
    const first = header(record, [386, runs.map(octal).join('')], [483, octal(realSize)]);
    return tar(first, ZEROS);
  };
  const lines = (map: string): Uint8Array => {
    const major = paxRecord('GNU.sparse.major', '1') + paxRecord('GNU.sparse.minor', '0');
    return tar(pax(major + paxRecord('GNU.sparse.realsize', '5000')), member('a', map));
  };
  return [
    evil(
      'sparse-overlaps.tar',
      'two runs of one place',
      'before the end of another',
      old([0, 200, 100, 200], 5000),
    ),
    evil(
      'sparse-past-its-size.tar',
      'a run past the end of its file',
      "past the file's 5000",
      old([4990, 200], 5000),
    ),
    evil(
      'sparse-more-than-stored.tar',
      'runs of more than is stored',
      'more than the 512 bytes',
      old([0, 4000], 5000),
    ),
    evil(
      'sparse-map-huge.tar',
      'a map of a million runs',
      'a sparse map of 1000000 pieces',
      lines('1000000\n'.padEnd(512, '0')),
    ),
    evil(
      'sparse-map-endless.tar',
      'a map that does not stop',
      'longer than the 512 bytes',
      lines(`9999\n${'1\n'.repeat(300)}`.slice(0, 512)),
    ),
  ];
}

function trees(): EvilArchive[] {
  const deep = pax(paxRecord('path', `${'d/'.repeat(5000)}f`));
  const deepGnu = gnuLong(`${'d/'.repeat(5000)}f\0`, 'L');
  const circle = [link('a', 'b'), link('b', 'a')];
  return [
    evil(
      'name-dot-dot.tar',
      'a file outside of the archive',
      "leads out of the archive by '..'",
      packUstar([file('../etc/passwd', 'x')]),
    ),
    evil(
      'name-dot-dot-within.tar',
      'a path that climbs and comes back',
      "leads out of the archive by '..'",
      packUstar([file('a/../b', 'x')]),
    ),
    evil(
      'name-300-bytes.tar',
      'a name of 300 bytes',
      'has a name of 300 bytes',
      tar(gnuLong(`${'n'.repeat(300)}\0`, 'L'), member('n', 'x')),
    ),
    evil(
      'name-missing.tar',
      'a file without a name',
      'is a file without a name',
      tar(header({ path: './' }, [0, '.\0'])),
    ),
    evil(
      'depth-5000.tar',
      'directories 5000 deep',
      'a pax path of 10001 bytes',
      tar(deep, member('f', 'x')),
    ),
    evil(
      'depth-5000-gnu.tar',
      'the same by a long name',
      'name of 10001 bytes',
      tar(deepGnu, member('f', 'x')),
    ),
    evil(
      'below-a-file.tar',
      'a file in a file',
      "lies below 'a', which is no directory",
      packUstar([file('a', 'x'), file('a/b', 'y')]),
    ),
    evil(
      'below-a-symlink.tar',
      'a file written through a link of the same archive',
      "lies below 'out', which is no directory",
      tar(header({ typeflag: '2', path: 'out', target: '/etc' }), member('out/passwd', 'x')),
    ),
    evil(
      'link-to-nowhere.tar',
      'a hard link to what is not there',
      'is not in the archive',
      packUstar([link('a', 'nowhere')]),
    ),
    evil(
      'link-to-itself.tar',
      'a hard link to itself',
      'is not in the archive',
      packUstar([link('a', 'a')]),
    ),
    evil(
      'links-in-a-circle.tar',
      'hard links to each other',
      'is not in the archive',
      packUstar(circle),
    ),
    evil(
      'link-to-directory.tar',
      'a hard link to a directory',
      'cannot be linked to',
      packUstar([directory('d'), link('a', 'd')]),
    ),
    evil(
      'link-out.tar',
      'a hard link out of the archive',
      'is not in the archive',
      packUstar([link('a', '../../etc/passwd')]),
    ),
  ];
}

function visor(): EvilArchive[] {
  const bytes = packVisor([file('a', 'x'.repeat(600)), file('b', 'y'.repeat(600))], '8.0');
  const at = (name: string, record: { readonly size?: number; readonly dataOffset: number }) => {
    return header({ flavour: 'visor', path: name, size: 600, ...record });
  };
  const with2 = (first: Uint8Array, second: Uint8Array): Uint8Array => {
    const copy = bytes.slice();
    copy.set(first);
    copy.set(second, 512);
    return copy;
  };
  const [a, b] = [at('a', { dataOffset: 4096 }), at('b', { dataOffset: 8192 })];
  return [
    evil(
      'visor-offset-past-end.vtar',
      'data at 16 MiB',
      '600 bytes of data at 0x1000000',
      with2(a, at('b', { dataOffset: 16 * MIB })),
    ),
    evil(
      'visor-offset-at-4-gib.vtar',
      'data at the highest offset',
      '600 bytes of data at 0xffffffff',
      with2(a, at('b', { dataOffset: 2 ** 32 - 1 })),
    ),
    evil(
      'visor-size-past-end.vtar',
      'data of 1 MiB',
      '1048576 bytes of data at 0x2000',
      with2(a, at('b', { dataOffset: 8192, size: MIB })),
    ),
    evil(
      'visor-offset-in-headers.vtar',
      'data that is headers',
      'starts amid the headers',
      with2(at('a', { dataOffset: 512 + 1 }), b),
    ),
    evil(
      'visor-header-in-data.vtar',
      'a header where data is',
      'a visor header where the data starts',
      with2(at('a', { dataOffset: 512 }), b),
    ),
    evil(
      'visor-data-overlaps.vtar',
      'two files of one place',
      'overlaps other',
      with2(a, at('b', { dataOffset: 4096 + 100 })),
    ),
    evil(
      'visor-amid-ustar.tar',
      'a visor header in another tar',
      'a visor header amid another tar',
      tar(member('a', 'a'), header({ flavour: 'visor', path: 'b' })),
    ),
    evil(
      'visor-checksum-wrong.vtar',
      'a visor header with another sum',
      'do not add up to its checksum',
      with2(patched(a, [0, 'c']), b),
    ),
  ];
}

/** An archive that is right, for lies around it. */
export function honestTar(): Uint8Array {
  return packUstar([file('a', utf8('honest\n'))]);
}
