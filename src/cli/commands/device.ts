/**
 * `visorfs device`: boot devices that are disk images.
 */

import type { Command } from 'commander';
import type { Output } from '../output.ts';
import { refuseUnknown } from '../words.ts';
import { addDeviceCreate } from './device/create.ts';
import { addDeviceInfo } from './device/info.ts';
import { addDeviceList } from './device/list.ts';

/** Adds `device` to `program`. */
export function addDevice(program: Command, out: Output): void {
  const noun = program
    .command('device')
    .summary('device create|list|info: boot devices that are disk images')
    .description('Makes boot devices that are disk images, and shows what is on them.')
    .usage('create|list|info [options]')
    .helpCommand(false)
    .action(refuseUnknown)
    .addHelpText('after', '\nExample:\n  visorfs device create boot.img --from images/bank');
  addDeviceCreate(noun, out);
  addDeviceList(noun, out);
  addDeviceInfo(noun, out);
  noun.allowExcessArguments();
}
