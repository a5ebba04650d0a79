/**
 * The live tree: an image and the ramdisks over it, and what comes and goes there.
 *
 *   Tree ── View       the verbs, as whoever the options say
 *        ── Mounts, Ramdisks   tardisks and ramdisks
 *        ── lineage            forks, snapshots, rollback
 *
 * `acting` gives the same tree as somebody else has it. What is done to the tree itself (mount,
 * ramdisks, snapshots) is the program's doing and asks nobody for permission.
 *
 * Not here: node's arguments and flavours (nodefs/), what is state (state/), vdf (report/).
 */

import { placed } from '../base/errors.ts';
import { parseSize } from '../base/size.ts';
import { Delta } from '../layer/delta.ts';
import { Image } from '../layer/image.ts';
import type { Tardisk } from '../layer/tardisk.ts';
import { Budget } from '../store/ledger.ts';
import { Credentials, type Identity, ROOT } from './credentials.ts';
import { Handles } from './handles.ts';
import type { Ino } from './ino.ts';
import { LabelledView } from './labelled.ts';
import { forkOf, orphansOf, turnInto, watchOver } from './lineage.ts';
import { Listing } from './listing.ts';
import { Live } from './live.ts';
import { Mounts } from './mounts.ts';
import { Names } from './names.ts';
import { RamdiskEvents, Ramdisks } from './ramdisks.ts';
import { Resolver } from './resolve.ts';
import type { TreeOptions, TreePlatform } from './shapes.ts';
import { Snapshot } from './snapshot.ts';
import { View } from './view.ts';

/** What a tree starts from: an image, or another tree or a snapshot, of which it is a fork. */
export type Origin = Image | Tree | Snapshot;

/** Where time stands still. */
const TIMELESS: TreePlatform = { clock: () => 0 };

/** One image and the ramdisks over it. */
export class Tree extends View {
  /** Ramdisks: add, remove, resize, list, and events. */
  readonly ramdisks: Ramdisks;
  readonly #events: RamdiskEvents;
  readonly #handles: Handles;
  readonly #listing: Listing;
  readonly #mounts: Mounts;
  readonly #options: TreeOptions | undefined;
  readonly #platform: TreePlatform;

  /**
   * The tree of `of`: over an image as it is, or a fork of another tree or of a snapshot, whose
   * ramdisks and limit of memory it has then, whatever the options say of them. `platform` is what
   * the front doors fill in. Throws RangeError for a size or an identity that is none.
   */
  constructor(of: Origin = Image.of(), options?: TreeOptions, platform: TreePlatform = TIMELESS) {
    const { identity, ramdisks, branchMarkers } = options ?? {};
    const clock = options?.clock ?? platform.clock;
    const slabs = options?.slabs ?? platform.slabs;
    const who = new Credentials(identity);
    const events = new RamdiskEvents();
    const memory = parseSize(options?.memory ?? Number.MAX_SAFE_INTEGER);
    const live =
      of instanceof Image
        ? new Live(of, new Delta(new Budget(memory), undefined, slabs), clock)
        : forkOf(of.live, clock, events.tell, of.orphans());
    const handles = new Handles();
    const listing = new Listing(live, branchMarkers === 'visible');
    super(live, handles, listing, who);
    this.#options = options;
    this.#platform = platform;
    const resolver = new Resolver(live, ROOT);
    this.ramdisks = new Ramdisks(live, handles, resolver, events);
    this.#events = events;
    this.#handles = handles;
    this.#listing = listing;
    this.#mounts = new Mounts(live, handles);
    if (of instanceof Image) {
      this.ramdisks.addFirst(ramdisks ?? [], new Names(live, handles, ROOT));
    } else {
      watchOver(of instanceof Tree ? of.#handles : of, of.live);
      watchOver(handles, live);
    }
  }

  /**
   * The same tree as `identity` has it: every verb, with his permissions. Descriptors are those of
   * this tree. What somebody with a label makes it grow by is counted as his. Throws RangeError for
   * an identity that is none.
   */
  acting(identity: Identity): View {
    const who = new Credentials(identity);
    const Acting = who.label === undefined ? View : LabelledView;
    return new Acting(this.live, this.#handles, this.#listing, who);
  }

  /** The tardisks mounted now, and what they are merged into. */
  get image(): Image {
    return this.live.image;
  }

  /**
   * Mounts `tardisk` on top of all others. Throws EBUSY if it is mounted, ENOSPC (mounts.ts).
   *
   * @example
   * vfs.mount(await openTardisk('images/bank/hostd.v00'));
   * console.log(vfs.image.tardisks.map(({ name }) => name)); // [ 'sb.v00', 'hostd.v00' ]
   * vfs.unmount('hostd.v00');
   */
  mount(tardisk: Tardisk): void {
    placed(() => this.#mounts.mount(tardisk), { syscall: 'mount', path: tardisk.name });
    this.#handles.feed?.whole();
  }

  /**
   * Unmounts `tardisk`, or the topmost one of that name: what it covered shows again. Throws EINVAL
   * where it is not mounted, EBUSY while a file of it is open, ENOSPC (mounts.ts).
   */
  unmount(tardisk: Tardisk | string): void {
    const path = typeof tardisk === 'string' ? tardisk : tardisk.name;
    placed(() => this.#mounts.unmount(tardisk), { syscall: 'unmount', path });
    this.#handles.feed?.whole();
  }

  /**
   * Unmounts the tardisks `going` and mounts `coming` on top, in their order: all of it at once,
   * or, where it throws, nothing. Throws as `unmount` and `mount`.
   *
   * @example
   * const hostd = await openTardisk('images/bank/hostd.v00');
   * vfs.exchange(vfs.image.tardisks, [hostd]);
   * console.log(vfs.image.tardisks.map(({ name }) => name)); // [ 'hostd.v00' ]
   */
  exchange(going: readonly Tardisk[], coming: readonly Tardisk[]): void {
    const names = [...going, ...coming].map(({ name }) => name).join(', ');
    placed(() => this.#mounts.exchange(going, coming), { syscall: 'mount', path: names });
    this.#handles.feed?.whole();
  }

  /** The rows of `tardisk` whose files are open: while there are any, it cannot be unmounted. */
  openRows(tardisk: Tardisk): number[] {
    return this.#mounts.openRows(tardisk);
  }

  /**
   * The same tree once more: each changes on its own from here on, and what neither writes to they
   * share. Throws ENOMEM where `memory` has no room for the names of a second one.
   *
   * @example
   * const other = vfs.fork();
   * other.fs.writeFileSync('/etc/motd', 'mine');
   * console.log(vfs.changes(), other.changes());
   * // [] [ { path: '/etc/motd', change: 'modified' } ]
   */
  fork(): this {
    const Same = this.constructor as new (...given: ConstructorParameters<typeof Tree>) => this;
    return new Same(this, this.#options, this.#platform);
  }

  /**
   * All of it as it is now; costs what is written afterwards. Throws ENOMEM (lineage.ts).
   *
   * @example
   * const before = vfs.snapshot();
   * vfs.fs.rmSync('/etc/motd');
   * const other = new VisorFs(before);
   * console.log(vfs.fs.existsSync('/etc/motd'), other.fs.existsSync('/etc/motd')); // false true
   */
  snapshot(): Snapshot {
    const snapshot = new Snapshot(forkOf(this.live, this.live.clock, null, this.orphans()));
    this.#watchOver(snapshot);
    return snapshot;
  }

  /**
   * Makes everything what it was at `snapshot`, which stays as it is. Files that were open are
   * EBADF. Throws EINVAL for a snapshot that was released, ENOMEM, and then nothing has changed.
   *
   * @example
   * const before = vfs.snapshot();
   * vfs.fs.rmSync('/etc/motd');
   * vfs.rollback(before);
   * console.log(vfs.fs.existsSync('/etc/motd')); // true
   */
  rollback(snapshot: Snapshot): void {
    turnInto(this.live, snapshot.live, this.#events.tell);
    this.#watchOver(snapshot);
    this.#handles.closeAll();
    this.#handles.feed?.whole();
  }

  /**
   * Gives back at once what only this tree holds; nothing may be asked of it then. A fork that is
   * forgotten instead is given back when the collector finds it.
   */
  release(): void {
    this.#handles.closeAll();
    this.live.delta.release();
  }

  /** Inodes that have no name any more but are open: they hold memory that no path shows. */
  orphans(): Ino[] {
    return orphansOf(this.live, this.#handles);
  }

  /** Checks what the ledgers and the table of names promise; throws where one does not hold. */
  verify(): void {
    this.live.delta.budget.verify();
    this.live.delta.dirents.verify();
  }

  #watchOver(snapshot: Snapshot): void {
    watchOver(this.#handles, this.live);
    watchOver(snapshot, snapshot.live);
  }
}
