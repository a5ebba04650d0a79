// Every combination of open(2)'s flags on every kind of place, compared with the kernel on a tmpfs:
// how open goes, what the descriptor is good for, and what is left behind.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { VisorFs } from '../../src/node.ts';
import { type AnyFs, wordsOf } from './outcome.ts';

const TMPFS = '/dev/shm';
const isJudge = process.platform === 'linux' && process.getuid?.() === 0;
if (!isJudge) process.stderr.write('skipped: the judge of flags is Linux, as root\n');

const root = fs.mkdtempSync(
  path.join(fs.existsSync(TMPFS) ? TMPFS : os.tmpdir(), 'visorfs-flags-'),
);
const scene = path.join(root, 'scene');
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

const FLAGS: Readonly<Record<string, number>> = {
  CREAT: 0o100,
  EXCL: 0o200,
  TRUNC: 0o1000,
  APPEND: 0o2000,
  DIRECTORY: 0o200000,
  NOFOLLOW: 0o400000,
  NOATIME: 0o1000000,
  PATH: 0o10000000,
};

const PLACES = [
  ...'f gone dir link dirlink dangling loop f/ gone/ dir/ link/ dirlink/ dangling/'.split(' '),
  ...'f/x gone/x dir/. dir/.. link/x dirlink/x . toslash deep'.split(' '),
];

function build(on: AnyFs): void {
  on.rmSync(scene, { recursive: true, force: true });
  on.mkdirSync(`${scene}/dir`, { recursive: true });
  on.writeFileSync(`${scene}/f`, 'hello');
  const links = { link: 'f', dirlink: 'dir', dangling: 'new', loop: 'loop', toslash: 'f/' };
  for (const [name, target] of Object.entries({ ...links, deep: 'dirlink/made' })) {
    on.symlinkSync(target, `${scene}/${name}`);
  }
}

function picture(on: AnyFs): string {
  const lines = ['f', 'gone', 'new', 'dir', 'dir/made', 'dir/x'].map((name) => {
    const at = `${scene}/${name}`;
    const stats = on.lstatSync(at, { throwIfNoEntry: false });
    if (stats === undefined) return '';
    const content = stats.isFile() ? on.readFileSync(at) : '';
    return `${name} ${stats.mode} ${stats.mtimeMs === 1000} ${content}`;
  });
  return lines.join('\n');
}

/** What `act` gives, or the error's words. */
function said(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    const { code, syscall, message } = wordsOf(error);
    return `${code} ${syscall} ${message}`;
  }
}

/** What the open file `fd` is good for. */
function usesOf(on: AnyFs, fd: number): unknown[] {
  const target = Buffer.alloc(9);
  return [
    () => on.fstatSync(fd).mode,
    () => on.readSync(fd, target, 0, 3, null) + target.toString('latin1'),
    () => on.writeSync(fd, 'zz'),
    () => on.readSync(fd, target, 0, 9, 0) + target.toString('latin1'),
    () => on.writeSync(fd, 'y', 1),
    () => on.fsyncSync(fd),
    () => on.ftruncateSync(fd, 4),
    () => on.fchmodSync(fd, 0o700),
    () => on.fchownSync(fd, 0, 0),
    () => on.futimesSync(fd, 1, 1),
    () => on.fstatSync(fd).size < 10,
    () => on.closeSync(fd),
    () => on.closeSync(fd),
  ].map(said);
}

function told(on: AnyFs, place: string, flags: number, before: string): unknown {
  let used: unknown[] = [];
  const opened = said(() => {
    const fd = on.openSync(`${scene}/${place}`, flags, 0o640);
    used = usesOf(on, fd);
    return 'opened';
  });
  const after = picture(on);
  if (after !== before) build(on);
  return [opened, ...used, after];
}

describe.runIf(isJudge)('open as on the kernel', () => {
  const ours = new VisorFs().fs as unknown as AnyFs;
  test.each(PLACES)('%s, with all flags there are', (place) => {
    for (const on of [fs, ours]) build(on);
    const [before, here] = [picture(fs), picture(ours)];
    expect(here).toBe(before);
    const differences: unknown[] = [];
    for (let access = 0; access < 4; access++) {
      for (let bits = 0; bits < 1 << Object.keys(FLAGS).length; bits++) {
        const names = Object.keys(FLAGS).filter((_, index) => (bits >> index) & 1);
        const flags = names.reduce((sum, name) => sum | FLAGS[name]!, access);
        const theirs = told(fs, place, flags, before);
        const found = told(ours, place, flags, before);
        if (JSON.stringify(theirs) === JSON.stringify(found)) continue;
        differences.push([`${access} ${names.join(' ')}`, theirs, found]);
      }
    }
    expect(differences.slice(0, 3)).toEqual([]);
  });
});
