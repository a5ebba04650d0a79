/**
 * `visorfs image extract`: copies what is in the images into a folder of this machine.
 */

import path from 'node:path';
import type { Command } from 'commander';
import type { VisorFs } from '../../../node.ts';
import { type Entry, entriesBelow, entryAt } from '../../entries.ts';
import { Extraction } from '../../extraction.ts';
import { counted } from '../../figures.ts';
import { checkPath, openStack, splitPath } from '../../images.ts';
import { landingArgument } from '../../landing.ts';
import { jsonLine, type Output } from '../../output.ts';
import { hereOption } from '../../places.ts';
import { printable } from '../../printable.ts';
import { Progress } from '../../progress.ts';
import { checkFree } from '../../whole-file.ts';
import { IMAGE, PATH_HELP, PATH_OPTION } from '../../words.ts';

/** What the command line said. */
export interface ExtractOptions {
  readonly directory?: string;
  readonly path?: string;
  readonly sameOwner?: true;
  readonly force?: true;
  readonly json?: true;
}

/** Adds `extract` to `image`. */
export function addExtract(image: Command, out: Output): void {
  image
    .command('extract')
    .summary('copy files out of the images')
    .description(
      'Copies what is in the images, or below a path in them, into a folder: with modes, ' +
        'times, links and hard links, under their whole paths. Devices are left out.',
    )
    .usage('[options] <image>... [path]')
    .addArgument(landingArgument('<image...>', IMAGE))
    .addOption(
      hereOption(
        '-C, --directory <folder>',
        'where to (default: a new folder named after the image)',
      ),
    )
    .option('-p, --path <path>', PATH_OPTION)
    .option('-f, --force', 'overwrite what is there')
    .option('--json', 'what was extracted, as an object')
    .option('--same-owner', 'owners too, and setuid and setgid with them; takes root')
    .addHelpText('after', `${PATH_HELP}\nExample:\n  visorfs image extract hostd.vib /etc -C out`)
    .action(async (given: string[], options: ExtractOptions) => {
      const request = await splitPath(given, out, options.path);
      const overwrites = options.force === true;
      const folder = options.directory ?? folderFor(request.images[0]!);
      if (options.directory === undefined) checkFree(folder, overwrites);
      const { vfs, close } = await openStack(request.images, out);
      try {
        checkPath(vfs, request);
        await extract(vfs, [request.path], folder, options, out);
      } finally {
        close();
      }
    });
}

/** Extracts what lies at each of `asked` in `vfs` into `folder`, and says what it was. */
export async function extract(
  vfs: VisorFs,
  asked: readonly string[],
  folder: string,
  options: ExtractOptions,
  out: Output,
): Promise<void> {
  const entries = entriesOf(vfs, asked);
  const extractionOptions = {
    overwrites: options.force === true,
    keepsOwners: options.sameOwner === true,
    skipped: ({ path: skipped, type }: Entry) =>
      out.complain(`visorfs: ${printable(skipped)} is left out: it is a ${type}\n`),
  };
  const extraction = new Extraction(vfs, folder, extractionOptions, out);
  extraction.check(entries);
  const progress = new Progress(out, 'extracting');
  let done = 0;
  try {
    await extraction.run(entries, (entry) => {
      done += 1;
      progress.step(done, entries.length, entry.path);
    });
  } finally {
    progress.end();
  }
  const { files, directories, links, bytes } = extraction.counts;
  const what = [counted(files, 'file')];
  if (directories > 0) what.push(counted(directories, 'directory', 'directories'));
  if (links > 0) what.push(counted(links, 'symbolic link'));
  const row = { folder, files, directories, links, bytes };
  const line = `${folder}: ${what.join(', ')}, ${bytes} bytes\n`;
  await out.write(options.json ? jsonLine(row) : line);
}

/** What lies at each of `asked` and below, once, parents before children. */
function entriesOf(vfs: VisorFs, asked: readonly string[]): Entry[] {
  const entries = new Map<string, Entry>();
  for (const place of asked.map((one) => placeOf(vfs, one))) {
    for (const entry of [...wayTo(vfs, place), ...entriesBelow(vfs, entryAt(vfs, place))]) {
      entries.set(Buffer.from(entry.bytes).toString('latin1'), entry);
    }
  }
  return [...entries.values()];
}

/** The directories from the root down to what holds `whole`. */
function* wayTo(vfs: VisorFs, whole: string): Generator<Entry> {
  if (whole === '/') return;
  yield entryAt(vfs, '/');
  for (let end = whole.indexOf('/', 1); end > 0; end = whole.indexOf('/', end + 1)) {
    yield entryAt(vfs, whole.slice(0, end));
  }
}

/** Where `asked` really lies: the links on the way to it are gone through, it itself is not. */
function placeOf(vfs: VisorFs, asked: string): string {
  const { dir, base } = path.posix.parse(path.posix.normalize(asked));
  if (base === '') return '/';
  const directory = new TextDecoder().decode(vfs.realpath(dir));
  return directory === '/' ? `/${base}` : `${directory}/${base}`;
}

/** A folder named after `image`: without its extension, or with one where it has none. */
export function folderFor(image: string): string {
  const name = path.basename(path.resolve(image));
  const bare = name.replace(/(\.tar)?\.[^.]+$/, '');
  return bare === '' || bare === name ? `${name}.extracted` : bare;
}
