/**
 * What was measured must have been done: bytes are compared with what the image was made of.
 */

import { contentOf, type ImageFile } from './archives.ts';
import type { Subject } from './peers.ts';

/** Throws unless `holds`. */
export function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(`the bench measured what was not done: ${what}`);
}

/** Throws unless `left` and `right` hold the same bytes. */
export function checkBytes(left: Uint8Array, right: Uint8Array, what: string): void {
  check(Buffer.compare(left, right) === 0, `other bytes in ${what}`);
}

const SPOT_CHECKS = 24;

/**
 * Rejects unless `subject` has `files` with their sizes and, for some spread over all, their bytes.
 */
export async function checkFiles(
  { promises, root }: Pick<Subject, 'promises' | 'root'>,
  files: readonly ImageFile[],
): Promise<void> {
  const step = Math.max(1, Math.floor(files.length / SPOT_CHECKS));
  for (let index = 0; index < files.length; index += step) {
    const file = files[index]!;
    const { size } = await promises.stat(root + file.path);
    check(size === file.size, `the size of ${file.path}`);
    checkBytes(await promises.readFile(root + file.path), contentOf(file), file.path);
  }
}
