/**
 * The image that a host is to have: its profile, and the modules of its boot bank in their order.
 *
 *   kernel  modules that stay  modules that come  imgdb.tgz  state.tgz
 *
 * Order is layering, so what comes goes on top, as it does on a running host. The one exception: a
 * VIB goes below the modules of an overlay VIB that covers a file of it.
 */

import { compareBytes, utf8 } from '../base/bytes.ts';
import { CorruptError } from '../base/errors.ts';
import type { Codec } from '../codec/codec.ts';
import { type BootModule, bootModules, moduleName, withBootCfg } from '../format/boot-cfg.ts';
import { BOOTSTATE } from '../format/bootstate.ts';
import type { VibDescriptor } from '../format/vib-descriptor.ts';
import { BOOT_CFG, type BootableBank, readBankFile } from '../host/bank.ts';
import { checkedFile, readDigests } from '../host/digests.ts';
import { encodeImageDb, IMAGE_DB_FILE } from '../software/image-db.ts';
import type { InstalledProfile, InstalledVib } from '../software/installed-profile.ts';
import { STATE_FILE } from '../state/archive.ts';
import type { Arrival } from './arrivals.ts';
import type { BankImage } from './bank-change.ts';

/** The files of modules that stay when the VIBs `removed` go. */
export function stayingModules(
  { cfg }: BootableBank,
  removed: readonly InstalledVib[],
): readonly BootModule[] {
  const going = new Set(removed.flatMap(({ payloads }) => payloads.map(({ file }) => file)));
  return cfg.modules.filter(({ file }) => !going.has(moduleName(file) ?? file));
}

/** The overlay VIBs of `vibs` that cover a file of `vib`. */
export function overlaysOf(vib: VibDescriptor, vibs: readonly InstalledVib[]): InstalledVib[] {
  if (vib.overlay) return [];
  const files = new Set(vib.files);
  return vibs.filter(({ descriptor }) => {
    return descriptor.overlay && descriptor.files.some((file) => files.has(file));
  });
}

/** `arrivals` as they will be listed, installed at `time`. */
export function installedVibs(arrivals: readonly Arrival[], time: string): InstalledVib[] {
  return arrivals.map(({ offer, vib, payloads }) => ({
    descriptor: vib.descriptor,
    descriptorBytes: vib.descriptorBytes,
    installDate: time,
    origin: offer.origin,
    payloads: payloads.map(({ payload, file }) => ({ name: payload.name, file })),
  }));
}

/** VIBs as a profile lists them, by name. */
export function sortedVibs(vibs: readonly InstalledVib[]): InstalledVib[] {
  return [...vibs].sort((one, other) =>
    compareBytes(utf8(one.descriptor.name), utf8(other.descriptor.name)),
  );
}

/** What makes the next image. */
export interface NextImage {
  readonly profile: InstalledProfile;
  /** The bytes of its database. */
  readonly database: Uint8Array;
  /** What the bank is to hold. */
  readonly onBank: BankImage;
}

/**
 * The image of `base` with `staying` and `arrivals` for its modules and `profile` for what they
 * are. The state is that of `booted`. Throws what the banks throw.
 */
export async function nextImage(
  base: BootableBank,
  booted: BootableBank,
  staying: readonly BootModule[],
  arrivals: readonly Arrival[],
  profile: InstalledProfile,
  codec: Codec,
): Promise<NextImage> {
  const database = await encodeImageDb(profile, codec);
  const own = new Set([IMAGE_DB_FILE, STATE_FILE]);
  const modules = staying.filter(({ file }) => !own.has(moduleName(file) ?? file));
  for (const { vib, payloads } of arrivals) {
    const covering = overlaysOf(vib.descriptor, profile.vibs).flatMap(({ payloads: covers }) =>
      covers.map(({ file }) => file),
    );
    const index = modules.findIndex(({ file }) => covering.includes(moduleName(file) ?? file));
    const coming = payloads.filter(({ isThere }) => !isThere);
    const listed = coming.map(({ file }) => ({ file, options: '' }));
    modules.splice(index < 0 ? modules.length : index, 0, ...listed);
  }
  for (const file of own) modules.push({ file, options: '' });
  const bootCfg = withBootCfg(await readBankFile(base.bank, BOOT_CFG), {
    modules,
    updated: booted.cfg.updated + 1,
    bootstate: BOOTSTATE.upgrading,
  });
  // What stays gets a new sum, so it has to be what its old one says.
  const digests = await readDigests(base.bank);
  const files = new Map<string, () => Promise<Uint8Array>>();
  for (const { file } of bootModules({ ...base.cfg, modules })) {
    const name = moduleName(file);
    if (name === null) {
      // Nothing is read or written beside a bank, whatever its boot.cfg lists.
      const claim = `lists the module '${file}', which is no file of the bank`;
      throw new CorruptError(`${base.bank.name}/${BOOT_CFG}`, 0, claim);
    }
    files.set(name, () => checkedFile(base.bank, name, digests, codec));
  }
  for (const { payloads } of arrivals) {
    for (const { file, stored } of payloads) files.set(file, async () => stored);
  }
  files.set(IMAGE_DB_FILE, async () => database);
  const hasState = (await booted.bank.list()).includes(STATE_FILE);
  if (hasState) files.set(STATE_FILE, () => readBankFile(booted.bank, STATE_FILE));
  else files.delete(STATE_FILE);
  return { profile, database, onBank: { bootCfg, modules: files } };
}
