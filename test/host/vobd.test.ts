// Attacks the log of a host: that it has ESXi's shape, that it never fails its host nor speaks of
// itself where /var is full, that it counts what it drops and stays small. With a real bank.

import { expect, test } from 'vitest';
import { Vobd } from '../../src/host/vobd.ts';
import {
  type BootDevice,
  esxRamdisks,
  Host,
  type HostEvent,
  memoryDevice,
} from '../../src/node.ts';
import { Tree } from '../../src/vfs/tree.ts';
import { tarOf } from '../support/archives.ts';

const LOG = '/var/log/vobd.log';
const BOOTED = Date.UTC(2026, 0, 2, 3, 4, 5);

const event = (message: string, atMs = BOOTED): HostEvent => ({
  id: 'esx.problem.visorfs.ramdisk.full',
  severity: 'error',
  message,
  atMs,
});

/** A bank with one module. */
function deviceOf(tar: Uint8Array): BootDevice {
  const cfg = 'bootstate=0\ntitle=x\nbuild=1\nupdated=1\nkernel=b.b00\nmodules=s.tar\n';
  return memoryDevice(
    new Map([
      ['boot.cfg', Buffer.from(cfg)],
      ['b.b00', Buffer.from('kernel')],
      ['s.tar', tar],
    ]),
  );
}

function scene(size: number | string = '1m') {
  const tree = new Tree(undefined, { ramdisks: [{ name: 'root', path: '/', size }] });
  const log = () => Buffer.from(tree.view(LOG)).toString();
  return { tree, vobd: new Vobd(tree, BOOTED), log };
}

test('a full ramdisk of a booted host is in its log and told to who boots it', async () => {
  const device = deviceOf(
    tarOf([{ path: 'etc/motd', content: 'hello' }, { path: 'var/' }, { path: 'tmp/' }]),
  );
  const events: HostEvent[] = [];
  let now = BOOTED;
  const { vfs } = await Host.boot(device, {
    ramdisks: esxRamdisks(0),
    clock: () => now,
    onEvent: (told) => events.push(told),
    vobd: true,
  });
  expect(vfs.fs.existsSync(LOG)).toBe(false);
  now += 61_000;
  const hostd = vfs.as({ label: 'hostd' });
  expect(() => hostd.writeFileSync('/tmp/core', new Uint8Array(300 << 20))).toThrow('ENOSPC');
  await Promise.resolve();
  expect(vfs.fs.readFileSync(LOG, 'utf8')).toBe(
    '2026-01-02T03:05:06.000Z: [GenericCorrelator] 61000000us: ' +
      "[esx.problem.visorfs.ramdisk.full] The ramdisk 'tmp' is full.  " +
      'As a result, the file /tmp/core could not be written.\n',
  );
  expect(events).toMatchObject([{ ramdisk: 'tmp', path: '/tmp/core', label: 'hostd' }]);
});

test('where /var is full the host goes on, and the log says later what is missing', async () => {
  const device = deviceOf(tarOf([{ path: 'var/log/' }]));
  let count = 0;
  const { vfs } = await Host.boot(device, {
    ramdisks: [{ name: 'var', path: '/var', size: '40k', inodes: 3 }],
    onEvent: () => (count += 1),
    vobd: true,
  });
  vfs.fs.writeFileSync('/var/a', new Uint8Array(36 << 10));
  for (let index = 0; index < 5; index++) {
    const fill = () => vfs.fs.writeFileSync(`/var/more-${index}`, 'x');
    expect(fill).toThrow('ENOSPC');
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  }
  expect(vfs.fs.existsSync(LOG)).toBe(false);
  // Each file that was refused, the highest threshold, and once the log itself.
  expect(count).toBe(5 + 1 + 1);
  vfs.fs.unlinkSync('/var/a');
  vfs.ramdisks.resize('var', { inodes: 50 });
  expect(() => vfs.fs.writeFileSync('/var/last', new Uint8Array(50 << 10))).toThrow('ENOSPC');
  await Promise.resolve();
  const lines = vfs.fs.readFileSync(LOG, 'utf8').split('\n');
  expect(lines[0]).toMatch(/\[visorfs\.vobd\.dropped\] 7 events could not be logged\.$/);
  expect(lines[1]).toContain('the file /var/last could not be written.');
});

test('a host that is not to log is told, and its tree is left alone', async () => {
  const events: HostEvent[] = [];
  const device = deviceOf(tarOf([{ path: 'tmp/' }]));
  const { vfs } = await Host.boot(device, { onEvent: (told) => events.push(told) });
  expect(() => vfs.fs.writeFileSync('/tmp/a', new Uint8Array(40 << 20))).toThrow('ENOSPC');
  await Promise.resolve();
  expect(events).toMatchObject([{ id: 'esx.problem.visorfs.ramdisk.full', path: '/tmp/a' }]);
  expect(vfs.changes()).toEqual([]);
});

test('what is told of the log itself is not written into it', () => {
  const { vobd, log, tree } = scene();
  vobd.note({ ...event('about the log'), path: LOG } as HostEvent);
  expect(tree.has(LOG)).toBe(false);
  vobd.note(event('about another'));
  expect(log()).toMatch(/1 events could not be logged\.\n.*about another\n$/);
});

test('the log stays below its limit, and what is left are whole lines, the last ones', () => {
  const { vobd, log } = scene();
  let longest = 0;
  for (let index = 0; index < 2000; index++) {
    vobd.note(event(`event ${index} of a long series`));
    longest = Math.max(longest, log().length);
  }
  expect(longest).toBeLessThanOrEqual(64 << 10);
  const lines = log().trimEnd().split('\n');
  expect(lines.at(-1)).toContain('event 1999 of');
  expect(lines.every((line) => /^2026-.*Z: .* of a long series$/.test(line))).toBe(true);
});

test('a line is a line, whatever is in a path', () => {
  const { vobd, log } = scene();
  vobd.note(event('the file /a\nb could not be written.'));
  expect(log().split('\n')).toHaveLength(2);
});

test('an error that is no refusal of the tree is not hidden', () => {
  const { tree, vobd } = scene();
  tree.release();
  expect(() => vobd.note(event('x'))).toThrow();
});
