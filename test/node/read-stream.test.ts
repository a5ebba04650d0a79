// createReadStream against node's own, on a folder with the same files: the same bytes in the same
// chunks, the same events in the same order, the same refusals, for every option.

import nodeFs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { VisorFs } from '../../src/node.ts';

const CONTENT = Buffer.from(Array.from({ length: 200_000 }, (_, index) => index % 251));
const folder = nodeFs.mkdtempSync(path.join(os.tmpdir(), 'visorfs-stream-'));
const vfs = new VisorFs();

afterAll(() => nodeFs.rmSync(folder, { recursive: true }));

for (const [fs, root] of [
  [nodeFs, folder],
  [vfs.fs, ''],
] as const) {
  fs.writeFileSync(`${root}/file`, CONTENT);
  fs.writeFileSync(`${root}/empty`, '');
  fs.mkdirSync(`${root}/dir`);
}

type Options = NonNullable<Exclude<Parameters<typeof nodeFs.createReadStream>[1], string>>;
type Kind = 'node' | 'visorfs';

function of(kind: Kind): readonly [typeof nodeFs.createReadStream, string, typeof nodeFs] {
  const ours = vfs.fs as unknown as typeof nodeFs;
  return kind === 'node'
    ? [nodeFs.createReadStream, folder, nodeFs]
    : [vfs.fs.createReadStream, '', ours];
}

/** What happens on a stream, in order, until it is closed or nothing more can happen. */
async function story(kind: Kind, name: string, options: Options | string): Promise<unknown[]> {
  const [createReadStream, root] = of(kind);
  const events: unknown[] = [];
  const stream = createReadStream(`${root}/${name}`, options as Options);
  events.push(['pending', stream.pending, stream.path.slice(root.length)]);
  stream.on('open', (fd) => events.push(['open', typeof fd]));
  stream.on('ready', () => events.push('ready'));
  stream.on('data', (chunk) => events.push(['data', typeof chunk, chunk.length, String(chunk)]));
  stream.on('end', () => events.push(['end', stream.bytesRead]));
  stream.on('error', (error) => {
    const { code, syscall, message } = error as NodeJS.ErrnoException;
    events.push(['error', code, syscall, message.replace(folder, ''), stream.bytesRead]);
  });
  stream.on('close', () => events.push('close'));
  const { autoClose = true, emitClose = true } = options as Options;
  await new Promise<void>((resolve) => {
    if (autoClose && emitClose) stream.on('close', () => resolve());
    else {
      stream.on('end', () => setImmediate(resolve));
      stream.on('error', () => setImmediate(resolve));
    }
  });
  events.push(['destroyed', stream.destroyed]);
  return events;
}

const CASES: Readonly<Record<string, readonly [name: string, options: Options | string]>> = {
  'the whole file': ['file', {}],
  'an empty file': ['empty', {}],
  'text, by an encoding in place of options': ['file', 'latin1'],
  'text, by an option': ['file', { encoding: 'hex' }],
  'small chunks': ['file', { highWaterMark: 1000 }],
  'chunks larger than what they are cut from': ['file', { highWaterMark: 150_000 }],
  'from start to end, which is included': ['file', { start: 5, end: 100_004 }],
  'from start on': ['file', { start: 199_990 }],
  'to end': ['file', { end: 9 }],
  'from behind the end': ['file', { start: 300_000 }],
  'one byte': ['file', { start: 7, end: 7 }],
  'no close where it is not to close': ['file', { autoClose: false }],
  'no event where none is wanted': ['file', { emitClose: false }],
  'a file that is not there': ['nowhere', {}],
  'a directory': ['dir', {}],
  'a directory that is not to be closed': ['dir', { autoClose: false }],
  'options that are inherited': ['file', Object.create({ start: 199_990, encoding: 'hex' })],
  'flags that make the file': ['made', { flags: 'a+' }],
  'flags that refuse the file': ['file', { flags: 'wx+' }],
};

for (const [title, [name, options]] of Object.entries(CASES)) {
  test(`a stream tells what node's tells: ${title}`, async () => {
    expect(await story('visorfs', name, options)).toEqual(await story('node', name, options));
  });
}

test('a stream of an open file goes on where the file stands', async () => {
  const read = async (kind: Kind): Promise<string> => {
    const [createReadStream, root, fs] = of(kind);
    const fd = fs.openSync(`${root}/file`, 'r');
    fs.readSync(fd, Buffer.alloc(199_000));
    let text = '';
    for await (const chunk of createReadStream('', { fd, encoding: 'latin1' })) text += chunk;
    expect(() => fs.fstatSync(fd)).toThrow('EBADF');
    return text;
  };
  expect(await read('visorfs')).toBe(await read('node'));
});

test('a signal ends a stream as it ends node’s', async () => {
  const end = async (kind: Kind): Promise<unknown> => {
    const [createReadStream, root] = of(kind);
    const abort = new AbortController();
    const stream = createReadStream(`${root}/file`, { signal: abort.signal });
    stream.once('data', () => abort.abort());
    const error = await new Promise<NodeJS.ErrnoException>((resolve) => {
      stream.on('error', resolve);
    });
    return [error.name, error.code, stream.destroyed];
  };
  expect(await end('visorfs')).toEqual(await end('node'));
});

test('a stream that is destroyed at its first chunk hands out no second', async () => {
  const events = async (kind: Kind): Promise<unknown[]> => {
    const [createReadStream, root] = of(kind);
    const seen: unknown[] = [];
    const stream = createReadStream(`${root}/file`);
    stream.on('data', ({ length }) => {
      seen.push(length);
      stream.destroy(new Error('enough'));
    });
    stream.on('error', ({ message }) => seen.push(message));
    await new Promise<void>((resolve) => stream.on('close', resolve));
    return seen;
  };
  expect(await events('visorfs')).toEqual(await events('node'));
});

test('a wrong call is refused as node refuses it', () => {
  const refusals = (kind: Kind): unknown[] => {
    const [createReadStream, root] = of(kind);
    const wrong: [unknown, unknown][] = [
      [5, {}],
      [`${root}/file`, { start: 'a' }],
      [`${root}/file`, { start: 9, end: 1 }],
      [`${root}/file`, { encoding: 'nothing' }],
      [`${root}/file`, 5],
    ];
    return wrong.map(([file, options]) => {
      try {
        createReadStream(file as string, options as Options).destroy();
      } catch (error) {
        const { name, code, message } = error as NodeJS.ErrnoException;
        return [name, code, message];
      }
      return 'nothing';
    });
  };
  expect(refusals('visorfs')).toEqual(refusals('node'));
});

test('a chunk is its own: the file may be written while it is held', async () => {
  vfs.fs.writeFileSync('/held', Buffer.alloc(100_000, 1));
  const chunks: Uint8Array[] = [];
  for await (const chunk of vfs.fs.createReadStream('/held')) chunks.push(chunk as Uint8Array);
  vfs.fs.writeFileSync('/held', Buffer.alloc(100_000, 2));
  expect(chunks.every((chunk) => chunk.every((byte) => byte === 1))).toBe(true);
});
