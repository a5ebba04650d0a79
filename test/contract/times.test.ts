// Which verb changes which of the four times, compared with the kernel on a tmpfs: of files that
// were just written, and of files that were read since. There relatime leaves atime alone.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { VisorFs } from '../../src/node.ts';
import type { AnyFs } from './outcome.ts';
import { buildTimedScene, readTimedScene, TIME_PROBES, TIMED } from './time-probes.ts';

const TMPFS = '/dev/shm';
const isJudge = process.platform === 'linux' && process.getuid?.() === 0 && fs.existsSync(TMPFS);
if (!isJudge) process.stderr.write('skipped: the judge of times is tmpfs, as root\n');

const root = fs.mkdtempSync(path.join(isJudge ? TMPFS : os.tmpdir(), 'visorfs-times-'));
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

/** Longer than any tick of the kernel's clock, in milliseconds. */
const TICK = 15;

interface Side {
  readonly on: AnyFs;
  readonly scene: string;
  /** Lets time pass. */
  tick(): void;
}

let scenes = 0;

function kernelSide(): Side {
  const scene = `${root}/${scenes++}`;
  fs.mkdirSync(scene);
  const tick = (): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, TICK);
  return { on: fs, scene, tick };
}

function ourSide(): Side {
  let now = 1e12;
  const vfs = new VisorFs(undefined, { clock: () => now });
  vfs.fs.mkdirSync('/scene');
  const tick = (): void => {
    now += TICK;
  };
  return { on: vfs.fs as unknown as AnyFs, scene: '/scene', tick };
}

const TIMES = ['atimeNs', 'mtimeNs', 'ctimeNs', 'birthtimeNs'] as const;

/** By inode, as names come and go: its times and the first name of it. */
function timesOf({ on, scene }: Side): Map<bigint, { name: string; times: bigint[] }> {
  const found = new Map<bigint, { name: string; times: bigint[] }>();
  for (const name of TIMED) {
    const stats = on.lstatSync(`${scene}/${name}`, { bigint: true, throwIfNoEntry: false });
    if (stats === undefined || found.has(stats.ino)) continue;
    found.set(stats.ino, { name, times: TIMES.map((time) => stats[time]) });
  }
  return found;
}

/** What `act` does to times: which ones of what is there changed, and whether to the same one. */
function changesBy(act: (on: AnyFs, scene: string) => void, side: Side, isRead: boolean): string[] {
  buildTimedScene(side.on, side.scene);
  side.tick();
  if (isRead) readTimedScene(side.on, side.scene);
  side.tick();
  const before = timesOf(side);
  act(side.on, side.scene);
  const after = timesOf(side);
  const lines: string[] = [];
  for (const [ino, { name, times }] of after) {
    const was = before.get(ino);
    const changed = TIMES.filter((_, index) => was?.times[index] !== times[index]);
    if (was === undefined) lines.push(`${name}: new`);
    else if (changed.length > 0) lines.push(`${name}: ${changed.join(' ')}`);
  }
  return lines.sort();
}

describe.runIf(isJudge)('as on the kernel', () => {
  for (const [title, act] of Object.entries(TIME_PROBES)) {
    test.each([false, true])(`${title} (read before: %s)`, (isRead) => {
      const theirs = changesBy(act, kernelSide(), isRead);
      expect(changesBy(act, ourSide(), isRead)).toEqual(theirs);
    });
  }
});
