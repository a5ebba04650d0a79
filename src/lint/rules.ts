/**
 * The rules of lint, each once: what a finding says of why and mend, what `visorfs lint --rules`
 * prints, and what a SARIF log lists come from here.
 *
 * Not here: what breaks a rule (tar.ts, vib.ts, …).
 */

import type { LintRule } from './rule.ts';
import { RULES_OF_ARCHIVES } from './rules-of-archives.ts';
import { RULES_OF_BANKS } from './rules-of-banks.ts';
import { RULES_OF_VIBS } from './rules-of-vibs.ts';

/** The rules by their ids. */
export const LINT_RULES = { ...RULES_OF_ARCHIVES, ...RULES_OF_VIBS, ...RULES_OF_BANKS } as const;

/** What a rule is called. */
export type LintRuleId = keyof typeof LINT_RULES;

/** The rule `id`. */
export function ruleOf(id: LintRuleId): LintRule {
  return LINT_RULES[id];
}
