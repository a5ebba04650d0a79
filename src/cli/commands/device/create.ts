/**
 * `visorfs device create`: a boot device as a disk image.
 */

import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import type { Command } from 'commander';
import {
  type Bank,
  type BlobOptions,
  type BlobSizes,
  blobBytes,
  bytesSource,
  completedDigests,
  createBlob,
  newFileDisk,
  type Source,
  verifyBank,
} from '../../../node.ts';
import { openDevice } from '../../devices.ts';
import { counted } from '../../figures.ts';
import { CommandError, jsonLine, type Output } from '../../output.ts';
import { hereArgument, hereOption } from '../../places.ts';
import { Progress } from '../../progress.ts';
import { checkFree, makeWhole } from '../../whole-file.ts';

const DIGEST_LIST = 'sha256.sum';

interface Options extends BlobSizes {
  readonly from?: string;
  readonly guid?: string;
  readonly force?: true;
  readonly json?: true;
}

const HELP = `
The image has a GPT: an EFI system partition and one for dumps, both left empty,
and two banks of FAT16, the partitions 5 and 6. sfdisk, mtools and fsck.fat read
it, and so does a virtual machine. A bank that is updated holds old and new
files at once for a moment, so give it twice what it is to hold.

Example:
  visorfs device create boot.img --from images/bank --bank-size 250m
  visorfs host boot boot.img`;

/** Adds `create` to `device`. */
export function addDeviceCreate(device: Command, out: Output): void {
  device
    .command('create')
    .summary('a boot device as a disk image')
    .description('Makes a disk image with two boot banks, filled from a bank or empty.')
    .addArgument(hereArgument('<file>', 'the image to make'))
    .addOption(hereOption('--from <bank>', 'a folder with one bank or two, or another image'))
    .option('--bank-size <size>', 'of each bank: 250m, 1g (default: 32m)')
    .option('--efi-size <size>', 'of the EFI system partition (default: 4m)')
    .option('--dump-size <size>', 'of the partition for dumps (default: 16m)')
    .option('--guid <guid>', 'of the disk; the same input gives the same bytes then')
    .option('-f, --force', 'overwrite the file')
    .option('--json', 'what was made, as an object')
    .addHelpText('after', HELP)
    .action(async (file: string, options: Options) => {
      checkFree(file, options.force === true);
      const size = await blobBytes(options);
      const content = await contentOf(options.from, out);
      const guid = (options.guid ?? randomUUID()).toUpperCase();
      try {
        await makeWhole(file, out, (temporary) =>
          creating(temporary, size, { ...options, guid, banks: content.banks }, out),
        );
      } finally {
        content.close();
      }
      const banks = Object.entries(content.banks).map(([name, files]) => {
        return { name, files: files.length };
      });
      const count = banks.reduce((sum, { files }) => sum + files, 0);
      const line = `${file}: ${counted(count, 'file')}, ${size} bytes\n`;
      await out.write(options.json ? jsonLine({ file, bytes: size, guid, banks }) : line);
    });
}

async function creating(
  file: string,
  size: number,
  options: BlobOptions,
  out: Output,
): Promise<void> {
  const progress = new Progress(out, 'writing');
  const disk = newFileDisk(file, size);
  try {
    await createBlob(disk, {
      ...options,
      onProgress: ({ file: last, done, count }) => {
        out.signal.throwIfAborted();
        progress.step(done, count, last);
      },
    });
  } catch (error) {
    const { code, path, syscall } = error as { code?: string; path?: string; syscall?: string };
    const isOurs = syscall === 'open' && path !== undefined;
    if (isOurs && code === 'ENOSPC') {
      throw new CommandError(`a bank has no room for '${path}'; --bank-size makes it larger`);
    }
    if (isOurs && code === 'EEXIST') {
      throw new CommandError(`'${path}' has the name of another file: FAT knows no case`);
    }
    if (isOurs && code === 'EINVAL') {
      throw new CommandError(`'${path}' is no name of 8.3 letters, as files of a bank have`);
    }
    throw error;
  } finally {
    progress.end();
    disk.close();
  }
}

interface Content {
  readonly banks: Readonly<Record<string, readonly Source[]>>;
  close(): void;
}

/** The files of the banks at `from`. What is hidden is none of them. */
async function contentOf(from: string | undefined, out: Output): Promise<Content> {
  if (from === undefined) return { banks: {}, close: () => {} };
  const stats = fs.statSync(from, { throwIfNoEntry: false });
  const opened = stats === undefined ? null : await openDevice(from, out);
  if (opened === null) throw new CommandError(`'${from}' is no folder and no disk with banks`);
  const sources: Source[] = [];
  const close = (): void => {
    for (const source of sources) source.close();
    opened.close();
  };
  try {
    const found = await opened.device.banks();
    if (found.length === 0 || found.length > 2) {
      throw new CommandError(`'${from}' has ${found.length} banks; a device has one or two`);
    }
    const banks: Record<string, readonly Source[]> = {};
    for (const [index, bank] of found.entries()) {
      const files: Source[] = [];
      for (const name of await bank.list()) {
        if (!name.startsWith('.')) files.push(await bank.open(name));
      }
      if (!files.some(({ name }) => name === DIGEST_LIST)) files.push(...(await digestsOf(bank)));
      files.sort((one, other) => (one.name < other.name ? -1 : 1));
      sources.push(...files);
      banks[nameOf(bank.name, index, found.length)] = files;
    }
    return { banks, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** The list of sums for `bank`; nothing where it lacks boot.cfg or a module. */
async function digestsOf(bank: Bank): Promise<Source[]> {
  const verification = await verifyBank(bank);
  const isWhole = verification.modules.every(({ verdict }) => verdict !== 'missing');
  if (verification.bootstate === null || !isWhole) return [];
  const digests = await completedDigests(bank, verification);
  return digests === null ? [] : [bytesSource(digests, DIGEST_LIST)];
}

/** Where the bank `name`, one of `count`, belongs. */
function nameOf(name: string, index: number, count: number): string {
  if (count === 1) return 'bootbank';
  if (name === 'bootbank' || name === 'altbootbank') return name;
  return index === 0 ? 'bootbank' : 'altbootbank';
}
