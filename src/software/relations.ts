/**
 * What VIBs say of each other, and whether it is met.
 *
 *   depends         something in the profile must be it        a VIB, or what a VIB provides
 *   conflicts       nothing else in the profile may be it      a VIB, or what a VIB provides
 *   replaces        a VIB that goes when this one comes        a VIB
 *   provides        what this VIB is beside itself             an interface: vmkapi_2_4_0_0
 *   compatibleWith  older versions that this VIB stands in for
 *
 * What compatibleWith is to a host nobody has seen: of 69 real VIBs two fill it. That a VIB also
 * meets what asks for a version it is compatible with is our reading.
 */

import type { VibConstraint, VibDescriptor } from '../format/vib-descriptor.ts';
import { satisfies } from './vib-version.ts';

/** `constraint` as esxcli writes it: `esx-base >= 7.0.0`, or the bare name. */
export function constraintText({ name, relation, version }: VibConstraint): string {
  return relation === undefined || version === undefined ? name : `${name} ${relation} ${version}`;
}

/** Whether `vib`, by itself or by what it provides, is what `constraint` asks for. */
export function meets(vib: VibDescriptor, constraint: VibConstraint): boolean {
  const { provides, compatibleWith } = vib.relationships;
  return [vib, ...provides, ...compatibleWith].some((offer) => isMetBy(offer, constraint));
}

/** Whether `vib` is a VIB of the name and version that `constraint` speaks of. */
export function isVib(vib: VibDescriptor, constraint: VibConstraint): boolean {
  return isMetBy(vib, constraint);
}

/** An offer without a version meets only what asks for none. */
function isMetBy(offer: { name: string; version?: string }, constraint: VibConstraint): boolean {
  if (offer.name !== constraint.name) return false;
  if (constraint.version === undefined) return true;
  if (offer.version === undefined) return false;
  try {
    return satisfies(offer.version, constraint);
  } catch (error) {
    // A relation that is none is met by nothing, and is named where it is not met.
    if (error instanceof RangeError) return false;
    throw error;
  }
}
