/**
 * state.tgz: the state as ESXi keeps it on the boot device.
 *
 *   state.tgz      gzip of a tar with exactly one member
 *     local.tgz    gzip of a tar of files, names without a leading slash: etc/vmware/esx.conf …
 *
 * Members are ustar, sorted by name, without owner names; the same state packs to the same bytes.
 * Times are whole seconds, as in every tar that ESXi reads. What ustar cannot hold (long names,
 * large owners, times after 2038) goes into pax records, and only then.
 * A name that is no UTF-8 stands in a GNU header, behind all others.
 */

import { concatBytes, isUtf8, text, utf8 } from '../base/bytes.ts';
import { CorruptError } from '../base/errors.ts';
import { bytesSource } from '../base/source.ts';
import type { Codec } from '../codec/codec.ts';
import { BLOCK_BYTES, encodeTarHeader } from '../format/tar-header.ts';
import { openTardisk } from '../layer/open.ts';
import { ROOT_ROW } from '../layer/table.ts';
import type { Tardisk } from '../layer/tardisk.ts';
import { NONE } from '../store/dirents.ts';
import { isSealed, SEALED_FILE } from './seal-marks.ts';
import { withoutKey } from './state-error.ts';

export const STATE_FILE = 'state.tgz';
const LOCAL_FILE = 'local.tgz';

/** One member of local.tgz. */
export interface StateMember {
  /** Without a leading slash. */
  readonly path: Uint8Array;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeSeconds: number;
  readonly bytes: Uint8Array;
}

/** Packs `members` as state.tgz. */
export async function packState(
  members: readonly StateMember[],
  codec: Codec,
): Promise<Uint8Array> {
  const local = await codec.gzip(await tarOf(members));
  const wrapped = {
    path: utf8(LOCAL_FILE),
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtimeSeconds: 0,
    bytes: local,
  };
  return codec.gzip(await tarOf([wrapped]));
}

/**
 * The local.tgz inside the plain `blob`, indexed. Throws CorruptError where it is no state.tgz,
 * StateError where it is encrypted.
 */
export async function openState(blob: Uint8Array, codec: Codec): Promise<Tardisk> {
  if (isSealed(blob)) throw withoutKey(STATE_FILE);
  const outer = await openTardisk(bytesSource(blob, STATE_FILE), codec);
  const entry = outer.dirents.find(ROOT_ROW, utf8(LOCAL_FILE), 0, LOCAL_FILE.length);
  const row = entry === NONE ? 0 : outer.dirents.child(entry);
  const local = row === 0 ? null : outer.view(row);
  if (local === null) throw new CorruptError(STATE_FILE, 0, whatItLacks(outer));
  return openTardisk(bytesSource(local, `${STATE_FILE}!${LOCAL_FILE}`), codec);
}

function whatItLacks({ dirents }: Tardisk): string {
  const lack = `has no member '${LOCAL_FILE}'`;
  const sealed = dirents.find(ROOT_ROW, utf8(SEALED_FILE), 0, SEALED_FILE.length);
  if (sealed === NONE) return lack;
  return `${lack} but '${SEALED_FILE}': ESXi encrypted it, or it was packed anew since`;
}

/** Two blocks of zeros, with which a tar ends. */
const END_BYTES = 1024;

const USTAR_MAX_ID = 0o777777;
const USTAR_MAX_SECONDS = 2 ** 31 - 1;

async function tarOf(members: readonly StateMember[]): Promise<Uint8Array> {
  // Loaded when a state is first packed: most programs only read. Of CommonJS a bundler that splits
  // gives nothing but the default.
  const { default: tarStream } = await import('tar-stream');
  const tar = tarStream.pack();
  const chunks: Uint8Array[] = [];
  const done = new Promise<void>((resolve, reject) => {
    tar.on('data', (chunk) => chunks.push(chunk as Uint8Array));
    tar.on('end', resolve);
    tar.on('error', reject);
  });
  const odd: Uint8Array[] = [];
  for (const member of members) {
    if (isUtf8(member.path)) tar.entry(headerOf(member), member.bytes as Buffer);
    else odd.push(...blocksOf(member));
  }
  tar.finalize();
  await done;
  const whole = concatBytes(chunks);
  const end = whole.length - END_BYTES;
  return concatBytes([whole.subarray(0, end), ...odd, whole.subarray(end)]);
}

/** A member whose name is no text, which is all that tar-stream takes for one. */
function blocksOf({ path, bytes, ...rest }: StateMember): Uint8Array[] {
  const header = encodeTarHeader({
    flavour: 'gnu',
    typeflag: '0',
    path,
    size: bytes.length,
    ...rest,
  });
  const padding = (BLOCK_BYTES - (bytes.length % BLOCK_BYTES)) % BLOCK_BYTES;
  return [header, bytes, new Uint8Array(padding)];
}

/**
 * tar-stream writes owners above 0777777 and times after 2038 wrong without a word: they go to pax.
 */
function headerOf({ path, mode, uid, gid, mtimeSeconds, bytes }: StateMember) {
  const pax: Record<string, string> = {};
  const ustar = (key: string, value: number, max: number): number => {
    if (value >= 0 && value <= max) return value;
    pax[key] = String(value);
    return 0;
  };
  const header = {
    name: text(path),
    mode,
    size: bytes.length,
    uid: ustar('uid', uid, USTAR_MAX_ID),
    gid: ustar('gid', gid, USTAR_MAX_ID),
    mtime: new Date(ustar('mtime', mtimeSeconds, USTAR_MAX_SECONDS) * 1000),
  };
  return Object.keys(pax).length === 0 ? header : { ...header, pax };
}
