/**
 * The command line as it is published, for tests of the process that it is: built, as Node 20 runs
 * no TypeScript.
 */

import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { writeSources } from '../support/compiled.ts';

/** The root of the project. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A compiler takes its time on a busy machine. */
export const BUILD_TIMEOUT_MS = 180_000;

/** Builds the command into the folder `at()`; it is `at('dist/cli/main.js')` then. */
export function buildCommand(at: (...parts: readonly string[]) => string): void {
  writeSources(at('dist'));
  fs.copyFileSync(`${ROOT}/package.json`, at('package.json'));
  fs.symlinkSync(`${ROOT}/node_modules`, at('node_modules'));
}
