/**
 * Opening a VIB: ar with a descriptor, a signature, and payloads that are archives.
 *
 * Not here: which archive is one (open.ts).
 */

import { CorruptError } from '../base/errors.ts';
import { bytesSource, readBytes, type Source } from '../base/source.ts';
import type { Codec } from '../codec/codec.ts';
import { type ArMember, arMembers } from '../format/ar.ts';
import {
  parseVibDescriptor,
  type VibDescriptor,
  type VibPayload,
} from '../format/vib-descriptor.ts';
import { decoded, headOf, index } from './plain.ts';
import type { Tardisk } from './tardisk.ts';

const DESCRIPTOR_MEMBER = 'descriptor.xml';
const SIGNATURE_MEMBER = 'sig.pkcs7';
/** Payloads of other types (`boot`, …) are no archives. */
const TARDISK_TYPES: ReadonlySet<string> = new Set(['vgz', 'tgz', 'vtar', 'tar', 'vzstd']);

/** A VIB: what it says of itself, and its payloads as tardisks. */
export interface Vib {
  readonly descriptor: VibDescriptor;
  /** The detached CMS signature over the descriptor's bytes, in PEM; empty where nobody signed. */
  readonly signature: Uint8Array;
  /** Its payloads that are archives, in the descriptor's order. */
  readonly tardisks: readonly Tardisk[];
}

/** The VIB in `plain`, opened within `limitBytes`. Throws CorruptError where it lies. */
export async function openVibIn(plain: Source, codec: Codec, limitBytes: number): Promise<Vib> {
  const source = inMemory(plain);
  const members = arMembers(source);
  const xml = memberBytes(source, named(source, members, DESCRIPTOR_MEMBER));
  const descriptor = parseVibDescriptor(xml, `${source.name}!${DESCRIPTOR_MEMBER}`);
  const signature = members.find(({ name }) => name === SIGNATURE_MEMBER);
  const payloads = descriptor.payloads.filter(({ type }) => TARDISK_TYPES.has(type));
  // One after the other, since they share the limit: many payloads are no way around it.
  const tardisks: Tardisk[] = [];
  let left = limitBytes;
  for (const payload of payloads) {
    const tardisk = await payloadIn(source, members, payload, codec, left);
    tardisks.push(tardisk);
    left -= tardisk.source.size;
  }
  return {
    descriptor,
    signature: signature === undefined ? new Uint8Array(0) : memberBytes(source, signature),
    tardisks,
  };
}

async function payloadIn(
  source: Source,
  members: readonly ArMember[],
  payload: VibPayload,
  codec: Codec,
  limitBytes: number,
): Promise<Tardisk> {
  const member = named(source, members, payload.name);
  if (payload.size !== null && payload.size !== member.size) {
    const { name, size } = payload;
    const claim = `the descriptor gives payload '${name}' ${size} bytes, its member ${member.size}`;
    throw new CorruptError(source.name, member.headerOffset, claim);
  }
  const stored = bytesSource(memberBytes(source, member), `${source.name}!${payload.name}`);
  const plain = await decoded(stored, codec, limitBytes);
  const head = headOf(plain);
  return index(plain, head, payload.name, member.size);
}

function named(source: Source, members: readonly ArMember[], name: string): ArMember {
  const member = members.find((one) => one.name === name);
  if (member === undefined)
    throw new CorruptError(source.name, 0, `the VIB has no member '${name}'`);
  return member;
}

function memberBytes(source: Source, { dataOffset, size }: ArMember): Uint8Array {
  return readBytes(source, dataOffset, size);
}

/** `source` itself where its bytes are in memory, else a copy of them, and `source` closed. */
function inMemory(source: Source): Source {
  if (source.resident(0, source.size) !== null) return source;
  const bytes = readBytes(source, 0, source.size);
  source.close();
  return bytesSource(bytes, source.name);
}
