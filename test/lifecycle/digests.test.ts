// The sums of modules through every change of a bank: whatever write was the last, no bank that may
// be booted has a sum that does not fit its module; what is not what its sum says gets no new one;
// and of two banks one is always valid.

import { beforeAll, describe, expect, test } from 'vitest';
import { text, utf8 } from '../../src/base/bytes.ts';
import { portableCodec } from '../../src/codec/gzip.ts';
import { parseBootCfg } from '../../src/format/boot-cfg.ts';
import { scanBanks } from '../../src/host/loader.ts';
import { completedDigests, memoryDevice, verifyBank } from '../../src/index.ts';
import { verifyBank as verifiedBank } from '../../src/lifecycle/verify-bank.ts';
import { baseBank, copyOf, type Files, idOf, offer } from '../support/small-host.ts';
import { bootedVibs, type Stage, stageOf } from './stage.ts';

const TOOL = { name: 'tool' };
const NEWER = { name: 'tool', version: '2.0-1' };

let bank: Files;
beforeAll(async () => {
  bank = await baseBank();
  const [own] = await memoryDevice(bank).banks();
  bank.set('sha256.sum', (await completedDigests(own!, await verifyBank(own!)))!);
});

type Act = (stage: Stage) => Promise<unknown>;

const ACTS: readonly [name: string, prepare: Act, act: Act][] = [
  ['an installation', async () => {}, async (stage) => stage.software.install([await offer(TOOL)])],
  [
    'an update of the bank that was booted before',
    async ({ software, host }) => {
      await software.install([await offer(TOOL)]);
      await host.reboot();
    },
    async ({ software }) => software.update([await offer(NEWER)]),
  ],
  [
    'an update of a bank that is booted next',
    async ({ software }) => software.install([await offer(TOOL)], { noLiveInstall: true }),
    async ({ software }) => software.update([await offer(NEWER)]),
  ],
  [
    'another level, on both banks',
    async ({ software }) => software.install([await offer(TOOL)], { noLiveInstall: true }),
    async ({ software }) => software.setAcceptance('community'),
  ],
];

/** The verdicts on the modules of each bank that may be booted. */
async function bootable(one: Files, other: Files): Promise<string[][]> {
  const device = memoryDevice(copyOf(one), 'bootbank', copyOf(other));
  const { bootable: banks } = await scanBanks(device, () => {});
  return Promise.all(
    banks.map(async ({ bank: own }) => {
      const { modules, problems } = await verifiedBank(own, portableCodec);
      expect(problems).toEqual([]);
      return modules.map(({ verdict }) => verdict);
    }),
  );
}

describe.each(ACTS)('%s', (_name, prepare, act) => {
  test.each(['is done', 'fails at its end and is put back'])(
    '%s, cut at each write',
    async (how) => {
      let writes = 0;
      let failing = Number.POSITIVE_INFINITY;
      let kept: [Files, Files][] = [];
      const stage = (): Promise<Stage> =>
        stageOf(copyOf(bank), {
          wrap: (inner) => ({
            ...inner,
            write: async (file, bytes) => {
              writes += 1;
              if (writes === failing) throw new Error('the device fails');
              await inner.write(file, bytes);
              kept.push([copyOf(current!.one), copyOf(current!.other)]);
            },
            remove: async (file) => {
              await inner.remove(file);
              kept.push([copyOf(current!.one), copyOf(current!.other)]);
            },
          }),
        });
      let current: Stage | null = null;
      const begin = async (): Promise<Stage> => {
        current = await stage();
        await prepare(current);
        [writes, kept] = [0, []];
        return current;
      };
      await act(await begin());
      if (how !== 'is done') {
        const last = writes;
        const again = await begin();
        failing = last;
        await expect(act(again)).rejects.toThrow('the device fails');
      }
      expect(kept.length).toBeGreaterThan(3);
      for (const [one, other] of kept) {
        const banks = await bootable(one, other);
        expect(banks.length).toBeGreaterThan(0);
        for (const verdicts of banks) {
          for (const verdict of verdicts) expect(['holds', 'unlisted']).toContain(verdict);
        }
      }
      const [one, other] = kept.at(-1)!;
      for (const verdicts of await bootable(one, other)) {
        expect(new Set(verdicts)).toEqual(new Set(['holds']));
      }
    },
  );
});

test('a module that is not what its sum says is not copied with a new one', async () => {
  const stage = await stageOf(copyOf(bank));
  stage.one.set('b.b00', utf8('another kernel'));
  await expect(stage.software.install([await offer(TOOL)])).rejects.toThrow(
    'bootbank/b.b00 at 0x0: its SHA-256 is',
  );
  expect([...stage.other.keys()]).toEqual([]);
});

test('what a dry run booted is made valid before the other bank is touched', async () => {
  const first = await stageOf(copyOf(bank));
  await first.software.install([await offer(TOOL)], { noLiveInstall: true });
  const states = (stage: Stage): number[] =>
    [stage.one, stage.other].map((files) => parseBootCfg(files.get('boot.cfg')!, 'x').bootstate);
  const stage = await stageOf(first.one, { other: first.other, dryRun: true });
  expect([stage.host.bank, ...states(stage)]).toEqual(['altbootbank', 0, 1]);
  await stage.software.update([await offer(NEWER)]);
  expect(states(stage)).toEqual([1, 0]);
  expect(await bootedVibs(stage.one, stage.other)).toContain(idOf('tool', '2.0-1'));
});

test('the database says what payloads were, where a bank lists no sums', async () => {
  const files = copyOf(bank);
  files.delete('sha256.sum');
  const [own] = await memoryDevice(files).banks();
  const before = await verifyBank(own!);
  expect(before.modules.map(({ file, verdict, source }) => [file, verdict, source])).toEqual([
    ['b.b00', 'unlisted', null],
    ['base.t00', 'holds', 'imgdb.tgz'],
    ['imgdb.tgz', 'unlisted', null],
  ]);
  files.set('base.t00', utf8('noise'));
  const after = await verifyBank(own!);
  expect(after.modules[1]).toMatchObject({ verdict: 'differs', source: 'imgdb.tgz' });
  await expect(completedDigests(own!, after)).rejects.toThrow("the module 'base.t00' has the SHA");
  files.delete('base.t00');
  expect((await verifyBank(own!)).modules[1]).toMatchObject({ verdict: 'missing', sha256: null });
  files.set('boot.cfg', utf8(text(files.get('boot.cfg')!).replace('bootstate=0', 'bootstate=3')));
  expect(await verifyBank(own!)).toMatchObject({ bootstate: 3, notBooted: expect.any(String) });
});
