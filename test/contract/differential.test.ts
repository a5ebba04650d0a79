// Every probe on the kernel through node:fs, and on ours: the same words, the same results, the
// same picture left behind. The kernel is the judge; what differs on purpose is in DEVIATIONS.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nodeRuntime } from '../../src/node/node-runtime.ts';
import { nodeFs } from '../../src/nodefs/fs.ts';
import { Tree } from '../../src/vfs/tree.ts';
import { contentProbes } from './content-probes.ts';
import { descriptorProbes } from './descriptor-probes.ts';
import { deviation } from './deviations.ts';
import { type AnyFs, type Flavour, outcomeOf, wordsOf } from './outcome.ts';
import { pathProbes } from './path-probes.ts';
import type { Probe } from './probes.ts';
import { buildScene, pictureOf } from './scene.ts';

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'visorfs-differential-'));
const scene = path.join(root, 'scene');
const usualUmask = process.umask(0o022);
afterAll(() => {
  fs.rmSync(root, { recursive: true, force: true });
  process.umask(usualUmask);
});

/** How one probe went, and what it left behind. */
async function told(on: AnyFs, { verb, given }: Probe, flavour: Flavour): Promise<unknown> {
  on.mkdirSync(scene, { recursive: true });
  buildScene(on, scene);
  const made = given(on);
  const outcome = await outcomeOf(on, verb, flavour, made);
  const picture = pictureOf(on, scene);
  const fd = typeof made[0] === 'number' ? made[0] : verb === 'open' ? opened(outcome.result) : -1;
  close(on, fd);
  on.rmSync(scene, { recursive: true, force: true });
  return verb === 'open' && fd >= 0 ? { how: outcome.how, picture } : { ...outcome, picture };
}

function opened(result: unknown): number {
  const [fd] = [result].flat();
  return typeof fd === 'number' ? fd : -1;
}

function close(on: AnyFs, fd: number): void {
  try {
    on.closeSync(fd);
  } catch (error) {
    // Probes with a descriptor that is none have nothing to close.
    if (!['EBADF', 'ERR_OUT_OF_RANGE'].includes(String(wordsOf(error)['code']))) throw error;
  }
}

const isJudge = process.platform === 'linux' && process.getuid?.() === 0;
if (!isJudge) process.stderr.write('skipped: the judge of errors is Linux, as root\n');

describe.runIf(isJudge)('a call goes as it goes on the kernel, in every flavour', () => {
  let ours: AnyFs;
  let counted = 0;
  beforeAll(() => {
    ours = nodeFs(new Tree(), nodeRuntime) as unknown as AnyFs;
    ours.mkdirSync(root, { recursive: true });
  });
  afterAll(() => process.stderr.write(`compared ${counted} calls with the kernel\n`));

  const all = [pathProbes, contentProbes, descriptorProbes].flatMap((of) => of(scene).all);
  for (const verb of new Set(all.map((probe) => probe.verb))) {
    const probesOfVerb = all.filter((probe) => probe.verb === verb);
    test(`${verb} says and does what node:fs says and does`, async () => {
      const differences: Record<string, { kernel: unknown; ours: unknown }> = {};
      const stale: string[] = [];
      for (const probe of probesOfVerb) {
        for (const flavour of probe.flavours) {
          const title = `${verb} ${probe.title} (${flavour})`;
          const theirs = await told(fs, probe, flavour);
          const here = await told(ours, probe, flavour);
          counted += 1;
          const isSame = JSON.stringify(theirs, exact) === JSON.stringify(here, exact);
          const isKnown = deviation(title) !== undefined;
          if (!isSame && !isKnown) differences[title] = { kernel: theirs, ours: here };
          if (isSame && isKnown) stale.push(title);
        }
      }
      const titles = Object.keys(differences);
      expect(titles.length === 0 ? '' : report(differences)).toBe('');
      expect(stale).toEqual([]);
    });
  }
});

function exact(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value === undefined ? 'undefined' : value;
}

function report(differences: Record<string, { kernel: unknown; ours: unknown }>): string {
  return Object.entries(differences)
    .map(([title, { kernel, ours }]) => {
      const [one, other] = [kernel, ours].map((side) => JSON.stringify(side, exact));
      const { picture: left, ...said } = JSON.parse(one!);
      const { picture: right, ...says } = JSON.parse(other!);
      const onlyKernel = left.filter((line: string) => !right.includes(line));
      const onlyOurs = right.filter((line: string) => !left.includes(line));
      const sides = [
        [said, onlyKernel],
        [says, onlyOurs],
      ];
      return [title, ...sides.map((side) => `    ${JSON.stringify(side)}`)].join('\n');
    })
    .join('\n');
}
