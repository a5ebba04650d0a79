/**
 * `visorfs state edit`: changes one file of the state that a bank keeps.
 *
 * The bank is booted, so that what is state, what fits and who owns it is told by what always
 * tells it; the file is changed there, and the state saved as any host saves it: whole or not at
 * all, with its key, and while nobody else changes the device. Its other files stay as they were.
 */

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Command } from 'commander';
import { EsxConf, type Host, type VisorFs } from '../../../node.ts';
import { whileLocked } from '../../device-lock.ts';
import { deviceName } from '../../devices.ts';
import { bootBank } from '../../images.ts';
import { CommandError, ExitError, jsonLine, type Output, UsageError } from '../../output.ts';
import { hereArgument, hereOption } from '../../places.ts';
import { printable } from '../../printable.ts';
import { NOT_SAVED } from '../why.ts';

const STDIN = '-';
/** 128 + SIGINT, which is how a shell tells it. */
const INTERRUPTED = 130;
const ESX_CONF = '/etc/vmware/esx.conf';
/** More is nothing that is edited, in bytes. */
const FILE_MAX_BYTES = 64 << 20;

const HELP = `
The editor is that of VISUAL, of EDITOR, or vi. Without a bank it is the state
of the one that is booted, and of one that was installed to be booted next.

A file of an archive becomes state by chmod +t in a shell that may write:
  visorfs shell host --write -c 'chmod +t /etc/motd; backup'

Example:
  visorfs state edit host /etc/vmware/esx.conf
  visorfs state edit host:altbootbank /etc/ntp.conf --set-from ntp.conf`;

interface Options {
  readonly setFrom?: string;
  readonly force?: true;
  readonly json?: true;
}

/** Adds `edit` to the noun `state`. */
export function addStateEdit(state: Command, out: Output): void {
  state
    .command('edit')
    .summary('change a file of the state in a bank')
    .description(
      'Opens a file of the state in an editor, and saves it in the bank it is from. Refuses what ' +
        'is no state, saying why, and a file that was not changed.',
    )
    .addArgument(
      hereArgument('<device>', 'a folder or disk image with banks, or a bank of it as device:bank'),
    )
    .argument('<path>', 'the file')
    .addOption(
      hereOption('--set-from <file>', 'take the content of a file instead; - is stdin', {
        stdin: true,
      }),
    )
    .option('-f, --force', 'save an esx.conf that is none, too')
    .option('--json', 'what was written, as an object')
    .addHelpText('after', HELP)
    .action(async (given: string, file: string, options: Options) => {
      if (options.setFrom === STDIN && out.options.keyFile === STDIN) {
        throw new UsageError('the key and the content cannot both come by stdin');
      }
      const { name, bank } = deviceName(given);
      const opening = { isWritten: true, ...(bank === undefined ? {} : { bank }) };
      await whileLocked(name, out, async () => {
        const { host, close } = await bootBank(name, out, opening);
        try {
          await edit(host!, file.startsWith('/') ? file : `/${file}`, options, out);
        } finally {
          close();
        }
      });
    });
}

async function edit(host: Host, file: string, options: Options, out: Output): Promise<void> {
  const { vfs } = host;
  checkIsState(vfs, file);
  const before = vfs.fs.readFileSync(file);
  const { setFrom } = options;
  const after =
    setFrom === undefined ? await edited(file, before, out) : await contentOf(setFrom, out);
  out.signal.throwIfAborted();
  if (before.equals(after)) {
    throw new CommandError(`'${file}' has that content already: nothing is written`);
  }
  if (file === ESX_CONF && options.force !== true) checkEsxConf(after);
  vfs.fs.writeFileSync(file, after);
  await host.rebuild();
  const row = { bank: host.bank, path: file, before: before.length, after: after.length };
  const line = `${printable(host.bank)}: ${printable(file)}, ${before.length} -> ${after.length}`;
  await out.write(options.json ? jsonLine(row) : `${line} bytes\n`);
}

/** Throws CommandError where `content` cannot be an esx.conf. */
function checkEsxConf(content: Uint8Array): void {
  const conf = EsxConf.parse(content);
  const line = conf.firstStrange();
  const why =
    line === null
      ? 'it has no key at all'
      : `line ${line} is no key with its value (/a/b = "c"), no comment and not blank`;
  if (line === null && conf.keys().length > 0) return;
  throw new CommandError(`that is no esx.conf: ${why}; nothing is written without --force`);
}

/** Throws CommandError, saying why, where a change of `file` would not be saved. */
function checkIsState(vfs: VisorFs, file: string): void {
  const { backup } = verdictOn(vfs, file);
  // What nobody changed yet is state from the first change on.
  if (backup.isSaved || backup.obstacle === 'unchanged') return;
  throw new CommandError(`'${file}' is no state: ${NOT_SAVED[backup.obstacle]}`);
}

function verdictOn(vfs: VisorFs, file: string): ReturnType<VisorFs['why']> {
  try {
    return vfs.why(file);
  } catch (error) {
    const { code } = error as { code?: string };
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error;
    throw new CommandError(`'${file}' is no state: nothing is there, and no archive has it`);
  }
}

async function contentOf(file: string, out: Output): Promise<Uint8Array> {
  if (file === STDIN) return out.readAll();
  const stats = fs.statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) throw new CommandError(`there is no file '${file}'`);
  return readWhole(file, stats);
}

function readWhole(file: string, { size }: fs.Stats): Uint8Array {
  if (size > FILE_MAX_BYTES) throw new CommandError(`'${file}' is too large for a file of state`);
  return fs.readFileSync(file);
}

/** What the editor makes of `bytes`, in a folder that only its owner can look into. */
async function edited(file: string, bytes: Uint8Array, out: Output): Promise<Uint8Array> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'visorfs-edit-'));
  const remove = (): void => fs.rmSync(folder, { recursive: true, force: true });
  out.signal.addEventListener('abort', remove);
  try {
    const copy = path.join(folder, path.basename(file));
    fs.writeFileSync(copy, bytes, { mode: 0o600 });
    const { VISUAL, EDITOR } = out.env;
    await out.lent(() => ran(VISUAL || EDITOR || 'vi', copy, out.signal));
    return readWhole(copy, fs.statSync(copy));
  } finally {
    remove();
    out.signal.removeEventListener('abort', remove);
  }
}

/**
 * Runs `editor`, which may have words of its own, on `file`; Ctrl-C is a key of it. Throws
 * CommandError if it fails, ExitError where it knew no better than to end of Ctrl-C.
 */
function ran(editor: string, file: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    // A shell between would take Ctrl-C for itself; one that has more to do has to be there.
    const replaces = /^[\w@+:,./ -]+$/.test(editor) ? 'exec ' : '';
    const words = ['-c', `${replaces}${editor} "$1"`, editor, file];
    const child = spawn('sh', words, { stdio: 'inherit', signal });
    child.on('error', ({ message }) => {
      reject(new CommandError(`the editor '${editor}' cannot be run: ${message}`));
    });
    child.on('close', (code, end) => {
      const how = code === null ? `was killed by ${end}` : `ended with exit code ${code}`;
      if (code === 0) resolve();
      else if (end === 'SIGINT' || code === INTERRUPTED) reject(new ExitError(INTERRUPTED));
      else reject(new CommandError(`the editor '${editor}' ${how}: nothing is written`));
    });
  });
}
