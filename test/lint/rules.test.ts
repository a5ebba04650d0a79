// Every rule of lint, by an archive that breaks it and by one in which nothing is wrong. A rule
// without such a pair fails.

import { beforeAll, describe, expect, test } from 'vitest';
import { LINT_RULES, type LintRuleId } from '../../src/lint/rules.ts';
import { Authority, hasOpenssl } from '../support/openssl.ts';
import { CASES } from './cases.ts';
import { found, vib } from './made.ts';

/** The one that takes a certificate. */
const SIGNED = 'vib-signature-untrusted';

test('every rule has a case, and says how bad, why, and how to mend it', () => {
  expect([...Object.keys(CASES), SIGNED].sort()).toEqual(Object.keys(LINT_RULES).sort());
  for (const [id, { level, why, mend }] of Object.entries(LINT_RULES)) {
    expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(['error', 'warning', 'note']).toContain(level);
    for (const sentence of [why, mend]) expect(sentence, id).toMatch(/^\S.*[^.]$/);
  }
});

describe.each(Object.entries(CASES))('%s', (id, { bad, good, options }) => {
  test('is found where it is broken, with the level of the rule', async () => {
    const findings = await found(await bad, options);
    const [first] = findings.filter(({ rule }) => rule === id);
    expect(first).toMatchObject({ rule: id, level: LINT_RULES[id as LintRuleId].level });
    expect(first!.what).toMatch(/^\S.*[^.]$/);
  });

  test('is not found where it is mended, and nothing else is', async () => {
    expect(await found(await good, options)).toEqual([]);
  });
});

describe.skipIf(!hasOpenssl())(SIGNED, () => {
  const authority = new Authority();
  beforeAll(() => {
    authority.root('one');
    authority.root('other');
  });
  const signature = (descriptor: Uint8Array) => authority.sign(descriptor, 'one');
  const roots = (name: string) => [{ name, bytes: authority.bytes(`${name}.pem`) }];
  const level = { acceptanceLevel: 'accepted' };

  test('is found where none of the roots that were named vouches', async () => {
    const options = { signature: { roots: roots('other'), atMs: Date.now() } };
    const rules = (await found([vib({ signature })], options)).map(({ rule }) => rule);
    expect(rules).toEqual([SIGNED]);
  });

  test('is not found where one does, or none was named', async () => {
    const atMs = Date.now();
    const trusting = { signature: { roots: roots('one'), atMs } };
    expect(await found([vib({ signature, content: level })], trusting)).toEqual([]);
    expect(await found([vib({ signature, content: level })], { signature: { atMs } })).toEqual([]);
  });
});
