/**
 * Where a refusal happened, told by whoever knows it.
 */

import { text } from '../base/bytes.ts';
import { located, VisorError } from '../base/errors.ts';
import type { Path } from '../vfs/resolve.ts';

/** `path` as messages show it. */
export function shownPath(path: Path): string {
  return typeof path === 'string' ? path : text(path);
}

/** Runs `act`; a refusal of the engine gets `syscall` and the paths for its place. */
export function at<T>(act: () => T, syscall: string, path?: Path, dest?: Path): T {
  try {
    return act();
  } catch (error) {
    if (path === undefined) throw located(error, { syscall });
    const place = { syscall, path: shownPath(path) };
    throw located(error, dest === undefined ? place : { ...place, dest: shownPath(dest) });
  }
}

/** Whether `error` is a refusal with `code`. */
export function isRefusal(error: unknown, code: string): boolean {
  return error instanceof VisorError && error.code === code;
}
