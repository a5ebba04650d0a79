/**
 * Nothing half done. Every verb of the boot device fails in turn, once or for ever, and the power
 * fails at every write; the running host refuses what it was to mount at the very end. What is left
 * is the host as it was, byte for byte, or the host as it was to be.
 */

import { beforeAll, describe, expect, test } from 'vitest';
import type { Bank } from '../../src/host/device.ts';
import type { SoftwareError } from '../../src/index.ts';
import { baseBank, copyOf, type Files, idOf, offer, treeOf } from '../support/small-host.ts';
import { bankOf, bootedVibs, everything, type Stage, stageOf } from './stage.ts';

const VERBS = ['list', 'open', 'write', 'remove'] as const;

/** Banks that count what is asked of them, and do `at` before the verb of that number, or after. */
class Watch {
  count = 0;
  at: (step: number) => void = () => undefined;
  isAfter = false;

  readonly wrap = (bank: Bank): Bank => {
    const watched: Record<string, unknown> = { name: bank.name };
    for (const verb of VERBS) {
      watched[verb] = async (...given: readonly unknown[]) => {
        const step = ++this.count;
        if (!this.isAfter) this.at(step);
        const answer = await (bank[verb] as (...args: unknown[]) => unknown)(...given);
        if (this.isAfter) this.at(step);
        return answer;
      };
    }
    return watched as unknown as Bank;
  };
}

interface Act {
  readonly name: string;
  /** VIBs that the booted host should have before and after it. */
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** What to do first, so that it has something to change; then the host boots again. */
  readonly prepare: (stage: Stage) => Promise<unknown>;
  readonly run: (stage: Stage) => Promise<unknown>;
}

const BASE = idOf('base');
const TOOL = { name: 'tool', files: { 'opt/tool': 'one', 'opt/only-in-one': '1' } };
const NEWER = { name: 'tool', version: '2.0-1', files: { 'opt/tool': 'two, which is longer' } };

const ACTS: readonly Act[] = [
  {
    name: 'an installation',
    before: [BASE],
    after: [BASE, idOf('tool')],
    prepare: async () => undefined,
    run: async ({ software }) => software.install([await offer(TOOL)]),
  },
  {
    name: 'an update, over a bank that was booted before',
    before: [BASE, idOf('tool')],
    after: [BASE, idOf('tool', '2.0-1')],
    prepare: async ({ software }) => software.install([await offer(TOOL)]),
    run: async ({ software }) => software.update([await offer(NEWER)]),
  },
  {
    name: 'a removal',
    before: [BASE, idOf('tool')],
    after: [BASE],
    prepare: async ({ software }) => software.install([await offer(TOOL)]),
    run: ({ software }) => software.remove(['tool']),
  },
  {
    name: 'an installation for the next boot',
    before: [BASE],
    after: [BASE, idOf('tool')],
    prepare: async () => undefined,
    run: async ({ software }) => software.install([await offer(TOOL)], { noLiveInstall: true }),
  },
];

let bank: Files;
beforeAll(async () => {
  bank = await baseBank();
});

/** A host on which `act` can be done, with a file open that has nothing to do with it. */
async function ready(act: Act, watch: Watch): Promise<Stage> {
  const stage = await stageOf(copyOf(bank), { wrap: watch.wrap });
  stage.host.vfs.fs.writeFileSync('/etc/sticky.conf', 'edited\n');
  await stage.host.rebuild();
  await act.prepare(stage);
  await stage.host.reboot();
  stage.host.vfs.fs.openSync('/etc/motd', 'r');
  watch.count = 0;
  return stage;
}

describe.each(ACTS)('$name', (act) => {
  test('happens, where nothing fails', async () => {
    const stage = await ready(act, new Watch());
    expect(await bootedVibs(stage.one, stage.other)).toEqual(act.before);
    await act.run(stage);
    expect(await bootedVibs(stage.one, stage.other)).toEqual(act.after);
  });

  test('whatever verb of the device fails, all is as it was, and can be done again', async () => {
    const counting = new Watch();
    await act.run(await ready(act, counting));
    // What failed may have been done all the same: a write whose answer was lost.
    for (let half = 2; half <= 2 * counting.count + 1; half++) {
      const step = half >> 1;
      const watch = new Watch();
      const stage = await ready(act, watch);
      const before = everything(stage);
      watch.isAfter = half % 2 === 1;
      watch.at = (at) => {
        if (at === step) throw new Error(`step ${step} fails`);
      };
      const refusal: SoftwareError = await act.run(stage).then(
        () => expect.fail(`step ${step} fails unnoticed`),
        (error) => error,
      );
      expect(refusal.kind, `step ${step}`).toBe('InstallationError');
      expect(everything(stage), `step ${step}`).toEqual(before);
      await act.run(stage);
      expect(await bootedVibs(stage.one, stage.other), `step ${step}`).toEqual(act.after);
    }
  });

  test('whenever the device fails for good, the host runs on, and boots what it ran', async () => {
    const counting = new Watch();
    await act.run(await ready(act, counting));
    for (let step = 1; step <= counting.count; step++) {
      const watch = new Watch();
      const stage = await ready(act, watch);
      const [tree, booted] = [treeOf(stage.host.vfs), stage.host.bank];
      const own = booted === 'bootbank' ? stage.one : stage.other;
      const before = bankOf(own);
      watch.at = (at) => {
        if (at >= step) throw new Error('the device is gone');
      };
      await expect(act.run(stage), `step ${step}`).rejects.toThrow('the device is gone');
      expect(treeOf(stage.host.vfs), `step ${step}`).toEqual(tree);
      expect(bankOf(own), `step ${step}`).toEqual(before);
      expect(await bootedVibs(stage.one, stage.other), `step ${step}`).toEqual(act.before);
    }
  });

  test('whenever the power fails, the host boots what it was or what it was to be', async () => {
    const counting = new Watch();
    const kept: [Files, Files][] = [];
    const stage = await ready(act, counting);
    // What a cut leaves is what lies there as the next verb begins, each file whole or not at all.
    counting.at = () => kept.push([copyOf(stage.one), copyOf(stage.other)]);
    await act.run(stage);
    kept.push([copyOf(stage.one), copyOf(stage.other)]);
    const seen = new Set<string>();
    for (const [one, other] of kept) {
      const vibs = await bootedVibs(one, other);
      seen.add(vibs.join(' '));
      // And from there it can be done, again or for the first time.
      const next = await stageOf(copyOf(one), { other: copyOf(other) });
      if (vibs.join() === act.before.join()) {
        await act.run(next);
        expect(await bootedVibs(next.one, next.other)).toEqual(act.after);
      }
      expect(next.host.vfs.fs.readFileSync('/etc/sticky.conf', 'utf8')).toBe('edited\n');
    }
    expect([...seen].sort()).toEqual([act.before.join(' '), act.after.join(' ')].sort());
  });
});

test('a bank that is booted next is never booted half rewritten', async () => {
  const stage = await stageOf(copyOf(bank));
  const noLiveInstall = true;
  await stage.software.install([await offer(TOOL)], { noLiveInstall });
  const watch = new Watch();
  const banks = (await stage.device.banks()).map(watch.wrap);
  Object.assign(stage.device, { banks: async () => banks });
  const kept: [Files, Files][] = [];
  watch.at = () => kept.push([copyOf(stage.one), copyOf(stage.other)]);
  await stage.software.install([await offer(NEWER)], { noLiveInstall });
  kept.push([copyOf(stage.one), copyOf(stage.other)]);
  const seen = new Set<string>();
  for (const [one, other] of kept) {
    const { host, software } = await stageOf(one, { other });
    const { profile } = await software.running();
    const version = profile.vibs.find(({ descriptor }) => descriptor.name === 'tool')?.descriptor
      .version;
    const content = host.vfs.has('/opt/tool') ? host.vfs.fs.readFileSync('/opt/tool', 'utf8') : '';
    seen.add(`${version}: ${content}`);
  }
  expect([...seen].sort()).toEqual(
    ['1.0-1: one', '2.0-1: two, which is longer', 'undefined: '].sort(),
  );
});

test('where the running host cannot mount at the end, the bank is put back', async () => {
  // The ramdisk that would have to keep the name of what is covered is full by then.
  const over = { name: 'over', overlay: true, files: { 'etc/motd': 'over\n' } };
  const stage = await stageOf(copyOf(bank), {
    ramdisks: [{ name: 'root', path: '/', size: '64k', inodes: 10_000 }],
  });
  const { fs, vfs } = { fs: stage.host.vfs.fs, vfs: stage.host.vfs };
  fs.mkdirSync('/usr/lib/vmware/lifecycle/stageliveimage', { recursive: true });
  fs.writeFileSync('/etc/motd', 'mine\n');
  fs.mkdirSync('/fill');
  for (let index = 0; ; index++) {
    try {
      fs.writeFileSync(`/fill/${'x'.repeat(200)}${index}`, '');
    } catch {
      break;
    }
  }
  for (let index = 0; ; index++) {
    try {
      fs.symlinkSync('x', `/fill/${index}`);
    } catch {
      break;
    }
  }
  const before = everything(stage);
  const refusal = await stage.software.install([await offer(over)]).catch((error) => error);
  expect(refusal.kind).toBe('LiveInstallationError');
  expect(refusal.message).toContain("the ramdisk 'root' is full");
  expect(everything(stage)).toEqual(before);
  vfs.verify();
});

test('a file that is opened while the bank is written stops the removal', async () => {
  const watch = new Watch();
  const act = ACTS[2]!;
  const stage = await ready(act, watch);
  const before = everything(stage);
  watch.at = (step) => {
    if (step === 12) stage.host.vfs.fs.openSync('/opt/tool', 'r');
  };
  const refusal = await act.run(stage).then(
    () => expect.fail('it is removed'),
    (error: SoftwareError) => error,
  );
  expect(refusal.kind).toBe('LiveInstallationError');
  expect(refusal.lines[0]).toContain('open: /opt/tool');
  expect(everything(stage)).toEqual(before);
});

test('setting the level fails whole, whatever verb of the device fails', async () => {
  const watch = new Watch();
  // Both banks are in use: what runs, and what is booted next.
  const prepared = async (): Promise<Stage> => {
    watch.at = () => undefined;
    const stage = await stageOf(copyOf(bank), { wrap: watch.wrap });
    await stage.software.install([await offer(TOOL)], { noLiveInstall: true });
    watch.count = 0;
    return stage;
  };
  const counted = await prepared();
  await counted.software.setAcceptance('community');
  const steps = watch.count;
  for (let step = 1; step <= steps; step++) {
    const stage = await prepared();
    const before = everything(stage);
    watch.at = (at) => {
      if (at === step) throw new Error(`step ${step} fails`);
    };
    await expect(stage.software.setAcceptance('community')).rejects.toThrow(`step ${step} fails`);
    expect(everything(stage), `step ${step}`).toEqual(before);
  }
});
