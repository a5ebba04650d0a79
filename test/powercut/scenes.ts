/**
 * What is done to the files of one bank, and to new devices, while the power may fail.
 */

import { bytesSource } from '../../src/base/source.ts';
import { encodeBootCfg } from '../../src/format/boot-cfg.ts';
import { createBlob } from '../../src/host/create-blob.ts';
import {
  blobBytes,
  blobDevice,
  Host,
  Image,
  memoryDisk,
  openTardisk,
  VisorFs,
} from '../../src/node.ts';
import { tarOf } from '../support/archives.ts';
import { prng } from '../support/prng.ts';
import { type DiskEvent, RecordingDisk } from '../support/recording-disk.ts';
import { marking } from './hosts.ts';
import { BANKS, GUID, type Scene, SIZES } from './scene.ts';

const BASE_TAR = tarOf([
  { path: 'etc/' },
  { path: 'etc/esx.conf', content: '/a = "1"\n', mode: 0o1644 },
]);

function bankFiles(modules: readonly string[]): Map<string, Uint8Array> {
  const listed = modules.map((file) => ({ file, options: '' }));
  const cfg = encodeBootCfg({ kernel: 'b.b00', modules: listed, build: '1', updated: 1 });
  return new Map([
    ['boot.cfg', cfg],
    ['b.b00', new TextEncoder().encode('a kernel')],
    ['base.v00', BASE_TAR],
  ]);
}

async function newBlob(files: ReadonlyMap<string, Uint8Array>): Promise<Uint8Array> {
  const bytes = new Uint8Array(await blobBytes(SIZES));
  const bootbank = [...files].map(([name, content]) => bytesSource(content, name));
  await createBlob(memoryDisk(bytes), { ...SIZES, guid: GUID, banks: { bootbank } });
  return bytes;
}

/** The first FAT16 of `blob` as tools make it, with two tables. */
function withTwoFats(blob: Uint8Array): Uint8Array {
  const bytes = blob.slice();
  const [{ offset, size }] = BANKS as [(typeof BANKS)[0]];
  const bank = bytes.subarray(offset, offset + size);
  const fatSectors = bank[22]! | (bank[23]! << 8);
  const fat = bank.slice(4 * 512, (4 + fatSectors) * 512);
  bank[16] = 2;
  // All behind the first table moves back by the second.
  bank.copyWithin((4 + 2 * fatSectors) * 512, (4 + fatSectors) * 512);
  bank.set(fat, (4 + fatSectors) * 512);
  return bytes;
}

type Act = (write: (file: string, fill: number, size: number) => Promise<void>) => Promise<void>;

/**
 * A state of `size` bytes or a little more, that says `fill` in esx.conf; something of no state
 * where `size` is 0.
 */
async function stateOf(fill: number, size: number): Promise<Uint8Array> {
  if (size === 0) return new Uint8Array(0);
  const vfs = new VisorFs(Image.of(await openTardisk(BASE_TAR)), { clock: () => 0 });
  // What cannot be compressed makes it as long as it is to be.
  const filling = Buffer.from(prng(fill).bytes(size)).toString('base64').slice(0, size);
  vfs.fs.writeFileSync('/etc/esx.conf', `/a = "${fill}"\n${filling}`);
  return vfs.backup();
}

/** Writes files of one byte over and over, and states, into the first bank of `disk`. */
function writing(act: Act): (disk: RecordingDisk) => Promise<void> {
  return async (disk) => {
    const device = marking(await blobDevice(disk), disk);
    const [bank] = await device.banks();
    await act(async (file, fill, size) => {
      const isState = file === 'state.tgz';
      const bytes = isState ? await stateOf(fill, size) : new Uint8Array(size).fill(fill);
      await bank!.write(file, bytes);
    });
  };
}

/** What is done next to whatever a cut left. */
export const NEXT: Scene['run'] = writing((write) => write('next.v00', 6, 1400));

function removing(file: string): (disk: RecordingDisk) => Promise<void> {
  return async (disk) => {
    const [bank] = await marking(await blobDevice(disk), disk).banks();
    await bank!.remove(file);
  };
}

/** What a process did to `base` before it was killed after `count` events. */
async function killed(
  base: Uint8Array,
  run: Scene['run'],
): Promise<readonly (readonly DiskEvent[])[]> {
  const disk = new RecordingDisk(base);
  await run(disk);
  const events = disk.events.filter(({ kind }) => kind !== 'mark');
  return events.map((_event, index) => events.slice(0, index + 1));
}

/** All of these scenes. */
export async function scenes(): Promise<readonly Scene[]> {
  const listed = await newBlob(
    new Map([
      ...bankFiles(['base.v00', 'state.tgz']),
      ['state.tgz', await stateOf(1, 1000)],
      ['old.v00', new Uint8Array(700).fill(9)],
    ]),
  );
  const unlisted = await newBlob(bankFiles(['base.v00']));
  const scene = (name: string, base: Uint8Array, run: Scene['run']): Scene => {
    return { name, base, before: [], isNew: false, run };
  };
  const backup: Scene['run'] = async (disk) => {
    const host = await Host.boot(marking(await blobDevice(disk), disk), { clock: () => 0 });
    host.vfs.fs.writeFileSync('/etc/esx.conf', '/a = "2"\n');
    await host.rebuild();
    host.vfs.fs.writeFileSync('/etc/esx.conf', '/a = "3"\n');
    await host.rebuild();
  };
  const replace = writing((write) => write('state.tgz', 2, 1500));
  const all = [
    scene('backup of a bank that lists no state, and another', unlisted, backup),
    scene('a file replaced', listed, replace),
    scene('a file of two tables replaced', withTwoFats(listed), replace),
    scene(
      'files replaced one after the other',
      listed,
      writing(async (write) => {
        await write('state.tgz', 2, 1000);
        await write('state.tgz', 3, 600);
        await write('boot2.cfg', 4, 300);
        await write('state.tgz', 5, 1100);
      }),
    ),
    scene(
      'a new file, another of nothing, and a state of nothing',
      listed,
      writing(async (write) => {
        await write('new.v00', 2, 2000);
        await write('none.v00', 2, 0);
        await write('state.tgz', 0, 0);
      }),
    ),
    scene(
      'a long chain',
      listed,
      writing((write) => write('long.v00', 7, 30_000)),
    ),
    scene('a file removed', listed, removing('old.v00')),
  ];
  for (const [name, run] of [
    ['replaced', replace],
    ['removed', removing('state.tgz')],
  ] as const) {
    for (const [index, before] of (await killed(listed, run)).entries()) {
      all.push({
        ...scene(
          `a process killed after event ${index + 1} of a file ${name}, and what comes then`,
          listed,
          NEXT,
        ),
        before,
      });
    }
  }
  const blank = new Uint8Array(await blobBytes(SIZES));
  const noise = blank.slice().fill(0xa5, 512);
  for (const [name, base] of [
    ['zeros', blank],
    ['noise', noise],
  ] as const) {
    all.push({
      ...scene(`a device made on ${name}`, base, async (disk) => {
        const files = [...bankFiles(['base.v00'])];
        const bootbank = files.map(([file, content]) => bytesSource(content, file));
        await createBlob(disk, { ...SIZES, guid: GUID, banks: { bootbank } });
        disk.mark();
      }),
      isNew: true,
    });
  }
  return all;
}
