/**
 * `visorfs vdu`: what each path takes, and in which tardisk or ramdisk.
 *
 * As du does it, a directory's figures are of all that is below it, children come before their
 * parent, and files get a line with -a only. The two figures are never added up: bytes in a tardisk
 * lie in the archive and cost no memory of a ramdisk. The total of `/` is what vdf shows as used.
 */

import type { Command } from 'commander';
import type { VduRow } from '../../node.ts';
import { type Column, table, units } from '../figures.ts';
import { checkPath, imageArgument, imageUsage, openStack, splitPath } from '../images.ts';
import { jsonLine, type Output } from '../output.ts';
import { printable } from '../printable.ts';
import { PATH_HELP, PATH_OPTION } from '../words.ts';

interface Options {
  readonly human?: true;
  readonly all?: true;
  readonly path?: string;
  readonly json?: true;
}

/** Adds `vdu` to `program`. */
export function addVdu(program: Command, out: Output): void {
  program
    .command('vdu')
    .alias('du')
    .summary('what each path takes, and where')
    .description('Shows what each directory takes, in bytes, and in which tardisks and ramdisks.')
    .usage(imageUsage(out, '[path]'))
    .addArgument(imageArgument(out))
    .option('-h, --human', 'in units: each figure rounded down')
    .option('-a, --all', 'files too')
    .option('-p, --path <path>', PATH_OPTION)
    .option('--json', 'as an object, in bytes')
    .addHelpText('after', `${PATH_HELP}\nExample:\n  visorfs vdu -ah images/bank /etc/vmware`)
    .action(async (given: string[], options: Options) => {
      const request = await splitPath(given, out, options.path);
      const { vfs, close } = await openStack(request.images, out);
      try {
        checkPath(vfs, request);
        const { sums, total } = summed(vfs.vdu(request.path));
        const shown = sums.filter(({ kind }) => options.all || kind === 'directory');
        if (options.json) await out.write(jsonLine({ paths: shown.map(jsonOf), total }));
        else await out.write(textOf(shown, total, options.human === true));
      } finally {
        close();
      }
    });
}

interface Total {
  tardiskBytes: number;
  ramdiskBytes: number;
  ramdiskInodes: number;
}

/** A path with all that is below it. */
interface Sum extends Total {
  readonly path: string;
  readonly kind: VduRow['kind'];
  readonly tardisks: Set<string>;
  readonly ramdisks: Set<string>;
}

/** The sums of `rows`, children before parents, and all in all. */
function summed(rows: readonly VduRow[]): { sums: Sum[]; total: Total } {
  const sums: Sum[] = [];
  const open: Sum[] = [];
  const total: Total = { tardiskBytes: 0, ramdiskBytes: 0, ramdiskInodes: 0 };
  const close = (): void => {
    const sum = open.pop()!;
    sums.push(sum);
    const parent = open.at(-1);
    if (parent === undefined) return;
    add(parent, sum);
    for (const name of sum.tardisks) parent.tardisks.add(name);
    for (const name of sum.ramdisks) parent.ramdisks.add(name);
  };
  for (const row of rows) {
    add(total, row);
    if (row.path === null) continue;
    while (open.length > 0 && !isBelow(row.path, open.at(-1)!.path)) close();
    open.push({
      path: row.path,
      kind: row.kind,
      tardiskBytes: row.tardiskBytes,
      ramdiskBytes: row.ramdiskBytes,
      ramdiskInodes: row.ramdiskInodes,
      tardisks: new Set(row.tardisk === null ? [] : [row.tardisk]),
      ramdisks: new Set(row.ramdisk === null ? [] : [row.ramdisk]),
    });
  }
  while (open.length > 0) close();
  return { sums, total };
}

function add(sum: Total, { tardiskBytes, ramdiskBytes, ramdiskInodes }: Total): void {
  sum.tardiskBytes += tardiskBytes;
  sum.ramdiskBytes += ramdiskBytes;
  sum.ramdiskInodes += ramdiskInodes;
}

function isBelow(path: string, directory: string): boolean {
  return directory === '/' || path.startsWith(`${directory}/`);
}

function jsonOf({ tardisks, ramdisks, ...sum }: Sum): Record<string, unknown> {
  return { ...sum, tardisks: [...tardisks].sort(), ramdisks: [...ramdisks].sort() };
}

const COLUMNS: readonly Column[] = [
  { heading: 'Tardisk', isFigure: true },
  { heading: 'Ramdisk', isFigure: true },
  { heading: 'Path' },
  { heading: 'In' },
];

function textOf(sums: readonly Sum[], total: Total, isHuman: boolean): string {
  const figure = isHuman ? units : String;
  const rows = sums.map(({ tardiskBytes, ramdiskBytes, path, tardisks, ramdisks }) => {
    const held = [...[...tardisks].sort(), ...[...ramdisks].sort()].map(printable);
    const where = held.length === 0 ? '--' : held.join(' ');
    return [figure(tardiskBytes), figure(ramdiskBytes), printable(path), where];
  });
  rows.push([figure(total.tardiskBytes), figure(total.ramdiskBytes), 'total', '']);
  return table(COLUMNS, rows);
}
