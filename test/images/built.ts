/**
 * What the tests of images share: the folder as it is committed, and what a tardisk lists as.
 */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { text } from '../../src/base/bytes.ts';
import { isRegular, isSymlink, modeLetters, PERMISSIONS } from '../../src/base/mode.ts';
import { ROOT_ROW } from '../../src/layer/table.ts';
import type { Tardisk } from '../../src/layer/tardisk.ts';
import { NONE } from '../../src/store/dirents.ts';

/** The folder `images` of the project. */
export const IMAGES: string = fileURLToPath(new URL('../../images', import.meta.url));

export const RECIPES: string = join(IMAGES, 'recipes');

/** The bytes of the committed file `name`. */
export function committed(name: string): Uint8Array {
  return new Uint8Array(readFileSync(join(IMAGES, name)));
}

/** The fields of each line of the committed table `name`; comments are none. */
export function table(name: string): string[][] {
  const lines = text(committed(name)).split('\n');
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split('\t'));
}

/** The hexadecimal SHA-256 of `bytes`. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * All that `tardisk` holds, a line each as in `good/listing.tsv`, in the order of the paths' bytes.
 */
export function rowsOf(tardisk: Tardisk): string[] {
  const names = new Map<number, number>();
  const found: { readonly path: string; readonly row: number }[] = [];
  const enter = (directory: number, above: string): void => {
    const { dirents } = tardisk;
    for (let entry = dirents.first(directory); entry !== NONE; entry = dirents.next(entry)) {
      const path = above + dirents.name(entry);
      const row = dirents.child(entry);
      names.set(row, (names.get(row) ?? 0) + 1);
      found.push({ path, row });
      enter(row, `${path}/`);
    }
  };
  enter(ROOT_ROW, '');
  found.sort((one, other) => Buffer.compare(Buffer.from(one.path), Buffer.from(other.path)));
  return found.map(({ path, row }) => rowOf(tardisk, path, row, names.get(row)!));
}

function rowOf(tardisk: Tardisk, path: string, row: number, names: number): string {
  const mode = tardisk.mode[row]!;
  const size = tardisk.size[row]!;
  const content = new Uint8Array(isRegular(mode) ? size : 0);
  if (content.length > 0) tardisk.readInto(row, content, 0);
  const shown = `${modeLetters(mode)[0]}${(mode & PERMISSIONS).toString(8).padStart(4, '0')}`;
  const target = isSymlink(mode) ? text(tardisk.target(row)) : '';
  const sum = isRegular(mode) ? sha256(content).slice(0, 16) : '';
  const owner = [tardisk.uid[row] ?? 0, tardisk.gid[row] ?? 0];
  return [shown, names, ...owner, size, mtimeOf(tardisk, row), path, target, sum].join('\t');
}

function mtimeOf(tardisk: Tardisk, row: number): string {
  const nanoseconds = tardisk.mtimeNanoseconds[row] ?? 0;
  const fraction = String(nanoseconds).padStart(9, '0').replace(/0+$/, '');
  return `${tardisk.mtimeSeconds[row]}${fraction === '' ? '' : `.${fraction}`}`;
}
