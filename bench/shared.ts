/**
 * One tree over an image that other threads have too.
 */

import { Image, type SharedImage } from '../src/node.ts';
import { once } from './clock.ts';
import { mountFloor } from './peers/floor.ts';
import { mountMemfs } from './peers/memfs.ts';
import { faceOf, treeOver } from './peers/visorfs.ts';
import type { Subject } from './peers.ts';
import { check } from './verify.ts';
import type { Payload } from './workers.ts';

const OWN = new Uint8Array([1, 2, 3]);

/** What stays mounted while the thread lives. */
const held: Subject[] = [];

/** Mounts, reads and writes; nanoseconds of the three. */
export async function mountShared({ peer, image, first, size }: Payload): Promise<number> {
  const { nanoseconds } = await once(async () => {
    const subject = await mountOf(peer, image);
    check(subject.fs.readFileSync(first).length === size, 'a file of a shared image');
    subject.fs.writeFileSync('/own', OWN);
    check(subject.fs.statSync('/own').size === OWN.length, 'a file of its own');
    held.push(subject);
  });
  return nanoseconds;
}

async function mountOf(peer: Payload['peer'], image: unknown): Promise<Subject> {
  if (peer === 'visorfs') return faceOf(treeOver(Image.from(image as SharedImage)));
  return (peer === 'memfs' ? mountMemfs : mountFloor)(image as Uint8Array);
}
