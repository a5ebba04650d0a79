/**
 * Figures and columns, as ESXi's tools print them.
 *
 * Every figure is floored to its unit by itself, as `vdf -h` does: 32M, 22M used, 9M available is
 * what a ramdisk with 22.4 MiB shows. Without -h figures are blocks of 1 KiB.
 */

const KIB = 1024;
const MIB = KIB * KIB;

/** `bytes` in whole blocks of 1 KiB. */
export function blocks(bytes: number): string {
  return String(Math.floor(bytes / KIB));
}

/** `bytes` in whole B, K or M; never more, as `vdf -h` shows 1803M. */
export function units(bytes: number): string {
  if (bytes < KIB) return `${bytes}B`;
  if (bytes < MIB) return `${Math.floor(bytes / KIB)}K`;
  return `${Math.floor(bytes / MIB)}M`;
}

/** How much of `whole` `part` is, in whole per cent. */
export function percent(part: number, whole: number): string {
  return `${whole === 0 ? 0 : Math.floor((part * 100) / whole)}%`;
}

/** `count` with the word for one or for several. */
export function counted(count: number, one: string, several = `${one}s`): string {
  return `${count} ${count === 1 ? one : several}`;
}

/** `milliseconds` for people: three figures that count. */
export function milliseconds(duration: number): string {
  return `${duration < 100 ? duration.toFixed(1) : Math.round(duration)} ms`;
}

/** One column: its heading, and whether it holds figures, which stand to the right. */
export interface Column {
  readonly heading: string;
  readonly isFigure?: boolean;
}

/** `rows` under their headings, each column as wide as it must be, two blanks between them. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const all = [columns.map(({ heading }) => heading), ...rows];
  const widths = columns.map((_column, index) =>
    all.reduce((width, row) => Math.max(width, row[index]!.length), 0),
  );
  return all
    .map((row) => {
      const cells = row.map((cell, index) =>
        columns[index]!.isFigure ? cell.padStart(widths[index]!) : cell.padEnd(widths[index]!),
      );
      return `${cells.join('  ').trimEnd()}\n`;
    })
    .join('');
}
