/**
 * `visorfs device`: boot devices, above all those that are disk images.
 */

import type { Command } from 'commander';
import type { Output } from '../output.ts';
import { addNoun } from '../words.ts';
import { addDeviceCreate } from './device/create.ts';
import { addDeviceInfo } from './device/info.ts';
import { addDeviceList } from './device/list.ts';
import { addDeviceVerify } from './device/verify.ts';

/** Adds `device` to `program`. */
export function addDevice(program: Command, out: Output): void {
  addNoun(program, 'device', {
    what: 'boot devices that are disk images',
    description: 'Makes boot devices that are disk images, shows what is on them, and checks it.',
    example: 'device create boot.img --from images/bank',
    fill: (noun) => {
      addDeviceCreate(noun, out);
      addDeviceList(noun, out);
      addDeviceInfo(noun, out);
      addDeviceVerify(noun, out);
    },
  });
}
