// What a user may, compared with what the kernel lets him: every probe is asked there, on a tmpfs
// where there is one, by this process with another effective user, and of `vfs.as(USER)`. The same
// words, the same results, the same picture left behind; and again as root, whose calls also clear
// setuid bits and heed sticky ones.

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Image, VisorFs } from '../../src/node.ts';
import { imageOf } from '../support/archives.ts';
import { type AnyFs, type Flavour, type Outcome, outcomeOf, wordsOf } from './outcome.ts';
import { accessProbes, permissionProbes } from './permission-probes.ts';
import {
  buildPermissionScene,
  permissionEntries,
  permissionPicture,
  USER,
} from './permission-scene.ts';
import type { Probe } from './probes.ts';

const isJudge = process.platform === 'linux' && process.getuid?.() === 0;
if (!isJudge) process.stderr.write('skipped: the judge of permissions is Linux, as root\n');

const TMPFS = '/dev/shm';
const root = fs.mkdtempSync(path.join(fs.existsSync(TMPFS) ? TMPFS : os.tmpdir(), 'visorfs-'));
fs.chmodSync(root, 0o755);
const scene = path.join(root, 'scene');
const usualUmask = process.umask();
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

/**
 * Verbs that leave nothing behind where they fail, here: node truncates and removes what it was to
 * copy over, and leaves directories that it made on the way.
 */
const ALL_OR_NOTHING: readonly string[] = ['copyFile', 'mkdir'];

/** How a probe went, and the picture where it is another than before. */
interface Told extends Outcome {
  after?: readonly string[];
}

/** One call: a probe in one flavour. */
interface Call {
  readonly probe: Probe;
  readonly flavour: Flavour;
}

interface Side {
  /** Builds the scene anew. */
  build(): void;
  /** Runs `act` with a node:fs of who is judged. */
  asUser(act: (on: AnyFs) => Promise<Outcome>): Promise<Outcome>;
  picture(): string[];
}

/** The kernel's side, for who is judged. */
function kernelSide(isRoot: boolean): Side {
  let isUser = false;
  /** The dearest call of all: each thread of the process is stopped for it. */
  function become(user: boolean): void {
    if (user === isUser || isRoot) return;
    process.seteuid!(user ? USER.uid : 0);
    isUser = user;
  }
  return {
    build() {
      become(false);
      fs.rmSync(scene, { recursive: true, force: true });
      fs.mkdirSync(scene);
      fs.chownSync(scene, 0, 0);
      fs.chmodSync(scene, 0o755);
      buildPermissionScene(fs, scene);
    },
    asUser(act) {
      become(true);
      return act(fs);
    },
    picture() {
      become(false);
      return permissionPicture(fs, scene);
    },
  };
}

/** Our side: the scene as it was written, or as an image has it; each build is a fork of it. */
function ourSide(isRoot: boolean, image?: Image): Side {
  const first = new VisorFs(image);
  if (image === undefined) {
    first.fs.mkdirSync(scene, { recursive: true });
    buildPermissionScene(first.fs as unknown as AnyFs, scene);
  }
  const who = isRoot ? { umask: USER.umask } : USER;
  let vfs = first.fork();
  let face = vfs.as(who);
  return {
    build() {
      vfs = first.fork();
      face = vfs.as(who);
    },
    asUser: (act) => act(face as unknown as AnyFs),
    picture: () => permissionPicture(vfs.fs as unknown as AnyFs, scene),
  };
}

/** How one call goes. */
function outcomeBy(side: Side, { probe: { verb, given }, flavour }: Call): Promise<Outcome> {
  return side.asUser(async (on) => {
    const shown = await outcomeOf(on, verb, flavour, given(on));
    return verb === 'open' ? closed(on, shown) : shown;
  });
}

/** How one call goes, and what it leaves behind where that is not what was there. */
async function told(side: Side, call: Call, before: string): Promise<Told> {
  const outcome = await outcomeBy(side, call);
  const after = side.picture();
  if (after.join() === before) return outcome;
  side.build();
  return { ...outcome, after };
}

/** `outcome` of opening, without the descriptor, which is closed. */
function closed(on: AnyFs, outcome: Outcome): Outcome {
  const [fd] = [outcome.result].flat();
  if (typeof fd === 'number') on.closeSync(fd);
  return typeof fd === 'number' ? { how: outcome.how } : outcome;
}

function differencesOf(kernel: unknown, ours: unknown): string | null {
  const [one, other] = [kernel, ours].map((side) => JSON.stringify(side, lettersDrawn));
  if (one === other) return null;
  const { after: left = [], ...said } = JSON.parse(one!);
  const { after: right = [], ...says } = JSON.parse(other!);
  const onlyKernel = left.filter((line: string) => !right.includes(line));
  const onlyOurs = right.filter((line: string) => !left.includes(line));
  return `\n    ${JSON.stringify([said, onlyKernel])}\n    ${JSON.stringify([says, onlyOurs])}`;
}

/** Names that mkdtemp drew are as good as others. */
function lettersDrawn(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? value.replace(/(?<=\/t-)\w{6}/, 'XXXXXX') : value;
}

describe.runIf(isJudge).each(['a user', 'root'])('as %s', (name) => {
  const isRoot = name === 'root';
  const kernel = kernelSide(isRoot);
  const image = imageOf(...permissionEntries(scene));
  const written = ourSide(isRoot);
  const imaged = ourSide(isRoot, image);
  const ours = { written, imaged };
  const sides = [kernel, written, imaged];
  const { all } = permissionProbes(scene);
  let [counted, refused] = [0, 0];
  const groups = process.getgroups?.() ?? [];
  beforeAll(() => {
    process.umask(USER.umask);
    if (isRoot) return;
    // Root's files are of root whatever groups build them: each is given its owner.
    process.setgroups!([...USER.groups]);
    process.setegid!(USER.gid);
  });
  afterAll(() => {
    process.umask(usualUmask);
    process.setegid!(0);
    process.setgroups!(groups);
  });
  afterAll(() => process.stderr.write(`as ${name}: ${counted} calls, ${refused} refused\n`));

  /** How the sides differ in `calls`, each looked at by itself. */
  async function oneByOne(calls: readonly Call[]): Promise<string[]> {
    const differences: string[] = [];
    for (const side of sides) side.build();
    const before = kernel.picture().join();
    for (const call of calls) {
      const { verb, title } = call.probe;
      const theirs = await told(kernel, call, before);
      if (ALL_OR_NOTHING.includes(verb) && theirs.how === 'threw') delete theirs.after;
      for (const [kind, side] of Object.entries(ours)) {
        const found = differencesOf(theirs, await told(side, call, before));
        if (found !== null) differences.push(`${verb} ${title} (${call.flavour}), ${kind}${found}`);
      }
      count(theirs);
    }
    return differences;
  }

  /**
   * The same, faster: most calls are refused and leave what was there, so the sides are looked at
   * when one is not, and one by one only where they do not show the same then.
   */
  async function inRuns(calls: readonly Call[]): Promise<string[]> {
    const differences: string[] = [];
    for (const side of sides) side.build();
    const before = kernel.picture().join();
    for (const side of sides) expect(side.picture().join()).toBe(before);
    let run: Call[] = [];
    for (const call of calls) {
      run.push(call);
      const theirs = await outcomeBy(kernel, call);
      const others = [await outcomeBy(written, call), await outcomeBy(imaged, call)];
      count(theirs);
      const isSaid = others.every((one) => differencesOf(theirs, one) === null);
      if (isSaid && theirs.error !== undefined && call !== calls.at(-1)) continue;
      const [left, ...shown] = sides.map((side) => side.picture().join());
      if (!isSaid || shown.some((one) => one !== left)) {
        const found = await oneByOne(run);
        differences.push(...(found.length > 0 ? found : [`${run.length} calls together`]));
      } else if (left !== before) {
        for (const side of sides) side.build();
      }
      run = [];
    }
    return differences;
  }

  function count({ error }: Outcome): void {
    counted += 1;
    if (error !== undefined) refused += 1;
  }

  for (const verb of new Set(all.map((probe) => probe.verb))) {
    test(`${verb} may what it may on the kernel`, async () => {
      const probes = all.filter((probe) => probe.verb === verb);
      const calls = probes.flatMap((probe) =>
        probe.flavours.map((flavour) => ({ probe, flavour })),
      );
      const compared = ALL_OR_NOTHING.includes(verb) ? oneByOne : inRuns;
      expect((await compared(calls)).join('\n')).toBe('');
    });
  }

  test('access and exists may what they may on the kernel', async () => {
    for (const side of [kernel, written]) side.build();
    const given = accessProbes(scene).all.map((probe) => probe.given(fs));
    const asked = `
      const fs = require('node:fs');
      const { given, user } = JSON.parse(fs.readFileSync(0));
      if (user) {
        process.setgroups(user.groups);
        process.setgid(user.gid);
        process.setuid(user.uid);
      }
      const told = given.map(([path, bits]) => {
        try { fs.accessSync(path, bits); return fs.existsSync(path); }
        catch (error) { return error.message + fs.existsSync(path); }
      });
      process.stdout.write(JSON.stringify(told));`;
    const input = JSON.stringify({ given, user: isRoot ? null : USER });
    const theirs = JSON.parse(execFileSync(process.execPath, ['-e', asked], { input }).toString());
    await written.asUser(async (on) => {
      const told = (given as [string, number][]).map(([place, bits]) => {
        try {
          on.accessSync(place, bits);
          return on.existsSync(place);
        } catch (error) {
          return `${wordsOf(error)['message']}${on.existsSync(place)}`;
        }
      });
      expect(told).toEqual(theirs);
      return { how: 'returned' };
    });
  });
});
