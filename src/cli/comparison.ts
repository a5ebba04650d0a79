/**
 * Two stacks of images compared: which files, and which versions of what is in them.
 *
 * Versions are those of VIBs, by name (of a bank those that its image database records), and the
 * build of a bank. Files are compared while they are
 * walked, so that Ctrl-C and progress have their turn.
 */

import fs from 'node:fs';
import {
  type ComparedEntry,
  compareTrees,
  openBundle,
  openVibPackage,
  recordedVibs,
  type TreeDifference,
  type VibDescriptor,
} from '../node.ts';
import { isAddress } from './devices.ts';
import { octal } from './entries.ts';
import { counted } from './figures.ts';
import { openStack, type Stack } from './images.ts';
import { breathe, type Output, UsageError } from './output.ts';
import { printable } from './printable.ts';
import { Progress } from './progress.ts';

/** A VIB, or the build of a bank, that is of another version, or on one side only. */
export interface VersionDifference {
  readonly kind: 'vib' | 'bank';
  readonly name: string;
  readonly older: string | null;
  readonly newer: string | null;
}

/** How two stacks differ. */
export interface Comparison {
  readonly isSame: boolean;
  readonly versions: readonly VersionDifference[];
  readonly differences: readonly TreeDifference[];
}

/** Between two turns of others, in steps. */
const STEPS_AT_ONCE = 256;

/** How a VIB starts, and how a bundle. */
const AR_START = '!<arch>\n';
const ZIP_START = 'PK';

/**
 * The images that `given` names: one, if there is a file or folder of that name; else what stands
 * between commas. Throws UsageError for nothing between two.
 */
export function stackNames(given: string): string[] {
  if (fs.existsSync(given)) return [given];
  const names = given.split(',');
  if (names.some((name) => name === '')) throw new UsageError(`'${given}' names an empty image`);
  return names;
}

/** Compares the stack of `newer` with that of `older`. Throws as `openStack`. */
export async function compareStacks(
  older: readonly string[],
  newer: readonly string[],
  out: Output,
): Promise<Comparison> {
  const was = await openStack(older, out);
  try {
    const is = await openStack(newer, out);
    try {
      const differences = await differencesOf(was, is, out);
      const versions = versionDifferences(
        await versionsOf(older, was),
        await versionsOf(newer, is),
      );
      const isSame = differences.length === 0 && versions.length === 0;
      return { isSame, versions, differences };
    } finally {
      is.close();
    }
  } finally {
    was.close();
  }
}

async function differencesOf(older: Stack, newer: Stack, out: Output): Promise<TreeDifference[]> {
  const progress = new Progress(out, 'comparing');
  const count = Math.max(entryCount(older), entryCount(newer));
  const differences: TreeDifference[] = [];
  let steps = 0;
  let done = 0;
  try {
    for (const { path, difference, isDone } of compareTrees(older.vfs, newer.vfs)) {
      if (difference !== null) differences.push(difference);
      if (isDone) done += 1;
      progress.step(Math.min(done, count), count, path);
      steps += 1;
      if (steps % STEPS_AT_ONCE === 0) await breathe(out);
    }
    return differences;
  } finally {
    progress.end();
  }
}

/** About how many entries there are: enough to say how far one is. */
function entryCount({ vfs }: Stack): number {
  return vfs.image.tardisks.reduce((sum, { rowCount }) => sum + rowCount, 0);
}

interface Version {
  readonly kind: VersionDifference['kind'];
  readonly name: string;
  readonly version: string;
}

/** What is in a stack: of each kind and name the version, or all of them. */
async function versionsOf(names: readonly string[], { host, vfs }: Stack): Promise<Version[]> {
  const build: Version[] =
    host === null ? [] : [{ kind: 'bank', name: 'build', version: host.build }];
  const vibs: Named[] = [...(await recordedVibs(vfs))];
  for (const file of names) vibs.push(...(await vibsIn(file)));
  const byName = new Map<string, Set<string>>();
  for (const { name, version } of vibs) {
    byName.set(name, (byName.get(name) ?? new Set()).add(version));
  }
  const all = [...byName].map(([name, versions]): Version => {
    return { kind: 'vib', name, version: [...versions].sort().join(', ') };
  });
  return [...build, ...all];
}

type Named = Pick<VibDescriptor, 'name' | 'version'>;

/** The VIBs in `file`: itself, those of a bundle, none of any other. */
async function vibsIn(file: string): Promise<Named[]> {
  const start = startOf(file);
  if (start.startsWith(AR_START)) {
    const vib = await openVibPackage(file);
    vib.close();
    return [vib.descriptor];
  }
  if (!start.startsWith(ZIP_START)) return [];
  const bundle = await openBundle(file);
  bundle.close();
  return bundle.vibs.map(({ descriptor }) => descriptor);
}

/** The first bytes of `file`, one character each; of a folder or the address of a bank none. */
function startOf(file: string): string {
  if (isAddress(file) || !fs.statSync(file).isFile()) return '';
  const descriptor = fs.openSync(file, 'r');
  try {
    const head = Buffer.alloc(AR_START.length);
    fs.readSync(descriptor, head, 0, head.length, 0);
    return head.toString('latin1');
  } finally {
    fs.closeSync(descriptor);
  }
}

function versionDifferences(
  older: readonly Version[],
  newer: readonly Version[],
): VersionDifference[] {
  const keyed = (versions: readonly Version[]) =>
    new Map(versions.map((one) => [`${one.kind} ${one.name}`, one]));
  const [before, now] = [keyed(older), keyed(newer)];
  const keys = [...new Set([...before.keys(), ...now.keys()])].sort();
  return keys.flatMap((key) => {
    const [was, is] = [before.get(key), now.get(key)];
    if (was?.version === is?.version) return [];
    const { kind, name } = (was ?? is)!;
    return [{ kind, name, older: was?.version ?? null, newer: is?.version ?? null }];
  });
}

/** `comparison` for people: nothing where there is no difference, as `diff` has it. */
export function comparisonText({ isSame, versions, differences }: Comparison): string {
  if (isSame) return '';
  const lines = [
    ...versions.map(versionLine),
    ...(versions.length > 0 && differences.length > 0 ? [''] : []),
    ...differences.map(differenceLine),
    ...(differences.length === 0 ? [] : ['', summary(differences)]),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** `comparison` as JSON shows it: modes as everywhere. */
export function describedComparison(comparison: Comparison): Record<string, unknown> {
  const entry = (of: ComparedEntry | null) =>
    of === null ? null : { ...of, mode: octal(of.mode) };
  const differences = comparison.differences.map((difference) => ({
    ...difference,
    older: entry(difference.older),
    newer: entry(difference.newer),
  }));
  return { ...comparison, differences };
}

function versionLine({ kind, name, older, newer }: VersionDifference): string {
  const what = `${kind} ${printable(name)}`;
  if (older === null) return `+ ${what} ${printable(newer!)}`;
  if (newer === null) return `- ${what} ${printable(older)}`;
  return `~ ${what}: ${printable(older)} -> ${printable(newer)}`;
}

/** `difference` in a line. */
export function differenceLine({ path, change, aspects, older, newer }: TreeDifference): string {
  const shown = printable(path);
  if (older === null || newer === null) {
    return `${change === 'added' ? '+' : '-'} ${shown}  ${entryText((newer ?? older)!)}`;
  }
  const told = aspects.map((aspect) => {
    const [was, is] = [older, newer].map((entry) => aspectText(entry, aspect));
    return was === is ? aspect : `${aspect} ${was} -> ${is}`;
  });
  return `~ ${shown}  ${told.join(', ')}`;
}

function entryText({ kind, size, target }: ComparedEntry): string {
  if (kind === 'file') return `${size} bytes`;
  return target === undefined ? kind : `-> ${printable(target)}`;
}

function aspectText(entry: ComparedEntry, aspect: TreeDifference['aspects'][number]): string {
  const { kind, mode, uid, gid, size, target } = entry;
  switch (aspect) {
    case 'type':
      return kind;
    case 'mode':
      return octal(mode);
    case 'owner':
      return `${uid}:${gid}`;
    case 'size':
      return String(size);
    case 'target':
      return printable(target ?? '');
    // That they differ is all there is to say.
    case 'content':
    case 'device':
      return '';
  }
}

/** How many there are of each kind. */
export function summary(differences: readonly TreeDifference[]): string {
  const count = (change: TreeDifference['change']): number =>
    differences.filter((one) => one.change === change).length;
  const [added, removed, changed] = [count('added'), count('removed'), count('changed')];
  const all = counted(differences.length, 'difference');
  return `${all}: ${added} added, ${removed} removed, ${changed} changed`;
}
