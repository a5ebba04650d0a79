/**
 * vibs/*.xml: what a depot says of one VIB, which is its descriptor and where it is.
 *
 *   <vib version="5.0">
 *     … as vib-descriptor.ts has it, and behind <software-tags>, or at the end
 *     <relative-path>   from the folder of the vendor
 *     <packed-size>     of the VIB's file, in bytes
 *     <checksum checksum-type="sha-256">   of the VIB's file
 *
 * It is another document than the descriptor in the VIB: release-date may have gained `+00:00`.
 */

import { DESCRIPTOR_MAX_BYTES } from '../base/limits.ts';
import {
  encodeVibDescriptor,
  parseVibDescriptor,
  type VibChecksum,
  type VibDescriptor,
} from './vib-descriptor.ts';
import { element, escaped, readXml, textElement } from './xml.ts';

/** What a depot says of one VIB. */
export interface VibMetadata {
  readonly descriptor: VibDescriptor;
  /** From the folder of the vendor. */
  readonly relativePath: string;
  /** Bytes of its file. */
  readonly packedSize: number;
  /** Of its file: `sha-256`. */
  readonly checksum: Pick<VibChecksum, 'type' | 'value'>;
}

const FORM = { what: 'a descriptor', root: null, maxBytes: DESCRIPTOR_MAX_BYTES };

/**
 * A file of vibs/. Throws CorruptError where it is no VIB's descriptor, or does not say where the
 * VIB is and what its sum is.
 */
export function parseVibMetadata(bytes: Uint8Array, archive: string): VibMetadata {
  const descriptor = parseVibDescriptor(bytes, archive);
  let relativePath = '';
  let packedSize = '';
  let checksum = { type: '', value: '' };
  const refuse = readXml(bytes, archive, FORM, ({ path, content, attributes }) => {
    if (path === 'relative-path') relativePath = content;
    if (path === 'packed-size') packedSize = content;
    if (path === 'checksum') checksum = { type: attributes['checksum-type'] ?? '', value: content };
  });
  if (relativePath === '') refuse('a VIB without a relative-path');
  if (!/^\d{1,15}$/.test(packedSize)) refuse(`a packed-size of '${packedSize.slice(0, 24)}'`);
  if (checksum.value === '') refuse('a VIB without a checksum');
  return { descriptor, relativePath, packedSize: Number(packedSize), checksum };
}

/** A file of vibs/ that says `metadata`. */
export function encodeVibMetadata(metadata: VibMetadata): Uint8Array {
  const { descriptor, relativePath, packedSize, checksum } = metadata;
  const place =
    textElement('relative-path', relativePath) +
    textElement('packed-size', `${packedSize}`) +
    element('checksum', { 'checksum-type': checksum.type }, escaped(checksum.value));
  return encodeVibDescriptor(descriptor, place);
}
