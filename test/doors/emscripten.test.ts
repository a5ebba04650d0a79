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

const errnoOf = (act: () => unknown): unknown => {
  try {
    return { returned: act() ?? null };
  } catch (error) {
    return { errno: (error as { errno: unknown }).errno };
  }
};

/** What stays the same wherever a file lies. */
const shown = ({ mode, nlink, uid, gid, size, atime, mtime }: Any): object => {
  return { mode, nlink, uid, gid, size: (mode & 0o170000) === 0o040000 ? 0 : size, atime, mtime };
};
/** NODEFS leaves out what every directory has. */
const namesIn = (p: string): string[] =>
  (FS.readdir(p) as string[]).filter((name) => name !== '.' && name !== '..').sort();
const later = 2_000_000_000_000;

/** Calls on a new folder `p`; what the last returns is compared, or what it is refused with. */
const CALLS: Readonly<Record<string, (p: string) => unknown>> = {
  'a file is written and read': (p) => {
    FS.writeFile(`${p}/f`, 'héllo');
    return FS.readFile(`${p}/f`, { encoding: 'utf8' });
  },
  'a file is written over': (p) => {
    FS.writeFile(`${p}/f`, 'a long one');
    FS.writeFile(`${p}/f`, 'short');
    return FS.readFile(`${p}/f`, { encoding: 'utf8' });
  },
  'what is appended goes to the end': (p) => {
    FS.writeFile(`${p}/f`, 'one');
    const stream = FS.open(`${p}/f`, 'a');
    FS.write(stream, new Uint8Array([65, 66]), 0, 2, 0);
    FS.close(stream);
    return FS.readFile(`${p}/f`, { encoding: 'utf8' });
  },
  'a stream has a place, and seeks': (p) => {
    const stream = FS.open(`${p}/f`, 'w+');
    FS.write(stream, new TextEncoder().encode('abcdef'), 1, 4);
    const places = [FS.llseek(stream, -2, 2), FS.llseek(stream, 1, 1), FS.llseek(stream, 1, 0)];
    const bytes = new Uint8Array(9);
    const read = FS.read(stream, bytes, 3, 5);
    FS.close(stream);
    return { places, read, bytes, refused: errnoOf(() => FS.llseek(stream, 0, 0)) };
  },
  'a seek ahead of the start is refused': (p) => FS.llseek(FS.open(`${p}/f`, 'w'), -1, 0),
  'a hole reads as zeros': (p) => {
    const stream = FS.open(`${p}/f`, 'w');
    FS.write(stream, new Uint8Array([1]), 0, 1, 9);
    FS.close(stream);
    return FS.readFile(`${p}/f`);
  },
  'signed bytes are bytes': (p) => {
    const stream = FS.open(`${p}/f`, 'w+');
    FS.write(stream, new Int8Array([-1, -128, 5]), 0, 3);
    const bytes = new Int8Array(4);
    FS.read(stream, bytes, 1, 3, 0);
    FS.close(stream);
    return bytes;
  },
  'a file that is open outlives its name': (p) => {
    const stream = FS.open(`${p}/f`, 'w+');
    FS.unlink(`${p}/f`);
    FS.write(stream, new Uint8Array([7, 8, 9]), 0, 3);
    const bytes = new Uint8Array(3);
    FS.read(stream, bytes, 0, 3, 0);
    const { nlink, size } = FS.fstat(stream.fd);
    FS.close(stream);
    return { bytes, nlink, size, names: namesIn(p) };
  },
  'a duplicate keeps a stream open': (p) => {
    const stream = FS.open(`${p}/f`, 'w+');
    const other = FS.dupStream(stream);
    FS.close(stream);
    FS.write(other, new Uint8Array([65]), 0, 1);
    FS.close(other);
    return FS.readFile(`${p}/f`);
  },
  'a descriptor is cut and changed': (p) => {
    FS.writeFile(`${p}/f`, 'hello');
    const stream = FS.open(`${p}/f`, 'r+');
    FS.ftruncate(stream.fd, 2);
    FS.fchmod(stream.fd, 0o640);
    const { mode, size } = FS.fstat(stream.fd);
    FS.close(stream);
    return { mode, size };
  },
  'a path is cut and grown': (p) => {
    FS.writeFile(`${p}/f`, 'hello');
    FS.truncate(`${p}/f`, 2);
    FS.truncate(`${p}/f`, 4);
    return FS.readFile(`${p}/f`);
  },
  'times are kept to the millisecond': (p) => {
    FS.writeFile(`${p}/f`, '');
    FS.utime(`${p}/f`, later + 1, later + 2);
    return shown(FS.stat(`${p}/f`));
  },
  'one time alone leaves the other': (p) => {
    FS.writeFile(`${p}/f`, '');
    FS.utime(`${p}/f`, later, later);
    FS.utime(`${p}/f`, null, later + 5);
    return shown(FS.stat(`${p}/f`));
  },
  'a link has times of its own': (p) => {
    FS.writeFile(`${p}/f`, '');
    FS.utime(`${p}/f`, later, later);
    FS.symlink('f', `${p}/l`);
    FS.utime(`${p}/l`, later + 5, later + 6, true);
    return [shown(FS.lstat(`${p}/l`)), shown(FS.stat(`${p}/l`))];
  },
  'modes are kept': (p) => {
    FS.writeFile(`${p}/f`, '', { mode: 0o600 });
    FS.mkdir(`${p}/d`, 0o700);
    FS.chmod(`${p}/d`, 0o1755);
    return [FS.stat(`${p}/f`).mode, FS.stat(`${p}/d`).mode];
  },
  'a directory is listed': (p) => {
    for (const name of ['b', 'a', 'é']) FS.writeFile(`${p}/${name}`, '');
    FS.mkdir(`${p}/d`);
    return namesIn(p);
  },
  'a link is read and followed': (p) => {
    FS.writeFile(`${p}/f`, 'x');
    FS.symlink('f', `${p}/l`);
    return [FS.readlink(`${p}/l`), FS.readFile(`${p}/l`), FS.lstat(`${p}/l`).size];
  },
  'a loop of links is refused': (p) => {
    FS.symlink('b', `${p}/a`);
    FS.symlink('a', `${p}/b`);
    return FS.stat(`${p}/a`);
  },
  'a rename goes over a file': (p) => {
    FS.writeFile(`${p}/a`, 'a');
    FS.writeFile(`${p}/b`, 'b');
    FS.rename(`${p}/a`, `${p}/b`);
    return [FS.readFile(`${p}/b`), namesIn(p).length, errnoOf(() => FS.stat(`${p}/a`))];
  },
  'a name is free once its file has another': (p) => {
    FS.mkdir(`${p}/a`);
    FS.rename(`${p}/a`, `${p}/b`);
    FS.mkdir(`${p}/a`);
    return namesIn(p);
  },
  'bits that were taken count at once': (p) => {
    FS.writeFile(`${p}/f`, '');
    FS.chmod(`${p}/f`, 0o444);
    const stream = FS.open(`${p}/f`, 'r');
    const refused = errnoOf(() => FS.open(`${p}/f`, 'r+'));
    FS.fchmod(stream.fd, 0o644);
    FS.close(stream);
    FS.close(FS.open(`${p}/f`, 'r+'));
    return refused;
  },
  'a directory is renamed with what is in it': (p) => {
    FS.mkdirTree(`${p}/a/b`);
    FS.writeFile(`${p}/a/b/f`, 'x');
    FS.mkdir(`${p}/z`);
    FS.rename(`${p}/a`, `${p}/z/y`);
    return FS.readFile(`${p}/z/y/b/f`);
  },
  'a rename into itself is refused': (p) => {
    FS.mkdir(`${p}/a`);
    FS.rename(`${p}/a`, `${p}/a/b`);
  },
  'a rename over what is not empty is refused, and changes nothing': (p) => {
    FS.mkdirTree(`${p}/a`);
    FS.mkdirTree(`${p}/b/c`);
    return [
      errnoOf(() => FS.rename(`${p}/a`, `${p}/b`)),
      shown(FS.stat(`${p}/a`)).constructor.name,
    ];
  },
  'a rename to another mount is refused': (p) => {
    FS.writeFile(`${p}/f`, '');
    FS.rename(`${p}/f`, '/tmp/f');
  },
  'a name that is there is not made again': (p) => {
    FS.mkdir(`${p}/d`);
    FS.mkdir(`${p}/d`);
  },
  'what is not there is not found': (p) => FS.stat(`${p}/none`),
  'what is not there is not listed': (p) => FS.readdir(`${p}/none`),
  'what is not there is not removed': (p) => FS.unlink(`${p}/none`),
  'a file is no directory': (p) => {
    FS.writeFile(`${p}/f`, '');
    return [
      errnoOf(() => FS.stat(`${p}/f/x`)),
      errnoOf(() => FS.rmdir(`${p}/f`)),
      errnoOf(() => FS.readlink(`${p}/f`)),
      errnoOf(() => FS.open(`${p}/f`, 0o200000)),
    ];
  },
  'a directory is no file': (p) => [
    errnoOf(() => FS.open(p, 'w')),
    errnoOf(() => FS.truncate(p, 0)),
    errnoOf(() => FS.readFile(p)),
  ],
  'a directory that is not empty stays': (p) => {
    FS.mkdirTree(`${p}/a/b`);
    FS.rmdir(`${p}/a`);
  },
  'a directory that is empty goes': (p) => {
    FS.mkdir(`${p}/a`);
    FS.rmdir(`${p}/a`);
    return FS.analyzePath(`${p}/a`).exists;
  },
  'a name that is too long is refused': (p) => FS.writeFile(`${p}/${'n'.repeat(256)}`, ''),
  'O_EXCL is kept': (p) => {
    FS.writeFile(`${p}/f`, '');
    FS.open(`${p}/f`, 0o301);
  },
  'a device is refused': (p) => FS.mkdev(`${p}/d`, 0x501),
};

describe('a vfs in Emscripten does what the kernel does', () => {
  for (const [title, call] of Object.entries(CALLS)) {
    test(title, () => {
      count += 1;
      const [ours, theirs] = ['/ours', '/kernel'].map((place) => {
        FS.mkdir(`${place}/${count}`);
        return errnoOf(() => call(`${place}/${count}`));
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
