/**
 * Tries what power cuts may leave of one scene.
 *
 * Of each outcome four things are asked:
 *
 *   1. the bank holds what it held at the last mark, or what it holds at the next one
 *   2. the file system has no damage; clusters that nobody owns may be called taken
 *   3. the next commit works, and after it no such clusters are left
 *   4. of those sampled: it boots; fsck.fat says the same; power cuts in the next commit leave
 *      nothing else either
 *
 * What a bank boots follows from what it holds, and 1 says that this is one of the few things that
 * were there at a mark: each of them is booted once as well.
 */

import { createHash } from 'node:crypto';
import { blobDevice, blobInfo, Host, isBlob } from '../../src/node.ts';
import { checkFat } from '../support/fat-check.ts';
import { prng } from '../support/prng.ts';
import { OverlayDisk, RecordingDisk } from '../support/recording-disk.ts';
import { type Outcome, type OutcomeLimits, outcomes } from './outcomes.ts';
import { BANK, NEXT, type Scene } from './scenes.ts';

/** How much is tried. */
export interface TrialOptions extends OutcomeLimits {
  readonly seed: number;
  /** One in so many outcomes is booted, one is given to `fsck`, one is cut in what comes next. */
  readonly bootEvery: number;
  readonly fsckEvery: number;
  readonly nextEvery: number;
  /** What fsck.fat says of the bytes of a file system; null where there is none here. */
  readonly fsck: ((bytes: Uint8Array) => { damage: string[]; lostClusters: number }) | null;
}

/** What was tried. */
export interface Tally {
  readonly cuts: number;
  readonly outcomes: number;
  readonly booted: number;
  readonly fscked: number;
}

/** Tries `scene`. Throws an Error that names the cut where something is not as it must be. */
export async function trial(scene: Scene, options: TrialOptions): Promise<Tally> {
  const recorded = new RecordingDisk(scene.base);
  for (const event of scene.before) {
    if (event.kind === 'write') await recorded.write(event.offset, event.bytes);
    else if (event.kind === 'sync') await recorded.sync();
  }
  const start = recorded.events.length;
  const states = await statesOf(scene);
  await scene.run(recorded);

  const chance = prng(options.seed);
  const tally = { cuts: recorded.events.length - start + 1, outcomes: 0, booted: 0, fscked: 0 };
  const reached = new Set<string>();
  let seen = 0;
  for (const outcome of outcomes(scene.base, recorded.events, options, chance)) {
    if (outcome.cut < start) continue;
    tally.outcomes += 1;
    seen += 1;
    const isOne = (every: number): boolean => seen % every === 0;
    try {
      const state = await judged(scene, states, outcome);
      reached.add(state);
      if (state !== NO_DEVICE) {
        if (isOne(options.bootEvery)) tally.booted += await boots(scene, outcome);
        if (isOne(options.fsckEvery))
          tally.fscked += await sameAsFsck(scene, outcome, options.fsck);
        await nextCommit(new OverlayDisk(scene.base, outcome.sectors));
        if (isOne(options.nextEvery)) await addNext(tally, scene, outcome, options);
      }
    } catch (error) {
      const where = `${scene.name}: after event ${outcome.cut} of ${recorded.events.length}`;
      const { message } = error as Error;
      throw new Error(`${where}, ${outcome.told.slice(0, 200)}: ${message}`, { cause: error });
    }
  }
  // Else the scene has not been cut where it matters.
  const missed = states.atMarks.filter((state) => !reached.has(state));
  if (missed.length > 0) throw new Error(`${scene.name}: ${missed.length} states never reached`);
  return tally;
}

const NO_DEVICE = 'no device';

interface States {
  /** What the bank holds at each mark, and before the first. */
  readonly atMarks: readonly string[];
  /** What else it may hold before the first mark. */
  readonly others: readonly string[];
}

async function statesOf(scene: Scene): Promise<States> {
  const old = scene.isNew ? NO_DEVICE : await stateOf(new OverlayDisk(scene.base));
  const disk = new RecordingDisk(scene.base);
  for (const event of scene.before) {
    if (event.kind === 'write') await disk.write(event.offset, event.bytes);
  }
  const states = [scene.isNew ? NO_DEVICE : await stateOf(disk)];
  const marks: Promise<string>[] = [];
  disk.mark = () => {
    marks.push(stateOf(disk.copy()));
  };
  await scene.run(disk);
  states.push(...(await Promise.all(marks)));
  return { atMarks: states, others: [old] };
}

/** What the bank of `disk` holds, as a word that no other content has. */
async function stateOf(disk: OverlayDisk): Promise<string> {
  const [bank] = await (await blobDevice(disk)).banks();
  const hash = createHash('sha256');
  for (const file of [...(await bank!.list())].sort()) {
    const source = await bank!.open(file);
    const bytes = new Uint8Array(source.size);
    source.readInto(bytes, 0);
    hash.update(`${file} ${bytes.length}\n`).update(bytes);
  }
  return hash.digest('hex');
}

/** The state that `outcome` left. Throws where it is none that may be there. */
async function judged(scene: Scene, states: States, outcome: Outcome): Promise<string> {
  const disk = new OverlayDisk(scene.base, outcome.sectors);
  const { marks } = outcome;
  const { atMarks, others } = states;
  if (!(await isBlob(disk))) {
    if (scene.isNew && marks === 0) return NO_DEVICE;
    throw new Error('there is no device');
  }
  const { banks, damage } = await blobInfo(disk);
  const bad = banks[0]!.files.find(({ problem }) => problem !== null);
  if (damage !== null || bad !== undefined) throw new Error(damage ?? bad!.problem!);
  const fat = await checkFat(disk, BANK.offset);
  if (fat.damage.length > 0) throw new Error(fat.damage.join('; '));
  const hasOneTable = !scene.name.includes('two tables');
  if (fat.differ && hasOneTable) throw new Error('the tables differ');
  const state = await stateOf(disk);
  const legal = [atMarks[marks], atMarks[marks + 1], ...(marks === 0 ? others : [])];
  if (legal.includes(state)) return state;
  const known = atMarks.indexOf(state);
  throw new Error(known < 0 ? 'neither old nor new' : `state ${known} after mark ${marks}`);
}

/** Boots what `outcome` left; 1 where there was a state to boot with. */
async function boots({ base }: Scene, { sectors }: Outcome): Promise<number> {
  const device = await blobDevice(new OverlayDisk(base, sectors));
  try {
    await Host.boot(device);
    return 1;
  } catch (error) {
    // One scene writes a state of nothing, which no host boots, cut or not.
    if ((error as Error).message.includes(': state.tgz at 0x0')) return 0;
    throw error;
  }
}

/** Cuts the power once more in what is done to what `outcome` left. */
async function addNext(
  tally: { -readonly [Key in keyof Tally]: Tally[Key] },
  scene: Scene,
  { sectors }: Outcome,
  options: TrialOptions,
): Promise<void> {
  const base = await new OverlayDisk(scene.base, sectors).read(0, scene.base.length);
  const next: Scene = { ...scene, name: `${scene.name}, cut, then`, base, run: NEXT };
  const never = Number.POSITIVE_INFINITY;
  const more = await trial(
    { ...next, before: [], isNew: false },
    { ...options, nextEvery: never, fsckEvery: never },
  );
  tally.cuts += more.cuts;
  tally.outcomes += more.outcomes;
  tally.booted += more.booted;
}

async function nextCommit(disk: OverlayDisk): Promise<void> {
  const [bank] = await (await blobDevice(disk)).banks();
  const others = (await bank!.list()).filter((file) => file !== 'after.v00').length;
  const bytes = new Uint8Array(1025).fill(8);
  await bank!.write('after.v00', bytes);
  const source = await bank!.open('after.v00');
  const read = new Uint8Array(source.size);
  source.readInto(read, 0);
  if (Buffer.compare(read, bytes) !== 0) throw new Error('the next commit is not there');
  if ((await bank!.list()).length !== others + 1) throw new Error('the next commit took a file');
  const { damage, lostClusters, differ } = await checkFat(disk, BANK.offset);
  if (damage.length > 0 || differ) throw new Error(`after the next commit: ${damage.join('; ')}`);
  if (lostClusters > 0) throw new Error(`the next commit leaves ${lostClusters} clusters`);
}

async function sameAsFsck(
  scene: Scene,
  { sectors }: Outcome,
  fsck: TrialOptions['fsck'],
): Promise<number> {
  if (fsck === null) return 0;
  const disk = new OverlayDisk(scene.base, sectors);
  const ours = await checkFat(disk, BANK.offset);
  const theirs = fsck(await disk.read(BANK.offset, BANK.size));
  const isSame = theirs.damage.length === 0 && theirs.lostClusters === ours.lostClusters;
  // Where two tables differ it asks which one to take, and goes on with the first.
  if (isSame || ours.differ) return 1;
  throw new Error(`fsck.fat: ${theirs.lostClusters} lost, ${theirs.damage.join('; ')}; not we`);
}
