/**
 * A ramdisk of the running host in which payloads are laid out before they are mounted.
 *
 *   /usr/lib/vmware/lifecycle/stageliveimage/data/<module>      one payload each, decoded
 *
 * It is there to be paid for: its whole size is reserved of the memory that all ramdisks share, so
 * a host that is overcommitted says so here, with the figures, and not once half of it is mounted.
 * When the ramdisk goes, so do the directories that were made for it, and the one above has the
 * times it had.
 */

import { VisorError } from '../base/errors.ts';
import { ENTRY_BYTES, NAME_MAX_BYTES, PAGE_BYTES } from '../base/limits.ts';
import { SoftwareError } from '../software/software-error.ts';
import type { Attributes } from '../vfs/attributes.ts';
import { O_CREAT, O_WRONLY } from '../vfs/flags.ts';
import type { Tree } from '../vfs/tree.ts';
import type { View } from '../vfs/view.ts';

const NAME = 'stageliveimage';
const DIRECTORY = `/usr/lib/vmware/lifecycle/${NAME}`;
const DATA = `${DIRECTORY}/data`;

/** One payload to be laid out: the module that it will be, and its archive without compression. */
export interface StagedPayload {
  readonly file: string;
  readonly bytes: Uint8Array;
}

/** What staging `payloads` takes of memory, in bytes: whole pages, and their names. */
export function stagingBytes(payloads: readonly StagedPayload[]): number {
  const pages = payloads.reduce((sum, { bytes }) => sum + Math.ceil(bytes.length / PAGE_BYTES), 0);
  const names = (payloads.length + 1) * (NAME_MAX_BYTES + ENTRY_BYTES);
  return (pages + Math.ceil(names / PAGE_BYTES)) * PAGE_BYTES;
}

/**
 * Throws SoftwareError (LiveInstallationError) where the memory that all ramdisks of `vfs` share
 * has no room for `needed` bytes more.
 */
export function checkMemory(vfs: Tree, needed: number): void {
  const { totalBytes, committedBytes } = vfs.live.delta.budget;
  const free = Math.max(0, totalBytes - committedBytes);
  if (needed <= free) return;
  throw new SoftwareError('LiveInstallationError', [
    `The host is overcommitted: staging takes ${needed} bytes of memory, and ${free} of ` +
      `${totalBytes} bytes are free.`,
  ]);
}

/** Payloads that are laid out on a running host, until `clear`. */
export class Stage {
  readonly #vfs: Tree;
  readonly #tree: View;
  /** Directories that were made, from the top down, and the one above them as it was. */
  readonly #made: string[] = [];
  #above: { readonly path: string; readonly attributes: Attributes } | null = null;
  #isMounted = false;

  /** `tree` is `vfs` as root has it. */
  constructor(vfs: Tree, tree: View) {
    this.#vfs = vfs;
    this.#tree = tree;
  }

  /**
   * Lays `payloads` out. Throws SoftwareError where memory or a ramdisk has no room, and has
   * cleared what it made.
   */
  fill(payloads: readonly StagedPayload[]): void {
    const size = stagingBytes(payloads);
    checkMemory(this.#vfs, size);
    try {
      this.#makeWay();
      const inodes = payloads.length + 2;
      this.#vfs.ramdisks.add({ name: NAME, path: DIRECTORY, size, reserve: size, inodes });
      this.#isMounted = true;
      this.#tree.mkdir(DATA, 0o755);
      for (const { file, bytes } of payloads) {
        const fd = this.#tree.open(`${DATA}/${file}`, O_CREAT | O_WRONLY, 0o644);
        try {
          this.#tree.replace(fd, bytes);
        } finally {
          this.#tree.close(fd);
        }
      }
    } catch (error) {
      this.clear();
      if (!(error instanceof VisorError)) throw error;
      const line = `Staging in ${DIRECTORY} failed: ${error.message}`;
      throw new SoftwareError('LiveInstallationError', [line], { cause: error });
    }
  }

  /**
   * Takes everything away that was laid out, and what was made for it. A stage in which somebody
   * has a file open stays until the next boot.
   */
  clear(): void {
    try {
      if (this.#isMounted) this.#vfs.ramdisks.remove(NAME);
    } catch (error) {
      // What was staged is mounted or refused by now, and that stands.
      if ((error as { code?: string }).code === 'EBUSY') return;
      throw error;
    }
    this.#isMounted = false;
    for (const path of this.#made.splice(0).reverse()) this.#tree.rmdir(path);
    if (this.#above === null) return;
    const { path, attributes } = this.#above;
    const { atimeSeconds, atimeNanoseconds, mtimeSeconds, mtimeNanoseconds } = attributes;
    const atime = { seconds: atimeSeconds, nanoseconds: atimeNanoseconds };
    const mtime = { seconds: mtimeSeconds, nanoseconds: mtimeNanoseconds };
    this.#tree.utimes(path, atime, mtime);
    this.#above = null;
  }

  /** Makes the directories that lead to the stage and are missing. */
  #makeWay(): void {
    let above = '/';
    for (const [{ length }] of DIRECTORY.matchAll(/[^/]+/g)) {
      const path = DIRECTORY.slice(0, above.length + length + (above === '/' ? 0 : 1));
      if (!this.#tree.has(path)) {
        this.#above ??= { path: above, attributes: this.#tree.stat(above) };
        this.#tree.mkdir(path, 0o755);
        this.#made.push(path);
      }
      above = path;
    }
  }
}
