/**
 * From an argument to a state.
 *
 *   state.tgz         a file whose only member is local.tgz, or local.tgz.ve: what it holds
 *   device            a folder or a disk with banks: the state in the bank that is booted
 *   device:bank       the state in that bank
 *   image,image…      what the next backup of these saves, a bank or not, the last on top
 *
 * A file of the whole name comes first, whatever is in the name.
 */

import fs from 'node:fs';
import { constants, gunzipSync } from 'node:zlib';
import { Image, readBankState, readState, type StateArchive, VisorFs } from '../node.ts';
import { stackNames } from './comparison.ts';
import { deviceName, openDevice } from './devices.ts';
import { openStack } from './images.ts';
import { CommandError, type Output } from './output.ts';
import { stateKeyOf } from './state-key.ts';

/** What a state is, for --help. */
export const STATE = 'a state.tgz, a device, device:bank, or images between commas';

const MEMBER = /^(\.\/)?local\.tgz(\.ve)?\0/;
const HEAD_BYTES = 4096;
const NAME_BYTES = 100;
/** More is no state: what a host can hold of /etc is a fraction of it. */
const STATE_MAX_BYTES = 2 ** 31 - 1;

/** Whether the file at `name` is a state.tgz, by its first member. */
export function isStateFile(name: string): boolean {
  if (fs.statSync(name, { throwIfNoEntry: false })?.isFile() !== true) return false;
  const descriptor = fs.openSync(name, 'r');
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    const count = fs.readSync(descriptor, head, 0, HEAD_BYTES, 0);
    const tar = gunzipSync(head.subarray(0, count), { finishFlush: constants.Z_SYNC_FLUSH });
    return MEMBER.test(tar.toString('latin1', 0, NAME_BYTES));
  } catch (error) {
    // What is no gzip is no state.
    if ((error as { code?: string }).code?.startsWith('Z_')) return false;
    throw error;
  } finally {
    fs.closeSync(descriptor);
  }
}

/**
 * The state that `given` names. Throws CommandError where there is none, StateError where it is
 * encrypted and the key is not the right one, CorruptError where it lies.
 */
export async function stateOf(given: string, out: Output): Promise<StateArchive> {
  if (isStateFile(given)) return stateInFile(given, out);
  const { name, bank } = deviceName(given);
  if (fs.existsSync(name)) {
    const opened = await openDevice(name, out, { bank });
    if (opened !== null) {
      try {
        const key = await stateKeyOf(out);
        return await readBankState(opened.device, {
          ...(bank === undefined ? {} : { bank }),
          ...(key === undefined ? {} : { key }),
        });
      } finally {
        opened.close();
      }
    }
    if (bank !== undefined) throw new CommandError(`'${name}' has no banks: it is no device`);
  }
  return nextBackup(stackNames(given), out);
}

/** What is in the state.tgz `file`. Throws as `stateOf`. */
export async function stateInFile(file: string, out: Output): Promise<StateArchive> {
  if (fs.statSync(file).size > STATE_MAX_BYTES) {
    throw new CommandError(`'${file}' is too large for a state`);
  }
  const key = await stateKeyOf(out);
  return readState(fs.readFileSync(file), { name: file, ...(key === undefined ? {} : { key }) });
}

async function nextBackup(images: readonly string[], out: Output): Promise<StateArchive> {
  const { vfs, close } = await openStack(images, out);
  try {
    return await readState(await vfs.backup());
  } finally {
    close();
  }
}

/** The files of `state` as a tree of their own. */
export function treeOf({ tardisk }: StateArchive): VisorFs {
  return new VisorFs(Image.of(tardisk));
}
