// Every probe on the kernel through node:fs, and on ours: the same words, the same results, the
// same picture left behind. The kernel is the judge; what differs on purpose is in DEVIATIONS.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { nodeRuntime } from '../../src/node/node-runtime.ts';
import { nodeFs } from '../../src/nodefs/fs.ts';
import { Tree } from '../../src/vfs/tree.ts';
import { imageOf } from '../support/archives.ts';
import { contentProbes } from './content-probes.ts';
import { copyProbes } from './copy-probes.ts';
import { descriptorProbes } from './descriptor-probes.ts';
import { deviation } from './deviations.ts';
import { kernelStage } from './kernel-stage.ts';
import type { AnyFs } from './outcome.ts';
import { pathProbes } from './path-probes.ts';
import { buildScene, sceneEntries } from './scene.ts';
import { exact, type Stage, told } from './told.ts';

const TMPFS = '/dev/shm';
const above = fs.existsSync(TMPFS) ? TMPFS : os.tmpdir();
const root = fs.mkdtempSync(path.join(above, 'visorfs-differential-'));
const scene = path.join(root, 'scene');
const image = imageOf(...sceneEntries(scene));
const usualUmask = process.umask(0o022);
afterAll(() => {
  fs.rmSync(root, { recursive: true, force: true });
  process.umask(usualUmask);
});

const onKernel = kernelStage(scene);

/** The scene as it was written into ours: each probe is asked of a fork. */
const first = new Tree();
const firstFs = nodeFs(first, nodeRuntime) as unknown as AnyFs;
firstFs.mkdirSync(scene, { recursive: true });
buildScene(firstFs, scene);

/** The scene on ours: written into it, or found in an image. Either must go as on the kernel. */
const OURS: Readonly<Record<string, Stage>> = {
  written: () => nodeFs(first.fork(), nodeRuntime) as unknown as AnyFs,
  imaged: () => nodeFs(new Tree(image), nodeRuntime) as unknown as AnyFs,
};

const isJudge = process.platform === 'linux' && process.getuid?.() === 0;
if (!isJudge) process.stderr.write('skipped: the judge of errors is Linux, as root\n');

describe.runIf(isJudge)('a call goes as it goes on the kernel, in every flavour', () => {
  let counted = 0;
  afterAll(() => process.stderr.write(`compared ${counted} calls with the kernel\n`));

  const all = [pathProbes, contentProbes, descriptorProbes, copyProbes].flatMap(
    (of) => of(scene).all,
  );
  for (const verb of new Set(all.map((probe) => probe.verb))) {
    const probesOfVerb = all.filter((probe) => probe.verb === verb);
    test(`${verb} says and does what node:fs says and does`, async () => {
      const differences: Record<string, { kernel: unknown; ours: unknown }> = {};
      const stale: string[] = [];
      for (const probe of probesOfVerb) {
        for (const flavour of probe.flavours) {
          const title = `${verb} ${probe.title} (${flavour})`;
          const theirs = await onKernel(probe, flavour);
          for (const [kind, stage] of Object.entries(OURS)) {
            const here = await told(stage, scene, probe, flavour);
            counted += 1;
            const isSame = JSON.stringify(theirs, exact) === JSON.stringify(here, exact);
            const isKnown = deviation(title) !== undefined;
            if (!isSame && !isKnown) {
              differences[`${title}, ${kind}`] = { kernel: theirs, ours: here };
            }
            if (isSame && isKnown) stale.push(`${title}, ${kind}`);
          }
        }
      }
      const titles = Object.keys(differences);
      expect(titles.length === 0 ? '' : report(differences)).toBe('');
      expect(stale).toEqual([]);
    });
  }
});

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
