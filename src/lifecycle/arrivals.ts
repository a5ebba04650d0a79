/**
 * VIBs on their way to a host: had, verified, and given names on the boot bank.
 *
 * A module of the bank that is of no known VIB, and is byte for byte a payload that arrives, is
 * that payload: it stays where it is and from then on has an owner. So a bank whose image database
 * was lost gets it back by installing what is on it.
 */

import { sameBytes } from '../base/bytes.ts';
import { CorruptError } from '../base/errors.ts';
import { decodedLimitBytes } from '../base/limits.ts';
import { bytesSource, readBytes } from '../base/source.ts';
import type { Codec } from '../codec/codec.ts';
import type { VibPayload } from '../format/vib-descriptor.ts';
import type { Bank } from '../host/device.ts';
import { decoded } from '../layer/plain.ts';
import type { VibPackage } from '../layer/vib-package.ts';
import type { VibFindingCode } from '../software/findings.ts';
import type { VibOffer } from '../software/offer.ts';
import type { NamedBytes } from '../software/signature.ts';
import { SoftwareError } from '../software/software-error.ts';
import { verifyVib } from '../software/verify.ts';
import type { StrayModule } from './host-image.ts';
import { moduleNameOf } from './module-names.ts';

/** One payload, and the module that it becomes or is. */
export interface ArrivingPayload {
  readonly payload: VibPayload;
  readonly file: string;
  /** As the VIB has it, which is as the bank will. */
  readonly stored: Uint8Array;
  /** Whether the bank has it already. */
  readonly isThere: boolean;
}

/** One VIB that arrives. */
export interface Arrival {
  readonly offer: VibOffer;
  readonly vib: VibPackage;
  readonly payloads: readonly ArrivingPayload[];
}

/** How VIBs are looked at before they are let in. */
export interface ArrivalOptions {
  /** Certificates that are trusted; see SignatureOptions. */
  readonly trust?: readonly NamedBytes[];
  /** Leaves signatures, and the levels that rest on them, unchecked. */
  readonly noSigCheck?: boolean;
  /** Lets a VIB in whose list of files is not what it holds. Sums are always checked. */
  readonly force?: boolean;
}

const OF_SIGNATURE: ReadonlySet<VibFindingCode> = new Set([
  'signature-invalid',
  'signature-untrusted',
  'acceptance-level',
]);

const OF_LISTS: ReadonlySet<VibFindingCode> = new Set([
  'member-unlisted',
  'file-missing',
  'file-unlisted',
]);

/**
 * Has the VIB of `offer`. Throws SoftwareError: VibDownloadError where it cannot be had,
 * VibValidationError where it is another VIB than was offered.
 */
export async function fetched(offer: VibOffer): Promise<VibPackage> {
  let vib: VibPackage;
  try {
    vib = await offer.open();
  } catch (error) {
    const kind = error instanceof CorruptError ? 'VibValidationError' : 'VibDownloadError';
    const { message } = error as Error;
    const line = `${offer.descriptor.id} from ${offer.origin}: ${message}`;
    throw new SoftwareError(kind, [line], { cause: error });
  }
  if (vib.descriptor.id === offer.descriptor.id) return vib;
  const line = `${offer.origin} is VIB ${vib.descriptor.id}, not ${offer.descriptor.id}.`;
  throw new SoftwareError('VibValidationError', [line]);
}

/**
 * Verifies `vib`. Throws SoftwareError: VibValidationError where it does not hold what it says,
 * InstallationError where nobody who is trusted answers for its level.
 */
export async function checkVib(
  vib: VibPackage,
  codec: Codec,
  atMs: number,
  { trust = [], noSigCheck = false, force = false }: ArrivalOptions,
): Promise<void> {
  const signature = noSigCheck ? {} : { signature: { roots: trust, atMs } };
  const { findings } = await verifyVib(vib, codec, signature);
  const { id } = vib.descriptor;
  const unsigned = findings.filter(({ code }) => OF_SIGNATURE.has(code));
  const broken = findings.filter(({ code }) => {
    return !OF_SIGNATURE.has(code) && !(force && OF_LISTS.has(code));
  });
  if (broken.length > 0) {
    const lines = broken.map(({ message }) => `VIB ${id}: ${message}.`);
    throw new SoftwareError('VibValidationError', lines);
  }
  if (unsigned.length === 0) return;
  throw new SoftwareError('InstallationError', [
    `('${id}', 'Could not find a trusted signer.')`,
    ...unsigned.map(({ message }) => `${message}.`),
    `      vibs = ${id}`,
  ]);
}

/** Names for modules of one bank, each given once. */
export class ModuleNames {
  readonly #taken: Set<string>;
  readonly #strays: Set<string>;
  readonly #bank: Bank;

  /** `taken` are the modules that stay, `strays` those of them that have no owner. */
  constructor(bank: Bank, taken: Iterable<string>, strays: readonly StrayModule[]) {
    this.#bank = bank;
    this.#taken = new Set(taken);
    this.#strays = new Set(strays.map(({ file }) => file));
  }

  /**
   * The payloads of `vib` with their modules. Throws SoftwareError (InstallationError) where no
   * name is left.
   */
  async arriving(vib: VibPackage): Promise<ArrivingPayload[]> {
    const payloads: ArrivingPayload[] = [];
    for (const payload of vib.descriptor.payloads) {
      const stored = vib.stored(payload.name)!;
      const stray = await this.#strayOf(stored);
      const file = stray ?? moduleNameOf(payload, this.#taken);
      if (file === null) {
        const line = `VIB ${vib.descriptor.id}: the bank has no name left for '${payload.name}'.`;
        throw new SoftwareError('InstallationError', [line]);
      }
      this.#taken.add(file);
      this.#strays.delete(file);
      payloads.push({ payload, file, stored, isThere: stray !== null });
    }
    return payloads;
  }

  async #strayOf(stored: Uint8Array): Promise<string | null> {
    const there = await this.#bank.list();
    for (const file of this.#strays) {
      if (!there.includes(file)) continue;
      const source = await this.#bank.open(file);
      try {
        const isSame = source.size === stored.length;
        if (isSame && sameBytes(readBytes(source, 0, source.size), stored)) return file;
      } finally {
        source.close();
      }
    }
    return null;
  }
}

/** The archive that a payload is, without compression. Throws CorruptError where it lies. */
export async function plainPayload(
  { file, stored }: ArrivingPayload,
  codec: Codec,
): Promise<Uint8Array> {
  const source = bytesSource(stored, file);
  const plain = await decoded(source, codec, decodedLimitBytes(stored.length));
  return readBytes(plain, 0, plain.size);
}
