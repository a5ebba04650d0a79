/**
 * A stage for commands: an Output that keeps what it is told, and a folder of images to work on.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect } from 'vitest';
import type { Output } from '../../src/cli/output.ts';
import { run } from '../../src/cli/program.ts';
import { type Entry, tarOf } from '../support/archives.ts';

/** What a command wrote and how it ended. */
export interface Performance {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly bytes: Uint8Array;
}

/** An Output that keeps what it is told. `props` replaces parts of it. */
export function outputOf(props: Partial<Output> = {}): {
  readonly output: Output;
  readonly written: Uint8Array[];
  readonly complaints: string[];
} {
  const written: Uint8Array[] = [];
  const complaints: string[] = [];
  const output: Output = {
    write: async (chunk) => {
      written.push(Buffer.from(chunk));
    },
    readAll: async () => new Uint8Array(0),
    complain: (text) => {
      complaints.push(text);
    },
    isTerminal: false,
    options: {},
    env: {},
    ask: null,
    now: () => 0,
    signal: new AbortController().signal,
    whole: (act) => act(),
    lent: (act) => act(),
    ...props,
  };
  return { output, written, complaints };
}

/** Runs `visorfs` with `args`, in this process, with the Output of `props`. */
export async function perform(
  args: readonly string[],
  props: Partial<Output> = {},
): Promise<Performance> {
  const { output, written, complaints } = outputOf(props);
  const code = await run(args, output);
  const bytes = Buffer.concat(written);
  return { code, out: bytes.toString(), err: complaints.join(''), bytes };
}

/** What `visorfs` with `args` writes, which goes well and says nothing beside it. */
export async function shown(...args: readonly string[]): Promise<string> {
  const { code, out, err } = await perform(args);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return out;
}

/** What `visorfs` with `args` is refused with, and writes nothing. */
export async function refused(...args: readonly string[]): Promise<string> {
  const { code, out, err } = await perform(args);
  expect({ code, out }).toEqual({ code: 1, out: '' });
  return err;
}

/** A new folder for the tests of one file; gone when they are done. */
export function stageFolder(): (...parts: readonly string[]) => string {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'visorfs-cli-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return (...parts) => join(folder, ...parts);
}

/** 2024-02-29 12:34:56 UTC. */
export const LEAP_DAY = 1709210096;

const MTIME = { mtime: LEAP_DAY };

/** A base image that is small enough to be written down. */
export const BASE: readonly Entry[] = [
  { path: 'bin/', ...MTIME },
  { path: 'bin/busybox', content: '#!', mode: 0o4555, ...MTIME },
  { path: 'bin/ls', target: 'bin/busybox', type: 'link' },
  { path: 'bin/sh', target: 'busybox', ...MTIME },
  { path: 'dev/', ...MTIME },
  { path: 'dev/null', type: 'device', mode: 0o666, ...MTIME },
  { path: 'etc/', ...MTIME },
  { path: 'etc/motd', content: 'welcome\n', ...MTIME },
  { path: 'etc/vmware/', mode: 0o1755, ...MTIME },
  { path: 'etc/vmware/esx.conf', content: '/a = "1"\n', mode: 0o1644, ...MTIME },
];

/** A second image, over the first. */
export const HOSTD: readonly Entry[] = [
  { path: 'bin/hostd', content: 'x'.repeat(5000), mode: 0o755, uid: 7, gid: 8, ...MTIME },
  { path: 'etc/motd', content: 'hostd says hello\n', ...MTIME },
];

/** Writes `entries` to `file` as a tar: a visor tar in gzip where the name says `.v00`. */
export function writeImage(file: string, entries: readonly Entry[]): void {
  const isModule = file.endsWith('.v00');
  const tar = tarOf(entries, isModule ? 'visor' : 'ustar');
  writeFileSync(file, isModule ? gzipSync(tar) : tar);
}
