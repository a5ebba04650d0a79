/**
 * `visorfs serve`: the banks of a device over HTTP, until Ctrl-C.
 *
 * The address is said on stdout when the server listens, each request on stderr when it is over.
 */

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Command } from 'commander';
import { type BankAccess, type BootDevice, bankHandler } from '../../node.ts';
import { openedDevice } from '../devices.ts';
import { CommandError, jsonLine, type Output, UsageError } from '../output.ts';
import { hereArgument } from '../places.ts';
import { printable } from '../printable.ts';

interface Options {
  readonly host: string;
  readonly port: string;
  readonly json?: true;
}

/** Adds `serve` to `program`. */
export function addServe(program: Command, out: Output): void {
  program
    .command('serve')
    .summary('offer a bank over HTTP')
    .description(
      'Offers the banks of a folder or disk image over HTTP, for hosts to boot from: the bank ' +
        'that would be booted at /, each by its name below that. Only to be read; Ctrl-C ends it.',
    )
    .addArgument(
      hereArgument('<bank>', 'a folder with a boot bank, or with several, or a disk image'),
    )
    .option('--host <address>', 'where to listen', '127.0.0.1')
    .option('-p, --port <number>', '0 is any that is free', '0')
    .option('--json', 'the address, and each request, as objects')
    .addHelpText('after', HELP)
    .action(async (name: string, options: Options) => serve(name, options, out));
}

const HELP = `
A request is a line on stderr: who, what, the status, the bytes, the range. What
is in the bank is readable by all who reach the address, its state with its
passwords and keys too: be careful with --host.

Example:
  visorfs serve images/bank --port 8080
  visorfs host boot http://127.0.0.1:8080/`;

async function serve(name: string, { host, port, json }: Options, out: Output): Promise<void> {
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    throw new UsageError(`--port takes a number up to 65535, not '${port}'`);
  }
  const opened = await openedDevice(name, out);
  try {
    const banks = await namesOf(opened.device);
    if (banks.length === 0) throw new CommandError(`there is no bank in '${name}'`);
    const handler = bankHandler(opened.device, {
      onAccess: (access) => out.complain(json ? jsonLine(access) : lineOf(access)),
    });
    const server = createServer((request, response) => {
      if (isMeant(host, request.headers.host)) handler(request, response);
      else response.writeHead(421, { 'content-type': 'text/plain' }).end(NOT_MEANT);
    });
    await listening(server, host, Number(port));
    const { port: taken } = server.address() as AddressInfo;
    const url = `http://${host.includes(':') ? `[${host}]` : host}:${taken}/`;
    try {
      await out.write(json ? jsonLine({ url, banks }) : `${url}\n`);
      await interrupted(out.signal);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  } finally {
    opened.close();
  }
}

/** The banks of `device` that are no empty places for one. */
async function namesOf(device: BootDevice): Promise<string[]> {
  const names: string[] = [];
  for (const bank of await device.banks()) {
    if ((await bank.list()).includes('boot.cfg')) names.push(bank.name);
  }
  return names;
}

const NOT_MEANT = 'this server is for this machine, and is asked for by its address\n';

/**
 * Whether a request for `asked` is for a server at `host`: where that is this machine, only by its
 * own names, since a page of another name may have had it lead here to read what is in the bank.
 */
function isMeant(host: string, asked = ''): boolean {
  const name = asked.replace(/:\d*$/, '');
  const isHere = (one: string): boolean => /^(127\.[\d.]+|localhost|\[?::1\]?)$/i.test(one);
  return !isHere(host) || isHere(name);
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      reject(new CommandError(`cannot listen at ${host}, port ${port}: ${error.message}`));
    });
    server.listen(port, host, resolve);
  });
}

function interrupted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve());
  });
}

function lineOf({ remote, method, url, status, range, sentBytes, isWhole }: BankAccess): string {
  const part = range === null ? '' : ` bytes ${range}`;
  const cut = isWhole ? '' : ' cut short';
  return `${remote} ${method} ${printable(url)} ${status} ${sentBytes}${part}${cut}\n`;
}
