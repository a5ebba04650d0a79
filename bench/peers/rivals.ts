/**
 * Finds the rivals that are installed in a place of their own, bench/rivals: what this project
 * needs to be built and tested must not grow with who is measured.
 *
 *   npm ci --prefix bench/rivals       what `npm run bench` does where they are missing
 */

import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { NotHere } from '../question.ts';

/** The root of the project, from its source and from its build. */
export function projectFolder(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  while (!fs.existsSync(path.join(folder, 'package.json'))) folder = path.dirname(folder);
  return folder;
}

/** Where the rivals are installed. */
export function rivalsFolder(): string {
  return path.join(projectFolder(), 'bench', 'rivals');
}

/** Whether the rivals are installed. */
export function hasRivals(): boolean {
  return fs.existsSync(path.join(rivalsFolder(), 'node_modules'));
}

/** The rival `name`, of which the caller says what it uses. Throws NotHere where none is. */
export async function rival<T>(name: string): Promise<T> {
  if (!hasRivals()) throw new NotHere('not installed: npm ci --prefix bench/rivals');
  const { load } = (await import(pathToFileURL(path.join(rivalsFolder(), 'load.mjs')).href)) as {
    load(name: string): Promise<T>;
  };
  return load(name);
}
