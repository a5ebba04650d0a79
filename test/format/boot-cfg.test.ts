/**
 * Attacks boot.cfg: every odd rule of the boot loader, each as a row, and edits that must leave the
 * rest of the file as it was.
 */

import { describe, expect, test } from 'vitest';
import { text, utf8 } from '../../src/base/bytes.ts';
import { CorruptError } from '../../src/base/errors.ts';
import { BOOT_CFG_MAX_BYTES } from '../../src/base/limits.ts';
import {
  type BootCfg,
  bootModules,
  encodeBootCfg,
  parseBootCfg,
  withBootCfg,
} from '../../src/format/boot-cfg.ts';

const REAL = `bootstate=0
title=Loading VMware ESXi
timeout=5
prefix=/boot
kernel=b.b00
kernelopt=autoPartition=FALSE
modules=jumpstrt.gz --- k.b00 --- sb.v00 -x -y --- state.tgz
build=7.0.3-0.0.19193900
updated=2
`;

const parsed = (content: string): BootCfg => parseBootCfg(utf8(content), 'boot.cfg');
const edited = (content: string, changes: Partial<BootCfg>): string => {
  return text(withBootCfg(utf8(content), changes));
};

test('a real one is read', () => {
  expect(parsed(REAL)).toMatchObject({
    bootstate: 0,
    title: 'Loading VMware ESXi',
    timeout: 5,
    prefix: '/boot',
    kernel: 'b.b00',
    kernelopt: 'autoPartition=FALSE',
    build: '7.0.3-0.0.19193900',
    updated: 2,
  });
});

test('the kernel is module 0, and options go with their module', () => {
  expect(bootModules(parsed(REAL))).toEqual([
    { file: 'b.b00', options: 'autoPartition=FALSE' },
    { file: 'jumpstrt.gz', options: '' },
    { file: 'k.b00', options: '' },
    { file: 'sb.v00', options: '-x -y' },
    { file: 'state.tgz', options: '' },
  ]);
});

test('what is not said is what the boot loader takes', () => {
  expect(parsed('')).toMatchObject({
    timeout: 5,
    errtimeout: -1,
    nobootif: 0,
    updated: 0,
    bootstate: 0,
    modules: [],
    kernel: '',
  });
});

const RULES: readonly [rule: string, content: string, want: Partial<BootCfg>][] = [
  ['letters of either case', 'KeRnEl=b.b00', { kernel: 'b.b00' }],
  ['blanks before a line', '  \tkernel=b.b00', { kernel: 'b.b00' }],
  ['blanks behind "="', 'kernel=  b.b00', { kernel: 'b.b00' }],
  ['a blank before "=" is no key', 'kernel =b.b00', { kernel: '' }],
  ['blanks at the end', 'title=a title \t', { title: 'a title' }],
  ['blanks within become one', 'title=a \t  title', { title: 'a title' }],
  ['carriage returns are blanks', 'kernel=b.b00\r\ntimeout=3\r\n', { kernel: 'b.b00', timeout: 3 }],
  ['comments', '#kernel=a\n  # kernel=b', { kernel: '' }],
  ['a key cut short', 'up=3', { updated: 3 }],
  ['the first key that starts so', 'k=b.b00', { kernel: 'b.b00', kernelopt: '' }],
  ['title comes before timeout', 't=9', { title: '9', timeout: 5 }],
  ['a key too long is none', 'kernels=b.b00', { kernel: '' }],
  ['no key at all', '=b.b00', { kernel: '' }],
  ['the last one wins', 'updated=1\nupdated=2', { updated: 2 }],
  ['also in short', 'updated=1\nup=2', { updated: 2 }],
  ['nothing is 0', 'timeout=\nbuild=', { timeout: 0, build: '' }],
  ['below nothing', 'errtimeout=-1', { errtimeout: -1 }],
  ['"=" in a value', 'kernelopt=a=b c=d', { kernelopt: 'a=b c=d' }],
  ['unknown keys', 'answer=42\nupdated=1', { updated: 1 }],
  ['no line end at the end', 'updated=7', { updated: 7 }],
  [
    'modules without blanks',
    'modules=a---b -o---c',
    {
      modules: [
        { file: 'a', options: '' },
        { file: 'b', options: '-o' },
        { file: 'c', options: '' },
      ],
    },
  ],
  ['modules of nothing', 'modules=--- ---a--- ', { modules: [{ file: 'a', options: '' }] }],
  ['a list of tables', 'acpitables=x', { acpitables: [{ file: 'x', options: '' }] }],
];

test.each(RULES)('%s: %j', (_rule, content, want) => {
  expect(parsed(content)).toMatchObject(want);
});

test('an unknown key leaves no trace', () => {
  expect(parsed('answer=42')).toEqual(parsed(''));
});

describe('refusals', () => {
  test.each(['soon', '1.5', '0x10', '1 2', '--1', '+1'])('the number %j is refused', (value) => {
    const refusal = (): BootCfg => parsed(`title=x\nupdated=${value}\n`);
    expect(refusal).toThrow(CorruptError);
    expect(refusal).toThrow(`boot.cfg at 0x8: updated is "${value}" and no number`);
  });

  test('a file of more than anyone needs is refused', () => {
    const refusal = (): BootCfg => parseBootCfg(new Uint8Array(BOOT_CFG_MAX_BYTES + 1), 'boot.cfg');
    expect(refusal).toThrow(CorruptError);
  });

  test('a value of several lines is refused as RangeError', () => {
    expect(() => encodeBootCfg({ title: 'a\nkernel=b' })).toThrow(RangeError);
    expect(() => withBootCfg(utf8(REAL), { title: 'a\nkernel=b' })).toThrow(RangeError);
  });
});

test('what is written is read back, and bootstate comes first', () => {
  const cfg = parsed(`${REAL}crypto=crypto64.efi\nquickboot=1\nerrtimeout=9\n`);
  const written = encodeBootCfg(cfg);
  expect(parseBootCfg(written, 'boot.cfg')).toEqual(cfg);
  expect(text(written).startsWith('bootstate=0\n')).toBe(true);
});

test('a real one is written as it was', () => {
  expect(text(encodeBootCfg(parsed(REAL)))).toBe(REAL);
});

describe('edits', () => {
  test('leave every other byte as it was', () => {
    const odd = '# made by hand\r\n\nUP=  1 \r\nanswer=42\nkernel =no\nBuild=b\xe4\nup=2\t\r\nrest';
    const want = odd.replace('up=2\t', 'up=3\t');
    expect(edited(odd, { updated: 3 })).toBe(want);
  });

  test('leave bytes that are no text as they were', () => {
    const bytes = Uint8Array.from([...utf8('title='), 0xff, 0x0a, ...utf8('updated=1')]);
    const after = withBootCfg(bytes, { updated: 2 });
    expect(after).toEqual(Uint8Array.from([...bytes.slice(0, -1), 0x32]));
  });

  test('change the last line of a key, which is the one that counts', () => {
    expect(edited('updated=1\nupdated=2\n', { updated: 3 })).toBe('updated=1\nupdated=3\n');
  });

  test('add what was not there at the end, and bootstate at the start', () => {
    expect(edited('kernel=b', { updated: 1 })).toBe('kernel=b\nupdated=1\n');
    expect(edited('', { updated: 1 })).toBe('updated=1\n');
    expect(edited('kernel=b\n', { bootstate: 1 })).toBe('bootstate=1\nkernel=b\n');
  });

  test('of the modules write them in one line', () => {
    const { modules } = parsed(REAL);
    const more = [...modules, { file: 'apple.v00', options: '' }];
    expect(edited(REAL, { modules: more })).toBe(
      REAL.replace('state.tgz', 'state.tgz --- apple.v00'),
    );
  });

  test('of nothing change nothing', () => {
    expect(edited(REAL, {})).toBe(REAL);
  });
});
