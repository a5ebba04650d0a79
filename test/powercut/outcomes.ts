/**
 * What power cuts may leave of a disk.
 *
 * Between two syncs each sector that was written may be on the medium as it was before, or as any
 * of the writes since made it, each sector by itself: lost, whole, torn at sector borders and in
 * another order are all of them choices of that kind. A cut may be after every write and sync.
 *
 * What a cut after one write may leave without that write, the cut before it has left already; so
 * of each cut only what has at least one sector of the last write is new. Where these choices are
 * more than a limit, classes of them are taken: one sector alone, all but one, all up to one, all
 * from one on, and others by chance.
 */

import type { Prng } from '../support/prng.ts';
import { type DiskEvent, sectorsOf } from '../support/recording-disk.ts';

/** One thing that a cut may leave. */
export interface Outcome {
  /** After how many events. */
  readonly cut: number;
  /** How many marks there were before. */
  readonly marks: number;
  readonly sectors: ReadonlyMap<number, Uint8Array>;
  /** Which sectors survived, for messages. */
  readonly told: string;
}

/** How many choices of one cut are tried one and all, and how many by chance beyond. */
export interface OutcomeLimits {
  readonly exhaustive: number;
  readonly byChance: number;
}

/** All that cuts within `events` may leave on a disk that holds `base`. */
export function* outcomes(
  base: Uint8Array,
  events: readonly DiskEvent[],
  { exhaustive, byChance }: OutcomeLimits,
  chance: Prng,
): Generator<Outcome> {
  const durable = new Map<number, Uint8Array>();
  const pending = new Map<number, Uint8Array[]>();
  let marks = 0;
  const outcome = (cut: number, choice: ReadonlyMap<number, number>): Outcome => {
    const sectors = new Map(durable);
    for (const [sector, index] of choice) sectors.set(sector, pending.get(sector)![index]!);
    const told = [...choice].map(([sector, index]) => `${sector}#${index}`).join(' ');
    return { cut, marks, sectors, told: `${choice.size} of ${pending.size} survive: ${told}` };
  };
  yield outcome(0, new Map());
  for (const [at, event] of events.entries()) {
    const cut = at + 1;
    if (event.kind === 'sync') {
      for (const [sector, versions] of pending) durable.set(sector, versions.at(-1)!);
      pending.clear();
      yield outcome(cut, new Map());
      continue;
    }
    if (event.kind === 'mark') {
      marks += 1;
      // What is promised from now on must hold of all that was possible before.
      for (const choice of choices(pending, null, exhaustive, byChance, chance)) {
        yield outcome(cut, choice);
      }
      continue;
    }
    const fresh = new Set<number>();
    for (const [sector, bytes] of sectorsOf(event.offset, event.bytes)) {
      const before = durable.get(sector) ?? base.subarray(sector * 512, sector * 512 + 512);
      const versions = pending.get(sector) ?? [];
      if (versions.length === 0 && Buffer.compare(before, bytes) === 0) continue;
      pending.set(sector, [...versions, bytes]);
      fresh.add(sector);
    }
    for (const choice of choices(pending, fresh, exhaustive, byChance, chance)) {
      yield outcome(cut, choice);
    }
  }
}

type Choice = ReadonlyMap<number, number>;

/**
 * Which version of which sector survives. With `fresh`, at least one of these in its last version.
 */
function* choices(
  pending: ReadonlyMap<number, readonly Uint8Array[]>,
  fresh: ReadonlySet<number> | null,
  exhaustive: number,
  byChance: number,
  chance: Prng,
): Generator<Choice> {
  const all = [...pending].map(([sector, { length }]) => [sector, length] as const);
  const isNew = (choice: Choice): boolean => {
    if (fresh === null) return true;
    return [...fresh].some((sector) => choice.get(sector) === pending.get(sector)!.length - 1);
  };
  const count = all.reduce((product, [, length]) => product * (length + 1), 1);
  if (count <= exhaustive) {
    for (let index = 0; index < count; index++) {
      let rest = index;
      const choice = new Map<number, number>();
      for (const [sector, length] of all) {
        const version = rest % (length + 1);
        rest = Math.floor(rest / (length + 1));
        if (version > 0) choice.set(sector, version - 1);
      }
      if (isNew(choice)) yield choice;
    }
    return;
  }
  const last = (some: typeof all): Choice => {
    return new Map(some.map(([sector, length]) => [sector, length - 1]));
  };
  const newest = all.filter(([sector]) => fresh === null || fresh.has(sector));
  const older = all.filter(([sector]) => fresh !== null && !fresh.has(sector));
  yield last(all);
  yield last(newest);
  for (const [index, one] of newest.entries()) {
    yield last([one]);
    yield last([...older, one]);
    yield last(all.filter((other) => other !== one));
    yield last(newest.slice(0, index + 1));
    yield last(newest.slice(index));
  }
  for (let done = 0; done < byChance; ) {
    const choice = new Map<number, number>();
    for (const [sector, length] of all) {
      const version = chance.below(length + 1);
      if (version > 0) choice.set(sector, version - 1);
    }
    done += 1;
    if (isNew(choice)) yield choice;
  }
}
