/**
 * What the tests of `visorfs vib` share: files to make VIBs of, and runs that go well or fail.
 */

import fs from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { perform } from './stage.ts';

/** What a VIB that is made has to be told. */
export const SAID = ['--name', 'hello', '--vib-version', '1.0.0-1', '--vendor', 'us'];

/** Writes a folder of two files at `root`. */
export function writeRoot(root: string): void {
  fs.mkdirSync(join(root, 'opt/hello'), { recursive: true });
  fs.writeFileSync(join(root, 'opt/hello/run'), '#!/bin/sh\n');
  fs.symlinkSync('hello/run', join(root, 'opt/go'));
  for (const name of ['', 'opt', 'opt/hello', 'opt/hello/run']) {
    fs.chmodSync(join(root, name), 0o755);
  }
}

/** Runs `vib` with `args`, which must go well, and gives what it writes. */
export async function done(...args: readonly string[]): Promise<string> {
  const { code, out, err } = await perform(['vib', ...args]);
  expect([code, err]).toEqual([0, '']);
  return out;
}

/** Runs `vib` with `args`, which must fail, and gives what it complains of. */
export async function failed(...args: readonly string[]): Promise<string> {
  const { code, err } = await perform(['vib', ...args]);
  expect(code).toBeGreaterThan(0);
  return err;
}
