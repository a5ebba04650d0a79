/**
 * What it costs that verbs can be traced and growth be attributed, while nobody asks for either.
 *
 * Claim: a verb that is not traced costs what it cost before there was a trace; a label costs
 * whoever has one, and nobody else.
 * Yardstick: the same verb without the one place where all come by, which is the build without.
 */

import { nodeRuntime } from '../../src/node/node-runtime.ts';
import { trace } from '../../src/node.ts';
import { footing } from '../../src/nodefs/footing.ts';
import { pathVerbs } from '../../src/nodefs/verbs-on-paths.ts';
import { wholeFileVerbs } from '../../src/nodefs/whole-files.ts';
import { KILOBYTE } from '../archives.ts';
import { batched } from '../clock.ts';
import { treeOver } from '../peers/visorfs.ts';
import { type Question, type Reading, timed, weighed, within } from '../question.ts';
import type { Scale } from '../scale.ts';
import { type Operation, sampled } from '../suites.ts';
import { check } from '../verify.ts';

const CONTENT = new Uint8Array(KILOBYTE).fill(7);
const PATHS = Array.from({ length: 1 << 10 }, (_, index) => `/made/f${index}`);
const VERBS = ['statSync', 'existsSync', 'writeFileSync 1 KB'];
const alone = (verb: string): string => `${verb}, the verb alone`;
const untraced = (verb: string): string => `${verb}, not traced`;
const traced = (verb: string): string => `${verb}, traced`;

/** Verbs alone, by the place where they can be traced, and traced. */
export const traces: Question = {
  name: 'trace',
  chapter: 'Hot path',
  claim: 'a verb that is not traced costs what it would if it could not be',
  kind: 'steady',
  peers: ['visorfs'],
  targets: VERBS.map((verb) => within(1.05, alone(verb), untraced(verb))),
  async ask(_peer, scale) {
    return [...(await sampled(scale, operations())), ...(await tracing(scale))];
  },
};

/** A tree of many files, and how to take them in turn. */
function ground() {
  const vfs = treeOver();
  vfs.fs.mkdirSync('/made');
  for (const path of PATHS) vfs.fs.writeFileSync(path, CONTENT);
  let turn = 0;
  return { vfs, next: (): string => PATHS[turn++ & (PATHS.length - 1)]! };
}

function operations(): Operation[] {
  const { vfs, next } = ground();
  const under = footing(vfs, nodeRuntime);
  const { stat, exists } = pathVerbs(under);
  const { writeFile } = wholeFileVerbs(under);
  const { statSync, existsSync, writeFileSync } = vfs.fs;
  const write = (verb: (path: string, content: Uint8Array) => void) => (): number => {
    verb(next(), CONTENT);
    return 1;
  };
  const [statting, existing, writing] = VERBS as [string, string, string];
  return [
    { line: alone(statting), act: () => stat(next())!.mode as number },
    { line: untraced(statting), act: () => statSync(next()).mode },
    { line: alone(existing), act: () => Number(exists(next())) },
    { line: untraced(existing), act: () => Number(existsSync(next())) },
    { line: alone(writing), act: write(writeFile) },
    { line: untraced(writing), act: write(writeFileSync) },
  ];
}

async function tracing(scale: Scale): Promise<Reading[]> {
  const { vfs, next } = ground();
  let bytes = 0;
  const stop = trace(vfs, (record) => {
    bytes += record.bytes ?? 1;
  });
  const act = (): number => vfs.fs.statSync(next()).mode + bytes;
  const readings = await sampled(scale, [{ line: traced(VERBS[0]!), act }]);
  stop();
  return readings;
}

const UNLABELLED = 'create 4 KB, without a label';
const LABELLED = 'create 4 KB, with a label';

/** Files made by who has a label and by who has none. */
export const labels: Question = {
  name: 'label',
  chapter: 'Writes',
  claim: 'whose a byte is costs a few numbers, and nothing where nobody has a label',
  kind: 'steady',
  peers: ['visorfs'],
  targets: [within(1.25, UNLABELLED, LABELLED)],
  async ask(_peer, scale) {
    const without = await creating(scale, UNLABELLED, undefined);
    check(without.numberBytes === 0, 'nothing that is kept for nobody');
    const having = await creating(scale, LABELLED, 'hostd');
    const weight = weighed('labels of a file made, 4 KB', having.numberBytes / PATHS.length);
    return [without.reading, having.reading, weight];
  },
};

/** Files of one page, and what is kept of whose they are, in bytes. */
async function creating(scale: Scale, line: string, label: string | undefined) {
  const vfs = treeOver();
  const fs = vfs.as({ label });
  const page = new Uint8Array(4 * KILOBYTE).fill(7);
  let numberBytes = 0;
  const nanoseconds = await batched(scale, PATHS.length, {
    prepare: () => fs.mkdirSync('/made'),
    run: () => {
      for (const path of PATHS) fs.writeFileSync(path, page);
    },
    verify: () => {
      const { makers, pages } = vfs.live.delta;
      const tables = makers === null ? 0 : makers.rows.byteSize + makers.entries.byteSize;
      numberBytes = tables + (pages.labels?.byteSize ?? 0);
      fs.rmSync('/made', { recursive: true });
    },
  });
  return { reading: timed(line, nanoseconds), numberBytes };
}
