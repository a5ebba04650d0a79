/**
 * Which VIBs come, go and stay: what a command means, before anyone has looked whether it holds.
 *
 *                     not installed     older       the same    newer one installed
 *   install           installed         replaced    skipped     replaced (a downgrade)
 *   update            skipped, unless   replaced    skipped     skipped
 *                     it replaces one
 *   profile update    installed         replaced    skipped     skipped
 *   profile install   installed         replaced    skipped     replaced; others are removed
 *
 * Of several VIBs of one name that are offered only the newest counts. A VIB that comes takes those
 * along that it replaces; one that is replaced by another that comes, or that is there, is skipped.
 */

import type { VibDescriptor } from '../format/vib-descriptor.ts';
import { isVib } from './relations.ts';
import { SoftwareError } from './software-error.ts';
import { compareVersions } from './vib-version.ts';

/** What to do with VIBs that are offered. */
export type InstallMode = 'install' | 'update' | 'profile update' | 'profile install';

/** What becomes of VIBs. */
export interface Resolution<V> {
  readonly installed: readonly V[];
  readonly removed: readonly VibDescriptor[];
  readonly skipped: readonly V[];
}

/** What becomes of `offered` on a host that has `present`. */
export function resolve<V extends { readonly descriptor: VibDescriptor }>(
  present: readonly VibDescriptor[],
  offered: readonly V[],
  mode: InstallMode,
): Resolution<V> {
  const newest = newestOfName(offered);
  const [installed, skipped]: [V[], V[]] = [[], []];
  for (const one of newest) {
    const rivals = [...present, ...newest.map(({ descriptor }) => descriptor)];
    const isComing = comes(one.descriptor, present, mode) && !isReplaced(one.descriptor, rivals);
    (isComing ? installed : skipped).push(one);
  }
  const removed = present.filter((vib) => {
    const isTaken = installed.some(({ descriptor }) => takes(descriptor, vib));
    const isKept = newest.some(({ descriptor }) => descriptor.id === vib.id);
    return isTaken || (mode === 'profile install' && !isKept);
  });
  return { installed, removed, skipped };
}

/**
 * The VIBs of `vibs` that `specifications` ask for: a name, `name:version`, `vendor:name`,
 * `vendor:name:version`, or an id. Throws SoftwareError (NoMatchError) for one that asks for none.
 */
export function matching<V extends { readonly descriptor: VibDescriptor }>(
  vibs: readonly V[],
  specifications: readonly string[],
): V[] {
  const found = new Set<V>();
  for (const specification of specifications) {
    const matches = vibs.filter(({ descriptor }) => isAskedFor(descriptor, specification));
    if (matches.length === 0) {
      const line = `No VIB matching VIB search specification '${specification}'.`;
      throw new SoftwareError('NoMatchError', [line]);
    }
    for (const match of matches) found.add(match);
  }
  return [...found];
}

function isAskedFor({ id, name, vendor, version }: VibDescriptor, specification: string): boolean {
  const spellings = [
    id,
    name,
    `${name}:${version}`,
    `${vendor}:${name}`,
    `${vendor}:${name}:${version}`,
  ];
  return spellings.includes(specification);
}

function newestOfName<V extends { readonly descriptor: VibDescriptor }>(vibs: readonly V[]): V[] {
  const newest = new Map<string, V>();
  for (const vib of vibs) {
    const known = newest.get(vib.descriptor.name);
    const order =
      known === undefined ? 1 : compareVersions(vib.descriptor.version, known.descriptor.version);
    if (order > 0) newest.set(vib.descriptor.name, vib);
  }
  return [...newest.values()];
}

function comes(vib: VibDescriptor, present: readonly VibDescriptor[], mode: InstallMode): boolean {
  const known = present.find(({ name }) => name === vib.name);
  if (known === undefined) {
    return mode !== 'update' || present.some((old) => takes(vib, old));
  }
  if (known.id === vib.id) return false;
  const order = compareVersions(vib.version, known.version);
  return mode === 'update' || mode === 'profile update' ? order > 0 : true;
}

/** Whether `old` goes when `vib` comes. */
function takes(vib: VibDescriptor, old: VibDescriptor): boolean {
  if (old.id === vib.id) return false;
  return old.name === vib.name || vib.relationships.replaces.some((one) => isVib(old, one));
}

function isReplaced(vib: VibDescriptor, rivals: readonly VibDescriptor[]): boolean {
  return rivals.some(({ name, relationships }) => {
    return name !== vib.name && relationships.replaces.some((one) => isVib(vib, one));
  });
}
