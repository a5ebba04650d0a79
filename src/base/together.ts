/**
 * Several things opened side by side: all of them, or none.
 */

/**
 * What all of `openings` give; where one fails, `close` is called for those that did not, and its
 * error thrown.
 */
export async function allOrNone<T>(
  openings: readonly Promise<T>[],
  close: (opened: T) => void,
): Promise<T[]> {
  const results = await Promise.allSettled(openings);
  const opened = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed === undefined) return opened;
  for (const one of opened) close(one);
  throw failed.reason;
}
