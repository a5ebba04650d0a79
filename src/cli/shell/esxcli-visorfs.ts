/**
 * `esxcli system visorfs`: ramdisks and tardisks in the words of ESXi.
 *
 * The columns of `ramdisk list` are those that awk programs for it count: sizes in KiB and shares
 * in %, each with its unit as a word of its own. Programs get numbers of KiB. What `get` and
 * `tardisk list` print on a host is on no record but for the names of inode counts.
 */

import type { Command } from 'commander';
import { esxRamdisks, type RamdiskState } from '../../node.ts';
import {
  addFormatter,
  type Fields,
  type FormatterOptions,
  formatted,
  formatterOf,
  type Structure,
  structuresTable,
} from '../formatter.ts';
import type { Output } from '../output.ts';
import { writeOne } from '../software-host.ts';
import { refuseUnknown } from '../words.ts';

const KIB = 1024;
const SYSTEM = new Set(esxRamdisks().map(({ name }) => name));

/** Adds `get`, `ramdisk list` and `tardisk list` to `visorfs`. */
export function addVisorfs(visorfs: Command, out: Output): void {
  const get = visorfs.command('get').description('Shows the inodes of all ramdisks together.');
  addFormatter(get).action((options: FormatterOptions) =>
    writeOne(out, 'Visorfs', { title: 'Visorfs', fields: inodesOf(out) }, options),
  );
  addListOf(visorfs, out, 'ramdisk', 'VisorfsRamdisk', () =>
    out.live!.vfs.ramdisks.list().map(ramdisk),
  );
  addListOf(visorfs, out, 'tardisk', 'VisorfsTardisk', () =>
    out.live!.vfs.vdf().tardisks.map(({ name, storedBytes, usedBytes }) => ({
      'Tardisk Name': { name },
      Size: { kib: toKib(storedBytes) },
      Used: { kib: toKib(usedBytes) },
    })),
  );
}

/** A cell: a name, a flag, a count, or a figure with its unit. */
type Cell =
  | { readonly name: string }
  | { readonly flag: boolean }
  | { readonly count: number }
  | { readonly kib: number }
  | { readonly percent: number };

type Row = Readonly<Record<string, Cell>>;

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
    const rows = rowsOf();
    const formatter = formatterOf(options);
    const show = formatter === null ? forPeople : forPrograms;
    const structures = rows.map((row) => structureOf(row, show));
    await out.write(
      formatter === null
        ? structuresTable(Object.keys(rows[0] ?? {}), structures)
        : formatted(formatter, type, structures, true),
    );
  });
}

function ramdisk(state: RamdiskState): Row {
  const { name, path, reservedBytes, maxBytes, usedBytes, peakBytes } = state;
  // Those that a host is born with; one that was added to it is none of the system's.
  const isOfSystem = SYSTEM.has(name);
  const reservedFree = Math.max(0, reservedBytes - usedBytes);
  return {
    'Ramdisk Name': { name },
    System: { flag: isOfSystem },
    'Include in Coredumps': { flag: isOfSystem },
    Reserved: { kib: toKib(reservedBytes) },
    Maximum: { kib: toKib(maxBytes) },
    Used: { kib: toKib(usedBytes) },
    'Peak Used': { kib: toKib(peakBytes) },
    Free: { percent: share(maxBytes - usedBytes, maxBytes) },
    'Reserved Free': { percent: share(reservedFree, reservedBytes) },
    'Maximum Inodes': { count: state.maxInodes },
    'Allocated Inodes': { count: state.usedInodes },
    'Used Inodes': { count: state.usedInodes },
    'Mount Point': { name: path },
  };
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

function structureOf(row: Row, show: (cell: Cell) => string | number | boolean): Structure {
  const fields = Object.entries(row).map(([label, cell]) => [label, show(cell)] as const);
  return { title: '', fields: Object.fromEntries(fields) };
}

function forPeople(cell: Cell): string {
  if ('name' in cell) return cell.name;
  if ('flag' in cell) return String(cell.flag);
  if ('count' in cell) return String(cell.count);
  return 'kib' in cell ? `${cell.kib} KiB` : `${cell.percent} %`;
}

function forPrograms(cell: Cell): string | number | boolean {
  if ('name' in cell) return cell.name;
  if ('flag' in cell) return cell.flag;
  if ('count' in cell) return cell.count;
  return 'kib' in cell ? cell.kib : cell.percent;
}

function toKib(bytes: number): number {
  return Math.floor(bytes / KIB);
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.floor((part / whole) * 100);
}
