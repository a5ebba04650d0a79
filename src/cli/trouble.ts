/**
 * The exit codes of commands whose code is an answer, as diff, grep and linters have them: 0 there
 * is nothing, 1 there is something, 2 trouble.
 */

import { ExitError, OutputClosed, UsageError } from './output.ts';

/** The exit code where something was found: differences, findings. */
export const FOUND = 1;
const TROUBLE = 2;

/** What `act` gives; what it throws ends the command with the code for trouble. */
export async function orTrouble<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof UsageError || error instanceof OutputClosed) throw error;
    throw new ExitError(TROUBLE, error instanceof Error ? error.message : String(error));
  }
}
