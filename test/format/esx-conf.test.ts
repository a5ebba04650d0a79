/**
 * Attacks esx.conf: what is a key, what stays byte for byte, and where new keys go.
 */

import { expect, test } from 'vitest';
import { text } from '../../src/base/bytes.ts';
import { EsxConf } from '../../src/format/esx-conf.ts';
import { prng, seeds } from '../support/prng.ts';

const REAL = `/adv/Misc/HostName = "esx1"
/adv/Net/ManagementIface = "vmk0"
/net/vswitch/child[0000]/name = "vSwitch0"
/net/vswitch/child[0000]/portgroup/child[0000]/name = "Management Network"
/net/vswitch/child[0001]/name = "vSwitch1"
/system/uuid = "5f3e"
`;

const written = (conf: EsxConf): string => text(conf.encode());

test('keys are read', () => {
  const conf = EsxConf.parse(REAL);
  expect(conf.read('/adv/Misc/HostName')).toBe('esx1');
  expect(conf.read('/net/vswitch/child[0000]/portgroup/child[0000]/name')).toBe(
    'Management Network',
  );
  expect(conf.read('/adv/Misc')).toBeUndefined();
});

test('keys are listed, all of them or from a path down', () => {
  const conf = EsxConf.parse(REAL);
  expect(conf.keys().length).toBe(6);
  expect(conf.keys('/adv')).toEqual(['/adv/Misc/HostName', '/adv/Net/ManagementIface']);
  expect(conf.keys('/adv/')).toEqual(conf.keys('/adv'));
  expect(conf.keys('/system/uuid')).toEqual(['/system/uuid']);
  expect(conf.keys('/net/vswitch/child')).toEqual([]);
});

test('what nobody changed stays byte for byte', () => {
  const odd =
    '# by hand\r\n\n  /b="2"  \nno key\n/c = 3\n/a = "\xe4"x\n/a\t=\t"1"\r\n/z = "no end"';
  const bytes = Uint8Array.from(odd, (character) => character.charCodeAt(0));
  const conf = EsxConf.parse(bytes);
  expect(conf.encode()).toEqual(bytes);
  expect(conf.keys()).toEqual(['/b', '/a', '/z']);
  conf.write('/b', '3');
  expect(written(conf)).toBe(text(bytes).replace('  /b="2"  ', '/b = "3"'));
});

test('a new key goes before the first that sorts after it', () => {
  const conf = EsxConf.parse(REAL);
  conf.write('/adv/Net/Other', 'x');
  expect(conf.keys()[2]).toBe('/adv/Net/Other');
  conf.write('/zzz', 'last');
  conf.write('/aaa', 'first');
  const keys = conf.keys();
  expect(keys).toEqual([...keys].sort());
});

test('a new key behind a line without its end gives it one', () => {
  const conf = EsxConf.parse('/a = "1"');
  conf.write('/b', '2');
  expect(written(conf)).toBe('/a = "1"\n/b = "2"\n');
});

test('the first key of an empty file is its only line', () => {
  const conf = EsxConf.parse('');
  conf.write('/a', '1');
  expect(written(conf)).toBe('/a = "1"\n');
});

test('a key that stands twice is its last line', () => {
  const conf = EsxConf.parse('/a = "1"\n/a = "2"\n');
  expect(conf.read('/a')).toBe('2');
  expect(conf.keys()).toEqual(['/a']);
  conf.write('/a', '3');
  expect(written(conf)).toBe('/a = "1"\n/a = "3"\n');
  expect(conf.remove('/a')).toBe(2);
  expect(written(conf)).toBe('');
});

test('a key goes with all below it, and with nothing beside it', () => {
  const conf = EsxConf.parse(REAL);
  expect(conf.remove('/net/vswitch/child[0000]')).toBe(2);
  expect(conf.keys('/net')).toEqual(['/net/vswitch/child[0001]/name']);
  expect(conf.remove('/net/vswitch/child')).toBe(0);
  expect(conf.remove('/nothing')).toBe(0);
});

test.each([
  ['a quote', 'say "hi"', '/a = "say \\"hi\\""\n'],
  ['a backslash', 'C:\\dir', '/a = "C:\\\\dir"\n'],
  ['both', '\\"', '/a = "\\\\\\""\n'],
  ['nothing', '', '/a = ""\n'],
])('%s in a value is written so that it is read back', (_what, value, line) => {
  const conf = EsxConf.parse('');
  conf.write('/a', value);
  expect(written(conf)).toBe(line);
  expect(EsxConf.parse(conf.encode()).read('/a')).toBe(value);
});

test('a backslash before another letter is itself', () => {
  expect(EsxConf.parse('/a = "C:\\dir"\n').read('/a')).toBe('C:\\dir');
});

test.each(['a', '', '/a b', '/a=b', '/a"', '/a\n/b'])('%j is no key', (key) => {
  const conf = EsxConf.parse(REAL);
  expect(() => conf.write(key, 'x')).toThrow(RangeError);
  expect(written(conf)).toBe(REAL);
});

test.each(['a\nb', 'a\rb'])('%j is no value', (value) => {
  expect(() => EsxConf.parse(REAL).write('/a', value)).toThrow(RangeError);
});

for (const seed of seeds(10)) {
  test(`a file is what a map of its keys is (SEED=${seed})`, () => {
    const random = prng(seed);
    const model = new Map<string, string>();
    let conf = EsxConf.parse('# header\n');
    for (let step = 0; step < 200; step++) {
      const key = `/${random.pick(['a', 'b', 'c'])}/${random.pick(['x', 'y'])}[${random.below(9)}]`;
      if (random.below(4) === 0) {
        expect(conf.remove(key)).toBe(model.delete(key) ? 1 : 0);
      } else {
        const value = random.pick(['', 'v', '"', '\\', '\\\\"', ' = "', `ä${step}`]);
        conf.write(key, value);
        model.set(key, value);
      }
      if (random.below(8) === 0) conf = EsxConf.parse(conf.encode());
      expect(conf.keys()).toEqual([...model.keys()].sort());
      expect(conf.keys().map((one) => conf.read(one))).toEqual(
        conf.keys().map((one) => model.get(one)),
      );
    }
  });
}
