/**
 * What a call threw: for tests that compare refusals and not results.
 */

import { VisorError } from '../../src/base/errors.ts';

/** What `act` throws, or null. */
export function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return null;
}

/** The errno that `act` is refused with, or null where it is not. What is no refusal passes on. */
export function refusal(act: () => unknown): string | null {
  const error = thrownBy(act);
  if (error === null) return null;
  if (error instanceof VisorError) return error.code;
  throw error;
}
