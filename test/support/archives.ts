/**
 * Tars in memory, said in a line: for tests that need a tree and not an archive.
 */

import { concatBytes, utf8 } from '../../src/base/bytes.ts';
import { bytesSource } from '../../src/base/source.ts';
import { encodeTarHeader } from '../../src/format/tar-header.ts';
import { Image } from '../../src/layer/image.ts';
import { Tardisk } from '../../src/layer/tardisk.ts';

/** One entry: a file with `content`, a symbolic link to `target`, or what `type` says. */
export interface Entry {
  readonly path: string | Uint8Array;
  readonly content?: string | Uint8Array;
  readonly target?: string;
  /** 'dir', 'link' (hard, to `target`), 'symlink', 'file', 'device' (character 1:3), 'fifo'. */
  readonly type?: 'dir' | 'link' | 'symlink' | 'file' | 'device' | 'fifo';
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly mtime?: number;
}

const TYPEFLAGS = { file: '0', link: '1', symlink: '2', device: '3', dir: '5', fifo: '6' } as const;

const BLOCK_BYTES = 512;
const END = new Uint8Array(2 * BLOCK_BYTES);

/** The tars that are made here. */
export type MadeFlavour = 'ustar' | 'gnu' | 'visor';

/** The bytes of a tar of `entries`; a visor tar has all data behind the headers. */
export function tarOf(entries: readonly Entry[], flavour: MadeFlavour = 'ustar'): Uint8Array {
  const contents = entries.map(contentOf);
  const padded = contents.map(({ length }) => Math.ceil(length / BLOCK_BYTES) * BLOCK_BYTES);
  const headers: Uint8Array[] = [];
  const bodies: Uint8Array[] = [];
  let dataOffset = (entries.length + 2) * BLOCK_BYTES;
  entries.forEach((entry, index) => {
    const body = new Uint8Array(padded[index]!);
    body.set(contents[index]!);
    const header = headerOf(entry, flavour, contents[index]!.length, dataOffset);
    dataOffset += body.length;
    if (flavour === 'visor') {
      headers.push(header);
      bodies.push(body);
    } else headers.push(header, body);
  });
  return concatBytes([...headers, END, ...bodies]);
}

/** A tardisk of `entries`. */
export function diskOf(name: string, ...entries: readonly Entry[]): Tardisk {
  return Tardisk.index(bytesSource(tarOf(entries), name), name);
}

/** An image of one tardisk of `entries`. */
export function imageOf(...entries: readonly Entry[]): Image {
  return Image.of(diskOf('base', ...entries));
}

function typeOf({ type, target, content, path }: Entry): keyof typeof TYPEFLAGS {
  if (type !== undefined) return type;
  if (target !== undefined) return 'symlink';
  return content === undefined && typeof path === 'string' && path.endsWith('/') ? 'dir' : 'file';
}

function contentOf(entry: Entry): Uint8Array {
  const { content = '' } = entry;
  if (typeOf(entry) !== 'file') return new Uint8Array(0);
  return typeof content === 'string' ? utf8(content) : content;
}

function headerOf(
  entry: Entry,
  flavour: MadeFlavour,
  size: number,
  dataOffset: number,
): Uint8Array {
  const type = typeOf(entry);
  const { mode, uid = 0, gid = 0, mtime = 0, target = '' } = entry;
  return encodeTarHeader({
    flavour,
    typeflag: TYPEFLAGS[type],
    path: entry.path,
    target,
    uid,
    gid,
    size,
    mtimeSeconds: mtime,
    mode: mode ?? (type === 'dir' ? 0o755 : type === 'symlink' ? 0o777 : 0o644),
    ...(type === 'device' ? { deviceMajor: 1, deviceMinor: 3 } : {}),
    ...(flavour === 'visor' && size > 0 ? { dataOffset } : {}),
  });
}
