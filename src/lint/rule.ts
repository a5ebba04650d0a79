/**
 * What a rule of lint is, and how to ask for all of them.
 */

import type { LintRuleId } from './rules.ts';

/**
 * How bad it is:
 *
 *   error     it will not work on ESXi, or not here
 *   warning   it will do something else than was meant, or may not work everywhere
 *   note      worth knowing
 */
export type LintLevel = 'error' | 'warning' | 'note';

/** One rule: what its findings have in common. */
export interface LintRule {
  readonly level: LintLevel;
  /** Why it matters, in a sentence without its full stop. */
  readonly why: string;
  /** How to mend it, in a sentence without its full stop. */
  readonly mend: string;
}

/**
 * The rules of lint by their ids: how bad, why it matters, and how to mend it.
 *
 * @example
 * const rules = await lintRules();
 * const { level, mend } = rules.corrupt;
 * console.log(level, mend);
 * // error fetch or make the archive anew, and compare its checksum with the source
 */
export async function lintRules(): Promise<Readonly<Record<LintRuleId, LintRule>>> {
  // Loaded when they are first asked for: they are all words.
  return (await import('./rules.ts')).LINT_RULES;
}
