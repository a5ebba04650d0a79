/**
 * Attacks the door for Emscripten in a real Emscripten build, PGlite's, without its Postgres: the
 * same calls on a vfs and, through Emscripten's own NODEFS, on the kernel.
 */

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { visorFsType } from '../../src/doors/emscripten.ts';
import { Image, openTardisk, VisorFs } from '../../src/node.ts';
import { tarOf } from '../support/archives.ts';
import { CALLS, errnoOf } from './emscripten-calls.ts';

// biome-ignore lint/suspicious/noExplicitAny: what types Emscripten is another package
type Any = any;

let pg: PGlite;
let module: Any;
let FS: Any;
let kernel: string;
let vfs: VisorFs;
let count = 0;

beforeAll(async () => {
  pg = await PGlite.create({ noInitDb: true });
  module = pg.Module;
  ({ FS } = module);
  kernel = fs.mkdtempSync(path.join(os.tmpdir(), 'visorfs-emscripten-'));
  vfs = new VisorFs();
  for (const place of ['/kernel', '/ours']) FS.mkdir(place);
  FS.mount(module.NODEFS, { root: kernel }, '/kernel');
  FS.mount(visorFsType(module, vfs), {}, '/ours');
}, 60_000);
afterAll(() => fs.rmSync(kernel, { recursive: true }));

describe('a vfs in Emscripten does what the kernel does', () => {
  for (const [title, call] of Object.entries(CALLS)) {
    test(title, () => {
      count += 1;
      const [ours, theirs] = ['/ours', '/kernel'].map((place) => {
        FS.mkdir(`${place}/${count}`);
        return errnoOf(() => call(FS, `${place}/${count}`));
      });
      expect(ours).toEqual(theirs);
    });
  }
});

test('what Emscripten writes, the vfs has, and the other way round', () => {
  FS.writeFile('/ours/shared', 'by Emscripten');
  expect(vfs.fs.readFileSync('/shared', 'utf8')).toBe('by Emscripten');
  vfs.fs.writeFileSync('/other', 'by us');
  expect(FS.readFile('/ours/other', { encoding: 'utf8' })).toBe('by us');
});

test('a hard link is the same file, by its inode too', () => {
  FS.writeFile('/ours/linked', 'x');
  FS.link('/ours/linked', '/ours/again', 0);
  const { ino, nlink } = FS.stat('/ours/again');
  expect([ino, nlink]).toEqual([vfs.fs.statSync('/linked').ino, 2]);
  expect(errnoOf(() => FS.link('/tmp', '/ours/never', 0))).toEqual({ errno: 75 });
});

test('whoever the fs acts as is asked', () => {
  vfs.fs.writeFileSync('/secret', 'x', { mode: 0o600 });
  FS.mkdir('/user');
  FS.mount(visorFsType(module, { fs: vfs.as({ uid: 1000, gid: 1000 }) }), {}, '/user');
  expect(errnoOf(() => FS.readFile('/user/secret'))).toEqual({ errno: 2 });
  expect(FS.readFile('/ours/secret')).toEqual(new Uint8Array([120]));
});

test('free space is that of the ramdisk', () => {
  const { bsize, blocks, bfree } = vfs.fs.statfsSync('/');
  expect(FS.statfs('/ours')).toMatchObject({ bsize, frsize: bsize, blocks, bfree });
});

test('a full ramdisk is ENOSPC, and keeps what fitted', () => {
  const small = new VisorFs(undefined, {
    ramdisks: [{ name: 'small', path: '/', size: '16kb', inodes: 99 }],
  });
  FS.mkdir('/small');
  FS.mount(visorFsType(module, small), {}, '/small');
  FS.writeFile('/small/f', new Uint8Array(4096).fill(1));
  const full = errnoOf(() => FS.writeFile('/small/g', new Uint8Array(64 << 10)));
  expect(full).toEqual({ errno: 51 });
  expect(FS.readFile('/small/f')).toEqual(new Uint8Array(4096).fill(1));
});

test('memory that was mapped is read from the file and goes back there', () => {
  const bytes = new TextEncoder().encode('mapped');
  const mapping = {
    FS,
    HEAPU8: new Uint8Array(64),
    mmapAlloc: (size: number) => (size > 32 ? 0 : 16),
  };
  FS.mkdir('/mapped');
  FS.mount(visorFsType(mapping, vfs), {}, '/mapped');
  FS.writeFile('/mapped/m', bytes);
  const stream = FS.open('/mapped/m', 'r+');
  expect(FS.mmap(stream, 6, 0, 1, 1)).toEqual({ ptr: 16, allocated: true });
  expect(mapping.HEAPU8.subarray(16, 22)).toEqual(bytes);
  expect(errnoOf(() => FS.mmap(stream, 33, 0, 1, 1))).toEqual({ errno: 48 });
  FS.msync(stream, new TextEncoder().encode('MAP'), 1, 3, 0);
  FS.close(stream);
  expect(FS.readFile('/mapped/m', { encoding: 'utf8' })).toBe('mMAPed');
  const without = FS.open('/ours/m', 'r+');
  expect(errnoOf(() => FS.mmap(without, 6, 0, 1, 1))).toEqual({ errno: 43 });
  FS.close(without);
});

describe('an archive, mounted to be read', () => {
  const tar = tarOf([
    { path: 'lib/', mode: 0o750 },
    { path: 'lib/a.py', content: 'print()', mode: 0o644 },
    { path: 'lib/b.py', type: 'symlink', target: 'a.py' },
    { path: 'usr/', mode: 0o755 },
  ]);
  const readOnly: Readonly<Record<string, (p: string) => unknown>> = {
    'written over': (p) => FS.writeFile(`${p}/a.py`, 'x'),
    'opened to be written': (p) => FS.open(`${p}/a.py`, 'r+'),
    made: (p) => FS.writeFile(`${p}/new`, 'x'),
    'made a directory': (p) => FS.mkdir(`${p}/new`),
    linked: (p) => FS.symlink('a.py', `${p}/new`),
    'linked hard': (p) => FS.link(`${p}/a.py`, `${p}/new`, 0),
    removed: (p) => FS.unlink(`${p}/a.py`),
    'removed, a directory': (p) => FS.rmdir(`${p}/../usr`),
    renamed: (p) => FS.rename(`${p}/a.py`, `${p}/new`),
    changed: (p) => FS.chmod(`${p}/a.py`, 0o777),
    'given times': (p) => FS.utime(`${p}/a.py`, 1, 1),
    cut: (p) => FS.truncate(`${p}/a.py`, 1),
  };
  let archive: VisorFs;
  beforeAll(async () => {
    archive = new VisorFs(Image.of(await openTardisk(tar)));
    FS.mkdir('/archive');
    FS.mount(visorFsType(module, archive), { readOnly: true }, '/archive');
    FS.mkdir('/lib');
    FS.mount(visorFsType(module, archive), { root: '/lib', readOnly: true }, '/lib');
  });

  test('it is read', () => {
    expect(FS.readdir('/archive/lib')).toEqual(['.', '..', 'a.py', 'b.py']);
    expect(FS.readFile('/archive/lib/b.py', { encoding: 'utf8' })).toBe('print()');
    expect(FS.readFile('/lib/b.py', { encoding: 'utf8' })).toBe('print()');
    expect(FS.stat('/lib').mode).toBe(0o040750);
  });

  for (const [what, act] of Object.entries(readOnly)) {
    test(`nothing of it is ${what}`, () => {
      expect(errnoOf(() => act('/archive/lib'))).toEqual({ errno: 69 });
      expect(archive.changes()).toEqual([]);
    });
  }
});

describe('refusals have the numbers of Emscripten’s own C library', () => {
  const TEXTS = {
    EACCES: 'Permission denied',
    EBADF: 'Bad file descriptor',
    EBUSY: 'Resource busy',
    EEXIST: 'File exists',
    EFBIG: 'File too large',
    EINVAL: 'Invalid argument',
    EIO: 'I/O error',
    EISDIR: 'Is a directory',
    ELOOP: 'Symbolic link loop',
    EMFILE: 'No file descriptors available',
    EMLINK: 'Too many links',
    ENAMETOOLONG: 'Filename too long',
    ENOENT: 'No such file or directory',
    ENOMEM: 'Out of memory',
    ENOSPC: 'No space left on device',
    ENOTDIR: 'Not a directory',
    ENOTEMPTY: 'Directory not empty',
    ENXIO: 'No such device or address',
    EPERM: 'Operation not permitted',
    EROFS: 'Read-only file system',
    EXDEV: 'Cross-device link',
  };
  for (const [code, text] of Object.entries(TEXTS)) {
    test(`${code} is '${text}'`, () => {
      const refused = (): never => {
        throw Object.assign(new Error(), { code });
      };
      const refusing = Object.create(vfs.fs, { readlinkSync: { value: refused } });
      if (!FS.analyzePath(`/${code}`).exists) FS.mkdir(`/${code}`);
      FS.mount(visorFsType(module, { fs: refusing }), {}, `/${code}`);
      const { errno } = errnoOf(() => FS.readlink(`/${code}/other`)) as { errno: number };
      expect(module.UTF8ToString(module._strerror(errno))).toBe(text);
    });
  }
});
