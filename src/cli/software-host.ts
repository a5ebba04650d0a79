/**
 * What the software commands have in common: a booted host, offers, and what came of a change.
 */

import fs from 'node:fs';
import { Argument, type Command, Option } from 'commander';
import {
  bundleOffers,
  type ChangeOptions,
  type ChangeResult,
  CorruptError,
  type Depot,
  fetchFile,
  type HostSoftware,
  type NamedBytes,
  SoftwareError,
  softwareOf,
  type VibOffer,
  vibOffer,
} from '../node.ts';
import { openedBundle } from './bundles.ts';
import { whileLocked } from './device-lock.ts';
import { isAddress } from './devices.ts';
import {
  type FormatterOptions,
  formatted,
  formatterOf,
  type Structure,
  structuresText,
} from './formatter.ts';
import { bootBank } from './images.ts';
import { CommandError, type Output, UsageError } from './output.ts';
import { hereArgument, hereOption, type OtherPlaces } from './places.ts';
import { Progress } from './progress.ts';

/** What the argument of these commands is. */
export const HOST = 'a host: a folder with its boot bank, or with two, or a disk image';

/** The host that a command takes; none where one stands open. */
export function hostArgument(out: Output): Argument {
  return out.live === undefined
    ? hereArgument('<bank>', HOST, { address: true })
    : new Argument('[bank]');
}

/** Boots the host at `name` for `act`, which only looks unless it `isWritten`, and closes it. */
export async function withSoftware(
  name: string | undefined,
  out: Output,
  act: (software: HostSoftware) => Promise<void>,
  isWritten = false,
): Promise<void> {
  const { host, close } = await bootBank(name, out, { isWritten });
  try {
    await act(await softwareOf(host!));
  } finally {
    close();
  }
}

/** As `withSoftware`, for what changes the host unless it is a dry run: one at a time. */
export function changingSoftware(
  name: string,
  { dryRun }: { readonly dryRun?: true | undefined },
  out: Output,
  act: (software: HostSoftware) => Promise<void>,
): Promise<void> {
  return whileLocked(name, out, () => withSoftware(name, out, act, dryRun !== true));
}

/** The options of a change as commander has them. */
export interface ChangeFlags extends FormatterOptions {
  readonly dryRun?: true;
  readonly force?: true;
  readonly liveInstall: boolean;
  readonly maintenanceMode?: true;
  readonly sigCheck?: boolean;
  readonly trust?: readonly string[];
}

/** Adds the options of every change to `command`. */
export function addChangeOptions(command: Command): Command {
  return command
    .option('--dry-run', 'say what would be done, and change nothing')
    .option('-f, --force', 'pass over acceptance levels, dependencies, conflicts and overlays')
    .option('--maintenance-mode', 'the host is in maintenance mode')
    .option('--no-live-install', 'leave the running host alone; it takes a reboot');
}

/** Adds the options that say whom to trust. */
export function addTrustOptions(command: Command): Command {
  return command
    .option('--no-sig-check', 'leave signatures, and the levels that rest on them, unchecked')
    .addOption(repeated('--trust <certificate>', 'a root to trust, PEM or DER', {}));
}

/** An option that may be given several times; of a file also what else it may be, in `others`. */
export function repeated(flags: string, description: string, others?: OtherPlaces): Option {
  const what = `${description}; may be repeated`;
  const option = others === undefined ? new Option(flags, what) : hereOption(flags, what, others);
  return option.argParser((value: string, before: readonly string[] | undefined) => [
    ...(before ?? []),
    value,
  ]);
}

/** What `flags` ask for. Throws CommandError where a certificate is not there. */
function changeOptions(flags: ChangeFlags): ChangeOptions {
  return {
    dryRun: flags.dryRun ?? false,
    force: flags.force ?? false,
    noLiveInstall: !flags.liveInstall,
    maintenanceMode: flags.maintenanceMode ?? false,
    noSigCheck: flags.sigCheck === false,
    trust: (flags.trust ?? []).map(certificateFile),
  };
}

/** Where VIBs come from, as commander has it. */
export interface SourceFlags {
  readonly depot?: readonly string[];
  readonly viburl?: readonly string[];
}

/**
 * Runs `act` with the bundles that `--depot` names, and closes them. Throws SoftwareError
 * (MetadataDownloadError) for one that cannot be had.
 */
export async function withDepots<T>(
  names: readonly string[],
  out: Output,
  act: (depots: readonly Depot[]) => Promise<T>,
): Promise<T> {
  const depots: Depot[] = [];
  try {
    for (const name of names) depots.push(await openDepot(name, out));
    return await act(depots);
  } finally {
    for (const depot of depots) depot.close();
  }
}

async function openDepot(name: string, out: Output): Promise<Depot> {
  try {
    return await openedBundle(name, out);
  } catch (error) {
    out.signal.throwIfAborted();
    const line = `Could not download from depot at ${name}: ${(error as Error).message}`;
    throw new SoftwareError('MetadataDownloadError', [line], { cause: error });
  }
}

/**
 * Runs `act` with the VIBs that `--viburl` and `--depot` name. Throws UsageError where neither is
 * given, SoftwareError (VibDownloadError, VibValidationError) for a VIB that cannot be had, or is
 * none.
 */
export async function withOffers<T>(
  { depot = [], viburl = [] }: SourceFlags,
  out: Output,
  act: (offers: readonly VibOffer[]) => Promise<T>,
): Promise<T> {
  if (depot.length === 0 && viburl.length === 0) {
    throw new UsageError('nothing to install from: give --viburl or --depot');
  }
  const files: VibOffer[] = [];
  for (const place of viburl) files.push(await offerOf(place, out));
  return withDepots(depot, out, async (depots) => {
    const offers = await Promise.all(depots.map((one) => bundleOffers(one)));
    return act([...files, ...offers.flat()]);
  });
}

async function offerOf(place: string, out: Output): Promise<VibOffer> {
  try {
    return await vibOffer(isAddress(place) ? await fetched(place, out) : place, place);
  } catch (error) {
    out.signal.throwIfAborted();
    const kind = error instanceof CorruptError ? 'VibValidationError' : 'VibDownloadError';
    const line = `Could not use the VIB '${place}': ${(error as Error).message}`;
    throw new SoftwareError(kind, [line], { cause: error });
  }
}

async function fetched(address: string, out: Output): Promise<Uint8Array> {
  const progress = new Progress(out, 'fetching');
  try {
    const bytes = await fetchFile(address, {
      signal: out.signal,
      onFetch: ({ done, size }) => progress.step(done, size ?? done, address),
    });
    if (bytes === null) throw new CommandError('the server has no such file');
    return bytes;
  } finally {
    progress.end();
  }
}

function certificateFile(file: string): NamedBytes {
  try {
    return { name: file, bytes: fs.readFileSync(file) };
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'ENOENT') throw new CommandError(`there is no certificate '${file}'`);
    throw error;
  }
}

/**
 * Runs `act` with the options that `flags` ask for, with progress, and writes what came of it under
 * `title`: `Installation Result`. Throws what `act` throws, CommandError where a certificate is not
 * there.
 */
export async function writeChange(
  out: Output,
  title: string,
  flags: ChangeFlags,
  act: (options: ChangeOptions) => Promise<ChangeResult>,
): Promise<void> {
  const progress = new Progress(out, 'installing');
  const onProgress: ChangeOptions['onProgress'] = ({ what, done, count }) =>
    progress.step(done, count, what);
  let result: ChangeResult;
  try {
    result = await act({ ...changeOptions(flags), onProgress });
  } finally {
    progress.end();
  }
  const { message, rebootRequired, vibsInstalled, vibsRemoved, vibsSkipped } = result;
  const fields = {
    Message: message,
    'Reboot Required': rebootRequired,
    'VIBs Installed': vibsInstalled,
    'VIBs Removed': vibsRemoved,
    'VIBs Skipped': vibsSkipped,
  };
  await writeOne(out, title.replaceAll(' ', ''), { title, fields }, flags);
}

/** Writes one structure of the type `type`. */
export async function writeOne(
  out: Output,
  type: string,
  structure: Structure,
  options: FormatterOptions,
): Promise<void> {
  const formatter = formatterOf(options);
  await out.write(
    formatter === null
      ? structuresText([structure])
      : formatted(formatter, type, [structure], false),
  );
}
