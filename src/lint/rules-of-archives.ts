/**
 * What may be wrong with a tar, whatever holds it, and with what is around it.
 */

import type { LintRule } from './rule.ts';

export const RULES_OF_ARCHIVES = {
  corrupt: {
    level: 'error',
    why: 'the bytes lie or are cut short: it cannot be mounted, here or on ESXi',
    mend: 'fetch or make the archive anew, and compare its checksum with the source',
  },
  'not-an-archive': {
    level: 'error',
    why: 'nothing here is a tar, a visor tar, a VIB, a bundle or a bank: there is nothing to mount',
    mend: 'check that the right file was named, and that a download is no error page',
  },
  'loader-cannot-read': {
    level: 'error',
    why: 'the boot loader of ESXi undoes gzip and nothing else, so it loads this as it is',
    mend: 'decompress it and compress it with gzip',
  },
  'inner-compression': {
    level: 'note',
    why:
      'the boot loader undoes only the gzip outside. What is within is left to ESXi: xz up to 8, ' +
      'zstd from 9 on; other tools see no tar',
    mend: 'compress the tar once, with gzip, unless it is made for one release of ESXi',
  },
  'gzip-trailing-bytes': {
    level: 'error',
    why:
      'the boot loader takes checksum and size of a gzip from the last 8 bytes of the file, ' +
      'so it ' +
      'refuses one that has anything behind it',
    mend: 'cut the file where the gzip ends, or compress it anew',
  },
  'gzip-several-members': {
    level: 'warning',
    why:
      'the boot loader takes checksum and size of a gzip from the last 8 bytes of the file, ' +
      'which ' +
      'are those of the last member alone',
    mend: 'compress it as one member: gunzip, then gzip the whole',
  },
  'tar-flavour': {
    level: 'error',
    why:
      'ESXi mounts old GNU tars and visor tars. Of others the mount fails with EINVAL and ' +
      'no word ' +
      'of explanation',
    mend: 'make it with GNU tar: tar --format=gnu --owner=0 --group=0; not with bsdtar or Python',
  },
  'pax-header': {
    level: 'error',
    why: 'ESXi knows no pax headers: they would be files of their own, or the mount fails',
    mend: 'make it with tar --format=gnu',
  },
  'apple-double': {
    level: 'warning',
    why:
      'tar on macOS adds a file ._name for the attributes of each file; ESXi mounts them as ' +
      'files',
    mend: 'set COPYFILE_DISABLE=1, or use GNU tar',
  },
  'missing-parent': {
    level: 'warning',
    why: 'ESXi wants an entry for each directory ahead of what is in it; it may refuse the archive',
    mend: 'add the directories too: tar a folder from its root, not a list of files',
  },
  'dot-slash': {
    level: 'note',
    why: 'file lists of VIBs have names without ./ ahead, so the two have to be matched by hand',
    mend: 'name what is packed, as in tar -C root etc opt',
  },
  'absolute-name': {
    level: 'warning',
    why: 'names are from the root of the mount, without a slash; some readers refuse others',
    mend: 'tar from the root of the tree, without -P',
  },
  'climbing-name': {
    level: 'error',
    why: 'a name with .. leads out of the mount; it is refused here',
    mend: 'find out who made it: no honest tool writes such names',
  },
  'marker-name': {
    level: 'error',
    why:
      'names that start with .# are the marks of changed sticky files, made by ESXi alone: ' +
      'nobody ' +
      'else may create one, and a collected mark is not the file',
    mend: 'leave it out, or pack the file itself under its own name',
  },
  'duplicate-name': {
    level: 'warning',
    why: 'the last of several entries of one name wins, and not every tool shows it',
    mend: 'pack each file once',
  },
  'sticky-outside-etc': {
    level: 'warning',
    why: 'sticky marks a file whose changes are saved, and that is done below /etc alone',
    mend: 'clear the bit (chmod -t), or move the file below /etc',
  },
  'sticky-restricted': {
    level: 'error',
    why: 'a VIB with the tag RestrictStickyFiles promises to have no sticky file',
    mend: 'clear the bit (chmod -t), or take the tag away',
  },
  setuid: {
    level: 'warning',
    why: 'nothing that VMware ships is setuid or setgid: it gives whoever runs it rights of others',
    mend: 'clear the bits: chmod ug-s',
  },
  'closed-directory': {
    level: 'warning',
    why: 'a directory that nobody may search, as tars made on Windows have them, shuts out daemons',
    mend: 'make it 0755',
  },
  'special-entry': {
    level: 'warning',
    why: 'no real payload has devices or fifos: what ESXi makes of them nobody has seen',
    mend: 'leave it out; make it when the host starts, if it must be there',
  },
  'owner-not-root': {
    level: 'note',
    why:
      'on ESXi files belong to root: the owner on the machine that packed it means nothing ' +
      'there',
    mend: 'tar --owner=0 --group=0',
  },
  'visor-alignment': {
    level: 'warning',
    why:
      'ESXi maps programs out of a visor tar in place, which takes data at a border of 4096 ' +
      'bytes',
    mend: 'make it with visorfs vmtar',
  },
} as const satisfies Readonly<Record<string, LintRule>>;
