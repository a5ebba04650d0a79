// Counts what the usual verbs do beside their work: errors that nobody sees, copies that nobody
// keeps. No time is taken: an operation that became dearer shows here as one that does more.

import { expect, test, vi } from 'vitest';
import { nodeRuntime } from '../../src/node/node-runtime.ts';
import { nodeFs } from '../../src/nodefs/fs.ts';
import { Tree } from '../../src/vfs/tree.ts';
import { imageOf } from '../support/archives.ts';

const image = imageOf({ path: 'dir/file', content: 'x'.repeat(1024) }, { path: 'dir/sub/' });

/** How many errors `act` makes, seen or unseen: each takes the stack down, once. */
function errorsOf(act: () => void): number {
  let count = 0;
  const limit = Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit')!;
  // V8 asks for the limit whenever an error is made, and so each is counted by that.
  Object.defineProperty(Error, 'stackTraceLimit', {
    configurable: true,
    get: () => {
      count += 1;
      return limit.value;
    },
  });
  try {
    act();
  } catch {
    // It is counted, and that is all.
  } finally {
    Object.defineProperty(Error, 'stackTraceLimit', limit);
  }
  return count;
}

test('asking for what is missing makes one error where it is thrown, else none', () => {
  const fs = nodeFs(new Tree(image), nodeRuntime);
  fs.statSync('/dir/file');
  const errors = {
    thrown: errorsOf(() => fs.statSync('/dir/missing')),
    returned: errorsOf(() => fs.statSync('/dir/missing', { throwIfNoEntry: false })),
    exists: errorsOf(() => fs.existsSync('/dir/missing')),
    read: errorsOf(() => fs.readFileSync('/dir/missing')),
  };
  const one = errorsOf(() => {
    throw new Error('one');
  });
  expect(errors).toEqual({ thrown: one, returned: 0, exists: 0, read: one });
});

test('the one error says where it was thrown', () => {
  const fs = nodeFs(new Tree(image), nodeRuntime);
  const lookForIt = () => fs.statSync('/dir/missing');
  let stack = '';
  try {
    lookForIt();
  } catch (error) {
    stack = String((error as Error).stack);
  }
  expect(stack).toMatch(/^Error: ENOENT: no such file or directory, stat '\/dir\/missing'/);
  expect(stack).toContain('lookForIt');
});

test('making directories below each other makes no errors, and removing them makes none', () => {
  const fs = nodeFs(new Tree(image), nodeRuntime);
  expect(errorsOf(() => fs.mkdirSync('/dir/a/b/c/d/e', { recursive: true }))).toBe(0);
  expect(fs.statSync('/dir/a/b/c/d/e').isDirectory()).toBe(true);
  expect(errorsOf(() => fs.rmSync('/dir', { recursive: true }))).toBe(0);
  expect(fs.existsSync('/dir')).toBe(false);
});

test('a file is read by one copy, from the image and from pages that lie apart', () => {
  const tree = new Tree(image);
  const fs = nodeFs(tree, nodeRuntime);
  for (const path of ['/one', '/two', '/one', '/two']) fs.appendFileSync(path, Buffer.alloc(9000));
  const allocate = vi.spyOn(nodeRuntime, 'allocate');
  const copies = [vi.spyOn(tree, 'view'), vi.spyOn(tree, 'copyOf')];
  const copied = vi.spyOn(tree, 'copyInto');
  expect([fs.readFileSync('/dir/file').length, fs.readFileSync('/one').length]).toEqual([
    1024, 18000,
  ]);
  expect([allocate.mock.calls.length, copied.mock.calls.length]).toEqual([2, 2]);
  for (const spy of copies) expect(spy).not.toHaveBeenCalled();
  vi.restoreAllMocks();
});
