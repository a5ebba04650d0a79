/**
 * What callers hand in where there are files: bytes, or where on this machine they lie.
 */

import { stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Source } from '../base/source.ts';
import { type ArchiveBytes, sourceOf } from '../layer/input.ts';
import type * as open from '../layer/open.ts';
import type { DepotSource } from '../software/depot-source.ts';
import { fileSource } from './file-source.ts';
import { folderDepot } from './folder-depot.ts';
import { keptIndex } from './kept-index.ts';

/** What an archive without a name is called. */
export const UNNAMED = 'archive';

/** An archive in hand, or where it lies: a path, a file URL. */
export type ArchiveInput = ArchiveBytes | string | URL;

/** How to open an archive. */
export interface OpenOptions extends Omit<open.OpenOptions, 'index'> {
  /**
   * Of a gzipped tar, its seek index: then it is not decoded, but where it is read. 'keep' keeps
   * the index beside the archive's file, as `base.tgz.seek`: made in this one mount where it is not
   * there or not of this archive. 'make' makes it, for `seekIndexOf`. Nothing else is opened in
   * another way by it.
   */
  readonly index?: Uint8Array | 'make' | 'keep';
}

/** `options` with the place that 'keep' means. Throws TypeError where no file is. */
export function placing(input: ArchiveInput, options: OpenOptions = {}): open.OpenPlaceOptions {
  const { index, ...others } = options;
  if (index !== 'keep') return index === undefined ? others : { ...others, index };
  const file = fileOf(input);
  if (typeof file !== 'string') throw new TypeError("index: 'keep' is for archives in files");
  return { ...others, index: keptIndex(file) };
}

/** The path that `input` is, or the bytes. Throws TypeError for an address of anything else. */
export function fileOf(input: ArchiveInput): ArchiveBytes | string {
  return input instanceof URL ? fileURLToPath(input) : input;
}

/** `input` as a Source, called `name` unless that is undefined. Throws as node's fs. */
export async function sourceIn(input: ArchiveInput, name: string | undefined): Promise<Source> {
  const file = fileOf(input);
  if (typeof file !== 'string') return sourceOf(file, name ?? UNNAMED);
  return fileSource(file, name ?? path.basename(file));
}

/** The address that `input` is; null where it is none, or that of a file. */
export function addressIn(input: unknown): URL | null {
  if (typeof input === 'string') return /^https?:\/\//i.test(input) ? new URL(input) : null;
  return input instanceof URL && input.protocol !== 'file:' ? input : null;
}

/** What `input` is a place of, for `openPlace`. Throws as node's fs. */
export async function placeOf(
  input: ArchiveInput | DepotSource,
  name: string | undefined,
): Promise<Source | DepotSource | URL> {
  const address = addressIn(input);
  if (address !== null) return address;
  if (typeof input === 'object' && 'list' in input) return input;
  const file = fileOf(input);
  if (typeof file !== 'string' || !(await stat(file)).isDirectory()) return sourceIn(file, name);
  return folderDepot(file);
}
