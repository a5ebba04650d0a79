/**
 * Repr-Digest (RFC 9530): what a server says that a file sums up to.
 *
 *   Repr-Digest: sha-256=:uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=:, sha-512=:…:
 *
 * A dictionary of structured fields (RFC 8941): the sums in base64 between colons, of the whole
 * file whatever range of it the answer has. Of the known sums sha-256 is looked at; a sum that
 * stands in another manner is none.
 */

/** The base64 of the sha-256 that `header` says; null where it says none. */
export function reprSha256(header: string | null): string | null {
  const match = /(?:^|,)[ \t]*sha-256=:([A-Za-z0-9+/]{43}=):[ \t]*(?:,|;|$)/.exec(header ?? '');
  return match === null ? null : match[1]!;
}

/** The header that says that a file has the sha-256 `sum`. */
export function reprDigest(sum: Uint8Array): string {
  return `sha-256=:${btoa(String.fromCharCode(...sum))}:`;
}
