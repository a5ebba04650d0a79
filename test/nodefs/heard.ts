/**
 * What the tests of watching share: a watcher on a small tree, when all it was told has come, and
 * whether anything is left that listens.
 */

import { vi } from 'vitest';
import { nodeRuntime } from '../../src/node/node-runtime.ts';
import { nodeFs } from '../../src/nodefs/fs.ts';
import { Feed } from '../../src/vfs/feed.ts';
import type { Tree } from '../../src/vfs/tree.ts';
import { treeOf } from '../vfs/support.ts';

/** Whether anything is left that listens to `tree`. */
export function isHeard(tree: Tree): boolean {
  const told = vi.spyOn(Feed.prototype, 'made');
  tree.mkdir(`/heard${told.mock.calls.length}`);
  const count = told.mock.calls.length;
  tree.rmdir('/heard0');
  told.mockRestore();
  return count > 0;
}

/** Once what was on its way has come. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A face over a small tree, and what a watcher with `options` tells of `watched`. */
export function watching(watched: string, options: object) {
  const tree = treeOf([]);
  const on = nodeFs(tree, nodeRuntime);
  on.mkdirSync('/d/s/t', { recursive: true });
  on.mkdirSync('/e/m', { recursive: true });
  on.writeFileSync('/d/s/f', 'x');
  const events: unknown[] = [];
  const watcher = on.watch(watched, options, (type, name) => events.push(`${type} ${name}`));
  return { tree, on, events, watcher };
}
