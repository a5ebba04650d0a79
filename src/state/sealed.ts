/**
 * An encrypted state: a state.tgz whose one member is local.tgz.ve.
 *
 *   state.tgz         gzip of stored blocks, of a tar with exactly one member
 *     local.tgz.ve    what follows; ESXi since 7.0 U2 has a member of this name, of another format
 *
 *   off  len
 *     0    8  "VFSSTATE"
 *     8    1  version: 1
 *     9    1  how the cipher's key is made: 1 of a passphrase, 2 of a key of 32 bytes
 *    10    2  0
 *    12    4  rounds, u32 LE, 1000 to 10000000; 0 where byte 9 is 2
 *    16   32  salt, random
 *    48   12  nonce, random
 *    60       the whole state.tgz as it is without encryption, encrypted by AES-256-GCM
 *   -16   16  tag of that and of bytes 0 to 59
 *
 * 1: PBKDF2 with HMAC-SHA-256 of the passphrase in UTF-8, salt and rounds. 2: HKDF with SHA-256 of
 * the key, salt, and "visorfs state 1" as info. Either makes 32 bytes.
 *
 * Invariants, which test/state/sealed.test.ts attacks:
 *
 *   1. No nonce is used twice with one key of the cipher: each state has a salt, and so a key, of
 *      its own.
 *   2. No bit of the file can be another. What is in local.tgz.ve is under the tag; what is around
 *      it has one spelling, and is compared with that. So a state that was packed anew by another
 *      tool is refused too.
 *   3. Nothing is decrypted in part, and whether it was the key or the bytes is not told.
 *
 * Not here: where the key comes from.
 */

import { concatBytes, latin1, putU16, putU32, sameBytes, u32, utf8 } from '../base/bytes.ts';
import { CorruptError } from '../base/errors.ts';
import { STATE_ROUNDS_MAX_COUNT, STATE_ROUNDS_MIN_COUNT } from '../base/limits.ts';
import { crc32 } from '../codec/crc32.ts';
import { BLOCK_BYTES, encodeTarHeader } from '../format/tar-header.ts';
import {
  checkStateKey,
  SEALED_FILE,
  SEALED_MAGIC,
  STATE_KEY_BYTES,
  type StateKey,
} from './seal-marks.ts';
import { StateError } from './state-error.ts';

const VERSION = 1;
const OF_PASSPHRASE = 1;
const OF_KEY = 2;
const KIND_OFFSET = 9;
const ROUNDS_OFFSET = 12;
const SALT_OFFSET = 16;
const NONCE_OFFSET = 48;
const HEADER_BYTES = 60;
const SALT_BYTES = NONCE_OFFSET - SALT_OFFSET;
const NONCE_BYTES = HEADER_BYTES - NONCE_OFFSET;
const TAG_BYTES = 16;
const INFO = utf8('visorfs state 1');

/** What a passphrase is worth where nobody says: as OWASP advises for this function. */
const ROUNDS = 600_000;

/** Bytes of a stored block of deflate at most, and of what is ahead of each. */
const STORED_MAX_BYTES = 0xffff;
const STORED_HEAD_BYTES = 5;
const GZIP_HEAD = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255);
const GZIP_TAIL_BYTES = 8;
const END_BYTES = 2 * BLOCK_BYTES;

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * The plain state.tgz `blob`, encrypted with `key`: other bytes each time. `rounds` are of a
 * passphrase. Throws RangeError where the key is none.
 */
export async function sealState(
  blob: Uint8Array,
  key: StateKey,
  crypto: Crypto,
  rounds = ROUNDS,
): Promise<Uint8Array> {
  checkStateKey(key);
  const header = new Uint8Array(HEADER_BYTES);
  header.set(utf8(SEALED_MAGIC));
  header[SEALED_MAGIC.length] = VERSION;
  header[KIND_OFFSET] = typeof key === 'string' ? OF_PASSPHRASE : OF_KEY;
  putU32(header, ROUNDS_OFFSET, typeof key === 'string' ? rounds : 0);
  crypto.getRandomValues(header.subarray(SALT_OFFSET));
  const cipherKey = await cipherKeyOf(header, key, crypto);
  const sealed = await crypto.subtle.encrypt(gcmOf(header), cipherKey, blob as Bytes);
  return wrapped(concatBytes([header, new Uint8Array(sealed)]));
}

/**
 * The plain state.tgz inside the encrypted `blob`, which messages call `name`. Throws StateError
 * where `key` is not the one it was encrypted with or any bit of it is another, CorruptError where
 * it cannot have been encrypted here, RangeError where the key is none.
 */
export async function unsealState(
  blob: Uint8Array,
  key: StateKey,
  crypto: Crypto,
  name: string,
): Promise<Uint8Array> {
  checkStateKey(key);
  const sealed = unwrapped(blob);
  if (sealed === null) throw refusal(name);
  checkHeader(sealed, name);
  const isPassphrase = typeof key === 'string';
  if (sealed[KIND_OFFSET] !== (isPassphrase ? OF_PASSPHRASE : OF_KEY)) throw refusal(name);
  const header = sealed.subarray(0, HEADER_BYTES);
  const cipherKey = await cipherKeyOf(header, key, crypto);
  try {
    const content = sealed.subarray(HEADER_BYTES) as Bytes;
    return new Uint8Array(await crypto.subtle.decrypt(gcmOf(header), cipherKey, content));
  } catch (error) {
    throw refusal(name, error);
  }
}

function refusal(name: string, cause?: unknown): StateError {
  const why = 'the key is not the one it was encrypted with, or it was changed since';
  const out = 'give the right key, or boot the state of the other bank';
  const message = `'${name}' cannot be decrypted: ${why}; ${out}`;
  return new StateError('ERR_VISORFS_STATE_KEY', message, { cause });
}

/** Throws CorruptError for what this version never writes, before any work is done for it. */
function checkHeader(sealed: Uint8Array, name: string): void {
  const at = (offset: number, claim: string) =>
    new CorruptError(`${name}!${SEALED_FILE}`, offset, claim);
  const version = sealed[SEALED_MAGIC.length];
  if (version !== VERSION) {
    throw at(SEALED_MAGIC.length, `is of version ${version}; version ${VERSION} is read here`);
  }
  const kind = sealed[KIND_OFFSET];
  if (kind !== OF_PASSPHRASE && kind !== OF_KEY) {
    throw at(KIND_OFFSET, `its key is made in the manner ${kind}, which is not known`);
  }
  const rounds = u32(sealed, ROUNDS_OFFSET);
  const isFair = rounds >= STATE_ROUNDS_MIN_COUNT && rounds <= STATE_ROUNDS_MAX_COUNT;
  if (kind === OF_PASSPHRASE ? isFair : rounds === 0) return;
  const wanted = `${STATE_ROUNDS_MIN_COUNT} to ${STATE_ROUNDS_MAX_COUNT}`;
  throw at(ROUNDS_OFFSET, `asks for ${rounds} rounds; ${wanted} are done here for a passphrase`);
}

function gcmOf(header: Uint8Array): AesGcmParams {
  const iv = header.slice(NONCE_OFFSET, NONCE_OFFSET + NONCE_BYTES);
  return { name: 'AES-GCM', iv, additionalData: header as Bytes, tagLength: TAG_BYTES * 8 };
}

async function cipherKeyOf(
  header: Uint8Array,
  key: StateKey,
  { subtle }: Crypto,
): Promise<CryptoKey> {
  // Pages that came by http have a crypto without it.
  if (subtle === undefined) throw new RangeError('encryption takes a page that came by https');
  const salt = header.slice(SALT_OFFSET, SALT_OFFSET + SALT_BYTES);
  const isPassphrase = typeof key === 'string';
  const made = isPassphrase
    ? { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: u32(header, ROUNDS_OFFSET) }
    : { name: 'HKDF', hash: 'SHA-256', salt, info: INFO as Bytes };
  const bytes = (isPassphrase ? utf8(key) : key) as Bytes;
  const base = await subtle.importKey('raw', bytes, made.name, false, ['deriveKey']);
  const cipher = { name: 'AES-GCM', length: STATE_KEY_BYTES * 8 };
  return subtle.deriveKey(made, base, cipher, false, ['encrypt', 'decrypt']);
}

/** `sealed` as a state.tgz, in its one spelling. */
function wrapped(sealed: Uint8Array): Uint8Array {
  const header = encodeTarHeader({
    flavour: 'ustar',
    typeflag: '0',
    path: utf8(SEALED_FILE),
    size: sealed.length,
    mode: 0o600,
    uid: 0,
    gid: 0,
    mtimeSeconds: 0,
  });
  const padding = (BLOCK_BYTES - (sealed.length % BLOCK_BYTES)) % BLOCK_BYTES;
  const tar = concatBytes([header, sealed, new Uint8Array(padding + END_BYTES)]);
  const pieces: Uint8Array[] = [GZIP_HEAD];
  for (let offset = 0; offset < tar.length; offset += STORED_MAX_BYTES) {
    const stored = tar.subarray(offset, offset + STORED_MAX_BYTES);
    const head = new Uint8Array(STORED_HEAD_BYTES);
    head[0] = offset + stored.length === tar.length ? 1 : 0;
    putU16(head, 1, stored.length);
    putU16(head, 3, ~stored.length & 0xffff);
    pieces.push(head, stored);
  }
  const tail = new Uint8Array(GZIP_TAIL_BYTES);
  putU32(tail, 0, crc32(tar));
  putU32(tail, 4, tar.length);
  return concatBytes([...pieces, tail]);
}

/** What is in the state.tgz `blob`; null where its spelling is another than that of `wrapped`. */
function unwrapped(blob: Uint8Array): Uint8Array | null {
  const stored: Uint8Array[] = [];
  const end = blob.length - GZIP_TAIL_BYTES;
  const step = STORED_HEAD_BYTES + STORED_MAX_BYTES;
  for (let offset = GZIP_HEAD.length; offset < end; offset += step) {
    stored.push(blob.subarray(offset + STORED_HEAD_BYTES, Math.min(end, offset + step)));
  }
  const tar = concatBytes(stored);
  const size = Number.parseInt(latin1(tar, SIZE_OFFSET, SIZE_OFFSET + SIZE_CHARACTERS), 8);
  const fits = size >= HEADER_BYTES + TAG_BYTES && size <= tar.length - BLOCK_BYTES - END_BYTES;
  if (!fits) return null;
  const sealed = tar.subarray(BLOCK_BYTES, BLOCK_BYTES + size);
  return sameBytes(wrapped(sealed), blob) ? sealed : null;
}

/** The size of the member in its tar header, octal. */
const SIZE_OFFSET = 124;
const SIZE_CHARACTERS = 11;
