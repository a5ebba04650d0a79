/**
 * A bank to boot: base.v00, hostd.v00 and a state that holds one edit of esx.conf.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mount } from '../../src/node.ts';
import { BASE, HOSTD, LEAP_DAY, writeImage } from './stage.ts';

const BOOT_CFG = `bootstate=0
title=A bank
prefix=
kernel=b.b00
kernelopt=
modules=base.v00 --- hostd.v00 --- state.tgz
build=8.0.0-1
updated=1
`;

/** Makes the bank in the new folder `folder`. */
export async function makeBank(folder: string): Promise<void> {
  mkdirSync(folder);
  writeFileSync(join(folder, 'boot.cfg'), BOOT_CFG);
  writeFileSync(join(folder, 'b.b00'), 'a kernel');
  writeImage(join(folder, 'base.v00'), BASE);
  writeImage(join(folder, 'hostd.v00'), HOSTD);
  const vfs = await mount(join(folder, 'base.v00'));
  vfs.fs.writeFileSync('/etc/vmware/esx.conf', '/a = "2"\n');
  vfs.fs.utimesSync('/etc/vmware/esx.conf', LEAP_DAY, LEAP_DAY);
  writeFileSync(join(folder, 'state.tgz'), await vfs.backup());
}
