/**
 * What differs between two trees, found by walking both, path by path: what `diffOf` must agree
 * with.
 *
 * It says more of directories that moved, came or went: each path in them. So a difference counts
 * as told where it is, or where what is above it is told and is not a directory in both.
 */

import { isDirectory, isRegular, isSymlink } from '../../src/base/mode.ts';
import type { Change } from '../../src/report/diff.ts';
import type { Tree } from '../../src/vfs/tree.ts';

/**
 * By path: what must be the same for a file, or for a directory, to be the same. When it was read
 * is not part of it.
 */
function shown(tree: Tree): Map<string, string> {
  const paths = new Map<string, string>();
  const visit = (path: string): void => {
    const { mode, uid, gid, atimeSeconds, atimeNanoseconds, ...rest } = tree.stat(path, false);
    const data = isRegular(mode) ? Buffer.from(tree.view(path)).toString('base64') : '';
    const target = isSymlink(mode) ? Buffer.from(tree.readlink(path)).toString('base64') : '';
    const own = isDirectory(mode) ? '' : `${JSON.stringify(rest)} ${data} ${target}`;
    paths.set(path, `${mode} ${uid} ${gid} ${own}`);
    if (!isDirectory(mode)) return;
    for (const { name } of tree.readdir(path)) visit(path === '/' ? `/${name}` : `${path}/${name}`);
  };
  visit('/');
  return paths;
}

/** Throws where `changes` are not how `newer` differs from `older`. */
export function checkDifference(older: Tree, newer: Tree, changes: readonly Change[]): void {
  const [before, now] = [shown(older), shown(newer)];
  const told = new Map(changes.map(({ path, change }) => [path, change]));
  if (told.size !== changes.length) throw new Error('a path is told twice');
  const isIn = (paths: Map<string, string>, path: string): boolean =>
    isDirectory(Number.parseInt(paths.get(path) ?? '0', 10));
  const areDirectories = (path: string): boolean => isIn(before, path) && isIn(now, path);
  const isTold = (path: string): boolean => {
    for (let at = path; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
      const change = told.get(at);
      if (change !== undefined && (at === path || !areDirectories(at))) return true;
    }
    return path === '/' && told.has('/');
  };
  for (const path of new Set([...before.keys(), ...now.keys()])) {
    if (before.get(path) !== now.get(path) && !isTold(path)) {
      throw new Error(`${path} is not told: ${before.get(path)} is ${now.get(path)}`);
    }
  }
  for (const [path, change] of told) {
    const isThere = change === 'deleted' ? !now.has(path) : now.has(path);
    const was = change === 'added' ? !before.has(path) : before.has(path);
    if (!isThere || !was) {
      throw new Error(`${change} ${path}, which is not so`);
    }
  }
}
