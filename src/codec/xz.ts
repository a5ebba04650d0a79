/**
 * xz, decoded: the blocks that its container says, each checked against its sum.
 *
 * The size of all is known, and within the limit, before anything is allocated (lzma2.ts).
 */

import { putU32, sameBytes } from '../base/bytes.ts';
import { CorruptError } from '../base/errors.ts';
import { type Codec, tooLarge, type Unpacked } from './codec.ts';
import { crc64 } from './crc64.ts';
import { decodeLzma2 } from './lzma2.ts';
import { type XzBlock, type XzCheck, xzLayout } from './xz-container.ts';

const SUM_NAMES: Readonly<Record<XzCheck, string>> = {
  none: 'no sum',
  crc32: 'CRC-32',
  crc64: 'CRC-64',
  sha256: 'SHA-256',
};

/**
 * What the xz streams that `stored` starts with decode to; what is behind them is left. Throws
 * CorruptError naming `archive` where they are not sound or decode to more than `limitBytes`,
 * ForeignError where they are coded in a way that is not read.
 */
export async function unxz(
  stored: Uint8Array,
  limitBytes: number,
  archive: string,
  codec: Codec,
): Promise<Unpacked> {
  const { blocks, end } = xzLayout(stored, archive);
  const size = blocks.reduce((sum, block) => sum + block.size, 0);
  if (size > limitBytes) throw new CorruptError(archive, 0, tooLarge(limitBytes));
  const plain = new Uint8Array(size);
  let targetOffset = 0;
  for (const block of blocks) {
    const { dataOffset, windowBytes } = block;
    decodeLzma2(stored, dataOffset, { target: plain, targetOffset }, windowBytes, archive);
    const bytes = plain.subarray(targetOffset, targetOffset + block.size);
    if (!sameBytes(await sumOf(bytes, block, codec), block.sum)) {
      const claim = `is not sound xz: a block has another ${SUM_NAMES[block.check]} than it says`;
      throw new CorruptError(archive, dataOffset, claim);
    }
    targetOffset += block.size;
  }
  return { plain, storedBytes: end };
}

async function sumOf(bytes: Uint8Array, { check }: XzBlock, codec: Codec): Promise<Uint8Array> {
  if (check === 'crc64') return crc64(bytes);
  if (check === 'sha256') return codec.sha256(bytes);
  const sum = new Uint8Array(check === 'none' ? 0 : 4);
  if (check === 'crc32') putU32(sum, 0, codec.crc32(bytes));
  return sum;
}
