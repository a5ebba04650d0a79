// Who filled it: what each label has in each ramdisk, byte for byte and inode for inode, against a
// model that keeps a label for every page, name and inode of its own, under random verbs by several
// labels on trees that fork, are captured and go back. And the lists that a person looks at.

import { expect, test } from 'vitest';
import { VisorError } from '../../src/base/errors.ts';
import { nameCost } from '../../src/layer/delta.ts';
import { nodeRuntime } from '../../src/node/node-runtime.ts';
import { nodeFs } from '../../src/nodefs/fs.ts';
import { growthMark, ramdiskTop } from '../../src/report/top.ts';
import type { Snapshot } from '../../src/vfs/snapshot.ts';
import { Tree } from '../../src/vfs/tree.ts';
import { imageOf } from '../support/archives.ts';
import { type Prng, prng, seeds } from '../support/prng.ts';

const PAGE = 4096;
const LABELS = ['', 'hostd', 'vpxa', 'hostd-worker'];
const FOLDERS = ['', '/d', '/m'];
const NAMES = ['a', 'b', 'given'];
const GIVEN = ['/given', '/d/given'];

/** A file, as it is counted: whose row it is, and whose each page. */
interface Node {
  maker: string | null;
  readonly pages: Map<number, string>;
  readonly targetBytes: number;
  links: number;
}

/** What one tree is charged for, by who made it: paths, names of its own, rows of directories. */
interface Model {
  readonly nodes: Map<string, Node>;
  readonly names: Map<string, string>;
  readonly folders: Map<string, string>;
}

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));

/** The verbs as the model has them: each is told only what the tree did. */
class Acts {
  readonly model: Model;
  readonly who: string;

  constructor(model: Model, who: string) {
    this.model = model;
    this.who = who;
  }

  branch(path: string): Node {
    const node = this.model.nodes.get(path)!;
    node.maker ??= this.who;
    return node;
  }

  touchFolder(path: string): void {
    const folder = folderOf(path);
    if (!this.model.folders.has(folder)) this.model.folders.set(folder, this.who);
  }

  name(path: string, node: Node): void {
    this.touchFolder(path);
    if (!this.model.names.has(path)) this.model.names.set(path, this.who);
    this.model.nodes.set(path, node);
  }

  clear(path: string): void {
    this.touchFolder(path);
    const { nodes, names } = this.model;
    nodes.delete(path);
    if (GIVEN.includes(path)) names.set(path, names.get(path) ?? this.who);
    else names.delete(path);
  }

  lose(path: string): void {
    const node = this.model.nodes.get(path)!;
    if (node.links > 1) node.maker ??= this.who;
    node.links -= 1;
  }

  make(path: string, targetBytes = 0): Node {
    const node = { maker: this.who, pages: new Map(), targetBytes, links: 1 };
    this.name(path, node);
    return node;
  }

  fill({ pages }: Node, start: number, end: number): void {
    for (let page = Math.floor(start / PAGE); page * PAGE < end; page++) {
      if (!pages.has(page)) pages.set(page, this.who);
    }
  }

  cut({ pages }: Node, size: number): void {
    for (const page of [...pages.keys()]) if (page * PAGE >= size) pages.delete(page);
  }
}

class Member {
  readonly tree: Tree;
  model: Model;

  constructor(tree: Tree, model: Model) {
    this.tree = tree;
    this.model = structuredClone(model);
  }

  step(random: Prng, who: string): void {
    const view = who === '' ? this.tree : this.tree.acting({ label: who });
    const fs = nodeFs(view, nodeRuntime);
    const acts = new Acts(this.model, who);
    const { nodes } = this.model;
    const place = (): string => `${random.pick(FOLDERS)}/${random.pick(NAMES)}`;
    const [path, other] = [place(), place()];
    const size = random.below(6 * PAGE);
    const at = random.below(6 * PAGE);
    const node = nodes.get(path);
    const verbs: (() => void)[] = [
      () => {
        fs.writeFileSync(path, new Uint8Array(size));
        const written = node === undefined ? acts.make(path) : acts.branch(path);
        acts.cut(written, size);
        acts.fill(written, 0, size);
      },
      () => {
        const fd = view.open(path, 2);
        try {
          view.write(fd, new Uint8Array(size), at);
          if (size > 0) acts.fill(acts.branch(path), at, at + size);
        } finally {
          view.close(fd);
        }
      },
      () => {
        view.truncate(path, at);
        acts.cut(acts.branch(path), at);
      },
      () => {
        // It leads nowhere, so that no verb goes on through it.
        const target = `/none/${'x'.repeat(random.below(300))}`;
        view.symlink(target, path);
        acts.make(path, target.length);
      },
      () => {
        view.link(path, other);
        acts.branch(path).links += 1;
        acts.name(other, node!);
      },
      () => {
        view.unlink(path);
        acts.lose(path);
        acts.clear(path);
      },
      () => {
        view.rename(path, other);
        const over = nodes.get(other);
        if (over === node) return;
        acts.touchFolder(path);
        acts.branch(path);
        if (over !== undefined) acts.lose(other);
        acts.name(other, node!);
        acts.clear(path);
      },
      () => {
        view.chmod(path, 0o640);
        acts.branch(path);
      },
      () => {
        view.mkdir('/m');
        acts.touchFolder('/m');
        this.model.names.set('/m', who);
        this.model.folders.set('/m', who);
      },
      () => {
        view.rmdir('/m');
        this.model.names.delete('/m');
        this.model.folders.delete('/m');
      },
    ];
    try {
      random.pick(verbs)();
    } catch (error) {
      if (!(error instanceof VisorError)) throw error;
    }
  }

  /** Bytes and inodes by ramdisk and label, as the model has them. */
  sums(): Record<string, [bytes: number, inodes: number]> {
    const sums: Record<string, [number, number]> = {};
    const add = (path: string, who: string, bytes: number, inodes: number): void => {
      const key = `${path === '/d' || path.startsWith('/d/') ? 'd' : 'root'} ${who}`;
      sums[key] ??= [0, 0];
      sums[key][0] += bytes;
      sums[key][1] += inodes;
    };
    for (const [path, who] of this.model.names) {
      add(path, who, nameCost(path.length - folderOf(path).length - 1), 0);
    }
    for (const [path, who] of this.model.folders) add(path, who, 0, 1);
    const seen = new Set<Node>();
    for (const [path, node] of this.model.nodes) {
      if (node.maker === null || seen.has(node)) continue;
      seen.add(node);
      add(path, node.maker, node.targetBytes, 1);
      for (const who of node.pages.values()) add(path, who, PAGE, 0);
    }
    return sums;
  }
}

function check({ tree, sums }: { tree: Tree; sums: Member['sums'] }): void {
  const top = ramdiskTop(tree);
  const shown = top.labels.map(({ ramdisk, label, bytes, inodes }) => {
    return [`${ramdisk} ${label ?? ''}`, [bytes, inodes]];
  });
  expect(Object.fromEntries(shown)).toEqual(sums());
  for (const { name, usedBytes, usedInodes } of tree.ramdisks.list()) {
    const own = top.labels.filter(({ ramdisk }) => ramdisk === name);
    expect(own.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(usedBytes);
    expect(own.reduce((sum, { inodes }) => sum + inodes, 0)).toBe(usedInodes);
  }
  tree.verify();
}

for (const seed of seeds(40)) {
  test(`every byte and inode is whose it is, whatever is done (SEED=${seed})`, () => {
    const random = prng(seed);
    const given = (): Node => ({ maker: null, pages: new Map(), targetBytes: 0, links: 1 });
    const model: Model = {
      nodes: new Map(GIVEN.map((path) => [path, given()])),
      names: new Map(),
      folders: new Map(),
    };
    const image = imageOf(
      { path: 'given', content: 'x'.repeat(9000) },
      { path: 'd/' },
      { path: 'd/given', content: 'y'.repeat(20000) },
    );
    const root = { name: 'root', path: '/', size: '160k', inodes: 12 };
    const ramdisks = [root, { name: 'd', path: '/d', size: '60k', inodes: 6 }];
    const members = [new Member(new Tree(image, { ramdisks }), model)];
    const captures: { snapshot: Snapshot; model: Model }[] = [];
    for (let step = 0; step < 300; step++) {
      const member = random.pick(members);
      const chance = random.below(40);
      if (chance === 0 && members.length < 3) {
        members.push(new Member(new Tree(member.tree), member.model));
      } else if (chance === 1) {
        captures.push({
          snapshot: member.tree.snapshot(),
          model: structuredClone(member.model),
        });
      } else if (chance === 2 && captures.length > 0) {
        const { snapshot, model } = random.pick(captures);
        member.tree.rollback(snapshot);
        member.model = structuredClone(model);
      } else {
        // Nobody has a label in the first steps, as nobody has in most programs.
        member.step(random, step < 30 ? '' : random.pick(LABELS));
      }
      const { tree } = member;
      check({ tree, sums: () => member.sums() });
    }
  });
}

function scene() {
  let now = 1000;
  const tree = new Tree(imageOf({ path: 'etc/motd', content: 'hello' }), {
    ramdisks: [
      { name: 'root', path: '/', size: '1m' },
      { name: 'var', path: '/var', size: '1m' },
    ],
    clock: () => now++,
  });
  const as = (label: string) => nodeFs(tree.acting({ label }), nodeRuntime);
  return { tree, fs: nodeFs(tree, nodeRuntime), as };
}

const paths = (files: readonly { readonly path: string | null }[]) => files.map(({ path }) => path);

test('the largest come first, the last changed come first, and only as many as are wanted', () => {
  const { tree, fs, as } = scene();
  as('hostd').writeFileSync('/var/big', new Uint8Array(9 * PAGE));
  as('vpxa').writeFileSync('/small', new Uint8Array(PAGE));
  fs.appendFileSync('/etc/motd', 'more');
  const top = ramdiskTop(tree, { limit: 3 });
  expect(paths(top.largest)).toEqual(['/var/big', '/etc/motd', '/small']);
  expect(paths(top.newest)).toEqual(['/etc/motd', '/small', '/']);
  expect(top.growing).toEqual([]);
  expect(paths(ramdiskTop(tree, { ramdisk: 'var' }).largest)).toEqual(['/var/big', '/var']);
  expect(top.largest[0]).toMatchObject({
    kind: 'file',
    ramdisk: 'var',
    bytes: 9 * PAGE,
    maker: 'hostd',
    grownBy: [{ label: 'hostd', bytes: 9 * PAGE }],
  });
});

test('a file that two made grow says by how much each did, and who made it', () => {
  const { tree, fs, as } = scene();
  as('hostd').writeFileSync('/log', new Uint8Array(2 * PAGE));
  as('vpxa').appendFileSync('/log', new Uint8Array(3 * PAGE));
  fs.appendFileSync('/log', new Uint8Array(PAGE));
  as('hostd').truncateSync('/log', 6 * PAGE - 1);
  expect(ramdiskTop(tree).largest[0]).toMatchObject({
    path: '/log',
    maker: 'hostd',
    grownBy: [
      { label: 'vpxa', bytes: 3 * PAGE },
      { label: 'hostd', bytes: 2 * PAGE },
      { label: null, bytes: PAGE },
    ],
  });
});

test('growth is told from a mark: what grew, whose it is, and not by what took a place', () => {
  const { tree, fs, as } = scene();
  fs.writeFileSync('/old', new Uint8Array(8 * PAGE));
  as('hostd').writeFileSync('/gone', new Uint8Array(5 * PAGE));
  const since = growthMark(tree);
  fs.appendFileSync('/old', new Uint8Array(PAGE));
  fs.unlinkSync('/gone');
  as('vpxa').writeFileSync('/new', new Uint8Array(4 * PAGE));
  const top = ramdiskTop(tree, { since });
  expect(top.sinceMs).toBe(since.atMs);
  const grown = top.growing.map(({ path, grownBytes }) => [path, grownBytes]);
  expect(grown.slice(0, 2)).toEqual([
    ['/new', 4 * PAGE],
    ['/old', PAGE],
  ]);
  const ofLabels = top.labels.map(({ label, grownBytes }) => [label, grownBytes]);
  expect(Object.fromEntries(ofLabels)).toMatchObject({ vpxa: 4 * PAGE + nameCost(3) });
  expect(top.labels.find(({ label }) => label === 'hostd')).toBeUndefined();
});

test('a file that is open and has no name any more is found', () => {
  const { tree } = scene();
  const hostd = tree.acting({ label: 'hostd' });
  const fd = hostd.open('/var/hidden', 0o102);
  hostd.write(fd, new Uint8Array(7 * PAGE), null);
  tree.unlink('/var/hidden');
  expect(ramdiskTop(tree).largest[0]).toMatchObject({
    path: null,
    bytes: 7 * PAGE,
    maker: 'hostd',
  });
});

test('a label is no permission: root stays root, and a user stays one', () => {
  const { tree, as } = scene();
  as('hostd').writeFileSync('/secret', 'x', { mode: 0o600 });
  expect(tree.stat('/secret').uid).toBe(0);
  const user = nodeFs(tree.acting({ uid: 1000, label: 'hostd' }), nodeRuntime);
  expect(() => user.readFileSync('/secret')).toThrow('EACCES');
});

test('what is no label is refused, and so is one too many', () => {
  const { tree } = scene();
  for (const label of ['', 'two\nlines', 'x'.repeat(65)]) {
    expect(() => tree.acting({ label }), JSON.stringify(label)).toThrow(RangeError);
  }
  for (let count = 1; count <= 4096; count++) tree.acting({ label: `number ${count}` });
  expect(() => tree.acting({ label: 'one more' })).toThrow('4096 labels are the most');
  tree.acting({ label: 'number 7' });
});

test('who has no label pays for none of it: nothing is kept until one is used', () => {
  const { tree, fs, as } = scene();
  fs.writeFileSync('/file', new Uint8Array(PAGE));
  const { delta } = tree.live;
  expect([delta.pages.labels, delta.makers]).toEqual([null, null]);
  const twin = new Tree(tree);
  as('hostd').writeFileSync('/file2', new Uint8Array(PAGE));
  expect([delta.makers === null, twin.live.delta.makers]).toEqual([false, null]);
});

test('a ramdisk and a limit that are none are refused', () => {
  const { tree } = scene();
  expect(() => ramdiskTop(tree, { ramdisk: 'none' })).toThrow("there is no ramdisk 'none'");
  for (const limit of [-1, 1.5, Number.NaN]) {
    expect(() => ramdiskTop(tree, { limit })).toThrow(RangeError);
  }
});
