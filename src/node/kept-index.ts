/**
 * A seek index kept beside its archive: `base.tgz.seek` for `base.tgz`.
 *
 * It is written under a temporary name and renamed, so that it is there whole or not at all; two
 * processes that make it at once both make the same.
 */

import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { SEEK_INDEX_MAX_BYTES } from '../base/limits.ts';
import type { IndexPlace } from '../layer/seek.ts';

/** Beside the archive `file`. Loading and saving throw node's own errors. */
export function keptIndex(file: string): IndexPlace {
  const place = `${file}.seek`;
  return {
    load() {
      const stats = fs.statSync(place, { throwIfNoEntry: false });
      // What is too large for an index is none: it is not worth reading.
      if (stats?.isFile() !== true || stats.size > SEEK_INDEX_MAX_BYTES) return null;
      const bytes = fs.readFileSync(place);
      return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    },
    save(index) {
      const temporary = `${place}-${randomUUID()}`;
      try {
        fs.writeFileSync(temporary, index, { flag: 'wx' });
        fs.renameSync(temporary, place);
      } finally {
        fs.rmSync(temporary, { force: true });
      }
    },
  };
}
