/**
 * The kernel's own file systems through node:fs: tmpfs, and what root can mount where the tools to
 * make an image are here: erofs, squashfs, overlay.
 */

import { execFileSync } from 'node:child_process';
import nodeFs from 'node:fs';
import path from 'node:path';
import { type Fs, type Mounter, type PromisesFs, type Subject, subject } from '../peers.ts';
import { NotHere } from '../question.ts';
import type { Shelf } from '../shelf.ts';
import { copyTar, gunzipped } from './bare-tar.ts';

/** Copies archives into a fresh folder of the shelf, which lies in memory. */
export function kernelMounter(shelf: Shelf): Mounter {
  return async (...archives) => {
    const root = folderIn(shelf);
    for (const archive of archives) copyTar(gunzipped(archive), nodeFs as unknown as Fs, root);
    return rooted(root, () => nodeFs.rmSync(root, { recursive: true }));
  };
}

/** Copies archives into a folder that an empty one is laid over. */
export function overlayMounter(shelf: Shelf): Mounter {
  return async (...archives) => {
    const top = folderIn(shelf);
    const [lower, upper, work, merged] = ['lower', 'upper', 'work', 'merged'].map((name) => {
      const folder = path.join(top, name);
      nodeFs.mkdirSync(folder);
      return folder;
    }) as [string, string, string, string];
    for (const archive of archives) copyTar(gunzipped(archive), nodeFs as unknown as Fs, lower);
    const folders = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
    asRoot('mount', '-t', 'overlay', 'overlay', '-o', folders, merged);
    return rooted(merged, () => {
      asRoot('umount', merged);
      nodeFs.rmSync(top, { recursive: true });
    });
  };
}

/** Mounts the image of `kind` in `file`. */
export function mountImage(shelf: Shelf, kind: 'erofs' | 'squashfs', file: string): Subject {
  const root = folderIn(shelf);
  asRoot('mount', '-t', kind, '-o', 'loop,ro', file, root);
  return rooted(root, () => {
    asRoot('umount', root);
    nodeFs.rmdirSync(root);
  });
}

/** Makes an image of `kind` in `file` from the ustar archive `tar`. */
export function makeImage(
  shelf: Shelf,
  kind: 'erofs' | 'squashfs',
  tar: Uint8Array,
  file: string,
): void {
  const tool = kind === 'erofs' ? 'mkfs.erofs' : 'mksquashfs';
  const root = folderIn(shelf);
  copyTar(tar, nodeFs as unknown as Fs, root);
  try {
    if (kind === 'erofs') asRoot(tool, '-zlz4hc', file, root);
    else asRoot(tool, root, file, '-quiet', '-no-progress');
  } finally {
    nodeFs.rmSync(root, { recursive: true });
  }
}

/** Unmounts what was left mounted below `folder` by a process that did not come to its end. */
export function unmountBelow(folder: string): void {
  if (!nodeFs.existsSync('/proc/mounts')) return;
  const places = nodeFs.readFileSync('/proc/mounts', 'utf8').split('\n').map(placeOf);
  for (const place of places) if (place.startsWith(`${folder}/`)) asRoot('umount', place);
}

function placeOf(mount: string): string {
  return mount.split(' ')[1] ?? '';
}

function folderIn(shelf: Shelf): string {
  return nodeFs.mkdtempSync(path.join(shelf.folder, 'tree-'));
}

function rooted(root: string, close: () => void): Subject {
  const promises = nodeFs.promises as unknown as PromisesFs;
  return { ...subject(nodeFs as unknown as Fs, promises), root, close };
}

/** Runs a tool that wants root; NotHere where it is missing or may not. */
function asRoot(tool: string, ...args: readonly string[]): void {
  try {
    execFileSync(tool, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    const { code, stderr } = error as { code?: string; stderr?: Buffer };
    throw new NotHere(code === 'ENOENT' ? `no ${tool}` : `${tool}: ${stderr}`.trim());
  }
}
