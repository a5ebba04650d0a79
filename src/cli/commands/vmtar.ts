/**
 * `visorfs vmtar`: tars into visor tars, back, and what is in them, by the letters of ESXi's vmtar.
 *
 * `-` is stdin or stdout, and no archive at all is stdin, so that `vmtar -t < file` works as there.
 * Unlike there, nothing is overwritten without --force.
 */

import type { Command } from 'commander';
import {
  type Converted,
  listTar,
  modeLetters,
  packVisorTar,
  type TarListing,
  type TarRecord,
  unpackVisorTar,
  type VisorLayout,
} from '../../node.ts';
import { octal, utc } from '../entries.ts';
import { counted, table } from '../figures.ts';
import { landingArgument } from '../landing.ts';
import { CommandError, jsonLine, type LiveTree, type Output, UsageError } from '../output.ts';
import { hereOption } from '../places.ts';
import { printable } from '../printable.ts';
import { Progress } from '../progress.ts';
import { checkFree, writeWhole } from '../whole-file.ts';

const STREAM = '-';
/** It reads stdin itself, piece by piece. */
const FETCHED = { stdin: 'itself' } as const;
const LAYOUTS: readonly VisorLayout[] = ['6.5', '6.7', '8.0'];
const MIB = 1 << 20;

const FILE_TYPES: Readonly<Record<TarRecord['kind'], number>> = {
  file: 0o100000,
  link: 0o100000,
  symlink: 0o120000,
  character: 0o020000,
  block: 0o060000,
  directory: 0o040000,
  fifo: 0o010000,
};

interface Options {
  readonly create?: true;
  readonly extract?: true;
  readonly list?: true;
  readonly output?: string;
  readonly layout?: string;
  readonly verbose?: true;
  readonly force?: true;
  readonly json?: true;
}

/** Adds `vmtar` to `program`. */
export function addVmtar(program: Command, out: Output): void {
  program
    .command('vmtar')
    .summary('make visor tars, turn them into plain ones, list them')
    .description(
      "Converts between tar and ESXi's visor tar, as vmtar does on ESXi, and lists either. What " +
        'is read may be compressed; what is written is not.',
    )
    .usage('-c|-x|-t [options] [archive]')
    .addArgument(landingArgument('[archive]', 'what to read; - is stdin', FETCHED).default(STREAM))
    .option('-c, --create', 'make a visor tar of a tar')
    .option('-x, --extract', 'make a tar of a visor tar')
    .option('-t, --list', 'read all headers and list them')
    .addOption(hereOption('-o, --output <file>', 'where to; - is stdout', { stdin: true }))
    .option('-v, --verbose', 'name each entry; of a list, all about it')
    .option('--layout <version>', 'as the tools of ESXi 6.5, 6.7 or 8.0 lay it out (default: 8.0)')
    .option('-f, --force', 'overwrite the file')
    .option('--json', 'what was written or listed, as an object')
    .addHelpText('after', HELP)
    .action(async (archive: string, options: Options) => {
      checkUsage(options);
      if (options.list) await list(archive, options, out);
      else await convert(archive, options, out);
    });
}

const HELP = `
Examples:
  visorfs vmtar -c files.tgz -o files.vtar && gzip -9 -n -S .v00 files.vtar
  visorfs vmtar -x base.v00 -o base.tar
  visorfs vmtar -tv < base.v00`;

/** Throws UsageError where the letters do not go together. */
function checkUsage({ create, extract, list, output, layout, json }: Options): void {
  if ([create, extract, list].filter(Boolean).length !== 1) {
    throw new UsageError('vmtar takes one of -c, -x and -t; see visorfs vmtar --help');
  }
  if (list && output !== undefined) throw new UsageError('-o is for -c and -x: -t writes no file');
  if (!list && (output === undefined || output === '')) {
    throw new UsageError('-c and -x take the name of a file by -o, or - for stdout');
  }
  if (output === STREAM && json) throw new UsageError('--json and the archive both want stdout');
  if (layout === undefined) return;
  if (!create) throw new UsageError('--layout is for -c');
  if (!LAYOUTS.some((known) => known === layout)) {
    throw new UsageError(`there is no layout '${layout}', but ${LAYOUTS.join(', ')}`);
  }
}

async function convert(archive: string, options: Options, out: Output): Promise<void> {
  const { create, output: file = STREAM, layout = '8.0', verbose, force, json } = options;
  if (file !== STREAM) checkTarget(file, force === true, out);
  const input = await inputOf(archive, out);
  const converted = await opening(archive, () =>
    create ? packVisorTar(input, { layout: layout as VisorLayout }) : unpackVisorTar(input),
  );
  try {
    out.signal.throwIfAborted();
    if (file === STREAM) for (const piece of converted.pieces()) await out.write(piece);
    else if (out.live !== undefined) writeInside(out.live, file, converted.pieces());
    else await writeWhole(file, out, withProgress(converted, out));
  } finally {
    converted.close();
  }
  const { paths, size, layout: found } = converted;
  const names = verbose ? paths.map((path) => `${printable(path)}\n`).join('') : '';
  if (file === STREAM) out.complain(names);
  else if (json)
    await out.write(jsonLine({ file, entries: paths.length, bytes: size, layout: found }));
  else await out.write(`${names}${file}: ${summary(paths.length, size, found, true)}\n`);
}

function* withProgress(converted: Converted, out: Output): Generator<Uint8Array> {
  const progress = new Progress(out, 'writing MiB');
  const count = Math.ceil(converted.size / MIB);
  let done = 0;
  try {
    for (const piece of converted.pieces()) {
      yield piece;
      done += piece.length;
      progress.step(Math.floor(done / MIB), count);
    }
  } finally {
    progress.end();
  }
}

async function list(archive: string, { verbose, json }: Options, out: Output): Promise<void> {
  const input = await inputOf(archive, out);
  const listing = await opening(archive, () => listTar(input));
  if (json) await out.write(jsonLine(described(listing)));
  else if (verbose) await out.write(longListing(listing));
  else await out.write(listing.entries.map(({ path }) => `${printable(path)}\n`).join(''));
}

async function inputOf(archive: string, out: Output): Promise<string | Uint8Array> {
  if (archive === STREAM) return out.readAll();
  const { live } = out;
  if (live === undefined) return archive;
  return opening(archive, async () => live.vfs.fs.readFileSync(live.resolve(archive)));
}

function checkTarget(file: string, isForced: boolean, { live }: Output): void {
  if (live === undefined) checkFree(file, isForced);
  else if (!isForced && live.vfs.fs.existsSync(live.resolve(file))) {
    throw new CommandError(`'${file}' is there already; --force overwrites it`);
  }
}

/** Writes `pieces` to `file` in the tree, whole or not at all. */
function writeInside(live: LiveTree, file: string, pieces: Iterable<Uint8Array>): void {
  const { fs } = live.vfs;
  const target = live.resolve(file);
  const temporary = `${target}.part`;
  const fd = fs.openSync(temporary, 'wx');
  try {
    try {
      for (const piece of pieces) fs.writeFileSync(fd, piece);
    } finally {
      fs.closeSync(fd);
    }
    fs.renameSync(temporary, target);
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw error;
  }
}

async function opening<T>(archive: string, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'ENOENT') throw new CommandError(`there is no archive '${archive}'`);
    throw error;
  }
}

function longListing({ entries, size, layout, isVisor }: TarListing): string {
  const rows = entries.map((entry) => [
    entry.typeflag === '\0' ? '0' : printable(entry.typeflag),
    modeLetters(FILE_TYPES[entry.kind] | entry.mode),
    `${printable(entry.uname) || entry.uid}/${printable(entry.gname) || entry.gid}`,
    String(entry.size),
    utc(entry.mtimeSeconds)
      .replace('T', ' ')
      .replace(/:\d\dZ$/, ''),
    entry.size === 0 ? '--' : `0x${entry.dataOffset.toString(16)}`,
    String(entry.textPages),
    nameOf(entry),
  ]);
  return `${table(COLUMNS, rows)}${summary(entries.length, size, layout, isVisor)}\n`;
}

const COLUMNS = [
  { heading: 'T' },
  { heading: 'Mode' },
  { heading: 'Owner' },
  { heading: 'Size', isFigure: true },
  { heading: 'Modified' },
  { heading: 'Data at', isFigure: true },
  { heading: 'Text pages', isFigure: true },
  { heading: 'Name' },
];

function nameOf({ kind, path, target }: TarRecord): string {
  if (kind === 'symlink') return `${printable(path)} -> ${printable(target)}`;
  return kind === 'link' ? `${printable(path)} link to ${printable(target)}` : printable(path);
}

function summary(
  count: number,
  bytes: number,
  layout: VisorLayout | null,
  isVisor: boolean,
): string {
  const how = isVisor
    ? layout === null
      ? 'in no layout of vmtar'
      : `layout ${layout}`
    : 'no visor tar';
  return `${counted(count, 'entry', 'entries')}, ${bytes} bytes, ${how}`;
}

function described({ entries, size, layout, isVisor }: TarListing): Record<string, unknown> {
  return {
    format: isVisor ? 'visor' : (entries[0]?.flavour ?? null),
    layout,
    bytes: size,
    entries: entries.map((entry) => ({
      path: entry.path,
      type: entry.typeflag,
      kind: entry.kind,
      mode: octal(entry.mode),
      uid: entry.uid,
      gid: entry.gid,
      uname: entry.uname,
      gname: entry.gname,
      size: entry.size,
      modified: utc(entry.mtimeSeconds, entry.mtimeNanoseconds),
      dataOffset: entry.size === 0 ? 0 : entry.dataOffset,
      textPages: entry.textPages,
      ...(entry.target === '' ? {} : { target: entry.target }),
    })),
  };
}
