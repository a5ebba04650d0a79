/**
 * What a run begins with, made by root, in which users may do some things and not others:
 *
 *   sticky/ 1777   shared/ 2777 of group 2000   closed/ 700   deep/a/b   roots 644
 *   mine 6755 of user 1000, also `twin`         shut 066 of user 1000
 *   holes, three pages of which the last has bytes
 *   link → shared   absolute → deep   dead → gone   loop → loop
 *
 * On ours it is written by the same verbs, or found in an image.
 */

import type nodeFs from 'node:fs';
import type { Image } from '../../src/node.ts';
import { type Entry, imageOf } from '../support/archives.ts';

/** Whatever has the shape of node:fs. */
export type AnyFs = typeof nodeFs;

/** A user and his group. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** What is in the scene, by name. */
export const PLACES = [
  'sticky',
  'shared',
  'closed',
  'deep',
  'roots',
  'mine',
  'shut',
  'twin',
  'holes',
  'link',
  'absolute',
  'dead',
  'loop',
] as const;

const HOLE_BYTES = 8192;
const LAST_BYTES = 'the last page';

const SCENE: readonly (Entry & { readonly path: string })[] = [
  { path: 'sticky', type: 'dir', mode: 0o1777 },
  { path: 'sticky/a', content: 'root made it' },
  { path: 'shared', type: 'dir', mode: 0o2777, gid: 2000 },
  { path: 'closed', type: 'dir', mode: 0o700 },
  { path: 'closed/a', content: 'hidden' },
  { path: 'deep', type: 'dir' },
  { path: 'deep/a', type: 'dir', mode: 0o777 },
  { path: 'deep/a/b', content: 'far down', mode: 0o666 },
  { path: 'roots', content: 'of root' },
  { path: 'mine', content: 'of the user', mode: 0o6755, uid: 1000, gid: 1000 },
  { path: 'shut', content: 'to the user', mode: 0o066, uid: 1000, gid: 1000 },
  { path: 'twin', type: 'link', target: 'mine' },
  { path: 'holes', content: '\0'.repeat(HOLE_BYTES) + LAST_BYTES, mode: 0o666 },
  { path: 'link', target: 'shared' },
  { path: 'absolute', target: '/deep' },
  { path: 'dead', target: 'gone' },
  { path: 'loop', target: 'loop' },
];

/** Where `root`, in which absolute links and hard ones lead, is put before their targets. */
function placed({ type, target = '' }: Entry, root: string): string {
  if (type === 'link') return `${root}/${target}`;
  return target.startsWith('/') ? root + target : target;
}

/**
 * Builds the scene in `root`, an empty directory. All is `owner`'s if one is given, who then need
 * not be root.
 */
export function buildScene(fs: AnyFs, root: string, owner: Owner | null): void {
  fs.chmodSync(root, 0o777);
  for (const entry of SCENE) {
    const { path, type, target, uid = 0, gid = 0, mode } = entry;
    const at = `${root}/${path}`;
    if (type === 'link') fs.linkSync(placed(entry, root), at);
    else if (target !== undefined) fs.symlinkSync(placed(entry, root), at);
    else if (type === 'dir') fs.mkdirSync(at);
    else writeFile(fs, at, entry.content as string);
    if (owner === null && type !== 'link') fs.lchownSync(at, uid, gid);
    if (target === undefined) fs.chmodSync(at, mode ?? (type === 'dir' ? 0o755 : 0o644));
  }
}

/** Writes `content`; zeros that it begins with become a hole. */
function writeFile(fs: AnyFs, path: string, content: string): void {
  const start = content.lastIndexOf('\0') + 1;
  const fd = fs.openSync(path, 'w');
  fs.writeSync(fd, content.slice(start), start);
  fs.closeSync(fd);
}

/** An image with the scene at `root`; all is `owner`'s if one is given. */
export function imageOfScene(root: string, owner: Owner | null): Image {
  const mtime = Math.floor(Date.now() / 1000);
  const own = owner ?? {};
  const parts = root.slice(1).split('/');
  const above = parts.map((_, index): Entry => {
    const mode = index === parts.length - 1 ? 0o777 : 0o755;
    return { path: parts.slice(0, index + 1).join('/'), type: 'dir', mode, mtime, ...own };
  });
  const below = SCENE.map((entry): Entry => {
    const target = entry.target === undefined ? {} : { target: targetIn(entry, root) };
    return { ...entry, ...target, path: `${root.slice(1)}/${entry.path}`, mtime, ...own };
  });
  return imageOf(...above, ...below);
}

/** The target of `entry` as an archive says it: a hard link's is a name of the archive. */
function targetIn(entry: Entry, root: string): string {
  const target = placed(entry, root);
  return entry.type === 'link' ? target.slice(1) : target;
}
