/**
 * What is found wrong with a VIB: one word for programs, one sentence for people.
 *
 *   payload-missing       the descriptor names a payload that is no member
 *   payload-repeated      two payloads, or two members, have one name
 *   member-unlisted       a member that the descriptor does not speak of: nobody answers for it
 *   payload-size          the member has another size than the descriptor says
 *   payload-unsummed      the descriptor has no sum over the payload
 *   payload-unreadable    it cannot be decoded, or is no archive
 *   uncompressed-size     after one gunzip it has another size than the descriptor says
 *   checksum              a sum is another than the descriptor says
 *   checksum-unknown      a kind of sum that is not known here
 *   file-missing          the file list has a file that no payload has
 *   file-unlisted         a payload has a file that the file list has not
 *   signature-invalid     the signature is none, or is not over this descriptor
 *   signature-untrusted   roots were named, and the signature leads to none of them
 *   acceptance-level      the level that is declared is above what is proven, or is none
 */

/** Each by its word. */
export type VibFindingCode =
  | 'payload-missing'
  | 'payload-repeated'
  | 'member-unlisted'
  | 'payload-size'
  | 'payload-unsummed'
  | 'payload-unreadable'
  | 'uncompressed-size'
  | 'checksum'
  | 'checksum-unknown'
  | 'file-missing'
  | 'file-unlisted'
  | 'signature-invalid'
  | 'signature-untrusted'
  | 'acceptance-level';

/** One thing that does not hold. */
export interface VibFinding {
  readonly code: VibFindingCode;
  /** The payload, member, file or element that it is about. */
  readonly subject: string;
  /** A sentence without its full stop. */
  readonly message: string;
}
