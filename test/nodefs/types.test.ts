// What TypeScript knows of the face: whoever takes node:fs takes this. Most of it is checked by
// tsc; that it also runs is a bonus.

import type nodeFsModule from 'node:fs';
import { expect, expectTypeOf, test } from 'vitest';
import { nodeRuntime } from '../../src/node/node-runtime.ts';
import type { Dirent } from '../../src/nodefs/dirent.ts';
import { type NodeFs, nodeFs } from '../../src/nodefs/fs.ts';
import { portableRuntime } from '../../src/nodefs/runtime.ts';
import type { BigIntStats, Stats } from '../../src/nodefs/stats.ts';
import { Tree } from '../../src/vfs/tree.ts';

type Node = typeof nodeFsModule;

const fs = nodeFs(new Tree(), nodeRuntime);
fs.writeFileSync('/f', 'x');

/** As isomorphic-git asks for it. */
interface PromiseFsClient {
  promises: {
    // biome-ignore lint/complexity/noBannedTypes: these are that library's own types
    [verb in 'readFile' | 'writeFile' | 'mkdir' | 'rmdir' | 'unlink' | 'stat' | 'lstat']: Function;
    // biome-ignore lint/complexity/noBannedTypes: the same
  } & { readdir: Function; readlink?: Function; symlink?: Function; chmod?: Function };
}

/** As fast-glob and @nodelib ask for it. */
interface FileSystemAdapter {
  lstat(
    path: string,
    done: (error: NodeJS.ErrnoException | null, stats: nodeFsModule.Stats) => void,
  ): void;
  stat(
    path: string,
    done: (error: NodeJS.ErrnoException | null, stats: nodeFsModule.Stats) => void,
  ): void;
  lstatSync(path: string): nodeFsModule.Stats;
  statSync(path: string): nodeFsModule.Stats;
  readdir(
    path: string,
    options: { withFileTypes: true },
    done: (error: NodeJS.ErrnoException | null, files: nodeFsModule.Dirent[]) => void,
  ): void;
  readdirSync(path: string, options: { withFileTypes: true }): nodeFsModule.Dirent[];
}

test('the face is accepted where libraries ask for a file system', () => {
  expect(fs satisfies PromiseFsClient).toBe(fs);
  expect(fs satisfies FileSystemAdapter).toBe(fs);
});

test('verbs with one signature are assignable to those of node:fs', () => {
  const sync: Pick<
    NodeFs<Buffer>,
    | 'accessSync'
    | 'chmodSync'
    | 'copyFileSync'
    | 'renameSync'
    | 'rmSync'
    | 'unlinkSync'
    | 'linkSync'
  > = fs;
  sync satisfies Pick<
    Node,
    | 'accessSync'
    | 'chmodSync'
    | 'copyFileSync'
    | 'renameSync'
    | 'rmSync'
    | 'unlinkSync'
    | 'linkSync'
  >;
  fs satisfies Pick<Node, 'existsSync' | 'closeSync' | 'fsyncSync' | 'fchmodSync' | 'utimesSync'>;
  fs satisfies Pick<Node, 'writeFileSync' | 'appendFileSync' | 'symlinkSync' | 'truncateSync'>;
  fs.promises satisfies Pick<
    Node['promises'],
    'access' | 'chmod' | 'copyFile' | 'rename' | 'rm' | 'rmdir' | 'unlink' | 'link' | 'symlink'
  >;
  expect(typeof sync.rmSync).toBe('function');
});

test('results have the types that their options ask for', () => {
  expectTypeOf(fs.readFileSync('/f')).toEqualTypeOf<Buffer>();
  expectTypeOf(fs.readFileSync('/f', 'utf8')).toEqualTypeOf<string>();
  expectTypeOf(fs.readFileSync('/f', { encoding: 'hex' })).toEqualTypeOf<string>();
  expectTypeOf(fs.readdirSync('/')).toEqualTypeOf<string[]>();
  expectTypeOf(fs.readdirSync('/', 'buffer')).toEqualTypeOf<Buffer[]>();
  expectTypeOf(fs.readdirSync('/', { withFileTypes: true })).toEqualTypeOf<Dirent[]>();
  expectTypeOf(fs.readdirSync('/', { recursive: true })).toEqualTypeOf<string[]>();
  expectTypeOf(fs.statSync('/f')).toEqualTypeOf<Stats>();
  expectTypeOf(fs.statSync('/f', { bigint: true })).toEqualTypeOf<BigIntStats>();
  expectTypeOf(fs.statSync('/f', { throwIfNoEntry: false })).toEqualTypeOf<Stats | undefined>();
  expectTypeOf(fs.promises.readFile('/f', 'utf8')).toEqualTypeOf<Promise<string>>();
  expectTypeOf(fs.promises.stat('/f', { bigint: true })).toEqualTypeOf<Promise<BigIntStats>>();
  expectTypeOf(fs.mkdirSync('/d', { recursive: true })).toEqualTypeOf<string | undefined>();
  expectTypeOf(fs.readlinkSync).parameter(0).toEqualTypeOf<Parameters<typeof fs.openSync>[0]>();
  fs.access('/f', (error) => expectTypeOf(error).toExtend<Error | null>());
  fs.access('/f', 4, (error) => expect(error).toBeNull());
  fs.rm('/gone', { force: true }, (error) => expect(error).toBeNull());
  fs.writeFile('/g', 'x', { mode: 0o600 }, (error) => expect(error).toBeNull());
});

test('without Buffer, bytes are Uint8Arrays and nothing more', async () => {
  const portable = nodeFs(new Tree(), portableRuntime);
  portable.writeFileSync('/f', 'é');
  expectTypeOf(portable.readFileSync('/f')).toEqualTypeOf<Uint8Array>();
  expect(portable.readFileSync('/f').constructor).toBe(Uint8Array);
  expect(portable.readFileSync('/f', 'latin1')).toBe('Ã©');
  expect(portable.mkdtempSync('/t-')).toMatch(/^\/t-[A-Za-z0-9]{6}$/);
  expect(await portable.promises.readFile(new URL('file:///f'), 'utf8')).toBe('é');
  expect(() => portable.statSync('a\0')).toThrow(
    /must be a string, Uint8Array, or URL without null bytes. Received 'a\\x00'$/,
  );
});
