/**
 * From arguments to a live tree: archives, VIBs and banks, the last on top.
 *
 * An image is a file that is an archive (a VIB gives all its payloads, a bundle all its VIBs), or a
 * folder with a bank in it, a file that is a disk with banks, or the address of a bank, which is
 * booted: its state is on top of its modules. A bank can only be the first image, as what it boots
 * from is an empty tree; archives after it are mounted over the running host. Such a boot leaves
 * the device as it is, bootstates too, unless more is said.
 *
 * Where a command takes a path inside the images too, `--path` names it, or it is the last
 * argument, which is then told from an image by what lies on this machine (`splitPath`).
 */

import fs from 'node:fs';
import path from 'node:path';
import { Argument } from 'commander';
import {
  type BootOptions,
  ForeignError,
  folderDevice,
  Host,
  Image,
  openTardisks,
  type Tardisk,
  VisorFs,
} from '../node.ts';
import { isAddress, isBlobFile, type OpenDevice, openDevice } from './devices.ts';
import { landingArgument } from './landing.ts';
import { CommandError, type LiveTree, type Output, UsageError } from './output.ts';
import { printable } from './printable.ts';
import { Progress } from './progress.ts';
import { stateKeyOf } from './state-key.ts';
import { IMAGE } from './words.ts';

/** Images, opened and stacked. */
export interface Stack {
  readonly vfs: VisorFs;
  /** The host, where the first image is a bank. */
  readonly host: Host | null;
  /** Gives back all files that are open. */
  close(): void;
}

/** How a stack is opened, and how a bank is booted. */
export interface Opening {
  /** Whether the device is written to. */
  readonly isWritten?: boolean;
  /** Whether a booted host logs events in its own tree. */
  readonly isLogged?: boolean;
  /** The only bank of the device that is looked at. */
  readonly bank?: string;
  /** How the bank is booted: a dry run of the boot loader unless said. */
  readonly boot?: BootOptions;
}

/** Images, and the path inside them that was asked for. */
export interface Request {
  readonly images: readonly string[];
  readonly path: string;
  /** Whether the path may as well have been meant as one more image. */
  readonly isGuess: boolean;
}

/**
 * Opens `names` and stacks them, in their order. Throws CommandError for an image that is not
 * there, UsageError for a bank above another image, CorruptError for one that lies.
 */
export async function openStack(
  names: readonly string[],
  out: Output,
  opening: Opening = {},
): Promise<Stack> {
  if (out.live !== undefined) return liveStack(out.live, names);
  names.forEach((name, index) => {
    if (isAddress(name)) {
      if (index > 0) throw new UsageError(notFirst(name));
      return;
    }
    const stats = statsOf(name);
    if (stats === undefined) throw new CommandError(`there is no image '${name}'`);
    if (stats.isDirectory() && index > 0) throw new UsageError(notFirst(name));
  });
  const [first = '', ...others] = names;
  const progress = new Progress(out, 'mounting');
  const fetching = new Progress(out, 'fetching');
  try {
    for (const name of others) if (await isBlobFile(name)) throw new UsageError(notFirst(name));
    const device = await openDevice(first, out, {
      ...opening,
      fetching: {
        // An answer takes the place of the state in the bank.
        withoutState: opening.boot?.answer !== undefined,
        onFetch: ({ url, done, size }) => fetching.step(done, size ?? done, path.basename(url)),
      },
    });
    if (device !== null) return await bootStack(device, others, opening, out, progress);
    const tardisks = await openAll(names, out, progress);
    return stackOf(new VisorFs(Image.of(...tardisks)), null);
  } finally {
    fetching.end();
    progress.end();
  }
}

/**
 * Boots the folder, disk or address `name`, with progress. Throws CommandError where it is none.
 */
export async function bootBank(
  name: string | undefined,
  out: Output,
  opening: Opening = {},
): Promise<Stack> {
  if (out.live !== undefined) {
    if (out.live.host === null) throw new CommandError('no bank was booted: there is no host here');
    return liveStack(out.live, name === undefined ? [] : [name]);
  }
  if (name === undefined) throw new UsageError('it takes a bank');
  if (!isAddress(name)) await checkDevice(name);
  return openStack([name], out, opening);
}

/** Throws CommandError where the folder or disk `name` is not there, or neither of the two. */
export async function checkDevice(name: string): Promise<void> {
  const stats = statsOf(name);
  if (stats === undefined) throw new CommandError(`there is no bank '${name}'`);
  if (!stats.isDirectory() && !(await isBlobFile(name))) {
    throw new CommandError(`'${name}' is no bank: it is neither a folder nor a disk with banks`);
  }
}

/**
 * Which of `given` are images, and which path inside them is meant: `option`, if it was given; else
 * the last argument if it starts with `/`, is not the only one, and neither an archive nor a folder
 * with a bank lies there on this machine; else `/`.
 */
export async function splitPath(
  given: readonly string[],
  out: Output,
  option?: string,
): Promise<Request> {
  if (out.live !== undefined) return livePath(out.live, given, option ?? '.');
  if (option !== undefined) return { images: given, path: rooted(option), isGuess: false };
  const last = given.at(-1)!;
  const isPath = given.length > 1 && last.startsWith('/') && !(await isImage(last));
  if (!isPath) return { images: given, path: '/', isGuess: false };
  return { images: given.slice(0, -1), path: last, isGuess: true };
}

/**
 * Images and the path after them, for commands that always take one. Throws UsageError without it.
 */
export function lastIsPath(given: readonly string[], out: Output, command: string): Request {
  if (out.live !== undefined) {
    if (given.length === 0) throw new UsageError(`${command} takes a path`);
    return livePath(out.live, given);
  }
  const images = given.slice(0, -1);
  if (images.length > 0) return { images, path: rooted(given.at(-1)!), isGuess: false };
  throw new UsageError(`${command} takes an image and a path in it; see visorfs ${command} --help`);
}

/** The images that a command takes; where a tree stands open, what else it takes. */
export function imageArgument(out: Output, what = IMAGE): Argument {
  return out.live === undefined
    ? landingArgument('<image...>', what)
    : new Argument('[argument...]');
}

/** How a command is used that takes images, and `path` after them. */
export function imageUsage(out: Output, path = ''): string {
  const images = out.live === undefined ? ' <image>...' : '';
  return `[options]${images}${path === '' ? '' : ` ${path}`}`;
}

/** Throws CommandError, which names the path, where `vfs` has nothing there or cannot get there. */
export function checkPath(vfs: VisorFs, { images, path: asked, isGuess }: Request): void {
  try {
    vfs.lookup(asked, false);
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw new CommandError(`'${asked}': ${message}`);
    if (images.length === 0) throw new CommandError(`there is no '${asked}'`);
    const where = images.map((image) => path.basename(image)).join(', ');
    const nor = isGuess ? ', nor an image of that name on this machine' : '';
    throw new CommandError(`there is no '${asked}' in ${where}${nor}`);
  }
}

/** `live` as a stack that stays open. */
function liveStack({ vfs, host }: LiveTree, names: readonly string[]): Stack {
  if (names.length > 0) throw new UsageError(`'${names[0]}': it takes no image, but the open tree`);
  return { vfs, host, close() {} };
}

function livePath(live: LiveTree, given: readonly string[], missing = '.'): Request {
  if (given.length > 1) throw new UsageError(`'${given[1]}': it takes one path`);
  return { images: [], path: live.resolve(given[0] ?? missing), isGuess: false };
}

/** What lies at `name` on this machine; undefined where nothing does. */
function statsOf(name: string): fs.Stats | undefined {
  try {
    return fs.statSync(name);
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

function notFirst(bank: string): string {
  return `'${bank}' is a bank: it can only be the first image`;
}

function rooted(asked: string): string {
  return asked.startsWith('/') ? asked : `/${asked}`;
}

async function isImage(name: string): Promise<boolean> {
  const stats = statsOf(name);
  if (stats === undefined) return false;
  if (stats.isDirectory()) return (await folderDevice(name).banks()).length > 0;
  if (!stats.isFile()) return false;
  try {
    if (await isBlobFile(name)) return true;
    for (const tardisk of await openTardisks(name)) tardisk.close();
    return true;
  } catch (error) {
    // An archive that lies is an image, and is refused as one; what cannot be read is none of ours.
    const { code } = error as { code?: string };
    return !(error instanceof ForeignError || code === 'EACCES' || code === 'EPERM');
  }
}

async function bootStack(
  { device, close }: OpenDevice,
  others: readonly string[],
  opening: Opening,
  out: Output,
  progress: Progress,
): Promise<Stack> {
  let stack: Stack | null = null;
  try {
    const stateKey = await stateKeyOf(out);
    const host = await Host.boot(device, {
      dryRun: true,
      ...(stateKey === undefined ? {} : { stateKey }),
      forceState: out.options.forceState === true,
      vobd: opening.isLogged === true,
      onEvent: (event) => {
        // Of a full ramdisk says whoever was refused, of a backup whoever asked for it.
        if (event.severity === 'info' || 'ramdisk' in event) return;
        if (event.id === 'visorfs.backup.failed') return;
        out.complain(`visorfs: ${printable(event.message)}\n`);
      },
      ...opening.boot,
      onProgress: ({ module, done, count }) => progress.step(done, count, module),
    });
    stack = stackOf(host.vfs, host, close);
    for (const tardisk of await openAll(others, out, progress)) host.vfs.mount(tardisk);
    out.signal.throwIfAborted();
    return stack;
  } catch (error) {
    if (stack === null) close();
    else stack.close();
    throw error;
  }
}

/** Opens all of `names`, or none: what was open is closed where another fails. */
async function openAll(
  names: readonly string[],
  { options }: Output,
  progress: Progress,
): Promise<Tardisk[]> {
  const opened: Tardisk[] = [];
  try {
    for (const [index, name] of names.entries()) {
      progress.step(index, names.length, name);
      opened.push(...(await openTardisks(name, options)));
    }
    return opened;
  } catch (error) {
    for (const tardisk of opened) tardisk.close();
    throw error;
  }
}

function stackOf(vfs: VisorFs, host: Host | null, closeDevice = (): void => {}): Stack {
  return {
    vfs,
    host,
    close() {
      for (const tardisk of vfs.image.tardisks) tardisk.close();
      closeDevice();
    },
  };
}
