/**
 * `visorfs cat`: the bytes of a file of the images, and nothing else.
 */

import type { Command } from 'commander';
import { checkPath, lastIsPath, openStack } from '../images.ts';
import { landingArgument } from '../landing.ts';
import { CommandError, type Output } from '../output.ts';
import { IMAGE } from '../words.ts';

/** What is copied at once, in bytes: memory stays small whatever the file. */
const CHUNK_BYTES = 1 << 20;

/** Adds `cat` to `program`. */
export function addCat(program: Command, out: Output): void {
  program
    .command('cat')
    .summary('print a file')
    .description('Prints a file of the images. The last argument is the path inside.')
    .usage('[options] <image>... <path>')
    .addArgument(landingArgument('<image...>', IMAGE))
    .addHelpText('after', '\nExample:\n  visorfs cat base.v00 /etc/motd')
    .action(async (given: string[]) => {
      const request = lastIsPath(given, out, 'cat');
      const { vfs, close } = await openStack(request.images, out);
      try {
        checkPath(vfs, request);
        if (vfs.fs.statSync(request.path).isDirectory()) {
          throw new CommandError(`'${request.path}' is a directory`);
        }
        const fd = vfs.fs.openSync(request.path, 'r');
        const { size } = vfs.fs.fstatSync(fd);
        const chunk = new Uint8Array(Math.min(CHUNK_BYTES, Math.max(size, 1)));
        for (;;) {
          const count = vfs.fs.readSync(fd, chunk, 0, chunk.length, null);
          if (count === 0) break;
          await out.write(chunk.subarray(0, count));
        }
      } finally {
        close();
      }
    });
}
