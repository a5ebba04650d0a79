/**
 * Attacks what node calls watching beside the events themselves, which the kernel judges
 * (contract/watch.test.ts), and wrong calls (watch-calls.test.ts): when events come and when no
 * more; watching all below; watchFile; the promised flavour; what is left behind.
 */

import fs from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import { nodeRuntime } from '../../src/node/node-runtime.ts';
import { type NodeFs, nodeFs } from '../../src/nodefs/fs.ts';
import { Tree } from '../../src/vfs/tree.ts';
import { diskOf } from '../support/archives.ts';
import { isHeard, settled, watching } from './heard.ts';

type AnyFs = typeof fs;

describe('a watcher', () => {
  test('of all below hears of every name by its path, and of new directories at once', async () => {
    const { on, events } = watching('/d', { recursive: true });
    on.mkdirSync('/d/n/m', { recursive: true });
    on.writeFileSync('/d/n/m/f', 'x');
    on.appendFileSync('/d/s/f', 'x');
    on.renameSync('/d/s', '/d/n/s');
    on.appendFileSync('/d/n/s/f', 'x');
    on.renameSync('/e/m', '/d/m');
    on.writeFileSync('/d/m/f', 'x');
    on.renameSync('/d/m', '/e/m');
    on.writeFileSync('/e/m/g', 'x');
    on.symlinkSync('/e', '/d/l');
    on.writeFileSync('/d/l/g', 'x');
    await settled();
    expect(events).toEqual([
      'rename n',
      'rename n/m',
      'rename n/m/f',
      'change n/m/f',
      'change s/f',
      'rename s',
      'rename n/s',
      'change n/s/f',
      'rename m',
      'rename m/f',
      'change m/f',
      'rename m',
      'rename l',
    ]);
  });

  test('of the root, all below, hears of everything', async () => {
    const { on, events } = watching('/', { recursive: true });
    on.rmSync('/d', { recursive: true });
    await settled();
    expect(events).toEqual(['rename d/s/f', 'rename d/s/t', 'rename d/s', 'rename d']);
  });

  test('of all below does not hear of what lies nowhere any more', async () => {
    const { on, events } = watching('/', { recursive: true });
    const fd = on.openSync('/d/s/f', 'r+');
    on.rmSync('/d', { recursive: true });
    on.mkdirSync('/d');
    await settled();
    events.length = 0;
    on.writeSync(fd, 'lost');
    on.closeSync(fd);
    await settled();
    expect(events).toEqual([]);
  });

  test('hears once of what is the same as what it is to hear next', async () => {
    const { on, events } = watching('/d/s', {});
    for (const text of ['a', 'b']) on.appendFileSync('/d/s/f', text);
    on.mkdirSync('/d/s/n');
    on.appendFileSync('/d/s/f', 'c');
    await settled();
    on.appendFileSync('/d/s/f', 'd');
    await settled();
    expect(events).toEqual(['change f', 'rename n', 'change f', 'change f']);
  });

  test('gives names in the encoding it was asked for', async () => {
    const name = Uint8Array.of(0x2f, 0x64, 0x2f, 0xff, 0xe4);
    const { on } = watching('/d', {});
    const names: unknown[] = [];
    on.watch('/d', 'buffer', (_type, bytes) => names.push(bytes));
    on.watch('/d', { encoding: 'latin1' }, (_type, text) => names.push(text));
    on.watch('/d', { encoding: 'hex' }, (_type, text) => names.push(text));
    on.mkdirSync(name);
    await settled();
    expect(names).toEqual([Buffer.from([0xff, 0xe4]), 'ÿä', 'ffe4']);
  });

  test('that is closed hears no more, not even what was on its way, and says so once', async () => {
    const { tree, on, events, watcher } = watching('/d', {});
    const closed = vi.fn();
    watcher.on('close', closed);
    on.mkdirSync('/d/n');
    watcher.close();
    watcher.close();
    expect(closed).not.toHaveBeenCalled();
    on.mkdirSync('/d/m');
    await settled();
    expect([events, closed.mock.calls, isHeard(tree)]).toEqual([[], [[]], false]);
  });

  test('may be closed by a listener, and the others are told', async () => {
    const { on, events, watcher } = watching('/d', {});
    const other = vi.fn();
    watcher.once('change', () => watcher.close());
    on.watch('/d', other);
    on.mkdirSync('/d/n');
    on.mkdirSync('/d/m');
    await settled();
    expect([events, other.mock.calls.length]).toEqual([['rename n'], 2]);
  });

  test.each([true, false])('is closed by its signal (over before it began: %s)', async (isOver) => {
    const over = new AbortController();
    if (isOver) over.abort();
    const { tree, watcher } = watching('/d', { signal: over.signal });
    const closed = vi.fn();
    watcher.on('close', closed);
    over.abort();
    await settled();
    expect([closed.mock.calls.length, isHeard(tree)]).toEqual([1, false]);
  });

  test('keeps the program running until it is closed, unless it is not to', () => {
    const timers = (): number =>
      process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = timers();
    const { on, watcher } = watching('/d', {});
    const counts = [timers() - before];
    watcher.unref();
    counts.push(timers() - before);
    watcher.ref();
    counts.push(timers() - before);
    watcher.close();
    counts.push(timers() - before);
    on.watch('/d', { persistent: false });
    counts.push(timers() - before);
    const stats = on.watchFile('/d', () => {});
    counts.push(timers() - before);
    expect(stats.unref()).toBe(stats);
    counts.push(timers() - before);
    stats.ref();
    on.unwatchFile('/d');
    counts.push(timers() - before);
    expect(counts).toEqual([1, 0, 1, 0, 0, 1, 0, 0]);
  });

  test('hears that all became another, and goes on with what is at its path then', async () => {
    const { tree, on, events } = watching('/d', {});
    const snapshot = tree.snapshot();
    on.rmSync('/d', { recursive: true });
    on.mkdirSync('/d');
    await settled();
    events.length = 0;
    tree.rollback(snapshot);
    on.writeFileSync('/d/n', '');
    tree.mount(diskOf('e', { path: 'd/more', content: 'x' }));
    await settled();
    expect(events).toEqual(['rename d', 'rename n', 'rename d']);
  });

  test('of a file that is gone does not hear of the next of its number', async () => {
    const { on, events } = watching('/d/s/f', {});
    on.writeFileSync('/e/o', 'x');
    const { ino } = on.statSync('/d/s/f');
    on.unlinkSync('/d/s/f');
    on.writeFileSync('/e/n', 'x');
    expect(on.statSync('/e/n').ino).toBe(ino);
    await settled();
    expect(events).toEqual(['change f', 'rename f', 'rename f']);
  });
});

describe('watchFile', () => {
  /** What is told of `watched`: sizes and modes, before and after each of `acts`. */
  async function told(watched: string, ...acts: ((on: NodeFs<Buffer>) => void)[]) {
    const { on } = watching('/e', {});
    const lines: string[] = [];
    on.watchFile(watched, (newer, older) => {
      const shown = [older, newer].map(({ size, mode }) => `${size}:${(mode & 0o777).toString(8)}`);
      lines.push(shown.join(' '));
    });
    await settled();
    for (const act of acts) {
      act(on);
      await settled();
    }
    return lines;
  }

  test('tells what stat says when that changed, and not of reading', async () => {
    const lines = await told(
      '/d/s/f',
      (on) => on.appendFileSync('/d/s/f', 'yz'),
      (on) => on.readFileSync('/d/s/f'),
      (on) => on.appendFileSync('/d/s/other', 'yz'),
      (on) => on.chmodSync('/d/s/f', 0o600),
      (on) => on.unlinkSync('/d/s/f'),
      (on) => on.writeFileSync('/d/s/f', ''),
    );
    expect(lines).toEqual(['1:666 3:666', '3:666 3:600', '3:600 0:0', '0:0 0:666']);
  });

  test('tells of what leads there: a directory that moves, a link that changes', async () => {
    const moved = await told('/d/s/f', (on) => on.renameSync('/d', '/n'));
    const linked = await told(
      '/d/l',
      (on) => on.symlinkSync('s/f', '/d/l'),
      (on) => on.appendFileSync('/d/s/f', 'yz'),
    );
    expect(moved).toEqual(['1:666 0:0']);
    expect(linked).toEqual(['0:0 0:0', '0:0 1:666', '1:666 3:666']);
  });

  test('gives Stats of zeros for what is not there, as node does', async () => {
    const missing = '/no/such/file';
    const look = (on: AnyFs, bigint: boolean): Promise<unknown[]> =>
      new Promise((resolve) => {
        on.watchFile(missing, { bigint: bigint as never, interval: 5 }, (...stats: unknown[]) => {
          on.unwatchFile(missing);
          resolve(stats.map((one) => ({ ...(one as object) })));
        });
      });
    for (const bigint of [false, true]) {
      const ours = nodeFs(new Tree(), nodeRuntime) as unknown as AnyFs;
      expect(await look(ours, bigint)).toMatchObject(plain(await look(fs, bigint)) as unknown[]);
    }
  });

  test('is one watcher a path, which stops with its last listener', async () => {
    const { on, tree, watcher } = watching('/e', {});
    watcher.close();
    const [one, other, stopped] = [vi.fn(), vi.fn(), vi.fn()];
    const stats = on.watchFile('/d/s/f', one);
    expect(on.watchFile('/d/./s//f', other)).toBe(stats);
    stats.on('stop', stopped);
    on.unwatchFile('/d/s/f', one);
    on.chmodSync('/d/s/f', 0o600);
    await settled();
    expect([one.mock.calls.length, other.mock.calls.length]).toEqual([0, 1]);
    on.chmodSync('/d/s/f', 0o644);
    on.unwatchFile('/d/s/f');
    await settled();
    expect([other.mock.calls.length, stopped.mock.calls.length]).toEqual([1, 1]);
    expect(isHeard(tree)).toBe(false);
    expect(on.watchFile('/d/s/f', one)).not.toBe(stats);
  });
});

/** The numbers of Stats: the Dates are theirs to make. */
function plain(stats: unknown): unknown {
  return (stats as object[]).map((one) =>
    Object.fromEntries(Object.entries(one).filter(([, value]) => !(value instanceof Date))),
  );
}
