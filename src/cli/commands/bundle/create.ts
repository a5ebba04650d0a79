/**
 * `visorfs bundle create`: an offline bundle from VIBs.
 */

import fs from 'node:fs';
import type { Command } from 'commander';
import { type BundleManifest, type CreatedBundle, createBundle } from '../../../node.ts';
import { parseBundleManifest } from '../../bundle-manifest.ts';
import { counted } from '../../figures.ts';
import { landingArgument } from '../../landing.ts';
import { CommandError, jsonLine, type Output } from '../../output.ts';
import { hereOption } from '../../places.ts';
import { Progress } from '../../progress.ts';
import { checkFree, writeWhole } from '../../whole-file.ts';
import { collected } from '../../words.ts';

interface Options {
  readonly output: string;
  readonly manifest?: string;
  readonly vendor?: string;
  readonly vendorCode?: string;
  readonly platform?: readonly string[];
  readonly bulletin?: readonly string[];
  readonly profile?: readonly string[];
  readonly force?: true;
  readonly json?: true;
}

const HELP = `
A manifest is JSON, and says more than the options can; they come on top of it:
  { "vendor": "Example", "vendorCode": "EXA", "platforms": ["8.0"],
    "bulletins": [{ "id": "EXA-1", "summary": "…", "vibIds": ["…"] }],
    "profiles": [{ "name": "Example-1", "vibIds": ["…"] }] }
Without vibIds a bulletin or profile has all VIBs. The same input gives the same
bytes.

Example:
  visorfs bundle create -o offline-bundle.zip --profile Example-1 a.vib b.vib`;

const VIBS = 'VIBs, in the order that the bundle will have; or their addresses, or -';

/** Adds `create` to `bundle`. */
export function addBundleCreate(bundle: Command, out: Output): void {
  bundle
    .command('create')
    .summary('an offline bundle from VIBs')
    .description("Makes an offline bundle of VIBs, in the layout of VMware's own tools.")
    .addArgument(landingArgument('<vib...>', VIBS))
    .addOption(hereOption('-o, --output <file>', 'the bundle to make').makeOptionMandatory())
    .addOption(hereOption('--manifest <file>', 'what to say beside the VIBs, as JSON'))
    .option('--vendor <name>', 'who publishes it (default: the vendor of the first VIB)')
    .option('--vendor-code <code>', 'the vendor, for programs')
    .option('--platform <version>', 'a version of ESXi that it is for, 8.0 or 7.*', collected)
    .option('--bulletin <id>', 'a bulletin with all VIBs', collected)
    .option('--profile <name>', 'an image profile with all VIBs', collected)
    .option('-f, --force', 'overwrite the file')
    .option('--json', 'what was written, as an object')
    .addHelpText('after', HELP)
    .action(async (vibs: readonly string[], options: Options) => {
      const { output: file, force, json } = options;
      checkFree(file, force === true);
      const created = await creating(vibs, manifestOf(options), out);
      out.signal.throwIfAborted();
      await writeWhole(file, out, ...created.pieces);
      const { size, bulletins, profiles } = created;
      const row = {
        file,
        bytes: size,
        vibs: created.vibs.map(({ descriptor }) => descriptor.id),
        bulletins: bulletins.map(({ id }) => id),
        profiles: profiles.map(({ name }) => name),
      };
      const line = `${file}: ${counted(row.vibs.length, 'VIB')}, ${size} bytes\n`;
      await out.write(json ? jsonLine(row) : line);
    });
}

function manifestOf(options: Options): BundleManifest {
  const { vendor, vendorCode, platform, bulletin = [], profile = [] } = options;
  const manifest = options.manifest === undefined ? {} : readManifest(options.manifest);
  const { bulletins = [], profiles = [] } = manifest;
  return {
    ...manifest,
    ...(vendor === undefined ? {} : { vendor }),
    ...(vendorCode === undefined ? {} : { vendorCode }),
    ...(platform === undefined ? {} : { platforms: platform }),
    bulletins: [...bulletins, ...bulletin.map((id) => ({ id }))],
    profiles: [...profiles, ...profile.map((name) => ({ name }))],
  };
}

function readManifest(file: string): BundleManifest {
  try {
    return parseBundleManifest(fs.readFileSync(file, 'utf8'));
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    const why = code === 'ENOENT' ? 'there is no such file' : message;
    throw new CommandError(`the manifest '${file}': ${why}`);
  }
}

async function creating(
  vibs: readonly string[],
  manifest: BundleManifest,
  out: Output,
): Promise<CreatedBundle> {
  const progress = new Progress(out, 'packing');
  try {
    return await createBundle(vibs, manifest, ({ done, count, what }) => {
      out.signal.throwIfAborted();
      progress.step(done, count, what);
    });
  } catch (error) {
    const { code, path } = error as { code?: string; path?: string };
    if (code === 'ENOENT') throw new CommandError(`there is no VIB '${path}'`);
    throw error;
  } finally {
    progress.end();
  }
}
