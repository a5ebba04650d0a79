// Another key for the state of a device. Attacked by banks that cannot be decrypted, by a device
// that fails at each of its writes, and by power that fails between the two.

import { describe, expect, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { encodeBootCfg } from '../../src/format/boot-cfg.ts';
import { type BootDevice, memoryDevice } from '../../src/host/device.ts';
import { Host, readBankState, rekeyState } from '../../src/node.ts';
import { tarOf } from '../support/archives.ts';

const CONF = '/etc/esx.conf';
const ONE = new Uint8Array(32).fill(1);
const TWO = new Uint8Array(32).fill(2);
const THREE = new Uint8Array(32).fill(3);

type Files = Map<string, Uint8Array>;

function bank(updated: number): Files {
  const modules = ['base.v00', 'state.tgz'].map((file) => ({ file, options: '' }));
  return new Map([
    ['boot.cfg', encodeBootCfg({ kernel: 'b.b00', modules, build: '1', updated })],
    ['b.b00', utf8('a kernel of sorts')],
    ['base.v00', tarOf([{ path: 'etc/' }, { path: 'etc/esx.conf', content: 'a', mode: 0o1644 }])],
  ]);
}

/** A device with a state in both banks, under `key`. */
async function device(key?: Uint8Array): Promise<{ files: [Files, Files]; device: BootDevice }> {
  const files: [Files, Files] = [bank(2), bank(1)];
  const pair = memoryDevice(files[0], 'bootbank', files[1]);
  for (const one of await pair.banks()) {
    const alone = { name: pair.name, banks: async () => [one] };
    const host = await Host.boot(alone, key === undefined ? {} : { stateKey: key });
    host.vfs.fs.writeFileSync(CONF, `of ${one.name}`);
    await host.rebuild();
  }
  return { files, device: pair };
}

/** What is in both banks under `key`. */
async function read(of: BootDevice, key?: Uint8Array): Promise<readonly number[]> {
  const states = ['bootbank', 'altbootbank'].map((bank) =>
    readBankState(of, key === undefined ? { bank } : { bank, key }),
  );
  return (await Promise.all(states)).map(({ tardisk }) => tardisk.rowCount);
}

const stateOf = (files: Files): Uint8Array => files.get('state.tgz')!;
const keys = (key?: Uint8Array, newKey?: Uint8Array) => ({
  ...(key === undefined ? {} : { key }),
  ...(newKey === undefined ? {} : { newKey }),
});

test.each([
  ['a plain state is encrypted', undefined, ONE],
  ['an encrypted one gets another key', ONE, TWO],
  ['an encrypted one becomes plain for good', ONE, undefined],
])('%s, in both banks', async (_what, key, newKey) => {
  const { device: on } = await device(key);
  const before = await read(on, key);
  const shown = (of: unknown) => (of === undefined ? 'plain' : 'encrypted');
  const change = { before: shown(key), after: shown(newKey), isChanged: true };
  expect(await rekeyState(on, keys(key, newKey))).toEqual([
    { bank: 'bootbank', ...change },
    { bank: 'altbootbank', ...change },
  ]);
  expect(await read(on, newKey)).toEqual(before);
  if (key !== undefined && newKey !== undefined) await expect(read(on, key)).rejects.toThrow();
});

test('a plain state is byte for byte what it was before it was encrypted', async () => {
  const { files, device: on } = await device();
  const before = files.map(stateOf);
  await rekeyState(on, { newKey: ONE });
  expect(files.map(stateOf)).not.toEqual(before);
  await rekeyState(on, { key: ONE });
  expect(files.map(stateOf)).toEqual(before);
});

test('where one bank cannot be decrypted, none is written', async () => {
  const { files, device: on } = await device(ONE);
  const strange = await device(THREE);
  files[1].set('state.tgz', stateOf(strange.files[1]));
  const before = files.map(stateOf);
  const rekeying = rekeyState(on, { key: ONE, newKey: TWO });
  await expect(rekeying).rejects.toMatchObject({ code: 'ERR_VISORFS_STATE_KEY' });
  await expect(rekeying).rejects.toThrow("'altbootbank/state.tgz' cannot be decrypted");
  expect(files.map(stateOf)).toEqual(before);
});

test('what is no state is not hidden behind a key', async () => {
  const { files, device: on } = await device();
  files[1].set('state.tgz', utf8('no state at all'));
  const before = files.map(stateOf);
  await expect(rekeyState(on, { newKey: ONE })).rejects.toMatchObject({
    code: 'ERR_VISORFS_CORRUPT',
  });
  expect(files.map(stateOf)).toEqual(before);
});

test('without the old key nothing is written, and the way out is said', async () => {
  const { device: on } = await device(ONE);
  await expect(rekeyState(on, { newKey: TWO })).rejects.toThrow('no key was given');
});

test('a bank without a state is passed over', async () => {
  const { files, device: on } = await device();
  files[1].delete('state.tgz');
  expect(await rekeyState(on, { newKey: ONE })).toHaveLength(1);
  expect(files[1].has('state.tgz')).toBe(false);
});

test('a key that is none is refused before anything is read', async () => {
  const { device: on } = await device();
  const rekeying = rekeyState(on, { newKey: new Uint8Array(16) });
  await expect(rekeying).rejects.toThrow(RangeError);
});

/** `on`, whose write of that `index` fails: with nothing done, or with the write done. */
function failing(on: BootDevice, index: number, isDone: boolean, isOver: boolean): BootDevice {
  let count = 0;
  const banks = async () =>
    (await on.banks()).map((one) => ({
      ...one,
      write: async (file: string, bytes: Uint8Array) => {
        const turn = count++;
        const isDead = isOver && turn > index;
        if (!isDead && (turn !== index || isDone)) await one.write(file, bytes);
        if (isDead || turn === index) throw new Error(`write ${turn} failed`);
      },
    }));
  return { name: on.name, banks };
}

describe.each([0, 1])('where write %i fails', (index) => {
  test.each([false, true])(
    'with the bytes there or not (%s), both states are as before',
    async (isDone) => {
      const { files, device: on } = await device(ONE);
      const before = files.map(stateOf);
      const rekeying = rekeyState(failing(on, index, isDone, false), { key: ONE, newKey: TWO });
      await expect(rekeying).rejects.toThrow(`write ${index} failed`);
      expect(files.map(stateOf)).toEqual(before);
    },
  );

  test.each([false, true])(
    'and none after it either (%s), doing it again finishes',
    async (isDone) => {
      const { device: on } = await device(ONE);
      const rekeying = rekeyState(failing(on, index, isDone, true), { key: ONE, newKey: TWO });
      await expect(rekeying).rejects.toThrow('failed');
      const again = await rekeyState(on, { key: ONE, newKey: TWO });
      const isHalf = index === 1 || isDone;
      expect(again.filter(({ isChanged }) => isChanged)).toHaveLength(
        isHalf ? (index === 1 && isDone ? 0 : 1) : 2,
      );
      expect(await read(on, TWO)).toHaveLength(2);
    },
  );
});
