/**
 * Archives on a shelf: made once for a run and read by every process of it.
 *
 * A name is an image of archives.ts and what it is packed as: `base.tgz`, `many.zip`, `vib-7.tgz`.
 */

import fs from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Manifest, manifestOf, tarOf } from './archives.ts';
import type { Scale } from './scale.ts';

/** The archives that are ready to be read, by name, with what they hold. */
export interface Shelf {
  /** Where the archives lie; in memory, if the machine has a folder there. */
  readonly folder: string;
  /** What the image `image` holds. */
  manifest(image: string): Manifest;
  /** The bytes of an archive. Throws NotHere where nothing here can make it. */
  read(name: string): Promise<Uint8Array>;
  /** The archive as a file. Throws as `read`. */
  file(name: string): Promise<string>;
}

/** The shelf in `folder`; what is not on it yet is made when it is first read. */
export function openShelf(folder: string, scale: Scale): Shelf {
  // Made when first asked for, and kept: who weighs memory must not see them come or go.
  const manifests = new Map<string, Manifest>();
  const shelf: Shelf = {
    folder,
    manifest(image) {
      const known = manifests.get(image) ?? manifestOf(image, scale);
      manifests.set(image, known);
      return known;
    },
    async file(name) {
      const place = path.join(folder, name);
      if (!fs.existsSync(place)) await make(shelf, name, place);
      return place;
    },
    async read(name) {
      const buffer = fs.readFileSync(await shelf.file(name));
      // Memory of its own: a Buffer from a pool would be charged to somebody else.
      return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
    },
  };
  return shelf;
}

async function make(shelf: Shelf, name: string, place: string): Promise<void> {
  const dot = name.lastIndexOf('.');
  const [image, form] = [name.slice(0, dot), name.slice(dot + 1)];
  const tar = form === 'tar' ? tarOf(shelf.manifest(image)) : await shelf.read(`${image}.tar`);
  if (form === 'erofs' || form === 'squashfs') {
    const { makeImage } = await import('./peers/kernel.ts');
    makeImage(shelf, form, tar, place);
  } else if (form === 'zip') {
    const { zipOf } = await import('./peers/yarn.ts');
    fs.writeFileSync(place, await zipOf(tar));
  } else if (form === 'indexed') {
    const { openTardisk } = await import('../src/node.ts');
    fs.writeFileSync(place, await shelf.read(`${image}.tgz`));
    (await openTardisk(place, { index: 'keep' })).close();
  } else {
    fs.writeFileSync(place, form === 'tar' ? tar : gzipSync(tar));
  }
}
