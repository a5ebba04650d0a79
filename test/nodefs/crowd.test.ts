// Attacks what many watchers cost: counted, not timed. An event is heard by those whom it concerns,
// however many watch elsewhere, and a burst of events waits without being gone through.

import { expect, test, vi } from 'vitest';
import { nodeRuntime } from '../../src/node/node-runtime.ts';
import { nodeFs } from '../../src/nodefs/fs.ts';
import { Watched } from '../../src/nodefs/watched.ts';
import { treeOf } from '../vfs/support.ts';
import { isHeard, settled } from './heard.ts';

function crowded(count: number) {
  const tree = treeOf([]);
  const on = nodeFs(tree, nodeRuntime);
  const watchers = Array.from({ length: count }, (_, index) => {
    on.mkdirSync(`/d${index}`);
    return on.watch(`/d${index}`);
  });
  return { tree, on, watchers };
}

test('an event is heard by who watches the directory, not by a hundred who watch others', () => {
  const { on, watchers } = crowded(100);
  const heard = vi.spyOn(Watched.prototype, 'hear');
  on.writeFileSync('/d7/f', '');
  expect(heard).toHaveBeenCalledTimes(1);
  on.renameSync('/d7/f', '/d8/f');
  expect(heard).toHaveBeenCalledTimes(3);
  heard.mockRestore();
  for (const watcher of watchers) watcher.close();
});

test('of a hundred that were closed one by one, none is left to listen', () => {
  const { tree, watchers } = crowded(100);
  for (const watcher of watchers.slice(1)) watcher.close();
  expect(isHeard(tree)).toBe(true);
  watchers[0]!.close();
  expect(isHeard(tree)).toBe(false);
});

test('who watched what is gone hears again once the whole tree became another', async () => {
  const { tree, on, watchers } = crowded(2);
  const before = tree.snapshot();
  const events: string[] = [];
  on.rmdirSync('/d0');
  await settled();
  watchers[0]!.on('change', (type, name) => events.push(`${type} ${name}`));
  on.mkdirSync('/d0');
  on.writeFileSync('/d0/missed', '');
  tree.rollback(before);
  on.writeFileSync('/d0/f', '');
  await settled();
  expect(events).toEqual(['rename d0', 'rename f']);
  for (const watcher of watchers) watcher.close();
});

test('what waits to be told is compared with the last alone, and told in order', async () => {
  const { on } = crowded(0);
  const watcher = on.watch('/');
  const names: unknown[] = [];
  watcher.on('change', (_type, name) => names.push(name));
  const shifted = vi.spyOn(Array.prototype, 'shift');
  const made = Array.from({ length: 500 }, (_, index) => `n${index}`);
  for (const name of made) on.mkdirSync(`/${name}`);
  await settled();
  const count = shifted.mock.calls.length;
  shifted.mockRestore();
  watcher.close();
  expect(names).toEqual(made);
  expect(count).toBeLessThan(made.length);
});

test('watchFile with bigint hears of times that differ by a microsecond', async () => {
  const { on } = crowded(0);
  on.writeFileSync('/f', '');
  on.utimesSync('/f', 5, 5.000001);
  const seen: bigint[] = [];
  on.watchFile('/f', { bigint: true }, (now) => seen.push(now.mtimeNs));
  on.utimesSync('/f', 5, 5.000003);
  await settled();
  on.unwatchFile('/f');
  expect(seen).toEqual([5_000_003_000n]);
});
