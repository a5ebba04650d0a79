/**
 * What it costs to make a file, a file of a path of directories, and to take one away.
 *
 * Claim: making and removing are a few numbers in tables, accounting among them.
 * Yardstick: a copy of the content and one entry of a Map.
 */

import { KILOBYTE } from '../archives.ts';
import { batched } from '../clock.ts';
import { ANCHORS, emptySubject, type Peer, type Subject } from '../peers.ts';
import { atLeast, type Question, timed } from '../question.ts';
import type { Scale } from '../scale.ts';
import { check, checkBytes } from '../verify.ts';

const CONTENT = new Uint8Array(KILOBYTE).fill(7);
const LEVELS = '/one/two/three/four/five';
const MAKERS: readonly Peer[] = [...ANCHORS, 'zenfs'];

/** writeFile of new files of 1 KB. */
export const create: Question = {
  name: 'create',
  chapter: 'Writes',
  claim: 'making a file is its bytes and a few numbers in tables, accounting included',
  kind: 'steady',
  peers: MAKERS,
  targets: [atLeast(5, 'memfs', 'create 1 KB')],
  async ask(peer, scale, shelf) {
    const subject = await emptySubject(peer, shelf);
    const { fs } = subject;
    const { directory, paths, verify } = ground(subject, scale);
    const nanoseconds = await batched(scale, paths.length, {
      prepare: () => void fs.mkdirSync(directory, { recursive: true }),
      run: () => {
        for (const path of paths) fs.writeFileSync(path, CONTENT);
      },
      verify: () => {
        verify();
        fs.rmSync(directory, { recursive: true });
      },
    });
    subject.close();
    return [timed('create 1 KB', nanoseconds)];
  },
};

/** unlink of files of 1 KB. */
export const unlink: Question = {
  name: 'unlink',
  chapter: 'Writes',
  claim: 'removing a file is as cheap as making it, and gives its memory back at once',
  kind: 'steady',
  peers: MAKERS,
  targets: [atLeast(4, 'memfs', 'unlink 1 KB')],
  async ask(peer, scale, shelf) {
    const subject = await emptySubject(peer, shelf);
    const { fs } = subject;
    const { directory, paths, verify } = ground(subject, scale);
    fs.mkdirSync(directory, { recursive: true });
    const nanoseconds = await batched(scale, paths.length, {
      prepare: () => {
        for (const path of paths) fs.writeFileSync(path, CONTENT);
        verify();
      },
      run: () => {
        for (const path of paths) fs.unlinkSync(path);
      },
      verify: () => check(fs.readdirSync(directory).length === 0, 'files that are gone'),
    });
    subject.close();
    return [timed('unlink 1 KB', nanoseconds)];
  },
};

/** mkdir -p of six names. */
export const mkdir: Question = {
  name: 'mkdir',
  chapter: 'Writes',
  claim: 'a path of directories costs a row for each',
  kind: 'steady',
  peers: ANCHORS,
  targets: [atLeast(5, 'memfs', 'mkdir -p of 6')],
  async ask(peer, scale, shelf) {
    const subject = await emptySubject(peer, shelf);
    const { fs, root } = subject;
    const top = `${root}/made`;
    const tops = Array.from({ length: scale.batchCount }, (_, index) => `${top}/${index}`);
    const paths = tops.map((path) => path + LEVELS);
    const nanoseconds = await batched(scale, paths.length, {
      prepare: () => void fs.mkdirSync(top, { recursive: true }),
      run: () => {
        for (const path of paths) fs.mkdirSync(path, { recursive: true });
      },
      verify: () => {
        check(fs.existsSync(paths.at(-1)!), 'directories that are there');
        fs.rmSync(top, { recursive: true });
      },
    });
    subject.close();
    return [timed('mkdir -p of 6', nanoseconds)];
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
