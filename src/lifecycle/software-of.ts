/**
 * What a program asks of software first, and what of it is loaded only then: a page that installs
 * nothing has nothing of it.
 */

import type { Depot } from '../software/depot.ts';
import type { ProfileOffer, VibOffer } from '../software/offer.ts';
import type { HostSoftware, SoftwareHost } from './host-software.ts';

/**
 * What is installed on `host`, and how to change that: VIBs come and go whole, or the verb throws
 * SoftwareError and nothing has changed.
 *
 * @example
 * const software = await softwareOf(host);
 * const tools = await vibOffer('images/vibs/debug-tools.vib');
 * await software.setAcceptance('community'); // nobody signed these
 * const { vibsInstalled, rebootRequired } = await software.install([tools]);
 * console.log(vibsInstalled, rebootRequired); // [ 'visorfs_bootbank_debug-tools_1.2.0-3' ] false
 */
export async function softwareOf(host: SoftwareHost): Promise<HostSoftware> {
  const { HostSoftware: Loaded } = await import('./host-software.ts');
  return new Loaded(host);
}

/**
 * The VIBs of `bundle` as what can be installed, until it is closed.
 *
 * @example
 * const bundle = await openBundle('bundle.zip');
 * const offers = await bundleOffers(bundle); // for install and update
 * console.log(offers.map(({ descriptor }) => descriptor.name)); // [ 'hostd', 'fdm' ]
 * bundle.close();
 */
export async function bundleOffers(bundle: Depot): Promise<VibOffer[]> {
  return (await import('../software/offer.ts')).depotOffers(bundle);
}

/**
 * The image profile `name` of `bundles` as what can be installed. Throws SoftwareError:
 * NoMatchError where there is none, ProfileValidationError where a VIB of it is in none of them.
 *
 * @example
 * const bundle = await openBundle('bundle.zip');
 * const { name, vibs } = await profileOffer([bundle], 'Lab'); // for installProfile
 * console.log(name, vibs.length); // Lab 2
 */
export async function profileOffer(bundles: readonly Depot[], name: string): Promise<ProfileOffer> {
  return (await import('../software/offer.ts')).profileOffer(bundles, name);
}
