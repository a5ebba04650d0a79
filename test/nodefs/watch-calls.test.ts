/**
 * Attacks the arguments and the refusals of watching: the same words as real node:fs has, and
 * nothing is left that listens.
 */

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { nodeRuntime } from '../../src/node/node-runtime.ts';
import { nodeFs } from '../../src/nodefs/fs.ts';
import { Tree } from '../../src/vfs/tree.ts';
import { isHeard } from './heard.ts';

type AnyFs = typeof fs;

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'visorfs-watching-'));
fs.writeFileSync(`${root}/f`, 'abc');
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

function treeWithFile(): { tree: Tree; ours: AnyFs } {
  const tree = new Tree();
  const ours = nodeFs(tree, nodeRuntime) as unknown as AnyFs;
  ours.mkdirSync(root, { recursive: true });
  ours.writeFileSync(`${root}/f`, 'abc');
  return { tree, ours };
}

/** What node says of an error. */
function said(error: unknown): unknown {
  const { name, message, code, errno, syscall, path: where, filename } = error as never;
  return { name, message, code, errno, syscall, path: where, filename };
}

function outcome(act: () => unknown): unknown {
  try {
    const watcher = act() as { close?(): void; stop?(): void } | undefined;
    watcher?.close?.();
    return typeof watcher;
  } catch (error) {
    return said(error);
  }
}

type Call = readonly [string, (on: AnyFs) => unknown];
const any = (value: unknown): never => value as never;

/** Calls that are wrong, or nearly. */
const CALLS: readonly Call[] = [
  ['watch of a path that is none', (on) => on.watch(any(3))],
  ['watch of a path with NUL', (on) => on.watch('a\0')],
  ['watch of nothing', (on) => on.watch('')],
  ['watch of what is not there', (on) => on.watch(`${root}/no`)],
  ['watch of what is not there, by bytes', (on) => on.watch(Buffer.from(`${root}/no`))],
  ['watch of what is not there, by URL', (on) => on.watch(new URL(`file://${root}/no`))],
  ['watch of what is not there, recursive', (on) => on.watch(`${root}/no`, { recursive: true })],
  ['watch through a file', (on) => on.watch(`${root}/f/x`)],
  ['watch with an encoding that is none', (on) => on.watch(root, any('nope'))],
  ['watch with options that are none', (on) => on.watch(root, any(3))],
  ['watch with a signal that is none', (on) => on.watch(root, { signal: any(1) })],
  ['watch with a listener that is none', (on) => on.watch(root, {}, any(3))],
  ['watch with persistent that is none', (on) => on.watch(root, { persistent: any('x') })],
  [
    'watch with persistent that is none, recursive',
    (on) => on.watch(root, { persistent: any('x'), recursive: true }),
  ],
  ['watch with recursive that is none', (on) => on.watch(root, { recursive: any('yes') })],
  ['watch with null for recursive', (on) => on.watch(root, { recursive: any(null) })],
  ['watch with null for options', (on) => on.watch(root, null)],
  ['watchFile of a path that is none', (on) => on.watchFile(any(3), () => {})],
  ['watchFile without a listener', (on) => on.watchFile(`${root}/f`, any(undefined))],
  ['watchFile with options alone', (on) => on.watchFile(`${root}/f`, {}, any(undefined))],
  ['watchFile with options that are none', (on) => on.watchFile(`${root}/f`, any(3), () => {})],
  ['watchFile with null for options', (on) => on.watchFile(`${root}/f`, any(null), () => {})],
  [
    'watchFile with an interval that is none',
    (on) => on.watchFile(`${root}/a`, { interval: any('x') }, () => {}),
  ],
  [
    'watchFile with a negative interval',
    (on) => on.watchFile(`${root}/b`, { interval: -1 }, () => {}),
  ],
  ['unwatchFile of a path that is none', (on) => on.unwatchFile(any(3))],
  ['unwatchFile of what is not watched', (on) => on.unwatchFile(`${root}/no`)],
];

describe('a wrong call', () => {
  test.each(CALLS)('of %s is told in the words of node, and leaves nothing', (_what, act) => {
    const { tree, ours } = treeWithFile();
    expect(outcome(() => act(ours))).toEqual(outcome(() => act(fs)));
    expect(isHeard(tree)).toBe(false);
  });

  const LATER: readonly (readonly [string, (on: AnyFs) => AsyncIterable<unknown>])[] = [
    ['a path that is none', (on) => on.promises.watch(any(3))],
    ['what is not there', (on) => on.promises.watch(`${root}/no`)],
    ['options that are none', (on) => on.promises.watch(root, any(3))],
    ['an encoding in the place of options', (on) => on.promises.watch(root, any('nope'))],
    ['persistent that is none', (on) => on.promises.watch(root, { persistent: any(1) })],
    ['recursive that is none', (on) => on.promises.watch(root, { recursive: any(1) })],
    ['a signal that is none', (on) => on.promises.watch(root, { signal: any(3) })],
    ['a signal that is over', (on) => on.promises.watch(root, { signal: AbortSignal.abort() })],
  ];

  test.each(LATER)('of promises.watch with %s is told by the first event', async (_what, act) => {
    const { tree, ours } = treeWithFile();
    const first = async (on: AnyFs): Promise<unknown> =>
      act(on)[Symbol.asyncIterator]().next().then(any, said);
    expect(await first(ours)).toEqual(await first(fs));
    expect(isHeard(tree)).toBe(false);
  });

  test.each([{ maxQueue: 'x' }, { maxQueue: 1.5 }, { overflow: 'x' }])(
    'of promises.watch with %o is refused',
    async (options) => {
      const { ours } = treeWithFile();
      const first = ours.promises.watch('/', any(options))[Symbol.asyncIterator]().next();
      await expect(first).rejects.toMatchObject({ code: /^ERR_(INVALID_ARG|OUT_OF)/ as never });
    },
  );

  test('of watch by who may not read the directory is EACCES', () => {
    const { tree, ours } = treeWithFile();
    ours.chmodSync(root, 0o700);
    ours.mkdirSync('/shut', 0o711);
    const his = nodeFs(tree.acting({ uid: 7 }), nodeRuntime);
    const refusal = { code: 'EACCES', syscall: 'watch', path: '/shut', filename: '/shut' };
    expect(() => his.watch('/shut')).toThrow(expect.objectContaining(refusal));
  });
});
