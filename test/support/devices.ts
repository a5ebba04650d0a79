/**
 * Boot devices in front of others: one that tells what is done to it, one that stops on the way.
 */

import { CorruptError } from '../../src/base/errors.ts';
import type { BootDevice } from '../../src/node.ts';

/** A device that counts: what was written and removed, and whether it was closed. */
export function watched(device: BootDevice): { device: BootDevice; verbs: string[] } {
  const verbs: string[] = [];
  return {
    verbs,
    device: {
      name: device.name,
      banks: async () =>
        (await device.banks()).map((one) => ({
          ...one,
          async write(file, bytes) {
            verbs.push(`write ${one.name}/${file}`);
            return one.write(file, bytes);
          },
          async remove(file) {
            verbs.push(`remove ${one.name}/${file}`);
            return one.remove(file);
          },
        })),
      close: () => {
        verbs.push('close');
        device.close?.();
      },
    },
  };
}

/** `device`, of which so many changes are made and none after them. */
export function cutAfter(device: BootDevice, changes: number): BootDevice {
  let left = changes;
  const step = (): void => {
    left -= 1;
    if (left < 0) throw new CorruptError(device.name, 0, 'no power');
  };
  return {
    name: device.name,
    banks: async () =>
      (await device.banks()).map((one) => ({
        ...one,
        async write(file, bytes) {
          step();
          return one.write(file, bytes);
        },
        async remove(file) {
          step();
          return one.remove(file);
        },
      })),
  };
}
