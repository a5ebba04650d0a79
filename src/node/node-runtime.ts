/**
 * What the node:fs face needs of its platform, where that is Node: Buffers, nextTick, real chance.
 *
 * A file: URL is read as on POSIX wherever this runs, as the tree has no drive letters.
 */

import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
// By import: tests of others put false timers in the place of the global ones.
import { setImmediate } from 'node:timers';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { globbing } from '../nodefs/glob.ts';
import type { Runtime } from '../nodefs/runtime.ts';
import { turns } from '../nodefs/turns.ts';
import { globPattern } from './glob-pattern.ts';
import { streamsOver } from './streams.ts';

/** The longest that a timer of node's can be. */
const LONGEST_MILLISECONDS = 2 ** 31 - 1;

/** Node's own. */
export const nodeRuntime: Runtime<Buffer> = {
  bytes: (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length),
  // Small ones out of node's pool, as node's own readFile gives them.
  allocate: (size) => Buffer.allocUnsafe(size),
  isEncoding: (name) => Buffer.isEncoding(name),
  encode: (text, encoding) => Buffer.from(text, encoding as BufferEncoding),
  decode: (bytes, encoding) =>
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString(encoding as BufferEncoding),
  ...turns((task) => process.nextTick(task), setImmediate),
  random: (count) => randomBytes(count),
  urlPath: (url) => fileURLToPath(url.href, { windows: false }),
  glob: globbing(globPattern),
  inspect: (value) => inspect(value),
  stay: () => {
    const timer = setInterval(() => {}, LONGEST_MILLISECONDS);
    return {
      ref: () => void timer.ref(),
      unref: () => void timer.unref(),
      end: () => clearInterval(timer),
    };
  },
  streams: streamsOver,
  lines: (stream) => createInterface({ input: stream as Readable, crlfDelay: Infinity }),
};
