/**
 * The flags of open(2) and access(2), with Linux's numbers on every platform.
 */

export const O_RDONLY = 0;
export const O_WRONLY = 1;
export const O_RDWR = 2;
export const O_ACCMODE = 3;
export const O_CREAT = 0o100;
export const O_EXCL = 0o200;
export const O_TRUNC = 0o1000;
export const O_APPEND = 0o2000;
export const O_SYNC = 0o4010000;
export const O_DIRECTORY = 0o200000;
export const O_NOFOLLOW = 0o400000;
export const O_NOATIME = 0o1000000;
/** Opens the name and not the file: for fstat and close, and nothing else here. */
export const O_PATH = 0o10000000;

export const F_OK = 0;
export const X_OK = 1;
export const W_OK = 2;
export const R_OK = 4;

/** `flags` of open(2) without those that others of them silence. */
export function heeded(flags: number): number {
  return (flags & O_PATH) === 0 ? flags : flags & (O_PATH | O_DIRECTORY | O_NOFOLLOW);
}

/** Whether what was opened with `flags` may be read. 3 asks for both and gives neither. */
export function isReading(flags: number): boolean {
  const access = flags & O_ACCMODE;
  return access === O_RDONLY || access === O_RDWR;
}

/** Whether what was opened with `flags` may be written. */
export function isWriting(flags: number): boolean {
  const access = flags & O_ACCMODE;
  return access === O_WRONLY || access === O_RDWR;
}

/** What open(2) with `flags` asks of the file: bits of access(2). */
export function wantedOf(flags: number): number {
  const access = flags & O_ACCMODE;
  const reads = access === O_WRONLY ? 0 : R_OK;
  return reads | (access !== O_RDONLY || (flags & O_TRUNC) !== 0 ? W_OK : 0);
}
