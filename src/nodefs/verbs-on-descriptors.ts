/**
 * The verbs on open files, each once.
 *
 * `read`, `write`, `readv` and `writev` have two results: how many bytes, and the buffer. They give
 * both, under node's names for them; flavours.ts knows which flavour shows how much of that.
 */

import { concatBytes } from '../base/bytes.ts';
import { VisorError } from '../base/errors.ts';
import type { Footing } from './footing.ts';
import { at } from './refusals.ts';
import { BigIntStats, Stats } from './stats.ts';

/** What `read` allocates where the caller gave no buffer, in bytes: as node does. */
const READ_BYTES = 16384;

/** Where in a buffer, and where in the file: null is where the file stands. */
interface Extent {
  readonly offset: unknown;
  readonly length: unknown;
  readonly position: unknown;
}

/** The three, one by one or as fields of one object. */
function extent(first: unknown, length: unknown, position: unknown): Extent {
  if (typeof first !== 'object' || first === null) return { offset: first, length, position };
  const { offset, ...rest } = first as Partial<Extent>;
  return { offset, length: rest.length, position: rest.position };
}

/** A position to write at; anything but a number from 0 on means where the file stands. */
function writePosition(position: unknown): number | null {
  return typeof position === 'number' && position >= 0 ? position : null;
}

/** The verbs on descriptors. */
export function descriptorVerbs<B extends Uint8Array>({ tree, runtime, check }: Footing<B>) {
  function readPosition(position: unknown): number | null {
    if (position === null || position === undefined) return null;
    if (typeof position === 'bigint') {
      const [min, max] = [-(2n ** 63n), 2n ** 63n - 1n];
      if (position >= min && position <= max) return position < 0n ? null : Number(position);
      throw check.outOfRange('position', `>= ${min} && <= ${max}`, position);
    }
    if (typeof position !== 'number') {
      throw check.wrongType('position', 'of type bigint or integer', position);
    }
    const checked = check.integer(position, 'position', -1);
    return checked < 0 ? null : checked;
  }

  return {
    close(file: unknown): void {
      const fd = check.fd(file);
      at(() => tree.close(fd), 'close');
    },

    fstat(file: unknown, options?: { readonly bigint?: boolean }) {
      const fd = check.fd(file);
      const attributes = at(() => tree.fstat(fd), 'fstat');
      return options?.bigint ? new BigIntStats(attributes) : new Stats(attributes);
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
      const [accessed, modified] = [check.time(atime, 'atime'), check.time(mtime, 'mtime')];
      const fd = check.fd(file);
      at(() => tree.utimes(fd, accessed, modified), 'futime');
    },

    /** `(fd, buffer, offset, length, position)`, `(fd, buffer, fields)`, `(fd, fields)`, `(fd)`. */
    read(file: unknown, target?: unknown, first?: unknown, many?: unknown, where?: unknown) {
      const fd = check.fd(file);
      const isFields = target === undefined || target === null || isPlain(target);
      const fields = isFields ? ((target ?? {}) as Partial<Extent> & { buffer?: unknown }) : null;
      const given = fields === null ? target : fields.buffer;
      const buffer = given === undefined ? runtime.bytes(new Uint8Array(READ_BYTES)) : given;
      const { offset, length, position } = extent(fields ?? first, many, where);
      const bytes = check.buffer(buffer);
      const start =
        offset === null || offset === undefined ? 0 : check.integer(offset, 'offset', 0);
      const count =
        length === null || length === undefined ? bytes.length - start : Number(length) | 0;
      if (count === 0) return { bytesRead: 0, buffer };
      if (bytes.length === 0) {
        throw check.wrongValue('buffer', buffer, 'is empty and cannot be written');
      }
      if (count < 0) throw check.outOfRange('length', '>= 0', count);
      if (start + count > bytes.length) {
        throw check.outOfRange('length', `<= ${bytes.length - start}`, count);
      }
      const from = readPosition(position);
      const into = bytes.subarray(start, start + count);
      return { bytesRead: at(() => tree.read(fd, into, from), 'read'), buffer };
    },

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

/** Whether `value` holds fields rather than bytes. */
function isPlain(value: unknown): boolean {
  return typeof value === 'object' && !ArrayBuffer.isView(value);
}
