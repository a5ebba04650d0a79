/**
 * One damaged archive: all of it follows from its seed.
 */

import { prng } from '../support/prng.ts';
import { reading } from './archive-reading.ts';
import { type ArchiveKind, specimens } from './archive-specimens.ts';
import { wounded } from './archive-wounds.ts';

/** What became of one archive. */
export interface ArchiveCase {
  readonly kind: ArchiveKind;
  /** What was damaged. */
  readonly name: string;
  readonly isRead: boolean;
}

/** The archive of `seed`, and what it was made from. */
export function archiveOf(seed: number): {
  readonly kind: ArchiveKind;
  readonly name: string;
  readonly bytes: Uint8Array;
} {
  const random = prng(seed);
  const kinds = specimens();
  const kind = random.pick([...kinds.keys()]);
  const specimen = random.pick(kinds.get(kind)!);
  const other = random.pick(kinds.get(random.pick([...kinds.keys()]))!);
  return { kind, name: specimen.name, bytes: wounded(specimen, other, random) };
}

/** Makes and reads the archive of `seed`. Throws where reading ends in anything but an answer. */
export async function archiveCase(seed: number): Promise<ArchiveCase> {
  const { kind, name, bytes } = archiveOf(seed);
  try {
    const { isRead } = await reading(bytes, prng(seed + 1));
    return { kind, name, isRead };
  } catch (error) {
    throw new Error(`seed ${seed}, ${name}: ${(error as Error).message}`, { cause: error });
  }
}
