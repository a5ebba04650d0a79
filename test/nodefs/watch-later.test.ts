// Attacks fs.promises.watch: events one after another, its signal, and too many of them.

import { describe, expect, test } from 'vitest';
import { isHeard, settled, watching } from './heard.ts';

describe('promises.watch', () => {
  test('gives events one after another, and stops where the loop is left', async () => {
    const { tree, on, watcher } = watching('/d', {});
    watcher.close();
    const events: unknown[] = [];
    setImmediate(() => on.writeFileSync('/d/n', 'x'));
    for await (const event of on.promises.watch('/d', { encoding: 'buffer' })) {
      events.push(event);
      if (events.length === 2) break;
    }
    const filename = Buffer.from('n');
    expect(events).toEqual([
      { eventType: 'rename', filename },
      { eventType: 'change', filename },
    ]);
    expect(isHeard(tree)).toBe(false);
  });

  test('is rejected with what its signal says, and is over then', async () => {
    const { tree, on, watcher } = watching('/d', {});
    watcher.close();
    const over = new AbortController();
    const events = on.promises.watch('/d', { signal: over.signal });
    const next = events.next();
    over.abort('why');
    const refusal = { name: 'AbortError', code: 'ABORT_ERR', cause: 'why' };
    await expect(next).rejects.toMatchObject(refusal);
    expect([await events.next(), isHeard(tree)]).toEqual([{ value: undefined, done: true }, false]);
  });

  test('keeps as many events as it may, and drops the others', async () => {
    const { on } = watching('/e', {});
    const events = on.promises.watch('/e', { maxQueue: 2 });
    const first = events.next();
    for (const name of ['a', 'b', 'c', 'd']) on.mkdirSync(`/e/${name}`);
    await first;
    await settled();
    on.mkdirSync('/e/z');
    const names = [await first, await events.next(), await events.next()];
    expect(names.map(({ value }) => value?.filename)).toEqual(['a', 'b', 'z']);
  });

  test.each(['error', 'throw'] as const)('may fail of too many events: %s', async (overflow) => {
    const { tree, on, watcher } = watching('/e', {});
    watcher.close();
    const first = on.promises.watch('/e', { maxQueue: 2, overflow }).next();
    for (const name of ['a', 'b', 'c', 'd']) on.mkdirSync(`/e/${name}`);
    const message = 'fs.watch() queued more than 2 events';
    await expect(first).rejects.toMatchObject({ code: 'ERR_FS_WATCH_QUEUE_OVERFLOW', message });
    expect(isHeard(tree)).toBe(false);
  });
});
