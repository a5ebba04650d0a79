/**
 * What is wrong with a set of VIBs: each a sentence, in esxcli's words where those are on record.
 *
 *   level      a VIB answers for less than the host wants
 *   depends    what a VIB needs is not there
 *   conflicts  two VIBs that cannot be together, or one that replaces another
 *   files      a path that two claim, though neither, or each, may overlay the other
 *
 * A module that no VIB accounts for (a bank without an image database) claims files as a VIB does
 * that may not be overlaid but by one that says so.
 */

import type { VibDescriptor } from '../format/vib-descriptor.ts';
import { type AcceptanceLevel, compareLevels } from './acceptance.ts';
import { levelOf } from './installed-profile.ts';
import { constraintText, isVib, meets } from './relations.ts';

/** Whoever has files: a VIB, or a module that is of none. */
export interface Claimant {
  readonly id: string;
  /** Paths without a leading slash, and no directories. */
  readonly files: readonly string[];
  readonly overlay: boolean;
}

/** VIBs of a level below `level`, each as a line. */
export function levelProblems(vibs: readonly VibDescriptor[], level: AcceptanceLevel): string[] {
  return vibs
    .filter((vib) => compareLevels(levelOf(vib), level) < 0)
    .map(
      ({ id, acceptanceLevel }) =>
        `VIB ${id}'s acceptance level is ${acceptanceLevel}, which is not compliant with the ` +
        `ImageProfile acceptance level ${level}`,
    );
}

/**
 * What keeps `vibs` from being together, each as a line; `offered` are VIBs that might help, where
 * there is a depot.
 */
export function dependencyProblems(
  vibs: readonly VibDescriptor[],
  offered: readonly VibDescriptor[] = [],
): string[] {
  const lines: string[] = [];
  for (const vib of vibs) {
    const others = vibs.filter((other) => other !== vib);
    for (const needed of vib.relationships.depends) {
      if (vibs.some((other) => meets(other, needed))) continue;
      const helpers = offered.filter((other) => meets(other, needed)).map(({ id }) => id);
      const help =
        helpers.length === 0
          ? ''
          : ` However, additional VIB(s) ${helpers.join(', ')} can satisfy this requirement.`;
      lines.push(
        `VIB ${vib.id} requires ${constraintText(needed)}, but the requirement cannot be ` +
          `satisfied within the ImageProfile.${help}`,
      );
    }
    for (const hostile of vib.relationships.conflicts) {
      for (const other of others.filter((one) => meets(one, hostile))) {
        lines.push(`VIB ${vib.id} conflicts with VIB ${other.id}: ${constraintText(hostile)}.`);
      }
    }
    for (const old of vib.relationships.replaces) {
      for (const other of others.filter((one) => isVib(one, old))) {
        lines.push(`VIB ${other.id} is replaced by VIB ${vib.id}: ${constraintText(old)}.`);
      }
    }
  }
  return [...lines, ...nameProblems(vibs)];
}

function nameProblems(vibs: readonly VibDescriptor[]): string[] {
  return vibs.flatMap((vib, index) => {
    const other = vibs.slice(0, index).find(({ name }) => name === vib.name);
    return other === undefined ? [] : [`VIB ${vib.id} has the name of VIB ${other.id}.`];
  });
}

/** Paths that several claim who may not share them, each as a line. */
export function fileProblems(claimants: readonly Claimant[]): string[] {
  const owners = new Map<string, Claimant[]>();
  for (const claimant of claimants) {
    for (const file of new Set(claimant.files)) {
      const known = owners.get(file);
      if (known === undefined) owners.set(file, [claimant]);
      else known.push(claimant);
    }
  }
  const lines: string[] = [];
  for (const [file, claiming] of owners) {
    for (const overlay of [false, true]) {
      const alike = claiming.filter((one) => one.overlay === overlay).map(({ id }) => id);
      if (alike.length < 2) continue;
      const kind = overlay ? 'overlay' : 'non-overlay';
      lines.push(
        `File path of '/${file}' is claimed by multiple ${kind} VIBs: ${alike.join(', ')}`,
      );
    }
  }
  return lines;
}
