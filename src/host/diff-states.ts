/**
 * Two states compared, as trees of their own.
 */

import { Image } from '../layer/image.ts';
import { compareTrees, type TreeDifference } from '../report/compare.ts';
import { Tree } from '../vfs/tree.ts';
import type { StateArchive } from './states.ts';

/**
 * How the files of `newer` differ from those of `older`, sorted by path.
 *
 * @example
 * const older = await readBankState(folderDevice('host'));
 * const host = await Host.boot(folderDevice('host'));
 * host.vfs.fs.appendFileSync('/etc/vmware/esx.conf', '/adv/Misc/Lab = "1"\n');
 * const newer = await readState(await host.backup());
 * console.log(diffStates(older, newer).map(({ path, aspects }) => `${path} ${aspects}`));
 * // [ '/etc/vmware/esx.conf size' ]
 */
export function diffStates(older: StateArchive, newer: StateArchive): TreeDifference[] {
  const [was, is] = [older, newer].map(({ tardisk }) => new Tree(Image.of(tardisk)));
  return [...compareTrees(was!, is!)].flatMap(({ difference }) => {
    return difference === null || isOfDirectories(difference) ? [] : [difference];
  });
}

/** A state has no directories; those in its tree only hold its files. */
function isOfDirectories({ older, newer }: TreeDifference): boolean {
  return [older, newer].every((side) => side === null || side.kind === 'directory');
}
