/**
 * Whether the head of a snapshot, which is JSON that anybody may have written, has the shape of
 * one: every list there is, every number a count. What the numbers mean is checked by whoever uses
 * them (snapshot-open.ts).
 */

import type { Head } from './snapshot-bytes.ts';

/** Whether `head` has the shape of a head. */
export function isHead(head: Head): boolean {
  const isCount = (value: unknown): boolean =>
    Number.isSafeInteger(value) && (value as number) >= 0;
  const arePairs = (list: unknown, isSecond: (value: unknown) => boolean): boolean =>
    Array.isArray(list) && list.every((pair) => isCount(pair?.[0]) && isSecond(pair[1]));
  const isText = (value: unknown): boolean => typeof value === 'string';
  const isRamdisk = (ramdisk: unknown): boolean =>
    ramdisk === null ||
    (Array.isArray(ramdisk) &&
      isText(ramdisk[0]) &&
      ramdisk.length === 7 &&
      ramdisk.slice(1).every(isCount));
  return (
    Array.isArray(head.image) &&
    head.image.every(Array.isArray) &&
    isCount(head.memory) &&
    Array.isArray(head.ramdisks) &&
    head.ramdisks.every(isRamdisk) &&
    arePairs(head.targets, isText) &&
    arePairs(head.devices, isCount) &&
    arePairs(head.lowers, isCount) &&
    arePairs(head.linkCounts, isCount) &&
    Array.isArray(head.restored) &&
    head.restored.every(isText)
  );
}
