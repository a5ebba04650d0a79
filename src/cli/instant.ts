/**
 * Points in time as command lines have them.
 */

import { UsageError } from './output.ts';

const ISO = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)?)?$/;

/**
 * `said` in milliseconds since 1970: a day, or a day and a time, of UTC where it names no zone.
 * Throws UsageError for anything else.
 */
export function instant(said: string): number {
  const spelled = said.replace(' ', 'T');
  const isZoned = !spelled.includes('T') || /(?:Z|[+-]\d\d:\d\d)$/.test(spelled);
  const ms = ISO.test(said) ? Date.parse(isZoned ? spelled : `${spelled}Z`) : Number.NaN;
  if (Number.isNaN(ms))
    throw new UsageError(`'${said}' is no date; 2024-02-29 or 2024-02-29T12:00Z`);
  return ms;
}
