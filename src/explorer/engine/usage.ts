/**
 * The rows of vdu as a tree for a map of areas: what each directory takes with all below it.
 *
 * A map shows two levels and some dozens of areas; what is small is one area without a path, so
 * that what goes to the page is bounded whatever the tree is.
 */

import type { VisorFs } from '../../index.ts';
import type { UsageNode } from '../protocol.ts';

const LEVELS = 2;
const CHILDREN_MAX_COUNT = 48;

interface Node {
  readonly name: string;
  readonly path: string;
  readonly isDirectory: boolean;
  bytes: number;
  /** Bytes of it by where they lie. */
  readonly owners: Map<string, number>;
  readonly children: Node[];
}

/** What `path` of `vfs` takes. Throws as `vdu`. */
export function usageOf(vfs: VisorFs, path: string): UsageNode {
  const nodes = new Map<string, Node>();
  const all: [node: Node, parent: Node | undefined][] = [];
  for (const row of vfs.vdu(path)) {
    const at = row.path ?? '(deleted, but open)';
    const cut = at.lastIndexOf('/');
    const node: Node = {
      name: at.slice(cut + 1) || '/',
      path: at,
      isDirectory: row.kind === 'directory',
      bytes: row.ramdiskBytes + row.tardiskBytes,
      owners: new Map(),
      children: [],
    };
    if (row.ramdisk !== null) node.owners.set(row.ramdisk, row.ramdiskBytes);
    if (row.tardisk !== null) node.owners.set(row.tardisk, row.tardiskBytes);
    all.push([node, nodes.get(cut <= 0 ? '/' : at.slice(0, cut))]);
    if (node.isDirectory) nodes.set(at, node);
  }
  // Parents come before their children, so from the end on each is summed up when it is added.
  for (const [node, parent] of all.slice(1).reverse()) {
    if (parent === undefined) continue;
    parent.bytes += node.bytes;
    parent.children.push(node);
    for (const [owner, bytes] of node.owners) {
      parent.owners.set(owner, (parent.owners.get(owner) ?? 0) + bytes);
    }
  }
  return shown(all[0]![0], LEVELS);
}

function shown(node: Node, levels: number): UsageNode {
  const { name, path, isDirectory, bytes } = node;
  const sorted = levels === 0 ? [] : node.children.filter((child) => child.bytes > 0);
  sorted.sort((one, other) => other.bytes - one.bytes);
  const children = sorted.slice(0, CHILDREN_MAX_COUNT).map((child) => shown(child, levels - 1));
  const rest = sorted.slice(CHILDREN_MAX_COUNT);
  if (rest.length > 0) {
    children.push({
      ...{ name: `${rest.length} smaller ones`, path: null, isDirectory: false, owner: null },
      bytes: rest.reduce((sum, child) => sum + child.bytes, 0),
      children: [],
    });
  }
  return { name, path, isDirectory, bytes, owner: ownerOf(node), children };
}

function ownerOf({ owners }: Node): string | null {
  const sorted = [...owners].sort(([, one], [, other]) => other - one);
  return sorted[0]?.[0] ?? null;
}
