/**
 * `visorfs bundle extract`: the files of a bundle into a new folder.
 */

import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import type { Depot } from '../../../node.ts';
import { BUNDLE, BUNDLE_HELP, withBundle } from '../../bundles.ts';
import { counted } from '../../figures.ts';
import { landingArgument } from '../../landing.ts';
import { breathe, CommandError, jsonLine, type Output } from '../../output.ts';
import { Progress } from '../../progress.ts';

interface Options {
  readonly vib?: readonly string[];
  readonly metadata?: true;
  readonly json?: true;
}

const CHUNK_BYTES = 1 << 20;

const EXAMPLES = `
Examples:
  visorfs bundle extract offline-bundle.zip vibs
  visorfs bundle extract --metadata offline-bundle.zip depot
  visorfs bundle list depot`;

/** Adds `extract` to `bundle`. */
export function addBundleExtract(bundle: Command, out: Output): void {
  bundle
    .command('extract')
    .summary('the VIBs of a bundle, into a folder')
    .description(
      'Copies the VIBs of a bundle into a new folder, under their paths and as they are; with ' +
        '--metadata the folder is a depot. Whether they hold, bundle verify says.',
    )
    .addArgument(landingArgument('<bundle>', BUNDLE, { address: 'itself' }))
    .argument('[folder]', 'a new one (default: named after the bundle)')
    .option('--vib <name...>', 'only these: names or ids')
    .option('--metadata', 'what the bundle says of its VIBs, too')
    .option('--json', 'what was written, as an object')
    .addHelpText('after', `${BUNDLE_HELP}${EXAMPLES}`)
    .action(async (name: string, given: string | undefined, options: Options) => {
      const folder = given ?? folderFor(name);
      if (fs.lstatSync(folder, { throwIfNoEntry: false }) !== undefined) {
        throw new CommandError(`'${folder}' is there already; name a new folder`);
      }
      const { paths, bytes } = await withBundle(name, out, (opened) => {
        const vibPaths = chosen(opened, options.vib).map((vib) => vib.path);
        const others = options.metadata ? opened.metadataPaths : [];
        return extract(opened, [...new Set([...others, ...vibPaths])], folder, out);
      });
      const line = `${folder}: ${counted(paths.length, 'file')}, ${bytes} bytes\n`;
      await out.write(options.json ? jsonLine({ folder, files: paths, bytes }) : line);
    });
}

function chosen({ vibs }: Depot, names: readonly string[] | undefined): Depot['vibs'] {
  if (names === undefined) return vibs;
  for (const name of names) {
    const isThere = vibs.some(({ id, descriptor }) => id === name || descriptor.name === name);
    if (!isThere) throw new CommandError(`there is no VIB '${name}' in the bundle`);
  }
  return vibs.filter(({ id, descriptor }) => names.includes(id) || names.includes(descriptor.name));
}

/** Copies `paths` under a temporary name, which becomes `folder` when all are there. */
async function extract(
  bundle: Depot,
  paths: readonly string[],
  folder: string,
  out: Output,
): Promise<{ readonly paths: readonly string[]; readonly bytes: number }> {
  const temporary = path.join(path.dirname(path.resolve(folder)), `.visorfs-${randomUUID()}`);
  const undo = (): void => fs.rmSync(temporary, { recursive: true, force: true });
  const progress = new Progress(out, 'extracting');
  out.signal.addEventListener('abort', undo);
  let bytes = 0;
  try {
    fs.mkdirSync(temporary);
    for (const [done, one] of paths.entries()) {
      progress.step(done, paths.length, one);
      bytes += await copy(bundle, one, path.join(temporary, ...one.split('/')), out);
    }
    fs.renameSync(temporary, folder);
    return { paths, bytes };
  } catch (error) {
    undo();
    throw error;
  } finally {
    out.signal.removeEventListener('abort', undo);
    progress.end();
  }
}

async function copy(bundle: Depot, from: string, to: string, out: Output): Promise<number> {
  const source = await bundle.openFile(from);
  if (source === null) throw new CommandError(`the bundle speaks of '${from}', but has it not`);
  try {
    fs.mkdirSync(path.dirname(to), { recursive: true });
    const file = fs.openSync(to, 'wx');
    try {
      for (let offset = 0; offset < source.size; offset += CHUNK_BYTES) {
        const chunk = new Uint8Array(Math.min(CHUNK_BYTES, source.size - offset));
        source.readInto(chunk, offset);
        fs.writeFileSync(file, chunk);
        await breathe(out);
      }
    } finally {
      fs.closeSync(file);
    }
    return source.size;
  } finally {
    source.close();
  }
}

/** A folder named after `bundle`, without its extension. */
function folderFor(bundle: string): string {
  const name = path.basename(bundle.replace(/\/+$/, ''));
  const bare = name.replace(/\.[^.]+$/, '');
  return bare === '' || bare === name ? `${name}.extracted` : bare;
}
