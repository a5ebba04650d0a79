/**
 * What fills the ramdisks, as tables: the largest, what grows fastest, the last changed, labels.
 *
 * Sizes are blocks of 1 KiB as vdf has them, or units; each is rounded down by itself.
 */

import type { Top, TopFile, TopLabel } from '../node.ts';
import { blocks, type Column, table, units } from './figures.ts';
import { printable } from './printable.ts';

const FILES: readonly Column[] = [
  { heading: 'Size', isFigure: true },
  { heading: 'Grown', isFigure: true },
  { heading: 'Ramdisk' },
  { heading: 'Maker' },
  { heading: 'Changed' },
  { heading: 'Path' },
];
const LABELS: readonly Column[] = [
  { heading: 'Size', isFigure: true },
  { heading: 'Grown', isFigure: true },
  { heading: 'Inodes', isFigure: true },
  { heading: 'Ramdisk' },
  { heading: 'Label' },
];

/** Where the tables say how much was grown, which is asked since a mark. */
const GROWN_INDEX = 1;

/** What stands for no label, and for no name. */
const NOBODY = '-';

/** `top` as tables for people, each under its title; those without a row are left out. */
export function topText(top: Top, isHuman: boolean): string {
  const { largest, growing, newest, labels, sinceMs } = top;
  const known = <T>(cells: readonly T[]): T[] => {
    return cells.filter((_, index) => sinceMs !== null || index !== GROWN_INDEX);
  };
  const figure = (bytes: number): string => {
    return `${bytes < 0 ? '-' : ''}${(isHuman ? units : blocks)(Math.abs(bytes))}`;
  };
  const files = (title: string, list: readonly TopFile[]): string[] =>
    list.length === 0
      ? []
      : [
          `${title}:\n${table(
            known(FILES),
            list.map((file) => known(rowOf(file, figure))),
          )}`,
        ];
  const parts = [
    ...files('Largest', largest),
    ...files('Fastest growing', growing),
    ...files('Last changed', newest),
    `By label:\n${table(
      known(LABELS),
      labels.map((label) => known(labelRow(label, figure))),
    )}`,
  ];
  return parts.join('\n');
}

type Figure = (bytes: number) => string;

function rowOf(file: TopFile, figure: Figure): string[] {
  const { path, ramdisk, bytes, grownBytes, maker, changedMs } = file;
  const changed = new Date(changedMs).toISOString().slice(0, 19).replace('T', ' ');
  const names = [printable(ramdisk), maker ?? NOBODY, changed];
  const shown = path === null ? '(open, without a name)' : printable(path);
  return [figure(bytes), figure(grownBytes), ...names, shown];
}

function labelRow({ ramdisk, label, bytes, inodes, grownBytes }: TopLabel, figure: Figure) {
  return [figure(bytes), figure(grownBytes), `${inodes}`, printable(ramdisk), label ?? NOBODY];
}
