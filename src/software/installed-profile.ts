/**
 * The image profile of a host: the VIBs that make it, and what it accepts.
 *
 * Not here: profiles as depots have them (format/image-profile.ts), how this one is kept
 * (image-db.ts), whether it holds (problems.ts), what becomes of it (resolve.ts).
 */

import type { VibDescriptor } from '../format/vib-descriptor.ts';
import { type AcceptanceLevel, acceptanceLevel } from './acceptance.ts';

/** A payload of an installed VIB, and the module of the boot bank that it is. */
export interface InstalledPayload {
  readonly name: string;
  readonly file: string;
}

/** A VIB on a host. */
export interface InstalledVib {
  readonly descriptor: VibDescriptor;
  /** The descriptor as the VIB has it, to the byte. */
  readonly descriptorBytes: Uint8Array;
  /** ISO 8601 with a zone. */
  readonly installDate: string;
  /** Where it came from: a file, a URL, a depot. */
  readonly origin: string;
  readonly payloads: readonly InstalledPayload[];
}

/** What makes a host. */
export interface InstalledProfile {
  readonly name: string;
  readonly vendor: string;
  /** ISO 8601 with a zone. */
  readonly creationTime: string;
  readonly modificationTime: string;
  readonly description: string;
  /** The lowest level that the host accepts. */
  readonly acceptanceLevel: AcceptanceLevel;
  readonly vibs: readonly InstalledVib[];
}

/** What a host accepts unless it says otherwise: ESXi's own default. */
export const DEFAULT_ACCEPTANCE: AcceptanceLevel = 'partner';

/** The level of `vib`: what is no level is taken for the lowest. */
export function levelOf(vib: VibDescriptor): AcceptanceLevel {
  return acceptanceLevel(vib.acceptanceLevel) ?? 'community';
}

/** Whether a host can run it without a boot device, all of it. */
export function isStatelessReady({ vibs }: InstalledProfile): boolean {
  return vibs.every(({ descriptor }) => descriptor.statelessReady);
}

/** `ms` since 1970 as databases have it. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '+00:00');
}

/** `profile` as it is once something in it is another, at `time`. */
export function dated(profile: InstalledProfile, time: string): InstalledProfile {
  return { ...profile, creationTime: profile.creationTime || time, modificationTime: time };
}

const UPDATED = '(Updated) ';

/** `profile` as it is once somebody changed its VIBs to `vibs`, at `time`. */
export function changedProfile(
  profile: InstalledProfile,
  vibs: readonly InstalledVib[],
  time: string,
): InstalledProfile {
  const name = profile.name.startsWith(UPDATED) ? profile.name : `${UPDATED}${profile.name}`;
  return { ...dated(profile, time), name, vibs };
}
