// Boot devices that are disks, by what they refuse, and by disks that fail: what was saved stays,
// whoever asked hears of it, and the next one works.

import { expect, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { VisorError } from '../../src/base/errors.ts';
import { bytesSource } from '../../src/base/source.ts';
import {
  type Bank,
  blobBytes,
  blobDevice,
  createBlob,
  type Disk,
  memoryDisk,
} from '../../src/index.ts';

const MIB = 1 << 20;
const SIZES = { efiSize: MIB, bankSize: 3 * MIB, dumpSize: MIB };
const GUID = '01234567-89AB-CDEF-0123-456789ABCDEF';
const files = (...names: readonly string[]) => names.map((name) => bytesSource(utf8(name), name));

async function newDisk(): Promise<Disk> {
  return memoryDisk(new Uint8Array(await blobBytes(SIZES)));
}

async function content(bank: Bank, file: string): Promise<string> {
  const source = await bank.open(file);
  return new TextDecoder().decode(source.resident(0, source.size)!);
}

test('a disk that holds something is left as it is', async () => {
  const disk = await newDisk();
  await disk.write(0, utf8('x'.padEnd(512)));
  await expect(createBlob(disk, { ...SIZES, guid: GUID })).rejects.toMatchObject({
    code: 'EEXIST',
  });
  expect((await disk.read(512, 1024)).every((byte) => byte === 0)).toBe(true);
});

test.each<[string, object, object]>([
  ['a disk too small', { bankSize: 4 * MIB }, { code: 'ENOSPC' }],
  ['a GUID that is none', { guid: 'x' }, { message: "'x' is no GUID" }],
  ['a bank too small', { bankSize: MIB }, { message: 'a bank has 3 to 2047 MiB, not 1048576' }],
  ['two files of one name', { banks: { bootbank: files('a', 'A') } }, { code: 'EEXIST' }],
  ['a name too long', { banks: { bootbank: files('much-too-long') } }, { code: 'EINVAL' }],
])('%s is refused before anything is written', async (_what, options, error) => {
  const disk = await newDisk();
  const making = createBlob(disk, { ...SIZES, guid: GUID, ...options });
  await expect(making).rejects.toMatchObject(error);
  expect((await disk.read(0, disk.size)).every((byte) => byte === 0)).toBe(true);
});

test('verbs are done in the order in which they are asked for', async () => {
  const disk = await newDisk();
  await createBlob(disk, { ...SIZES, guid: GUID });
  const device = await blobDevice(disk);
  const [bank] = await device.banks();
  const [same] = await device.banks();
  const writes = ['one', 'two', 'three'].map((text, index) => {
    return (index % 2 === 0 ? bank! : same!).write('state.tgz', utf8(text));
  });
  expect(await content(bank!, 'state.tgz')).toBe('three');
  await Promise.all([...writes, bank!.remove('state.tgz')]);
  await expect(same!.open('state.tgz')).rejects.toMatchObject({ code: 'ENOENT' });
  await bank!.remove('state.tgz');
});

/** `disk`, of which the verb number `failing` fails: once, or it and all that follow. */
function failingDisk(disk: Disk, failing: number, isForEver: boolean): Disk {
  let count = 0;
  const verb = async (act: () => Promise<void>): Promise<void> => {
    count += 1;
    if (count === failing || (isForEver && count > failing)) throw new VisorError('EIO');
    return act();
  };
  return {
    ...disk,
    write: (offset, bytes) => verb(() => disk.write(offset, bytes)),
    sync: () => verb(() => disk.sync()),
  };
}

test('a disk that fails once or for ever keeps what was saved, and goes on if it can', async () => {
  const base = new Uint8Array(await blobBytes(SIZES));
  await createBlob(memoryDisk(base), {
    ...SIZES,
    guid: GUID,
    banks: { bootbank: files('state.tgz') },
  });
  const told = new Set<string>();
  for (const isForEver of [false, true]) {
    for (let failing = 1; failing <= 7; failing++) {
      const disk = memoryDisk(base.slice());
      const [bank] = await (await blobDevice(failingDisk(disk, failing, isForEver))).banks();
      const outcome = await bank!.write('state.tgz', utf8('new')).then(
        () => 'saved',
        (error: { code: string }) => error.code,
      );
      const [found] = await (await blobDevice(disk)).banks();
      const state = await content(found!, 'state.tgz');
      told.add(`${outcome}: ${state}`);
      if (!isForEver) {
        await bank!.write('state.tgz', utf8('next'));
        expect(await content(bank!, 'state.tgz')).toBe('next');
      }
    }
  }
  // A failed sync behind the entry leaves the new one to be seen, and promises nothing.
  expect([...told].sort()).toEqual(['EIO: new', 'EIO: state.tgz', 'saved: new']);
});
