/**
 * The signature of a VIB: whose it is, whether it is over these bytes, and who vouches for that.
 *
 * It is a CMS SignedData in PEM, detached, over the exact bytes of descriptor.xml; the payloads are
 * covered by the sums in there, and by nothing else. «Trusted» is never said without a chain of
 * certificates to one that the user named: no root is built in.
 *
 * Certificates must be good at the time that the signer says, where the signature has one
 * (signingTime), else at a time that the caller gives: signing certificates expire long before what
 * they signed is of no use. The time of the signer is only as true as the signer.
 *
 * Not asked: whether a certificate was revoked, and for which use it was given beyond signing.
 *
 * The library for CMS and certificates is large, so it is loaded with the first signature.
 */

import { CorruptError } from '../base/errors.ts';
import { pemBlocks } from '../format/pem.ts';

/** Bytes that messages can name. */
export interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Whom to trust, and when. */
export interface SignatureOptions {
  /** Certificates that are trusted, PEM or DER; one PEM may hold several. */
  readonly roots?: readonly NamedBytes[];
  /** When certificates must be good, in ms since 1970, where the signature has no time. */
  readonly atMs: number;
}

/**
 * What a signature is worth:
 *
 *   unsigned    there is none
 *   invalid     it is no signature, or not over these bytes
 *   untrusted   it is over these bytes, by whoever says to be `signer`: no root vouches for that
 *   trusted     it is over these bytes, and `trustedBy`, which the user named, vouches for `signer`
 *   unchecked   there is one, and nobody asked
 */
export type SignatureStatus = 'unsigned' | 'invalid' | 'untrusted' | 'trusted' | 'unchecked';

/** What was found of a signature. */
export interface SignatureVerdict {
  readonly status: SignatureStatus;
  /** Why it is so, in a sentence without its full stop. */
  readonly reason: string;
  /** The common name in the certificate of the signer, or all of its name. */
  readonly signer: string | null;
  /** The name of the root that vouches. */
  readonly trustedBy: string | null;
  /** When certificates had to be good, in ms since 1970, and who says so. */
  readonly atMs: number | null;
  readonly atFrom: 'signing time' | 'given' | null;
}

/** A verdict without a signer. */
export function bareVerdict(status: SignatureStatus, reason: string): SignatureVerdict {
  return { status, reason, signer: null, trustedBy: null, atMs: null, atFrom: null };
}

/**
 * What `signature`, which is what sig.pkcs7 holds, is worth over `content`. Unchecked without
 * `options`. Throws CorruptError where a root is no certificate; a bad signature is a verdict.
 */
export async function checkSignature(
  content: Uint8Array,
  signature: Uint8Array,
  options?: SignatureOptions,
): Promise<SignatureVerdict> {
  if (signature.length === 0) return bareVerdict('unsigned', 'nobody signed it');
  if (options === undefined) return bareVerdict('unchecked', 'it was not asked for');
  const blocks = pemBlocks(signature).filter(({ label }) => /^(PKCS7|CMS)$/.test(label));
  if (blocks.length !== 1) {
    return bareVerdict(
      'invalid',
      `it holds ${blocks.length} PEM blocks of PKCS7, where one belongs`,
    );
  }
  const { certificatesIn, checkCms } = await import('./cms.ts');
  const roots = (options.roots ?? []).flatMap(({ name, bytes }) => {
    const found = certificatesIn(bytes);
    if (found.length === 0) throw new CorruptError(name, 0, 'holds no certificate, PEM or DER');
    return found;
  });
  return checkCms(blocks[0]!.bytes, content, roots, options.atMs);
}
