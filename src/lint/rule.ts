/**
 * What a rule of lint is.
 */

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
