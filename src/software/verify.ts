/**
 * Whether a VIB holds what its descriptor says.
 */

import type { Codec } from '../codec/codec.ts';
import type { VibPackage } from '../layer/vib-package.ts';
import type { AcceptanceLevel } from './acceptance.ts';
import type { VibFinding } from './findings.ts';
import type { SignatureOptions, SignatureVerdict } from './signature.ts';

/** How to verify. */
export interface VerifyOptions {
  /** How to check the signature; false leaves it unchecked, and the acceptance level with it. */
  readonly signature?: SignatureOptions | false;
  /** Told of each payload that is done. */
  readonly onProgress?: (progress: { readonly done: number; readonly count: number }) => void;
}

/** What was found of one payload. */
export interface PayloadVerification {
  readonly name: string;
  readonly type: string;
  /** Bytes of the member; null where there is none. */
  readonly size: number | null;
  /** Sums that are right. */
  readonly checksumCount: number;
  /** Entries that are no directories; null where it is no archive. */
  readonly fileCount: number | null;
}

/** What was found of a VIB: it holds where there are no findings. */
export interface VibVerification {
  readonly id: string;
  readonly payloads: readonly PayloadVerification[];
  readonly signature: SignatureVerdict;
  /** The level as the descriptor says it, and the highest that is proven. */
  readonly declaredLevel: string;
  readonly provenLevel: AcceptanceLevel;
  readonly findings: readonly VibFinding[];
}

export declare function verifyVib(
  vib: VibPackage,
  codec: Codec,
  options?: VerifyOptions,
): Promise<VibVerification>;
