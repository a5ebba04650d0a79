/**
 * A VIB from a manifest and trees of files.
 */

import type { Codec } from '../codec/codec.ts';
import type { VibContent, VibDescriptor } from '../format/vib-descriptor.ts';

/** What an author says of a VIB; what is left out is empty, false, or as `createVib` says. */
export type VibManifest = Pick<VibContent, 'name' | 'version' | 'vendor'> &
  Partial<Omit<VibContent, 'files' | 'payloads'>>;

/** An entry of a payload to be. Paths are without a leading slash and without a last one. */
export interface PayloadEntry {
  readonly path: string;
  readonly kind: 'file' | 'directory' | 'symlink';
  /** Permission bits with sticky. */
  readonly mode: number;
  readonly mtimeSeconds: number;
  /** What a file holds. */
  readonly content: Uint8Array;
  /** Where a symlink leads. */
  readonly target: string;
}

/** A payload to be. */
export interface PayloadContent {
  /** Its name in the VIB: at most 16 bytes, and 8 become its name on a bank. */
  readonly name: string;
  readonly type: 'tgz' | 'vgz';
  readonly entries: readonly PayloadEntry[];
}

/** Who signs. */
export interface VibSigner {
  /** A private key, PKCS #8 in PEM. */
  readonly key: Uint8Array;
  /** Its certificate and those that lead to a root, in PEM. */
  readonly certificates: Uint8Array;
  /** Said in the signature where it is given; else two signatures are alike. */
  readonly signingTimeMs?: number;
}

/** A VIB that was made. */
export interface CreatedVib {
  readonly bytes: Uint8Array;
  readonly descriptor: VibDescriptor;
}

export declare function createVib(
  manifest: VibManifest,
  payloads: readonly PayloadContent[],
  codec: Codec,
  signer?: VibSigner,
): Promise<CreatedVib>;
