/**
 * Builds, packs and installs the package once, for all test files of `npm run test:package`: each
 * gets it by `inject('installed')`.
 */

import fs from 'node:fs';
import type { TestProject } from 'vitest/node';
import { type Installed, install, newFolder } from '../support/installed.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    installed: Installed;
  }
}

/** Called by Vitest before all; what it returns, after all. */
export function setup(project: TestProject): () => void {
  const folder = newFolder();
  const remove = (): void => fs.rmSync(folder, { recursive: true });
  try {
    project.provide('installed', install(folder));
  } catch (error) {
    remove();
    throw error;
  }
  return remove;
}
