/**
 * A VIB that could be installed: what it says, where it is from, and how to have it.
 */

import type { Source } from '../base/source.ts';
import type { Codec } from '../codec/codec.ts';
import type { VibDescriptor } from '../format/vib-descriptor.ts';
import { openVibPackage, type VibPackage } from '../layer/vib-package.ts';

/** A VIB that is offered; of a depot only its description may be at hand. */
export interface VibOffer {
  readonly descriptor: VibDescriptor;
  /** A file, a URL, a depot: it is recorded where the VIB is installed. */
  readonly origin: string;
  /** Has the VIB, whose description is the same. Throws what its place throws. */
  open(): Promise<VibPackage>;
}

/** Several VIBs under one name, that are meant to make a host. */
export interface ProfileOffer {
  readonly name: string;
  readonly vendor: string;
  readonly vibs: readonly VibOffer[];
}

/**
 * The VIB in `source` as an offer, which owns it from then on. Throws CorruptError where it is
 * none.
 */
export async function vibOffer(source: Source, codec: Codec, origin: string): Promise<VibOffer> {
  const vib = await openVibPackage(source, codec);
  return { descriptor: vib.descriptor, origin, open: async () => vib };
}
