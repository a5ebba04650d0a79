/**
 * The verbs that the model test draws: each with random arguments, on the tree and on the model.
 */

import * as flag from '../../src/vfs/flags.ts';
import type { Prng } from '../support/prng.ts';
import type { Pair } from './pair.ts';

type Verb = (pair: Pair, random: Prng) => void;

const MODES = [0o644, 0o755, 0o600, 0o1644];
const SIZES = [0, 1, 100, 4096, 4097, 9000];
const TARGETS = ['a', 'b/c', '../a', '/a', '/b/c', '.', '..', 'd', '/d/a', './b'];
const FLAGS = [
  flag.O_CREAT,
  flag.O_CREAT,
  flag.O_EXCL,
  flag.O_TRUNC,
  flag.O_APPEND,
  flag.O_DIRECTORY,
  flag.O_NOFOLLOW,
];

/** A path of both, and the node that was made there numbered. */
function make(pair: Pair, path: string, what: string, ofModel: () => void, ofTree: () => void) {
  if (!pair.both(`${what} ${path}`, ofModel, ofTree)) return;
  pair.number(pair.model.at(path, false), pair.tree.stat(path, false));
}

const VERB = {
  mkdir(pair, random) {
    const [path, mode] = [pair.path(), random.pick(MODES)];
    const { model, tree } = pair;
    make(
      pair,
      path,
      'mkdir',
      () => model.mkdir(path, mode),
      () => tree.mkdir(path, mode),
    );
  },
  symlink(pair, random) {
    const [path, target] = [pair.path(), random.pick(TARGETS)];
    const { model, tree } = pair;
    const what = `symlink ${target}`;
    make(
      pair,
      path,
      what,
      () => model.symlink(target, path),
      () => tree.symlink(target, path),
    );
  },
  link(pair) {
    const [from, path] = [pair.path(), pair.path()];
    const { model, tree } = pair;
    make(
      pair,
      path,
      `link ${from}`,
      () => model.link(from, path),
      () => tree.link(from, path),
    );
  },
  unlink(pair) {
    const path = pair.path();
    pair.both(
      `unlink ${path}`,
      () => pair.model.unlink(path),
      () => pair.tree.unlink(path),
    );
  },
  rmdir(pair) {
    const path = pair.path();
    if (path.endsWith('.')) return;
    pair.both(
      `rmdir ${path}`,
      () => pair.model.rmdir(path),
      () => pair.tree.rmdir(path),
    );
  },
  rename(pair) {
    const [from, to] = [pair.path(), pair.path()];
    const { model, tree } = pair;
    pair.both(
      `rename ${from} ${to}`,
      () => model.rename(from, to),
      () => tree.rename(from, to),
    );
  },
  open(pair, random) {
    const extra = Array.from({ length: random.below(3) }, () => random.pick(FLAGS));
    const flags = extra.reduce((sum, bit) => sum | bit, random.below(3));
    pair.open(pair.path(), flags, random.pick(MODES));
  },
  put(pair, random) {
    const path = pair.path();
    pair.open(path, flag.O_WRONLY | flag.O_CREAT | flag.O_TRUNC, random.pick(MODES));
    VERB.write(pair, random);
  },
  close(pair) {
    pair.close(pair.fd());
  },
  read(pair, random) {
    const [fd, length] = [pair.fd(), random.pick(SIZES)];
    const position = random.below(2) === 0 ? null : random.pick(SIZES);
    const { model, tree } = pair;
    pair.both(
      `read ${fd} ${length} ${position}`,
      () => Buffer.from(model.read(fd, length, position)).toString('base64'),
      () => {
        const into = Buffer.alloc(length);
        return into.subarray(0, tree.read(fd, into, position)).toString('base64');
      },
    );
  },
  write(pair, random) {
    const [fd, bytes] = [pair.fd(), random.bytes(random.pick(SIZES))];
    const position = random.below(2) === 0 ? null : random.pick(SIZES);
    const { model, tree } = pair;
    pair.both(
      `write ${fd} ${bytes.length} ${position}`,
      () => model.write(fd, bytes, position),
      () => {
        tree.write(fd, bytes, position);
      },
    );
  },
  truncate(pair, random) {
    const [path, size] = [pair.path(), random.pick(SIZES)];
    const { model, tree } = pair;
    const what = `truncate ${path} ${size}`;
    pair.both(
      what,
      () => model.truncate(path, size),
      () => tree.truncate(path, size),
    );
  },
  ftruncate(pair, random) {
    const [fd, size] = [pair.fd(), random.pick(SIZES)];
    const { model, tree } = pair;
    const what = `ftruncate ${fd} ${size}`;
    pair.both(
      what,
      () => model.ftruncate(fd, size),
      () => tree.ftruncate(fd, size),
    );
  },
  chmod(pair, random) {
    const [path, mode] = [pair.path(), random.pick(MODES)];
    const act = (): void => {
      pair.model.at(path).mode = mode;
    };
    pair.both(`chmod ${path} ${mode.toString(8)}`, act, () => pair.tree.chmod(path, mode));
  },
  chown(pair, random) {
    const [path, uid, gid] = [pair.path(), random.below(3) - 1, random.below(3) - 1];
    const follow = random.below(2) === 0;
    const act = (): void => {
      const node = pair.model.at(path, follow);
      if (uid >= 0) node.uid = uid;
      if (gid >= 0) node.gid = gid;
    };
    const what = `chown ${path} ${uid} ${gid} ${follow}`;
    pair.both(what, act, () => pair.tree.chown(path, uid, gid, follow));
  },
  fchmod(pair, random) {
    const [fd, mode] = [pair.fd(), random.pick(MODES)];
    const act = (): void => {
      pair.model.opened(fd).node.mode = mode;
    };
    pair.both(`fchmod ${fd} ${mode.toString(8)}`, act, () => pair.tree.chmod(fd, mode));
  },
  resize(pair, random) {
    const { name, maxBytes } = random.pick(pair.tree.ramdisks.list());
    const size = maxBytes + (random.below(2) === 0 ? 4096 : -4096);
    pair.both(
      `resize ${name} ${size}`,
      () => {},
      () => pair.tree.ramdisks.resize(name, { size }),
    );
  },
} satisfies Record<string, Verb>;

const WEIGHTS: Readonly<Record<keyof typeof VERB, number>> = {
  mkdir: 5,
  symlink: 3,
  link: 4,
  unlink: 6,
  rmdir: 5,
  rename: 10,
  open: 6,
  put: 5,
  close: 4,
  read: 4,
  write: 6,
  truncate: 3,
  ftruncate: 2,
  chmod: 3,
  chown: 3,
  fchmod: 2,
  resize: 1,
};

/** The verbs, each as often as it is to come. */
export const VERBS: readonly Verb[] = Object.entries(WEIGHTS).flatMap(([verb, weight]) =>
  Array.from({ length: weight }, () => VERB[verb as keyof typeof VERB]),
);
