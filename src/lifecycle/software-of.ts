/**
 * What a program asks of software first, and what of it is loaded only then: a page that installs
 * nothing has nothing of it.
 */

import type { Depot } from '../software/depot.ts';
import type { ProfileOffer, VibOffer } from '../software/offer.ts';
import type { HostSoftware, SoftwareHost } from './host-software.ts';

/** What is installed on `host`, and how to change that: VIBs come and go whole, or not at all. */
export async function softwareOf(host: SoftwareHost): Promise<HostSoftware> {
  const { HostSoftware: Loaded } = await import('./host-software.ts');
  return new Loaded(host);
}

/** The VIBs of `bundle` as what can be installed, until it is closed. */
export async function bundleOffers(bundle: Depot): Promise<VibOffer[]> {
  return (await import('../software/offer.ts')).depotOffers(bundle);
}

/**
 * The image profile `name` of `bundles` as what can be installed. Throws SoftwareError:
 * NoMatchError where there is none, ProfileValidationError where a VIB of it is in none of them.
 */
export async function profileOffer(bundles: readonly Depot[], name: string): Promise<ProfileOffer> {
  return (await import('../software/offer.ts')).profileOffer(bundles, name);
}
