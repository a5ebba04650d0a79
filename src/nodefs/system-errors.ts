/**
 * node's SystemErrors: ERR_FS_* codes for what its own JavaScript refuses and no system call does.
 *
 * They carry an errno, a system call and paths as refusals of the kernel do, and all of that once
 * more as `info`. Only `rm` and `cp` throw them.
 *
 * Not here: refusals of the engine (base/errors.ts), wrong calls (argument-errors.ts).
 */

import { type CodedError, fault } from './argument-errors.ts';

/** What each code begins its message with. */
const TITLES = {
  ERR_FS_CP_DIR_TO_NON_DIR: 'Cannot overwrite non-directory with directory',
  ERR_FS_CP_EEXIST: 'Target already exists',
  ERR_FS_CP_EINVAL: 'Invalid src or dest',
  ERR_FS_CP_FIFO_PIPE: 'Cannot copy a FIFO pipe',
  ERR_FS_CP_NON_DIR_TO_DIR: 'Cannot overwrite directory with non-directory',
  ERR_FS_CP_SOCKET: 'Cannot copy a socket file',
  ERR_FS_CP_SYMLINK_TO_SUBDIRECTORY: 'Cannot overwrite symlink in subdirectory of self',
  ERR_FS_CP_UNKNOWN: 'Cannot copy an unknown file type',
  ERR_FS_EISDIR: 'Path is a directory',
} as const;

/** The numbers that these errors have, which unlike those of the kernel are positive. */
const ERRNO = { EEXIST: 17, ENOTDIR: 20, EISDIR: 21, EINVAL: 22 } as const;

export type SystemErrorCode = keyof typeof TITLES;

/** What a SystemError says of itself in `info`. */
export interface SystemErrorInfo {
  readonly message: string;
  readonly path: string;
  readonly syscall: string;
  readonly errno: number;
  readonly code: string;
}

/** A SystemError with `code`: `syscall` on `path` gave `reason`, which `message` explains. */
export function systemError(
  code: SystemErrorCode,
  reason: keyof typeof ERRNO,
  syscall: string,
  path: string,
  message: string,
  errno: number = ERRNO[reason],
): CodedError {
  const info: SystemErrorInfo = { message, path, syscall, errno, code: reason };
  const whole = `${TITLES[code]}: ${syscall} returned ${reason} (${message}) ${path}`;
  const error = fault(Error, code, whole);
  const hidden = { writable: true, configurable: true };
  Object.defineProperty(error, 'name', { value: 'SystemError', ...hidden });
  Object.defineProperty(error, 'toString', {
    value: () => `${error.name} [${error.code}]: ${error.message}`,
    ...hidden,
  });
  return Object.assign(error, { info, errno, syscall, path });
}

/** What `rm` says of a directory unless it may go into it. */
export function isDirectoryError(path: string): CodedError {
  return systemError('ERR_FS_EISDIR', 'EISDIR', 'rm', path, 'is a directory');
}
