/**
 * What the software commands have in common: a booted host, offers, and what came of a change.
 */

import fs from 'node:fs';
import { type Command, Option } from 'commander';
import {
  type ChangeOptions,
  type ChangeResult,
  type HostSoftware,
  softwareOf,
  type VibOffer,
  vibOffer,
} from '../node.ts';
import {
  type FormatterOptions,
  formatted,
  formatterOf,
  type Structure,
  structuresText,
} from './formatter.ts';
import { bootBank } from './images.ts';
import { CommandError, type Output } from './output.ts';

/** What the argument of these commands is. */
export const HOST = 'the folder of a host: its boot bank, or bootbank and altbootbank';

/** Boots the host in the folder `name` for `act`, and closes it. */
export async function withSoftware(
  name: string,
  out: Output,
  act: (software: HostSoftware) => Promise<void>,
): Promise<void> {
  const { host, close } = await bootBank(name, out);
  try {
    await act(await softwareOf(host!));
  } finally {
    close();
  }
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
    .addOption(repeated('--trust <certificate>', 'a root to trust, PEM or DER'));
}

/** An option that may be given several times. */
export function repeated(flags: string, description: string): Option {
  return new Option(flags, `${description}; may be repeated`).argParser(
    (value: string, before: readonly string[] | undefined) => [...(before ?? []), value],
  );
}

/** What `flags` ask for. Throws CommandError where a certificate is not there. */
export function changeOptions(flags: ChangeFlags): ChangeOptions {
  return {
    dryRun: flags.dryRun ?? false,
    force: flags.force ?? false,
    noLiveInstall: !flags.liveInstall,
    maintenanceMode: flags.maintenanceMode ?? false,
    noSigCheck: flags.sigCheck === false,
    trust: (flags.trust ?? []).map((name) => ({ name, bytes: fileBytes(name, 'certificate') })),
  };
}

/**
 * The VIBs in `files`. Throws CommandError where one is not there, CorruptError where it is none.
 */
export async function fileOffers(files: readonly string[]): Promise<VibOffer[]> {
  const offers: VibOffer[] = [];
  for (const file of files) offers.push(await vibOffer(fileBytes(file, 'VIB'), file));
  return offers;
}

function fileBytes(file: string, what: string): Uint8Array {
  try {
    return fs.readFileSync(file);
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'ENOENT') throw new CommandError(`there is no ${what} '${file}'`);
    throw error;
  }
}

/** Writes what came of a change, under `title`: `Installation Result`. */
export async function writeResult(
  out: Output,
  title: string,
  result: ChangeResult,
  options: FormatterOptions,
): Promise<void> {
  const { message, rebootRequired, vibsInstalled, vibsRemoved, vibsSkipped } = result;
  const fields = {
    Message: message,
    'Reboot Required': rebootRequired,
    'VIBs Installed': vibsInstalled,
    'VIBs Removed': vibsRemoved,
    'VIBs Skipped': vibsSkipped,
  };
  await writeOne(out, title.replaceAll(' ', ''), { title, fields }, options);
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
