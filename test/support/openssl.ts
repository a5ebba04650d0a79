/**
 * A certificate authority for tests, made by OpenSSL, which is also the judge of what we say of
 * signatures. Where there is no openssl, tests that need one skip, and say so.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

let hasToldOfAbsence = false;

/** Whether there is an openssl; told once on stderr where not. */
export function hasOpenssl(): boolean {
  if (spawnSync('openssl', ['version']).status === 0) return true;
  if (!hasToldOfAbsence) process.stderr.write('skipped: there is no openssl here\n');
  hasToldOfAbsence = true;
  return false;
}

/** Kinds of keys. */
const KEYS = {
  rsa: ['rsa:2048'],
  p256: ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  p384: ['ec', '-pkeyopt', 'ec_paramgen_curve:P-384'],
} as const;

/** A folder of keys and certificates; gone when the tests of the file are done. */
export class Authority {
  readonly #folder = mkdtempSync(join(tmpdir(), 'visorfs-ca-'));

  constructor() {
    afterAll(() => rmSync(this.#folder, { recursive: true, force: true }));
  }

  path(name: string): string {
    return join(this.#folder, name);
  }

  bytes(name: string): Uint8Array {
    return new Uint8Array(readFileSync(this.path(name)));
  }

  write(name: string, bytes: Uint8Array | string): string {
    writeFileSync(this.path(name), bytes);
    return this.path(name);
  }

  /** Runs openssl in the folder. Throws with what it complains of. */
  openssl(...args: readonly string[]): string {
    const { status, stdout, stderr } = this.attempt(...args);
    if (status !== 0) throw new Error(`openssl ${args.join(' ')}: ${stderr}`);
    return stdout;
  }

  /** Runs openssl in the folder, however that ends. */
  attempt(...args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
    return spawnSync('openssl', args, { cwd: this.#folder, encoding: 'utf8' });
  }

  /** Makes `name.key`, and a request for a certificate of it, `name.csr`. */
  key(name: string, kind: keyof typeof KEYS = 'p256', subject = `/O=Tests/CN=${name}`): void {
    const out = ['-keyout', `${name}.key`, '-out', `${name}.csr`];
    this.openssl('req', '-nodes', '-newkey', ...KEYS[kind], ...out, '-subj', subject);
  }

  /** Makes `name.pem`: a root that signs itself. */
  root(name: string, kind: keyof typeof KEYS = 'p256'): void {
    this.key(name, kind);
    const signed = ['-key', `${name}.key`, '-out', `${name}.pem`, '-subj', `/O=Tests/CN=${name}`];
    this.openssl('req', '-x509', '-days', '3650', ...signed);
  }

  /** Makes `as.pem`: a certificate of the key `name` by `issuer`, with `extensions`. */
  issue(
    name: string,
    issuer: string,
    extensions: readonly string[] = [],
    as = name,
    days = 365,
  ): void {
    const file = this.write(`${as}.ext`, `${extensions.join('\n')}\n`);
    const by = ['-CA', `${issuer}.pem`, '-CAkey', `${issuer.split('-')[0]}.key`, '-CAcreateserial'];
    const request = ['-in', `${name}.csr`, '-out', `${as}.pem`, '-extfile', file];
    this.openssl('x509', '-req', '-days', String(days), ...by, ...request);
  }

  /** The detached signature of `signer` over `content`, in PEM. */
  sign(content: Uint8Array, signer: string, options: readonly string[] = []): Uint8Array {
    this.write('content', content);
    const by = ['-signer', `${signer}.pem`, '-inkey', `${signer.split('-')[0]}.key`];
    const form = ['-sign', '-binary', '-in', 'content', '-outform', 'PEM'];
    const digest = options.includes('-md') ? [] : ['-md', 'sha256'];
    this.openssl('cms', ...form, ...digest, ...by, ...options, '-out', 'signature');
    return this.bytes('signature');
  }

  /** Whether OpenSSL finds `signature` over `content` right; with `root`, by a chain to it. */
  accepts(
    content: Uint8Array,
    signature: Uint8Array,
    root: string | null = null,
    options: readonly string[] = [],
  ): boolean {
    this.write('content', content);
    this.write('signature', signature);
    const form = [
      '-verify',
      '-binary',
      '-inform',
      'PEM',
      '-in',
      'signature',
      '-content',
      'content',
    ];
    const chain = root === null ? ['-noverify'] : ['-CAfile', `${root}.pem`];
    return this.attempt('cms', ...form, ...chain, ...options, '-out', '/dev/null').status === 0;
  }
}

/** The extensions of one that may issue others. */
export const ISSUER = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign'];
