/**
 * This engine, as a user has it.
 */

import { Image, openTardisk, type Tardisk, VisorFs } from '../../src/node.ts';
import { type Fs, type PromisesFs, type Subject, subject } from '../peers.ts';

/** Ample, so that no figure is the figure of a refusal. */
export const WIDE_RAMDISK = { name: 'root', path: '/', size: '2gb', inodes: 2_000_000 };

/** `archives` as one image. */
export async function imageOf(...archives: readonly Uint8Array[]): Promise<Image> {
  const opening = archives.map((archive, index) =>
    openTardisk(archive, { name: `image-${index}` }),
  );
  return Image.of(...(await Promise.all(opening)));
}

/** A tree over `image`, or over nothing. */
export function treeOver(image?: Image): VisorFs {
  return new VisorFs(image, { ramdisks: [WIDE_RAMDISK] });
}

/**
 * The face of `vfs` that is measured. Its slabs are buffers that may be resized, and those are in
 * no figure of `process.memoryUsage`.
 */
export function faceOf(vfs: VisorFs): Subject {
  return {
    ...subject(vfs.fs as unknown as Fs, vfs.fs.promises as unknown as PromisesFs),
    unreportedBytes: () => vfs.live.delta.pages.slabBytes,
  };
}

/** `archives` mounted over each other. */
export async function mountVisorFs(...archives: readonly Uint8Array[]): Promise<Subject> {
  return faceOf(treeOver(await imageOf(...archives)));
}

/** The archive in `file` mounted where it lies; closing gives the file back. */
export async function mountFile(file: string): Promise<Subject> {
  const tardisk: Tardisk = await openTardisk(file);
  return { ...faceOf(treeOver(Image.of(tardisk))), close: () => tardisk.close() };
}
