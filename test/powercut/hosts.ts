/**
 * What boots from a device that a power cut left, and whether that is a host.
 *
 *   banks     each that the boot loader may take verifies: every module that it lists is there, and
 *             what its sum says; its state is read with one of the keys that are known
 *   boot      the first of them is booted, without falling back: else the next would hide it
 *   cut       after each write of that boot the power fails once more, and the device boots again
 *   next      a VIB is installed on it, live, and booted
 */

import { createHash } from 'node:crypto';
import { bootModules, moduleName } from '../../src/format/boot-cfg.ts';
import type { BootableBank } from '../../src/host/bank.ts';
import { blobDevice } from '../../src/host/blob-device.ts';
import { scanBanks } from '../../src/host/loader.ts';
import {
  type BootDevice,
  Host,
  readBankState,
  type StateKey,
  softwareOf,
  type VibOffer,
  verifyBank,
} from '../../src/node.ts';
import { type OverlayDisk, RecordingDisk } from '../support/recording-disk.ts';
import { NOW_MS, offer, treeOf } from '../support/small-host.ts';

/** What a device is told to be of which no bank may be booted. */
export const NO_HOST = 'no host';

/** The file of the small host by which its states are told from each other. */
export const CONF = '/etc/sticky.conf';

/** When the scenes are set; what they start from was an hour before. */
export const LATER_MS = NOW_MS + 3_600_000;

/** Keys of states by what they are called in the name of a host; without any, all is plain. */
export type Keys = Readonly<Record<string, StateKey>>;

/** A host: what it is called, and a digest of all that its tree shows. */
export interface FoundHost {
  readonly name: string;
  readonly tree: string;
}

let nextOffer: Promise<VibOffer> | null = null;

/** The host that boots from `disk`, which is not touched. Throws where it is not as it must be. */
export async function hostOn(disk: OverlayDisk, keys: Keys | undefined): Promise<FoundHost> {
  const device = blobDevice(disk.copy());
  const { bootable } = await scanBanks(device, () => {}, { dryRun: true });
  if (bootable.length === 0) return { name: NO_HOST, tree: '' };
  const kept: string[] = [];
  for (const found of bootable) {
    await checkBank(found);
    kept.push(`${found.bank.name} ${await keyOf(device, found, keys)}`);
  }
  const recorded = new RecordingDisk(await disk.read(0, disk.size));
  const left: OverlayDisk[] = [];
  recorded.onMark = () => void left.push(recorded.copy());
  const host = await booted(marking(blobDevice(recorded), recorded), keys);
  if (host.bank !== bootable[0]!.bank.name) throw new Error(`boots ${host.bank}, the second best`);
  const software = await softwareOf(host);
  const { profile } = await software.running();
  const ids = profile.vibs.map(({ descriptor: { name, version } }) => `${name} ${version}`);
  const conf = String(host.vfs.fs.readFileSync(CONF)).trim();
  const tree = createHash('sha256').update(treeOf(host.vfs).join('\n')).digest('hex');
  for (const again of left) await booted(blobDevice(again), keys);
  await installsNext(host, ids.length);
  const since = profile.modificationTime.slice(11, 16);
  const shown = keys === undefined ? '' : `; ${kept.sort().join(', ')}`;
  return { name: `${ids.sort().join(', ')} of ${since}; ${conf}${shown}`, tree };
}

/** Marks `disk` whenever a verb of `device` has promised that something is on the medium. */
export function marking(device: BootDevice, disk: { mark(): void }): BootDevice {
  return {
    ...device,
    banks: async () => {
      return (await device.banks()).map((bank) => ({
        ...bank,
        write: async (file: string, bytes: Uint8Array) => {
          await bank.write(file, bytes);
          disk.mark();
        },
        remove: async (file: string) => {
          await bank.remove(file);
          disk.mark();
        },
      }));
    },
  };
}

/** Checks that `bank` has all that it lists, as its sums say. */
async function checkBank({ bank, cfg }: BootableBank): Promise<void> {
  const { problems, modules } = await verifyBank(bank);
  const bad = modules.find(({ verdict }) => verdict !== 'holds' && verdict !== 'unlisted');
  if (problems.length > 0) throw new Error(`${bank.name} may be booted: ${problems.join('; ')}`);
  if (bad !== undefined) throw new Error(`${bank.name} may be booted: ${bad.file} ${bad.verdict}`);
  const files = await bank.list();
  for (const { file } of bootModules(cfg)) {
    const name = moduleName(file) ?? file;
    if (!files.includes(name)) throw new Error(`${bank.name} may be booted without ${name}`);
  }
}

/** What the key of the state in `bank` is called. Throws where none of `keys` is it. */
async function keyOf(
  device: BootDevice,
  { bank: { name: bank } }: BootableBank,
  keys: Keys = {},
): Promise<string> {
  for (const [name, key] of [['plain', undefined], ...Object.entries(keys)] as const) {
    try {
      (await readBankState(device, key === undefined ? { bank } : { bank, key })).tardisk.close();
    } catch (error) {
      if ((error as Error).name === 'StateError') continue;
      throw error;
    }
    return name;
  }
  throw new Error(`the state of ${bank} is read with no key`);
}

/** Boots `device` with the one of `keys` that opens its state. */
async function booted(device: BootDevice, keys: Keys = {}): Promise<Host> {
  let last: unknown;
  for (const stateKey of [undefined, ...Object.values(keys)]) {
    try {
      const clock = (): number => LATER_MS;
      return await Host.boot(device, stateKey === undefined ? { clock } : { clock, stateKey });
    } catch (error) {
      if ((error as Error).name !== 'StateError') throw error;
      last = error;
    }
  }
  throw last;
}

/** Installs one VIB more on `host`, which had `count`. */
async function installsNext(host: Host, count: number): Promise<void> {
  nextOffer ??= offer({ name: 'next' });
  await (await softwareOf(host)).install([await nextOffer]);
  await host.reboot();
  const { profile } = await (await softwareOf(host)).running();
  const names = profile.vibs.map(({ descriptor }) => descriptor.name);
  if (!names.includes('next') || names.length !== count + 1) {
    throw new Error(`after the next installation there is ${names.join(', ')}`);
  }
}
