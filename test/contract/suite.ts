/**
 * What whoever uses node:fs relies on, as a suite over any file system that has its shape.
 *
 * It runs on the kernel first: a line that fails there is wrong about node, not about us.
 */

import { Buffer } from 'node:buffer';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AnyFs } from './outcome.ts';

/** A file system to test, and an existing directory in it that is the suite's alone. */
export interface Subject {
  readonly fs: AnyFs;
  readonly root: string;
  done?(): void;
}

function codeOf(act: () => unknown): unknown {
  try {
    act();
    return undefined;
  } catch (error) {
    return (error as { code: unknown }).code;
  }
}

/** Registers the suite for what `open` gives, under `name`. */
export function contractSuite(name: string, open: () => Subject): void {
  describe(name, () => {
    let subject: Subject;
    let fs: AnyFs;
    let count = 0;
    beforeAll(() => {
      subject = open();
      ({ fs } = subject);
    });
    afterAll(() => subject.done?.());

    /** A directory that nobody has used. */
    const fresh = (): string => {
      count += 1;
      const path = `${subject.root}/${count}`;
      fs.mkdirSync(path);
      return path;
    };

    test('what was written is read in every flavour, as bytes and as text', async () => {
      const file = `${fresh()}/f`;
      fs.writeFileSync(file, 'héllo');
      const bytes = Buffer.from('héllo');
      expect(fs.readFileSync(file)).toEqual(bytes);
      expect(fs.readFileSync(file, 'utf8')).toBe('héllo');
      expect(await fs.promises.readFile(file)).toEqual(bytes);
      expect(await promisify(fs.readFile)(file)).toEqual(bytes);
    });

    test('a buffer that was read is the reader’s own', () => {
      const file = `${fresh()}/f`;
      fs.writeFileSync(file, 'abc');
      fs.readFileSync(file).fill(0);
      expect(fs.readFileSync(file, 'utf8')).toBe('abc');
    });

    test('a buffer that was written may be used again', () => {
      const file = `${fresh()}/f`;
      const bytes = Buffer.from('abc');
      fs.writeFileSync(file, bytes);
      bytes.fill(0);
      expect(fs.readFileSync(file, 'utf8')).toBe('abc');
    });

    test('a descriptor keeps its place, and positions leave it alone', () => {
      const file = `${fresh()}/f`;
      const fd = fs.openSync(file, 'w+');
      fs.writeSync(fd, 'abcdef');
      fs.writeSync(fd, 'X', 1);
      const buffer = Buffer.alloc(3);
      expect(fs.readSync(fd, buffer, 0, 3, 0)).toBe(3);
      expect(buffer.toString()).toBe('aXc');
      fs.writeSync(fd, 'g');
      fs.closeSync(fd);
      expect(fs.readFileSync(file, 'utf8')).toBe('aXcdefg');
    });

    test('a file that is open outlives its name', () => {
      const file = `${fresh()}/f`;
      const fd = fs.openSync(file, 'w+');
      fs.writeSync(fd, 'still here');
      fs.unlinkSync(file);
      expect(fs.existsSync(file)).toBe(false);
      expect(fs.fstatSync(fd).nlink).toBe(0);
      expect(fs.readFileSync(fd, 'utf8')).toBe('');
      const buffer = Buffer.alloc(10);
      fs.readSync(fd, buffer, 0, 10, 0);
      expect(buffer.toString()).toBe('still here');
      fs.closeSync(fd);
    });

    test('what is appended is appended, wherever the descriptor stands', () => {
      const file = `${fresh()}/f`;
      fs.writeFileSync(file, 'one');
      const fd = fs.openSync(file, 'a+');
      fs.writeSync(fd, 'two', 0);
      fs.closeSync(fd);
      fs.appendFileSync(file, 'three');
      expect(fs.readFileSync(file, 'utf8')).toBe('onetwothree');
    });

    test('a hole reads as zeros and is not held', () => {
      const file = `${fresh()}/f`;
      const fd = fs.openSync(file, 'w');
      fs.writeSync(fd, 'end', 1 << 20);
      fs.closeSync(fd);
      const { size, blocks } = fs.statSync(file);
      expect(size).toBe((1 << 20) + 3);
      expect(blocks).toBeLessThan(64);
      expect(fs.readFileSync(file).subarray(0, 99)).toEqual(Buffer.alloc(99));
    });

    test('a hard link is the same file', () => {
      const folder = fresh();
      fs.writeFileSync(`${folder}/a`, '1');
      fs.linkSync(`${folder}/a`, `${folder}/b`);
      fs.appendFileSync(`${folder}/b`, '2');
      expect(fs.readFileSync(`${folder}/a`, 'utf8')).toBe('12');
      expect(fs.statSync(`${folder}/a`).ino).toBe(fs.statSync(`${folder}/b`).ino);
      expect(fs.statSync(`${folder}/a`).nlink).toBe(2);
    });

    test('a rename of a directory takes along what is in it', () => {
      const folder = fresh();
      fs.mkdirSync(`${folder}/a/b/c`, { recursive: true });
      fs.writeFileSync(`${folder}/a/b/c/f`, 'x');
      fs.renameSync(`${folder}/a`, `${folder}/z`);
      expect(fs.readdirSync(folder, { recursive: true }).sort()).toEqual([
        'z',
        'z/b',
        'z/b/c',
        'z/b/c/f',
      ]);
    });

    test('listings are sorted by the bytes of the names', () => {
      const folder = fresh();
      const names = ['b', 'B', 'é', 'a', '10', '9', 'Z', '~', 'ab'];
      for (const name of names) fs.writeFileSync(`${folder}/${name}`, '');
      const sorted = names.map((one) => Buffer.from(one)).sort(Buffer.compare);
      expect(fs.readdirSync(folder, 'buffer')).toEqual(sorted);
      expect(fs.readdirSync(folder)).toEqual(sorted.map(String));
    });

    test('a name that is no text is listed and reached by its bytes', () => {
      const folder = fresh();
      const path = Buffer.concat([Buffer.from(`${folder}/`), Buffer.of(0xff, 0xfe)]);
      fs.writeFileSync(path, 'x');
      expect(fs.readdirSync(folder, 'buffer')).toEqual([Buffer.of(0xff, 0xfe)]);
      expect(fs.readFileSync(path, 'utf8')).toBe('x');
      fs.rmSync(folder, { recursive: true });
      expect(fs.existsSync(folder)).toBe(false);
    });

    test('mkdtemp makes a directory for the owner alone, of a new name each time', () => {
      const prefix = `${fresh()}/t-`;
      const made = new Set(Array.from({ length: 20 }, () => fs.mkdtempSync(prefix)));
      expect(made.size).toBe(20);
      for (const path of made) {
        expect(path).toMatch(/\/t-[A-Za-z0-9]{6}$/);
        expect(fs.statSync(path).mode & 0o777).toBe(0o700);
      }
    });

    test('modes are kept, and the umask is taken from what is made', () => {
      const folder = fresh();
      fs.writeFileSync(`${folder}/f`, '', { mode: 0o666 });
      fs.mkdirSync(`${folder}/d`, 0o777);
      const umask = 0o666 & ~(fs.statSync(`${folder}/f`).mode & 0o777);
      expect(fs.statSync(`${folder}/d`).mode & 0o777).toBe(0o777 & ~umask);
      fs.chmodSync(`${folder}/f`, 0o4755);
      expect(fs.statSync(`${folder}/f`).mode).toBe(0o104755);
    });

    // Seconds with a fraction, dates, text: what the kernel then has, to the nanosecond.
    const TIMES = [0, 1.5, 1.123456789, 1700000000.123456, 2 ** 31 + 0.25, 0.999999999];
    for (const time of [...TIMES, '12.5', new Date(1234567890123), new Date(-1500)]) {
      const nanoseconds = microsecondsOf(time) * 1000n;
      const shown = time instanceof Date ? time.toISOString() : time;
      test(`a time of ${shown} is kept to the microsecond`, async () => {
        const file = `${fresh()}/f`;
        fs.writeFileSync(file, '');
        fs.symlinkSync('f', `${file}-link`);
        fs.utimesSync(file, time, 7);
        fs.lutimesSync(`${file}-link`, 8, time);
        const stats = fs.statSync(file, { bigint: true });
        expect([stats.atimeNs, stats.mtimeNs]).toEqual([nanoseconds, 7_000_000_000n]);
        expect(stats.atimeMs).toBe(nanoseconds / 1_000_000n);
        expect(fs.statSync(file).atimeMs).toBeCloseTo(Number(nanoseconds) / 1e6, 3);
        expect(fs.statSync(file).atime).toEqual(new Date(Math.round(fs.statSync(file).atimeMs)));
        expect(fs.lstatSync(`${file}-link`, { bigint: true }).mtimeNs).toBe(nanoseconds);
        const fd = fs.openSync(file, 'r');
        await promisify(fs.futimes)(fd, 9, time);
        expect(fs.fstatSync(fd, { bigint: true }).mtimeNs).toBe(nanoseconds);
        fs.closeSync(fd);
      });
    }

    test('a time in seconds below zero means now', () => {
      const file = `${fresh()}/f`;
      fs.writeFileSync(file, '');
      fs.utimesSync(file, -1, 1);
      expect(Math.abs(fs.statSync(file).atimeMs - Date.now())).toBeLessThan(60_000);
    });

    test('a FileHandle does what descriptors do, and closes once', async () => {
      const file = `${fresh()}/f`;
      const handle = await fs.promises.open(file, 'w+');
      expect(await handle.write('hello')).toEqual({ bytesWritten: 5, buffer: 'hello' });
      expect((await handle.stat()).size).toBe(5);
      await handle.truncate(3);
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(9), 0, 9, 0);
      expect([bytesRead, buffer.toString('latin1', 0, bytesRead)]).toEqual([3, 'hel']);
      await handle.appendFile('!');
      await handle.writev([Buffer.from('a'), Buffer.from('b')], 0);
      await handle.chmod(0o600);
      await handle.utimes(1, 2);
      await handle.sync();
      await handle.datasync();
      expect((await handle.stat({ bigint: true })).mode).toBe(0o100600n);
      await handle.close();
      await handle.close();
      expect(handle.fd).toBe(-1);
      expect(fs.readFileSync(file, 'utf8')).toBe('abl\0\0!');
      await expect(handle.stat()).rejects.toMatchObject({
        code: 'EBADF',
        message: 'file closed',
        syscall: 'fstat',
      });
    });

    test('a FileHandle stands for its file in readFile, and is disposed of', async () => {
      const file = `${fresh()}/f`;
      const handle = await fs.promises.open(file, 'w+');
      await fs.promises.writeFile(handle, 'one');
      await fs.promises.appendFile(handle, 'two');
      const reader = await fs.promises.open(file);
      expect(await fs.promises.readFile(reader, 'utf8')).toBe('onetwo');
      expect((await reader.readFile()).length).toBe(0);
      await reader[Symbol.asyncDispose]();
      expect(reader.fd).toBe(-1);
      await handle.close();
    });

    test('promisify gives all results of the verbs that have two', async () => {
      const file = `${fresh()}/f`;
      const fd = fs.openSync(file, 'w+');
      expect(await promisify(fs.write)(fd, 'text')).toMatchObject({ bytesWritten: 4 });
      const given = Buffer.alloc(4);
      const { bytesRead, buffer } = await promisify(fs.read)(fd, given, 0, 4, 0);
      expect([bytesRead, buffer === given, String(given)]).toEqual([4, true, 'text']);
      expect(await promisify(fs.exists)(file)).toBe(true);
      fs.closeSync(fd);
    });

    test('a callback that is missing is a wrong call', () => {
      // biome-ignore lint/suspicious/noExplicitAny: it is the types that forbid it
      const loose = fs as any;
      const without = (verb: string, ...given: unknown[]) => codeOf(() => loose[verb](...given));
      expect(without('stat', subject.root)).toBe('ERR_INVALID_ARG_TYPE');
      expect(without('readFile', subject.root, 'utf8')).toBe('ERR_INVALID_ARG_TYPE');
      expect(without('mkdir', `${subject.root}/never`, {})).toBe('ERR_INVALID_ARG_TYPE');
      expect(without('exists', subject.root)).toBe('ERR_INVALID_ARG_TYPE');
      expect(fs.existsSync(`${subject.root}/never`)).toBe(false);
    });

    test('functions may be taken out of the object they are in', async () => {
      const { writeFileSync, promises } = fs;
      const { readFile } = promises;
      const file = `${fresh()}/f`;
      writeFileSync(file, 'x');
      expect(await readFile(file, 'utf8')).toBe('x');
    });

    test('a Dirent and the Stats of an entry agree', () => {
      const folder = fresh();
      fs.mkdirSync(`${folder}/d`);
      fs.writeFileSync(`${folder}/f`, '');
      fs.symlinkSync('f', `${folder}/l`);
      for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
        expect(entry).toBeInstanceOf(fs.Dirent);
        expect(entry.parentPath).toBe(folder);
        const stats = fs.lstatSync(`${folder}/${entry.name}`);
        expect(stats).toBeInstanceOf(fs.Stats);
        expect([entry.isFile(), entry.isDirectory(), entry.isSymbolicLink()]).toEqual([
          stats.isFile(),
          stats.isDirectory(),
          stats.isSymbolicLink(),
        ]);
      }
    });
  });
}

/** The microseconds of `time`, cut from the double that node makes of it. */
function microsecondsOf(time: number | string | Date): bigint {
  const seconds = time instanceof Date ? time.getTime() / 1000 : Number(time);
  const whole = Math.floor(seconds);
  return BigInt(whole) * 1_000_000n + BigInt(Math.trunc(((seconds - whole) * 1e9) / 1000));
}
