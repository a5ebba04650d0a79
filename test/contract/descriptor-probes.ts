/**
 * The probes of verbs on descriptors. `p` is where the scene is.
 */

import { Probes } from './probes.ts';

/** The probes of verbs on descriptors. */
export function descriptorProbes(p: string): Probes {
  const probes = new Probes(p);
  const { opened, onFd, add } = probes;
  // Descriptors
  const FDS: Readonly<Record<string, readonly unknown[]>> = {
    close: [],
    fchmod: [0o600],
    fchown: [1, 1],
    fdatasync: [],
    fstat: [],
    fsync: [],
    ftruncate: [1],
    futimes: [1, 1],
    read: [Buffer.alloc(2), 0, 2, 0],
    readv: [[Buffer.alloc(2)]],
    write: ['x'],
    writev: [[Buffer.from('xy')]],
  };
  for (const [verb, given] of Object.entries(FDS)) {
    for (const fd of [999, -1, 1.5, 2 ** 31, '3', undefined, null, {}, true, NaN]) {
      onFd(verb, `of descriptor ${String(fd)} ${typeof fd}`, fd, ...given);
    }
    opened(verb, 'of a file to read', 'f', 'r', ...given);
    opened(verb, 'of a file to write', 'f', 'r+', ...given);
    opened(verb, 'of a file to write only', 'f', 'w', ...given);
    opened(verb, 'of a file to append', 'f', 'a', ...given);
    opened(verb, 'of a directory', 'dir', 'r', ...given);
  }
  for (const length of [0, 3, 9, -1, 1.5, '1', undefined, {}]) {
    opened('ftruncate', `to ${String(length)} ${typeof length}`, 'f', 'r+', length);
  }
  opened('fchmod', 'with a mode that is none', 'f', 'r', 'z');
  opened('fchmod', 'without a mode', 'f', 'r', undefined);
  opened('fchown', 'with a user below -1', 'f', 'r', -2, 0);
  opened('futimes', 'with a time that is none', 'f', 'r', {}, 0);
  opened('futimes', 'with another time that is none', 'f', 'r', 0, 'x');
  opened('fstat', 'in bigints', 'f', 'r', { bigint: true });

  // read and write, by their many forms
  const buffer = () => Buffer.alloc(8, '.');
  const READS: Readonly<Record<string, readonly unknown[]>> = {
    'into all of a buffer': [buffer()],
    'into a part': [buffer(), 1, 3, 0],
    'from a position': [buffer(), 0, 8, 2],
    'from a bigint': [buffer(), 0, 8, 2n],
    'from -1': [buffer(), 0, 8, -1],
    'from null': [buffer(), 0, 8, null],
    'behind the end': [buffer(), 0, 8, 50],
    'with fields': [buffer(), { offset: 2, length: 2, position: 1 }],
    'with fields that are null': [buffer(), null],
    'of no length': [buffer(), 0, 0, 0],
    'of too much': [buffer(), 0, 9, 0],
    'of too much behind an offset': [buffer(), 5, 4, 0],
    'at an offset below zero': [buffer(), -1, 4, 0],
    'at a fraction': [buffer(), 0.5, 4, 0],
    'at text': [buffer(), '1', 4, 0],
    'of less than nothing': [buffer(), 0, -1, 0],
    'from -2': [buffer(), 0, 8, -2],
    'from a fraction': [buffer(), 0, 8, 0.5],
    'from text': [buffer(), 0, 8, '0'],
    'from a bigint too large': [buffer(), 0, 8, 2n ** 64n],
    'into nothing': [Buffer.alloc(0), 0, 1, 0],
    'into an array of bytes': [new Uint8Array(8)],
    'into larger numbers': [new Uint16Array(4), 0, 8, 0],
    'into text': ['text', 0, 1, 0],
  };
  for (const [title, given] of Object.entries(READS)) opened('read', title, 'f', 'r', ...given);
  add(['callback'], 'read', 'without a buffer', (fs) => [fs.openSync(`${p}/f`, 'r')]);
  add(['callback'], 'read', 'with fields alone', (fs) => [
    fs.openSync(`${p}/f`, 'r'),
    { buffer: Buffer.alloc(4), offset: 1, length: 2, position: 1 },
  ]);
  const WRITES: Readonly<Record<string, readonly unknown[]>> = {
    'all of a buffer': [Buffer.from('XYZ')],
    'a part of it': [Buffer.from('XYZ'), 1, 1],
    'to a position': [Buffer.from('XYZ'), 0, 3, 3],
    'far behind the end': [Buffer.from('XYZ'), 0, 3, 20],
    'to null': [Buffer.from('XYZ'), 0, 3, null],
    'to -1': [Buffer.from('XYZ'), 0, 3, -1],
    'with fields': [Buffer.from('XYZ'), { offset: 1, length: 2, position: 1 }],
    'an offset alone': [Buffer.from('XYZ'), 2],
    'from too far': [Buffer.from('XYZ'), 4],
    'too much': [Buffer.from('XYZ'), 1, 3],
    'less than nothing': [Buffer.from('XYZ'), 0, -1],
    'from below zero': [Buffer.from('XYZ'), -1],
    'from a fraction': [Buffer.from('XYZ'), 0.5],
    'a fraction': [Buffer.from('XYZ'), 0, 1.5],
    'an empty buffer': [Buffer.alloc(0)],
    'larger numbers': [Uint16Array.of(0x4141, 0x4242)],
    text: ['text'],
    'text to a position': ['text', 2],
    'text in an encoding': ['7a7a', 1, 'hex'],
    'half a byte of hex': ['7a7', 1, 'hex'],
    'text in an encoding that is none': ['zz', 1, 'nope'],
    'text with accents': ['é€'],
    'a number': [5],
    nothing: [undefined],
  };
  for (const [title, given] of Object.entries(WRITES)) opened('write', title, 'f', 'r+', ...given);
  opened('write', 'at a position to a file that appends', 'f', 'a', 'X', 0);
  opened('readv', 'into several', 'f', 'r', [Buffer.alloc(2), Buffer.alloc(2), Buffer.alloc(9)]);
  opened('readv', 'from a position', 'f', 'r', [Buffer.alloc(2), Buffer.alloc(2)], 2);
  opened('readv', 'into none', 'f', 'r', []);
  opened('readv', 'into what is no view', 'f', 'r', ['x']);
  opened('readv', 'into what is no list', 'f', 'r', 'x');
  opened('writev', 'of several', 'f', 'r+', [Buffer.from('A'), Buffer.from('BC')]);
  opened('writev', 'to a position', 'f', 'r+', [Buffer.from('A'), Buffer.from('BC')], 4);
  opened('writev', 'of none', 'f', 'r+', []);
  opened('writev', 'of what is no view', 'f', 'r+', ['x']);
  return probes;
}
