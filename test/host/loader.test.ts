// The boot loader on every kind of device: what it writes and when, which bank it takes, and the
// next one where that does not hold. Attacked with banks that miss, lie and fail at each verb, with
// devices that cannot be written, and by a model under random upgrades, boots, crashes and roll
// backs.

import { describe, expect, test } from 'vitest';
import { text, utf8 } from '../../src/base/bytes.ts';
import { CorruptError, VisorError } from '../../src/base/errors.ts';
import { encodeBootCfg } from '../../src/format/boot-cfg.ts';
import { scanBanks } from '../../src/host/loader.ts';
import {
  type BootDevice,
  type BootOptions,
  Host,
  memoryDevice,
  plannedRollback,
  RollbackError,
  rollBack,
} from '../../src/node.ts';
import { tarOf } from '../support/archives.ts';
import { prng } from '../support/prng.ts';
import { bankFiles, bootstates, contentOf, DEVICES, type Files, summed, watched } from './banks.ts';

interface Told {
  readonly host: Host;
  /** The ids of the events, and what they say. */
  readonly ids: readonly string[];
  readonly said: string;
}

async function booted(device: BootDevice, options: BootOptions = {}): Promise<Told> {
  const ids: string[] = [];
  const said: string[] = [];
  const host = await Host.boot(device, {
    clock: () => 7,
    ...options,
    onEvent: ({ id, severity, message, atMs }) => {
      expect(atMs).toBe(7);
      ids.push(id.replace('visorfs.boot.', ''));
      said.push(`${severity}: ${message}`);
    },
  });
  expect(host.vfs.fs.readFileSync('/etc/motd', 'utf8')).toBe(host.build);
  return { host, ids, said: said.join('\n') };
}

const UPGRADED = { updated: 2, bootstate: 1 };

describe.each(Object.entries(DEVICES))('%s', (_kind, make) => {
  test('an upgrade is dirty until it has come up, and valid then', async () => {
    const inner = await make(bankFiles('old'), bankFiles('new', UPGRADED));
    const seen: string[] = [];
    const device = watched(inner, (verb, bank, file, bytes) => {
      if (file === 'base.v00') seen.push(`${bank} is loaded`);
      if (verb === 'write') seen.push(`${bank} ${text(bytes!, 0, 11)}`);
    });
    const { host, ids } = await booted(device);
    expect(host.bank).toBe('altbootbank');
    expect(seen).toEqual([
      'altbootbank bootstate=2',
      'altbootbank is loaded',
      'altbootbank bootstate=0',
    ]);
    expect(await bootstates(device)).toEqual({ bootbank: 0, altbootbank: 0 });
    expect(ids).toEqual(['upgrade.confirmed']);
    expect((await booted(device)).ids).toEqual([]);
  });

  test('one that did not come up is invalid then, and the old one is taken', async () => {
    const device = await make(bankFiles('old'), bankFiles('new', { updated: 2, bootstate: 2 }));
    const { host, ids, said } = await booted(device);
    expect([host.bank, ids]).toEqual(['bootbank', ['bank.skipped']]);
    expect(said).toContain('altbootbank is not booted: its upgrade failed: it was booted once');
    expect(await bootstates(device)).toEqual({ bootbank: 0, altbootbank: 3 });
    expect((await booted(device)).ids).toEqual([]);
  });

  test('one without a build is a roll back', async () => {
    const device = await make(bankFiles('old'), bankFiles('new', { ...UPGRADED, build: '' }));
    const { host, ids } = await booted(device);
    expect([host.bank, ids]).toEqual(['bootbank', ['bank.skipped', 'rollback']]);
    expect(await bootstates(device)).toEqual({ bootbank: 0, altbootbank: 3 });
  });

  const broken: Readonly<Record<string, readonly [Files, string]>> = {
    'lacks a module': [
      bankFiles('new', { updated: 2 }, { 'base.v00': null }),
      "lists the module 'base.v00', which is not in the bank",
    ],
    'has a module that does not open': [
      bankFiles('new', { updated: 2 }, { 'base.v00': tarOf([{ path: 'a' }]).slice(0, 700) }),
      'base.v00 at 0x',
    ],
    'has a state that is none': [
      bankFiles('new', { updated: 2 }, { 'state.tgz': utf8('noise') }),
      'state.tgz',
    ],
    'has a module that is not what its sum says': [
      new Map([...summed(bankFiles('new', { updated: 2 })), ['b.b00', utf8('b kernel')]]),
      'altbootbank/b.b00 at 0x0: its SHA-256 is cca7e0a014a5b369bddb5c39f3c27520',
    ],
    'has a list of sums that is none': [
      bankFiles('new', { updated: 2 }, { 'sha256.sum': utf8('noise') }),
      'altbootbank/sha256.sum at 0x0: a line that is no SHA-256 and a name',
    ],
    'has a boot.cfg that is none': [
      bankFiles('new', {}, { 'boot.cfg': utf8('updated=two\nbuild=1\n') }),
      'altbootbank/boot.cfg at 0x0: updated is "two" and no number',
    ],
  };
  test.each(Object.entries(broken))('where the default %s, the other is booted', async (_, row) => {
    const [files, why] = row;
    const device = await make(bankFiles('old'), files);
    const before = await contentOf(device);
    const { host, ids, said } = await booted(device);
    expect([host.bank, ids]).toEqual(['bootbank', ['bank.skipped']]);
    expect(said).toContain(why.slice(0, 60));
    expect(host.skipped).toHaveLength(1);
    expect(host.skipped[0]!.reason).toContain(why.slice(0, 60));
    expect(await contentOf(device)).toBe(before);
  });

  test('an upgrade that lacks a module is invalid at once', async () => {
    const device = await make(bankFiles('old'), bankFiles('new', UPGRADED, { 'b.b00': null }));
    const { host, said } = await booted(device);
    expect(host.bank).toBe('bootbank');
    expect(said).toContain('its upgrade failed, and it is invalid now');
    expect(await bootstates(device)).toEqual({ bootbank: 0, altbootbank: 3 });
  });

  test('a bank with sums boots, and one that nobody summed is told of', async () => {
    const device = await make(summed(bankFiles('sums')), new Map());
    expect((await booted(device)).ids).toEqual([]);
    const bank = (await device.banks()).find(({ name }) => name === 'bootbank');
    await bank!.write('more.v00', tarOf([{ path: 'opt/' }]));
    const modules = ['base.v00', 'more.v00'].map((file) => ({ file, options: '' }));
    const cfg = { kernel: 'b.b00', modules, build: 'sums', updated: 1 };
    await bank!.write('boot.cfg', encodeBootCfg(cfg));
    const { ids, said } = await booted(device);
    expect(ids).toEqual(['module.unchecked']);
    expect(said).toContain('sha256.sum has no sum of more.v00');
  });

  test('where no bank boots, one error says what is wrong with each', async () => {
    const device = await make(bankFiles('old', {}, { 'b.b00': null }), new Map());
    const refusal = Host.boot(device);
    await expect(refusal).rejects.toThrow(CorruptError);
    await expect(refusal).rejects.toThrow(/no bank can be booted: .*bootbank: has no boot.cfg/);
    await expect(refusal).rejects.toThrow(/bootbank: .*lists the module 'b.b00'/);
  });

  test('a roll back makes the default invalid and takes the other, once', async () => {
    const device = await make(bankFiles('old'), bankFiles('new', { updated: 2 }));
    const { host, ids } = await booted(device, { rollback: true });
    expect([host.bank, ids]).toEqual(['bootbank', ['rollback']]);
    expect(await bootstates(device)).toEqual({ bootbank: 0, altbootbank: 3 });
    await host.reboot();
    expect(host.bank).toBe('bootbank');
    await expect(booted(device, { rollback: true })).rejects.toThrow(RollbackError);
    await expect(rollBack(device)).rejects.toThrow('No alternate hypervisor to roll back to.');
    expect(await bootstates(device)).toEqual({ bootbank: 0, altbootbank: 3 });
  });

  test('a roll back without a boot touches one bank and one digit', async () => {
    const device = await make(bankFiles('old', { bootstate: 1 }), bankFiles('new', { updated: 2 }));
    const before = await contentOf(device);
    const planned = await plannedRollback(device);
    expect([planned.from.bank.name, planned.to.bank.name]).toEqual(['altbootbank', 'bootbank']);
    expect(await contentOf(device)).toBe(before);
    await rollBack(device);
    const at = before.indexOf('bootstate=0');
    expect(await contentOf(device)).toBe(
      `${before.slice(0, at)}bootstate=3${before.slice(at + 11)}`,
    );
  });

  test('a dry run judges alike and writes nothing', async () => {
    for (const bootstate of [0, 1, 2]) {
      const device = await make(bankFiles('old'), bankFiles('new', { updated: 2, bootstate }));
      const before = await contentOf(device);
      for (const rollback of [false, bootstate !== 2]) {
        const { host } = await booted(device, { dryRun: true, rollback });
        const isOld = rollback || bootstate === 2;
        expect(host.bank).toBe(isOld ? 'bootbank' : 'altbootbank');
      }
      expect(await contentOf(device)).toBe(before);
      expect((await booted(device)).host.bank).toBe(bootstate === 2 ? 'bootbank' : 'altbootbank');
    }
  });

  test('a state saved after a bank failed for a moment is not lost when it is back', async () => {
    const inner = await make(bankFiles('old'), bankFiles('new', { updated: 5 }));
    let fails = true;
    const device = watched(inner, (verb, bank, file) => {
      const isHit = fails && verb === 'open' && bank === 'altbootbank' && file === 'base.v00';
      if (isHit) throw new VisorError('EIO', { syscall: 'read', path: file });
    });
    const { host, said } = await booted(device);
    expect(host.bank).toBe('bootbank');
    expect(said).toContain('altbootbank is not booted: EIO: i/o error');
    fails = false;
    host.vfs.fs.writeFileSync('/etc/conf', 'second');
    await host.rebuild();
    await host.reboot();
    expect([host.bank, host.vfs.fs.readFileSync('/etc/conf', 'utf8')]).toEqual([
      'bootbank',
      'second',
    ]);
  });
});

test('a ramdisk that is too small is no fault of a bank: the other one is not booted', async () => {
  const files = bankFiles('new', { updated: 2 });
  const device = memoryDevice(bankFiles('old'), 'bootbank', files);
  const { host } = await booted(device);
  host.vfs.fs.writeFileSync('/etc/conf', 'x'.repeat(100_000));
  await host.rebuild();
  const ramdisks = [{ name: 'tiny', path: '/', size: '64k' }];
  await expect(booted(device, { ramdisks })).rejects.toThrow("the ramdisk 'tiny' is full");
});

describe('a device that cannot be written', () => {
  const refusing = (device: BootDevice): BootDevice =>
    watched(device, (verb) => {
      if (verb === 'write') throw new VisorError('EROFS');
    });

  test('boots as if it had been, and says so', async () => {
    const inner = memoryDevice(bankFiles('old'), 'bootbank', bankFiles('new', UPGRADED));
    const { host, ids, said } = await booted(refusing(inner));
    expect(host.bank).toBe('altbootbank');
    expect(ids).toEqual(['bootstate.unwritten', 'bootstate.unwritten']);
    expect(said).toContain('The bootstate of altbootbank could not be set to 2: EROFS');
    expect(await bootstates(inner)).toEqual({ bootbank: 0, altbootbank: 1 });
  });

  test('takes the other bank where one is dirty', async () => {
    const dirty = bankFiles('new', { updated: 2, bootstate: 2 });
    const { host, ids } = await booted(refusing(memoryDevice(bankFiles('old'), 'bootbank', dirty)));
    expect([host.bank, ids]).toEqual(['bootbank', ['bootstate.unwritten', 'bank.skipped']]);
  });

  test('cannot be rolled back for good, but for one boot', async () => {
    const inner = memoryDevice(bankFiles('old'), 'bootbank', bankFiles('new', { updated: 2 }));
    await expect(rollBack(refusing(inner))).rejects.toMatchObject({ code: 'EROFS' });
    const { host } = await booted(refusing(inner), { rollback: true });
    expect(host.bank).toBe('bootbank');
  });
});

describe('of several banks', () => {
  const banksOf = async (...all: readonly Files[]): Promise<BootDevice> => {
    const banks = await Promise.all(
      all.map(async (files, index) => (await memoryDevice(files, `bank${index}`).banks())[0]!),
    );
    return { name: 'many', banks: async () => banks };
  };

  test('the first wins a tie', async () => {
    const device = await banksOf(
      bankFiles('a', { updated: 3 }),
      bankFiles('b', { updated: 4 }),
      bankFiles('c', { updated: 4 }),
    );
    expect((await booted(device)).host.bank).toBe('bank1');
  });

  test('three are looked at, not counting what is none', async () => {
    const device = await banksOf(
      new Map(),
      bankFiles('a', { updated: 1 }),
      bankFiles('b', {}, { 'boot.cfg': utf8('updated=x') }),
      bankFiles('c', { bootstate: 3 }),
      bankFiles('d', { updated: 2 }),
      bankFiles('e', { updated: 9, bootstate: 1 }),
    );
    expect((await booted(device)).host.bank).toBe('bank4');
    expect((await scanBanks(device, () => {})).bootable).toHaveLength(2);
  });

  test('one with a bootstate that cannot be rewritten is passed over and left alone', async () => {
    const four = bankFiles('new', { updated: 9, bootstate: 4 });
    const device = await banksOf(bankFiles('old'), four);
    const before = await contentOf(device);
    const { host, said } = await booted(device);
    expect(host.bank).toBe('bank0');
    expect(said).toContain('bootstate 4 has to become 3');
    expect(await contentOf(device)).toBe(before);
  });

  test('one without a bootstate to be rewritten cannot be rolled back from', async () => {
    const cfg = utf8('kernel=b.b00\nmodules=base.v00\nbuild=new\nupdated=2\n');
    const device = await banksOf(bankFiles('old'), bankFiles('new', {}, { 'boot.cfg': cfg }));
    await expect(rollBack(device)).rejects.toThrow('put bootstate=0 on its first line');
  });
});

/** What the model knows of one bank. */
interface ModelBank {
  state: number;
  updated: number;
  holds: boolean;
}

/** Which bank a boot takes, as the words of the table have it; it changes `banks`. */
function modelBoot(banks: ModelBank[], comesUp: boolean): number {
  const able: number[] = [];
  for (const [index, bank] of banks.entries()) {
    if (bank.state === 2) bank.state = 3;
    else if (bank.state < 2) able.push(index);
    if (bank.state === 1) bank.state = 2;
  }
  able.sort((one, other) => banks[other]!.updated - banks[one]!.updated || one - other);
  // A boot that dies does so in the first bank it takes.
  if (!comesUp) return -1;
  for (const index of able) {
    const bank = banks[index]!;
    if (bank.holds) {
      bank.state = 0;
      return index;
    }
    if (bank.state === 2) bank.state = 3;
  }
  return -1;
}

test.each([1, 2, 3, 4, 5, 6])(
  'random lives of two banks go as the model goes (SEED=%i)',
  async (seed) => {
    const chance = prng(seed);
    const files: Files[] = [bankFiles('0'), bankFiles('1', { bootstate: 3, updated: 2 })];
    const model: ModelBank[] = [
      { state: 0, updated: 1, holds: true },
      { state: 3, updated: 2, holds: true },
    ];
    const device = memoryDevice(files[0]!, 'bootbank', files[1]!);
    const names = ['bootbank', 'altbootbank'];
    let running = 0;
    const counts = { upgrades: 0, crashes: 0, failures: 0, rollbacks: 0 };
    for (let step = 0; step < 150; step++) {
      const what = `step ${step}`;
      const act = chance.below(5);
      if (act < 2) {
        // Upgrade: the bank that does not run becomes another, whole or not.
        const other = 1 - running;
        const holds = chance.below(4) > 0;
        const bank = { state: 1, updated: model[running]!.updated + 1, holds };
        const more = holds ? {} : { 'b.b00': null };
        const cfg = { updated: bank.updated, bootstate: 1 };
        files[other]!.clear();
        for (const [file, bytes] of bankFiles(String(other), cfg, more))
          files[other]!.set(file, bytes);
        model[other] = bank;
        counts.upgrades += 1;
      } else if (act === 2) {
        const valid = model.filter(({ state }) => state < 2).length;
        if (valid < 2) await expect(rollBack(device), what).rejects.toThrow(RollbackError);
        else {
          const from = model[1]!.updated > model[0]!.updated ? 1 : 0;
          expect((await rollBack(device)).from.bank.name, what).toBe(names[from]);
          model[from]!.state = 3;
          counts.rollbacks += 1;
        }
      } else if (act === 3) {
        // Power fails when the loader has handed over.
        await scanBanks(device, () => {});
        modelBoot(model, false);
        counts.crashes += 1;
      }
      const expected = modelBoot(model, true);
      const { host, ids } = await booted(device);
      expect(names.indexOf(host.bank), what).toBe(expected);
      if (ids.includes('bank.skipped')) counts.failures += 1;
      expect(Object.values(await bootstates(device)), what).toEqual(
        model.map(({ state }) => state),
      );
      running = expected;
    }
    for (const [what, count] of Object.entries(counts)) expect(count, what).toBeGreaterThan(3);
  },
);
