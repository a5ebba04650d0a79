/**
 * What may be wrong with a boot bank, its boot.cfg, and the state in it.
 */

import type { LintRule } from './rule.ts';

export const RULES_OF_BANKS = {
  'boot-cfg-missing': {
    level: 'error',
    why: 'a folder without boot.cfg is no bank: the boot loader passes it over',
    mend: 'copy boot.cfg from the other bank, and list in it what is here',
  },
  'boot-cfg-blank': {
    level: 'error',
    why: 'the boot loader takes a key with a blank ahead of = for no key, and skips the line',
    mend: 'write key=value without blanks',
  },
  'boot-cfg-short-key': {
    level: 'warning',
    why: 'the boot loader takes a key that is cut short for the first one that starts so',
    mend: 'write the key in full',
  },
  'boot-cfg-unknown-key': {
    level: 'note',
    why: 'the boot loader skips it',
    mend: 'check the spelling',
  },
  'boot-cfg-repeated-key': {
    level: 'warning',
    why: 'the last line of a key wins',
    mend: 'leave one',
  },
  'bootstate-place': {
    level: 'warning',
    why:
      'the boot loader reads the last bootstate and rewrites the first, with a blank ahead of = ' +
      'too, and in the first 512 bytes only; where it finds none it passes the bank over',
    mend: 'put bootstate on the first line, and nowhere else',
  },
  'bootstate-missing': {
    level: 'warning',
    why:
      'the boot loader reads a missing or empty bootstate as valid, and can never mark it ' +
      'failed',
    mend: 'put bootstate=0 on the first line',
  },
  'bootstate-unknown': {
    level: 'error',
    why: 'the boot loader knows 0 to 3; of another it uses the bank not and mends it not',
    mend: 'write bootstate=0, if the bank is whole',
  },
  'bootstate-failed': {
    level: 'note',
    why: 'a bank with bootstate 2 or 3 is not booted: an update was not confirmed, or it is empty',
    mend: 'write bootstate=0, if the bank is whole and is to be booted',
  },
  'build-empty': {
    level: 'error',
    why: 'a bank without a build is not booted',
    mend: 'write build= with the version of the system',
  },
  'updated-missing': {
    level: 'error',
    why: 'a bank whose updated is 0 is not booted; of several the highest is',
    mend: 'write updated= with a number above 0',
  },
  'quickboot-over': {
    level: 'error',
    why: 'a bank with quickboot was for one quick boot: the boot loader marks it as failed',
    mend: 'take the line out, if the bank is to be booted',
  },
  'kernel-missing': {
    level: 'error',
    why: 'without a kernel nothing boots',
    mend: 'write kernel= with the name of the kernel, b.b00 or what the bank has',
  },
  'module-missing': {
    level: 'error',
    why: 'the boot loader stops at a module that is not there',
    mend: 'take it off the list, or copy the file into the bank',
  },
  'module-digest': {
    level: 'error',
    why: 'a boot takes no bank with a module that is not what its sha256.sum says',
    mend: 'copy the module from where it came from; if it was changed on purpose, list its new sum',
  },
  'module-unlisted': {
    level: 'warning',
    why: 'it takes room in the bank and is never loaded',
    mend: 'list it among modules=, or delete it',
  },
  'module-repeated': {
    level: 'warning',
    why: 'it is loaded twice, and takes memory twice',
    mend: 'list it once',
  },
  'bank-name': {
    level: 'error',
    why: 'the boot loader reads names of 8 letters, a dot and 3 on the FAT16 of a bank',
    mend: 'rename it, and what boot.cfg calls it',
  },
  'bank-name-clash': {
    level: 'error',
    why: 'FAT16 does not tell upper from lower case: on the device one of them is lost',
    mend: 'rename one of them, and what boot.cfg calls it',
  },
  'state-size': {
    level: 'error',
    why: 'the state is restored into the ramdisk etc of 28 MB, and what does not fit is lost',
    mend: 'find the large files (visorfs vdu), and keep them elsewhere',
  },
  'state-newer': {
    level: 'error',
    why: 'a newer image made the state: the bank is not booted with it, as it may not read it',
    mend: 'boot the newer image, or take the state all the same with --force-state',
  },
  'state-encrypted': {
    level: 'note',
    why: 'since 7.0 U2 hosts encrypt their state; it can be read on that host only',
    mend: 'take a backup with vim-cmd hostsvc/firmware/backup_config',
  },
  'state-special': {
    level: 'error',
    why: 'state is regular files: links and devices in it are not restored',
    mend: 'leave it out; make it in /etc/rc.local.d/local.sh',
  },
} as const satisfies Readonly<Record<string, LintRule>>;
