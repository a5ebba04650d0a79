// Auto-backup: due at minute 1, at shutdown and after a while without a change; saved only where
// something differs from what the bank has; never two at once, and nothing that changes meanwhile
// is lost. Attacked with devices that hang, and with changes at every step of a backup.

import { expect, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { encodeBootCfg } from '../../src/format/boot-cfg.ts';
import {
  AutoBackup,
  type AutoBackupOptions,
  atMinuteOne,
  type BackupRecord,
  type Bank,
  type BootDevice,
  Host,
  type HostEvent,
  memoryDevice,
} from '../../src/index.ts';
import { tarOf } from '../support/archives.ts';
import { Faults, failingDevice } from '../support/failing.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const CONF = '/etc/vmware/esx.conf';
const COUNTER = '/etc/vmware/.backup.counter';
const BASE = tarOf([
  { path: 'etc/' },
  { path: 'etc/motd', content: 'welcome\n' },
  { path: 'etc/vmware/' },
  { path: 'etc/vmware/esx.conf', content: 'a = "1"\n', mode: 0o1644 },
  { path: 'var/' },
]);

function deviceFiles(): Map<string, Uint8Array> {
  const listed = ['base.v00', 'state.tgz'].map((file) => ({ file, options: '' }));
  return new Map([
    ['boot.cfg', encodeBootCfg({ kernel: 'b.b00', modules: listed, build: '1', updated: 1 })],
    ['b.b00', utf8('a kernel')],
    ['base.v00', BASE],
  ]);
}

/** A timer and a clock that go when they are told to. */
class Time {
  now = 0;
  #due: { at: number; act: () => void }[] = [];
  readonly clock = (): number => this.now;
  /** Settles when what was due has happened. */
  idle = async (): Promise<void> => undefined;

  after(ms: number, act: () => void): () => void {
    const one = { at: this.now + ms, act };
    this.#due.push(one);
    return () => {
      this.#due = this.#due.filter((other) => other !== one);
    };
  }

  get waiting(): number {
    return this.#due.length;
  }

  /** Lets `ms` pass, and all that is due in them happen. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms;
    for (;;) {
      const [next] = this.#due.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#due = this.#due.filter((one) => one !== next);
      this.now = Math.max(this.now, next.at);
      next.act();
      await this.idle();
    }
    this.now = end;
  }
}

/** Lets go on what can: compression works on a thread of its own. */
async function aWhile(): Promise<void> {
  for (let turn = 0; turn < 40; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
}

interface Stage {
  readonly host: Host;
  readonly auto: AutoBackup;
  readonly time: Time;
  readonly files: Map<string, Uint8Array>;
  readonly events: HostEvent[];
  /** Of records, what is said first. */
  told(): string[];
}

async function stage(
  options: AutoBackupOptions = {},
  around: (device: BootDevice) => BootDevice = (device) => device,
): Promise<Stage> {
  const [time, files, events] = [new Time(), deviceFiles(), [] as HostEvent[]];
  const device = around(memoryDevice(files, 'bootbank'));
  const host = await Host.boot(device, {
    clock: time.clock,
    onEvent: (event) => events.push(event),
  });
  events.length = 0;
  const auto = new AutoBackup(host, { timer: time, ...options });
  time.idle = () => auto.settled();
  const told = (): string[] => auto.records.map(({ cause, outcome }) => `${cause} ${outcome}`);
  return { host, auto, time, files, events, told };
}

async function confOf(files: Map<string, Uint8Array>): Promise<string> {
  const host = await Host.boot(memoryDevice(new Map(files)));
  return host.vfs.fs.readFileSync(CONF, 'utf8') as string;
}

test('it is due at minute 1 of each hour, as the crontab of ESXi has it', () => {
  const at = (text: string): string => new Date(atMinuteOne(Date.parse(text))).toISOString();
  expect(at('2026-11-28T12:00:00Z')).toBe('2026-11-28T12:01:00.000Z');
  expect(at('2026-11-28T12:00:59.999Z')).toBe('2026-11-28T12:01:00.000Z');
  expect(at('2026-11-28T12:01:00Z')).toBe('2026-11-28T13:01:00.000Z');
  expect(at('2026-12-31T23:30:00Z')).toBe('2027-01-01T00:01:00.000Z');
});

test('what changed is saved when the next is due, and what did not is not', async () => {
  const { host, time, files, told, events } = await stage();
  await time.pass(MINUTE);
  expect(told()).toEqual(['schedule unchanged']);
  host.vfs.fs.writeFileSync(CONF, 'a = "2"\n');
  await time.pass(59 * MINUTE);
  expect(files.has('state.tgz')).toBe(false);
  await time.pass(MINUTE);
  expect(told()).toEqual(['schedule unchanged', 'schedule saved']);
  expect(await confOf(files)).toBe('a = "2"\n');
  await time.pass(3 * HOUR);
  expect(told().slice(2)).toEqual(Array(3).fill('schedule unchanged'));
  expect(events.map(({ id, severity }) => `${id} ${severity}`)).toEqual([
    'visorfs.backup.saved info',
  ]);
});

test('where nothing changed since the last one, the device is not asked for anything', async () => {
  const faults = new Faults();
  const { time, told, host } = await stage({}, (device) => failingDevice(device, faults));
  host.vfs.fs.writeFileSync(CONF, 'a = "2"\n');
  await time.pass(HOUR);
  faults.fault = { at: 2 ** 31, code: 'EIO', isForEver: false };
  host.vfs.fs.writeFileSync('/var/log', 'written all the time');
  host.vfs.fs.readFileSync(CONF);
  await time.pass(HOUR);
  expect(faults.count).toBe(0);
  host.vfs.fs.utimesSync(CONF, 5, 5);
  await time.pass(HOUR);
  expect(faults.count).toBeGreaterThan(0);
  expect(told()).toEqual(['schedule saved', 'schedule unchanged', 'schedule unchanged']);
});

test('a record says what differed, and what changed and is in no backup', async () => {
  const { host, auto } = await stage();
  host.vfs.fs.writeFileSync(CONF, 'a = "2"\n');
  host.vfs.fs.writeFileSync('/etc/motd', 'edited\n');
  host.vfs.fs.writeFileSync('/etc/new', 'new\n');
  host.vfs.fs.writeFileSync('/var/elsewhere', 'not below a state root\n');
  const { outcome, bytes, differences, unsaved } = await auto.look();
  expect(outcome).toBe('saved');
  expect(bytes).toBeGreaterThan(100);
  expect(differences).toMatchObject([{ path: CONF, change: 'added' }]);
  expect(unsaved).toEqual([
    { path: '/etc/motd', change: 'modified', obstacle: 'not-sticky' },
    { path: '/etc/new', change: 'added', obstacle: 'new' },
  ]);
});

test('each is counted, the count survives a boot, and alone is no difference', async () => {
  const { host, auto, files, time } = await stage();
  for (const value of [2, 3]) {
    time.now += 1000;
    host.vfs.fs.writeFileSync(CONF, `a = "${value}"\n`);
    await auto.look();
  }
  expect((await auto.look()).outcome).toBe('unchanged');
  await host.reboot();
  expect(host.vfs.fs.readFileSync(COUNTER, 'utf8')).toBe(
    '# CREATED: 1970-01-01T00:00:01.000Z\n# MODIFIED: 1970-01-01T00:00:02.000Z\n2\n',
  );
  expect((await auto.look()).outcome).toBe('unchanged');
  host.vfs.fs.writeFileSync(CONF, 'a = "4"\n');
  await auto.look();
  expect(host.vfs.fs.readFileSync(COUNTER, 'utf8')).toMatch(/\n3\n$/);
  expect(await confOf(files)).toBe('a = "4"\n');
});

test('a counter that is none is begun anew, and a full one hinders no backup', async () => {
  const { host, auto, files, events } = await stage();
  host.vfs.fs.writeFileSync(COUNTER, 'seven\n');
  host.vfs.fs.writeFileSync(CONF, 'a = "2"\n');
  expect((await auto.look()).outcome).toBe('saved');
  expect(host.vfs.fs.readFileSync(COUNTER, 'utf8')).toMatch(/\n1\n$/);
  host.vfs.fs.rmSync(COUNTER);
  host.vfs.fs.writeFileSync(CONF, 'a = "3"\n');
  for (let size = 1 << 20; size >= 1; size >>= 1) fill(host, size);
  expect((await auto.look()).outcome).toBe('saved');
  expect(events.map(({ id }) => id)).toContain('visorfs.backup.uncounted');
  expect(await confOf(files)).toBe('a = "3"\n');
});

/** Appends pieces of `size` bytes to a file until its ramdisk takes no more. */
function fill(host: Host, size: number): void {
  try {
    for (;;) host.vfs.fs.appendFileSync('/var/filler', new Uint8Array(size));
  } catch (error) {
    expect(error).toMatchObject({ code: 'ENOSPC' });
  }
}

test('with a debounce it is due so long after the last change, and not after each', async () => {
  const { host, time, told, files } = await stage({ debounceMs: 5000, schedule: () => null });
  await time.pass(HOUR);
  expect(told()).toEqual([]);
  for (let value = 0; value < 10; value++) {
    host.vfs.fs.writeFileSync(CONF, `a = "${value}"\n`);
    await time.pass(4000);
  }
  host.vfs.fs.writeFileSync('/var/log', 'no state');
  expect(told()).toEqual([]);
  await time.pass(1000);
  expect(told()).toEqual(['change saved']);
  expect(await confOf(files)).toBe('a = "9"\n');
  await host.reboot();
  host.vfs.fs.writeFileSync(CONF, 'a = "after a reboot"\n');
  await time.pass(5000);
  expect(told()).toEqual(['change saved', 'change saved']);
});

test('shutdown saves what no schedule did and closes the device; nothing is due then', async () => {
  let isClosed = false;
  const close = (): void => {
    isClosed = true;
  };
  const { host, auto, time, files } = await stage({ debounceMs: 1000 }, (device) => {
    return { ...device, close };
  });
  host.vfs.fs.writeFileSync(CONF, 'a = "last words"\n');
  expect(await auto.shutdown()).toMatchObject({ cause: 'shutdown', outcome: 'saved' });
  expect([isClosed, time.waiting]).toEqual([true, 0]);
  expect(await confOf(files)).toBe('a = "last words"\n');
  host.vfs.fs.writeFileSync(CONF, 'a = "too late"\n');
  await time.pass(HOUR);
  expect(await confOf(files)).toBe('a = "last words"\n');
});

/** `device`, which calls `before` ahead of each verb of its banks. */
function pausing(device: BootDevice, before: (verb: string) => Promise<void>): BootDevice {
  const wrap = (bank: Bank): Bank => ({
    ...bank,
    list: async () => {
      await before('list');
      return bank.list();
    },
    open: async (file) => {
      await before('open');
      return bank.open(file);
    },
    write: async (file, bytes) => {
      await before('write');
      return bank.write(file, bytes);
    },
  });
  return { ...device, banks: async () => (await device.banks()).map(wrap) };
}

test('a change at any step of a backup is noticed, and in the next one', async () => {
  for (let step = 1, isDone = false; !isDone; step++) {
    let count = Number.NEGATIVE_INFINITY;
    const stages: Stage[] = [];
    const meanwhile = async (): Promise<void> => {
      count += 1;
      if (count === step) stages[0]!.host.vfs.fs.writeFileSync(CONF, 'a = "3"\n');
    };
    const made = await stage({}, (device) => pausing(device, meanwhile));
    stages.push(made);
    made.host.vfs.fs.writeFileSync(CONF, 'a = "2"\n');
    count = 0;
    await made.auto.look();
    isDone = count < step;
    if (isDone) break;
    await made.auto.look();
    expect(await confOf(made.files), `changed at step ${step}`).toBe('a = "3"\n');
  }
});

test('there are never two at once, however many fall due', async () => {
  let [atWork, most] = [0, 0];
  const { host, auto, files } = await stage({
    exclusively: async (act) => {
      atWork += 1;
      most = Math.max(most, atWork);
      await act();
      atWork -= 1;
    },
  });
  const looks: Promise<BackupRecord>[] = [];
  for (let value = 0; value < 10; value++) {
    host.vfs.fs.writeFileSync(CONF, `a = "${value}"\n`);
    looks.push(auto.look());
  }
  const outcomes = (await Promise.all(looks)).map(({ outcome }) => outcome);
  expect(most).toBe(1);
  expect(outcomes).toEqual(['saved', ...Array(9).fill('unchanged')]);
  expect(await confOf(files)).toBe('a = "9"\n');
});

test('a device that hangs is told of each hour, and one look follows when it answers', async () => {
  let release = (): void => {};
  let isHanging = false;
  const { host, auto, time, told, events } = await stage({}, (device) => {
    return pausing(device, async (verb) => {
      if (!isHanging || verb !== 'write') return;
      await new Promise<void>((resolve) => {
        release = resolve;
      });
    });
  });
  host.vfs.fs.writeFileSync(CONF, 'a = "2"\n');
  isHanging = true;
  time.idle = aWhile;
  await time.pass(3 * HOUR);
  expect(told()).toEqual(['schedule busy', 'schedule busy']);
  expect(events.map(({ id }) => id)).toEqual(Array(2).fill('visorfs.backup.busy'));
  expect(host.vfs.fs.readFileSync(CONF, 'utf8')).toBe('a = "2"\n');
  isHanging = false;
  release();
  await auto.settled();
  expect(told().slice(2)).toEqual(['schedule saved', 'schedule unchanged']);
});

test.each([Number.NaN, -1, Number.POSITIVE_INFINITY, 2 ** 40])(
  'a debounce of %d is none that a timer can wait',
  async (debounceMs) => {
    await expect(stage({ debounceMs })).rejects.toThrow(RangeError);
  },
);
