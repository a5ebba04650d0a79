/**
 * What a visor header says of the program text in its file.
 *
 * It follows from the file (elf-text.ts), but not always: a module of ESXi 6.0 is an ELF of type
 * '0'. Where a header says otherwise than its file does, a plain tar that is made of it keeps that
 * in a pax record, for the way back:
 *
 *   VISORFS.text=<type> <text offset> <text pages> <fix-up pages>      in decimal: "0 0 0 0"
 *
 * The type is 0 or 7. No visor header was ever seen to have a text offset or a fix-up page.
 *
 * Not here: where data goes (visor-write.ts).
 */

import { text, utf8 } from '../base/bytes.ts';

/** What a visor header says of the text in its file. */
export interface VisorText {
  /** Whether the file is meant to be mapped: type '7' in place of '0'. */
  readonly isMapped: boolean;
  readonly textOffset: number;
  readonly textPages: number;
  readonly fixupPages: number;
}

/** Of a file without any text. */
export const NO_TEXT: VisorText = { isMapped: false, textOffset: 0, textPages: 0, fixupPages: 0 };

/** The key of the pax record. */
export const TEXT_KEY = 'VISORFS.text';

/** Whether `one` and `other` say the same. */
export function isSameText(one: VisorText, other: VisorText): boolean {
  return wordsOf(one) === wordsOf(other);
}

/** The value of the pax record that says `said`. */
export function encodeTextRecord(said: VisorText): Uint8Array {
  return utf8(wordsOf(said));
}

/** What the pax record of `value` says; null where it is malformed. */
export function parseTextRecord(value: Uint8Array): VisorText | null {
  const match = /^([07]) (\d{1,10}) (\d{1,10}) (\d{1,10})$/.exec(text(value));
  if (match === null) return null;
  const [textOffset, textPages, fixupPages] = match.slice(2).map(Number) as [
    number,
    number,
    number,
  ];
  if (Math.max(textOffset, textPages, fixupPages) > 0xffffffff) return null;
  return { isMapped: match[1] === '7', textOffset, textPages, fixupPages };
}

function wordsOf({ isMapped, textOffset, textPages, fixupPages }: VisorText): string {
  return `${isMapped ? 7 : 0} ${textOffset} ${textPages} ${fixupPages}`;
}
