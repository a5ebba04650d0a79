// tar-fs: from a folder into another of the same file system, and from a vfs to the disk and back.

import nodeFs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import tar from 'tar-fs';
import { expect, test } from 'vitest';
import { VisorFs } from '../../src/node.ts';
import { type AnyFs, onBoth } from './both.ts';

const WHEN = new Date(1_600_000_000_000);

function build(fs: AnyFs, at: string): void {
  fs.mkdirSync(`${at}/dir/empty`, { recursive: true });
  fs.writeFileSync(`${at}/file`, 'hello');
  fs.writeFileSync(`${at}/dir/run`, '#!/bin/sh', { mode: 0o755 });
  fs.writeFileSync(`${at}/dir/large`, Buffer.alloc(300_000, 7));
  fs.linkSync(`${at}/file`, `${at}/twin`);
  fs.symlinkSync('../file', `${at}/dir/link`);
  fs.lutimesSync(`${at}/dir/link`, WHEN, WHEN);
  for (const name of ['file', 'dir/run', 'dir/large', 'dir/empty', 'dir', '']) {
    fs.utimesSync(`${at}/${name}`, WHEN, WHEN);
  }
}

/** Everything below `root`: kind and mode, time if it was set, size, content. */
function picture(fs: AnyFs, root: string): string[] {
  const lines: string[] = [];
  const pending = [''];
  for (const above of pending) {
    for (const name of fs.readdirSync(root + above)) {
      const below = `${above}/${name}`;
      const stats = fs.lstatSync(root + below);
      if (stats.isDirectory()) pending.push(below);
      const content = stats.isDirectory()
        ? ''
        : stats.isSymbolicLink()
          ? fs.readlinkSync(root + below)
          : `${stats.nlink} ${stats.size} ${fs.readFileSync(root + below, 'latin1').slice(0, 20)}`;
      const when = stats.mtimeMs === WHEN.getTime() ? 'then' : 'now';
      lines.push(`${below} ${stats.mode.toString(8)} ${when} ${content}`);
    }
  }
  return lines.sort();
}

test('tar-fs packs and extracts', () =>
  onBoth({ from: null }, async ({ fs, at, step, tell }) => {
    build(fs, `${at}/from`);
    step('pack');
    await pipeline(tar.pack(`${at}/from`, { fs }), tar.extract(`${at}/to`, { fs }));
    tell(picture(fs, `${at}/to`));
    step('with filters');
    const options = { fs, ignore: (name: string) => name.endsWith('large'), dmode: 0o555 };
    await pipeline(tar.pack(`${at}/from`, options), tar.extract(`${at}/filtered`, { fs }));
    tell(picture(fs, `${at}/filtered`));
  }));

test('tar-fs carries a vfs to the disk, and the disk into a vfs', async () => {
  const one = new VisorFs();
  one.fs.mkdirSync('/from');
  build(one.fs as unknown as AnyFs, '/from');
  const folder = nodeFs.mkdtempSync(path.join(os.tmpdir(), 'visorfs-tar-'));
  try {
    await pipeline(tar.pack('/from', { fs: one.fs }), tar.extract(`${folder}/to`, {}));
    await pipeline(tar.pack('/from', { fs: one.fs }), tar.extract('/to', { fs: one.fs }));
    expect(picture(nodeFs, `${folder}/to`)).toEqual(picture(one.fs as unknown as AnyFs, '/to'));
    const other = new VisorFs();
    await pipeline(tar.pack(`${folder}/to`, {}), tar.extract('/back', { fs: other.fs }));
    expect(picture(other.fs as unknown as AnyFs, '/back')).toEqual(picture(nodeFs, `${folder}/to`));
  } finally {
    nodeFs.rmSync(folder, { recursive: true });
  }
});
