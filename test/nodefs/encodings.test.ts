// The portable encodings against Buffer's, which are the judge: every encoding, both ways, over
// text and bytes that are well-formed, ill-formed and random.

import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { nodeRuntime } from '../../src/node/node-runtime.ts';
import type { fault } from '../../src/nodefs/argument-errors.ts';
import { decodedText, encodedText, isEncodingName } from '../../src/nodefs/encodings.ts';
import { shown } from '../../src/nodefs/inspect.ts';
import { portableRuntime } from '../../src/nodefs/runtime.ts';
import { prng, seeds } from '../support/prng.ts';

const NAMES =
  'utf8 utf-8 UTF8 latin1 binary ascii utf16le utf-16le UCS2 ucs-2 hex HEX base64 base64url'.split(
    ' ',
  );

const TEXTS = [
  '',
  'a',
  'ab',
  'abc',
  'abcd',
  'héllo',
  '€uro',
  '😀 x',
  '\ud800 alone',
  'ff00',
  'FF0',
  'zz',
  '0g00',
  'YWJj',
  'YWI=',
  'YQ==',
  'YQ',
  '-_-_',
  '+/+/',
  ' Y W J j\n',
  'YWJj====',
  '\0\x7f\x80ÿ',
];

for (const name of NAMES) {
  const encoding = name as BufferEncoding;

  test(`text in ${name} gives the bytes that Buffer gives`, () => {
    for (const text of TEXTS) {
      expect([...encodedText(text, name)], JSON.stringify(text)).toEqual([
        ...Buffer.from(text, encoding),
      ]);
    }
  });

  test(`bytes as ${name} give the text that Buffer gives`, () => {
    for (const seed of seeds(40)) {
      const random = prng(seed);
      const bytes = random.bytes(random.below(200));
      const what = `SEED=${seed}`;
      expect(decodedText(bytes, name), what).toBe(Buffer.from(bytes).toString(encoding));
    }
  });
}

test('the same names are encodings here and in Buffer', () => {
  for (const name of [...NAMES, 'buffer', '', 'utf', 'utf-32', 'toString']) {
    expect(isEncodingName(name), name).toBe(Buffer.isEncoding(name));
  }
  expect(() => encodedText('', 'utf-32')).toThrow('Unknown encoding: utf-32');
});

test('values are shown as util.inspect shows them', () => {
  const values = [
    'text',
    "it's",
    'a\0b',
    'line\nline\\',
    5,
    -0,
    1.5,
    Number.NaN,
    7n,
    true,
    null,
    undefined,
    [],
    [1, 'x'],
    {},
    { a: 1 },
    Symbol('s'),
    function named() {},
    Uint8Array.of(1, 2),
    new Uint8Array(0),
  ];
  for (const value of values) expect(shown(value)).toBe(inspect(value));
});

test('the portable runtime reads file: URLs as Node does, and in the same words', () => {
  const urls = [
    'file:///a%20b/c',
    'file://localhost/x',
    'http://host/x',
    'file://host/x',
    'file:///a%2Fb',
  ];
  for (const text of urls) {
    const url = new URL(text);
    expect(told(() => portableRuntime.urlPath(url))).toEqual(told(() => nodeRuntime.urlPath(url)));
  }
});

test('the portable runtime has chance of its own, and defers', async () => {
  expect(portableRuntime.random(8)).toHaveLength(8);
  let isCalled = false;
  portableRuntime.defer(() => {
    isCalled = true;
  });
  expect(isCalled).toBe(false);
  await Promise.resolve();
  expect(isCalled).toBe(true);
});

function told(act: () => string): unknown {
  try {
    return act();
  } catch (error) {
    const { code, message } = error as ReturnType<typeof fault>;
    return { code, message };
  }
}
