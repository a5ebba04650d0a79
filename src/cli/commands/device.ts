/**
 * `visorfs device`: boot devices, above all those that are disk images.
 */

import type { Command } from 'commander';
import type { Output } from '../output.ts';
import { refuseUnknown } from '../words.ts';
import { addDeviceCreate } from './device/create.ts';
import { addDeviceInfo } from './device/info.ts';
import { addDeviceList } from './device/list.ts';
import { addDeviceVerify } from './device/verify.ts';

/** Adds `device` to `program`. */
export function addDevice(program: Command, out: Output): void {
  const noun = program
    .command('device')
    .summary('device create|list|info|verify: boot devices that are disk images')
    .description('Makes boot devices that are disk images, shows what is on them, and checks it.')
    .usage('create|list|info|verify [options]')
    .helpCommand(false)
    .action(refuseUnknown)
    .addHelpText('after', '\nExample:\n  visorfs device create boot.img --from images/bank');
  addDeviceCreate(noun, out);
  addDeviceList(noun, out);
  addDeviceInfo(noun, out);
  addDeviceVerify(noun, out);
  noun.allowExcessArguments();
}
