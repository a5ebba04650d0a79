/**
 * What a second tree costs, by how many files the first one has, and what a moment of it costs to
 * keep, to go back to and to compare.
 *
 * Claim: a fork and a snapshot share everything until it is written: as cheap at 100,000 files as
 * at 1,000.
 * Yardstick: a copy of 32 bytes an entry, which is the least that a copy of the tables could be;
 * memfs by toJSON and fromJSON, which keep names and text only.
 */

import type { VisorFs } from '../../src/node.ts';
import { batched } from '../clock.ts';
import { settledBytes } from '../heap.ts';
import { emptySubject, type Fs, type Subject } from '../peers.ts';
import { limit, type Question, type Reading, timed, weighed } from '../question.ts';
import type { Scale } from '../scale.ts';
import type { Shelf } from '../shelf.ts';
import { check } from '../verify.ts';

const MICROSECOND = 1000;
const KIBIBYTE = 1024;
const FORKS = 20;
const WEIGHED = 100;
const CHANGES = 100;
const ENTRY_BYTES = 32;
const FILES_PER_DIRECTORY = 100;
const CONTENT = new Uint8Array(100).fill(6);
const CHANGED = new Uint8Array(100).fill(7);

/** The line of the plot for `verb` at `count` files. */
export function forkLine(verb: string, count: number): string {
  return `${verb}, ${count.toLocaleString('en')} files`;
}

/** fork, snapshot, rollback, diff. */
export const fork: Question = {
  name: 'fork',
  chapter: 'Fork and snapshot',
  claim: 'a fork costs the same, however many files there are',
  kind: 'steady',
  peers: ['visorfs', 'memfs', 'floor'],
  targets: [
    limit(200 * MICROSECOND, 'ns', forkLine('fork', 100_000)),
    limit(64 * KIBIBYTE, 'bytes', forkLine('memory of a fork', 100_000)),
    limit(200 * MICROSECOND, 'ns', forkLine('snapshot', 100_000)),
    limit(64 * KIBIBYTE, 'bytes', forkLine('memory of a snapshot', 100_000)),
    limit(200 * MICROSECOND, 'ns', forkLine('rollback of 100 changes', 100_000)),
    limit(200 * MICROSECOND, 'ns', forkLine('diff of 100 changes', 100_000)),
    limit(200 * MICROSECOND, 'ns', forkLine('first write after a fork', 100_000)),
  ],
  async ask(peer, scale, shelf) {
    const readings: Reading[] = [];
    for (const count of scale.forkCounts) {
      const measure = { visorfs: ours, memfs: byJson }[peer as string] ?? byCopy;
      readings.push(...(await measure(count, scale, shelf)));
    }
    return readings;
  },
};

async function ours(count: number, scale: Scale): Promise<Reading[]> {
  const { treeOver, faceOf } = await import('../peers/visorfs.ts');
  const vfs = treeOver();
  const paths = fill(faceOf(vfs), count);
  const change = ({ fs }: VisorFs): void => {
    for (const path of paths.slice(0, CHANGES)) fs.writeFileSync(path, CHANGED);
  };
  const changed = Math.min(CHANGES, count);
  const forks: VisorFs[] = [];
  const drop = (): void => void forks.splice(0);
  const older = vfs.snapshot();
  const writing = (forked: VisorFs, index: number): void =>
    forked.fs.writeFileSync(paths[(index * 37) % count]!, CHANGED);
  const times = {
    fork: await batched(scale, FORKS, {
      run: () => {
        for (let turn = 0; turn < FORKS; turn++) forks.push(vfs.fork());
      },
      verify: () => {
        check(forks[0]!.fs.statSync(paths[0]!).size === CONTENT.length, 'a fork');
        drop();
      },
    }),
    snapshot: await batched(scale, FORKS, {
      run: () => {
        for (let turn = 0; turn < FORKS; turn++) vfs.snapshot();
      },
    }),
    'rollback of 100 changes': await batched(scale, 1, {
      prepare: () => change(vfs),
      run: () => vfs.rollback(older),
      verify: () => check(vfs.fs.readFileSync(paths[0]!)[0] === CONTENT[0], 'a rollback'),
    }),
    'first write after a fork': await batched(scale, FORKS, {
      prepare: () => {
        // The face is made before: it is the write that is measured.
        for (let turn = 0; turn < FORKS; turn++) forks.push(vfs.fork());
        for (const { fs } of forks) fs.existsSync('/');
      },
      run: () => forks.forEach(writing),
      verify: drop,
    }),
  };
  const other = vfs.fork();
  change(other);
  const newer = other.snapshot();
  const diff = await batched(scale, 1, {
    run: () => check(vfs.diff(older, newer).length === changed, 'a diff'),
  });
  const kept: unknown[] = [];
  const weigh = async (make: () => unknown): Promise<number> => {
    const before = await settledBytes(scale);
    for (let turn = 0; turn < WEIGHED; turn++) kept.push(make());
    return ((await settledBytes(scale)) - before) / WEIGHED;
  };
  return [
    ...Object.entries(times).map(([verb, time]) => timed(forkLine(verb, count), time)),
    timed(forkLine('diff of 100 changes', count), diff),
    weighed(forkLine('memory of a fork', count), await weigh(() => vfs.fork())),
    weighed(forkLine('memory of a snapshot', count), await weigh(() => vfs.snapshot())),
  ];
}

type Volume = Fs & { toJSON(): object; fromJSON(json: object): void; reset(): void };

async function byJson(count: number, scale: Scale, shelf: Shelf): Promise<Reading[]> {
  const { Volume } = (await import('memfs')) as unknown as { Volume: new () => Volume };
  const { root, close, promises } = await emptySubject('memfs', shelf);
  const volume = new Volume();
  const paths = fill({ fs: volume, root, close, promises }, count);
  const json = volume.toJSON();
  let copy = new Volume();
  return [
    timed(
      forkLine('fork', count),
      await batched(scale, 1, {
        run: () => {
          copy = new Volume();
          copy.fromJSON(volume.toJSON());
        },
        verify: () => check(copy.existsSync(paths[0]!), 'a copy'),
      }),
    ),
    timed(
      forkLine('snapshot', count),
      await batched(scale, 1, { run: () => void volume.toJSON() }),
    ),
    timed(
      forkLine('rollback of 100 changes', count),
      await batched(scale, 1, {
        run: () => {
          copy.reset();
          copy.fromJSON(json);
        },
      }),
    ),
  ];
}

async function byCopy(count: number, scale: Scale): Promise<Reading[]> {
  const table = new Uint8Array(count * ENTRY_BYTES);
  let copy = table;
  const nanoseconds = await batched(scale, FORKS, {
    run: () => {
      for (let turn = 0; turn < FORKS; turn++) copy = table.slice();
    },
    verify: () => check(copy.length === table.length, 'a copy'),
  });
  return ['fork', 'snapshot', 'rollback of 100 changes'].map((verb) =>
    timed(forkLine(verb, count), nanoseconds),
  );
}

function fill({ fs, root }: Subject, count: number): string[] {
  const paths: string[] = [];
  for (let index = 0; index < count; index++) {
    const directory = `${root}/data/unit-${Math.floor(index / FILES_PER_DIRECTORY)}`;
    if (index % FILES_PER_DIRECTORY === 0) fs.mkdirSync(directory, { recursive: true });
    fs.writeFileSync(`${directory}/f${index}`, CONTENT);
    paths.push(`${directory}/f${index}`);
  }
  return paths;
}
