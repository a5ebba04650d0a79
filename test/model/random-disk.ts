/**
 * Random small archives that fight over the same few names.
 */

import type { Tardisk } from '../../src/layer/tardisk.ts';
import { diskOf, type Entry } from '../support/archives.ts';
import type { Prng } from '../support/prng.ts';

const NAMES = ['a', 'b', 'c', 'd'];
const TYPES = ['dir', 'dir', 'file', 'file', 'file', 'symlink', 'link', 'device'] as const;
const TARGETS = ['a', '../b', '/c', 'd/a', '.'];

/** A tardisk called `name`. */
export function randomDisk(random: Prng, name: string): Tardisk {
  const entries: Entry[] = [];
  const taken = new Map<string, string>();
  for (let count = random.below(12); count > 0; count--) {
    const parts = Array.from({ length: 1 + random.below(3) }, () => random.pick(NAMES));
    const path = parts.join('/');
    const above = parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
    if (taken.has(path) || above.some((part) => (taken.get(part) ?? 'dir') !== 'dir')) continue;
    const type = random.pick(TYPES);
    const file = [...taken].find(([, kind]) => kind === 'file')?.[0];
    if (type === 'link' && file === undefined) continue;
    for (const part of above) taken.set(part, 'dir');
    taken.set(path, type);
    const content = type === 'file' ? random.bytes(random.pick([0, 5, 4096, 9000])) : '';
    const target = type === 'link' ? file! : type === 'symlink' ? random.pick(TARGETS) : '';
    const mode = random.pick([0o644, 0o755, 0o1644]);
    entries.push({ path, type, content, target, mode, uid: random.below(3) });
  }
  return diskOf(name, ...entries);
}
