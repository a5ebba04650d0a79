/**
 * What it costs to turn a snapshot into bytes, and bytes into a tree again.
 *
 * Claim: both go at a gigabyte of content a second or more, nothing is lost, and the same state
 * gives the same bytes.
 * Yardstick: one allocation and one memcpy of the content; memfs by JSON, which loses modes, times,
 * links and bytes that are no text.
 */

import { batched } from '../clock.ts';
import { type Fs, type Peer, subject } from '../peers.ts';
import { limit, type Question, type Reading, timed } from '../question.ts';
import type { Scale } from '../scale.ts';
import { check, checkBytes } from '../verify.ts';

const GIGABYTE = 1e9;
const SECOND = 1e9;
const SMALL_BYTES = 2048;
const LARGE_FILES = 4;
const MODE = 0o4751;
const WHEN = new Date(1_700_000_000_123);

/** How many files of which size. */
interface Shape {
  readonly name: string;
  readonly count: number;
  readonly size: number;
}

const toLine = (name: string): string => `snapshot to bytes, ${name}, for each GB`;
const fromLine = (name: string): string => `snapshot from bytes, ${name}, for each GB`;
const SMALL = '2 KB files';
const LARGE = '64 MB files';

/** toBytes and from. */
export const snapshot: Question = {
  name: 'snapshot',
  chapter: 'Fork and snapshot',
  claim: 'a snapshot goes to bytes and back at a gigabyte a second, and nothing is lost',
  kind: 'steady',
  peers: ['visorfs', 'memfs', 'floor'],
  targets: [SMALL, LARGE].flatMap((name) => [
    limit(SECOND, 'ns', toLine(name)),
    limit(SECOND, 'ns', fromLine(name)),
  ]),
  async ask(peer, scale) {
    const readings: Reading[] = [];
    const shapes: readonly Shape[] = [
      { name: SMALL, count: scale.snapshotFiles, size: SMALL_BYTES },
      { name: LARGE, count: LARGE_FILES, size: scale.largeBytes },
    ];
    for (const shape of shapes) {
      const { to, from } = await measured(peer, scale, shape);
      const perGigabyte = GIGABYTE / (shape.count * shape.size);
      readings.push(timed(toLine(shape.name), to * perGigabyte));
      readings.push(timed(fromLine(shape.name), from * perGigabyte));
    }
    return readings;
  },
};

interface Times {
  readonly to: number;
  readonly from: number;
}

function measured(peer: Peer, scale: Scale, shape: Shape): Promise<Times> {
  if (peer === 'visorfs') return ours(scale, shape);
  return peer === 'memfs' ? byJson(scale, shape) : byCopy(scale, shape);
}

async function ours(scale: Scale, shape: Shape): Promise<Times> {
  const { treeOver } = await import('../peers/visorfs.ts');
  const { Image, Snapshot } = await import('../../src/node.ts');
  const image = Image.of();
  const vfs = treeOver(image);
  fill(vfs.fs as unknown as Fs, shape);
  vfs.fs.chmodSync('/f0', MODE);
  vfs.fs.utimesSync('/f0', WHEN, WHEN);
  vfs.fs.linkSync('/f0', '/linked');
  vfs.fs.symlinkSync('f1', '/pointing');
  vfs.fs.writeFileSync('/hole', 'x');
  vfs.fs.truncateSync('/hole', scale.sparseOffset);
  const taken = vfs.snapshot();
  const other = treeOver(image);
  let bytes: Uint8Array = new Uint8Array(0);
  const to = await batched(scale, 1, {
    run: () => {
      bytes = taken.toBytes();
    },
  });
  let opened = Snapshot.from(bytes, image);
  const from = await batched(scale, 1, {
    prepare: () => opened.release(),
    run: () => {
      opened = Snapshot.from(bytes, image);
    },
    verify: () => other.rollback(opened),
  });
  checkBytes(other.snapshot().toBytes(), bytes, 'the bytes of the same state');
  const [older, newer] = [vfs, other].map(({ fs }) => fs.statSync('/f0'));
  check(newer!.mode === older!.mode && newer!.mtimeMs === older!.mtimeMs, 'mode and time');
  check(other.fs.statSync('/linked').ino === newer!.ino && newer!.nlink === 2, 'a hard link');
  check(other.fs.readlinkSync('/pointing') === 'f1', 'a symbolic link');
  check(other.fs.statSync('/hole').blocks === vfs.fs.statSync('/hole').blocks, 'a hole');
  checkBytes(other.fs.readFileSync('/f1'), content(shape, 1), 'a file');
  return { to, from };
}

async function byJson(scale: Scale, shape: Shape): Promise<Times> {
  const { Volume } = await import('memfs');
  const volume = new Volume();
  fill(subject(volume as unknown as Fs).fs, shape);
  let json = '';
  const to = await batched(scale, 1, {
    run: () => {
      json = JSON.stringify(volume.toJSON());
    },
  });
  const copy = new Volume();
  const from = await batched(scale, 1, {
    prepare: () => copy.reset(),
    run: () => copy.fromJSON(JSON.parse(json) as Record<string, string>),
    verify: () => check(copy.existsSync('/f0'), 'a copy'),
  });
  return { to, from };
}

async function byCopy(scale: Scale, { count, size }: Shape): Promise<Times> {
  const whole = new Uint8Array(count * size).fill(1);
  let copy = whole;
  const once = await batched(scale, 1, {
    run: () => {
      copy = whole.slice();
    },
    verify: () => check(copy[copy.length - 1] === 1, 'a copy'),
  });
  return { to: once, from: once };
}

function fill(fs: Fs, shape: Shape): void {
  for (let index = 0; index < shape.count; index++) {
    fs.writeFileSync(`/f${index}`, content(shape, index));
  }
}

/** Text, which is all that JSON keeps. */
function content({ size }: Shape, index: number): Uint8Array {
  return new Uint8Array(size).fill(0x61 + (index % 26));
}
