/**
 * VisorFs: one image, the ramdisks over it, and every face of the two.
 *
 *   fs                        the shape of node:fs            (nodefs/)
 *   vdf, vdu, changes, why    how much, where, what differs   (report/)
 *   state, backup, restore    what survives                   (state/)
 *   mount, unmount, view,
 *   ramdisks, on paths        the tree itself                 (vfs/tree.ts)
 *
 * What a runtime must give (time, gzip, its kind of bytes) is an argument, which the front doors
 * fill in: index.ts for any runtime, node.ts for Node.
 */

import { VisorError } from './base/errors.ts';
import type { Codec } from './codec/codec.ts';
import { type NodeFs, nodeFs } from './nodefs/fs.ts';
import type { Runtime } from './nodefs/runtime.ts';
import { type Change, changesOf, diffOf } from './report/diff.ts';
import { type Vdf, vdfOf } from './report/vdf.ts';
import { type VduRow, vduOf } from './report/vdu.ts';
import { type Provenance, provenanceOf } from './report/why.ts';
import type { StateFile } from './state/select.ts';
import { State } from './state/state.ts';
import type { StateObstacle, StateVerdict } from './state/verdict.ts';
import { type Identity, ROOT } from './vfs/credentials.ts';
import { placeOf } from './vfs/place.ts';
import type { Path } from './vfs/resolve.ts';
import type { TreeOptions, TreePlatform } from './vfs/shapes.ts';
import type { Snapshot } from './vfs/snapshot.ts';
import { type Origin, Tree } from './vfs/tree.ts';

/**
 * What a runtime gives; `B` is what reads give back there: Buffer in Node, Uint8Array elsewhere.
 */
export interface Platform<B extends Uint8Array> extends Required<TreePlatform> {
  /** gzip, which is loaded where that takes a while. */
  readonly codec: () => Promise<Codec>;
  readonly runtime: Runtime<B>;
  /** Of WebCrypto: ciphers and chance. */
  readonly crypto: Crypto;
}

/** Where what is at one path comes from, and whether the next backup saves it. */
export interface Why extends Provenance {
  readonly backup: StateVerdict;
}

/** A change below the state roots that no backup saves, and why: the next boot takes it back. */
export interface UnsavedChange extends Change {
  readonly obstacle: StateObstacle;
}

/** How a VisorFs is to be. */
export interface VisorFsOptions extends TreeOptions {
  /** Directories whose sticky files are state: /etc unless said. */
  readonly stateRoots?: readonly string[];
}

/**
 * One image and the ramdisks over it: a file system that a program can use as its own.
 *
 * @example
 * const vfs = await mount('images/bank/sb.v00'); // or new VisorFs(image, options)
 * vfs.fs.writeFileSync('/tmp/result', 'done');
 * console.log(vfs.changes()); // [ { path: '/tmp/result', change: 'added' } ]
 * console.log(vfs.vdf().ramdisks[0].usedBytes > 0); // true
 */
export class VisorFs<B extends Uint8Array = Uint8Array> extends Tree {
  readonly #platform: Platform<B>;
  readonly #identity: Identity | undefined;
  readonly #state: State;
  #fs: NodeFs<B> | null = null;

  /** As Tree; `platform` is what the front doors fill in. */
  constructor(of: Origin | undefined, options: VisorFsOptions | undefined, platform: Platform<B>) {
    super(of, options, platform);
    this.#identity = options?.identity;
    this.#platform = platform;
    this.#state = new State(this.acting(ROOT), platform.codec, options?.stateRoots ?? ['/etc']);
  }

  /**
   * The tree in the shape of node:fs: Sync, callback and promises flavours of one implementation.
   * Made when it is first asked for: a thousand trees over one image need not all have one.
   */
  get fs(): NodeFs<B> {
    if (this.#fs === null) {
      const identity = this.#identity;
      const isLabelled = identity?.label !== undefined;
      this.#fs = nodeFs(isLabelled ? this.acting(identity) : this, this.#platform.runtime);
    }
    return this.#fs;
  }

  /**
   * `fs` for somebody else: the same tree and the same descriptors, with his permissions, as
   * threads of one process have whose user differs. Throws RangeError for an identity that is none.
   *
   * @example
   * const { promises } = vfs.as({ uid: 1000, gid: 1000, groups: [27], umask: 0o077 });
   * await promises.writeFile('/tmp/own', '');
   * console.log((await promises.stat('/tmp/own')).mode.toString(8)); // 100600
   * vfs.as({ label: 'hostd' }).writeFileSync('/var/log/hostd.log', 'of root, and of hostd');
   */
  as(identity: Identity): NodeFs<B> {
    return nodeFs(this.acting(identity), this.#platform.runtime);
  }

  /**
   * How full the ramdisks are and what the tardisks take, in bytes.
   *
   * @example
   * vfs.fs.writeFileSync('/tmp/a', new Uint8Array(10_000));
   * const { ramdisks, tardisks } = vfs.vdf();
   * console.log(ramdisks.map(({ name, usedBytes, sizeBytes }) => [name, usedBytes, sizeBytes]));
   * // [ [ 'root', 12321, 33554432 ] ]
   * console.log(tardisks[0].name, tardisks[0].files); // sb.v00 55
   */
  vdf(): Vdf {
    return vdfOf(this);
  }

  /**
   * What lies at `path` and `depth` levels below takes, and where. Throws as `stat`.
   *
   * @example
   * vfs.fs.writeFileSync('/tmp/a', new Uint8Array(10_000));
   * const rows = vfs.vdu('/tmp');
   * console.log(rows.map(({ path, ramdisk, ramdiskBytes }) => [path, ramdisk, ramdiskBytes]));
   * // [ [ '/tmp', 'root', 33 ], [ '/tmp/a', 'root', 12288 ] ]
   */
  vdu(path = '/', depth = Infinity): VduRow[] {
    return vduOf(this, path, depth);
  }

  /**
   * Where what is at `path` comes from, what it covers, what covers whom, and whether the next
   * backup saves it; a last link is not followed. Of what was deleted it says who had it. Throws
   * ENOENT and ENOTDIR where nothing ever was.
   *
   * @example
   * vfs.fs.appendFileSync('/etc/vmware/esx.conf', '/adv/Misc/Lab = "1"\n');
   * const { tardisk, ramdisk, backup } = vfs.why('/etc/vmware/esx.conf');
   * console.log(tardisk, ramdisk.name, backup.isSaved); // sb.v00 root true
   * vfs.fs.appendFileSync('/etc/motd', 'mine');
   * console.log(vfs.why('/etc/motd').backup); // { isSaved: false, obstacle: 'not-sticky' }
   */
  why(path: Path): Why {
    const place = placeOf(this, path);
    return { ...provenanceOf(this, place), backup: this.#state.verdict(place) };
  }

  /**
   * How the tree differs from its image, sorted by path.
   *
   * @example
   * vfs.fs.writeFileSync('/tmp/result', 'done');
   * vfs.fs.rmSync('/etc/motd');
   * console.log(vfs.changes().map(({ path, change }) => `${change} ${path}`));
   * // [ 'deleted /etc/motd', 'added /tmp/result' ]
   */
  changes(): Change[] {
    return changesOf(this.live);
  }

  /**
   * How `newer`, this tree as it is unless said, differs from `older`, sorted by path: two of one
   * line, each a tree or a snapshot. Throws EINVAL for trees that did not come of one another, and
   * where one was released.
   *
   * @example
   * const before = vfs.snapshot();
   * vfs.fs.appendFileSync('/etc/motd', 'mine');
   * console.log(vfs.diff(before)); // [ { path: '/etc/motd', change: 'modified' } ]
   */
  diff(older: Tree | Snapshot, newer: Tree | Snapshot = this): Change[] {
    const [one, other] = [older.live.delta, newer.live.delta];
    const isOver = one.isReleased || other.isReleased;
    if (isOver || one.pages !== other.pages) throw new VisorError('EINVAL');
    return diffOf(older.live, newer.live);
  }

  /**
   * Which files the next backup saves, and why; sorted by path.
   *
   * @example
   * vfs.fs.appendFileSync('/etc/vmware/esx.conf', '/adv/Misc/Lab = "1"\n');
   * console.log(vfs.state().map(({ path, reason }) => `${path} ${reason}`));
   * // [ '/etc/vmware/esx.conf sticky' ]
   */
  state(): StateFile[] {
    return this.#state.list();
  }

  /**
   * What was changed below the state roots and the next backup does not save; sorted by path.
   *
   * @example
   * vfs.fs.appendFileSync('/etc/motd', 'mine');
   * console.log(vfs.unsaved());
   * // [ { path: '/etc/motd', change: 'modified', obstacle: 'not-sticky' } ]
   */
  unsaved(): UnsavedChange[] {
    return this.changes().flatMap((change) => {
      const verdict = this.#state.verdict(placeOf(this, change.path));
      if (verdict.isSaved || ['outside', 'directory'].includes(verdict.obstacle)) return [];
      return this.#state.isBelowRoots(change.path)
        ? [{ ...change, obstacle: verdict.obstacle }]
        : [];
    });
  }

  /**
   * Calls `listener` when something below the state roots may have changed, until what it returns
   * is called. It may look, and must not change the tree.
   *
   * @example
   * let count = 0;
   * const stop = vfs.watchState(() => {
   *   count += 1;
   * });
   * vfs.fs.appendFileSync('/etc/vmware/esx.conf', '/adv/Misc/Lab = "1"\n');
   * console.log(count > 0); // true
   * stop();
   */
  watchState(listener: () => void): () => void {
    return this.#state.watch(listener);
  }

  /**
   * The state of this instant as the bytes of a state.tgz; the same state gives the same bytes.
   *
   * @example
   * vfs.fs.appendFileSync('/etc/vmware/esx.conf', '/adv/Misc/Lab = "1"\n');
   * const blob = await vfs.backup(); // a state.tgz
   * console.log((await readState(blob)).tardisk.fileCount); // 1
   */
  backup(): Promise<Uint8Array> {
    return this.#state.backup();
  }

  /**
   * Writes the files of a state.tgz over what is there; the next backup saves them again. Throws
   * CorruptError where it is no state, StateError where it is encrypted, ENOSPC, ENOTDIR, EISDIR or
   * EPERM where it does not fit; then nothing has changed.
   *
   * @example
   * vfs.fs.writeFileSync('/etc/vmware/esx.conf', '/adv/Misc/Lab = "1"\n');
   * const other = new VisorFs(vfs.image);
   * await other.restore(await vfs.backup());
   * console.log(other.fs.readFileSync('/etc/vmware/esx.conf', 'utf8').trim());
   * // /adv/Misc/Lab = "1"
   */
  restore(blob: Uint8Array): Promise<void> {
    return this.#state.restore(blob);
  }
}
