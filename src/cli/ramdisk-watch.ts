/**
 * A live look at the ramdisks of a tree while something fills it: gauges, what grows, and whose.
 *
 *   root  [#######             ]  36% of 32M  +512K/s  120 of 8192 inodes
 *
 * On a terminal the picture rewrites itself in place, on stderr; elsewhere nothing is drawn.
 * Below a shell it has the whole screen, and what fits on that, until it ends. It is drawn by a
 * timer, and by what the tree tells of its changes, so that it moves too while a program writes
 * without ever giving way. Drawing costs two walks through the tree, at most each second.
 *
 * It is given a tree and an Output and nothing else: a shell may use it as `ramdisk watch` does.
 */

import {
  type GrowthMark,
  growthMark,
  type RamdiskState,
  ramdiskProblems,
  ramdiskTop,
  type VisorFs,
} from '../node.ts';
import { percent, units } from './figures.ts';
import type { Output, Terminal } from './output.ts';
import { printable } from './printable.ts';
import { topText } from './ramdisk-top.ts';

/** Between two pictures, in milliseconds. */
const PAUSE_MS = 1000;
const GAUGE_CELLS = 20;
const PROBLEMS_MAX_COUNT = 5;

/** How to look. */
export interface WatchOptions {
  /** Only this ramdisk: all unless said. */
  readonly ramdisk?: string | undefined;
  /** How many files a table has at the most. */
  readonly limit: number;
  /** The terminal whose whole screen it takes; it draws on stderr, in place, unless said. */
  readonly screen?: Terminal | undefined;
}

const TAKE_SCREEN = '\x1b[?1049h\x1b[?25l';
const GIVE_SCREEN = '\x1b[?25h\x1b[?1049l';
const CLEAR_SCREEN = '\x1b[H\x1b[J';

/** A live look at one tree, from when it is made until `end`. */
export class RamdiskWatch {
  readonly #vfs: VisorFs;
  readonly #out: Output;
  readonly #options: WatchOptions;
  readonly #stops: (() => void)[];
  readonly #problems: string[] = [];
  #before: ReadonlyMap<string, number>;
  #mark: GrowthMark;
  #drawnMs: number;
  #lineCount = 0;

  constructor(vfs: VisorFs, out: Output, options: WatchOptions) {
    this.#vfs = vfs;
    this.#out = out;
    this.#options = options;
    this.#mark = growthMark(vfs);
    this.#before = usedOf(vfs);
    this.#drawnMs = out.now();
    const look = (): void => {
      if (out.now() - this.#drawnMs >= PAUSE_MS) this.draw();
    };
    const timer = setInterval(look, PAUSE_MS);
    this.#stops = [
      () => clearInterval(timer),
      vfs.on('change', look),
      ramdiskProblems(vfs, ({ message }) => {
        this.#problems.push(message);
        if (this.#problems.length > PROBLEMS_MAX_COUNT) this.#problems.shift();
      }),
      this.#takeScreen(),
    ];
  }

  /** Draws the picture of now over the last one. */
  draw(): void {
    const now = this.#out.now();
    const seconds = Math.max((now - this.#drawnMs) / 1000, 0.001);
    this.#drawnMs = now;
    const { ramdisk, limit, screen } = this.#options;
    if (screen === undefined && !this.#out.isTerminal) return;
    const shown = this.#vfs.ramdisks
      .list()
      .filter(({ name }) => [undefined, name].includes(ramdisk));
    const width = Math.max(...shown.map(({ name }) => name.length));
    const gauges = shown.map((state) => {
      const grown = state.usedBytes - (this.#before.get(state.name) ?? 0);
      return gaugeOf(state, width, grown / seconds);
    });
    const top = ramdiskTop(this.#vfs, { ramdisk, limit, since: this.#mark });
    const tables = topText({ ...top, largest: [], newest: [] }, true);
    const problems = this.#problems.map((message) => `${printable(message)}\n`);
    const picture = [...gauges, '\n', tables, '\n', ...problems].join('');
    if (screen === undefined) {
      this.#out.complain(`${this.#clear()}${picture}`);
      this.#lineCount = picture.split('\n').length - 1;
    } else screen.output.write(`${CLEAR_SCREEN}${fitting(picture, screen)}`);
    this.#mark = growthMark(this.#vfs);
    this.#before = usedOf(this.#vfs);
  }

  /** Takes the picture away and looks no more. */
  end(): void {
    for (const stop of this.#stops.splice(0)) stop();
    if (this.#lineCount > 0) this.#out.complain(this.#clear());
    this.#lineCount = 0;
  }

  /** Draws on the whole screen from now on, anew when its size changes; returns the way back. */
  #takeScreen(): () => void {
    const { screen } = this.#options;
    if (screen === undefined) return () => {};
    const { output } = screen;
    const { signal } = this.#out;
    const draw = (): void => this.draw();
    const give = (): void => {
      output.off('resize', draw);
      signal.removeEventListener('abort', give);
      output.write(GIVE_SCREEN);
    };
    output.write(TAKE_SCREEN);
    output.on('resize', draw);
    signal.addEventListener('abort', give);
    return give;
  }

  /** Back to the first line of the last picture, and nothing behind it. */
  #clear(): string {
    return this.#lineCount === 0 ? '' : `\r\x1b[${this.#lineCount}A\x1b[J`;
  }
}

/** As much of `picture` as the screen has room for. */
function fitting(picture: string, { output: { columns, rows } }: Terminal): string {
  const lines = picture.split('\n').slice(0, rows - 1);
  return lines.map((line) => line.slice(0, columns)).join('\r\n');
}

function usedOf(vfs: VisorFs): ReadonlyMap<string, number> {
  return new Map(vfs.ramdisks.list().map(({ name, usedBytes }) => [name, usedBytes]));
}

function gaugeOf(state: RamdiskState, width: number, bytesPerSecond: number): string {
  const { name, usedBytes, maxBytes, usedInodes, maxInodes } = state;
  const share = maxBytes === 0 ? 0 : usedBytes / maxBytes;
  const bar = '#'.repeat(Math.floor(share * GAUGE_CELLS)).padEnd(GAUGE_CELLS);
  const use = `${percent(usedBytes, maxBytes).padStart(4)} of ${units(maxBytes)}`;
  const sign = bytesPerSecond < 0 ? '-' : '+';
  const speed = `${sign}${units(Math.round(Math.abs(bytesPerSecond)))}/s`;
  const inodes = `${usedInodes} of ${maxInodes} inodes`;
  return `${printable(name).padEnd(width)}  [${bar}] ${use}  ${speed}  ${inodes}\n`;
}
