/**
 * Calls of Emscripten's FS on a folder of their own, each to be made on two file systems that ought
 * to answer alike.
 */

// biome-ignore lint/suspicious/noExplicitAny: what types Emscripten is another package
type Any = any;

/** What `act` returned, or the number of what it threw. */
export const errnoOf = (act: () => unknown): unknown => {
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
const namesIn = (FS: Any, p: string): string[] =>
  (FS.readdir(p) as string[]).filter((name) => name !== '.' && name !== '..').sort();
const later = 2_000_000_000_000;

/** Calls on a new folder `p`; what the last returns is compared, or what it is refused with. */
export const CALLS: Readonly<Record<string, (FS: Any, p: string) => unknown>> = {
  'a file is written and read': (FS, p) => {
    FS.writeFile(`${p}/f`, 'héllo');
    return FS.readFile(`${p}/f`, { encoding: 'utf8' });
  },
  'a file is written over': (FS, p) => {
    FS.writeFile(`${p}/f`, 'a long one');
    FS.writeFile(`${p}/f`, 'short');
    return FS.readFile(`${p}/f`, { encoding: 'utf8' });
  },
  'what is appended goes to the end': (FS, p) => {
    FS.writeFile(`${p}/f`, 'one');
    const stream = FS.open(`${p}/f`, 'a');
    FS.write(stream, new Uint8Array([65, 66]), 0, 2, 0);
    FS.close(stream);
    return FS.readFile(`${p}/f`, { encoding: 'utf8' });
  },
  'a stream has a place, and seeks': (FS, p) => {
    const stream = FS.open(`${p}/f`, 'w+');
    FS.write(stream, new TextEncoder().encode('abcdef'), 1, 4);
    const places = [FS.llseek(stream, -2, 2), FS.llseek(stream, 1, 1), FS.llseek(stream, 1, 0)];
    const bytes = new Uint8Array(9);
    const read = FS.read(stream, bytes, 3, 5);
    FS.close(stream);
    return { places, read, bytes, refused: errnoOf(() => FS.llseek(stream, 0, 0)) };
  },
  'a seek ahead of the start is refused': (FS, p) => FS.llseek(FS.open(`${p}/f`, 'w'), -1, 0),
  'a hole reads as zeros': (FS, p) => {
    const stream = FS.open(`${p}/f`, 'w');
    FS.write(stream, new Uint8Array([1]), 0, 1, 9);
    FS.close(stream);
    return FS.readFile(`${p}/f`);
  },
  'signed bytes are bytes': (FS, p) => {
    const stream = FS.open(`${p}/f`, 'w+');
    FS.write(stream, new Int8Array([-1, -128, 5]), 0, 3);
    const bytes = new Int8Array(4);
    FS.read(stream, bytes, 1, 3, 0);
    FS.close(stream);
    return bytes;
  },
  'a file that is open outlives its name': (FS, p) => {
    const stream = FS.open(`${p}/f`, 'w+');
    FS.unlink(`${p}/f`);
    FS.write(stream, new Uint8Array([7, 8, 9]), 0, 3);
    const bytes = new Uint8Array(3);
    FS.read(stream, bytes, 0, 3, 0);
    const { nlink, size } = FS.fstat(stream.fd);
    FS.close(stream);
    return { bytes, nlink, size, names: namesIn(FS, p) };
  },
  'a duplicate keeps a stream open': (FS, p) => {
    const stream = FS.open(`${p}/f`, 'w+');
    const other = FS.dupStream(stream);
    FS.close(stream);
    FS.write(other, new Uint8Array([65]), 0, 1);
    FS.close(other);
    return FS.readFile(`${p}/f`);
  },
  'a descriptor is cut and changed': (FS, p) => {
    FS.writeFile(`${p}/f`, 'hello');
    const stream = FS.open(`${p}/f`, 'r+');
    FS.ftruncate(stream.fd, 2);
    FS.fchmod(stream.fd, 0o640);
    const { mode, size } = FS.fstat(stream.fd);
    FS.close(stream);
    return { mode, size };
  },
  'a path is cut and grown': (FS, p) => {
    FS.writeFile(`${p}/f`, 'hello');
    FS.truncate(`${p}/f`, 2);
    FS.truncate(`${p}/f`, 4);
    return FS.readFile(`${p}/f`);
  },
  'times are kept to the millisecond': (FS, p) => {
    FS.writeFile(`${p}/f`, '');
    FS.utime(`${p}/f`, later + 1, later + 2);
    return shown(FS.stat(`${p}/f`));
  },
  'one time alone leaves the other': (FS, p) => {
    FS.writeFile(`${p}/f`, '');
    FS.utime(`${p}/f`, later, later);
    FS.utime(`${p}/f`, null, later + 5);
    return shown(FS.stat(`${p}/f`));
  },
  'a link has times of its own': (FS, p) => {
    FS.writeFile(`${p}/f`, '');
    FS.utime(`${p}/f`, later, later);
    FS.symlink('f', `${p}/l`);
    FS.utime(`${p}/l`, later + 5, later + 6, true);
    return [shown(FS.lstat(`${p}/l`)), shown(FS.stat(`${p}/l`))];
  },
  'modes are kept': (FS, p) => {
    FS.writeFile(`${p}/f`, '', { mode: 0o600 });
    FS.mkdir(`${p}/d`, 0o700);
    FS.chmod(`${p}/d`, 0o1755);
    return [FS.stat(`${p}/f`).mode, FS.stat(`${p}/d`).mode];
  },
  'a directory is listed': (FS, p) => {
    for (const name of ['b', 'a', 'é']) FS.writeFile(`${p}/${name}`, '');
    FS.mkdir(`${p}/d`);
    return namesIn(FS, p);
  },
  'a link is read and followed': (FS, p) => {
    FS.writeFile(`${p}/f`, 'x');
    FS.symlink('f', `${p}/l`);
    return [FS.readlink(`${p}/l`), FS.readFile(`${p}/l`), FS.lstat(`${p}/l`).size];
  },
  'a loop of links is refused': (FS, p) => {
    FS.symlink('b', `${p}/a`);
    FS.symlink('a', `${p}/b`);
    return FS.stat(`${p}/a`);
  },
  'a rename goes over a file': (FS, p) => {
    FS.writeFile(`${p}/a`, 'a');
    FS.writeFile(`${p}/b`, 'b');
    FS.rename(`${p}/a`, `${p}/b`);
    return [FS.readFile(`${p}/b`), namesIn(FS, p).length, errnoOf(() => FS.stat(`${p}/a`))];
  },
  'a name is free once its file has another': (FS, p) => {
    FS.mkdir(`${p}/a`);
    FS.rename(`${p}/a`, `${p}/b`);
    FS.mkdir(`${p}/a`);
    return namesIn(FS, p);
  },
  'bits that were taken count at once': (FS, p) => {
    FS.writeFile(`${p}/f`, '');
    FS.chmod(`${p}/f`, 0o444);
    const stream = FS.open(`${p}/f`, 'r');
    const refused = errnoOf(() => FS.open(`${p}/f`, 'r+'));
    FS.fchmod(stream.fd, 0o644);
    FS.close(stream);
    FS.close(FS.open(`${p}/f`, 'r+'));
    return refused;
  },
  'a directory is renamed with what is in it': (FS, p) => {
    FS.mkdirTree(`${p}/a/b`);
    FS.writeFile(`${p}/a/b/f`, 'x');
    FS.mkdir(`${p}/z`);
    FS.rename(`${p}/a`, `${p}/z/y`);
    return FS.readFile(`${p}/z/y/b/f`);
  },
  'a rename into itself is refused': (FS, p) => {
    FS.mkdir(`${p}/a`);
    FS.rename(`${p}/a`, `${p}/a/b`);
  },
  'a rename over what is not empty is refused, and changes nothing': (FS, p) => {
    FS.mkdirTree(`${p}/a`);
    FS.mkdirTree(`${p}/b/c`);
    return [
      errnoOf(() => FS.rename(`${p}/a`, `${p}/b`)),
      shown(FS.stat(`${p}/a`)).constructor.name,
    ];
  },
  'a rename to another mount is refused': (FS, p) => {
    FS.writeFile(`${p}/f`, '');
    FS.rename(`${p}/f`, '/tmp/f');
  },
  'a name that is there is not made again': (FS, p) => {
    FS.mkdir(`${p}/d`);
    FS.mkdir(`${p}/d`);
  },
  'what is not there is not found': (FS, p) => FS.stat(`${p}/none`),
  'what is not there is not listed': (FS, p) => FS.readdir(`${p}/none`),
  'what is not there is not removed': (FS, p) => FS.unlink(`${p}/none`),
  'a file is no directory': (FS, p) => {
    FS.writeFile(`${p}/f`, '');
    return [
      errnoOf(() => FS.stat(`${p}/f/x`)),
      errnoOf(() => FS.rmdir(`${p}/f`)),
      errnoOf(() => FS.readlink(`${p}/f`)),
      errnoOf(() => FS.open(`${p}/f`, 0o200000)),
    ];
  },
  'a directory is no file': (FS, p) => [
    errnoOf(() => FS.open(p, 'w')),
    errnoOf(() => FS.truncate(p, 0)),
    errnoOf(() => FS.readFile(p)),
  ],
  'a directory that is not empty stays': (FS, p) => {
    FS.mkdirTree(`${p}/a/b`);
    FS.rmdir(`${p}/a`);
  },
  'a directory that is empty goes': (FS, p) => {
    FS.mkdir(`${p}/a`);
    FS.rmdir(`${p}/a`);
    return FS.analyzePath(`${p}/a`).exists;
  },
  'a name that is too long is refused': (FS, p) => FS.writeFile(`${p}/${'n'.repeat(256)}`, ''),
  'O_EXCL is kept': (FS, p) => {
    FS.writeFile(`${p}/f`, '');
    FS.open(`${p}/f`, 0o301);
  },
  'a device is refused': (FS, p) => FS.mkdev(`${p}/d`, 0x501),
};
