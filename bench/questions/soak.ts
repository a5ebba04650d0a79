/**
 * What is left in memory by operations that leave nothing in the tree.
 *
 * Claim: ten million mixed operations end where they began: nothing grows with their number.
 * Yardstick: memfs after a tenth of them, and the same verbs on a tree of Maps.
 *
 * The tree holds at most a thousand files at a time; each operation makes, writes over, appends
 * to, reads, renames, cuts or removes one of them, or looks for one that is not there.
 */

import { type Prng, prng } from '../../test/support/prng.ts';
import { once } from '../clock.ts';
import { settledBytes } from '../heap.ts';
import { emptySubject, type Peer, type Subject } from '../peers.ts';
import { type Question, type Reading, timed, weighed, within } from '../question.ts';

const PEERS: readonly Peer[] = ['visorfs', 'memfs', 'floor'];
const FILES = 1000;
const RIVAL_SHARE = 10;
const CONTENT = new Uint8Array(3000).fill(8);
const PIECE = new Uint8Array(200).fill(9);
const APPENDED_MAX_BYTES = 20_000;

/** After each of them memory is weighed. */
export const SOAK_STEPS: readonly number[] = [1, 2, 3, 4, 5];

/** The line of the plot for `step`. */
export const soakLine = (step: number): string => `in use after ${step * 20} % of the operations`;

/** Ten million operations. */
export const soak: Question = {
  name: 'soak',
  chapter: 'Memory',
  claim: 'ten million mixed operations end where they began',
  kind: 'weight',
  isLong: true,
  peers: PEERS,
  targets: [within(1.05, soakLine(1), soakLine(SOAK_STEPS.length))],
  async ask(peer, scale, shelf) {
    const subject = await emptySubject(peer, shelf);
    const share = peer === 'visorfs' ? 1 : RIVAL_SHARE;
    const count = Math.ceil(scale.soakOperations / share / SOAK_STEPS.length);
    const chance = prng(10_000_000);
    const readings: Reading[] = [];
    const times: number[] = [];
    subject.fs.mkdirSync(`${subject.root}/soak`, { recursive: true });
    for (const step of SOAK_STEPS) {
      const { nanoseconds } = await once(() => operate(subject, chance, count));
      times.push(nanoseconds / count);
      clear(subject);
      const bytes = (await settledBytes(scale)) + (subject.unreportedBytes?.() ?? 0);
      readings.push(weighed(soakLine(step), bytes));
    }
    subject.close();
    const all = times.reduce((sum, time) => sum + time, 0) / times.length;
    return [...readings, timed('a mixed operation', all)];
  },
};

/** `count` operations drawn by chance; what a file must be for one, is seen to first. */
function operate({ fs, root }: Subject, chance: Prng, count: number): void {
  for (let turn = 0; turn < count; turn++) {
    const path = `${root}/soak/f${chance.below(FILES)}`;
    if (!fs.existsSync(path)) {
      fs.writeFileSync(path, CONTENT);
      continue;
    }
    switch (chance.below(7)) {
      case 0:
        fs.writeFileSync(path, PIECE);
        break;
      case 1:
        if (fs.statSync(path).size < APPENDED_MAX_BYTES) fs.appendFileSync(path, PIECE);
        break;
      case 2:
        fs.readFileSync(path);
        break;
      case 3:
        fs.renameSync(path, `${root}/soak/f${chance.below(FILES)}`);
        break;
      case 4:
        fs.truncateSync(path, 100);
        break;
      case 5:
        fs.statSync(path);
        break;
      default:
        fs.unlinkSync(path);
    }
  }
}

function clear({ fs, root }: Subject): void {
  for (const name of fs.readdirSync(`${root}/soak`)) fs.unlinkSync(`${root}/soak/${name}`);
}
