/**
 * The command line as it is published, for tests of the process that it is: built, as Node 20 runs
 * no TypeScript.
 */

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

/** The root of the project. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const TSC = createRequire(import.meta.url).resolve('typescript/bin/tsc');

/** A compiler takes its time on a busy machine. */
export const BUILD_TIMEOUT_MS = 180_000;

/** Builds the command into the folder `at()`; it is `at('dist/cli/main.js')` then. */
export function buildCommand(at: (...parts: readonly string[]) => string): void {
  const options = ['-p', 'tsconfig.build.json', '--noCheck', '--declaration', 'false'];
  const args = [TSC, ...options, '--outDir', at('dist')];
  const built = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
  expect(built.stdout).toBe('');
  fs.copyFileSync(`${ROOT}/package.json`, at('package.json'));
  fs.symlinkSync(`${ROOT}/node_modules`, at('node_modules'));
}
