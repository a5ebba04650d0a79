/**
 * `visorfs vib extract`: the members of a VIB as files, or the files of its payloads.
 *
 * A VIB is hostile until shown otherwise: a member goes into the folder under its own name, and one
 * whose name would lead anywhere else is refused before anything is written.
 */

import fs from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { counted } from '../../figures.ts';
import { openStack } from '../../images.ts';
import { landingArgument } from '../../landing.ts';
import { breathe, CommandError, jsonLine, type Output } from '../../output.ts';
import { hereOption } from '../../places.ts';
import { VIB, withVib } from '../../vib-files.ts';
import { checkFree, writeWhole } from '../../whole-file.ts';
import { extract, folderFor } from '../image/extract.ts';

interface Options {
  readonly directory?: string;
  readonly files?: true;
  readonly force?: true;
  readonly json?: true;
}

/** Adds `extract` to `vib`. */
export function addVibExtract(vib: Command, out: Output): void {
  vib
    .command('extract')
    .summary('take a VIB apart')
    .description(
      'Writes the members of a VIB into a folder: descriptor.xml, sig.pkcs7 and the payloads as ' +
        'they are stored; or, with --files, the files of all its payloads.',
    )
    .addArgument(landingArgument('<vib>', VIB))
    .addOption(
      hereOption(
        '-C, --directory <folder>',
        'where to (default: a new folder named after the VIB)',
      ),
    )
    .option('--files', 'the files that are in the payloads, merged')
    .option('-f, --force', 'overwrite what is there')
    .option('--json', 'what was extracted, as an object')
    .addHelpText('after', '\nExample:\n  visorfs vib extract hostd.vib -C out --files')
    .action(async (file: string, options: Options) => {
      const folder = options.directory ?? folderFor(file);
      if (options.directory === undefined) checkFree(folder, options.force === true);
      if (options.files) await extractFiles(file, folder, options, out);
      else await extractMembers(file, folder, options, out);
    });
}

async function extractFiles(
  file: string,
  folder: string,
  options: Options,
  out: Output,
): Promise<void> {
  // What is no VIB is said to be none, whatever else it is.
  await withVib(file, async () => undefined);
  const { vfs, close } = await openStack([file], out);
  try {
    await extract(vfs, ['/'], folder, options, out);
  } finally {
    close();
  }
}

function extractMembers(
  file: string,
  folder: string,
  { force, json }: Options,
  out: Output,
): Promise<void> {
  return withVib(file, async ({ members, stored }) => {
    const names = members.map(({ name }) => name);
    names.forEach((name, index) => {
      if (names.indexOf(name) < index)
        throw new CommandError(`several members are called '${name}'`);
      const isPlain = name !== '' && name !== '.' && name !== '..' && !/[/\\\0:]/.test(name);
      if (!isPlain) throw new CommandError(`'${name}' is no name for a file; nothing was written`);
      checkFree(path.join(folder, name), force === true);
    });
    fs.mkdirSync(folder, { recursive: true });
    let bytes = 0;
    for (const name of names) {
      await breathe(out);
      const content = stored(name)!;
      await writeWhole(path.join(folder, name), out, content);
      bytes += content.length;
    }
    const row = { folder, members: names, bytes };
    const line = `${folder}: ${counted(names.length, 'member')}, ${bytes} bytes\n`;
    await out.write(json ? jsonLine(row) : line);
  });
}
