// A refusal carries what node:fs carries, word for word. Node is asked, not quoted: libuv's own
// table of errno names, numbers and texts, and a real refusal of the kernel's.

import fs from 'node:fs';
import { getSystemErrorMap } from 'node:util';
import { expect, test } from 'vitest';
import { CorruptError, type ErrnoCode, located, VisorError } from '../../src/base/errors.ts';
import { thrownBy } from '../support/thrown.ts';

const CODES = ['EPERM', 'ENOENT', 'EIO', 'ENXIO', 'EBADF', 'ENOMEM', 'EACCES', 'EBUSY', 'EEXIST']
  .concat(['EXDEV', 'ENOTDIR', 'EISDIR', 'EINVAL', 'EMFILE', 'EFBIG', 'ENOSPC', 'EROFS', 'EMLINK'])
  .concat(['ENAMETOOLONG', 'ENOTEMPTY', 'ELOOP']) as ErrnoCode[];

test.skipIf(process.platform !== 'linux').each(CODES)('%s is what libuv says it is', (code) => {
  const [errno, [, text]] = [...getSystemErrorMap()].find(([, [name]]) => name === code)!;
  const error = new VisorError(code);
  expect([error.errno, error.code, error.message]).toEqual([errno, code, `${code}: ${text}`]);
});

test('a refusal that got its place reads as node’s own', () => {
  const theirs = thrownBy(() => fs.openSync('/nowhere/x', 'r')) as NodeJS.ErrnoException;
  const ours = located(new VisorError('ENOENT'), { syscall: 'open', path: '/nowhere/x' });
  const { message, code, errno, syscall, path } = theirs;
  expect(ours).toMatchObject({ message, code, errno, syscall, path });
  expect(Object.keys(ours as object), 'in the same order').toEqual(Object.keys(theirs));
});

test('a place is given once, and only to refusals', () => {
  const placed = new VisorError('ENOENT', { syscall: 'open', path: '/a' });
  expect(located(placed, { syscall: 'stat', path: '/b' })).toBe(placed);
  const other = new Error('other');
  expect(located(other, { syscall: 'stat' })).toBe(other);
});

test('a full ramdisk is named behind node’s words, and its figures stay', () => {
  const full = { ramdisk: 'root', limit: 'bytes', used: 5, max: 6 } as const;
  const error = located(new VisorError('ENOSPC', undefined, full), { syscall: 'write' });
  expect(error).toMatchObject({
    full,
    message:
      "ENOSPC: no space left on device, write (the ramdisk 'root' is full: 5 of 6 bytes used)",
  });
});

test('a corrupt archive is named with the offset in hexadecimal and the claim', () => {
  const error = new CorruptError('base.v00', 4096, 'says what is not so');
  expect(error.message).toBe('base.v00 at 0x1000: says what is not so');
  expect(error.name).toBe('CorruptError');
});
