/**
 * The signature of a VIB: whose it is, whether it is over these bytes, and who vouches for that.
 */

/** Whom to trust, and when. */
export interface SignatureOptions {
  /** Certificates that are trusted, each PEM or DER; one PEM may hold several. */
  readonly roots?: readonly Uint8Array[];
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
export interface SignatureVerdict {
  readonly status: 'unsigned' | 'invalid' | 'untrusted' | 'trusted' | 'unchecked';
  /** Why it is so, in a sentence without its full stop. */
  readonly reason: string;
  /** The common name in the certificate of the signer, or all of its name. */
  readonly signer: string | null;
  readonly trustedBy: string | null;
  /** When certificates had to be good, and who says so. */
  readonly atMs: number | null;
  readonly atFrom: 'signing time' | 'given' | null;
}
