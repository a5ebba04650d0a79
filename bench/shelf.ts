/**
 * Archives on a shelf: made once for a run and read by every process of it.
 */

import fs from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { baseManifest, manyManifest, tarOf } from './archives.ts';
import type { ArchiveName, Shelf } from './question.ts';
import type { Scale } from './scale.ts';

/** The shelf in `folder`; what is not on it yet is made when it is first read. */
export function openShelf(folder: string, scale: Scale): Shelf {
  const base = baseManifest(scale);
  const many = manyManifest(scale);
  const make = (name: ArchiveName): Uint8Array => {
    if (name === 'many.tar') return tarOf(many);
    return name === 'base.tar' ? tarOf(base) : gzipSync(tarOf(base));
  };
  const read = (name: ArchiveName): Uint8Array => {
    const file = path.join(folder, name);
    if (!fs.existsSync(file)) fs.writeFileSync(file, make(name));
    // Memory of its own: a Buffer from a pool would be charged to somebody else.
    const buffer = fs.readFileSync(file);
    return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
  };
  return { base, many, read };
}
