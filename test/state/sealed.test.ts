// A state that is encrypted: byte by byte by our own format, with each bit of it attacked. The
// judges are node's own crypto, which decrypts by the table in the file's header and by nothing
// else, and GNU tar and Python, which list what they cannot read.

import { execFileSync } from 'node:child_process';
import { createDecipheriv, hkdfSync, pbkdf2Sync } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { concatBytes, sameBytes, utf8 } from '../../src/base/bytes.ts';
import { CorruptError } from '../../src/base/errors.ts';
import { nativeCodec } from '../../src/node/native-codecs.ts';
import { openState, packState } from '../../src/state/archive.ts';
import { isSealed } from '../../src/state/seal-marks.ts';
import { sealState, unsealState } from '../../src/state/sealed.ts';
import { StateError } from '../../src/state/state-error.ts';

const { crypto } = globalThis;
const KEY = Uint8Array.from({ length: 32 }, (_, index) => index);
const PASSPHRASE = 'correct horse battery staple';
/** The least that is taken, so that the tests are quick. */
const ROUNDS = 1000;
const ENVELOPE_OFFSET = 15 + 512;

async function plain(content = 'secret\n'): Promise<Uint8Array> {
  const file = { mode: 0o600, uid: 0, gid: 0, mtimeSeconds: 1 };
  return packState([{ ...file, path: utf8('etc/shadow'), bytes: utf8(content) }], nativeCodec);
}

/** Decrypted by the table in the header of sealed.ts, with node's crypto instead of WebCrypto. */
function byTheTable(blob: Uint8Array, key: string | Uint8Array): Uint8Array {
  const tar = gunzipSync(blob);
  const size = Number.parseInt(tar.toString('latin1', 124, 135), 8);
  const sealed = tar.subarray(512, 512 + size);
  expect(tar.toString('latin1', 0, 13)).toBe('local.tgz.ve\0');
  expect(sealed.toString('latin1', 0, 8)).toBe('VFSSTATE');
  expect(sealed[8]).toBe(1);
  const salt = sealed.subarray(16, 48);
  const made =
    sealed[9] === 1
      ? pbkdf2Sync(key, salt, sealed.readUInt32LE(12), 32, 'sha256')
      : Buffer.from(hkdfSync('sha256', key, salt, 'visorfs state 1', 32));
  const cipher = createDecipheriv('aes-256-gcm', made, sealed.subarray(48, 60));
  cipher.setAAD(sealed.subarray(0, 60));
  cipher.setAuthTag(sealed.subarray(size - 16));
  return Buffer.concat([cipher.update(sealed.subarray(60, size - 16)), cipher.final()]);
}

async function refusal(blob: Uint8Array, key: string | Uint8Array = KEY): Promise<unknown> {
  return unsealState(blob, key, crypto, 'state.tgz').then(
    () => null,
    (error: unknown) => error,
  );
}

describe.each([
  ['a key of 32 bytes', KEY],
  ['a passphrase', PASSPHRASE],
])('with %s', (_name, key) => {
  test('node’s own crypto decrypts by the table what WebCrypto encrypted', async () => {
    const blob = await plain();
    const sealed = await sealState(blob, key, crypto, ROUNDS);
    expect(byTheTable(sealed, key)).toEqual(Buffer.from(blob));
    expect(await unsealState(sealed, key, crypto, 'x')).toEqual(new Uint8Array(blob));
  });

  test('the same state is other bytes each time, by salt and nonce', async () => {
    const blob = await plain();
    const tries = await Promise.all(
      Array.from({ length: 8 }, () => sealState(blob, key, crypto, ROUNDS)),
    );
    const drawn = (from: number, to: number) =>
      new Set(tries.map((one) => Buffer.from(one).toString('hex', from, to)));
    expect(drawn(ENVELOPE_OFFSET + 16, ENVELOPE_OFFSET + 48).size).toBe(8);
    expect(drawn(ENVELOPE_OFFSET + 48, ENVELOPE_OFFSET + 60).size).toBe(8);
  });
});

test('a state above one stored block of deflate comes back whole', async () => {
  const noise = crypto.getRandomValues(new Uint8Array(60_000));
  const blob = concatBytes([noise, noise, noise, noise]);
  const sealed = await sealState(blob, KEY, crypto);
  expect(sameBytes(byTheTable(sealed, KEY), blob)).toBe(true);
  expect(sameBytes(await unsealState(sealed, KEY, crypto, 'x'), blob)).toBe(true);
});

test('every flipped bit of the file is refused, whichever it is', async () => {
  const sealed = await sealState(await plain(), KEY, crypto);
  const byCode = new Map<string, number>();
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    sealed[bit >> 3]! ^= 1 << (bit & 7);
    // As a boot does it: what is no longer known for encrypted has to be no state at all.
    const error = isSealed(sealed)
      ? await refusal(sealed)
      : await openState(sealed, nativeCodec).then(
          () => null,
          (thrown: unknown) => thrown,
        );
    const isRefused = error instanceof StateError || error instanceof CorruptError;
    if (!isRefused) throw new Error(`bit ${bit} was not missed: ${String(error)}`);
    byCode.set(error.code, (byCode.get(error.code) ?? 0) + 1);
    sealed[bit >> 3]! ^= 1 << (bit & 7);
  }
  expect([...byCode.keys()].sort()).toEqual(['ERR_VISORFS_CORRUPT', 'ERR_VISORFS_STATE_KEY']);
  expect(await unsealState(sealed, KEY, crypto, 'x')).toHaveLength((await plain()).length);
});

test('a wrong key, one of the other kind and a changed state are told alike', async () => {
  const sealed = await sealState(await plain(), KEY, crypto);
  const flipped = sealed.slice();
  flipped[ENVELOPE_OFFSET + 70]! ^= 1;
  const errors = [
    await refusal(
      sealed,
      KEY.map((byte) => byte ^ 1),
    ),
    await refusal(sealed, PASSPHRASE),
    await refusal(flipped),
    await refusal(sealed.subarray(0, 700)),
  ];
  const messages = new Set(errors.map((error) => (error as StateError).message));
  expect([...messages]).toEqual([
    "'state.tgz' cannot be decrypted: the key is not the one it was encrypted with, or it was " +
      'changed since; give the right key, or boot the state of the other bank',
  ]);
  for (const error of errors) expect(error).toMatchObject({ code: 'ERR_VISORFS_STATE_KEY' });
});

test('a state cut short anywhere is refused', async () => {
  const sealed = await sealState(await plain(), KEY, crypto);
  for (let size = 0; size < sealed.length; size += 7) {
    expect(await refusal(sealed.subarray(0, size)), `${size}`).toBeInstanceOf(StateError);
  }
});

/** A header that says something else, and around it everything as it should be. */
async function withHeader(change: (sealed: Uint8Array) => void): Promise<Uint8Array> {
  const crafted = {
    getRandomValues: (bytes: Uint8Array) => bytes,
    subtle: {
      importKey: async () => null,
      deriveKey: async () => null,
      encrypt: async ({ additionalData }: { additionalData: Uint8Array }) => {
        change(additionalData);
        return new ArrayBuffer(64);
      },
    },
  };
  return sealState(await plain(), PASSPHRASE, crafted as unknown as Crypto, ROUNDS);
}

test.each([
  ['no rounds', (h: Uint8Array) => h.fill(0, 12, 16), 'asks for 0 rounds'],
  ['too many', (h: Uint8Array) => h.fill(0xff, 12, 16), 'asks for 4294967295 rounds'],
  ['another version', (h: Uint8Array) => h.fill(2, 8, 9), 'is of version 2'],
  ['another way', (h: Uint8Array) => h.fill(3, 9, 10), 'in the manner 3'],
])('a header that asks for %s is refused before any key is made', async (_what, change, claim) => {
  const hostile = await withHeader(change);
  const untouched = { subtle: { importKey: () => Promise.reject(new Error('was asked')) } };
  const reading = unsealState(hostile, PASSPHRASE, untouched as unknown as Crypto, 'state.tgz');
  await expect(reading).rejects.toThrow(CorruptError);
  await expect(reading).rejects.toThrow(claim);
});

test.each([
  ['no bytes', new Uint8Array(0)],
  ['31 bytes', new Uint8Array(31)],
  ['an empty passphrase', ''],
])('%s are no key', async (_name, key) => {
  await expect(sealState(await plain(), key, crypto)).rejects.toThrow(RangeError);
});

test('GNU tar and Python list the one member that they cannot read', async () => {
  const sealed = await sealState(await plain(), KEY, crypto);
  expect(execFileSync('tar', ['tzf', '-'], { input: sealed, encoding: 'utf8' })).toBe(
    'local.tgz.ve\n',
  );
  const script =
    'import sys,tarfile,io; ' +
    'print(tarfile.open(fileobj=io.BytesIO(sys.stdin.buffer.read())).getnames())';
  const listed = execFileSync('python3', ['-c', script], { input: sealed, encoding: 'utf8' });
  expect(listed).toBe("['local.tgz.ve']\n");
});

test('a state that another tool packed anew is refused, and said to be', async () => {
  const sealed = await sealState(await plain(), KEY, crypto);
  const repacked = await nativeCodec.gzip(gunzipSync(sealed));
  expect(isSealed(repacked)).toBe(false);
  await expect(openState(repacked, nativeCodec)).rejects.toThrow('packed anew since');
});
