/**
 * All that `npm run images` writes, in memory: a test builds it too and compares it with the folder.
 */

import { utf8 } from '../../src/base/bytes.ts';
import { buildBank, type Files } from './bank.ts';
import { hashOf } from './vib.ts';

/** The folders whose every file is built: whatever else lies there is left over. */
export const BUILT_FOLDERS = ['bank', 'vibs'] as const;

/** Every built file by its name below the folder `images`, SHA256SUMS last. */
export function buildImages(recipes: string): Files {
  const files = new Map([...buildBank(recipes)].sort(([one], [other]) => (one < other ? -1 : 1)));
  const sums = [...files].map(([name, bytes]) => `${hashOf('sha-256', bytes)}  ${name}\n`);
  files.set('SHA256SUMS', utf8(sums.join('')));
  return files;
}
