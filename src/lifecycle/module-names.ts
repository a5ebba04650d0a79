/**
 * What a payload is called on a boot bank, which is a FAT file system: 8.3.
 *
 *   net55-r8168, vgz   net55_r8.v00        the first eight characters; what is no letter, digit or
 *   esxcli-nsx, tgz    esxcli_n.t00        `_` becomes `_`; a dot ends the name
 *   lsi-msgpt3, vgz    lsi_msgp.v01        where lsi_msgp.v00 is taken
 *
 * `v` is for visor tars in any compression, `t` for plain ones, `b` for what is no archive.
 */

import type { VibPayload } from '../format/vib-descriptor.ts';

const STEM_MAX_CHARACTERS = 8;
const COUNTER_END = 100;

/** A name for `payload` that is not in `taken`; null where all are. */
export function moduleNameOf(
  { name, type }: VibPayload,
  taken: ReadonlySet<string>,
): string | null {
  const [first = ''] = name.split('.');
  const stem = first
    .slice(0, STEM_MAX_CHARACTERS)
    .toLowerCase()
    .replace(/[^a-z0-9_]/g, '_');
  const letter = type.startsWith('v') ? 'v' : type.startsWith('t') ? 't' : 'b';
  for (let counter = 0; counter < COUNTER_END; counter++) {
    const file = `${stem || '_'}.${letter}${String(counter).padStart(2, '0')}`;
    if (!taken.has(file)) return file;
  }
  return null;
}
