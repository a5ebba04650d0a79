/**
 * The file type and permission bits of POSIX, as Linux numbers them.
 */

export const S_IFMT = 0o170000;
export const S_IFSOCK = 0o140000;
export const S_IFLNK = 0o120000;
export const S_IFREG = 0o100000;
export const S_IFBLK = 0o060000;
export const S_IFDIR = 0o040000;
export const S_IFCHR = 0o020000;
export const S_IFIFO = 0o010000;

export const S_ISUID = 0o4000;
export const S_ISGID = 0o2000;
export const S_IXGRP = 0o010;
/** A file runs as its group with both. */
export const SETGID_EXECUTE = S_ISGID | S_IXGRP;

/**
 * On a regular file: its branch is state, and the next backup saves it. On a directory: names in it
 * are for their owners to remove.
 */
export const S_ISVTX = 0o1000;

/** Permission bits with setuid, setgid and sticky. */
export const PERMISSIONS = 0o7777;

export function isDirectory(mode: number): boolean {
  return (mode & S_IFMT) === S_IFDIR;
}

export function isRegular(mode: number): boolean {
  return (mode & S_IFMT) === S_IFREG;
}

export function isSymlink(mode: number): boolean {
  return (mode & S_IFMT) === S_IFLNK;
}

/** A character or block device. */
export function isDevice(mode: number): boolean {
  const type = mode & S_IFMT;
  return type === S_IFCHR || type === S_IFBLK;
}

/** A regular file with bit 01000: ESXi's mark of state. */
export function isSticky(mode: number): boolean {
  return isRegular(mode) && (mode & S_ISVTX) !== 0;
}

const TYPE_LETTERS: Readonly<Record<number, string>> = {
  [S_IFSOCK]: 's',
  [S_IFLNK]: 'l',
  [S_IFREG]: '-',
  [S_IFBLK]: 'b',
  [S_IFDIR]: 'd',
  [S_IFCHR]: 'c',
  [S_IFIFO]: 'p',
};

/**
 * `mode` as `ls -l` shows it: ten letters, `t` or `T` for sticky, `s` or `S` for setuid and setgid.
 *
 * @example
 * console.log(modeLetters(0o100644), modeLetters(0o101644)); // -rw-r--r-- -rw-r--r-T
 */
export function modeLetters(mode: number): string {
  const triplet = (shift: number, special: number, letter: string): string => {
    const bits = mode >> shift;
    const executes = (bits & 1) !== 0;
    const mark = (mode & special) !== 0 ? (executes ? letter : letter.toUpperCase()) : undefined;
    return `${bits & 4 ? 'r' : '-'}${bits & 2 ? 'w' : '-'}${mark ?? (executes ? 'x' : '-')}`;
  };
  const type = TYPE_LETTERS[mode & S_IFMT] ?? '?';
  return `${type}${triplet(6, 0o4000, 's')}${triplet(3, 0o2000, 's')}${triplet(0, S_ISVTX, 't')}`;
}
