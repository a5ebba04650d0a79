/**
 * PEM: what goes in comes out, OpenSSL's own frames are read, and what is none is none.
 */

import { describe, expect, test } from 'vitest';
import { concatBytes, text, utf8 } from '../../src/base/bytes.ts';
import { encodePem, pemBlocks } from '../../src/format/pem.ts';
import { prng, seeds } from '../support/prng.ts';

for (const seed of seeds(10)) {
  test(`bytes of any length come back (SEED=${seed})`, () => {
    const { below, bytes } = prng(seed);
    const held = bytes(below(400));
    expect(pemBlocks(encodePem('PKCS7', held))).toEqual([{ label: 'PKCS7', bytes: held }]);
  });
}

test('lines have 64 characters, as others write them', () => {
  const lines = text(encodePem('PKCS7', new Uint8Array(100))).split('\n');
  expect(lines[0]).toBe('-----BEGIN PKCS7-----');
  expect(lines.slice(1, 4).map(({ length }) => length)).toEqual([64, 64, 8]);
  expect(lines.slice(4)).toEqual(['-----END PKCS7-----', '']);
});

test('several frames are read in their order, and text around them is passed over', () => {
  const [one, two] = [encodePem('CERTIFICATE', utf8('a')), encodePem('PRIVATE KEY', utf8('b'))];
  const whole = concatBytes([utf8('Bag Attributes\n'), one, utf8('subject=CN\n'), two]);
  expect(pemBlocks(whole).map(({ label, bytes }) => [label, text(bytes)])).toEqual([
    ['CERTIFICATE', 'a'],
    ['PRIVATE KEY', 'b'],
  ]);
});

test('ends of lines of any kind, and none at the end, are read', () => {
  const pem = text(encodePem('PKCS7', utf8('held'))).trimEnd();
  for (const one of [pem, pem.replaceAll('\n', '\r\n'), pem.replace('\n', ' ')]) {
    expect(pemBlocks(utf8(one))).toHaveLength(1);
  }
});

describe('no frame', () => {
  test.each([
    ['nothing', ''],
    ['a beginning without an end', '-----BEGIN A-----\naGk=\n'],
    ['an end of another label', '-----BEGIN A-----\naGk=\n-----END B-----\n'],
    ['no base64 within', '-----BEGIN A-----\naGk\n?\n-----END A-----\n'],
    ['base64 that is cut', '-----BEGIN A-----\naGkxy\n-----END A-----\n'],
  ])('is %s', (_what, pem) => {
    expect(pemBlocks(utf8(pem))).toEqual([]);
  });

  test('a million beginnings are passed over quickly', () => {
    expect(pemBlocks(utf8('-----BEGIN A-----\n'.repeat(60_000)))).toEqual([]);
  });
});
