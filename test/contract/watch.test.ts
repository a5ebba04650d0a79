/**
 * Attacks `watch` with the kernel as judge: the same verbs in a directory of the kernel's that real
 * node:fs watches, and on ours, give the same events in the same order.
 *
 * Two things are left open. Events that are the same as the one before count once: how many of them
 * inotify merges depends on how fast they are read, and how many writes one copyFile makes is the
 * platform's. And where nothing was asked for (chown to nobody) the kernel is silent, while we say
 * that it was done. When the kernel has told all is known without waiting: what happens in another
 * directory that is watched too is told after it.
 */

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { nodeRuntime } from '../../src/node/node-runtime.ts';
import { nodeFs } from '../../src/nodefs/fs.ts';
import { Tree } from '../../src/vfs/tree.ts';
import { imageOf } from '../support/archives.ts';

type AnyFs = typeof fs;
type Act = (on: AnyFs, root: string) => void;

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'visorfs-watch-'));
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));
const isJudge = process.platform === 'linux' && process.getuid?.() === 0;

/** Puts into `at` what the verbs act on: a watched directory `d` and another, `e`. */
function build(on: AnyFs, at: string): void {
  for (const directory of ['d', 'd/s', 'd/full', 'e']) on.mkdirSync(path.join(at, directory));
  for (const file of ['d/f', 'd/g', 'd/s/h', 'd/full/i', 'e/o']) {
    on.writeFileSync(path.join(at, file), 'abc');
  }
  on.mkdirSync(path.join(at, 'd/hollow'));
  on.symlinkSync('f', path.join(at, 'd/l'));
}

function opened(on: AnyFs, file: string, act: (fd: number) => void): void {
  const fd = on.openSync(file, 'r+');
  act(fd);
  on.closeSync(fd);
}

/** What is watched, below the root; what is done; and how to name it. */
const ACTS: readonly (readonly [watched: string, what: string, act: Act])[] = [
  ['d', 'writeFile of a new file', (on, at) => on.writeFileSync(`${at}/d/n`, 'x')],
  ['d', 'writeFile of a new empty file', (on, at) => on.writeFileSync(`${at}/d/n`, '')],
  ['d', 'writeFile over a file', (on, at) => on.writeFileSync(`${at}/d/f`, 'other')],
  ['d', 'writeFile of nothing over a file', (on, at) => on.writeFileSync(`${at}/d/f`, '')],
  ['d', 'appendFile', (on, at) => on.appendFileSync(`${at}/d/f`, 'x')],
  ['d', 'open to cut', (on, at) => on.closeSync(on.openSync(`${at}/d/f`, 'w'))],
  ['d', 'open', (on, at) => opened(on, `${at}/d/f`, () => {})],
  ['d', 'a write of nothing', (on, at) => opened(on, `${at}/d/f`, (fd) => on.writeSync(fd, ''))],
  ['d', 'truncate to the size it has', (on, at) => on.truncateSync(`${at}/d/f`, 3)],
  ['d', 'mkdir', (on, at) => on.mkdirSync(`${at}/d/n`)],
  ['d', 'mkdir, recursive', (on, at) => on.mkdirSync(`${at}/d/n/m/o`, { recursive: true })],
  ['d', 'rmdir', (on, at) => on.rmdirSync(`${at}/d/hollow`)],
  ['d', 'rm, recursive', (on, at) => on.rmSync(`${at}/d/full`, { recursive: true })],
  ['d', 'unlink', (on, at) => on.unlinkSync(`${at}/d/f`)],
  ['d', 'link', (on, at) => on.linkSync(`${at}/d/f`, `${at}/d/n`)],
  ['d', 'link to elsewhere', (on, at) => on.linkSync(`${at}/d/f`, `${at}/e/n`)],
  ['d', 'symlink', (on, at) => on.symlinkSync('f', `${at}/d/n`)],
  ['d', 'rename', (on, at) => on.renameSync(`${at}/d/f`, `${at}/d/n`)],
  ['d', 'rename over', (on, at) => on.renameSync(`${at}/d/f`, `${at}/d/g`)],
  ['d', 'rename onto itself', (on, at) => on.renameSync(`${at}/d/f`, `${at}/d/f`)],
  ['d', 'rename away', (on, at) => on.renameSync(`${at}/d/f`, `${at}/e/n`)],
  ['d', 'rename to it', (on, at) => on.renameSync(`${at}/e/o`, `${at}/d/n`)],
  ['d', 'rename of a directory', (on, at) => on.renameSync(`${at}/d/s`, `${at}/d/t`)],
  ['d', 'copyFile', (on, at) => on.copyFileSync(`${at}/d/f`, `${at}/d/n`)],
  ['d', 'copyFile over', (on, at) => on.copyFileSync(`${at}/d/f`, `${at}/d/g`)],
  ['d', 'chmod', (on, at) => on.chmodSync(`${at}/d/f`, 0o600)],
  ['d', 'chmod to what it is', (on, at) => on.chmodSync(`${at}/d/f`, 0o644)],
  ['d', 'chmod through a link', (on, at) => on.chmodSync(`${at}/d/l`, 0o600)],
  ['d', 'chmod of a directory in it', (on, at) => on.chmodSync(`${at}/d/s`, 0o700)],
  ['d', 'chmod of it', (on, at) => on.chmodSync(`${at}/d`, 0o700)],
  ['d', 'chown', (on, at) => on.chownSync(`${at}/d/f`, 1, 1)],
  ['d', 'lchown', (on, at) => on.lchownSync(`${at}/d/l`, 1, 1)],
  ['d', 'utimes', (on, at) => on.utimesSync(`${at}/d/f`, 1, 1)],
  ['d', 'lutimes', (on, at) => on.lutimesSync(`${at}/d/l`, 1, 1)],
  ['d', 'reading', (on, at) => void on.readFileSync(`${at}/d/f`)],
  ['d', 'a file in a directory in it', (on, at) => on.writeFileSync(`${at}/d/s/n`, 'x')],
  ['d', 'what is refused', (on, at) => expect(() => on.mkdirSync(`${at}/d/f`)).toThrow()],
  ['d/', 'a slash behind it', (on, at) => on.writeFileSync(`${at}/d/n`, '')],
  ['d/.', 'the removal of all of it', (on, at) => on.rmSync(`${at}/d`, { recursive: true })],
  [
    'd',
    'verbs on a descriptor',
    (on, at) =>
      opened(on, `${at}/d/f`, (fd) => {
        on.writeSync(fd, 'xy');
        on.fchmodSync(fd, 0o600);
        on.ftruncateSync(fd, 0);
        on.futimesSync(fd, 1, 1);
      }),
  ],
  [
    'd',
    'a write after a rename while open',
    (on, at) =>
      opened(on, `${at}/d/f`, (fd) => {
        on.renameSync(`${at}/d/f`, `${at}/d/n`);
        on.writeSync(fd, 'xy');
      }),
  ],
  [
    'd',
    'a write after a rename to elsewhere while open',
    (on, at) =>
      opened(on, `${at}/d/f`, (fd) => {
        on.renameSync(`${at}/d/f`, `${at}/e/n`);
        on.writeSync(fd, 'xy');
      }),
  ],
  [
    'd',
    'a write after the removal while open',
    (on, at) =>
      opened(on, `${at}/d/f`, (fd) => {
        on.unlinkSync(`${at}/d/f`);
        on.writeSync(fd, 'xy');
      }),
  ],
  [
    'd',
    'a write by another name',
    (on, at) => {
      on.linkSync(`${at}/d/f`, `${at}/e/n`);
      on.appendFileSync(`${at}/e/n`, 'x');
    },
  ],
  ['d/f', 'writeFile', (on, at) => on.writeFileSync(`${at}/d/f`, 'other')],
  ['d/f', 'chmod', (on, at) => on.chmodSync(`${at}/d/f`, 0o600)],
  ['d/f', 'unlink', (on, at) => on.unlinkSync(`${at}/d/f`)],
  [
    'd/f',
    'unlink, and another in its place',
    (on, at) => {
      on.unlinkSync(`${at}/d/f`);
      on.writeFileSync(`${at}/d/f`, 'x');
    },
  ],
  [
    'd/f',
    'unlink of one of two names',
    (on, at) => {
      on.linkSync(`${at}/d/f`, `${at}/e/n`);
      on.unlinkSync(`${at}/d/f`);
    },
  ],
  [
    'd/f',
    'unlink while open',
    (on, at) =>
      opened(on, `${at}/d/f`, (fd) => {
        on.unlinkSync(`${at}/d/f`);
        on.writeSync(fd, 'xy');
      }),
  ],
  ['d/f', 'rename over it', (on, at) => on.renameSync(`${at}/d/g`, `${at}/d/f`)],
  [
    'd/f',
    'rename, and a write',
    (on, at) => {
      on.renameSync(`${at}/d/f`, `${at}/e/n`);
      on.appendFileSync(`${at}/e/n`, 'x');
    },
  ],
  ['d/f', 'what is done to others', (on, at) => on.appendFileSync(`${at}/d/g`, 'x')],
  ['d/l', 'a write to what it leads to', (on, at) => on.appendFileSync(`${at}/d/f`, 'x')],
  ['d/l', 'the removal of what it leads to', (on, at) => on.unlinkSync(`${at}/d/f`)],
  ['d/hollow', 'rmdir of it', (on, at) => on.rmdirSync(`${at}/d/hollow`)],
  [
    'd/s',
    'rename of it, and a file in it',
    (on, at) => {
      on.renameSync(`${at}/d/s`, `${at}/e/t`);
      on.writeFileSync(`${at}/e/t/n`, '');
    },
  ],
  ['d/hollow', 'rename over it', (on, at) => on.renameSync(`${at}/d/s`, `${at}/d/hollow`)],
];

/** `events` without those that are the same as the one before. */
function distinct(events: readonly string[]): string[] {
  return events.filter((event, index) => event !== events[index - 1]);
}

/** What the kernel tells of `act` on what is at `watched`. */
async function onKernel(watched: string, act: Act): Promise<string[]> {
  const at = fs.mkdtempSync(path.join(root, 'scene-'));
  const [scene, end] = [path.join(at, 'scene'), path.join(at, 'end')];
  fs.mkdirSync(scene);
  fs.mkdirSync(end);
  build(fs, scene);
  const events: string[] = [];
  const watcher = fs.watch(`${scene}/${watched}`, (type, name) => events.push(`${type} ${name}`));
  let ender: fs.FSWatcher | undefined;
  const ended = new Promise<void>((resolve) => {
    ender = fs.watch(end, () => resolve());
  });
  act(fs, scene);
  fs.writeFileSync(path.join(end, 'end'), '');
  await ended;
  watcher.close();
  ender?.close();
  return distinct(events);
}

/** The stages on which ours is watched: written, or found in an image. */
const OURS: Readonly<Record<string, () => AnyFs>> = {
  written: () => {
    const ours = nodeFs(new Tree(), nodeRuntime) as unknown as AnyFs;
    ours.mkdirSync('/scene');
    build(ours, '/scene');
    return ours;
  },
  imaged: () => {
    const directories = ['d', 'd/s', 'd/full', 'd/hollow', 'e'];
    const image = imageOf(
      ...directories.map((name) => ({ path: `scene/${name}`, type: 'dir' as const })),
      ...['d/f', 'd/g', 'd/s/h', 'd/full/i', 'e/o'].map((name) => ({
        path: `scene/${name}`,
        content: 'abc',
      })),
      { path: 'scene/d/l', type: 'symlink' as const, target: 'f' },
    );
    return nodeFs(new Tree(image), nodeRuntime) as unknown as AnyFs;
  },
};

async function onOurs(ours: AnyFs, watched: string, act: Act): Promise<string[]> {
  const events: string[] = [];
  const watcher = ours.watch(`/scene/${watched}`, (type, name) => events.push(`${type} ${name}`));
  act(ours, '/scene');
  expect(events).toEqual([]);
  await new Promise((resolve) => setImmediate(resolve));
  watcher.close();
  return distinct(events);
}

describe.runIf(isJudge)('a watcher hears what it hears of the kernel', () => {
  for (const stage of Object.keys(OURS)) {
    test.each(ACTS)(`${stage}: of %s, of %s`, async (watched, _what, act) => {
      const told = await onKernel(watched, act);
      expect(await onOurs(OURS[stage]!(), watched, act)).toEqual(told);
    });
  }
});
