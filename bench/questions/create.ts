/**
 * What it costs to make a file, and to take one away.
 *
 * Claim: making and removing are a few numbers in tables, accounting among them.
 * Yardstick: a copy of the content and one entry of a Map.
 */

import { KILOBYTE } from '../archives.ts';
import { type Batch, batched } from '../clock.ts';
import { emptySubject, PEERS, type Subject } from '../peers.ts';
import { type Question, timed } from '../question.ts';
import type { Scale } from '../scale.ts';
import { check, checkBytes } from '../verify.ts';

const CONTENT = new Uint8Array(KILOBYTE).fill(7);

/** writeFile of new files of 1 KB. */
export const create: Question = {
  name: 'create',
  claim: 'making a file is a page and a few numbers in tables, accounting included',
  peers: PEERS,
  async ask(peer, scale) {
    const subject = await emptySubject(peer);
    const { fs } = subject;
    const { directory, paths, verify } = ground(subject, scale);
    const batch: Batch = {
      prepare: () => fs.mkdirSync(directory, { recursive: true }),
      run: () => {
        for (const path of paths) fs.writeFileSync(path, CONTENT);
      },
      verify: () => {
        verify();
        fs.rmSync(directory, { recursive: true });
      },
    };
    const nanoseconds = batched(scale, paths.length, batch);
    subject.close();
    return [timed('create 1 KB', nanoseconds)];
  },
};

/** unlink of files of 1 KB. */
export const unlink: Question = {
  name: 'unlink',
  claim: 'removing a file is as cheap as making it, and gives its memory back at once',
  peers: PEERS,
  async ask(peer, scale) {
    const subject = await emptySubject(peer);
    const { fs } = subject;
    const { directory, paths, verify } = ground(subject, scale);
    fs.mkdirSync(directory, { recursive: true });
    const batch: Batch = {
      prepare: () => {
        for (const path of paths) fs.writeFileSync(path, CONTENT);
        verify();
      },
      run: () => {
        for (const path of paths) fs.unlinkSync(path);
      },
      verify: () => check(fs.readdirSync(directory).length === 0, 'files that are gone'),
    };
    const nanoseconds = batched(scale, paths.length, batch);
    subject.close();
    return [timed('unlink 1 KB', nanoseconds)];
  },
};

function ground({ fs, root }: Subject, { batchCount }: Scale) {
  const directory = `${root}/made`;
  const paths = Array.from({ length: batchCount }, (_, index) => `${directory}/f${index}`);
  const verify = (): void => {
    check(fs.readdirSync(directory).length === paths.length, 'files that are there');
    checkBytes(fs.readFileSync(paths.at(-1)!), CONTENT, 'a made file');
  };
  return { directory, paths, verify };
}
