/**
 * A tree and the model of it, side by side: one verb on both, and whether they agree.
 */

import { text } from '../../src/base/bytes.ts';
import { VisorError } from '../../src/base/errors.ts';
import { isDirectory, isRegular, isSymlink } from '../../src/base/mode.ts';
import type { Attributes } from '../../src/vfs/attributes.ts';
import type { Tree } from '../../src/vfs/tree.ts';
import type { Prng } from '../support/prng.ts';
import { removeAll, verify } from '../vfs/support.ts';
import { linkCount, Model, type Node, newNode, Refusal } from './model.ts';
import { VERBS } from './verbs.ts';

const NAMES = ['a', 'b', 'c', 'd'];

function same(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}

/** `path` of the tree and all below it, as nodes: what the model starts from. */
function nodeAt(tree: Tree, path: string, known: Map<number, Node>): Node {
  const { mode, uid, gid, ino } = tree.stat(path, false);
  const there = known.get(ino);
  if (there !== undefined) {
    there.links += 1;
    return there;
  }
  const kind = isDirectory(mode)
    ? 'directory'
    : isRegular(mode)
      ? 'file'
      : isSymlink(mode)
        ? 'link'
        : 'device';
  const node = newNode(kind, mode & 0o7777);
  Object.assign(node, { uid, gid, ino });
  known.set(ino, node);
  if (kind === 'file') node.content = tree.view(path).slice();
  if (kind === 'link') node.target = text(tree.readlink(path));
  if (kind !== 'directory') return node;
  node.ramdisk = tree.ramdisks.list().find((ramdisk) => ramdisk.path === path)?.name ?? null;
  for (const { name } of tree.readdir(path)) {
    const below = nodeAt(tree, path === '/' ? `/${name}` : `${path}/${name}`, known);
    node.names.set(name, below);
    if (below.kind === 'directory') below.above = node;
  }
  return node;
}

/** Two results: of the model and of the tree. */
type Outcome = { readonly value: unknown } | { readonly code: string };

function outcome(act: () => unknown): Outcome {
  try {
    return { value: act() };
  } catch (error) {
    if (error instanceof VisorError || error instanceof Refusal) return { code: error.code };
    throw error;
  }
}

export class Pair {
  readonly tree: Tree;
  readonly model: Model;
  /** What was done so far, for whoever must find out. */
  readonly trace: string[] = [];
  readonly #random: Prng;
  readonly #verified: () => unknown;
  readonly #fds: number[] = [];

  /** `verified` checks the tree's tables and ledgers. */
  constructor(tree: Tree, random: Prng, verified = (): unknown => verify(tree)) {
    this.tree = tree;
    this.#random = random;
    this.#verified = verified;
    this.model = new Model(nodeAt(tree, '/', new Map()));
  }

  /** One random verb on both. Throws where they do not agree. */
  step(): void {
    const random = this.#random;
    random.pick(VERBS)(this, random);
    this.tree.verify();
  }

  path(): string {
    const random = this.#random;
    const parts = Array.from({ length: 1 + random.below(3) }, () => random.pick(NAMES));
    if (random.below(12) === 0) parts.splice(random.below(parts.length), 0, '..');
    if (random.below(25) === 0) parts.splice(random.below(parts.length + 1), 0, '.');
    return random.below(60) === 0 ? '/' : `/${parts.join('/')}`;
  }

  fd(): number {
    return this.#fds.length === 0 || this.#random.below(20) === 0
      ? 3 + this.#random.below(9)
      : this.#random.pick(this.#fds);
  }

  both(what: string, ofModel: () => unknown, ofTree: () => unknown): boolean {
    this.trace.push(what);
    const [want, found] = [outcome(ofModel), outcome(ofTree)];
    const isAlike = JSON.stringify(want) === JSON.stringify(found);
    if (!isAlike) throw new Error(`should be ${JSON.stringify(want)}: ${JSON.stringify(found)}`);
    this.trace.push(`  ${'code' in want ? want.code : 'done'}`);
    return 'value' in want;
  }

  open(path: string, flags: number, mode: number): void {
    // The number of a descriptor is the tree's to choose, so the tree goes first.
    let fd = -1;
    const found = outcome(() => {
      fd = this.tree.open(path, flags, mode);
    });
    const what = `open ${path} 0${flags.toString(8)} as ${fd}`;
    const isOpen = this.both(
      what,
      () => this.model.open(path, flags, mode, fd),
      () => {
        if ('code' in found) throw new Refusal(found.code);
      },
    );
    if (!isOpen) return;
    this.#fds.push(fd);
    this.number(this.model.opened(fd).node, this.tree.fstat(fd));
  }

  close(fd: number): void {
    const isClosed = this.both(
      `close ${fd}`,
      () => this.model.close(fd),
      () => this.tree.close(fd),
    );
    if (isClosed) this.#fds.splice(this.#fds.indexOf(fd), 1);
  }

  closeAll(): void {
    for (const fd of [...this.#fds]) this.close(fd);
  }

  /** Gives a node that was just made its number, or checks that it has kept it. */
  number(node: Node, { ino }: Attributes): void {
    if (node.ino === 0) node.ino = ino;
    if (node.ino !== ino) throw new Error(`inode ${node.ino} has become ${ino}`);
  }

  /** Compares all there is. */
  check(): void {
    const seen = new Set<Node>();
    this.#checkNode('/', this.model.root, seen);
    for (const fd of this.#fds) {
      const { node } = this.model.opened(fd);
      this.#checkAttributes(`fd ${fd}`, node, this.tree.fstat(fd));
      seen.add(node);
    }
    const inos = new Set([...seen].map(({ ino }) => ino));
    if (inos.size !== seen.size) throw new Error('two files have one number');
    this.#verified();
    this.#checkReachable(inos);
  }

  /** Removes everything, and checks that only what hides the image is left. */
  clear(): void {
    this.closeAll();
    removeAll(this.tree);
    verify(this.tree);
    const { live } = this.tree;
    const inos = new Set([live.inoOf(live.rowOf(1))]);
    const visit = (path: string): void => {
      inos.add(this.tree.lookup(path));
      for (const { name } of this.tree.readdir(path)) visit(`${path === '/' ? '' : path}/${name}`);
    };
    visit('/');
    this.#checkReachable(inos);
  }

  #checkReachable(inos: ReadonlySet<number>): void {
    const { live } = this.tree;
    for (const row of live.delta.inodes.used()) {
      const ino = live.inoOf(row);
      if (!inos.has(ino)) throw new Error(`row ${row}, inode ${ino}, is charged but has no name`);
    }
  }

  #checkNode(path: string, node: Node, seen: Set<Node>): void {
    const { tree } = this;
    this.#checkAttributes(path, node, tree.stat(path, false));
    if (seen.has(node)) return;
    seen.add(node);
    if (node.kind === 'file' && !same(tree.view(path), node.content))
      throw new Error(`data ${path}`);
    if (node.kind === 'link' && text(tree.readlink(path)) !== node.target) {
      throw new Error(`target of ${path}`);
    }
    if (node.kind !== 'directory') return;
    const names = tree.readdir(path).map(({ name }) => name);
    const want = [...node.names.keys()];
    if (names.sort().join() !== want.sort().join()) {
      throw new Error(`names in ${path}: ${names}, should be ${want}`);
    }
    const real = text(tree.realpath(path));
    if (real !== path) throw new Error(`${path} is ${real}`);
    for (const [name, below] of node.names) {
      this.#checkNode(path === '/' ? `/${name}` : `${path}/${name}`, below, seen);
    }
  }

  #checkAttributes(path: string, node: Node, attributes: Attributes): void {
    const { mode, uid, gid, nlink, size } = attributes;
    this.number(node, attributes);
    const found = [mode & 0o7777, uid, gid, nlink, node.kind === 'directory' ? 0 : size];
    const length = node.kind === 'link' ? node.target.length : node.content.length;
    const want = [node.mode, node.uid, node.gid, linkCount(node), length];
    if (found.join() !== want.join()) throw new Error(`${path} is ${found}, should be ${want}`);
  }
}
