/**
 * Acceptance levels: who answers for a VIB, and what a signature proves of that.
 *
 *   certified   VMwareCertified       VMware tested it       needs a signature
 *   accepted    VMwareAccepted        VMware looked at it    needs a signature
 *   partner     PartnerSupported      a partner answers      needs a signature
 *   community   CommunitySupported    nobody answers         may go unsigned
 */

import type { SignatureVerdict } from './signature.ts';

/**
 * The levels as descriptors call them, the highest first.
 *
 * @example
 * console.log(ACCEPTANCE_LEVELS); // [ 'certified', 'accepted', 'partner', 'community' ]
 */
export const ACCEPTANCE_LEVELS = ['certified', 'accepted', 'partner', 'community'] as const;

/** Who vouches for a VIB, as its descriptor calls it. */
export type AcceptanceLevel = (typeof ACCEPTANCE_LEVELS)[number];

const SHOWN: Readonly<Record<AcceptanceLevel, string>> = {
  certified: 'VMwareCertified',
  accepted: 'VMwareAccepted',
  partner: 'PartnerSupported',
  community: 'CommunitySupported',
};

/** VMware's signers say in their names how far they go. */
const SIGNERS: readonly (readonly [name: string, level: AcceptanceLevel])[] = [
  ['VMware Certified VIB Signing', 'certified'],
  ['VMware Accepted VIB Signing', 'accepted'],
];

/** The level that a descriptor calls `word`, or null where it is none. */
export function acceptanceLevel(word: string): AcceptanceLevel | null {
  return ACCEPTANCE_LEVELS.find((level) => level === word) ?? null;
}

/**
 * The level `word` as esxcli shows it; what is no level stays as it is.
 *
 * @example
 * console.log(shownLevel('community'), shownLevel('other')); // CommunitySupported other
 */
export function shownLevel(word: string): string {
  const level = acceptanceLevel(word);
  return level === null ? word : SHOWN[level];
}

/** Below, at or above 0 as `one` answers for less than, as much as, or more than `other`. */
export function compareLevels(one: AcceptanceLevel, other: AcceptanceLevel): number {
  return ACCEPTANCE_LEVELS.indexOf(other) - ACCEPTANCE_LEVELS.indexOf(one);
}

/**
 * What is proven of the level `declared`: all of it where a root that the user named vouches for
 * the signer, unless the signer's own name says that it goes less far; else `community`.
 */
export function provenLevel(
  declared: AcceptanceLevel,
  { status, signer }: SignatureVerdict,
): AcceptanceLevel {
  if (status !== 'trusted') return 'community';
  const most = SIGNERS.find(([name]) => name === signer)?.[1] ?? declared;
  return compareLevels(declared, most) > 0 ? most : declared;
}
