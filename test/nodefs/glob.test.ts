// glob beside Node 22's: a table that the real one wrote (glob-golden.mjs), names and order.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { nodeRuntime } from '../../src/node/node-runtime.ts';
import { nodeFs } from '../../src/nodefs/fs.ts';
import { Tree } from '../../src/vfs/tree.ts';

interface Row {
  readonly pattern: string | string[];
  readonly exclude?: string[];
  readonly names: string[];
  readonly entries: (string | null)[];
}

const golden = JSON.parse(readFileSync(new URL('glob-golden.json', import.meta.url), 'utf8')) as {
  readonly tree: string[];
  readonly found: Row[];
};

function scene() {
  const fs = nodeFs(new Tree(), nodeRuntime);
  fs.mkdirSync('/root/top', { recursive: true });
  for (const line of golden.tree) {
    const [name, target] = line.split(' -> ');
    const file = `/root/top/${name}`;
    const isDir = line.endsWith('/');
    fs.mkdirSync(isDir ? file : file.slice(0, file.lastIndexOf('/')), { recursive: true });
    if (target !== undefined) fs.symlinkSync(target, file);
    else if (!isDir) fs.writeFileSync(file, '');
  }
  return fs;
}

test('globSync finds what Node 22 finds, in its order', () => {
  const fs = scene();
  const ours = golden.found.map(({ pattern, exclude }) => {
    const options = { cwd: '/root/top', ...(exclude && { exclude }) };
    const names = fs.globSync(pattern, options);
    const typed = fs.globSync(pattern, { ...options, withFileTypes: true });
    const entries = typed.map((entry) => {
      return entry && `${entry.parentPath} ${entry.name}`;
    });
    return { pattern, ...(exclude && { exclude }), names, entries };
  });
  expect(ours).toEqual(golden.found);
});

test('the other flavours find what globSync finds', async () => {
  const fs = scene();
  for (const { pattern, exclude, names } of golden.found) {
    const options = { cwd: new URL('file:///root/top'), ...(exclude && { exclude }) };
    const promised: string[] = [];
    for await (const name of fs.promises.glob(pattern, options)) promised.push(name);
    expect(promised).toEqual(names);
    const called = await new Promise((resolve) => {
      fs.glob(pattern, options, (error, found) => resolve(error ?? found));
    });
    expect(called).toEqual(names);
  }
});

test('a wrong pattern is told as Node 22 tells it', async () => {
  const fs = scene();
  const message = 'The "patterns" argument must be of type string. Received type number (5)';
  expect(() => fs.globSync(5 as never)).toThrow(message);
  await expect(fs.promises.glob(5 as never).next()).rejects.toThrow(message);
});

test('lchmod is not there, and its promise says so, as on Linux', async () => {
  const fs = scene();
  expect([fs.lchmod, fs.lchmodSync]).toEqual([undefined, undefined]);
  const code = 'ERR_METHOD_NOT_IMPLEMENTED';
  await expect(fs.promises.lchmod('/', 0)).rejects.toMatchObject({ code });
});
