// The objects of node:fs: streams, FileHandle, Dir, Blob. One program a line, run on the kernel's
// file system and on ours: the same story, events in order, errors with the same words.

import type { EventEmitter } from 'node:events';
import nodeFs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import zlib from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { VisorFs } from '../../src/node.ts';
import { type AnyFs, wordsOf } from './outcome.ts';

type Program = (fs: AnyFs, at: string, told: (...what: unknown[]) => void) => Promise<void>;

const CONTENT = Buffer.from(Array.from({ length: 200_000 }, (_, index) => index % 251));
const TEXT = 'first\nsecond\r\n\nlast';
const STUCK_MS = 10_000;
const folder = nodeFs.mkdtempSync(path.join(os.tmpdir(), 'visorfs-objects-'));
afterAll(() => nodeFs.rmSync(folder, { recursive: true }));

/** What `program` tells, on `fs` at `root`; errors and paths without the root. */
async function storyOn(fs: AnyFs, root: string, program: Program): Promise<unknown[]> {
  const at = fs.mkdtempSync(`${root}/p`);
  fs.writeFileSync(`${at}/file`, CONTENT);
  fs.writeFileSync(`${at}/text`, TEXT);
  fs.mkdirSync(`${at}/dir/sub/deep`, { recursive: true });
  for (const name of ['dir/b', 'dir/a', 'dir/sub/c', 'dir/sub/deep/d']) {
    fs.writeFileSync(`${at}/${name}`, name);
  }
  const story: unknown[] = [];
  const bare = (value: unknown): unknown =>
    typeof value === 'string' ? value.replaceAll(at, '') : value;
  const told = (...what: unknown[]): void => {
    const line = what.map((one) => (one instanceof Error ? wordsOf(one) : one));
    story.push(JSON.parse(JSON.stringify(line, (_key, value) => bare(value))));
  };
  let timer: NodeJS.Timeout | undefined;
  const stuck = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      told('stuck');
      resolve();
    }, STUCK_MS);
  });
  await Promise.race([program(fs, at, told).catch((error) => told('failed', error)), stuck]);
  clearTimeout(timer);
  return story;
}

interface StreamClass {
  (path: string): nodeFs.ReadStream;
  new (path: string): nodeFs.ReadStream;
}

/** What the types of a FileHandle leave out. */
const emitter = (handle: nodeFs.promises.FileHandle) => handle as unknown as EventEmitter;

/** `act`, whose error is told. */
async function trying(told: (...what: unknown[]) => void, act: () => unknown): Promise<void> {
  try {
    told('result', await act());
  } catch (error) {
    told('error', error);
  }
}

function watched(of: EventEmitter, told: (...what: unknown[]) => void): Promise<void> {
  for (const name of ['open', 'ready', 'finish', 'end', 'error', 'close']) {
    of.on(name, (value) => told(name, value instanceof Error ? value : typeof value));
  }
  return new Promise((resolve) => of.once('close', () => setImmediate(resolve)));
}

const PROGRAMS: Readonly<Record<string, Program>> = {
  async 'a stream writes a new file and says when'(fs, at, told) {
    const stream = fs.createWriteStream(`${at}/new`, { mode: 0o640 });
    told(stream.pending, stream.path, stream.bytesWritten, stream instanceof fs.WriteStream);
    const closed = watched(stream, told);
    told('full', !stream.write(Buffer.alloc(100_000, 1)), stream.write('more'));
    stream.end('last');
    await closed;
    told(stream.bytesWritten, fs.statSync(`${at}/new`).size, fs.statSync(`${at}/new`).mode);
  },
  async 'a stream writes into the middle of a file'(fs, at, told) {
    const stream = fs.createWriteStream(`${at}/text`, { flags: 'r+', start: 2 });
    const closed = watched(stream, told);
    stream.end('XY');
    await closed;
    told(fs.readFileSync(`${at}/text`, 'utf8'));
  },
  async 'a stream appends'(fs, at, told) {
    const stream = fs.createWriteStream(`${at}/text`, { flags: 'a', encoding: 'hex' });
    const closed = watched(stream, told);
    stream.write('616263');
    stream.end();
    await closed;
    told(fs.readFileSync(`${at}/text`, 'utf8'));
  },
  async 'a stream to nowhere fails'(fs, at, told) {
    const stream = fs.createWriteStream(`${at}/gone/new`);
    await watched(stream, told);
    told(stream.destroyed);
  },
  async 'a stream of what is not there fails'(fs, at, told) {
    await watched(fs.createReadStream(`${at}/gone`), told);
  },
  async 'a stream of a directory fails'(fs, at, told) {
    await watched(fs.createReadStream(`${at}/dir`).resume(), told);
  },
  async 'streams with options that are wrong throw'(fs, at, told) {
    for (const options of [{ start: -1 }, { end: 'x' }, { start: 3, end: 1 }, { fd: -1 }, 5]) {
      await trying(told, () => fs.createReadStream(`${at}/file`, options as never).destroy());
      await trying(told, () => fs.createWriteStream(`${at}/file`, options as never).destroy());
    }
    await trying(told, () => fs.createReadStream(undefined as never));
    await trying(told, () => fs.createWriteStream({} as never));
    await trying(told, () => fs.createReadStream(`${at}/file`, { encoding: 'nope' as never }));
  },
  async 'classes of streams are called with and without new'(fs, at, told) {
    const Stream = fs.ReadStream as unknown as StreamClass;
    for (const stream of [new Stream(`${at}/text`), Stream(`${at}/text`)]) {
      told(stream instanceof fs.ReadStream, stream instanceof Readable);
      for await (const chunk of stream) told(String(chunk));
    }
  },
  async 'functions inherit from the classes the old way'(fs, at, told) {
    const Above = fs.ReadStream as unknown as (path: string, options?: object) => void;
    function Old(this: nodeFs.ReadStream, path: string): void {
      Above.call(this, path);
    }
    Old.prototype = Object.create(fs.ReadStream.prototype);
    const stream = new (Old as unknown as StreamClass)(`${at}/text`);
    told(stream instanceof fs.ReadStream);
    for await (const chunk of stream) told(String(chunk));
    const OldWriter = fs.WriteStream as unknown as (path: string) => void;
    const writer = Object.create(fs.WriteStream.prototype) as nodeFs.WriteStream;
    OldWriter.call(writer, `${at}/new`);
    const closed = watched(writer, told);
    writer.end('written');
    await closed;
    told(fs.readFileSync(`${at}/new`, 'utf8'));
  },
  async 'a directory that moves is read to its end'(fs, at, told) {
    const dir = fs.opendirSync(`${at}/dir`);
    fs.renameSync(`${at}/dir`, `${at}/moved`);
    const names: string[] = [];
    for (let one = dir.readSync(); one !== null; one = dir.readSync()) names.push(one.name);
    told(names.sort());
    dir.closeSync();
  },
  async 'a directory that is removed while it is open has nothing in it'(fs, at, told) {
    const dir = fs.opendirSync(`${at}/dir/sub/deep`);
    fs.rmSync(`${at}/dir/sub/deep`, { recursive: true });
    told(dir.readSync());
    dir.closeSync();
    const unread = fs.opendirSync(`${at}/dir`);
    await unread.close();
    await trying(told, () => unread.readSync());
  },
  async 'a stream is ended by a signal'(fs, at, told) {
    const controller = new AbortController();
    const stream = fs.createReadStream(`${at}/file`, { signal: controller.signal } as never);
    const closed = watched(stream, told);
    stream.once('data', () => controller.abort());
    await closed;
  },
  async 'a file goes through gzip and back under back pressure'(fs, at, told) {
    const gzip = zlib.createGzip();
    await pipeline(fs.createReadStream(`${at}/file`), gzip, fs.createWriteStream(`${at}/gz`));
    const gunzip = zlib.createGunzip();
    await pipeline(fs.createReadStream(`${at}/gz`), gunzip, fs.createWriteStream(`${at}/back`));
    told(fs.readFileSync(`${at}/back`).equals(CONTENT));
  },
  async 'a handle is an emitter and is closed once'(fs, at, told) {
    const handle = await fs.promises.open(`${at}/text`);
    told(typeof handle.fd);
    emitter(handle).on('close', () => told('close', handle.fd));
    const [one, two] = [handle.close(), handle.close()];
    await Promise.all([one, two]);
    told(handle.fd);
    await trying(told, () => handle.close());
    await trying(told, () => handle.read(Buffer.alloc(1)));
    await trying(told, () => handle.stat());
    await trying(told, () => handle.readFile());
    await trying(told, () => handle.createReadStream());
    await trying(told, () => handle.readableWebStream());
  },
  async 'a handle streams and closes'(fs, at, told) {
    const handle = await fs.promises.open(`${at}/file`);
    emitter(handle).on('close', () => told('handle close'));
    const stream = handle.createReadStream({ start: 10, end: 99, highWaterMark: 32 });
    for await (const chunk of stream) told(chunk.length, chunk[0]);
    told(handle.fd);
  },
  async 'a handle that is closed ends its streams'(fs, at, told) {
    const handle = await fs.promises.open(`${at}/file`);
    const stream = handle.createReadStream();
    const closed = watched(stream, told);
    let closing: Promise<void> | undefined;
    stream.once('data', () => {
      closing = handle.close();
    });
    await closed;
    await closing;
    told(handle.fd);
  },
  async 'a stream leaves a handle open if told'(fs, at, told) {
    const handle = await fs.promises.open(`${at}/new`, 'w+');
    const stream = handle.createWriteStream({ autoClose: false });
    stream.write('abc');
    await new Promise((resolve) => stream.end(resolve));
    told(
      String(await handle.readFile()),
      String((await handle.read(Buffer.alloc(3), 0, 3, 0)).buffer),
    );
    stream.destroy();
    await handle.close();
    told(handle.fd);
  },
  async 'a handle as fd of a stream'(fs, at, told) {
    const handle = await fs.promises.open(`${at}/text`);
    for await (const chunk of fs.createReadStream('', { fd: handle })) told(String(chunk));
    told(handle.fd);
  },
  async 'lines come one by one'(fs, at, told) {
    const handle = await fs.promises.open(`${at}/text`);
    for await (const line of handle.readLines()) told(line);
    told(handle.fd);
  },
  async 'a web stream of a handle'(fs, at, told) {
    const handle = await fs.promises.open(`${at}/file`);
    for await (const chunk of handle.readableWebStream()) {
      told(chunk.constructor.name, (chunk as ArrayBuffer).byteLength);
    }
    await trying(told, () => handle.readableWebStream());
    await handle.close();
    told(handle.fd);
  },
  async 'a web stream of bytes'(fs, at, told) {
    const handle = await fs.promises.open(`${at}/text`);
    const reader = (handle.readableWebStream({ type: 'bytes' }) as ReadableStream).getReader({
      mode: 'byob',
    });
    for (let at = 0; at < 3; at++) {
      const { done, value } = await reader.read(new Uint8Array(8));
      told(done, value === undefined ? undefined : String(Buffer.from(value)));
    }
    reader.releaseLock();
    await handle.close();
  },
  async 'a handle does what its verbs say'(fs, at, told) {
    const handle = await fs.promises.open(`${at}/new`, 'w+');
    await handle.writeFile('abc');
    await handle.appendFile('def');
    told((await handle.write('X', 1)).bytesWritten);
    told((await handle.writev([Buffer.from('1'), Buffer.from('2')])).bytesWritten);
    const buffers = [Buffer.alloc(2), Buffer.alloc(2)];
    told((await handle.readv(buffers, 0)).bytesRead, String(buffers[0]), String(buffers[1]));
    told((await handle.read({ position: 0, length: 3 })).bytesRead);
    await handle.truncate(4);
    await handle.chmod(0o600);
    await handle.utimes(1, 2);
    await handle.sync();
    await handle.datasync();
    const { size, mode, mtimeMs } = await handle.stat();
    told(size, mode, mtimeMs, typeof (await handle.stat({ bigint: true })).size);
    await handle.close();
  },
  async 'nothing is written to what may only be read'(fs, at, told) {
    const handle = await fs.promises.open(`${at}/text`, 'r');
    for (const data of ['', Buffer.alloc(0)]) await trying(told, () => handle.write(data as never));
    await handle.close();
  },
  async 'pieces are written one after another'(fs, at, told) {
    const { writeFile, appendFile, readFile } = fs.promises;
    await writeFile(`${at}/new`, ['ab', Buffer.from('c')]);
    await appendFile(`${at}/new`, Readable.from(['x', 'y']) as never);
    await writeFile(
      `${at}/other`,
      (async function* () {
        yield 'z';
      })(),
    );
    told(await readFile(`${at}/new`, 'utf8'), await readFile(`${at}/other`, 'utf8'));
    const handle = await fs.promises.open(`${at}/new`, 'r+');
    await handle.writeFile(['1', '2'] as never);
    await handle.close();
    told(await readFile(`${at}/new`, 'utf8'));
    await trying(told, () => writeFile(`${at}/new`, {} as never));
    await trying(told, () => writeFile(`${at}/new`, 5 as never));
    await trying(told, () => writeFile(`${at}/gone/new`, ['x']));
  },
  async 'what a signal ends is rejected'(fs, at, told) {
    const signal = AbortSignal.abort('why');
    const { promises } = fs;
    for (const act of [
      () => promises.readFile(`${at}/text`, { signal }),
      () => promises.writeFile(`${at}/text`, 'x', { signal }),
      () => promises.appendFile(`${at}/text`, 'x', { signal } as never),
      () => promises.readFile(`${at}/text`, { signal: 5 as never }),
      () => promises.readFile(`${at}/gone`, { signal }),
      () => promises.readFile({} as never, { signal }),
    ])
      await trying(told, act);
    told(fs.readFileSync(`${at}/text`, 'utf8'));
    const controller = new AbortController();
    const reading = promises.readFile(`${at}/file`, { signal: controller.signal });
    controller.abort();
    await trying(told, () => reading);
    await new Promise<void>((resolve) => {
      fs.readFile(`${at}/text`, { signal }, (error) => {
        told('called back', error, (error as Error & { cause: unknown }).cause);
        resolve();
      });
    });
  },
  async 'a directory is read to its end'(fs, at, told) {
    const dir = fs.opendirSync(`${at}/dir`);
    told(dir.path, dir instanceof fs.Dir);
    const names: string[] = [];
    for (let one = dir.readSync(); one !== null; one = dir.readSync()) names.push(one.name);
    told(names.sort(), dir.readSync());
    dir.closeSync();
    await trying(told, () => dir.readSync());
    await trying(told, () => dir.closeSync());
    await trying(told, () => dir.close());
    await trying(told, () => dir.read());
  },
  async 'a directory is gone through and closed'(fs, at, told) {
    const dir = await fs.promises.opendir(`${at}/dir`);
    const seen: unknown[] = [];
    for await (const one of dir) seen.push([one.name, one.isDirectory(), one.parentPath]);
    told(seen.sort());
    await trying(told, () => dir.close());
    const again = await fs.promises.opendir(`${at}/dir`, { bufferSize: 1 });
    for await (const one of again) {
      told(typeof one.name);
      break;
    }
    await trying(told, () => again.read());
  },
  async 'a directory is gone through with all below it'(fs, at, told) {
    const seen: unknown[] = [];
    for await (const one of await fs.promises.opendir(`${at}/dir`, { recursive: true })) {
      seen.push(`${one.parentPath}/${one.name}`);
    }
    told(seen.sort());
  },
  async 'a directory answers callbacks in order'(fs, at, told) {
    const dir = fs.opendirSync(`${at}/dir`, { encoding: 'buffer' as never });
    await new Promise<void>((resolve) => {
      dir.read((error, one) => told(error, Buffer.isBuffer(one?.name)));
      trying(told, () => dir.readSync());
      trying(told, () => dir.closeSync());
      dir.close((error) => {
        told('closed', error ?? null);
        resolve();
      });
    });
    await trying(told, () => dir.read(5 as never));
    await trying(told, () => fs.opendirSync(`${at}/dir`).close('x' as never));
  },
  async 'directories that cannot be opened'(fs, at, told) {
    for (const name of ['gone', 'text', 'text/x']) {
      await trying(told, () => fs.promises.opendir(`${at}/${name}`));
      await new Promise<void>((resolve) => {
        fs.opendir(`${at}/${name}`, (error) => {
          told('called back', error);
          resolve();
        });
      });
    }
    await trying(told, () => fs.opendirSync(undefined as never));
    await trying(told, () => fs.opendirSync(`${at}/dir`, { bufferSize: 0 }));
    await trying(told, () => fs.opendirSync(`${at}/dir`, { bufferSize: 'x' as never }));
    await trying(told, () => fs.opendirSync(`${at}/dir`, 5 as never));
    await trying(told, () => fs.opendir(`${at}/dir`, undefined as never));
  },
  async 'a blob of a file'(fs, at, told) {
    const blob = await fs.openAsBlob(`${at}/text`, { type: 'text/plain' });
    told(blob instanceof Blob, blob.size, blob.type, await blob.slice(1, 3).text());
    await trying(told, () => fs.openAsBlob(`${at}/gone`));
    await trying(told, () => fs.openAsBlob(`${at}/text`, { type: 5 as never }));
    await trying(told, () => fs.openAsBlob(`${at}/text`, 5 as never));
    await trying(told, () => fs.openAsBlob(undefined as never));
  },
};

for (const [title, program] of Object.entries(PROGRAMS)) {
  test(title, async () => {
    const theirs = await storyOn(nodeFs, folder, program);
    const vfs = new VisorFs();
    vfs.fs.mkdirSync('/tmp');
    const ours = await storyOn(vfs.fs as unknown as AnyFs, '/tmp', program);
    expect(ours).toEqual(theirs);
    expect(theirs).not.toContainEqual(['stuck']);
  });
}
