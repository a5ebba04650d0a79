/**
 * `esxcli system visorfs`: ramdisks and tardisks in the words of ESXi.
 *
 * What `get` prints on a host is on no record but for the names of inode counts.
 */

import type { Command } from 'commander';
import { addFormatter, type Fields, type FormatterOptions, formatterOf } from '../formatter.ts';
import type { Output } from '../output.ts';
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

/** Adds `get`, `ramdisk list` and `tardisk list` to `visorfs`. */
export function addVisorfs(visorfs: Command, out: Output): void {
  const get = visorfs.command('get').description('Shows the inodes of all ramdisks together.');
  addFormatter(get).action((options: FormatterOptions) =>
    writeOne(out, 'Visorfs', { title: 'Visorfs', fields: inodesOf(out) }, options),
  );
  const { vfs } = out.live!;
  addListOf(visorfs, out, 'ramdisk', RAMDISK_TYPE, () => vfs.ramdisks.list().map(ramdiskRow));
  addListOf(visorfs, out, 'tardisk', TARDISK_TYPE, () => vfs.vdf().tardisks.map(tardiskRow));
}

function addListOf(
  visorfs: Command,
  out: Output,
  name: string,
  type: string,
  rowsOf: () => readonly Row[],
): void {
  const one = visorfs
    .command(name)
    .description(`The ${name}s: list.`)
    .usage('list [options]')
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
