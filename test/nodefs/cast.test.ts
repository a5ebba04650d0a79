// The face makes its functions when they are asked for, and nobody may tell: it is gone through,
// spread, taken apart and patched as node:fs is. What that saves is counted: what was made.

import nodeModule from 'node:fs';
import { expect, test, vi } from 'vitest';
import { nodeRuntime } from '../../src/node/node-runtime.ts';
import { Cast, type Parts } from '../../src/nodefs/cast.ts';
import { nodeFs } from '../../src/nodefs/fs.ts';
import { Tree } from '../../src/vfs/tree.ts';

function face() {
  return nodeFs(new Tree(), nodeRuntime);
}

test('keys, entries, for…in and in show every function before any was asked for', () => {
  const fs = face();
  const keys = Object.keys(fs);
  expect(keys).toEqual(expect.arrayContaining(['statSync', 'stat', 'promises', 'constants']));
  expect(keys.length).toBeGreaterThan(80);
  expect(new Set(keys).size).toBe(keys.length);
  const walked: string[] = [];
  for (const name in fs) walked.push(name);
  expect(walked).toEqual(keys);
  expect('readFileSync' in fs).toBe(true);
  // Linux has no lchmod, and node shows that by what it has under the name.
  const empty = Object.entries(fs).filter(([, value]) => value === undefined);
  expect(empty.map(([name]) => name)).toEqual(['lchmod', 'lchmodSync']);
});

test('a copy of a face holds its functions, and they work', () => {
  const copies = [{ ...face() }, Object.assign({}, face())];
  for (const fs of copies) {
    fs.writeFileSync('/file', 'x');
    expect(fs.readFileSync('/file', 'utf8')).toBe('x');
  }
});

test('functions work apart from their face, and are the same each time', () => {
  const fs = face();
  const { writeFileSync, existsSync } = fs;
  writeFileSync('/file', 'x');
  expect(existsSync('/file')).toBe(true);
  expect(fs.existsSync).toBe(existsSync);
  expect(fs.promises).toBe(fs.promises);
  expect(face().existsSync).not.toBe(existsSync);
});

test('a function that was assigned is what is got, and another face keeps its own', () => {
  const [one, other] = [face(), face()];
  one.existsSync = () => true;
  expect(one.existsSync('/nowhere')).toBe(true);
  expect(other.existsSync('/nowhere')).toBe(false);
});

test('what inherits from a face has its functions, and may be patched without it', () => {
  const fs = face();
  const derived = Object.create(fs) as typeof fs;
  derived.writeFileSync('/file', 'x');
  expect(fs.existsSync('/file')).toBe(true);
  derived.existsSync = () => false;
  expect([derived.existsSync('/file'), fs.existsSync('/file')]).toEqual([false, true]);
});

test('a proxy of a face has its functions, and may be patched', () => {
  const fs = new Proxy(face(), {});
  fs.writeFileSync('/file', 'x');
  expect(fs.existsSync('/file')).toBe(true);
  fs.existsSync = () => false;
  expect(fs.existsSync('/file')).toBe(false);
});

test('a copy of the descriptors of a face has its functions, and is patched without it', () => {
  const fs = face();
  // By name and onto the same prototype, as graceful-fs does before it patches.
  const byName = Object.create(Object.getPrototypeOf(fs)) as typeof fs;
  for (const name of Object.getOwnPropertyNames(fs)) {
    Object.defineProperty(byName, name, Object.getOwnPropertyDescriptor(fs, name)!);
  }
  const descriptors = Object.getOwnPropertyDescriptors(fs);
  const plain = Object.defineProperties({}, descriptors) as typeof fs;
  for (const copy of [byName, plain]) {
    copy.writeFileSync('/file', 'x');
    expect(copy.readFileSync('/file', 'utf8')).toBe('x');
    copy.existsSync = () => false;
    expect([copy.existsSync('/file'), fs.existsSync('/file')]).toEqual([false, true]);
  }
});

test('a function of a face may be spied on, and is what it was afterwards', () => {
  const fs = face();
  const { existsSync } = fs;
  const spy = vi.spyOn(fs, 'existsSync');
  expect(fs.existsSync('/')).toBe(true);
  spy.mockReturnValue(false);
  expect([fs.existsSync('/'), spy.mock.calls]).toEqual([false, [['/'], ['/']]]);
  spy.mockRestore();
  expect(fs.existsSync).toBe(existsSync);
  const getter = Object.getOwnPropertyDescriptor(fs, 'existsSync')!.get!;
  expect(() => (getter as () => typeof existsSync)()('/')).toThrow('on no file system');
});

test('realpath has native in each flavour that has it', () => {
  const fs = face();
  expect(fs.realpathSync.native('/.')).toBe('/');
  expect(typeof fs.realpath.native).toBe('function');
});

test('what was not asked for was not made, and what was is made once', () => {
  const made: string[] = [];
  const part = (name: string): Parts<string>[number] => [
    name,
    (ground) => {
      made.push(name);
      return ground;
    },
  ];
  const parts = [part('one'), part('two'), part('three')];
  const cast = new Cast('ground', parts, { four: 4 }) as unknown as Record<string, unknown>;
  expect([cast['two'], cast['two'], cast['four']]).toEqual(['ground', 'ground', 4]);
  expect(made).toEqual(['two']);
});

test('functions are called in stacks what they are called in node:fs', () => {
  const fs = face() as unknown as Record<string, unknown>;
  const named = (of: object): string[] =>
    Object.entries(of)
      .filter(([key, value]) => typeof value === 'function' && /^[a-z]/.test(key))
      .map(([key]) => key);
  for (const key of named(nodeModule)) {
    if (key !== 'lchmod' && key !== 'lchmodSync') expect((fs[key] as () => void).name).toBe(key);
  }
  const promises = fs['promises'] as Record<string, () => void>;
  // Node calls its own watch by another name within.
  for (const key of named(nodeModule.promises)) expect(promises[key]!.name).toBe(key);
});
