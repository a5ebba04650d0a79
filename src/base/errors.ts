/**
 * The two ways in which visorfs says no, and the words it uses.
 *
 *   VisorError    a refusal with an errno, shaped like the errors of node:fs
 *   CorruptError  the bytes of an archive, device or state lie: which one, where, and what it
 * claimed
 *
 * The floors below `nodefs` throw refusals without a place; `nodefs` knows the system call and the
 * path and gives them one (`located`). Messages are libuv's, so that they read as node's word for
 * word; a full ramdisk adds, in parentheses, which ramdisk and which of its limits it was.
 *
 * Not here: TypeError and RangeError with node's ERR_* codes, which only the faces throw.
 */

/**
 * Linux errno and libuv's text for it. Browsers get the same numbers: code that compares them works
 * alike.
 */
const ERRNO = {
  EPERM: [1, 'operation not permitted'],
  ENOENT: [2, 'no such file or directory'],
  EIO: [5, 'i/o error'],
  ENXIO: [6, 'no such device or address'],
  EBADF: [9, 'bad file descriptor'],
  ENOMEM: [12, 'not enough memory'],
  EACCES: [13, 'permission denied'],
  EBUSY: [16, 'resource busy or locked'],
  EEXIST: [17, 'file already exists'],
  EXDEV: [18, 'cross-device link not permitted'],
  ENOTDIR: [20, 'not a directory'],
  EISDIR: [21, 'illegal operation on a directory'],
  EINVAL: [22, 'invalid argument'],
  EMFILE: [24, 'too many open files'],
  EFBIG: [27, 'file too large'],
  ENOSPC: [28, 'no space left on device'],
  EROFS: [30, 'read-only file system'],
  EMLINK: [31, 'too many links'],
  ENAMETOOLONG: [36, 'name too long'],
  ENOTEMPTY: [39, 'directory not empty'],
  ELOOP: [40, 'too many symbolic links encountered'],
} as const;

export type ErrnoCode = keyof typeof ERRNO;

/** Where a refusal happened: node's words for it. */
export interface ErrorPlace {
  readonly syscall: string;
  readonly path?: string;
  readonly dest?: string;
}

/** Which limit of which ramdisk refused; `used` and `max` are bytes or inodes, after `limit`. */
export interface FullRamdisk {
  readonly ramdisk: string;
  readonly limit: 'bytes' | 'inodes';
  readonly used: number;
  readonly max: number;
}

function describePlace({ syscall, path, dest }: ErrorPlace): string {
  const from = path === undefined ? '' : ` '${path}'`;
  const to = dest === undefined ? '' : ` -> '${dest}'`;
  return `, ${syscall}${from}${to}`;
}

function describeFull({ ramdisk, limit, used, max }: FullRamdisk): string {
  return ` (the ramdisk '${ramdisk}' is full: ${used} of ${max} ${limit} used)`;
}

/**
 * A refusal with an errno, shaped like the errors of node:fs.
 *
 * @example
 * const vfs = new VisorFs(undefined, { ramdisks: [{ name: 'box', path: '/', size: '8kb' }] });
 * try {
 *   vfs.fs.writeFileSync('/a', new Uint8Array(10_000));
 * } catch (error) {
 *   console.log(error instanceof VisorError, error.code, error.full.limit); // true ENOSPC bytes
 *   console.log(error.message);
 *   // ENOSPC: no space left on device, write (the ramdisk 'box' is full: 0 of 8192 bytes used)
 * }
 */
export class VisorError extends Error {
  readonly errno: number;
  readonly code: ErrnoCode;
  declare readonly syscall?: string;
  declare readonly path?: string;
  declare readonly dest?: string;
  /** On ENOSPC: which ramdisk and which of its limits it was. */
  declare readonly full?: FullRamdisk;

  constructor(code: ErrnoCode, place?: ErrorPlace, full?: FullRamdisk) {
    const [errno, text] = ERRNO[code];
    const where = place === undefined ? '' : describePlace(place);
    super(`${code}: ${text}${where}${full === undefined ? '' : describeFull(full)}`);
    this.errno = -errno;
    this.code = code;
    if (place !== undefined) Object.assign(this, place);
    if (full !== undefined) this.full = full;
  }
}

/** Gives a placeless refusal its place. Anything else, and anything placed already, passes by. */
export function located(error: unknown, place: ErrorPlace): unknown {
  const placeless = error instanceof VisorError && error.syscall === undefined;
  return placeless ? new VisorError(error.code, place, error.full) : error;
}

/** Runs `act`; a refusal without a place gets `place`. */
export function placed<T>(act: () => T, place: ErrorPlace): T {
  try {
    return act();
  } catch (error) {
    throw located(error, place);
  }
}

/**
 * The bytes lie: `claim` says what `archive` says at `offset` (bytes from its start) and why it
 * cannot be.
 *
 * @example
 * await openTardisk('images/evil/checksum-wrong.tar').catch((error) => {
 *   console.log(error instanceof CorruptError, error.archive, error.offset);
 *   // true checksum-wrong.tar 0
 *   console.log(error.claim);
 *   // a tar header whose bytes do not add up to its checksum "007370\u0000 "
 * });
 */
export class CorruptError extends Error {
  readonly code = 'ERR_VISORFS_CORRUPT';
  readonly archive: string;
  /** Where in it; null of a folder or of what several files say together. */
  readonly offset: number | null;
  readonly claim: string;

  constructor(archive: string, offset: number | null, claim: string) {
    const at = offset === null ? '' : ` at 0x${offset.toString(16)}`;
    super(`${archive}${at}: ${claim}`);
    this.archive = archive;
    this.offset = offset;
    this.claim = claim;
  }
}
CorruptError.prototype.name = 'CorruptError';

/**
 * The bytes are no archive of a kind that is read here: nothing lies, it is something else.
 *
 * @example
 * await openTardisk('images/README.md').catch((error) => {
 *   console.log(error instanceof ForeignError, error instanceof CorruptError); // true true
 *   console.log(error.message.slice(0, 31)); // README.md at 0x0: is no archive
 * });
 */
export class ForeignError extends CorruptError {}
ForeignError.prototype.name = 'ForeignError';
