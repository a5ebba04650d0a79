/**
 * What may be wrong with a VIB, with several beside each other, and with a bundle of them.
 */

import type { LintRule } from './rule.ts';

const REBUILD = 'build the VIB anew from its tree: visorfs vib create';

export const RULES_OF_VIBS = {
  'vib-payload-missing': {
    level: 'error',
    why: 'what the descriptor promises cannot be installed',
    mend: REBUILD,
  },
  'vib-payload-repeated': {
    level: 'error',
    why: 'two readers may take two different members for the payload',
    mend: REBUILD,
  },
  'vib-member-unlisted': {
    level: 'warning',
    why: 'no sum and so no signature covers it, and nothing installs it',
    mend: 'take the member out: ar d',
  },
  'vib-payload-size': {
    level: 'error',
    why: 'the installer compares it, and refuses the VIB',
    mend: REBUILD,
  },
  'vib-payload-unsummed': {
    level: 'error',
    why: 'without a sum nobody can tell whether the payload is the one that was meant',
    mend: REBUILD,
  },
  'vib-uncompressed-size': {
    level: 'warning',
    why: 'memory for a live install is reserved by it',
    mend: REBUILD,
  },
  'vib-checksum': {
    level: 'error',
    why: 'the payload is not the one that was described: the installer refuses it',
    mend: `fetch the VIB again; if it is yours, ${REBUILD}`,
  },
  'vib-checksum-unknown': {
    level: 'warning',
    why: 'the sum cannot be checked here, and perhaps not on ESXi',
    mend: 'give sha-256 of the payload as stored and after gunzip, and sha-1 after gunzip',
  },
  'vib-file-missing': {
    level: 'error',
    why: 'the file list is what ESXi knows of the VIB: conflicts and removal go by it',
    mend: REBUILD,
  },
  'vib-file-unlisted': {
    level: 'error',
    why: 'the file list is what ESXi knows of the VIB: a file that is not in it belongs to nobody',
    mend: REBUILD,
  },
  'vib-signature-invalid': {
    level: 'error',
    why: 'a host refuses it at any acceptance level but with --no-sig-check',
    mend: 'sign it again: the signature is over the very bytes of descriptor.xml',
  },
  'vib-signature-untrusted': {
    level: 'warning',
    why: 'none of the roots that were named vouches for who signed it',
    mend: "get the signer's root and name it with --trust, if you trust it",
  },
  'vib-acceptance-level': {
    level: 'error',
    why: 'the installer goes by what the signature supports, and refuses a VIB that claims more',
    mend: 'declare the level community, or have it signed for the level',
  },
  'vib-layout': {
    level: 'warning',
    why: 'every real VIB has descriptor.xml, sig.pkcs7 (empty if unsigned), then the payloads',
    mend: REBUILD,
  },
  'descriptor-misspelt': {
    level: 'note',
    why: 'compatbileWith, as some tools write it, says nothing: constraints in it do not count',
    mend: 'write compatibleWith',
  },
  'descriptor-date': {
    level: 'warning',
    why: 'tools read release-date as ISO 8601 with a zone; bundles of the VIB may add one',
    mend: 'write it as 2024-02-29T12:34:56.000000+00:00',
  },
  'descriptor-name': {
    level: 'warning',
    why: 'names of VIBs and vendors make ids, paths and file names: others than these break them',
    mend: 'use letters, digits and -, in vendors also _',
  },
  'descriptor-version': {
    level: 'warning',
    why: 'versions are compared as version-release; others sort where nobody expects them',
    mend: 'write it as 1.2.3-4, of letters, digits and dots',
  },
  'payload-name': {
    level: 'note',
    why: 'on the bank it becomes 8 characters, - becomes _, and v00, v01 are counted up',
    mend: 'use 8 letters and digits at most, if boot.cfg is to be read by people',
  },
  'payload-name-clash': {
    level: 'note',
    why: 'two payloads get the same 8 characters on the bank; the second is counted up',
    mend: 'make the first 8 characters differ, if boot.cfg is to be read by people',
  },
  'overlay-unsaid': {
    level: 'error',
    why: 'two VIBs with one file conflict, unless one says <overlay>true</overlay>',
    mend: 'leave the file to one of them, or let the one on top be an overlay',
  },
  'stage-size': {
    level: 'error',
    why: 'an update is staged in a ramdisk of some 300 MB, and ends with ENOSPC where it is more',
    mend: 'split it into several VIBs, and install them one by one',
  },
  'bundle-nested': {
    level: 'error',
    why: 'esxcli takes the outer zip for the bundle, and says MetadataDownloadError',
    mend: 'unzip it once, and install the bundle that is in it',
  },
  'bundle-metadata': {
    level: 'error',
    why: 'what the bundle says of itself does not hold, and an installer goes by that alone',
    mend: 'make the bundle anew from its VIBs: visorfs bundle create',
  },
} as const satisfies Readonly<Record<string, LintRule>>;
