/**
 * PEM: bytes as text, in a frame that says what they are.
 *
 *   -----BEGIN PKCS7-----
 *   MIIFPAYJKoZIhvcNAQcC…      base64, 64 characters a line
 *   -----END PKCS7-----        with or without a newline behind it
 *
 * One text may have several, and other text around them. A VIB's signature is framed PKCS7, by
 * OpenSSL's newer commands CMS.
 */

import { latin1, utf8 } from '../base/bytes.ts';

/** One frame: what it says it holds, and the bytes in it. */
export interface PemBlock {
  readonly label: string;
  readonly bytes: Uint8Array;
}

const LINE_CHARACTERS = 64;
const FRAME = /-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\s]*)-----END \1-----/g;

/** The frames in `bytes`, in their order; a frame that holds no base64 is none. */
export function pemBlocks(bytes: Uint8Array): readonly PemBlock[] {
  const blocks: PemBlock[] = [];
  for (const [, label, body] of latin1(bytes, 0, bytes.length).matchAll(FRAME)) {
    const held = fromBase64(body!);
    if (held !== null) blocks.push({ label: label!, bytes: held });
  }
  return blocks;
}

/** `bytes` in a frame that says `label`. */
export function encodePem(label: string, bytes: Uint8Array): Uint8Array {
  const base64 = btoa(latin1(bytes, 0, bytes.length));
  const lines = base64.match(new RegExp(`.{1,${LINE_CHARACTERS}}`, 'g')) ?? [];
  return utf8(`-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`);
}

function fromBase64(body: string): Uint8Array | null {
  try {
    return Uint8Array.from(atob(body), (character) => character.charCodeAt(0));
  } catch {
    // What atob does not read is no base64, and it has no other way of saying so.
    return null;
  }
}
