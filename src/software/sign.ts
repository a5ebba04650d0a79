/**
 * Signing a descriptor: a detached CMS SignedData in PEM, as `sig.pkcs7` holds it.
 *
 * By an RSA key it is PKCS #1 v1.5 with SHA-256, and the same bytes every time; by an EC key it is
 * ECDSA with SHA-256, which is another each time. There is no time in it unless one is given. The
 * digest and the type of the content are signed attributes, as in every signature of VMware's; the
 * certificates that are given go along, so that who has the root can find the way.
 *
 * Loaded with the first signature that is made. Not here: checking one (cms.ts).
 */

import { GeneralizedTime, ObjectIdentifier, OctetString, UTCTime } from 'asn1js';
import {
  Attribute,
  ContentInfo,
  EncapsulatedContentInfo,
  IssuerAndSerialNumber,
  PrivateKeyInfo,
  SignedAndUnsignedAttributes,
  SignedData,
  SignerInfo,
} from 'pkijs';
import { CorruptError } from '../base/errors.ts';
import { CERTIFICATES_MAX_COUNT } from '../base/limits.ts';
import { encodePem, pemBlocks } from '../format/pem.ts';
import { certificatesIn } from './certificates.ts';
import { checkCms, cryptoEngine } from './cms.ts';
import type { NamedBytes } from './signature.ts';

/** Who signs. */
export interface VibSigner {
  /** A private key of RSA or an elliptic curve: PKCS #8, in PEM, not encrypted. */
  readonly key: NamedBytes;
  /** The certificate of that key first, then those on the way to a root; in PEM. */
  readonly certificates: NamedBytes;
  /** When it was signed, in ms since 1970: said in the signature. Not said unless given. */
  readonly signingTimeMs?: number;
}

const DATA = '1.2.840.113549.1.7.1';
const SIGNED_DATA = '1.2.840.113549.1.7.2';
const CONTENT_TYPE = '1.2.840.113549.1.9.3';
const MESSAGE_DIGEST = '1.2.840.113549.1.9.4';
const SIGNING_TIME = '1.2.840.113549.1.9.5';
const RSA = '1.2.840.113549.1.1.1';
const ELLIPTIC_CURVE = '1.2.840.10045.2.1';
const CURVES: Readonly<Record<string, string>> = {
  '1.2.840.10045.3.1.7': 'P-256',
  '1.3.132.0.34': 'P-384',
  '1.3.132.0.35': 'P-521',
};
const HASH = 'SHA-256';

/**
 * The signature of `signer` over `content`. Throws CorruptError where the key or the certificates
 * cannot be read or do not belong together.
 */
export async function sign(content: Uint8Array, signer: VibSigner): Promise<Uint8Array> {
  const { name } = signer.certificates;
  const [certificate, ...others] = certificatesIn(signer.certificates.bytes);
  if (certificate === undefined) throw new CorruptError(name, 0, 'holds no certificate');
  if (others.length >= CERTIFICATES_MAX_COUNT) {
    throw new CorruptError(name, 0, `holds more than ${CERTIFICATES_MAX_COUNT} certificates`);
  }
  const engine = cryptoEngine();
  const key = await privateKey(signer.key);
  const digest = await crypto.subtle.digest(HASH, content as Uint8Array<ArrayBuffer>);
  const info = new SignerInfo({
    version: 1,
    sid: new IssuerAndSerialNumber({
      issuer: certificate.issuer,
      serialNumber: certificate.serialNumber,
    }),
    signedAttrs: signedAttributes(digest, signer.signingTimeMs),
  });
  const signedData = new SignedData({
    version: 1,
    encapContentInfo: new EncapsulatedContentInfo({ eContentType: DATA }),
    signerInfos: [info],
    certificates: [certificate, ...others],
  });
  await signedData.sign(key, 0, HASH, undefined, engine);
  const whole = new ContentInfo({ contentType: SIGNED_DATA, content: signedData.toSchema(true) });
  const der = new Uint8Array(whole.toSchema().toBER());
  // A signature that its own certificate does not bear out is never given away.
  const { status } = await checkCms(der, content, [], 0);
  if (status === 'invalid') {
    const claim = `its first certificate is not that of the key in '${signer.key.name}'`;
    throw new CorruptError(name, 0, claim);
  }
  return encodePem('PKCS7', der);
}

async function privateKey({ name, bytes }: NamedBytes): Promise<CryptoKey> {
  const [block] = pemBlocks(bytes).filter(({ label }) => label.endsWith('PRIVATE KEY'));
  if (block === undefined) throw new CorruptError(name, 0, 'holds no private key in PEM');
  if (block.label !== 'PRIVATE KEY') {
    const claim =
      `holds a key framed '${block.label}'; wanted is PKCS #8 without a password, ` +
      'which `openssl pkcs8 -topk8 -nocrypt` makes of it';
    throw new CorruptError(name, 0, claim);
  }
  const der = block.bytes as Uint8Array<ArrayBuffer>;
  try {
    return await crypto.subtle.importKey('pkcs8', der, algorithmOf(der), false, ['sign']);
  } catch (error) {
    throw new CorruptError(name, 0, `holds a key that cannot be used: ${(error as Error).message}`);
  }
}

/** What WebCrypto calls the algorithm of the key `der`. Throws RangeError where it has no such. */
function algorithmOf(der: Uint8Array<ArrayBuffer>): RsaHashedImportParams | EcKeyImportParams {
  const { algorithmId, algorithmParams } = PrivateKeyInfo.fromBER(der).privateKeyAlgorithm;
  if (algorithmId === RSA) return { name: 'RSASSA-PKCS1-v1_5', hash: HASH };
  const curve =
    algorithmId === ELLIPTIC_CURVE && algorithmParams instanceof ObjectIdentifier
      ? CURVES[algorithmParams.valueBlock.toString()]
      : undefined;
  if (curve === undefined) throw new RangeError('it is neither RSA nor P-256, P-384 or P-521');
  return { name: 'ECDSA', namedCurve: curve };
}

function signedAttributes(digest: ArrayBuffer, timeMs?: number): SignedAndUnsignedAttributes {
  const attributes = [
    new Attribute({ type: CONTENT_TYPE, values: [new ObjectIdentifier({ value: DATA })] }),
    // Sets are sorted by their bytes, and the time is shorter than the digest.
    ...(timeMs === undefined
      ? []
      : [new Attribute({ type: SIGNING_TIME, values: [timeOf(timeMs)] })]),
    new Attribute({ type: MESSAGE_DIGEST, values: [new OctetString({ valueHex: digest })] }),
  ];
  return new SignedAndUnsignedAttributes({ type: 0, attributes });
}

/** Two digits say the years 1950 to 2049. */
function timeOf(timeMs: number): UTCTime {
  const valueDate = new Date(timeMs);
  const year = valueDate.getUTCFullYear();
  return year >= 1950 && year < 2050
    ? new UTCTime({ valueDate })
    : new GeneralizedTime({ valueDate });
}
