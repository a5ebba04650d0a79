/**
 * What tests of the live tree share: trees in a line, what they hold, and what they are charged.
 */

import { expect } from 'vitest';
import { text, utf8 } from '../../src/base/bytes.ts';
import { ENTRY_BYTES, PAGE_BYTES } from '../../src/base/limits.ts';
import { isDirectory, isRegular, isSymlink } from '../../src/base/mode.ts';
import { Image } from '../../src/layer/image.ts';
import { NONE } from '../../src/store/dirents.ts';
import { O_CREAT, O_RDWR, O_TRUNC, O_WRONLY } from '../../src/vfs/flags.ts';
import type { TreeOptions } from '../../src/vfs/shapes.ts';
import { Tree } from '../../src/vfs/tree.ts';
import type { View } from '../../src/vfs/view.ts';
import { type Entry, imageOf } from '../support/archives.ts';

/** A tree over one tardisk of `entries`; its clock stands still. */
export function treeOf(entries: readonly Entry[], options: TreeOptions = {}): Tree {
  const image = entries.length === 0 ? Image.of() : imageOf(...entries);
  return new Tree(image, { clock: () => 0, identity: { umask: 0 }, ...options });
}

/** Makes `content` all that the file `path` holds, made where it is missing. */
export function put(tree: View, path: string, content: string | Uint8Array): void {
  const fd = tree.open(path, O_WRONLY | O_CREAT | O_TRUNC);
  try {
    tree.write(fd, typeof content === 'string' ? utf8(content) : content, null);
  } finally {
    tree.close(fd);
  }
}

/** Writes `content` at `offset` of the file `path`, which is there. */
export function patch(tree: Tree, path: string, content: string, offset: number): void {
  const fd = tree.open(path, O_RDWR);
  tree.write(fd, utf8(content), offset);
  tree.close(fd);
}

export function readFile(tree: View, path: string): string {
  return text(tree.view(path));
}

/** The names in `path`, sorted. */
export function names(tree: Tree, path: string): string[] {
  return tree
    .readdir(path)
    .map(({ name }) => name)
    .sort();
}

/** Every path: what `stat` says of it but for times, and its data or target. */
export function snapshot(tree: Tree): Record<string, string> {
  const paths: Record<string, string> = {};
  const visit = (path: string): void => {
    const { mode, uid, gid, nlink, size, ino, rdev } = tree.stat(path, false);
    const say = [mode.toString(8), uid, gid, nlink, size, ino, rdev].join(' ');
    const data = isRegular(mode)
      ? readFile(tree, path)
      : isSymlink(mode)
        ? text(tree.readlink(path))
        : '';
    paths[path] = `${say} ${data}`;
    if (!isDirectory(mode)) return;
    for (const name of names(tree, path)) visit(path === '/' ? `/${name}` : `${path}/${name}`);
  };
  visit('/');
  return paths;
}

/**
 * All that `tree` shows, as one text: every attribute, every byte, every name, every ramdisk. But
 * not when anything was read, as this reads it.
 */
export function everything(tree: Tree): string {
  const lines: string[] = [];
  const visit = (path: string): void => {
    const { atimeSeconds, atimeNanoseconds, ...attributes } = tree.stat(path, false);
    const { mode, ino } = attributes;
    const data = isRegular(mode) ? Buffer.from(tree.view(path)).toString('base64') : '';
    const target = isSymlink(mode) ? text(tree.readlink(path)) : '';
    lines.push(`${path} ${JSON.stringify(attributes)} ${data} ${target}`);
    if (!isDirectory(mode)) return;
    const state = `${tree.live.ramdiskOf(ino)} ${tree.live.isEmpty(ino)}`;
    lines.push(state, ...names(tree, path).sort());
    for (const name of names(tree, path).sort())
      visit(path === '/' ? `/${name}` : `${path}/${name}`);
  };
  visit('/');
  // What is used may be less in a fork: files that are only open stay with their own tree.
  const limits = tree.ramdisks.list().map(({ name, path, maxBytes, maxInodes, peakBytes }) => {
    return { name, path, maxBytes, maxInodes, peakBytes };
  });
  return [...lines, JSON.stringify(limits)].join('\n');
}

/** What was written, counted: what a verb that threw must have left as it was. */
export function counts(tree: Tree): unknown {
  const { inodes, dirents, pages } = tree.live.delta;
  let nameCount = 0;
  for (const row of inodes.used()) {
    const directory = tree.live.inoOf(row);
    for (let at = dirents.first(directory); at !== NONE; at = dirents.next(at)) nameCount += 1;
  }
  const ledgers = tree.ramdisks.list().map(({ name, path, usedBytes, usedInodes, maxBytes }) => {
    return { name, path, usedBytes, usedInodes, maxBytes };
  });
  const rows = [...inodes.used()].map((row) => [row, inodes.ramdisk(row)]);
  return {
    rows,
    nameCount,
    pages: pages.takenCount,
    branches: rows.map(([row]) => tree.live.inoOf(row!)),
    ledgers,
  };
}

/** As `verifyCharges`, and that no page is held by anything else. */
export function verify(tree: Tree): void {
  const held = verifyCharges(tree);
  const { takenCount } = tree.live.delta.pages;
  if (held !== takenCount) throw new Error(`${takenCount} pages, ${held} in files`);
}

/**
 * Checks tables, and that each ramdisk is charged for its pages, names, targets and rows; returns
 * how many pages that are.
 */
export function verifyCharges(tree: Tree): number {
  tree.verify();
  const { inodes, dirents, ramdisks } = tree.live.delta;
  const sums = ramdisks.map(() => ({ bytes: 0, inodes: 0 }));
  let held = 0;
  for (const row of inodes.used()) {
    const sum = sums[inodes.ramdisk(row)]!;
    const count = tree.live.delta.data.pageCount(row);
    held += count;
    sum.inodes += 1;
    sum.bytes += count * PAGE_BYTES + (inodes.target.get(row)?.length ?? 0);
    if (!isDirectory(inodes.mode(row))) continue;
    const directory = tree.live.inoOf(row);
    for (let at = dirents.first(directory); at !== NONE; at = dirents.next(at)) {
      sum.bytes += ENTRY_BYTES + dirents.nameLength(at);
    }
  }
  ramdisks.forEach((ramdisk, index) => {
    if (ramdisk === undefined) return;
    const { name, ledger } = ramdisk;
    const charged = { bytes: ledger.usedBytes, inodes: ledger.usedInodes };
    expect(charged, `what '${name}' is charged`).toEqual(sums[index]);
  });
  return held;
}

/** Removes everything below `path` that can be removed. */
export function removeAll(tree: Tree, path = '/'): void {
  for (const { name, mode } of tree.readdir(path)) {
    const below = path === '/' ? `/${name}` : `${path}/${name}`;
    if (!isDirectory(mode)) {
      tree.unlink(below);
      continue;
    }
    removeAll(tree, below);
    const isCovered = tree.ramdisks.list().some((ramdisk) => ramdisk.path.startsWith(below));
    if (!isCovered) tree.rmdir(below);
  }
}
