/**
 * Attacks forks, snapshots and going back: a family of trees, each with a model of its own, under
 * random verbs on random members while members fork, are captured, go back and are given up. None
 * may ever see what another writes; what a fork or a rollback shows is all that was there, times,
 * holes, links, ramdisks and numbers included; pages are counted as they are held, once each; and
 * when one member is left, it holds what it shows and nothing else.
 */

import { expect, test } from 'vitest';
import { Image } from '../../src/layer/image.ts';
import type { RamdiskOptions } from '../../src/layer/ramdisk.ts';
import { diffOf } from '../../src/report/diff.ts';
import type { Snapshot } from '../../src/vfs/snapshot.ts';
import { Tree } from '../../src/vfs/tree.ts';
import { type Prng, prng, seeds } from '../support/prng.ts';
import { everything, verify, verifyCharges } from '../vfs/support.ts';
import { checkDifference } from './difference.ts';
import { Pair } from './pair.ts';
import { randomDisk } from './random-disk.ts';

const SEQUENCES = 160;
const AT_ONCE = 20;
const STEPS = 220;
const MEMBERS_MAX = 6;

/** A captured tree, and what it showed. */
interface Capture {
  readonly snapshot: Snapshot;
  readonly shown: string;
}

class Family {
  readonly random: Prng;
  readonly members: Pair[] = [];
  readonly captures: Capture[] = [];
  #now = 0;

  constructor(random: Prng) {
    this.random = random;
    const disks = Array.from({ length: random.below(3) }, (_, index) =>
      randomDisk(random, `disk${index}`),
    );
    const tree = new Tree(Image.of(...disks), {
      identity: { umask: 0 },
      clock: () => this.#now++,
      memory: '1gb',
    });
    const ramdisk: RamdiskOptions = { name: 'one', path: '/a', size: '8m' };
    try {
      if (random.below(2) === 0) tree.ramdisks.add(ramdisk);
    } catch {
      // No directory has that path in this image: then there is one ramdisk less.
    }
    this.members.push(this.#pairOf(tree));
  }

  step(): void {
    const { random } = this;
    const pair = random.pick(this.members);
    const verb = random.below(30);
    if (verb === 0 && this.members.length < MEMBERS_MAX) {
      const fork = new Tree(pair.tree, { identity: { umask: 0 }, clock: () => this.#now++ });
      expect(everything(fork)).toBe(everything(pair.tree));
      this.members.push(this.#pairOf(fork));
    } else if (verb === 1 && this.captures.length < MEMBERS_MAX) {
      this.captures.push({ snapshot: pair.tree.snapshot(), shown: everything(pair.tree) });
    } else if (verb === 2 && this.captures.length > 0) {
      const { snapshot, shown } = random.pick(this.captures);
      pair.tree.rollback(snapshot);
      expect(everything(pair.tree)).toBe(shown);
      this.members[this.members.indexOf(pair)] = this.#pairOf(pair.tree);
    } else if (verb === 3 && this.members.length > 1) {
      this.members.splice(this.members.indexOf(pair), 1);
      pair.tree.release();
    } else if (verb === 4 && this.captures.length > 0) {
      const at = random.below(this.captures.length);
      this.captures.splice(at, 1)[0]!.snapshot.release();
    } else if (verb === 5) this.#compare();
    else pair.step();
  }

  check(): void {
    for (const { snapshot, shown } of this.captures) {
      const fork = new Tree(snapshot, { identity: { umask: 0 } });
      expect(everything(fork)).toBe(shown);
      fork.release();
    }
    for (const pair of this.members) pair.check();
    const deltas = this.members.map(({ tree }) => tree.live.delta);
    deltas.push(...this.captures.map(({ snapshot }) => snapshot.live.delta));
    const pages = new Set<number>();
    for (const delta of deltas) {
      for (const row of delta.inodes.used())
        delta.data.eachPage(row, (_index, page) => pages.add(page));
    }
    expect(deltas[0]!.pages.takenCount, 'pages, each once').toBe(pages.size);
  }

  /** Gives up all but one, which must hold what it shows and nothing else. */
  end(): void {
    for (const { snapshot } of this.captures.splice(0)) snapshot.release();
    while (this.members.length > 1) this.members.pop()!.tree.release();
    const [last] = this.members;
    last!.closeAll();
    last!.check();
    verify(last!.tree);
    const { budget, ramdisks } = last!.tree.live.delta;
    const used = ramdisks.reduce((sum, ramdisk) => sum + (ramdisk?.ledger.usedBytes ?? 0), 0);
    expect(budget.committedBytes, 'memory that is committed').toBe(used);
  }

  /** How two of the family differ is what a walk through both finds. */
  #compare(): void {
    const { random, members, captures } = this;
    const all = [...members.map(({ tree }) => tree), ...captures.map(({ snapshot }) => snapshot)];
    const [older, newer] = [random.pick(all), random.pick(all)];
    const trees = [
      new Tree(older, { identity: { umask: 0 } }),
      new Tree(newer, { identity: { umask: 0 } }),
    ] as const;
    checkDifference(...trees, diffOf(older.live, newer.live));
    for (const tree of trees) tree.release();
  }

  /** Of a family, pages are counted in `check`. */
  #pairOf(tree: Tree): Pair {
    return new Pair(tree, this.random, () => verifyCharges(tree));
  }
}

function run(seed: number): void {
  const family = new Family(prng(seed));
  try {
    for (let step = 0; step < STEPS; step++) {
      family.step();
      if (step % 40 === 39) family.check();
    }
    family.end();
  } catch (error) {
    throw new Error(`SEED=${seed}\n${(error as Error).message}`, { cause: error });
  }
}

const all = seeds(SEQUENCES);
for (let at = 0; at < all.length; at += AT_ONCE) {
  const some = all.slice(at, at + AT_ONCE);
  test(`forks change apart and keep all they had (seeds ${some[0]} to ${some.at(-1)})`, () => {
    for (const seed of some) run(seed);
  });
}
