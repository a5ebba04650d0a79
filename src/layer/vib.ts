/**
 * The payloads of a VIB that are archives, as tardisks.
 *
 * Not here: which archive is a VIB (open.ts), what else is in one (vib-package.ts).
 */

import { CorruptError } from '../base/errors.ts';
import { bytesSource, type Source } from '../base/source.ts';
import type { Codec } from '../codec/codec.ts';
import type { VibDescriptor, VibPayload } from '../format/vib-descriptor.ts';
import { decoded, headOf, index } from './plain.ts';
import type { Tardisk } from './tardisk.ts';
import { type VibPackage, vibPackageIn } from './vib-package.ts';

/** Payloads of other types (`boot`, …) are no archives. */
const TARDISK_TYPES: ReadonlySet<string> = new Set(['vgz', 'tgz', 'vzstd', 'vtar', 'tar']);

/** A VIB: what it says of itself, and its payloads as tardisks. */
export interface Vib {
  readonly descriptor: VibDescriptor;
  /** The detached CMS signature over the descriptor's bytes, in PEM; empty where nobody signed. */
  readonly signature: Uint8Array;
  /** Its payloads that are archives, in the descriptor's order. */
  readonly tardisks: readonly Tardisk[];
}

/** Whether a payload is an archive of files, by what the descriptor calls it. */
export function isTardiskPayload({ type }: VibPayload): boolean {
  return TARDISK_TYPES.has(type);
}

/** The VIB in `plain`, opened within `limitBytes`. Throws CorruptError where it lies. */
export async function openVibIn(plain: Source, codec: Codec, limitBytes: number): Promise<Vib> {
  const vib = vibPackageIn(plain);
  const tardisks = await payloadTardisks(vib, codec, limitBytes);
  // What is not in memory was copied.
  if (plain.resident(0, plain.size) === null) vib.close();
  return { descriptor: vib.descriptor, signature: vib.signature, tardisks };
}

/**
 * The payloads of `vib` that are archives, in the descriptor's order and within `limitBytes`
 * together: in memory that stays when `vib` is closed. Throws CorruptError where one lies.
 */
export async function payloadTardisks(
  vib: VibPackage,
  codec: Codec,
  limitBytes: number,
): Promise<readonly Tardisk[]> {
  // One after the other, since they share the limit: many payloads are no way around it.
  const tardisks: Tardisk[] = [];
  let left = limitBytes;
  for (const payload of vib.descriptor.payloads.filter(isTardiskPayload)) {
    const tardisk = await payloadIn(vib, payload, codec, left);
    tardisks.push(tardisk);
    // Decoders take no limit of nothing at all.
    left = Math.max(1, left - tardisk.source.size);
  }
  return tardisks;
}

async function payloadIn(
  vib: VibPackage,
  { name, size }: VibPayload,
  codec: Codec,
  limitBytes: number,
): Promise<Tardisk> {
  const { source, members } = vib;
  const bytes = vib.stored(name);
  if (bytes === null) throw new CorruptError(source.name, 0, `the VIB has no member '${name}'`);
  if (size !== null && size !== bytes.length) {
    const { headerOffset } = members.find((member) => member.name === name)!;
    const stored = `its member ${bytes.length}`;
    const claim = `the descriptor gives payload '${name}' ${size} bytes, ${stored}`;
    throw new CorruptError(source.name, headerOffset, claim);
  }
  const plain = await decoded(bytesSource(bytes, `${source.name}!${name}`), codec, limitBytes);
  return index(plain, headOf(plain), name, bytes.length);
}
