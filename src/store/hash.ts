/**
 * The hash of a name in a directory.
 *
 * FNV-1a over the name, begun with the directory and the seed, its high bits folded into the low
 * ones that pick a slot.
 */

/** The hash of `name[start, end)` in `directory` under `seed`. */
export function hashOf(
  seed: number,
  directory: number,
  name: Uint8Array,
  start: number,
  end: number,
): number {
  let hash = Math.imul(directory ^ (0x811c9dc5 + seed * 0x3c6ef373), 0x9e3779b1);
  for (let index = start; index < end; index++) {
    hash = Math.imul(hash ^ name[index]!, 0x01000193);
  }
  return hash ^ (hash >>> 15);
}
