// The face over an empty tree, used as people use node:fs.

import { expect, test } from 'vitest';
import { nodeRuntime } from '../../src/node/node-runtime.ts';
import { nodeFs } from '../../src/nodefs/fs.ts';
import { Tree } from '../../src/vfs/tree.ts';

test('what was written is read, in all three flavours', async () => {
  const fs = nodeFs(new Tree(), nodeRuntime);
  fs.mkdirSync('/a/b', { recursive: true });
  fs.writeFileSync('/a/b/c', 'hello');
  expect(fs.readFileSync('/a/b/c')).toEqual(Buffer.from('hello'));
  expect(fs.readFileSync('/a/b/c', 'utf8')).toBe('hello');
  expect(await fs.promises.readFile('/a/b/c', 'utf8')).toBe('hello');
  const [error, data] = await new Promise<[unknown, unknown]>((resolve) => {
    fs.readFile('/a/b/c', 'utf8', (failure, text) => resolve([failure, text]));
  });
  expect([error, data]).toEqual([null, 'hello']);
  expect(fs.readdirSync('/', { recursive: true })).toEqual(['a', 'a/b', 'a/b/c']);
  expect(fs.statSync('/a/b/c').size).toBe(5);
  fs.rmSync('/a', { recursive: true });
  expect(fs.existsSync('/a')).toBe(false);
});
