/**
 * Charts as SVG: lines over numbers, and bars. Text stays text, the same figures give the same
 * bytes, and colours hold on light and on dark.
 *
 *     title
 *     label of y
 *     100 µs |                 ___ memfs         Each line has its name at its end: there is no
 *      10 µs |      _________/                   legend to look things up in.
 *       1 µs |_____/___________ visorfs
 *            +-----+-----+-----+
 *             10   100  1,000         label of x
 */

/** One line of a chart. */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** One axis: what it says, how its numbers are written, and whether steps are factors. */
export interface Axis {
  readonly label: string;
  readonly isLog: boolean;
  /** Where it has marks, the first and the last at its ends; round numbers unless said. */
  readonly ticks?: readonly number[];
  text(value: number): string;
}

/** A chart of lines. */
export interface LineChart {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
}

/** A group of bars under one label. */
export interface BarGroup {
  readonly label: string;
  readonly bars: readonly { readonly name: string; readonly value: number }[];
}

/** A chart of horizontal bars over factors, with a line at 1. */
export interface BarChart {
  readonly title: string;
  readonly label: string;
  readonly groups: readonly BarGroup[];
  text(value: number): string;
}

const WIDTH = 720;
const HEIGHT = 400;
const LEFT = 84;
const RIGHT = 110;
const TOP = 62;
const BOTTOM = 58;
const LABEL_HEIGHT = 16;
const BARS_LEFT = 200;
const BAR_HEIGHT = 14;
const GROUP_GAP = 10;

/** Colours by name, so that one peer looks the same in every chart. */
const COLOURS: Readonly<Record<string, string>> = {
  visorfs: '#2f81f7',
  memfs: '#e0702c',
  kernel: '#8b6fd6',
  floor: '#7a8594',
};
const OTHER_COLOUR = '#2c9c74';

const STYLE = [
  'text{font:13px system-ui,sans-serif;fill:#24292f}',
  '.title{font-size:15px;font-weight:600}.soft{fill:#57606a}',
  '.grid{stroke:#8c959f;stroke-opacity:.3}.axis{stroke:#57606a}',
  '.line{fill:none;stroke-width:2.5;stroke-linejoin:round}',
  '@media(prefers-color-scheme:dark){text{fill:#e6edf3}.soft{fill:#9198a1}.axis{stroke:#9198a1}}',
].join('');

/** `chart` as an SVG document. */
export function lineChart({ title, x, y, series }: LineChart): string {
  const all = series.flatMap(({ points }) => points);
  const across = scaleOf(
    x,
    all.map((point) => point[0]),
    LEFT,
    WIDTH - RIGHT,
  );
  const up = scaleOf(
    y,
    all.map((point) => point[1]),
    HEIGHT - BOTTOM,
    TOP,
  );
  const parts = [
    textAt(LEFT, 24, title, 'title'),
    textAt(LEFT, 46, y.label, 'soft'),
    textAt((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 14, x.label, 'soft', 'middle'),
    ...up.ticks.flatMap((tick) => [
      rule(LEFT, up.at(tick), WIDTH - RIGHT, up.at(tick), 'grid'),
      textAt(LEFT - 8, up.at(tick) + 4, y.text(tick), 'soft', 'end'),
    ]),
    ...across.ticks.flatMap((tick) => [
      rule(across.at(tick), HEIGHT - BOTTOM, across.at(tick), HEIGHT - BOTTOM + 5, 'axis'),
      textAt(across.at(tick), HEIGHT - BOTTOM + 21, x.text(tick), 'soft', 'middle'),
    ]),
    rule(LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM, 'axis'),
  ];
  for (const { name, points } of series) {
    const places = points.map(([px, py]) => `${round(across.at(px))},${round(up.at(py))}`);
    const stroke = colourOf(name);
    parts.push(`<polyline class="line" stroke="${stroke}" points="${places.join(' ')}"/>`);
    for (const place of places) {
      const [cx, cy] = place.split(',');
      parts.push(`<circle cx="${cx}" cy="${cy}" r="3.5" fill="${stroke}"/>`);
    }
  }
  const ends = series.map(({ name, points }) => ({ name, at: up.at(points.at(-1)![1]) }));
  for (const { name, at } of apart(ends)) {
    parts.push(coloured(WIDTH - RIGHT + 12, at + 4, name, colourOf(name)));
  }
  return documentOf(title, HEIGHT, parts);
}

/** `chart` as an SVG document. */
export function barChart({ title, label, groups, text }: BarChart): string {
  const values = groups.flatMap(({ bars }) => bars.map(({ value }) => value));
  const axis: Axis = { label, isLog: true, text };
  const across = scaleOf(axis, [...values, 1], BARS_LEFT, WIDTH - RIGHT);
  const parts = [textAt(16, 24, title, 'title'), textAt(16, 46, label, 'soft')];
  const bars: string[] = [];
  let top = TOP + 8;
  for (const group of groups) {
    const middle = top + (group.bars.length * BAR_HEIGHT) / 2;
    bars.push(textAt(BARS_LEFT - 10, middle + 4, group.label, '', 'end'));
    for (const { name, value } of group.bars) {
      const [start, end] = [across.at(1), across.at(value)].sort((left, right) => left - right);
      const size = `width="${round(Math.max(1, end! - start!))}" height="${BAR_HEIGHT - 2}"`;
      bars.push(
        `<rect x="${round(start!)}" y="${round(top)}" ${size} fill="${colourOf(name)}"/>`,
        coloured(end! + 6, top + BAR_HEIGHT - 3, `${text(value)} ${name}`, colourOf(name)),
      );
      top += BAR_HEIGHT;
    }
    top += GROUP_GAP;
  }
  for (const tick of across.ticks) {
    parts.push(
      rule(across.at(tick), TOP, across.at(tick), top, tick === 1 ? 'axis' : 'grid'),
      textAt(across.at(tick), top + 16, text(tick), 'soft', 'middle'),
    );
  }
  return documentOf(title, Math.ceil(top + 30), [...parts, ...bars]);
}

interface Placing {
  readonly ticks: readonly number[];
  at(value: number): number;
}

/** From values to places between `start` and `end`. */
function scaleOf(axis: Axis, values: readonly number[], start: number, end: number): Placing {
  const { isLog } = axis;
  const ticks = axis.ticks ?? (isLog ? factors(values) : steps(values));
  const [from, to] = [ticks[0]!, ticks.at(-1)!];
  const share = (value: number): number =>
    isLog ? Math.log(value / from) / Math.log(to / from) : (value - from) / (to - from);
  return { ticks, at: (value) => start + (end - start) * share(value) };
}

/** Powers of ten around `values`. */
function factors(values: readonly number[]): number[] {
  const lowest = Math.floor(Math.log10(Math.min(...values)));
  const highest = Math.max(lowest + 1, Math.ceil(Math.log10(Math.max(...values))));
  return Array.from({ length: highest - lowest + 1 }, (_, index) => 10 ** (lowest + index));
}

/** About five round numbers from 0 to beyond `values`. */
function steps(values: readonly number[]): number[] {
  const rough = Math.max(...values) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((digit) => digit * power).find((width) => width >= rough)!;
  const count = Math.ceil(Math.max(...values) / step);
  return Array.from({ length: count + 1 }, (_, index) => index * step);
}

/** Places of names so far from each other that each can be read. */
function apart(ends: readonly { name: string; at: number }[]): { name: string; at: number }[] {
  const sorted = [...ends].sort((left, right) => left.at - right.at);
  let above = Number.NEGATIVE_INFINITY;
  return sorted.map(({ name, at }) => {
    above = Math.max(at, above + LABEL_HEIGHT);
    return { name, at: above };
  });
}

function documentOf(title: string, height: number, parts: readonly string[]): string {
  const box = `viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${box} role="img">`,
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}</style>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

function textAt(x: number, y: number, text: string, kind: string, anchor = 'start'): string {
  const place = `x="${round(x)}" y="${round(y)}" text-anchor="${anchor}"`;
  return `<text ${place} class="${kind}">${escaped(text)}</text>`;
}

function coloured(x: number, y: number, text: string, colour: string): string {
  return `<text x="${round(x)}" y="${round(y)}" style="fill:${colour}">${escaped(text)}</text>`;
}

function rule(x1: number, y1: number, x2: number, y2: number, kind: string): string {
  const [left, top, right, bottom] = [x1, y1, x2, y2].map(round);
  return `<line class="${kind}" x1="${left}" y1="${top}" x2="${right}" y2="${bottom}"/>`;
}

function colourOf(name: string): string {
  return COLOURS[name] ?? OTHER_COLOUR;
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escaped(text: string): string {
  return text.replace(/[&<>]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[sign]!);
}
