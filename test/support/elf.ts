/**
 * ELF images that are nothing but headers, said in a line.
 */

/** One segment: its type and flags, where it starts in the file and how much of it is there. */
export type Segment = readonly [type: number, flags: number, offset: number, size: number];

/** What kind of image; x86-64 and executable unless said. */
export interface ElfKind {
  readonly bits?: 32 | 64;
  /** 1: relocatable, 2: executable, 3: position-independent. */
  readonly type?: number;
  readonly isBigEndian?: boolean;
  /** Bytes of one description of a segment, where it lies. */
  readonly each?: number;
}

/** An image of `size` bytes with `segments`. */
export function elfOf(size: number, segments: readonly Segment[], kind: ElfKind = {}): Uint8Array {
  const { bits = 64, type = 2, isBigEndian = false } = kind;
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  const isLittle = !isBigEndian;
  bytes.set([0x7f, 0x45, 0x4c, 0x46, bits / 32, isBigEndian ? 2 : 1, 1]);
  view.setUint16(16, type, isLittle);
  const head = bits === 64 ? 64 : 52;
  const each = kind.each ?? (bits === 64 ? 56 : 32);
  if (bits === 64) view.setBigUint64(32, BigInt(head), isLittle);
  else view.setUint32(28, head, isLittle);
  view.setUint16(bits === 64 ? 54 : 42, each, isLittle);
  view.setUint16(bits === 64 ? 56 : 44, segments.length, isLittle);
  segments.forEach(([kindOf, flags, offset, length], index) => {
    const at = head + index * each;
    view.setUint32(at, kindOf, isLittle);
    view.setUint32(at + (bits === 64 ? 4 : 24), flags, isLittle);
    if (bits === 64) {
      view.setBigUint64(at + 8, BigInt(offset), isLittle);
      view.setBigUint64(at + 32, BigInt(length), isLittle);
    } else {
      view.setUint32(at + 4, offset, isLittle);
      view.setUint32(at + 16, length, isLittle);
    }
  });
  return bytes;
}
