// A backup is of one instant, however long it is packed: 32 MiB of state, and four writers that go
// on meanwhile, each by a way of its own. Each writes pairs of files, the first and then the second
// with the same number, so a state in which the second is ahead of the first, or the first ahead by
// more than one, or a file that is two numbers, was of no instant.

import { expect, test } from 'vitest';
import { portableCodec } from '../../src/codec/gzip.ts';
import { Image, openTardisk, VisorFs } from '../../src/node.ts';
import { openState } from '../../src/state/archive.ts';
import { Tree } from '../../src/vfs/tree.ts';
import { tarOf } from '../support/archives.ts';

const WRITERS = 4;
const PAIRS_EACH = 16;
const FILE_BYTES = 256 << 10;
const STATE_BYTES = WRITERS * PAIRS_EACH * 2 * FILE_BYTES;

const nameOf = (pair: number, half: 'a' | 'b'): string => `/etc/pair-${pair}.${half}`;
const contentOf = (number: number): Buffer => Buffer.alloc(FILE_BYTES, number % 251);

async function tree(): Promise<VisorFs> {
  const halves = (['a', 'b'] as const).flatMap((half) => {
    return Array.from({ length: WRITERS * PAIRS_EACH }, (_none, pair) => nameOf(pair, half));
  });
  const files = halves.map((path) => ({ path: path.slice(1), content: '', mode: 0o1644 }));
  const image = Image.of(await openTardisk(tarOf([{ path: 'etc/' }, ...files])));
  const vfs = new VisorFs(image, { ramdisks: [{ name: 'root', path: '/', size: '64MB' }] });
  for (const path of halves) vfs.fs.writeFileSync(path, contentOf(0));
  return vfs;
}

type Write = (vfs: VisorFs, path: string, bytes: Buffer) => Promise<void>;

/** The ways to write, each whole by one verb, and all of them later than when they are asked. */
const WAYS: readonly Write[] = [
  ({ fs }, path, bytes) => fs.promises.writeFile(path, bytes, { flag: 'r+' }),
  ({ fs }, path, bytes) =>
    new Promise((resolve, reject) => {
      fs.writeFile(path, bytes, { flag: 'r+' }, (error) => (error ? reject(error) : resolve()));
    }),
  async ({ fs }, path, bytes) => {
    const handle = await fs.promises.open(path, 'r+');
    await handle.write(bytes, 0, bytes.length, 0);
    await handle.close();
  },
  ({ fs }, path, bytes) =>
    new Promise((resolve, reject) => {
      const stream = fs.createWriteStream(path, { flags: 'r+', highWaterMark: FILE_BYTES });
      stream.on('error', reject).on('close', resolve);
      stream.end(bytes);
    }),
];

/** Writes pair after pair until it is told to stop; counts them in `done`. */
async function writing(vfs: VisorFs, writer: number, done: { pairs: number; isOver: boolean }) {
  const write = WAYS[writer]!;
  for (let number = 1; !done.isOver; number++) {
    for (let own = 0; own < PAIRS_EACH && !done.isOver; own++) {
      const pair = writer * PAIRS_EACH + own;
      await write(vfs, nameOf(pair, 'a'), contentOf(number));
      await write(vfs, nameOf(pair, 'b'), contentOf(number));
      done.pairs += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

/** What is torn in the state `blob`. */
async function tornIn(blob: Uint8Array): Promise<string[]> {
  const state = new Tree(Image.of(await openState(blob, portableCodec)));
  const torn: string[] = [];
  for (let pair = 0; pair < WRITERS * PAIRS_EACH; pair++) {
    const [a, b] = (['a', 'b'] as const).map((half) => {
      const bytes = state.copyOf(state.lookup(nameOf(pair, half)));
      if (bytes.length !== FILE_BYTES || bytes.some((byte) => byte !== bytes[0])) {
        torn.push(`${nameOf(pair, half)} is of several writes`);
      }
      return bytes[0]!;
    });
    const ahead = (a! - b! + 251) % 251;
    if (ahead > 1) torn.push(`pair ${pair} is ${a} and ${b}`);
  }
  return torn;
}

test('a backup of 32 MiB while four writers go on is of one instant', async () => {
  const vfs = await tree();
  expect(STATE_BYTES).toBe(32 << 20);
  const done = { pairs: 0, isOver: false };
  const writers = Array.from({ length: WRITERS }, (_none, index) => writing(vfs, index, done));
  const blobs: Uint8Array[] = [];
  for (let count = 0; count < 3; count++) {
    while (done.pairs < 100 * (count + 1)) await new Promise((resolve) => setImmediate(resolve));
    const before = done.pairs;
    blobs.push(await vfs.backup());
    // The writers were not held up until it was packed.
    expect(done.pairs - before).toBeGreaterThan(WRITERS);
  }
  done.isOver = true;
  await Promise.all(writers);
  for (const blob of blobs) expect(await tornIn(blob)).toEqual([]);
}, 60_000);
