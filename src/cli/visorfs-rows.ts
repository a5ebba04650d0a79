/**
 * Ramdisks and tardisks as `esxcli system visorfs` lists them, for the command line and for the
 * shell.
 *
 * The columns of a ramdisk are those that awk programs for it count: sizes in KiB and shares in %,
 * each with its unit as a word of its own. Programs get numbers of KiB. What `tardisk list` prints
 * on a host is on no record.
 */

import { esxRamdisks, type RamdiskState, type Vdf } from '../node.ts';
import { type Formatter, formatted, type Structure, structuresTable } from './formatter.ts';

const KIB = 1024;
const SYSTEM = new Set(esxRamdisks().map(({ name }) => name));

/** What programs call a row of each. */
export const RAMDISK_TYPE = 'VisorfsRamdisk';
export const TARDISK_TYPE = 'VisorfsTardisk';

/** A cell: a name, a flag, a count, or a figure with its unit. */
type Cell =
  | { readonly name: string }
  | { readonly flag: boolean }
  | { readonly count: number }
  | { readonly kib: number }
  | { readonly percent: number };

/** One row: its cells by their labels, in the order for people. */
export type Row = Readonly<Record<string, Cell>>;

/** The row of a ramdisk. */
export function ramdiskRow(state: RamdiskState): Row {
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

/** The row of a tardisk. */
export function tardiskRow({ name, files, ...bytes }: Vdf['tardisks'][number]): Row {
  return {
    'Tardisk Name': { name },
    Files: { count: files },
    Size: { kib: toKib(bytes.storedBytes) },
    Space: { kib: toKib(bytes.spaceBytes) },
    Used: { kib: toKib(bytes.usedBytes) },
  };
}

/** `rows` as esxcli prints them for people. */
export function rowsForPeople(rows: readonly Row[]): string {
  return structuresTable(
    Object.keys(rows[0] ?? {}),
    rows.map((row) => structureOf(row, forPeople)),
  );
}

/** `rows`, each of the type `type`, as esxcli prints them for programs. */
export function rowsForPrograms(formatter: Formatter, type: string, rows: readonly Row[]): string {
  const structures = rows.map((row) => structureOf(row, forPrograms));
  return formatted(formatter, type, structures, true);
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

/** How much of `whole` `part` is, in whole per cent. */
export function share(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.floor((part / whole) * 100);
}
