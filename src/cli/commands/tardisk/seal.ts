/**
 * `visorfs tardisk seal`: an archive as an eStargz, which is mounted without being decoded.
 */

import path from 'node:path';
import type { Command } from 'commander';
import { seal } from '../../../node.ts';
import { counted } from '../../figures.ts';
import { landingArgument } from '../../landing.ts';
import { CommandError, jsonLine, type Output, UsageError } from '../../output.ts';
import { Progress } from '../../progress.ts';
import { checkFree, writeWhole } from '../../whole-file.ts';

const STDOUT = '-';

interface Options {
  readonly force?: true;
  readonly json?: true;
}

/** Adds `seal` to `tardisk`. */
export function addSeal(tardisk: Command, out: Output): void {
  tardisk
    .command('seal')
    .summary('make an archive one that is mounted without decoding it')
    .description(
      'Writes a tar, compressed or not, as an eStargz: still a gzipped tar of the same entries, ' +
        'but mounted at once, here and by container tools, however large it is.',
    )
    .addArgument(landingArgument('<archive>', 'a tar of any kind, compressed or not'))
    .argument('[output]', 'where to; - is stdout (default: named after the archive, .esgz)')
    .option('-f, --force', 'overwrite the file')
    .option('--json', 'what was written, as an object')
    .addHelpText(
      'after',
      '\nExample:\n  visorfs tardisk seal base.tgz base.esgz && visorfs ls base.esgz',
    )
    .action(async (archive: string, output: string | undefined, { force, json }: Options) => {
      if (output === '') throw new UsageError('the output takes the name of a file, or -');
      if (output === STDOUT && json)
        throw new UsageError('--json and the archive both want stdout');
      const file = output ?? sealedName(archive);
      if (file !== STDOUT) checkFree(file, force === true);
      const { pieces, size, entryCount, tocDigest } = await sealing(archive, out);
      out.signal.throwIfAborted();
      if (file === STDOUT) {
        for (const piece of pieces) await out.write(piece);
        return;
      }
      await writeWhole(file, out, ...pieces);
      const row = { file, entries: entryCount, bytes: size, tocDigest: `sha256:${tocDigest}` };
      const line = `${file}: ${counted(entryCount, 'entry', 'entries')}, ${size} bytes\n`;
      await out.write(json ? jsonLine(row) : line);
    });
}

async function sealing(archive: string, out: Output): ReturnType<typeof seal> {
  const progress = new Progress(out, 'sealing');
  try {
    return await seal(archive, { onProgress: ({ done, count }) => progress.step(done, count) });
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'ENOENT') throw new CommandError(`there is no archive '${archive}'`);
    throw error;
  } finally {
    progress.end();
  }
}

/** `base.esgz` for `base.tgz`, `base.tar` or `base.tar.gz`. */
function sealedName(archive: string): string {
  return `${path.basename(archive).replace(/(\.tar)?\.[^.]+$/, '')}.esgz`;
}
