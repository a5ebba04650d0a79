// One suite, three file systems: the kernel as the judge, an empty tree, and a tree over an image.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { nodeRuntime } from '../../src/node/node-runtime.ts';
import { nodeFs } from '../../src/nodefs/fs.ts';
import { Tree } from '../../src/vfs/tree.ts';
import { imageOf } from '../support/archives.ts';
import type { AnyFs } from './outcome.ts';
import { contractSuite } from './suite.ts';

function shown(tree: Tree): AnyFs {
  return nodeFs(tree, nodeRuntime) as unknown as AnyFs;
}

contractSuite('the kernel', () => {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'visorfs-contract-'));
  return { fs, root, done: () => fs.rmSync(root, { recursive: true }) };
});

contractSuite('an empty tree', () => {
  const ours = shown(new Tree(undefined, { clock: Date.now }));
  ours.mkdirSync('/work');
  return { fs: ours, root: '/work' };
});

contractSuite('a tree over an image', () => {
  const image = imageOf(
    { path: 'work/', type: 'dir' },
    { path: 'work/of-the-image', content: 'archived' },
    { path: 'etc/motd', content: 'archived too' },
  );
  return { fs: shown(new Tree(image, { clock: Date.now })), root: '/work' };
});
