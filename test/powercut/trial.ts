/**
 * Tries what power cuts may leave of one scene.
 *
 * Of each outcome four things are asked:
 *
 *   1. the banks hold what they held at the last mark, or what they hold at the next one
 *   2. their file systems have no damage; clusters that nobody owns may be called taken
 *   3. the next commit works, and after it no such clusters are left
 *   4. of those sampled: it boots; fsck.fat says the same; power cuts in the next commit leave
 *      nothing else either
 *
 * What a device boots follows from what its banks hold, and 1 says that this is one of the few
 * things that were there at a mark: each of them is booted once as well, and where the scene is of
 * a whole host, it has to be one of those that are named (hosts.ts).
 */

import { createHash } from 'node:crypto';
import { readBankFile } from '../../src/host/bank.ts';
import { blobDevice } from '../../src/host/blob-device.ts';
import { blobInfo, Host, isBlob } from '../../src/node.ts';
import { checkFat } from '../support/fat-check.ts';
import { prng } from '../support/prng.ts';
import { type DiskEvent, OverlayDisk, RecordingDisk } from '../support/recording-disk.ts';
import { type FoundHost, hostOn } from './hosts.ts';
import { type Outcome, type OutcomeLimits, outcomes } from './outcomes.ts';
import { BANKS, NO_DEVICE, type Scene } from './scene.ts';
import { NEXT } from './scenes.ts';

/** How much is tried. */
export interface TrialOptions extends OutcomeLimits {
  readonly seed: number;
  /** One in so many outcomes is booted, one is given to `fsck`, one is cut in what comes next. */
  readonly bootEvery: number;
  readonly fsckEvery: number;
  readonly nextEvery: number;
  /** What fsck.fat says of the bytes of a file system; null where there is none here. */
  readonly fsck: ((bytes: Uint8Array) => { damage: string[]; lostClusters: number }) | null;
  /** What is written and synced instead of what was. */
  readonly mutate?: (events: readonly DiskEvent[]) => readonly DiskEvent[];
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
  const { start, states, events } = await recorded(scene);
  const done = options.mutate?.(events) ?? events;
  const chance = prng(options.seed);
  const tally = { cuts: done.length - start + 1, outcomes: 0, booted: 0, fscked: 0 };
  const reached = new Set<string>();
  const hosts = new Map<string, FoundHost>();
  let seen = 0;
  for (const outcome of outcomes(scene.base, done, options, chance)) {
    if (outcome.cut < start) continue;
    tally.outcomes += 1;
    seen += 1;
    const isOne = (every: number): boolean => seen % every === 0;
    try {
      const state = await judged(scene, states, outcome);
      reached.add(state);
      if (state !== NO_DEVICE) {
        if (scene.hosts !== undefined && (!hosts.has(state) || isOne(options.bootEvery))) {
          tally.booted += await addHost(hosts, state, scene, outcome);
        } else if (isOne(options.bootEvery)) tally.booted += await boots(scene, outcome);
        if (isOne(options.fsckEvery))
          tally.fscked += await sameAsFsck(scene, outcome, options.fsck);
        await nextCommits(new OverlayDisk(scene.base, outcome.sectors));
        if (isOne(options.nextEvery)) await addNext(tally, scene, outcome, options);
      }
    } catch (error) {
      const where = `${scene.name}: after event ${outcome.cut} of ${done.length}`;
      const { message } = error as Error;
      throw new Error(`${where}, ${outcome.told.slice(0, 200)}: ${message}`, { cause: error });
    }
  }
  // Else the scene has not been cut where it matters.
  const missed = states.atMarks.filter((state) => !reached.has(state));
  if (missed.length > 0) throw new Error(`${scene.name}: ${missed.length} states never reached`);
  checkHosts(scene, states, hosts);
  return tally;
}

interface States {
  /** What the banks hold at each mark, and before the first. */
  readonly atMarks: readonly string[];
  /** What else they may hold before the first mark. */
  readonly others: readonly string[];
}

/** What `scene` does, from which event on, and what the banks hold meanwhile. */
async function recorded(
  scene: Scene,
): Promise<{ start: number; states: States; events: readonly DiskEvent[] }> {
  const disk = new RecordingDisk(scene.base);
  for (const event of scene.before) {
    if (event.kind === 'write') await disk.write(event.offset, event.bytes);
    else if (event.kind === 'sync') await disk.sync();
  }
  const start = disk.events.length;
  const held = (on: OverlayDisk) => (scene.isNew ? NO_DEVICE : stateOf(on));
  const others = [await held(new OverlayDisk(scene.base))];
  const atMarks = [held(disk.copy())];
  disk.onMark = () => void atMarks.push(stateOf(disk.copy()));
  await scene.run(disk);
  return { start, states: { atMarks: await Promise.all(atMarks), others }, events: disk.events };
}

/** Notes which host `outcome` is; returns how many were booted for it. */
async function addHost(
  hosts: Map<string, FoundHost>,
  state: string,
  { base, keys }: Scene,
  { sectors }: Outcome,
): Promise<number> {
  const found = await hostOn(new OverlayDisk(base, sectors), keys);
  for (const { name, tree } of hosts.values()) {
    if (name === found.name && tree !== found.tree) throw new Error(`two trees of '${name}'`);
  }
  hosts.set(state, found);
  return 1;
}

/** Throws where `hosts`, by what the banks hold, are not those that `scene` passes through. */
function checkHosts(
  { name, hosts }: Scene,
  { atMarks }: States,
  found: ReadonlyMap<string, FoundHost>,
): void {
  if (hosts === undefined) return;
  const names = atMarks.map((state) => found.get(state)?.name ?? NO_DEVICE);
  const told = names.filter((one, index) => one !== names[index - 1]);
  if (told.join('\n') === hosts.join('\n')) return;
  throw new Error(`${name}: it passes through\n  ${told.join('\n  ')}`);
}

/** What the banks of `disk` hold, as a word that no other content has. */
async function stateOf(disk: OverlayDisk): Promise<string> {
  const hash = createHash('sha256');
  for (const bank of await blobDevice(disk).banks()) {
    for (const file of [...(await bank.list())].sort()) {
      const bytes = await readBankFile(bank, file);
      hash.update(`${bank.name}/${file} ${bytes.length}\n`).update(bytes);
    }
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
  const bad = banks.flatMap(({ files }) => files).find(({ problem }) => problem !== null);
  if (damage !== null || bad !== undefined) throw new Error(damage ?? bad!.problem!);
  const hasOneTable = !scene.name.includes('two tables');
  for (const { offset } of BANKS) {
    const fat = await checkFat(disk, offset);
    if (fat.damage.length > 0) throw new Error(fat.damage.join('; '));
    if (fat.differ && hasOneTable) throw new Error('the tables differ');
  }
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
  const never = Number.POSITIVE_INFINITY;
  const more = await trial(
    { name: `${scene.name}, cut, then`, base, before: [], isNew: false, run: NEXT },
    // A host was booted from what it starts from, and the file that comes is none of its modules.
    {
      ...options,
      bootEvery: scene.hosts === undefined ? options.bootEvery : never,
      nextEvery: never,
      fsckEvery: never,
    },
  );
  tally.cuts += more.cuts;
  tally.outcomes += more.outcomes;
  tally.booted += more.booted;
}

/** Writes a file to each bank of `disk`, and looks whether it alone has come. */
async function nextCommits(disk: OverlayDisk): Promise<void> {
  for (const [index, bank] of (await blobDevice(disk).banks()).entries()) {
    const others = (await bank.list()).filter((file) => file !== 'after.v00').length;
    const bytes = new Uint8Array(1025).fill(8);
    await bank.write('after.v00', bytes);
    const read = await readBankFile(bank, 'after.v00');
    if (Buffer.compare(read, bytes) !== 0) throw new Error('the next commit is not there');
    if ((await bank.list()).length !== others + 1) throw new Error('the next commit took a file');
    const { damage, lostClusters, differ } = await checkFat(disk, BANKS[index]!.offset);
    if (damage.length > 0 || differ) throw new Error(`after the next commit: ${damage.join('; ')}`);
    if (lostClusters > 0) throw new Error(`the next commit leaves ${lostClusters} clusters`);
  }
}

async function sameAsFsck(
  scene: Scene,
  { sectors }: Outcome,
  fsck: TrialOptions['fsck'],
): Promise<number> {
  if (fsck === null) return 0;
  const disk = new OverlayDisk(scene.base, sectors);
  for (const { offset, size } of BANKS) {
    const ours = await checkFat(disk, offset);
    const theirs = fsck(await disk.read(offset, size));
    const isSame = theirs.damage.length === 0 && theirs.lostClusters === ours.lostClusters;
    // Where two tables differ it asks which one to take, and goes on with the first.
    if (isSame || ours.differ) continue;
    const found = `${theirs.lostClusters} lost, ${theirs.damage.join('; ')}`;
    throw new Error(`fsck.fat: ${found}; not we`);
  }
  return 1;
}
