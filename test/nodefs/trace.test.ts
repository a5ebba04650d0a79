// Attacks the trace: that every verb of every flavour is recorded once it is on, with path, result,
// bytes and duration; that it changes nothing of what callers get; that nothing is left when it is
// off. The clock is the test's.

import { expect, test } from 'vitest';
import { nodeRuntime } from '../../src/node/node-runtime.ts';
import { nodeFs } from '../../src/nodefs/fs.ts';
import { type TraceRecord, trace, traceLine } from '../../src/nodefs/trace.ts';
import { Tree } from '../../src/vfs/tree.ts';
import { imageOf } from '../support/archives.ts';

function scene() {
  let ticks = 0;
  const tree = new Tree(imageOf({ path: 'dir/file', content: 'hello' }), {
    ramdisks: [{ name: 'root', path: '/', size: '16k' }],
    clock: () => 1_700_000_000_000,
  });
  const fs = nodeFs(tree, nodeRuntime);
  const records: TraceRecord[] = [];
  const start = () => trace(tree, (record) => records.push(record), { now: () => ticks++ * 0.25 });
  const lines = (): string[] => {
    const shown = records.map((record) => traceLine(record));
    records.length = 0;
    return shown.map((line) => {
      expect(line).toMatch(/^1700000000\.000000 .* <0\.000250>$/);
      return line.slice('1700000000.000000 '.length, -' <0.000250>'.length);
    });
  };
  return { tree, fs, records, start, lines };
}

test('a record has the path, the result or the errno, the bytes and the duration', () => {
  const { fs, start, lines } = scene();
  start();
  fs.mkdirSync('/new');
  fs.writeFileSync('/new/a', 'grüße');
  fs.appendFileSync('/new/a', Buffer.alloc(3));
  fs.readFileSync('/new/a');
  fs.readFileSync('/new/a', 'utf8');
  fs.existsSync('/new/a');
  fs.existsSync('/none');
  fs.readdirSync('/');
  fs.renameSync('/new/a', '/new/b');
  expect(() => fs.statSync('/none')).toThrow('ENOENT');
  expect(() => fs.writeFileSync('/new/c', Buffer.alloc(20_000))).toThrow('ENOSPC');
  expect(() => fs.writeFileSync('/new/c', 7 as never)).toThrow(TypeError);
  expect(lines()).toEqual([
    'mkdir("/new") = 0',
    'writeFile("/new/a") = 0 [7 bytes]',
    'appendFile("/new/a") = 0 [3 bytes]',
    'readFile("/new/a") = 0 [10 bytes]',
    'readFile("/new/a") = 0 [10 bytes]',
    'exists("/new/a") = 1',
    'exists("/none") = 0',
    'readdir("/") = 2',
    'rename("/new/a" -> "/new/b") = 0',
    'stat("/none") = -1 ENOENT',
    'writeFile("/new/c") = -1 ENOSPC',
    'writeFile("/new/c") = -1 ERR_INVALID_ARG_TYPE',
  ]);
});

test('an open file goes by its name, after a rename by the new one, and closed by none', () => {
  const { fs, start, lines } = scene();
  start();
  const reader = fs.openSync('/dir/file', 'r');
  fs.readSync(reader, Buffer.alloc(9));
  fs.closeSync(reader);
  expect(lines()).toEqual([
    'open("/dir/file") = 3',
    'read(3 "/dir/file") = 5 [5 bytes]',
    'close(3 "/dir/file") = 0',
  ]);
  const fd = fs.openSync('/a', 'w');
  fs.writeSync(fd, Buffer.from('four'));
  fs.renameSync('/a', '/b');
  fs.writeSync(fd, 'five!');
  fs.fstatSync(fd);
  fs.closeSync(fd);
  expect(() => fs.writeSync(fd, 'late')).toThrow('EBADF');
  expect(lines()).toEqual([
    'open("/a") = 3',
    'write(3 "/a") = 4 [4 bytes]',
    'rename("/a" -> "/b") = 0',
    'write(3 "/b") = 5 [5 bytes]',
    'fstat(3 "/b") = 0',
    'close(3 "/b") = 0',
    'write(3) = -1 EBADF',
  ]);
});

test('callbacks, promises, open files and streams come by the same place', async () => {
  const { fs, start, lines } = scene();
  // What was taken apart before the trace began is recorded too.
  const { statSync, promises } = fs;
  start();
  statSync('/dir/file');
  await new Promise<void>((done) => fs.stat('/dir/file', () => done()));
  await promises.stat('/dir/file');
  expect(lines()).toEqual(Array(3).fill('stat("/dir/file") = 0'));
  const handle = await promises.open('/h', 'w');
  await handle.write(Buffer.from('abc'));
  await handle.close();
  expect(lines()).toEqual(['open("/h") = 3', 'write(3 "/h") = 3 [3 bytes]', 'close(3 "/h") = 0']);
  for await (const chunk of fs.createReadStream('/dir/file')) expect(String(chunk)).toBe('hello');
  const streamed = lines().map((line) => line.replace(/\(.*\)/, ''));
  expect(streamed.slice(0, 2)).toEqual(['open = 3', 'read = 5 [5 bytes]']);
  fs.cpSync('/dir', '/copy', { recursive: true });
  expect(lines()).toContain('copyFile("/dir/file" -> "/copy/file") = 0');
});

test('who has a label is named, and all users of a tree are traced', () => {
  const { tree, start, lines } = scene();
  start();
  nodeFs(tree.acting({ label: 'hostd' }), nodeRuntime).writeFileSync('/a', 'x');
  nodeFs(tree.acting({ uid: 7 }), nodeRuntime).existsSync('/a');
  expect(lines()).toEqual(['[hostd] writeFile("/a") = 0 [1 bytes]', 'exists("/a") = 1']);
});

test('a call gives and throws what it would untraced', () => {
  const { fs, start } = scene();
  const before = [fs.statSync('/dir/file').ino, fs.readdirSync('/dir'), fs.existsSync('/none')];
  start();
  expect([fs.statSync('/dir/file').ino, fs.readdirSync('/dir'), fs.existsSync('/none')]).toEqual(
    before,
  );
  const refusal = { code: 'ENOENT', syscall: 'unlink', path: '/none' };
  expect(() => fs.unlinkSync('/none')).toThrow(expect.objectContaining(refusal));
  expect(() => fs.statSync(7 as never)).toThrow(TypeError);
});

test('what was stopped records nothing more, and one trace at a time is enough', () => {
  const { tree, fs, start, records } = scene();
  const stop = start();
  expect(start).toThrow('the tree is traced already');
  stop();
  fs.existsSync('/');
  expect([records, tree.live.tracer]).toEqual([[], null]);
  const again = start();
  stop();
  fs.existsSync('/');
  expect(records).toHaveLength(1);
  again();
});

test('a path with a line end in it stays one line', () => {
  const { fs, start, lines } = scene();
  start();
  fs.existsSync('/a\n"b"');
  expect(lines()).toEqual([String.raw`exists("/a\n\"b\"") = 0`]);
});
