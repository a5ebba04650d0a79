/**
 * The program text of an ELF image, as vmtar tells of it in a visor header.
 *
 * vmtar marks an image as type '7' and says which whole pages of its text can be mapped as they
 * lie: those of the first segment that is loaded, read and executed, and not written. The last page
 * of it is there only in part, so it does not count.
 *
 *    off   ELF32  ELF64   a little-endian image
 *      0       4      4   "\x7fELF"
 *      4       1      1   1: ELF32; 2: ELF64
 *     16       2      2   2: executable; 3: position-independent; others have nothing to map
 *  28,32       4      8   where the segments are described
 *  42,54       2      2   bytes of one description: 32 or 56
 *  44,56       2      2   how many
 *
 *    off   ELF32  ELF64   a segment
 *      0       4      4   1: loaded
 *   24,4       4      4   5: read and executed, not written
 *    4,8       4      8   where in the file it starts           text offset
 *  16,32       4      8   bytes of it in the file               text pages: whole ones of 4096
 *
 * Two executables of real VIBs have 387 and 982 pages, their segments 387.23 and 982.64. Both start
 * at 0, so that the text offset counts bytes is a guess. Kernel modules are relocatable, and have
 * neither. An image whose segments lie beyond its end is one without text.
 *
 * Not here: what a visor header says (visor-text.ts).
 */

import { latin1, u32 } from '../base/bytes.ts';
import { PAGE_BYTES } from '../base/limits.ts';
import { NO_TEXT, type VisorText } from './visor-text.ts';

/** Fills `target` with what a file has from `offset` on; asked only for what the file has. */
export type FileReader = (target: Uint8Array, offset: number) => void;

const MAGIC = '\x7fELF';
const EXECUTABLE = 2;
const POSITION_INDEPENDENT = 3;
const LOADED = 1;
const READ_AND_EXECUTE = 5;
const WRITE_READ_AND_EXECUTE = 7;
const HEAD_BYTES = 64;

/** Where ELF32 and ELF64 have things; numbers of 8 bytes are read as two of 4. */
const LAYOUTS = {
  1: {
    ...{ table: 28, each: 42, count: 44, segment: 32 },
    ...{ flags: 24, offset: 4, size: 16, isWide: false },
  },
  2: {
    ...{ table: 32, each: 54, count: 56, segment: 56 },
    ...{ flags: 4, offset: 8, size: 32, isWide: true },
  },
} as const;

type Layout = (typeof LAYOUTS)[keyof typeof LAYOUTS];

/** What vmtar would say of a file of `size` bytes that `read` reads. */
export function visorTextOf(size: number, read: FileReader): VisorText {
  const head = new Uint8Array(Math.min(HEAD_BYTES, size));
  read(head, 0);
  if (size < MAGIC.length || latin1(head, 0, MAGIC.length) !== MAGIC) return NO_TEXT;
  const segment = textSegment(head, size, read);
  return { ...NO_TEXT, isMapped: true, ...segment };
}

function textSegment(
  head: Uint8Array,
  size: number,
  read: FileReader,
): Pick<VisorText, 'textOffset' | 'textPages'> | null {
  const layout = LAYOUTS[head[4] as 1 | 2] as Layout | undefined;
  if (layout === undefined) return null;
  // A big-endian image shows none of these two.
  const type = u16(head, 16);
  if (type !== EXECUTABLE && type !== POSITION_INDEPENDENT) return null;
  const tableOffset = address(layout, head, layout.table);
  const count = u16(head, layout.count);
  if (u16(head, layout.each) !== layout.segment) return null;
  // Also where the head is cut: what is not there of it reads as 0.
  if (tableOffset + count * layout.segment > size) return null;
  const segment = new Uint8Array(layout.segment);
  for (let index = 0; index < count; index++) {
    read(segment, tableOffset + index * layout.segment);
    const allowed = u32(segment, layout.flags) & WRITE_READ_AND_EXECUTE;
    if (u32(segment, 0) !== LOADED || allowed !== READ_AND_EXECUTE) continue;
    const textOffset = address(layout, segment, layout.offset);
    const textBytes = address(layout, segment, layout.size);
    if (textOffset + textBytes > size) return null;
    return { textOffset, textPages: Math.floor(textBytes / PAGE_BYTES) };
  }
  return null;
}

function u16(bytes: Uint8Array, offset: number): number {
  return bytes[offset]! | (bytes[offset + 1]! << 8);
}

/** An offset or a size: past 2^53 it is not exact, but past every file all the same. */
function address({ isWide }: Layout, bytes: Uint8Array, offset: number): number {
  return u32(bytes, offset) + (isWide ? u32(bytes, offset + 4) * 2 ** 32 : 0);
}
