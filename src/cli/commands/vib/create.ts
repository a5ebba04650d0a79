/**
 * `visorfs vib create`: a VIB from folders or archives, a few words about it, and maybe a key.
 */

import fs from 'node:fs';
import { type Command, Option } from 'commander';
import { createVib, type PayloadContent, type VibSigner } from '../../../node.ts';
import { counted } from '../../figures.ts';
import { instant } from '../../instant.ts';
import { landingArgument } from '../../landing.ts';
import { CommandError, jsonLine, type Output, UsageError } from '../../output.ts';
import { payloadEntries, type Stamp } from '../../payload-source.ts';
import { hereOption } from '../../places.ts';
import { Progress } from '../../progress.ts';
import { type ManifestDraft, manifestOf, RELATIONSHIPS, readManifest } from '../../vib-manifest.ts';
import { checkFree, writeWhole } from '../../whole-file.ts';
import { collected } from '../../words.ts';

interface Options {
  readonly output: string;
  readonly manifest?: string;
  readonly name?: string;
  readonly vibVersion?: string;
  readonly mtime: string;
  readonly payloadType: PayloadContent['type'];
  readonly sign?: string;
  readonly cert?: string;
  readonly signingTime?: string;
  readonly force?: true;
  readonly json?: true;
  readonly [key: string]: unknown;
}

/** Options that go before what the manifest says, by the words of both. */
const SAID: readonly (readonly [flag: string, key: string, what: string])[] = [
  ['--name <name>', 'name', 'its name'],
  ['--vib-version <version>', 'version', 'its version and release: 1.0.0-1'],
  ['--vendor <vendor>', 'vendor', 'who makes it'],
  ['--summary <text>', 'summary', 'what it is, in a line'],
  ['--description <text>', 'description', 'what it is'],
  ['--release-date <date>', 'releaseDate', 'ISO 8601 (default: 2000-01-01)'],
  ['--acceptance-level <level>', 'acceptanceLevel', 'certified, accepted, partner or community'],
];

const FLAGS: readonly (readonly [flag: string, key: string, value: boolean, what: string])[] = [
  ['--maintenance-mode', 'maintenanceMode', true, 'takes maintenance mode'],
  ['--no-live-install', 'liveInstallAllowed', false, 'takes a reboot'],
  ['--no-live-remove', 'liveRemoveAllowed', false, 'takes a reboot to go'],
  ['--no-stateless-ready', 'statelessReady', false, 'not for stateless hosts'],
  ['--cimom-restart', 'cimomRestart', true, 'restarts the CIM broker'],
  ['--overlay', 'overlay', true, 'may cover files of other VIBs'],
];

const EXPLANATION = `
A payload is a folder or an archive of any kind, and may be given a name:
name=path. One alone is named after the VIB, cut to 8 characters. Owners become
root, times 2000-01-01: the same files give the same VIB, but for a signature by
an elliptic curve, which is another each time. An option stands above the same
word of the manifest, an object of name, version and vendor, which are needed,
summary, description, releaseDate, type, acceptanceLevel, depends, conflicts,
replaces, provides, compatibleWith, tags, urls, platforms, maintenanceMode,
liveInstallAllowed, liveRemoveAllowed, cimomRestart, statelessReady and overlay.

Example:
  visorfs vib create -o hello.vib rootfs -m hello.json
  visorfs vib create -o me.vib rootfs --name me --vib-version 1.0-1 --vendor Me`;

const PAYLOAD_TYPE = new Option('--payload-type <type>', 'tgz: GNU tar; vgz: visor tar')
  .choices(['tgz', 'vgz'])
  .default('tgz');

/** 2000-01-01, which is what VMware's reproducible builds stamp on every file. */
const STAMP = '2000-01-01';
const OWN_TIMES = 'keep';
const BANK_NAME_CHARACTERS = 8;

const CERT = 'the certificate of the key, and those above it, in PEM';

/** Adds `create` to `vib`. */
export function addVibCreate(vib: Command, out: Output): void {
  const command = vib
    .command('create')
    .summary('make a VIB')
    .description('Packs folders or archives into a VIB, and signs it where there is a key.')
    .addArgument(landingArgument('<payload...>', 'a folder, tar, visor tar or VIB; or name=path'))
    .addOption(hereOption('-o, --output <file>', 'the VIB to make').makeOptionMandatory())
    .addOption(hereOption('-m, --manifest <file>', 'what it is, in JSON'));
  for (const [flag, , what] of SAID) command.option(flag, what);
  for (const key of RELATIONSHIPS) {
    const flag = key.replace(/[A-Z]/, (letter) => `-${letter.toLowerCase()}`);
    command.option(`--${flag} <vib>`, `'name' or 'name >= version'; may be repeated`, collected);
  }
  command.option('--tags <tag>', 'a software tag; may be repeated', collected);
  for (const [flag, , , what] of FLAGS) command.option(flag, what);
  command
    .addOption(PAYLOAD_TYPE)
    .option('--mtime <date>', "the time of all files, or 'keep' for their own", STAMP)
    .addOption(hereOption('--sign <key>', 'a private key in PEM (PKCS #8, RSA or EC) to sign with'))
    .addOption(hereOption('--cert <certificates>', CERT))
    .option('--signing-time <date>', 'a time to say in the signature (default: none)')
    .option('-f, --force', 'overwrite the file')
    .option('--json', 'what was written, as an object')
    .addHelpText('after', EXPLANATION)
    .action(async (payloads: string[], options: Options) => {
      const { output } = options;
      if (output === '') throw new UsageError('the output takes the name of a file');
      checkFree(output, options.force === true);
      const manifest = manifestOf(draftOf(options, command));
      const signer = signerOf(options);
      const contents = await contentsOf(payloads, manifest.name, options, out);
      const { bytes, descriptor } = await createVib(manifest, contents, signer);
      out.signal.throwIfAborted();
      await writeWhole(output, out, bytes);
      const { id, files } = descriptor;
      const row = { file: output, id, bytes: bytes.length, files: files.length };
      const signed = { signed: signer !== undefined };
      const line = `${output}: ${id}, ${counted(files.length, 'file')}, ${bytes.length} bytes\n`;
      await out.write(options.json ? jsonLine({ ...row, ...signed }) : line);
    });
}

/** What the manifest says, and the options before it. */
function draftOf(options: Options, command: Command): ManifestDraft {
  const draft: Record<string, unknown> = {
    ...(options.manifest === undefined ? {} : readManifest(options.manifest)),
  };
  const isSaid = (name: string): boolean => command.getOptionValueSource(name) === 'cli';
  for (const [flag, key] of SAID) {
    const name = new Option(flag).attributeName();
    if (isSaid(name)) draft[key] = key === 'releaseDate' ? isoDate(options[name]) : options[name];
  }
  for (const [flag, key, value] of FLAGS) {
    if (isSaid(new Option(flag).attributeName())) draft[key] = value;
  }
  for (const key of [...RELATIONSHIPS, 'tags']) if (isSaid(key)) draft[key] = options[key];
  return draft;
}

/** As descriptors write dates. */
function isoDate(said: unknown): string {
  return new Date(instant(said as string)).toISOString().replace(/\.\d+Z$/, '+00:00');
}

function signerOf({ sign, cert, signingTime }: Options): VibSigner | undefined {
  if (sign === undefined || cert === undefined) {
    if (sign !== cert || signingTime !== undefined) {
      throw new UsageError('to sign takes a key and its certificate: --sign and --cert');
    }
    return undefined;
  }
  const named = (file: string): VibSigner['key'] => ({ name: file, bytes: fileBytes(file) });
  const signer = { key: named(sign), certificates: named(cert) };
  return signingTime === undefined ? signer : { ...signer, signingTimeMs: instant(signingTime) };
}

function fileBytes(file: string): Uint8Array {
  try {
    return fs.readFileSync(file);
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'ENOENT') throw new CommandError(`there is no '${file}' to sign with`);
    throw error;
  }
}

async function contentsOf(
  payloads: readonly string[],
  name: string,
  { mtime, payloadType }: Options,
  out: Output,
): Promise<PayloadContent[]> {
  const stamp: Stamp = mtime === OWN_TIMES ? null : Math.floor(instant(mtime) / 1000);
  const contents: PayloadContent[] = [];
  const progress = new Progress(out, 'packing');
  try {
    for (const [index, said] of payloads.entries()) {
      progress.step(index, payloads.length, said);
      const [given, place] = splitPayload(said);
      if (given === null && payloads.length > 1) {
        throw new UsageError(`several payloads take a name each: name=${said}`);
      }
      const payload = given ?? name.slice(0, BANK_NAME_CHARACTERS);
      const entries = await payloadEntries(place, stamp, out);
      contents.push({ name: payload, type: payloadType, entries });
    }
    return contents;
  } finally {
    progress.end();
  }
}

/** `name=path` as both; a path that is there with such a name is a path. */
function splitPayload(said: string): [name: string | null, place: string] {
  const equals = said.indexOf('=');
  if (equals <= 0 || fs.existsSync(said)) return [null, said];
  return [said.slice(0, equals), said.slice(equals + 1)];
}
