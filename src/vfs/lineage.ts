/**
 * Trees that come of one another: a fork of a live tree, and going back to one.
 *
 * A fork copies lists of chunks and counts one more owner of each, whatever the tree holds; chunks
 * and pages are copied when one of the two writes to them (store/chunks.ts, store/pages.ts). All of
 * a tree is in it: names, attributes, content, holes, whiteouts, ramdisks and what they were
 * charged, tardisks. What a tree has open is its own and stays with it.
 */

import type { LedgerWatch } from '../store/ledger.ts';
import type { Handles } from './handles.ts';
import { type Ino, isOriginal } from './ino.ts';
import { type Clock, Live } from './live.ts';

/**
 * The same as `live`, to change on its own by `clock`; its ledgers tell `watch`, null where it is
 * never to change. `orphans` are what is only open: in a fork nobody has it open, so it is gone.
 * Throws ENOMEM where the names of a second tree do not fit into the memory that the two share.
 */
export function forkOf(
  live: Live,
  clock: Clock,
  watch: LedgerWatch | null,
  orphans: Iterable<Ino>,
): Live {
  const twin = new Live(live.image, live.delta.fork(watch), clock);
  twin.lowers = live.lowers.fork();
  twin.uppers = live.uppers.fork();
  twin.linkCounts = live.linkCounts.fork();
  twin.restored = live.restored;
  for (const ino of orphans) twin.drop(twin.rowOf(ino));
  return twin;
}

/**
 * Makes `live` what `to` is; what it was is given back. Throws ENOMEM where the names of `to` do
 * not fit beside its own, and then it is as it was.
 */
export function turnInto(live: Live, to: Live, watch: LedgerWatch): void {
  const { budget, promisedBytes } = live.delta;
  // What is promised to it now is not needed any more: it may be promised to what it becomes.
  budget.forgo(promisedBytes);
  let next: Live;
  try {
    next = forkOf(to, live.clock, watch, []);
  } finally {
    budget.forgo(-promisedBytes);
  }
  live.delta.release();
  live.image = next.image;
  live.delta = next.delta;
  live.lowers = next.lowers;
  live.uppers = next.uppers;
  live.linkCounts = next.linkCounts;
  live.restored = next.restored;
  live.restamp();
}

/** Inodes of `live` that have no name any more but are open, as `handles` say. */
export function orphansOf(live: Live, handles: Handles): Ino[] {
  const seen = new Set<Ino>();
  for (const { ino } of handles.all()) {
    if (!isOriginal(ino) && live.rowOf(ino) !== 0 && live.nlink(ino) === 0) seen.add(ino);
  }
  return [...seen];
}

/** Trees that were forgotten give back what they share with those that are left. */
const forgotten = new FinalizationRegistry<Live>((live) => live.delta.release());

const watched = new WeakSet<object>();

/**
 * Gives back what `live` holds when the collector finds that nobody has `owner` any more: of a
 * tree its open files, which all views of it have, of a snapshot itself.
 */
export function watchOver(owner: object, live: Live): void {
  if (watched.has(owner)) return;
  watched.add(owner);
  forgotten.register(owner, live);
}
