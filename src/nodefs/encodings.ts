/**
 * Node's text encodings without Buffer: as lenient as Buffer is, so that the same call gives the
 * same bytes on every platform (test/nodefs/encodings.test.ts compares them).
 *
 *   utf8 utf-8              TextEncoder and TextDecoder
 *   latin1 binary           one byte a character
 *   ascii                   the same; reading drops the top bit
 *   utf16le ucs2 …          two bytes a character, a last odd one is dropped
 *   hex                     up to the first pair that is none
 *   base64 base64url        either alphabet is read; what is in neither is skipped, = ends it
 */

import { latin1, text, utf8 } from '../base/bytes.ts';
import { invalidEncoding } from './argument-errors.ts';

/** The encodings by their one name here. */
type Known = 'utf8' | 'latin1' | 'ascii' | 'utf16le' | 'hex' | 'base64' | 'base64url';

const NAMES: Readonly<Record<string, Known>> = {
  utf8: 'utf8',
  'utf-8': 'utf8',
  latin1: 'latin1',
  binary: 'latin1',
  ascii: 'ascii',
  utf16le: 'utf16le',
  'utf-16le': 'utf16le',
  ucs2: 'utf16le',
  'ucs-2': 'utf16le',
  hex: 'hex',
  base64: 'base64',
  base64url: 'base64url',
};

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const BASE64URL = `${BASE64.slice(0, 62)}-_`;

/** Whether `name` is an encoding of node's, in whatever case. */
export function isEncodingName(name: string): boolean {
  return Object.hasOwn(NAMES, name.toLowerCase());
}

/** The bytes of `value` in `encoding`. Throws ERR_UNKNOWN_ENCODING. */
export function encodedText(value: string, encoding: string): Uint8Array {
  switch (known(encoding)) {
    case 'utf8':
      return utf8(value);
    case 'latin1':
    case 'ascii':
      return fromLatin1(value);
    case 'utf16le':
      return fromUtf16(value);
    case 'hex':
      return fromHex(value);
    default:
      return fromBase64(value);
  }
}

/** `bytes` as text of `encoding`. Throws ERR_UNKNOWN_ENCODING. */
export function decodedText(bytes: Uint8Array, encoding: string): string {
  switch (known(encoding)) {
    case 'utf8':
      return text(bytes);
    case 'latin1':
      return latin1(bytes, 0, bytes.length);
    case 'ascii':
      return latin1(
        bytes.map((byte) => byte & 0x7f),
        0,
        bytes.length,
      );
    case 'utf16le':
      return toUtf16(bytes);
    case 'hex':
      return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
    case 'base64':
      return toBase64(bytes, BASE64, '=');
    case 'base64url':
      return toBase64(bytes, BASE64URL, '');
  }
}

function known(encoding: string): Known {
  const name = NAMES[encoding.toLowerCase()];
  if (name === undefined) throw invalidEncoding(encoding);
  return name;
}

/** One byte for each unit of UTF-16, not for each letter. */
function fromLatin1(value: string): Uint8Array {
  const bytes = new Uint8Array(value.length);
  for (let index = 0; index < value.length; index++) bytes[index] = value.charCodeAt(index);
  return bytes;
}

function fromUtf16(value: string): Uint8Array {
  const bytes = new Uint8Array(value.length * 2);
  for (let index = 0; index < value.length; index++) {
    const code = value.charCodeAt(index);
    bytes[index * 2] = code;
    bytes[index * 2 + 1] = code >> 8;
  }
  return bytes;
}

function toUtf16(bytes: Uint8Array): string {
  let out = '';
  for (let index = 0; index + 1 < bytes.length; index += 2) {
    out += String.fromCharCode(bytes[index]! | (bytes[index + 1]! << 8));
  }
  return out;
}

function fromHex(value: string): Uint8Array {
  const bytes: number[] = [];
  for (let index = 0; index + 1 < value.length; index += 2) {
    const pair = value.slice(index, index + 2);
    if (!/^[0-9a-f]{2}$/i.test(pair)) break;
    bytes.push(Number.parseInt(pair, 16));
  }
  return Uint8Array.from(bytes);
}

function fromBase64(value: string): Uint8Array {
  const bytes: number[] = [];
  let bits = 0;
  let held = 0;
  for (const letter of value) {
    if (letter === '=') break;
    const url = letter === '-' ? '+' : letter === '_' ? '/' : letter;
    const six = BASE64.indexOf(url);
    if (six < 0) continue;
    held = ((held << 6) | six) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((held >> bits) & 0xff);
  }
  return Uint8Array.from(bytes);
}

function toBase64(bytes: Uint8Array, alphabet: string, padding: string): string {
  let out = '';
  for (let index = 0; index < bytes.length; index += 3) {
    const [one, two, three] = [bytes[index]!, bytes[index + 1], bytes[index + 2]];
    out += alphabet[one >> 2]! + alphabet[((one & 3) << 4) | ((two ?? 0) >> 4)]!;
    out += two === undefined ? padding : alphabet[((two & 15) << 2) | ((three ?? 0) >> 6)]!;
    out += three === undefined ? padding : alphabet[three & 63]!;
  }
  return out;
}
