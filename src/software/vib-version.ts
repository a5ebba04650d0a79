/**
 * Versions of VIBs: which of two is the newer.
 *
 *   1.7.11-1OEM.650.0.0.4598673        8.045a-napi        500.04.V0.32-0003
 *   version - release                  letters occur on both sides
 *
 * The version is what is ahead of the first `-`, the release what is behind it, and the release
 * counts only where the versions are equal. Either is a row of runs of digits and runs of letters;
 * what stands between them says where one ends and nothing else. Digits compare as numbers, of any
 * length, letters as text, a number sorts before letters, and a row that goes on sorts after one
 * that has ended: 1.0 < 1.0.0 < 1.0.0a < 1.0.1 < 1.0.10.
 *
 * How ESXi compares a number with letters nobody has seen: what is here is our choice.
 */

import type { VibConstraint } from '../format/vib-descriptor.ts';

/**
 * Below, at or above 0 as the version `one` is older than, equal to or newer than `other`.
 *
 * @example
 * console.log(compareVibVersions('1.0.10-1', '1.0.9-2') > 0); // true
 * console.log(['1.0.1', '1.0.0a', '1.0'].sort(compareVibVersions)); // [ '1.0', '1.0.0a', '1.0.1' ]
 */
export function compareVersions(one: string, other: string): number {
  const [version, release] = halves(one);
  const [otherVersion, otherRelease] = halves(other);
  return compareRuns(version, otherVersion) || compareRuns(release, otherRelease);
}

/**
 * Whether `version` is one that `constraint` speaks of: any where it names none. `<<` and `>>` are
 * strict, as are `<` and `>`. Throws RangeError for a relation that is none.
 */
export function satisfies(version: string, constraint: VibConstraint): boolean {
  const { relation, version: wanted } = constraint;
  if (relation === undefined || wanted === undefined) return true;
  const order = compareVersions(version, wanted);
  switch (relation) {
    case '=':
    case '==':
      return order === 0;
    case '<':
    case '<<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
    case '>>':
      return order > 0;
    case '>=':
      return order >= 0;
    default:
      throw new RangeError(`'${relation}' is no relation between versions`);
  }
}

function halves(whole: string): [version: string, release: string] {
  const dash = whole.indexOf('-');
  return dash < 0 ? [whole, ''] : [whole.slice(0, dash), whole.slice(dash + 1)];
}

function compareRuns(one: string, other: string): number {
  const [runs, others] = [runsOf(one), runsOf(other)];
  for (const [index, run] of runs.entries()) {
    const against = others[index];
    if (against === undefined) return 1;
    const order = compareRun(run, against);
    if (order !== 0) return order;
  }
  return runs.length - others.length;
}

function runsOf(half: string): readonly string[] {
  return half.match(/\d+|[^\d\W_]+/g) ?? [];
}

function compareRun(one: string, other: string): number {
  const [isNumber, isOtherNumber] = [/^\d/.test(one), /^\d/.test(other)];
  if (isNumber !== isOtherNumber) return isNumber ? -1 : 1;
  if (isNumber) return compareNumbers(one.replace(/^0+/, ''), other.replace(/^0+/, ''));
  return one === other ? 0 : one < other ? -1 : 1;
}

/** Of two numbers of any length, without zeros ahead, the one with more digits is the larger. */
function compareNumbers(one: string, other: string): number {
  if (one.length !== other.length) return one.length - other.length;
  return one === other ? 0 : one < other ? -1 : 1;
}
