/**
 * VIBs in files of this machine, opened for commands.
 */

import { openVibPackage, type VibPackage } from '../node.ts';
import { CommandError } from './output.ts';

/** What a VIB is, in usages. */
export const VIB = 'a VIB, in gzip or not';

/**
 * Opens the VIB in `file` for `act`, and closes it. Throws CommandError where there is no such
 * file, CorruptError where it is no VIB.
 */
export async function withVib<T>(file: string, act: (vib: VibPackage) => Promise<T>): Promise<T> {
  const vib = await opened(file);
  try {
    return await act(vib);
  } finally {
    vib.close();
  }
}

async function opened(file: string): Promise<VibPackage> {
  try {
    return await openVibPackage(file);
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'ENOENT') throw new CommandError(`there is no VIB '${file}'`);
    throw error;
  }
}
