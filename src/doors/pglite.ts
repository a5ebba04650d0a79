/**
 * The door for PGlite: a Postgres database whose files lie in a vfs.
 *
 *   const pg = await PGlite.create({ fs: new PgliteFs(vfs) });
 *   const branch = await PGlite.create({ fs: new PgliteFs(vfs.fork()) });
 *
 * vdf counts them, a ramdisk that is full is Postgres's `disk_full`, and snapshots, forks and
 * `fs.readFileSync` are of a database as of any other files. A database is at rest, and may be
 * forked, once it is closed or has made a CHECKPOINT; of one that runs, a fork recovers from its
 * log, as after a crash.
 *
 * Mounted is the type of emscripten.ts. PGlite's BaseFilesystem would put a table of its own
 * between, which swallows what unlink refuses and has no symbolic links; this one extends what
 * PGlite's own NODEFS does.
 *
 * Only who imports this door needs PGlite, which is an optional peer.
 */

import { EmscriptenBuiltinFilesystem, type Filesystem } from '@electric-sql/pglite/basefs';
import { type EmscriptenFs, type EmscriptenModule, type Shown, visorFsType } from './emscripten.ts';

/** Where PGlite has its database. */
const DATA = '/pglite/data';

type Init = Filesystem['init'];

/** Where a database is to lie. */
export interface PgliteFsOptions {
  /** The directory of the vfs, made where it is not there: /pglite unless said. */
  readonly root?: string;
}

/**
 * What `new PGlite({ fs })` takes: the files of one database, in a vfs.
 *
 * @example
 * const vfs = new VisorFs(undefined, {
 *   ramdisks: [{ name: 'database', path: '/pglite', size: '128mb' }],
 * });
 * const pg = await PGlite.create({ fs: new PgliteFs(vfs) });
 * console.log(vfs.fs.existsSync('/pglite')); // true
 * const branch = await PGlite.create({ fs: new PgliteFs(vfs.fork()) }); // a database of its own
 */
export class PgliteFs extends EmscriptenBuiltinFilesystem {
  readonly #vfs: Shown;
  readonly #root: string;

  /** Throws what `mkdir` does where the directory cannot be made. */
  constructor(vfs: Shown, { root = '/pglite' }: PgliteFsOptions = {}) {
    super();
    this.#vfs = vfs;
    this.#root = root;
    vfs.fs.mkdirSync(root, { recursive: true, mode: 0o700 });
  }

  override async init(...[pg, options]: Parameters<Init>): ReturnType<Init> {
    this.pg = pg;
    const mount = (module: EmscriptenModule): void => {
      const FS = module.FS as EmscriptenFs;
      FS.mkdirTree(DATA);
      FS.mount(visorFsType(module, this.#vfs), { root: this.#root }, DATA);
    };
    return { emscriptenOpts: { ...options, preRun: [...(options.preRun ?? []), mount] } };
  }

  /** Closes what Postgres has left open. */
  override async closeFs(): Promise<void> {
    this.pg?.Module.FS.quit();
  }
}
