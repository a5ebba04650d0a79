// Disk images as the machine's own tools see them, and what these tools make as we see it: sfdisk
// for the partitions, mtools and fsck.fat for the banks. Attacked with operations by chance, done
// by us and by mtools in turn, after each of which all three must agree.

import { closeSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { bytesSource } from '../../src/base/source.ts';
import { commitFile } from '../../src/disk/fat-commit.ts';
import { FatVolume } from '../../src/disk/fat-volume.ts';
import {
  type Bank,
  blobBytes,
  blobDevice,
  blobInfo,
  createBlob,
  type Disk,
  fileDisk,
  folderDevice,
  Host,
  newFileDisk,
} from '../../src/node.ts';
import { fsckOf, missingOf, newFolder, tool } from '../support/fat-tools.ts';
import { type Prng, prng, seeds } from '../support/prng.ts';

const { folder, remove } = newFolder();
afterAll(remove);

const MIB = 1 << 20;
const SIZES = { efiSize: MIB, bankSize: 3 * MIB, dumpSize: MIB };
const GUID = '01234567-89AB-CDEF-0123-456789ABCDEF';
const BANK_OFFSET = 2 * MIB;

async function newBlob(name: string, sizes: typeof SIZES = SIZES): Promise<string> {
  const file = join(folder, name);
  const disk = newFileDisk(file, await blobBytes(sizes));
  await createBlob(disk, { ...sizes, guid: GUID });
  disk.close();
  return file;
}

const bankBytes = new Uint8Array(SIZES.bankSize);

/** The first bank of `file` as a file system of its own, for tools that know no partitions. */
function bankFile(file: string): string {
  const bank = join(folder, 'bank.img');
  const fd = openSync(file, 'r');
  readSync(fd, bankBytes, 0, bankBytes.length, BANK_OFFSET);
  closeSync(fd);
  writeFileSync(bank, bankBytes);
  return bank;
}

async function firstBank(disk: Disk): Promise<Bank> {
  const [bank] = await (await blobDevice(disk)).banks();
  return bank!;
}

async function readFile(bank: Bank, file: string): Promise<Uint8Array> {
  const source = await bank.open(file);
  const bytes = new Uint8Array(source.size);
  source.readInto(bytes, 0);
  return bytes;
}

const isMissing = missingOf(['sfdisk', 'mdir', 'mcopy', 'mdel', 'fsck.fat', 'mkfs.fat']).length > 0;

describe.skipIf(isMissing)('the tools', () => {
  test('sfdisk reads the partitions as we do, and finds nothing wrong', async () => {
    const file = await newBlob('partitions.img');
    expect(tool('sfdisk', '--verify', file)).toMatchObject({ status: 0 });
    const { partitiontable } = JSON.parse(tool('sfdisk', '--json', file).out) as {
      partitiontable: {
        id: string;
        partitions: { node: string; start: number; size: number; type: string; name: string }[];
      };
    };
    const disk = fileDisk(file);
    const info = await blobInfo(disk);
    disk.close();
    expect(partitiontable.id).toBe(info.guid);
    expect(
      partitiontable.partitions.map(({ node, start, size, type, name }) => {
        const number = Number(/\d+$/.exec(node)![0]);
        return { number, name, type, offset: start * 512, size: size * 512 };
      }),
    ).toEqual(info.partitions);
  });

  test('a disk that sfdisk made, and banks that mtools filled, boot here', async () => {
    const file = join(folder, 'theirs.img');
    newFileDisk(file, 40 * MIB).close();
    const script = join(folder, 'script');
    // As ESXi 6.x has them, in another order on the disk than by number.
    writeFileSync(
      script,
      'label: gpt\n1: start=2048, size=2048, type=U\n6: start=43008, size=32768\n' +
        '5: start=8192, size=32768\n7: start=4096, size=2048\n',
    );
    const args = ['-c', 'exec sfdisk "$0" < "$1"', file, script];
    expect(tool('sh', ...args)).toMatchObject({ status: 0 });
    const partition = join(folder, 'theirs.fat');
    for (const [sector, kind] of [
      [8192, '16'],
      [43008, '16'],
    ] as const) {
      newFileDisk(partition, 16 * MIB).close();
      expect(tool('mkfs.fat', '-F', kind, '-s', '4', partition)).toMatchObject({ status: 0 });
      const whole = readFileSync(file);
      whole.set(readFileSync(partition), sector * 512);
      writeFileSync(file, whole);
      tool('rm', partition);
    }
    const bank = new URL('../../images/bank', import.meta.url).pathname;
    const [folderBank] = await folderDevice(bank).banks();
    for (const name of await folderBank!.list()) {
      const to = [`-i`, `${file}@@4M`, join(bank, name), `::${name}`];
      expect(tool('mcopy', ...to), name).toMatchObject({ status: 0 });
    }
    const disk = fileDisk(file, { isReadOnly: true });
    const host = await Host.boot(await blobDevice(disk));
    disk.close();
    const want = await Host.boot(folderDevice(bank));
    expect(host.build).toBe(want.build);
    expect(host.modules).toEqual(want.modules);
    expect(host.vfs.vdf()).toEqual(want.vfs.vdf());
  });

  test('what ours hold by mdir and mcopy is what was given to them', async () => {
    const file = join(folder, 'ours.img');
    const disk = newFileDisk(file, await blobBytes(SIZES));
    const given = ['boot.cfg', 'sb.v00', 'empty', 'UPPER.TGZ', 'a-b_c.t00'].map((name, index) => {
      return bytesSource(prng(index + 1).bytes(name === 'empty' ? 0 : 3000 * index), name);
    });
    await createBlob(disk, { ...SIZES, guid: GUID, banks: { altbootbank: given } });
    disk.close();
    for (const { name, size, readInto } of given) {
      const want = new Uint8Array(size);
      readInto(want, 0);
      const got = join(folder, 'got');
      const from = ['-n', '-o', '-i', `${file}@@5M`, `::${name}`, got];
      expect(tool('mcopy', ...from)).toEqual({ status: 0, out: '' });
      expect(readFileSync(got).equals(want), name).toBe(true);
    }
    const listed = tool('mdir', '-b', '-i', `${file}@@5M`, '::').out.trim().split('\n').sort();
    expect(listed).toEqual(given.map(({ name }) => `::/${name}`).sort());
  });

  test.each([3, 5, 17, 100, 700])('fsck.fat finds nothing in banks of %i MiB', async (size) => {
    const file = await newBlob(`size-${size}.img`, { ...SIZES, bankSize: size * MIB });
    const bank = join(folder, 'sized.img');
    tool('dd', `if=${file}`, `of=${bank}`, 'bs=1M', 'skip=2', `count=${size}`, 'conv=sparse');
    expect(fsckOf(bank)).toEqual({ damage: [], lostClusters: 0 });
    expect(tool('mdir', '-i', `${file}@@2M`, '::').out).not.toMatch(/fail|bad|error/i);
    tool('rm', bank, file);
  });

  test('a FAT32 of mkfs.fat is read, directories and long names too, and not written', async () => {
    const file = join(folder, 'fat32.img');
    newFileDisk(file, 40 * MIB).close();
    expect(tool('mkfs.fat', '-F', '32', '-s', '1', file)).toMatchObject({ status: 0 });
    const from = join(folder, 'from');
    const bytes = prng(32).bytes(70_000);
    writeFileSync(from, bytes);
    expect(tool('mmd', '-i', file, '::/A long directory')).toMatchObject({ status: 0 });
    for (const to of ['boot.cfg', 'a name longer than 8.3', 'A long directory/inside']) {
      expect(tool('mcopy', '-i', file, from, `::/${to}`)).toMatchObject({ status: 0 });
    }
    const disk = fileDisk(file);
    const volume = await FatVolume.open(disk);
    expect(volume.shape.kind).toBe('FAT32');
    const names = volume.files.map(({ record }) => record.name);
    expect(names).toEqual(['A long directory', 'boot.cfg', 'a name longer than 8.3']);
    for (const name of names.slice(1)) {
      expect(Buffer.compare(await volume.read(volume.file(name)!), bytes), name).toBe(0);
    }
    // All three files, two directories; what is free by mdir's own count is free by ours.
    const free = /([\d ]+) bytes free/.exec(tool('mdir', '-i', file, '::').out)![1]!;
    expect(volume.freeBytes).toBe(Number(free.replaceAll(' ', '')));
    await expect(commitFile(disk, 'boot.cfg', bytes)).rejects.toMatchObject({ code: 'EROFS' });
    disk.close();
  });

  const NAMES = [
    'boot.cfg',
    'state.tgz',
    'a.v00',
    'b.v00',
    'c.t00',
    'longer-than-8.3.name',
    'D.GZ',
  ];

  /** Does something by chance to `file` by us or by mtools, and to `model`. */
  async function operate(file: string, model: Map<string, Uint8Array>, chance: Prng) {
    const name = chance.pick(NAMES);
    const isTheirs = chance.below(2) === 0;
    const isRemoval = chance.below(4) === 0;
    const bytes = chance.bytes(chance.pick([0, 1, 511, 512, 513, 4000, 60_000]));
    // Long names are read here, and their content replaced, but they are not made.
    const isOurs = !isTheirs && (isRemoval || model.has(name) || /^.{1,8}\..{1,3}$/.test(name));
    if (isOurs) {
      const disk = fileDisk(file);
      const bank = await firstBank(disk);
      if (isRemoval) await bank.remove(name);
      else await bank.write(name, bytes);
      disk.close();
    } else if (isRemoval) {
      if (model.has(name)) tool('mdel', '-i', `${file}@@2M`, `::${name}`);
    } else {
      const from = join(folder, 'from');
      writeFileSync(from, bytes);
      const done = tool('mcopy', '-o', '-i', `${file}@@2M`, from, `::${name}`);
      expect(done).toEqual({ status: 0, out: '' });
    }
    if (isRemoval) model.delete(name);
    else model.set(name, bytes);
    return `${isOurs ? 'we' : 'mtools'} ${isRemoval ? 'remove' : 'write'} ${name}`;
  }

  const RUNS = 5;
  const OPERATIONS = 100;

  for (const seed of seeds(RUNS)) {
    test(`they agree with us after each of ${OPERATIONS} operations (SEED=${seed})`, async () => {
      const file = await newBlob(`chance-${seed}.img`);
      const chance = prng(seed);
      const model = new Map<string, Uint8Array>();
      for (let step = 0; step < OPERATIONS; step++) {
        const what = `seed ${seed}, step ${step}: ${await operate(file, model, chance)}`;
        expect(fsckOf(bankFile(file)), what).toEqual({ damage: [], lostClusters: 0 });
        const disk = fileDisk(file, { isReadOnly: true });
        const bank = await firstBank(disk);
        expect([...(await bank.list())].sort(lower), what).toEqual(
          [...model.keys()].map(short).sort(lower),
        );
        for (const [name, bytes] of model) {
          expect(Buffer.compare(await readFile(bank, name), bytes), `${what}: ${name}`).toBe(0);
        }
        disk.close();
        const read = chance.pick([...model.keys(), '']);
        if (read === '') continue;
        const got = join(folder, 'got');
        tool('mcopy', '-n', '-o', '-i', `${file}@@2M`, `::${read}`, got);
        expect(readFileSync(got).equals(model.get(read)!), `${what}: mcopy ${read}`).toBe(true);
      }
    });
  }

  const lower = (one: string, other: string): number => (one < other ? -1 : 1);
  /** A name of 8.3 letters in upper case has no case of its own here. */
  const short = (name: string): string => (name === 'D.GZ' ? 'd.gz' : name);
});
