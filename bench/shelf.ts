/**
 * Archives on a shelf: made once for a run and read by every process of it.
 */

import fs from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { baseManifest, type Manifest, manyManifest, tarOf } from './archives.ts';
import type { ArchiveName, Shelf } from './question.ts';
import type { Scale } from './scale.ts';

/** The shelf in `folder`; what is not on it yet is made when it is first read. */
export function openShelf(folder: string, scale: Scale): Shelf {
  // Made when first asked for, and kept: who weighs memory must not see them come or go.
  let base: Manifest | undefined;
  let many: Manifest | undefined;
  const ofBase = (): Manifest => {
    base ??= baseManifest(scale);
    return base;
  };
  const ofMany = (): Manifest => {
    many ??= manyManifest(scale);
    return many;
  };
  const make = (name: ArchiveName): Uint8Array => {
    if (name === 'many.tar') return tarOf(ofMany());
    return name === 'base.tar' ? tarOf(ofBase()) : gzipSync(tarOf(ofBase()));
  };
  const file = (name: ArchiveName): string => {
    const place = path.join(folder, name);
    if (!fs.existsSync(place)) fs.writeFileSync(place, make(name));
    return place;
  };
  const read = (name: ArchiveName): Uint8Array => {
    // Memory of its own: a Buffer from a pool would be charged to somebody else.
    const buffer = fs.readFileSync(file(name));
    return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
  };
  return {
    get base() {
      return ofBase();
    },
    get many() {
      return ofMany();
    },
    read,
    file,
  };
}
