// A host profile says exactly what it may, or is refused by the key that is wrong.

import { describe, expect, test } from 'vitest';
import { text, utf8 } from '../../src/base/bytes.ts';
import { CorruptError } from '../../src/base/errors.ts';
import { PROFILE_MAX_BYTES } from '../../src/base/limits.ts';
import { parseHostProfile, withServices } from '../../src/format/host-profile.ts';

const parse = (value: unknown) => parseHostProfile(utf8(JSON.stringify(value)), 'p.json');

test('a profile says keys, files and services', () => {
  const profile = parse({
    version: 1,
    esxConf: { '/adv/Misc/HostName': 'a "b" \\', '/net': null },
    files: {
      '/etc/motd': { content: 'grüß\n' },
      '/etc/key': { base64: 'AAEC/w==', mode: '0600' },
    },
    services: { ntpd: 'on', SSH: 'off' },
  });
  expect([...profile.esxConf]).toEqual([
    ['/adv/Misc/HostName', 'a "b" \\'],
    ['/net', null],
  ]);
  const motd = profile.files.get('/etc/motd')!;
  expect([text(motd.bytes), motd.mode]).toEqual(['grüß\n', 0o644]);
  const key = profile.files.get('/etc/key')!;
  expect([[...key.bytes], key.mode]).toEqual([[0, 1, 2, 255], 0o600]);
  expect([...profile.services]).toEqual([
    ['ntpd', true],
    ['SSH', false],
  ]);
  expect(parse({ version: 1 }).files.size).toBe(0);
});

describe('a profile is refused', () => {
  const file = (path: string, value: unknown = { content: '' }) => ({ files: { [path]: value } });
  test.each<[string, unknown]>([
    ['a host profile has to be an object', []],
    ['version has to be 1', {}],
    ['version has to be 1', { version: 2 }],
    ['"esxconf" is no key of a host profile', { version: 1, esxconf: {} }],
    ['esxConf has to be an object', { version: 1, esxConf: [] }],
    ['esxConf["/a"] has to be text, or null', { version: 1, esxConf: { '/a': 1 } }],
    ['esxConf["a b"] cannot be: ', { version: 1, esxConf: { 'a b': 'x' } }],
    ['esxConf["/a"] cannot be: ', { version: 1, esxConf: { '/a': 'x\ny' } }],
    ['files["etc/motd"] is no absolute path', { version: 1, ...file('etc/motd') }],
    ['files["/etc/../x"] has a part that is empty', { version: 1, ...file('/etc/../x') }],
    ['files["/etc/"] has a part that is empty', { version: 1, ...file('/etc/') }],
    ['files["/etc/.#x"] has a name that starts with .#', { version: 1, ...file('/etc/.#x') }],
    ['has too long a name', { version: 1, ...file(`/${'x'.repeat(256)}`) }],
    ['is too long a path', { version: 1, ...file('/x'.repeat(3000)) }],
    ['files["/x"] has to be an object', { version: 1, ...file('/x', 'text') }],
    ['files["/x"] has to have either content or base64', { version: 1, ...file('/x', {}) }],
    [
      'files["/x"] has to have either content or base64',
      { version: 1, ...file('/x', { content: '', base64: '' }) },
    ],
    ['files["/x"].content is no text', { version: 1, ...file('/x', { content: 1 }) }],
    ['files["/x"].base64 is no base64', { version: 1, ...file('/x', { base64: 'A' }) }],
    ['files["/x"].owner is no key of a file', { version: 1, ...file('/x', { owner: 0 }) }],
    [
      'files["/x"].mode has to be four octal digits',
      { version: 1, ...file('/x', { content: '', mode: 420 }) },
    ],
    [
      'files["/a/b/c"] lies in "/a", a file',
      { version: 1, files: { '/a': { content: '' }, '/a/b/c': { content: '' } } },
    ],
    ['services["a b"] is no name of a service', { version: 1, services: { 'a b': 'on' } }],
    ['services["ntpd"] has to be "on" or "off"', { version: 1, services: { ntpd: true } }],
  ])('%s', (why, value) => {
    expect(() => parse(value)).toThrow(CorruptError);
    expect(() => parse(value)).toThrow(why);
  });

  test('where it is no JSON, no text, or too long', () => {
    expect(() => parseHostProfile(utf8('{'), 'p.json')).toThrow('is no JSON: ');
    expect(() => parseHostProfile(utf8('['.repeat(1 << 20)), 'p.json')).toThrow(CorruptError);
    expect(() => parseHostProfile(Uint8Array.of(0xff), 'p.json')).toThrow('is no text');
    const long = new Uint8Array(PROFILE_MAX_BYTES + 1);
    expect(() => parseHostProfile(long, 'p.json')).toThrow('a host profile of 4194305 bytes');
  });

  test('that names a key as every object has it is taken by its word', () => {
    const text = '{"version":1,"services":{"__proto__":"on"}}';
    expect(() => parseHostProfile(utf8(text), 'p.json')).toThrow('services["__proto__"]');
  });
});

test('a service that is on has a line, one that is off has none, and others stay', () => {
  const services = new Map([
    ['ntpd', true],
    ['SSH', false],
  ]);
  expect(withServices('', services)).toBe('/etc/init.d/ntpd\n');
  const before = '# kept\n/etc/init.d/SSH\n/etc/init.d/ntpd\n\n/etc/init.d/lbtd';
  expect(withServices(before, services)).toBe('# kept\n/etc/init.d/ntpd\n\n/etc/init.d/lbtd\n');
  expect(withServices('/etc/init.d/lbtd\n', services)).toBe('/etc/init.d/lbtd\n/etc/init.d/ntpd\n');
});
