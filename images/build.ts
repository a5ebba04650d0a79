/**
 * Writes the sample images into the folder `images`: `npm run images`, from the project's root.
 *
 * What a former build left behind in the folders of built files is removed.
 */

import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BUILT_FOLDERS, buildImages } from './make/images.ts';

const IMAGES = 'images';

const files = buildImages(join(IMAGES, 'recipes'));
for (const folder of BUILT_FOLDERS) {
  mkdirSync(join(IMAGES, folder), { recursive: true });
  for (const name of readdirSync(join(IMAGES, folder))) {
    if (!files.has(`${folder}/${name}`)) rmSync(join(IMAGES, folder, name));
  }
}
for (const [name, bytes] of files) {
  mkdirSync(dirname(join(IMAGES, name)), { recursive: true });
  writeFileSync(join(IMAGES, name), bytes);
}
const total = [...files.values()].reduce((sum, bytes) => sum + bytes.length, 0);
process.stdout.write(`${files.size} files, ${total} bytes\n`);
