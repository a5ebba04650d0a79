/**
 * Signing, with OpenSSL as the judge of what is signed, and our own check beside it. Attacked with
 * keys of other forms, keys that are not those of the certificate, and heaps of certificates.
 */

import { beforeAll, describe, expect, test } from 'vitest';
import { concatBytes, text, utf8 } from '../../src/base/bytes.ts';
import { sign } from '../../src/software/sign.ts';
import { checkSignature, type SignatureVerdict } from '../../src/software/signature.ts';
import { Authority, hasOpenssl } from '../support/openssl.ts';

const CONTENT = utf8('<vib version="5.0"><name>tool</name></vib>');
const TOUCHED = utf8('<vib version="5.0"><name>fool</name></vib>');
/** Certificates are good from when they were made on, which is after this line. */
const NOW_MS = Date.now() + 3_600_000;

describe.skipIf(!hasOpenssl())('signatures of ours', () => {
  const ca = new Authority();

  beforeAll(() => {
    ca.root('root');
    for (const kind of ['rsa', 'p256', 'p384'] as const) {
      ca.key(kind, kind);
      ca.issue(kind, 'root');
    }
  });

  const verdict = (signature: Uint8Array): Promise<SignatureVerdict> => {
    const roots = [{ name: 'root', bytes: ca.bytes('root.pem') }];
    return checkSignature(CONTENT, signature, { roots, atMs: NOW_MS });
  };

  describe.each(['rsa', 'p256', 'p384'])('by %s', (signer) => {
    const ours = (signingTimeMs?: number, content = CONTENT): Promise<Uint8Array> => {
      const key = { name: `${signer}.key`, bytes: ca.bytes(`${signer}.key`) };
      const certificates = { name: `${signer}.pem`, bytes: ca.bytes(`${signer}.pem`) };
      const time = signingTimeMs === undefined ? {} : { signingTimeMs };
      return sign(content, { key, certificates, ...time });
    };

    test('is accepted by OpenSSL and by us, and not over other bytes', async () => {
      const signature = await ours();
      expect(text(signature)).toMatch(/^-----BEGIN PKCS7-----\n/);
      expect(ca.accepts(CONTENT, signature, 'root')).toBe(true);
      expect(ca.accepts(TOUCHED, signature, 'root')).toBe(false);
      expect(await verdict(signature)).toMatchObject({ status: 'trusted', atFrom: 'given' });
    });

    test.each([Date.UTC(2026, 10, 28, 12), Date.UTC(2061, 0, 1)])(
      'says the time %i where it is given one',
      async (time) => {
        const signature = await ours(time);
        expect(ca.accepts(CONTENT, signature)).toBe(true);
        const { atMs, atFrom } = await verdict(signature);
        expect([atMs, atFrom]).toEqual([time, 'signing time']);
      },
    );

    test.runIf(signer === 'rsa')('is the same bytes each time', async () => {
      expect(await ours()).toEqual(await ours());
    });
  });

  test('a key that is not that of the certificate signs nothing', async () => {
    const key = { name: 'p256.key', bytes: ca.bytes('p256.key') };
    const certificates = { name: 'rsa.pem', bytes: ca.bytes('rsa.pem') };
    await expect(sign(CONTENT, { key, certificates })).rejects.toThrow(
      "rsa.pem at 0x0: its first certificate is not that of the key in 'p256.key'",
    );
  });

  test('keys of other forms are refused with the way to mend them', async () => {
    const certificates = { name: 'rsa.pem', bytes: ca.bytes('rsa.pem') };
    ca.openssl('rsa', '-traditional', '-in', 'rsa.key', '-out', 'old.form');
    const locked = ['-topk8', '-passout', 'pass:x', '-in', 'rsa.key', '-out', 'locked.form'];
    ca.openssl('pkcs8', ...locked);
    ca.openssl('genpkey', '-algorithm', 'ed25519', '-out', 'odd.form');
    const claims: Readonly<Record<string, string>> = {
      'old.form': "holds a key framed 'RSA PRIVATE KEY'; wanted is PKCS #8 without a password",
      'locked.form': "holds a key framed 'ENCRYPTED PRIVATE KEY'",
      'odd.form': 'holds a key that cannot be used: it is neither RSA nor P-256, P-384 or P-521',
      'rsa.pem': 'holds no private key in PEM',
    };
    for (const [name, claim] of Object.entries(claims)) {
      const key = { name, bytes: ca.bytes(name) };
      await expect(sign(CONTENT, { key, certificates })).rejects.toThrow(claim);
    }
  });

  test('more certificates than are looked through are not put in', async () => {
    const many = concatBytes(Array.from({ length: 33 }, () => ca.bytes('rsa.pem')));
    const certificates = { name: 'many', bytes: many };
    const key = { name: 'rsa.key', bytes: ca.bytes('rsa.key') };
    await expect(sign(CONTENT, { key, certificates })).rejects.toThrow(
      'many at 0x0: holds more than 32 certificates',
    );
  });
});
