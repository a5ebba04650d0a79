/**
 * A file as a Source: read where and when it is asked for, never whole.
 */

import fs from 'node:fs';
import { CorruptError } from '../base/errors.ts';
import { checkRange, type Source } from '../base/source.ts';

/**
 * The file `path`, open until `close`. Throws node's own error where it cannot be opened,
 * CorruptError where it shrank since.
 *
 * @example
 * const source = fileSource('host/boot.cfg', 'boot.cfg');
 * const start = new Uint8Array(11);
 * source.readInto(start, 0);
 * console.log(source.size, new TextDecoder().decode(start)); // 228 bootstate=0
 * source.close();
 */
export function fileSource(path: string, name: string): Source {
  const fd = fs.openSync(path, 'r');
  let isOpen = true;
  const source: Source = {
    name,
    size: sizeOf(fd, path),
    readInto(target, offset) {
      checkRange(source, offset, target.length, 'a read');
      for (let done = 0; done < target.length; ) {
        const count = fs.readSync(fd, target, done, target.length - done, offset + done);
        if (count === 0) throw new CorruptError(name, offset + done, 'the file ends here by now');
        done += count;
      }
    },
    resident: () => null,
    close() {
      if (isOpen) fs.closeSync(fd);
      isOpen = false;
    },
  };
  return source;
}

function sizeOf(fd: number, path: string): number {
  const stats = fs.fstatSync(fd);
  if (stats.isFile()) return stats.size;
  fs.closeSync(fd);
  throw new CorruptError(
    path,
    0,
    `is a ${stats.isDirectory() ? 'directory' : 'device'}, not a file`,
  );
}
