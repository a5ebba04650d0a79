/**
 * What this engine is to offer and this build may lack: forks and snapshots, images that threads
 * share, indexes that are kept. A question about what is missing says so, and fails nothing.
 */

import { existsSync } from 'node:fs';
import type { Image, Tardisk, VisorFs } from '../src/node.ts';
import { NotHere } from './question.ts';

/** The whole of a tree at one moment. */
export interface Snapshot {
  toBytes?(): Uint8Array;
}

/** A tree that forks. */
export interface Forking {
  readonly fs: VisorFs['fs'];
  fork(): Forking;
  snapshot(): Snapshot;
  rollback(snapshot: Snapshot): void;
  diff(older: Snapshot, newer: Snapshot): readonly unknown[];
}

/** `vfs`, if it forks. */
export function forking(vfs: VisorFs): Forking {
  if (!('fork' in vfs)) throw new NotHere('fork: not there yet');
  return vfs as unknown as Forking;
}

/** The bytes of `snapshot`. */
export function bytesOf(snapshot: Snapshot): Uint8Array {
  if (snapshot.toBytes === undefined) throw new NotHere('snapshot.toBytes: not there yet');
  return snapshot.toBytes();
}

/** From bytes to the snapshot in them, of a tree over `image`. */
export type SnapshotReader = (bytes: Uint8Array, image: Image) => Snapshot;

/** What makes snapshots of bytes. */
export async function snapshotReader(): Promise<SnapshotReader> {
  const { Snapshot } = (await import('../src/node.ts')) as unknown as {
    Snapshot?: { from?: SnapshotReader };
  };
  if (Snapshot?.from === undefined) throw new NotHere('Snapshot.from: not there yet');
  return (bytes, image) => Snapshot.from!(bytes, image);
}

/** What a thread needs of `image`. */
export function shared(image: Image): unknown {
  if (!('share' in image)) throw new NotHere('image.share: not there yet');
  return (image as unknown as { share(): unknown }).share();
}

/** The image of which another thread has `shared`. */
export async function imageFrom(shared: unknown): Promise<Image> {
  const { Image } = await import('../src/node.ts');
  return (Image as unknown as { from(shared: unknown): Image }).from(shared);
}

/** What a kept index is called beside its archive. */
export const INDEX_SUFFIX = '.seek';

/** Opens `file` by the index that is kept beside it; makes the index where there is none. */
export async function openIndexed(file: string): Promise<Tardisk> {
  const { openTardisk } = await import('../src/node.ts');
  const tardisk = await openTardisk(file, { index: 'keep' } as object);
  if (existsSync(file + INDEX_SUFFIX)) return tardisk;
  tardisk.close();
  throw new NotHere('an index that is kept: not there yet');
}
