/**
 * A ramdisk: a bounded share of memory for what is written below one directory.
 *
 *   name        what vdf, errors and events call it            path   the directory it covers
 *   reserved    bytes nobody else may take                     max    bytes and inodes at the most
 *
 * It is charged for pages of 4 KiB, for every name (its bytes and ENTRY_BYTES), for the targets of
 * symbolic links and for every inode, whiteouts and branches among them: nothing that a caller can
 * make grow is free.
 *
 * Not here: the ledger's arithmetic (store/ledger.ts), what is written (delta.ts), and which
 * ramdisk covers a path (vfs/live.ts).
 */

import { VisorError } from '../base/errors.ts';
import { PAGE_BYTES, ROOT_RAMDISK_BYTES, ROOT_RAMDISK_INODES } from '../base/limits.ts';
import { parseSize } from '../base/size.ts';
import type { Ledger, LedgerLimits } from '../store/ledger.ts';

/** What a ramdisk is asked to be. Sizes are bytes, or text such as '64mb'. */
export interface RamdiskOptions {
  readonly name: string;
  /** The directory it covers, absolute. */
  readonly path: string;
  /** The most it may hold, in bytes: 32 MiB unless said. */
  readonly size?: number | string;
  /** What nobody else may take, in bytes: 0 unless said. */
  readonly reserve?: number | string;
  /** The most inodes: one for each 4 KiB of size unless said. */
  readonly inodes?: number;
  /** Permissions of the directory it covers: left as they are unless said. */
  readonly mode?: number;
}

/** One ramdisk of a VisorFs. */
export class Ramdisk {
  readonly name: string;
  /** The directory it covers. */
  readonly root: number;
  readonly ledger: Ledger;

  constructor(name: string, root: number, ledger: Ledger) {
    this.name = name;
    this.root = root;
    this.ledger = ledger;
  }
}

/** The ramdisk that is there unless told otherwise. */
export const ROOT_RAMDISK: RamdiskOptions = {
  name: 'root',
  path: '/',
  size: ROOT_RAMDISK_BYTES,
  inodes: ROOT_RAMDISK_INODES,
};

/** The limits that `options` ask for. Throws EINVAL where they make no sense. */
export function limitsOf(options: Omit<RamdiskOptions, 'name' | 'path'>): LedgerLimits {
  const maxBytes = parseSize(options.size ?? ROOT_RAMDISK_BYTES);
  const reservedBytes = parseSize(options.reserve ?? 0);
  const maxInodes = options.inodes ?? Math.max(1, Math.floor(maxBytes / PAGE_BYTES));
  const isSane = reservedBytes <= maxBytes && Number.isSafeInteger(maxInodes) && maxInodes >= 0;
  if (!isSane) throw new VisorError('EINVAL');
  return { maxBytes, reservedBytes, maxInodes };
}

/**
 * The ramdisks of an ESXi host: root, etc, opt, var, tmp, iofilters and hostdstats, with the sizes
 * that `vdf -h` of 6.x shows; `hostdstats` follows from the virtual machines the host supports.
 *
 * @example
 * const vfs = new VisorFs(undefined, { ramdisks: esxRamdisks() });
 * const { ramdisks } = vfs.vdf();
 * console.log(ramdisks.map(({ name, sizeBytes }) => `${name} ${sizeBytes / 2 ** 20}`).join());
 * // root 32,etc 28,opt 32,var 48,tmp 256,iofilters 32,hostdstats 2053
 */
export function esxRamdisks(supportedVms = 1024): RamdiskOptions[] {
  const hostdStatsMib = Math.floor(((supportedVms * 4 + 10) * 500 + 50000) / 1024);
  return [
    { name: 'root', path: '/', size: '32m', inodes: ROOT_RAMDISK_INODES },
    { name: 'etc', path: '/etc', size: '28m', inodes: 4096, mode: 0o755 },
    { name: 'opt', path: '/opt', size: '32m', inodes: 8192, mode: 0o755 },
    { name: 'var', path: '/var', size: '48m', inodes: 8192, mode: 0o755 },
    { name: 'tmp', path: '/tmp', size: '256m', inodes: 8192, mode: 0o1777 },
    { name: 'iofilters', path: '/var/run/iofilters', size: '32m', inodes: 4096, mode: 0o755 },
    {
      name: 'hostdstats',
      path: '/var/lib/vmware/hostd/stats',
      size: `${hostdStatsMib}m`,
      inodes: 8192,
      mode: 0o755,
    },
  ];
}
