/**
 * Where archives that other tools made are, for tests that compare with them.
 *
 * They are not part of the project. VISORFS_SHARED names the folder that holds `corpus/`, and it is
 * `../shared` unless told otherwise; a test that needs it skips, and says so, where it is not
 * there.
 */

import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ABOVE = fileURLToPath(new URL('../..', import.meta.url));

/** The project's folder, also of what was compiled into its `build`. */
export const ROOT = basename(ABOVE) === 'build' ? dirname(ABOVE) : ABOVE;

let hasToldOfAbsence = false;

/** The path of `parts` in the corpus, or null, said once on stderr, where there is none. */
export function corpusPath(...parts: string[]): string | null {
  const { VISORFS_SHARED = '../shared' } = process.env;
  const folder = resolve(ROOT, VISORFS_SHARED, 'corpus');
  const path = join(folder, ...parts);
  if (existsSync(path)) return path;
  if (!hasToldOfAbsence) process.stderr.write(`skipped: no corpus at ${folder}\n`);
  hasToldOfAbsence = true;
  return null;
}
