// The power cuts are worth what they find: without any one sync, or with two steps in each other's
// place, at least one cut has to be found that leaves what may not be. Attacked by disks that pass
// over the n-th sync, disks that do two steps in the other order, and devices that do two verbs so.

import { expect, test } from 'vitest';
import type { BootDevice } from '../../src/node.ts';
import { type DiskEvent, RecordingDisk } from '../support/recording-disk.ts';
import { hostScenes, type Wrap } from './host-scenes.ts';
import { hostOn } from './hosts.ts';
import type { Scene } from './scene.ts';
import { scenes } from './scenes.ts';
import { trial } from './trial.ts';

type Mutate = (events: readonly DiskEvent[]) => readonly DiskEvent[];

const never = Number.POSITIVE_INFINITY;
const LIMITS = { exhaustive: 16, byChance: 2, bootEvery: never, fsckEvery: never };

let wrap: Wrap = (device) => device;
const all = [...(await scenes()), ...(await hostScenes((device) => wrap(device)))];

function sceneOf(name: string): Scene {
  return all.find((scene) => scene.name === name)!;
}

/** What is found wrong with `scene` on a disk that is mutated; null where nothing is. */
async function found(scene: Scene, mutate: Mutate): Promise<string | null> {
  const { hosts: _hosts, ...files } = scene;
  const options = { ...LIMITS, nextEvery: never, seed: 1, fsck: null, mutate };
  return trial(files, options).then(
    () => null,
    (error: Error) => error.message,
  );
}

async function eventsOf(scene: Scene): Promise<{ before: number; events: readonly DiskEvent[] }> {
  const disk = new RecordingDisk(scene.base);
  await scene.run(disk);
  return { before: scene.before.length, events: disk.events };
}

/** The numbers of the syncs in `events`, as one list from one mark to the next. */
function syncsByMark(events: readonly DiskEvent[]): number[][] {
  const groups: number[][] = [[]];
  let count = 0;
  for (const { kind } of events) {
    if (kind === 'sync') groups.at(-1)!.push(count++);
    if (kind === 'mark') groups.push([]);
  }
  return groups;
}

function without(sync: number, before = 0): Mutate {
  let count = -1;
  return (events) =>
    events.filter(({ kind }, index) => index < before || kind !== 'sync' || ++count !== sync);
}

test.each([
  'a file replaced',
  'a file removed',
  'a device made with files in both banks',
  'a removal from a live host',
  'the boot after an update',
  'the first backup',
  'an image kept on a device that has an older one',
  'a state that gets a key, in both banks',
])('%s: without any sync, but the first of a commit, a cut is found', async (name) => {
  const scene = sceneOf(name);
  const { events } = await eventsOf(scene);
  const groups = syncsByMark(events);
  // It is there for what a process left that was killed, and nobody was: see the next test.
  const firsts = groups.flatMap((group) => (group.length === 3 ? [group[0]!] : []));
  const unseen: number[] = [];
  for (const sync of groups.flat()) {
    if ((await found(scene, without(sync))) === null) unseen.push(sync);
  }
  expect(unseen).toEqual(firsts);
});

test('without the first sync of a commit, a cut is found where a process was killed', async () => {
  const seen: string[] = [];
  for (const scene of all.filter(({ before }) => before.length > 0)) {
    if ((await found(scene, without(0, scene.before.length))) !== null) seen.push(scene.name);
  }
  expect(seen).toEqual([
    'a process killed after event 5 of a file replaced, and what comes then',
    'a process killed after event 1 of a file removed, and what comes then',
  ]);
});

/** Steps `step` and the next in each other's place: what is written from one sync to the next. */
function steps(step: number): Mutate {
  return (events) => {
    const blocks: DiskEvent[][] = [[]];
    for (const event of events) {
      if (event.kind === 'sync') blocks.push([]);
      else if (event.kind === 'write') blocks.at(-1)!.push(event);
    }
    const one = blocks[step]!;
    blocks[step] = blocks[step + 1]!;
    blocks[step + 1] = one;
    const joined = blocks.flatMap((block, index): DiskEvent[] =>
      index === 0 ? block : [{ kind: 'sync' }, ...block],
    );
    return [...joined, { kind: 'mark' }];
  };
}

test.each([
  ['content and tables after the entry', 'a file replaced', 1],
  ['the old chain freed before the entry', 'a file replaced', 2],
  ['the chain freed before the entry goes', 'a file removed', 0],
  ['the first sector of a disk before all else', 'a device made with files in both banks', 0],
])('%s: a cut is found', async (_what, name, step) => {
  expect(await found(sceneOf(name), steps(step))).not.toBeNull();
});

/** `device`, which does its verb number `at` after the next one. */
function swapped(device: BootDevice, at: number): BootDevice {
  let count = -1;
  let held: (() => Promise<void>) | null = null;
  const verb = async (act: () => Promise<void>): Promise<void> => {
    count += 1;
    if (count === at) {
      held = act;
      return;
    }
    await act();
    await held?.();
    held = null;
  };
  return {
    ...device,
    banks: async () =>
      (await device.banks()).map((bank) => ({
        ...bank,
        write: (file, bytes) => verb(() => bank.write(file, bytes)),
        remove: (file) => verb(() => bank.remove(file)),
      })),
  };
}

/** What is wrong with the hosts that `scene` passes through with two verbs swapped; else null. */
async function wrongHost(scene: Scene, at: number): Promise<string | null> {
  wrap = (device) => swapped(device, at);
  const disk = new RecordingDisk(scene.base);
  const left = [disk.copy()];
  disk.onMark = () => void left.push(disk.copy());
  try {
    await scene.run(disk);
    const names: string[] = [];
    for (const one of left) names.push((await hostOn(one, scene.keys)).name);
    const told = names.filter((name, index) => name !== names[index - 1]);
    return told.join('\n') === scene.hosts!.join('\n') ? null : told.join('\n');
  } catch (error) {
    return (error as Error).message;
  } finally {
    wrap = (device) => device;
  }
}

// What is between the first and the last verb of a bank that nobody boots meanwhile has no order.
test.each([
  ['a bank is marked before its modules are written', 'a removal from a live host', 0],
  ['boot.cfg comes after the sums', 'a removal from a live host', 2],
  ['the sum of a module goes before it is written', 'another level, on both banks', 5],
  ['its new sum comes after it', 'another level, on both banks', 6],
  ['what runs is made valid first', 'an update of what a look booted and nobody confirmed', 0],
  ['boot.cfg lists a state that is there', 'the first backup', 0],
  ['an upgrade is dirty before it has come up', 'the boot after an update', 0],
  ['boot.cfg goes before a file is kept', 'an image kept on a device that has an older one', 0],
  ['boot.cfg comes when all is kept', 'an image kept on a device that has an older one', 3],
])('%s: else no host of the scene is left', async (_what, name, at) => {
  expect(await wrongHost(sceneOf(name), at)).not.toBeNull();
});
