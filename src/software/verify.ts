/**
 * Whether a VIB holds what its descriptor says: sizes, sums, files, signature, level.
 *
 *   descriptor.xml ◄── signature ── who?       the exact bytes, never what was read of them
 *        │ sums
 *        ▼
 *   payload as stored ── one gunzip ──► once ── till it is plain ──► archive of files
 *     sha-256, sha-1      sha-256-gunzip1, gunzip, uncompressed-size        file-list
 *
 * `gunzip` means exactly one gunzip, with one exception: of a payload of type `vzstd` it means all
 * that is around the archive, and what one gunzip leaves is `gunzip1`. The uncompressed size goes
 * with `gunzip`.
 *
 * What does not hold is a finding, never an error: a VIB that is refused at its first fault tells
 * nobody about the second.
 */

import { text } from '../base/bytes.ts';
import { CorruptError } from '../base/errors.ts';
import { decodedLimitBytes } from '../base/limits.ts';
import { bytesSource } from '../base/source.ts';
import { type Codec, isGzip } from '../codec/codec.ts';
import { walkTar } from '../format/tar-walk.ts';
import type { VibChecksum, VibPayload } from '../format/vib-descriptor.ts';
import { decoded, isTar } from '../layer/plain.ts';
import { isTardiskPayload } from '../layer/vib.ts';
import { DESCRIPTOR_MEMBER, SIGNATURE_MEMBER, type VibPackage } from '../layer/vib-package.ts';
import { type AcceptanceLevel, acceptanceLevel, provenLevel } from './acceptance.ts';
import { hexSum } from './checksum.ts';
import type { VibFinding, VibFindingCode } from './findings.ts';
import { checkSignature, type SignatureOptions, type SignatureVerdict } from './signature.ts';

/** How to verify. */
export interface VerifyOptions {
  /**
   * How to check the signature; without it neither the signature is checked nor the level that
   * rests on it.
   */
  readonly signature?: SignatureOptions;
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
  /** The level as the descriptor says it, and as much of it as is proven. */
  readonly declaredLevel: string;
  readonly provenLevel: AcceptanceLevel;
  readonly findings: readonly VibFinding[];
}

/** Notes that something does not hold. */
type Note = (code: VibFindingCode, subject: string, message: string) => void;

/**
 * Verifies `vib`, whose payloads it decodes within one limit. Throws CorruptError only where a root
 * is no certificate.
 */
export async function verifyVib(
  vib: VibPackage,
  codec: Codec,
  options: VerifyOptions = {},
): Promise<VibVerification> {
  const { descriptor, descriptorBytes, signature } = vib;
  const verdict = await checkSignature(descriptorBytes, signature, options.signature);
  const findings: VibFinding[] = [];
  const note: Note = (code, subject, message) => {
    findings.push({ code, subject, message });
  };
  noteMembers(vib, note);
  const payloads: PayloadVerification[] = [];
  const held = new Set<string>();
  let left = decodedLimitBytes(vib.source.size);
  for (const payload of descriptor.payloads) {
    const checked = new PayloadCheck(vib, payload, codec, note);
    // Decoders take no limit of nothing at all.
    left = Math.max(1, left - (await checked.run(left, held)));
    payloads.push(checked.result);
    options.onProgress?.({ done: payloads.length, count: descriptor.payloads.length });
  }
  noteFiles(vib, held, payloads, note);
  noteSignature(verdict, options.signature, note);
  const { acceptanceLevel: declaredLevel } = descriptor;
  if (options.signature !== undefined) noteLevel(declaredLevel, verdict, note);
  return {
    id: descriptor.id,
    payloads,
    signature: verdict,
    declaredLevel,
    provenLevel: provenLevel(acceptanceLevel(declaredLevel) ?? 'community', verdict),
    findings,
  };
}

function noteMembers({ descriptor, members }: VibPackage, note: Note): void {
  const names = members.map(({ name }) => name);
  const described = descriptor.payloads.map(({ name }) => name);
  for (const name of repeated(names)) {
    note('payload-repeated', name, `the VIB has several members '${name}'`);
  }
  for (const name of repeated(described)) {
    note('payload-repeated', name, `the descriptor has several payloads '${name}'`);
  }
  const known = new Set([DESCRIPTOR_MEMBER, SIGNATURE_MEMBER, ...described]);
  for (const name of names.filter((one) => !known.has(one))) {
    note('member-unlisted', name, `the member '${name}' is no payload that the descriptor has`);
  }
}

function repeated(names: readonly string[]): ReadonlySet<string> {
  return new Set(names.filter((name, index) => names.indexOf(name) < index));
}

/** One payload being checked. */
class PayloadCheck {
  readonly #vib: VibPackage;
  readonly #payload: VibPayload;
  readonly #codec: Codec;
  readonly #note: Note;
  #checksumCount = 0;
  #fileCount: number | null = null;
  #size: number | null = null;

  constructor(vib: VibPackage, payload: VibPayload, codec: Codec, note: Note) {
    this.#vib = vib;
    this.#payload = payload;
    this.#codec = codec;
    this.#note = note;
  }

  get result(): PayloadVerification {
    const { name, type } = this.#payload;
    const [size, checksumCount, fileCount] = [this.#size, this.#checksumCount, this.#fileCount];
    return { name, type, size, checksumCount, fileCount };
  }

  /** Adds the files of the payload to `held`; returns the bytes that it decodes to. */
  async run(limitBytes: number, held: Set<string>): Promise<number> {
    const { name, size, uncompressedSize, checksums } = this.#payload;
    const stored = this.#vib.stored(name);
    if (stored === null) {
      this.#note('payload-missing', name, `the VIB has no member '${name}'`);
      return 0;
    }
    this.#size = stored.length;
    if (size !== stored.length) {
      const said = size === null ? 'no size' : `${size} bytes`;
      this.#note('payload-size', name, `it has ${stored.length} bytes, the descriptor ${said}`);
    }
    const { once, plain } = await this.#layers(stored, limitBytes);
    const unzipped = this.#payload.type === 'vzstd' ? plain : once;
    if (uncompressedSize !== null && unzipped !== null && uncompressedSize !== unzipped.length) {
      const said = `${unzipped.length} bytes without gzip, the descriptor ${uncompressedSize}`;
      this.#note('uncompressed-size', name, `it has ${said}`);
    }
    if (checksums.length === 0) {
      this.#note('payload-unsummed', name, 'the descriptor has no sum over it');
    }
    for (const checksum of checksums) {
      await this.#checkSum(checksum, { stored, once, unzipped });
    }
    if (plain !== null && isTardiskPayload(this.#payload)) this.#list(plain, held);
    return (
      (once === stored ? 0 : (once?.length ?? 0)) + (plain === once ? 0 : (plain?.length ?? 0))
    );
  }

  /** What is in `stored` after one gunzip, and after all; null where that cannot be had. */
  async #layers(
    stored: Uint8Array,
    limitBytes: number,
  ): Promise<{ once: Uint8Array | null; plain: Uint8Array | null }> {
    const where = `${this.#vib.source.name}!${this.#payload.name}`;
    let once: Uint8Array | null = null;
    try {
      once = isGzip(stored) ? await this.#codec.gunzip(stored, limitBytes, where) : stored;
      const outer = bytesSource(once, where);
      const inner = await decoded(outer, this.#codec, limitBytes);
      return { once, plain: inner === outer ? once : inner.resident(0, inner.size) };
    } catch (error) {
      if (!(error instanceof CorruptError)) throw error;
      this.#note('payload-unreadable', this.#payload.name, error.claim);
      return { once, plain: null };
    }
  }

  async #checkSum(
    checksum: VibChecksum,
    layers: Readonly<Record<'stored' | 'once' | 'unzipped', Uint8Array | null>>,
  ): Promise<void> {
    const { name } = this.#payload;
    const [, type, process] = /^(sha-\d+)(?:-(gunzip1?))?$/.exec(checksum.type) ?? [];
    const step = process ?? checksum.verifyProcess;
    const shown = [type ?? checksum.type, ...(step === null ? [] : [step])].join(' ');
    const layer = step === null ? 'stored' : STEPS.get(step);
    if (layer === undefined || (type !== 'sha-256' && type !== 'sha-1')) {
      this.#note('checksum-unknown', name, `nothing is known of sums by ${shown}`);
      return;
    }
    const bytes = layers[layer];
    // Why it cannot be decoded has been noted.
    if (bytes === null) return;
    const sum = await hexSum(type, bytes, this.#codec);
    if (sum === checksum.value.toLowerCase()) this.#checksumCount += 1;
    else this.#note('checksum', name, `its ${shown} is ${sum}, the descriptor ${checksum.value}`);
  }

  #list(plain: Uint8Array, held: Set<string>): void {
    const { name } = this.#payload;
    const source = bytesSource(plain, `${this.#vib.source.name}!${name}`);
    if (!isTar(source)) {
      this.#note('payload-unreadable', name, 'it is no tar and no visor tar');
      return;
    }
    const files = new Set<string>();
    try {
      walkTar(source, ({ kind, path }) => {
        if (kind !== 'directory') files.add(plainPath(text(path)));
      });
    } catch (error) {
      if (!(error instanceof CorruptError)) throw error;
      this.#note('payload-unreadable', name, error.message);
      return;
    }
    this.#fileCount = files.size;
    for (const file of files) held.add(file);
  }
}

/** Which bytes a sum is over, by its verify-process. */
const STEPS: ReadonlyMap<string, 'once' | 'unzipped'> = new Map([
  ['gunzip', 'unzipped'],
  ['gunzip1', 'once'],
]);

/** `path` as file lists have it: without `./` or `/` ahead. */
function plainPath(path: string): string {
  return path.replace(/^(\.?\/+)+/, '');
}

/** The file list against the files of all payloads, as far as these can be known. */
function noteFiles(
  { descriptor }: VibPackage,
  held: ReadonlySet<string>,
  payloads: readonly PayloadVerification[],
  note: Note,
): void {
  const listed = new Set(descriptor.files.map(plainPath));
  for (const file of held) {
    if (!listed.has(file)) note('file-unlisted', file, `the file list has no '${file}'`);
  }
  // A file that is listed may be in a payload that is no archive, or could not be read.
  if (payloads.some(({ fileCount }) => fileCount === null)) return;
  for (const file of listed) {
    if (!held.has(file)) note('file-missing', file, `no payload has the file '${file}'`);
  }
}

function noteSignature(
  { status, reason }: SignatureVerdict,
  options: SignatureOptions | undefined,
  note: Note,
): void {
  if (status === 'invalid') note('signature-invalid', SIGNATURE_MEMBER, reason);
  const isTrustWanted = (options?.roots ?? []).length > 0;
  if (status === 'untrusted' && isTrustWanted) {
    note('signature-untrusted', SIGNATURE_MEMBER, reason);
  }
}

function noteLevel(declared: string, verdict: SignatureVerdict, note: Note): void {
  const level = acceptanceLevel(declared);
  if (level === null) {
    note('acceptance-level', declared, `there is no acceptance level '${declared}'`);
    return;
  }
  const proven = provenLevel(level, verdict);
  if (proven === level) return;
  const why = LACKS[verdict.status] ?? `'${verdict.signer}' signs for no more`;
  note('acceptance-level', declared, `it is declared ${declared}, but ${why}: ${proven} is proven`);
}

const LACKS: Readonly<Partial<Record<SignatureVerdict['status'], string>>> = {
  unsigned: 'nobody signed it',
  invalid: 'the signature is invalid',
  untrusted: 'no root that was named vouches for its signer',
};
