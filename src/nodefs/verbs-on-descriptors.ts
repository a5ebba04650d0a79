/**
 * The verbs on open files, each once.
 *
 * `read`, `write`, `readv` and `writev` have two results: how many bytes, and the buffer. They give
 * both, under node's names for them; flavours.ts knows which flavour shows how much of that.
 */

import { concatBytes } from '../base/bytes.ts';
import { VisorError } from '../base/errors.ts';
import { timeOf } from './arguments.ts';
import type { Footing } from './footing.ts';
import { type Reading, readings } from './reading.ts';
import { at } from './refusals.ts';
import { BigIntStats, Stats } from './stats.ts';

/** Where in a buffer, and where in the file: null is where the file stands. */
interface Extent {
  readonly offset: unknown;
  readonly length: unknown;
  readonly position: unknown;
}

/** The three, one by one or as fields of one object. */
function extent(first: unknown, length: unknown, position: unknown): Extent {
  if (typeof first !== 'object') return { offset: first, length, position };
  // What is inherited counts: of an array or a buffer, its length.
  const fields = (first ?? {}) as Partial<Extent>;
  return { offset: fields.offset, length: fields.length, position: fields.position };
}

/** A position to write at; anything but a whole number from 0 on is where the file stands. */
function writePosition(position: unknown): number | null {
  return Number.isSafeInteger(position) && (position as number) >= 0 ? (position as number) : null;
}

/** The verbs on descriptors. */
export function descriptorVerbs<B extends Uint8Array>({ tree, runtime, check }: Footing<B>) {
  const { synchronous, called, handled } = readings({ check, runtime });

  function readBy(asked: (given: readonly unknown[]) => Reading) {
    return (file: unknown, ...given: unknown[]): { bytesRead: number; buffer: unknown } => {
      const fd = check.fd(file);
      const { buffer, into, position } = asked(given);
      if (into.length === 0) return { bytesRead: 0, buffer };
      return { bytesRead: at(() => tree.read(fd, into, position), 'read'), buffer };
    };
  }

  return {
    close(file: unknown): void {
      const fd = check.fd(file);
      at(() => tree.close(fd), 'close');
    },

    fstat(file: unknown, options?: { readonly bigint?: boolean }) {
      const fd = check.fd(file);
      const attributes = at(() => tree.fstat(fd), 'fstat');
      return options?.bigint === true ? new BigIntStats(attributes) : new Stats(attributes);
    },

    fchmod(file: unknown, mode: unknown): void {
      const permissions = check.mode(mode);
      const fd = check.fd(file);
      at(() => tree.chmod(fd, permissions), 'fchmod');
    },

    fchown(file: unknown, uid: unknown, gid: unknown): void {
      const [user, group] = [check.id(uid, 'uid'), check.id(gid, 'gid')];
      const fd = check.fd(file);
      at(() => tree.chown(fd, user, group), 'fchown');
    },

    fsync(file: unknown): void {
      const fd = check.fd(file);
      // There is nothing to sync in memory; but the file must be open.
      at(() => tree.openFile(fd), 'fsync');
    },

    fdatasync(file: unknown): void {
      const fd = check.fd(file);
      at(() => tree.openFile(fd), 'fdatasync');
    },

    ftruncate(file: unknown, length: unknown = 0): void {
      const size = Math.max(0, check.integer(length, 'len'));
      const fd = check.fd(file);
      at(() => tree.ftruncate(fd, size), 'ftruncate');
    },

    futimes(file: unknown, atime: unknown, mtime: unknown): void {
      const [accessed, modified] = [check.seconds(atime, 'atime'), check.seconds(mtime, 'mtime')];
      const fd = check.fd(file);
      at(() => tree.utimes(fd, timeOf(accessed), timeOf(modified)), 'futime');
    },

    read: readBy(synchronous),
    readCalled: readBy(called),
    readHandled: readBy(handled),

    /** Of a view: offset, length and position, or fields; of text: position and encoding. */
    write(file: unknown, source: unknown, first?: unknown, many?: unknown, where?: unknown) {
      const fd = check.fd(file);
      if (!ArrayBuffer.isView(source)) {
        const encoding = writtenEncoding(source, many);
        const bytes = check.content(source, encoding, 'buffer');
        const to = writePosition(first);
        return { bytesWritten: at(() => tree.write(fd, bytes, to), 'write'), buffer: source };
      }
      const bytes = check.buffer(source);
      const { offset, length, position } = extent(first, many, where);
      const start =
        offset === null || offset === undefined ? 0 : check.integer(offset, 'offset', 0);
      const left = bytes.length - start;
      const count = typeof length === 'number' ? length : left;
      if (start > bytes.length) throw check.outOfRange('offset', `<= ${bytes.length}`, start);
      if (count > left) throw check.outOfRange('length', `<= ${left}`, count);
      if (count < 0) throw check.outOfRange('length', '>= 0', count);
      check.integer(count, 'length');
      const from = bytes.subarray(start, start + count);
      const to = writePosition(position);
      return { bytesWritten: at(() => tree.write(fd, from, to), 'write'), buffer: source };
    },

    readv(file: unknown, views: unknown, position?: unknown) {
      const fd = check.fd(file);
      const buffers = check.buffers(views);
      // readv(2) of no buffers is EINVAL; writev of none never gets as far as the kernel.
      if (buffers.length === 0) throw new VisorError('EINVAL', { syscall: 'read' });
      let from = writePosition(position);
      let bytesRead = 0;
      for (const buffer of buffers) {
        const count = at(() => tree.read(fd, buffer, from), 'read');
        bytesRead += count;
        if (from !== null) from += count;
        if (count < buffer.length) break;
      }
      return { bytesRead, buffers: views };
    },

    writev(file: unknown, views: unknown, position?: unknown) {
      const fd = check.fd(file);
      const buffers = check.buffers(views);
      if (buffers.length === 0) return { bytesWritten: 0, buffers: views };
      const bytes = concatBytes(buffers);
      const to = writePosition(position);
      return { bytesWritten: at(() => tree.write(fd, bytes, to), 'write'), buffers: views };
    },
  };

  /** The encoding of `source`: an unknown one is utf8 to node, and minds half a byte of hex. */
  function writtenEncoding(source: unknown, encoding: unknown): string {
    if (typeof encoding !== 'string' || !runtime.isEncoding(encoding)) return 'utf8';
    const isOdd = typeof source === 'string' && source.length % 2 !== 0;
    if (encoding.toLowerCase() !== 'hex' || !isOdd) return encoding;
    const reason = `is invalid for data of length ${String(source).length}`;
    throw check.wrongValue('encoding', encoding, reason);
  }
}
