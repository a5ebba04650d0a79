/**
 * A script that a command runs on its tree: an ES module whose default export is given it.
 *
 *   export default async (vfs) => { vfs.as({ label: 'hostd' }).writeFileSync('/tmp/a', 'x'); };
 */

import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Option } from 'commander';
import type { VisorFs } from '../node.ts';
import { CommandError, UsageError } from './output.ts';
import { hereOption } from './places.ts';

/** The option that names one. */
export function runOption(): Option {
  const what = 'an ES module whose default export is called with the VisorFs';
  return hereOption('--run <script>', what);
}

/** For the end of a help: a script whose writes are somebody's. */
export const RUN_EXAMPLE = `
Where fill.mjs is, for who writes under the label hostd:
  export default async (vfs) => {
    vfs.as({ label: 'hostd' }).writeFileSync('/core', new Uint8Array(1e6));
  };`;

/** A script that was loaded: it fills the tree that it is given. */
export type Script = (vfs: VisorFs) => unknown;

/**
 * The script in `file`, which is this user's own code and is run as such. Throws CommandError where
 * it cannot be loaded, UsageError where its default export is no function.
 */
export async function scriptOf(file: string): Promise<Script> {
  let loaded: { readonly default?: unknown };
  try {
    loaded = await import(pathToFileURL(path.resolve(file)).href);
  } catch (error) {
    throw new CommandError(`'${file}' cannot be run: ${(error as Error).message}`);
  }
  if (typeof loaded.default === 'function') return loaded.default as Script;
  throw new UsageError(`'${file}' has no function as its default export`);
}

/** Runs `script`, which is in `file`, on `vfs`. Throws CommandError where it fails. */
export async function runOn(vfs: VisorFs, script: Script, file: string): Promise<void> {
  try {
    await script(vfs);
  } catch (error) {
    throw new CommandError(`'${file}' failed: ${error instanceof Error ? error.message : error}`);
  }
}
