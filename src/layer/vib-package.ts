/**
 * A VIB as a container: its members as they are stored, and what its descriptor says of them.
 *
 *   ar   descriptor.xml    what it is, and the sums of its payloads
 *        sig.pkcs7         a signature over the very bytes of descriptor.xml; empty where unsigned
 *        payloads          one member each, by the names that the descriptor has
 *
 * This is the one way to open a VIB. Only the descriptor and the signature are read; a payload is
 * read when someone asks for it, and whether it is what the descriptor says, nobody has looked.
 *
 * Not here: payloads as tardisks (vib.ts), whether the VIB holds (software/verify.ts).
 */

import { NO_BYTES } from '../base/bytes.ts';
import { CorruptError } from '../base/errors.ts';
import { decodedLimitBytes, SIGNATURE_MAX_BYTES } from '../base/limits.ts';
import { readBytes, type Source } from '../base/source.ts';
import type { Codec } from '../codec/codec.ts';
import { type ArMember, arMembers } from '../format/ar.ts';
import { parseVibDescriptor, type VibDescriptor } from '../format/vib-descriptor.ts';
import { decoded } from './plain.ts';

/** The member that says what the VIB is. */
export const DESCRIPTOR_MEMBER = 'descriptor.xml';
/** The member that says who answers for it. */
export const SIGNATURE_MEMBER = 'sig.pkcs7';

/** A VIB that is open. */
export interface VibPackage {
  /** The ar itself, without any gzip that was around it. */
  readonly source: Source;
  readonly descriptor: VibDescriptor;
  /** The bytes that the descriptor was read from: what the signature is over. Not to be changed. */
  readonly descriptorBytes: Uint8Array;
  /** The detached CMS signature over the descriptor's bytes, in PEM; empty where nobody signed. */
  readonly signature: Uint8Array;
  /** All members, in the order of the ar. */
  readonly members: readonly ArMember[];
  /**
   * The stored bytes of the first member `name`, in place where they are in memory; null where the
   * VIB has no such member.
   */
  stored(name: string): Uint8Array | null;
  /** Gives back the source. Members cannot be read any more. */
  close(): void;
}

/**
 * Opens the VIB in `source`, in gzip or not. Throws CorruptError where it is none, or its
 * descriptor lies, and has closed `source` then.
 */
export async function openVibPackage(source: Source, codec: Codec): Promise<VibPackage> {
  try {
    return vibPackageIn(await decoded(source, codec, decodedLimitBytes(source.size)));
  } catch (error) {
    source.close();
    throw error;
  }
}

/** The VIB in `source`, which is an ar. Throws CorruptError where it is none or lies. */
export function vibPackageIn(source: Source): VibPackage {
  const members = arMembers(source);
  const stored = (name: string): Uint8Array | null => {
    const member = members.find((one) => one.name === name);
    return member === undefined ? null : readBytes(source, member.dataOffset, member.size);
  };
  const descriptorBytes = stored(DESCRIPTOR_MEMBER);
  if (descriptorBytes === null) {
    throw new CorruptError(source.name, 0, `the VIB has no member '${DESCRIPTOR_MEMBER}'`);
  }
  const signatureMember = members.find(({ name }) => name === SIGNATURE_MEMBER);
  if (signatureMember !== undefined && signatureMember.size > SIGNATURE_MAX_BYTES) {
    const claim = `a signature of ${signatureMember.size} bytes`;
    throw new CorruptError(source.name, signatureMember.headerOffset, claim);
  }
  return {
    source,
    descriptor: parseVibDescriptor(descriptorBytes, `${source.name}!${DESCRIPTOR_MEMBER}`),
    descriptorBytes,
    signature: stored(SIGNATURE_MEMBER) ?? NO_BYTES,
    members,
    stored,
    close: () => source.close(),
  };
}
