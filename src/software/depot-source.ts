/**
 * Where a depot lies: anything that gives files by their relative paths.
 *
 *   a zip           an offline bundle
 *   a folder        node/folder-depot.ts
 *   http, https     http-depot.ts
 *
 * A path is with slashes and leads into the depot: what is absolute or has a `..` is refused before
 * any of these is asked (`openInDepot`).
 */

import { CorruptError } from '../base/errors.ts';
import { bytesSource, readBytes, type Source } from '../base/source.ts';
import type { Codec } from '../codec/codec.ts';
import { whyNoPath, type ZipEntry, zipEntries } from '../format/zip.ts';
import { openZipEntry } from '../layer/zip.ts';

/** A place that holds a depot. */
export interface DepotSource {
  /** What messages call it. */
  readonly name: string;
  /**
   * The file at `path`; null where there is none. Whoever gets it closes it. A place that has to
   * fetch it takes no more than `maxBytes`. Throws what reading throws.
   */
  open(path: string, maxBytes?: number): Promise<Source | null>;
  /** The paths of all files, in the order of the place; null where it cannot tell. */
  list(): Promise<readonly string[] | null>;
  /** Gives back what it holds open; what was opened of it cannot be read any more. */
  close(): void;
}

/**
 * The file at `path`, which someone in `depot` gave; null where there is none. Throws CorruptError
 * where the path leads out.
 */
export async function openInDepot(
  depot: DepotSource,
  path: string,
  maxBytes?: number,
): Promise<Source | null> {
  const why = whyNoPath(path);
  if (why !== null)
    throw new CorruptError(depot.name, null, `the path ${JSON.stringify(path)} ${why}`);
  return depot.open(path, maxBytes);
}

/** The files of the zip in `source` as a depot. Throws CorruptError where it is none or lies. */
export function zipDepot(source: Source, codec: Codec): DepotSource {
  const entries = new Map(
    zipEntries(source)
      .filter(({ kind }) => kind !== 'directory')
      .map((entry): [string, ZipEntry] => [entry.name, entry]),
  );
  return {
    name: source.name,
    async open(path) {
      const entry = entries.get(path);
      return entry === undefined ? null : openZipEntry(source, entry, codec);
    },
    list: async () => [...entries.keys()],
    close: () => source.close(),
  };
}

/** `source` with its bytes in memory, and closed where that took a copy. */
export function inMemory(source: Source): Source {
  if (source.resident(0, source.size) !== null) return source;
  const bytes = readBytes(source, 0, source.size);
  source.close();
  return bytesSource(bytes, source.name);
}
