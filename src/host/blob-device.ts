/**
 * A disk as a boot device: its partitions 5 and 6 are the banks, as ESXi numbers them.
 *
 * Each file is read and replaced on what the disk holds at that moment: nothing is kept between two
 * verbs, so that another process, or a device opened twice, cannot make this one write by what it
 * remembers. Verbs are done in the order in which they are asked for.
 *
 * A bank whose partition or file system lies is there, and every verb of it says how; a partition
 * that is not there is no bank.
 */

import { NO_BYTES } from '../base/bytes.ts';
import { VisorError } from '../base/errors.ts';
import { bytesSource } from '../base/source.ts';
import type { Disk } from '../disk/disk.ts';
import { commitFile, removeFile } from '../disk/fat-commit.ts';
import { FatVolume } from '../disk/fat-volume.ts';
import { partitionDisk, readPartitions } from '../disk/partitions.ts';
import type { GptPartition } from '../format/gpt.ts';
import type { Bank, BootDevice } from './device.ts';

/** The names of the banks by the numbers of their partitions. */
export const BANKS: ReadonlyMap<number, string> = new Map([
  [5, 'bootbank'],
  [6, 'altbootbank'],
]);

/** Runs what it is given when what it was given before is done, well or not. */
type InTurn = <T>(act: () => Promise<T>) => Promise<T>;

/** `disk` as a boot device. Nothing is read before it is booted. */
export function blobDevice(disk: Disk): BootDevice {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn: InTurn = (act) => {
    const turn = last.then(act);
    // Whoever asked for it hears of it; the next one only waits.
    last = turn.catch(() => {});
    return turn;
  };
  return {
    name: disk.name,
    async banks() {
      const { partitions } = await inTurn(() => readPartitions(disk));
      return partitions.flatMap((partition) => {
        const name = BANKS.get(partition.number);
        return name === undefined ? [] : [partitionBank(disk, partition, name, inTurn)];
      });
    },
    close: () => disk.close(),
  };
}

function partitionBank(disk: Disk, partition: GptPartition, name: string, inTurn: InTurn): Bank {
  const own = async (): Promise<Disk> => partitionDisk(disk, partition);
  const volume = async (): Promise<FatVolume> => FatVolume.open(await own());
  return {
    name,
    list: () =>
      inTurn(async () => {
        const files = (await volume()).files.filter(({ record }) => !record.isDirectory);
        return files.map(({ record }) => record.name);
      }),
    open: (file) =>
      inTurn(async () => {
        const opened = await volume();
        const found = opened.file(file);
        if (found === undefined) throw new VisorError('ENOENT', { syscall: 'open', path: file });
        const bytes = found.record.size === 0 ? NO_BYTES : await opened.read(found);
        return bytesSource(bytes, file);
      }),
    write: (file, bytes) => inTurn(async () => commitFile(await own(), file, bytes)),
    remove: (file) => inTurn(async () => removeFile(await own(), file)),
  };
}
