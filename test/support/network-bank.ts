/**
 * A small bank in memory, served by our own handler on this machine while the tests of a file run.
 */

import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';
import { beforeEach } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { type BankAccess, bankHandler, memoryDevice, mount } from '../../src/node.ts';
import { tarOf } from './archives.ts';
import { whileListening } from './http.ts';

export const CONF = '/adv/Misc/HostName = "image"\n/net/old/a = "1"\n';

const MTIME = { mtime: 1_700_000_000 };

/** base.v00, in which esx.conf is sticky. */
export const BASE = gzipSync(
  tarOf([
    { path: 'etc/', ...MTIME },
    { path: 'etc/motd', content: 'image\n', mode: 0o644, ...MTIME },
    { path: 'etc/vmware/', ...MTIME },
    { path: 'etc/vmware/esx.conf', content: CONF, mode: 0o1644, ...MTIME },
  ]),
);

/** A state.tgz that says so in esx.conf. */
export async function stateWith(conf: string): Promise<Uint8Array> {
  const vfs = await mount(BASE);
  vfs.fs.writeFileSync('/etc/vmware/esx.conf', conf);
  vfs.fs.utimesSync('/etc/vmware/esx.conf', 1, 1);
  return vfs.backup();
}

/** What is served. */
export interface NetworkBank {
  /** By name; a change is seen at once. */
  readonly files: Map<string, Uint8Array>;
  readonly accesses: readonly BankAccess[];
  /** Whether somebody answers. */
  isUp: boolean;
  /** Paths that are answered with 503. */
  readonly broken: Set<string>;
  /** The address of the bank. */
  url(): string;
}

/** A bank with a kernel, base.v00 and a state, served while the tests of one file run. */
export function networkBank(): NetworkBank {
  const files = new Map<string, Uint8Array>();
  const accesses: BankAccess[] = [];
  const broken = new Set<string>();
  const served = { files, accesses, broken, isUp: true, url: () => `${base()}/` };
  const handler = bankHandler(memoryDevice(files, 'served'), {
    onAccess: (access) => accesses.push(access),
  });
  const server = createServer((request, response) => {
    if (!served.isUp) request.socket.destroy();
    else if (broken.has(request.url!)) response.writeHead(503).end();
    else handler(request, response);
  });
  const base = whileListening(server);
  beforeEach(async () => {
    served.isUp = true;
    accesses.length = 0;
    broken.clear();
    files.clear();
    files.set(
      'boot.cfg',
      utf8('kernel=b.b00\nmodules=base.v00 --- state.tgz\nbuild=8.0.0-1\nupdated=1\n'),
    );
    files.set('b.b00', utf8('a kernel'));
    files.set('base.v00', BASE);
    files.set('state.tgz', await stateWith('/adv/Misc/HostName = "bank"\n'));
  });
  return served;
}
