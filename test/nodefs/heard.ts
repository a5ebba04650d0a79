/**
 * Whether anything is left that listens to a tree, for tests of what is to leave nothing behind.
 */

import { vi } from 'vitest';
import { Feed } from '../../src/vfs/feed.ts';
import type { Tree } from '../../src/vfs/tree.ts';

/** Whether anything is left that listens to `tree`. */
export function isHeard(tree: Tree): boolean {
  const told = vi.spyOn(Feed.prototype, 'made');
  tree.mkdir(`/heard${told.mock.calls.length}`);
  const count = told.mock.calls.length;
  tree.rmdir('/heard0');
  told.mockRestore();
  return count > 0;
}
