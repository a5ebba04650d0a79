/**
 * What lint found, each with its place.
 *
 * A bad archive can break a rule a million times: after FINDINGS_MAX_COUNT of one rule in one
 * archive the others are counted, and told in one more finding.
 */

import type { CorruptError } from '../base/errors.ts';
import { FINDINGS_MAX_COUNT } from '../base/limits.ts';
import type { LintLevel } from './rule.ts';
import { type LintRuleId, ruleOf } from './rules.ts';

/** One thing that ESXi or this engine would trip over. */
export interface LintFinding {
  readonly rule: LintRuleId;
  readonly level: LintLevel;
  /** The archive as it was named. */
  readonly archive: string;
  /** What in it: a member, a path, or one in the other, `payload1!etc/motd`; null for all of it. */
  readonly place: string | null;
  /** Bytes from the start of what holds the place, without compression; null where none is. */
  readonly offset: number | null;
  /** What is wrong, in a sentence without its full stop. */
  readonly what: string;
}

/** Where something is. */
export interface LintPlace {
  readonly place?: string;
  readonly offset?: number | null;
}

/** The findings of one archive. */
export class Findings {
  readonly archive: string;
  readonly #prefix: string;
  readonly #list: LintFinding[];
  readonly #counts: Map<LintRuleId, number>;

  constructor(archive: string, above?: Findings, prefix = '') {
    this.archive = archive;
    this.#prefix = prefix;
    this.#list = above === undefined ? [] : above.#list;
    this.#counts = above === undefined ? new Map() : above.#counts;
  }

  /** The same findings, for what is in `member`: places are in there then. */
  within(member: string): Findings {
    return new Findings(this.archive, this, `${this.#prefix}${member}!`);
  }

  /** Notes that `what` breaks the rule `rule`. */
  add(rule: LintRuleId, what: string, { place, offset }: LintPlace = {}): void {
    const count = (this.#counts.get(rule) ?? 0) + 1;
    this.#counts.set(rule, count);
    if (count > FINDINGS_MAX_COUNT) return;
    this.#list.push({
      rule,
      level: ruleOf(rule).level,
      archive: this.archive,
      place: this.#placeOf(place),
      offset: offset ?? null,
      what,
    });
  }

  /** Notes that bytes lie, as `error` says it. */
  corrupt({ claim, offset }: CorruptError): void {
    this.add('corrupt', claim, { offset });
  }

  /** Whether `rule` was broken. */
  has(rule: LintRuleId): boolean {
    return this.#counts.has(rule);
  }

  /** All of them, in the order they were found. */
  all(): LintFinding[] {
    const { archive } = this;
    const more = [...this.#counts].flatMap(([rule, count]): LintFinding[] => {
      if (count <= FINDINGS_MAX_COUNT) return [];
      const what = `the same of ${count - FINDINGS_MAX_COUNT} more`;
      return [{ rule, level: ruleOf(rule).level, archive, place: null, offset: null, what }];
    });
    return [...this.#list, ...more];
  }

  #placeOf(place: string | undefined): string | null {
    if (place !== undefined) return `${this.#prefix}${place}`;
    return this.#prefix === '' ? null : this.#prefix.slice(0, -1);
  }
}
