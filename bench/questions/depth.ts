/**
 * What a lookup costs by how deep a file lies and by how many archives are over each other.
 *
 * Claim: a path of sixteen names is found about as fast as one of two, and under a hundred and
 * fifty archives as fast as under one.
 * Yardstick: one Map lookup for each name; a union that asks its layers in turn.
 */

import { prng } from '../../test/support/prng.ts';
import { DEEP, SHALLOW } from '../archives.ts';
import { ANCHORS, type Mounter, mounterOf, type Peer, type Subject, subjectOf } from '../peers.ts';
import { type Question, within } from '../question.ts';
import type { Shelf } from '../shelf.ts';
import { type Operation, sampled } from '../suites.ts';
import { checkFiles } from '../verify.ts';

const PICKS = 1 << 12;
/** So many volumes that a union of them still answers. */
const STACK = 150;

/** stat, two names deep and sixteen. */
export const depth: Question = {
  name: 'depth',
  chapter: 'Hot path',
  claim: 'a path of sixteen names is found about as fast as one of two',
  kind: 'steady',
  peers: ANCHORS,
  targets: [within(1.5, 'statSync, 2 names deep', 'statSync, 16 names deep')],
  archives: ['deep.tar'],
  async ask(peer, scale, shelf) {
    const subject = await subjectOf(peer, shelf, 'deep');
    const { files } = shelf.manifest('deep');
    await checkFiles(subject, files);
    const below = (start: string): string[] =>
      files.map(({ path }) => path).filter((path) => path.startsWith(start));
    const readings = await sampled(scale, [
      statting('statSync, 2 names deep', subject, below(SHALLOW)),
      statting('statSync, 16 names deep', subject, below(DEEP)),
    ]);
    subject.close();
    return readings;
  },
};

/** stat under one archive and under many. */
export const stacked: Question = {
  name: 'stacked',
  isLong: true,
  chapter: 'Hot path',
  claim: 'a file is found as fast under 150 archives as under one',
  kind: 'steady',
  peers: ['visorfs', 'floor', 'unionfs'],
  targets: [within(1.1, 'statSync, 1 tardisk', 'statSync, 150 tardisks')],
  async ask(peer, scale, shelf) {
    const mount = await stackerOf(peer, shelf);
    const many = Math.min(STACK, Math.max(...scale.stackCounts));
    const lines = { 'statSync, 1 tardisk': 1, 'statSync, 150 tardisks': many };
    const operations: Operation[] = [];
    for (const [line, count] of Object.entries(lines)) {
      const images = Array.from({ length: count }, (_, index) => `part-${index}-of-${count}`);
      const archives: Uint8Array[] = [];
      for (const image of images) archives.push(await shelf.read(`${image}.tar`));
      const files = images.flatMap((image) => shelf.manifest(image).files);
      const subject = await mount(...archives);
      await checkFiles(subject, files);
      operations.push(
        statting(
          line,
          subject,
          files.map(({ path }) => path),
        ),
      );
    }
    return sampled(scale, operations);
  },
};

async function stackerOf(peer: Peer, shelf: Shelf): Promise<Mounter> {
  if (peer !== 'unionfs') return mounterOf(peer, shelf);
  return (await import('../peers/unionfs.ts')).unionMounter();
}

function statting(line: string, { fs, root }: Subject, paths: readonly string[]): Operation {
  const chance = prng(16);
  const picks = Array.from({ length: PICKS }, () => root + chance.pick(paths));
  // One string each, as a program has them: joined ones are a tree of pieces until someone reads.
  const flat = picks.map((path) => Buffer.from(path).toString());
  let turn = 0;
  return { line, act: () => fs.statSync(flat[turn++ & (PICKS - 1)]!).size };
}
