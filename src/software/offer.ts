/**
 * A VIB that could be installed: what it says, where it is from, and how to have it.
 */

import type { Source } from '../base/source.ts';
import type { Codec } from '../codec/codec.ts';
import type { VibDescriptor } from '../format/vib-descriptor.ts';
import { openVibPackage, type VibPackage } from '../layer/vib-package.ts';
import type { Depot } from './depot.ts';
import { inMemory } from './depot-source.ts';
import { SoftwareError } from './software-error.ts';

/** A VIB that is offered; of a depot only its description may be at hand. */
export interface VibOffer {
  readonly descriptor: VibDescriptor;
  /** A file, a URL, a depot: it is recorded where the VIB is installed. */
  readonly origin: string;
  /**
   * Has the VIB, whose description is the same. Whoever gets it closes it. Throws what its place
   * throws.
   */
  open(): Promise<VibPackage>;
}

/** Several VIBs under one name, that are meant to make a host. */
export interface ProfileOffer {
  readonly name: string;
  readonly vendor: string;
  readonly vibs: readonly VibOffer[];
}

/** All VIBs of `depot` as offers, which are good until it is closed. */
export function depotOffers(depot: Depot): VibOffer[] {
  return depot.vibs.map((vib) => ({
    descriptor: vib.descriptor,
    origin: depot.source.name,
    open: () => depot.openVib(vib),
  }));
}

/**
 * The profile `name` of `depots` as an offer. Throws SoftwareError: NoMatchError where there is no
 * such profile, ProfileValidationError where a VIB of it is nowhere.
 */
export function profileOffer(depots: readonly Depot[], name: string): ProfileOffer {
  const profile = depots.flatMap(({ profiles }) => profiles).find((one) => one.name === name);
  if (profile === undefined) {
    const lines = [`No image profile found with name '${name}'`, `        id = ${name}`];
    throw new SoftwareError('NoMatchError', lines);
  }
  const offers = depots.flatMap(depotOffers);
  const missing: string[] = [];
  const vibs = profile.vibIds.flatMap((id) => {
    const offer = offers.find(({ descriptor }) => descriptor.id === id);
    if (offer === undefined) missing.push(`VIB ${id} of the image profile '${name}' is missing.`);
    return offer ?? [];
  });
  if (missing.length > 0) throw new SoftwareError('ProfileValidationError', missing);
  return { name, vendor: profile.creator, vibs };
}

/**
 * The VIB in `source` as an offer, which owns it from then on. Throws CorruptError where it is
 * none.
 */
export async function vibOffer(source: Source, codec: Codec, origin: string): Promise<VibOffer> {
  const vib = await openVibPackage(inMemory(source), codec);
  return { descriptor: vib.descriptor, origin, open: async () => vib };
}
