/**
 * Which VIBs a tree says are installed: the descriptors in ESXi's image database.
 *
 *   /var/db/esximg/vibs/<name>-<number>.xml    one descriptor each; the number may be negative
 *
 * The database comes with the bank, as imgdb.tgz. What in there is no descriptor is passed over:
 * this only says what is recorded, and doubts nothing.
 */

import { text } from '../base/bytes.ts';
import { CorruptError } from '../base/errors.ts';
import { DESCRIPTOR_MAX_BYTES } from '../base/limits.ts';
import { isDirectory, isRegular } from '../base/mode.ts';
import type { Tree } from '../vfs/tree.ts';

/** Where the database has its descriptors. */
const FOLDER = '/var/db/esximg/vibs';

/** A VIB that is recorded. */
export interface RecordedVib {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly vendor: string;
}

/**
 * The VIBs that the image database in `tree` records, by their ids; none where there is none.
 *
 * @example
 * const software = await softwareOf(host);
 * await software.setAcceptance('community');
 * await software.install([await vibOffer('images/vibs/debug-tools.vib')]);
 * const [vib] = await recordedVibs(host.vfs);
 * console.log(vib.name, vib.version); // debug-tools 1.2.0-3
 */
export async function recordedVibs(tree: Tree): Promise<RecordedVib[]> {
  // Loaded when it is first needed: most programs read no XML.
  const { parseVibDescriptor } = await import('../format/vib-descriptor.ts');
  const { live } = tree;
  const folder = tree.seek(FOLDER);
  if (typeof folder === 'string' || !isDirectory(live.mode(folder))) return [];
  const vibs: RecordedVib[] = [];
  live.list(folder, (table, entry, ino) => {
    if (!isRegular(live.mode(ino)) || live.size(ino) > DESCRIPTOR_MAX_BYTES) return;
    try {
      const name = text(table.nameBytes(entry));
      const { id, name: vib, version, vendor } = parseVibDescriptor(tree.copyOf(ino), name);
      vibs.push({ id, name: vib, version, vendor });
    } catch (error) {
      if (!(error instanceof CorruptError)) throw error;
    }
  });
  return vibs.sort((one, other) => (one.id < other.id ? -1 : 1));
}
