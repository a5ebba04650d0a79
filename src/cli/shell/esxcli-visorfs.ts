/**
 * `esxcli system visorfs`: ramdisks and tardisks in the words of ESXi.
 *
 * What `get` prints on a host is on no record but for the names of inode counts.
 */

import type { Command } from 'commander';
import { addFormatter, type Fields, type FormatterOptions, formatterOf } from '../formatter.ts';
import { CommandError, type Output, UsageError } from '../output.ts';
import { writeOne } from '../software-host.ts';
import {
  RAMDISK_TYPE,
  type Row,
  ramdiskRow,
  rowsForPeople,
  rowsForPrograms,
  share,
  TARDISK_TYPE,
  tardiskRow,
} from '../visorfs-rows.ts';
import { refuseUnknown } from '../words.ts';

const MIB = 1024 ** 2;

/** Adds `get`, `ramdisk list`, `add` and `remove`, and `tardisk list` to `visorfs`. */
export function addVisorfs(visorfs: Command, out: Output): void {
  const get = visorfs.command('get').description('Shows the inodes of all ramdisks together.');
  addFormatter(get).action((options: FormatterOptions) =>
    writeOne(out, 'Visorfs', { title: 'Visorfs', fields: inodesOf(out) }, options),
  );
  const { vfs } = out.live!;
  const ramdisks = addListOf(visorfs, out, 'ramdisk', RAMDISK_TYPE, () =>
    vfs.ramdisks.list().map(ramdiskRow),
  );
  addChangesOf(ramdisks, out);
  addListOf(visorfs, out, 'tardisk', TARDISK_TYPE, () => vfs.vdf().tardisks.map(tardiskRow));
}

function addListOf(
  visorfs: Command,
  out: Output,
  name: string,
  type: string,
  rowsOf: () => readonly Row[],
): Command {
  const one = visorfs
    .command(name)
    .description(`The ${name}s.`)
    .usage('<command> [options]')
    .helpCommand(false)
    .action(refuseUnknown)
    .allowExcessArguments();
  const list = one.command('list').description(`Lists the ${name}s.`).allowExcessArguments(false);
  addFormatter(list).action(async (options: FormatterOptions) => {
    const formatter = formatterOf(options);
    await out.write(
      formatter === null ? rowsForPeople(rowsOf()) : rowsForPrograms(formatter, type, rowsOf()),
    );
  });
  return one;
}

interface Added {
  readonly minSize: number;
  readonly maxSize: number;
  readonly name: string;
  readonly permissions: number;
  readonly target: string;
}

/** Adds `add` and `remove`, with the options that scripts for hosts give them. */
function addChangesOf(ramdisks: Command, out: Output): void {
  ramdisks
    .command('add')
    .description('Adds a ramdisk over a directory that is there.')
    .requiredOption('-m, --min-size <MiB>', 'what is kept for it', mebibytes)
    .requiredOption('-M, --max-size <MiB>', 'as much as it may have', mebibytes)
    .requiredOption('-n, --name <name>', 'what it is called')
    .requiredOption('-p, --permissions <mode>', 'of the directory, in octal', octal)
    .requiredOption('-t, --target <path>', 'the directory')
    .allowExcessArguments(false)
    .action((options: Added) => {
      const { minSize, maxSize, name, permissions, target } = options;
      const { vfs, resolve } = out.live!;
      vfs.ramdisks.add({
        name,
        path: resolve(target),
        reserve: minSize,
        size: maxSize,
        mode: permissions,
      });
    });
  ramdisks
    .command('remove')
    .description('Removes a ramdisk, with all that is in it.')
    .requiredOption('-t, --target <path>', 'the directory that it is over')
    .allowExcessArguments(false)
    .action(({ target }: { readonly target: string }) => {
      const { vfs, resolve } = out.live!;
      const over = vfs.ramdisks.list().find(({ path }) => path === resolve(target));
      if (over === undefined) throw new CommandError(`there is no ramdisk over '${target}'`);
      vfs.ramdisks.remove(over.name);
    });
}

function mebibytes(said: string): number {
  if (/^\d{1,7}$/.test(said)) return Number(said) * MIB;
  throw new UsageError(`'${said}' is no size in MiB`);
}

function octal(said: string): number {
  if (/^[0-7]{1,5}$/.test(said)) return Number.parseInt(said, 8);
  throw new UsageError(`'${said}' are no permissions: they are octal, as 0755`);
}

function inodesOf(out: Output): Fields {
  const all = out.live!.vfs.ramdisks.list();
  const total = all.reduce((sum, { maxInodes }) => sum + maxInodes, 0);
  const used = all.reduce((sum, { usedInodes }) => sum + usedInodes, 0);
  return {
    'Total Inodes': total,
    'Used Inodes': used,
    'Free Inode Percent': share(total - used, total),
  };
}
