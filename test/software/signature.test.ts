/**
 * Signatures, with OpenSSL as the one who signs and as the judge: wherever it has an opinion, ours
 * must be the same. Attacked with every kind of key, content and signatures that were touched,
 * certificates that are late, early, not of an issuer, or issue each other in a circle, and with
 * signatures that bring content of their own.
 */

import { beforeAll, describe, expect, test } from 'vitest';
import { concatBytes, text, utf8 } from '../../src/base/bytes.ts';
import { pemBlocks } from '../../src/format/pem.ts';
import { checkSignature, type SignatureVerdict } from '../../src/software/signature.ts';
import { Authority, hasOpenssl, ISSUER } from '../support/openssl.ts';
import { prng, seeds } from '../support/prng.ts';

const CONTENT = utf8('<vib version="5.0"><name>tool</name></vib>');
const TOUCHED = utf8('<vib version="5.0"><name>fool</name></vib>');
/** Certificates are good from when they were made on, which is after this line. */
const NOW_MS = Date.now() + 3_600_000;
const YEAR_MS = 365 * 86_400_000;

describe.skipIf(!hasOpenssl())('signatures by OpenSSL', () => {
  const ca = new Authority();

  beforeAll(() => {
    ca.root('root');
    ca.root('stranger');
    ca.root('old', 'rsa');
    for (const kind of ['rsa', 'p256', 'p384'] as const) {
      ca.key(kind, kind);
      ca.issue(kind, 'root', ['subjectKeyIdentifier=hash']);
    }
    ca.key('between');
    ca.issue('between', 'root', ISSUER);
    ca.key('leaf', 'rsa');
    ca.issue('leaf', 'between');
  });

  const verdict = (
    signature: Uint8Array,
    roots: readonly string[] = ['root'],
    content = CONTENT,
    atMs = NOW_MS,
  ): Promise<SignatureVerdict> => {
    const named = roots.map((name) => ({ name, bytes: ca.bytes(`${name}.pem`) }));
    return checkSignature(content, signature, { roots: named, atMs });
  };

  const WAYS: readonly (readonly [how: string, signer: string, options: readonly string[]])[] = [
    ['by RSA', 'rsa', []],
    ['by RSA-PSS', 'rsa', ['-keyopt', 'rsa_padding_mode:pss']],
    ['by ECDSA with P-256', 'p256', []],
    ['by ECDSA with P-384 and SHA-384', 'p384', ['-md', 'sha384']],
    ['without attributes', 'rsa', ['-noattr']],
    ['that names the key and not the issuer', 'p256', ['-keyid']],
    ['with SHA-1', 'rsa', ['-md', 'sha1']],
  ];

  describe.each(WAYS)('a signature %s', (_how, signer, options) => {
    let signature: Uint8Array;
    beforeAll(() => {
      signature = ca.sign(CONTENT, signer, options);
    });

    test('is trusted with its root, untrusted without, as OpenSSL has it', async () => {
      expect(ca.accepts(CONTENT, signature, 'root')).toBe(true);
      expect(await verdict(signature)).toMatchObject({
        ...{ status: 'trusted', signer, trustedBy: 'root' },
        reason: `'root' vouches for '${signer}'`,
      });
      expect(ca.accepts(CONTENT, signature, 'stranger')).toBe(false);
      expect(ca.accepts(CONTENT, signature)).toBe(true);
      expect(await verdict(signature, ['stranger'])).toMatchObject({ status: 'untrusted', signer });
      expect(await verdict(signature, [])).toMatchObject({
        ...{ status: 'untrusted', trustedBy: null, reason: 'no root was named to trust' },
      });
    });

    test('is invalid over other bytes, whoever is trusted', async () => {
      expect(ca.accepts(TOUCHED, signature)).toBe(false);
      expect(await verdict(signature, ['root'], TOUCHED)).toMatchObject({ status: 'invalid' });
      expect(await verdict(signature, ['root'], CONTENT.subarray(1))).toMatchObject({
        status: 'invalid',
      });
    });

    test('is never trusted where a byte of it was changed, and OpenSSL agrees', async () => {
      const [{ bytes, label } = { bytes: CONTENT, label: '' }] = pemBlocks(signature);
      // The last bytes are those of the signature itself.
      for (const back of [1, 9, 30]) {
        const touched = bytes.slice();
        touched[touched.length - back]! ^= 0x10;
        const pem = pemOf(label, touched);
        expect(ca.accepts(CONTENT, pem)).toBe(false);
        expect(await verdict(pem)).toMatchObject({ status: 'invalid' });
      }
    });
  });

  test('several roots may be named, and the one that vouches is told', async () => {
    const signature = ca.sign(CONTENT, 'rsa');
    expect(await verdict(signature, ['old', 'stranger', 'root'])).toMatchObject({
      ...{ status: 'trusted', trustedBy: 'root' },
    });
  });

  test('one PEM may hold several roots, and a root may be DER', async () => {
    const signature = ca.sign(CONTENT, 'rsa');
    const both = concatBytes([ca.bytes('stranger.pem'), ca.bytes('root.pem')]);
    const atMs = NOW_MS;
    for (const bytes of [both, pemBlocks(ca.bytes('root.pem'))[0]!.bytes]) {
      const options = { roots: [{ name: 'roots', bytes }], atMs };
      expect(await checkSignature(CONTENT, signature, options)).toMatchObject({
        status: 'trusted',
      });
    }
  });

  test('a root that is no certificate is an error that names it', async () => {
    const signature = ca.sign(CONTENT, 'rsa');
    const roots = [{ name: 'notes.txt', bytes: utf8('no certificate') }];
    await expect(checkSignature(CONTENT, signature, { roots, atMs: NOW_MS })).rejects.toThrow(
      'notes.txt at 0x0: holds no certificate, PEM or DER',
    );
  });

  describe('by way of an intermediate', () => {
    test('is trusted where the intermediate came along', async () => {
      const signature = ca.sign(CONTENT, 'leaf', ['-certfile', 'between.pem']);
      expect(ca.accepts(CONTENT, signature, 'root')).toBe(true);
      expect(await verdict(signature)).toMatchObject({ status: 'trusted', trustedBy: 'root' });
    });

    test('is untrusted where it did not, unless the intermediate is what is trusted', async () => {
      const signature = ca.sign(CONTENT, 'leaf');
      expect(ca.accepts(CONTENT, signature, 'root')).toBe(false);
      expect(await verdict(signature)).toMatchObject({
        status: 'untrusted',
        reason: "'between', who issued the certificate of 'leaf', is no root that was named",
      });
      expect(ca.accepts(CONTENT, signature, 'between', ['-partial_chain'])).toBe(true);
      expect(await verdict(signature, ['between'])).toMatchObject({ trustedBy: 'between' });
    });

    test('the certificate of the signer itself may be what is trusted', async () => {
      const signature = ca.sign(CONTENT, 'leaf');
      expect(ca.accepts(CONTENT, signature, 'leaf', ['-partial_chain'])).toBe(true);
      expect(await verdict(signature, ['leaf'])).toMatchObject({ trustedBy: 'leaf' });
    });
  });

  describe('certificates that must not issue others', () => {
    const CASES: readonly (readonly [why: string, extensions: readonly string[], claim: RegExp])[] =
      [
        [
          'is of the first version, which has no word for it',
          [],
          /is not one that may issue others/,
        ],
        ['says nothing of it', ['keyUsage=keyCertSign'], /is not one that may issue others/],
        ['says that it may not', ['basicConstraints=CA:FALSE'], /is not one that may issue others/],
        [
          'is for other uses',
          ['basicConstraints=CA:TRUE', 'keyUsage=digitalSignature'],
          /is not for issuing/,
        ],
        [
          'has a critical extension that nobody knows',
          ['basicConstraints=CA:TRUE', '1.2.3.4=critical,ASN1:NULL'],
          /has a critical extension 1\.2\.3\.4/,
        ],
      ];

    test.each(CASES)('one that %s makes no chain', async (_why, extensions, claim) => {
      ca.key('false');
      ca.issue('false', 'root', extensions);
      ca.key('victim');
      ca.issue('victim', 'false');
      const signature = ca.sign(CONTENT, 'victim', ['-certfile', 'false.pem']);
      expect(ca.accepts(CONTENT, signature, 'root')).toBe(false);
      const { status, reason } = await verdict(signature);
      expect(status).toBe('untrusted');
      expect(reason).toMatch(claim);
    });

    test('a path that is longer than an issuer allows makes none', async () => {
      ca.key('short');
      ca.issue('short', 'root', ['basicConstraints=critical,CA:TRUE,pathlen:0']);
      ca.key('below');
      ca.issue('below', 'short', ISSUER);
      ca.key('deep');
      ca.issue('deep', 'below');
      ca.write('way.pem', concatBytes([ca.bytes('short.pem'), ca.bytes('below.pem')]));
      const signature = ca.sign(CONTENT, 'deep', ['-certfile', 'way.pem']);
      expect(ca.accepts(CONTENT, signature, 'root')).toBe(false);
      expect(await verdict(signature)).toMatchObject({
        status: 'untrusted',
        reason: "the certificate of 'short' is too far from the signer",
      });
    });

    test('a certificate that is not for signatures signs nothing', async () => {
      ca.key('sealer');
      ca.issue('sealer', 'root', ['keyUsage=critical,keyEncipherment']);
      const signature = ca.sign(CONTENT, 'sealer');
      expect(ca.accepts(CONTENT, signature, 'root')).toBe(false);
      expect(await verdict(signature)).toMatchObject({
        status: 'untrusted',
        reason: "the certificate of 'sealer' is not for signatures",
      });
    });

    test('one of the same name and another key makes none', async () => {
      ca.key('twin', 'p256', '/O=Tests/CN=root');
      ca.openssl(
        ...['req', '-x509', '-days', '9', '-key', 'twin.key', '-out', 'twin.pem'],
        ...['-subj', '/O=Tests/CN=root'],
      );
      const signature = ca.sign(CONTENT, 'rsa');
      expect(ca.accepts(CONTENT, signature, 'twin')).toBe(false);
      expect(await verdict(signature, ['twin'])).toMatchObject({ status: 'untrusted' });
    });
  });

  test('certificates that issued each other in a circle come to an end', async () => {
    for (const name of ['hen', 'egg']) ca.root(name);
    ca.issue('hen', 'egg', ISSUER, 'hen-by-egg');
    ca.issue('egg', 'hen', ISSUER, 'egg-by-hen');
    ca.key('chick');
    ca.issue('chick', 'hen-by-egg');
    ca.write('circle.pem', concatBytes([ca.bytes('hen-by-egg.pem'), ca.bytes('egg-by-hen.pem')]));
    const signature = ca.sign(CONTENT, 'chick', ['-certfile', 'circle.pem']);
    expect(await verdict(signature)).toMatchObject({ status: 'untrusted' });
    expect(await verdict(signature, ['egg'])).toMatchObject({ trustedBy: 'egg' });
  });

  describe('time', () => {
    test('with a signing time, certificates must have been good then, not now', async () => {
      const signature = ca.sign(CONTENT, 'rsa');
      const late = await verdict(signature, ['root'], CONTENT, NOW_MS + 20 * YEAR_MS);
      expect(late).toMatchObject({ status: 'trusted', atFrom: 'signing time' });
      expect(Math.abs(late.atMs! - Date.now())).toBeLessThan(600_000);
    });

    test.each([
      ['expired', 2 * YEAR_MS, /^the certificate of 'rsa' expired on \d{4}-\d\d-\d\d$/],
      ['not good yet', -YEAR_MS, /^the certificate of 'rsa' is not good before \d{4}-\d\d-\d\d$/],
    ])('without one, a certificate that is %s then makes it untrusted', async (_, by, claim) => {
      const signature = ca.sign(CONTENT, 'rsa', ['-noattr']);
      const atMs = NOW_MS + by;
      const attime = ['-attime', String(Math.floor(atMs / 1000))];
      expect(ca.accepts(CONTENT, signature, 'root', attime)).toBe(false);
      const { status, reason, atFrom } = await verdict(signature, ['root'], CONTENT, atMs);
      expect([status, atFrom]).toEqual(['untrusted', 'given']);
      expect(reason).toMatch(claim);
    });

    test('so does one of an issuer that expires before its own', async () => {
      ca.key('brief');
      ca.issue('brief', 'root', ISSUER, 'brief', 1);
      ca.key('heir');
      ca.issue('heir', 'brief');
      const signature = ca.sign(CONTENT, 'heir', ['-noattr', '-certfile', 'brief.pem']);
      expect((await verdict(signature)).status).toBe('trusted');
      const { reason } = await verdict(signature, ['root'], CONTENT, NOW_MS + YEAR_MS / 2);
      expect(reason).toMatch(/^the certificate of 'brief' expired on /);
    });
  });

  test('content within the signature is refused, though it be right', async () => {
    const signature = ca.sign(CONTENT, 'rsa', ['-nodetach']);
    expect(await verdict(signature)).toMatchObject({
      status: 'invalid',
      reason: 'it brings content of its own, where it must be detached',
    });
    // pkijs by itself would take the content within, and call this one right.
    expect((await verdict(signature, ['root'], TOUCHED)).status).toBe('invalid');
  });

  test('of two signers both must be right, and one must be trusted', async () => {
    ca.key('other');
    ca.issue('other', 'stranger');
    const two = ['-signer', 'other.pem', '-inkey', 'other.key'];
    const signature = ca.sign(CONTENT, 'rsa', two);
    expect(await verdict(signature)).toMatchObject({ status: 'trusted', signer: 'rsa' });
    expect(await verdict(signature, ['stranger'])).toMatchObject({ signer: 'other' });
    expect(await verdict(signature, ['old'])).toMatchObject({ status: 'untrusted' });
  });

  test('more certificates than anybody needs are not looked through', async () => {
    const names = Array.from({ length: 33 }, (_, index) => `many${index}`);
    for (const name of names) ca.issue('between', 'root', ISSUER, name);
    const many = concatBytes(names.map((name) => ca.bytes(`${name}.pem`)));
    ca.write('many.pem', many);
    expect(await verdict(ca.sign(CONTENT, 'rsa', ['-certfile', 'many.pem']))).toMatchObject({
      ...{ status: 'invalid', reason: 'it has more than 32 certificates' },
    });
  });

  test('without the certificate of its signer it cannot be checked', async () => {
    const signature = ca.sign(CONTENT, 'rsa', ['-nocerts']);
    expect(await verdict(signature)).toMatchObject({ status: 'invalid' });
  });

  test('PEM of PKCS7 with or without a newline behind it is one signature', async () => {
    const signature = ca.sign(CONTENT, 'rsa');
    const bare = text(signature).trimEnd();
    const old = utf8(bare.replaceAll('CMS', 'PKCS7'));
    expect(await verdict(old)).toMatchObject({ status: 'trusted' });
    expect(await verdict(utf8(bare))).toMatchObject({ status: 'trusted' });
  });

  for (const seed of seeds(3)) {
    test(`whatever is changed, there is a verdict (SEED=${seed})`, async () => {
      const { below } = prng(seed);
      const [{ bytes } = { bytes: CONTENT }] = pemBlocks(
        ca.sign(CONTENT, 'leaf', ['-certfile', 'between.pem']),
      );
      for (let round = 0; round < 40; round++) {
        const touched = bytes.slice(0, below(9) === 0 ? below(bytes.length) : bytes.length);
        for (let count = below(4); count >= 0; count--) {
          touched[below(touched.length)] = below(256);
        }
        const pem = pemOf('CMS', touched);
        const { status, signer, trustedBy } = await verdict(pem);
        expect(['trusted', 'untrusted', 'invalid']).toContain(status);
        // OpenSSL is stricter with the form of what no signature covers: so it is no judge here.
        if (status === 'trusted') expect([signer, trustedBy]).toEqual(['leaf', 'root']);
        expect((await verdict(pem, ['root'], TOUCHED)).status).toBe('invalid');
      }
    });
  }
});

function pemOf(label: string, der: Uint8Array): Uint8Array {
  const lines = Buffer.from(der)
    .toString('base64')
    .match(/.{1,64}/g)!;
  return utf8(`-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`);
}

describe('what is no signature', () => {
  const options = { atMs: 0 };

  test('is unsigned where there is nothing, and unchecked where nobody asks', async () => {
    expect(await checkSignature(CONTENT, new Uint8Array(0), options)).toMatchObject({
      status: 'unsigned',
    });
    expect(await checkSignature(CONTENT, utf8('anything'))).toMatchObject({ status: 'unchecked' });
  });

  test.each([
    ['text', utf8('signed, me')],
    ['a PEM of nothing', pemOf('PKCS7', utf8('x'))],
    ['a PEM of an empty sequence', pemOf('CMS', Uint8Array.of(0x30, 0))],
    ['two of them', concatBytes([pemOf('CMS', utf8('x')), pemOf('CMS', utf8('y'))])],
    ['a frame that never ends', utf8('-----BEGIN PKCS7-----\nMIIF')],
    ['nested without end', pemOf('CMS', nested(3000))],
    ['PEM of something else', pemOf('CERTIFICATE', Uint8Array.of(0x30, 0))],
  ])('is invalid where it is %s', async (_what, signature) => {
    expect(await checkSignature(CONTENT, signature, options)).toMatchObject({ status: 'invalid' });
  });
});

/** Sequences in sequences, `depth` of them, of indefinite length. */
function nested(depth: number): Uint8Array {
  return new Uint8Array(2 * depth).map((_, index) => (index % 2 === 0 ? 0x30 : 0x80));
}
