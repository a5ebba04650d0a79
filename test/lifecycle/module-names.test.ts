/**
 * What payloads are called on a bank: 8.3 whatever they are called, and never twice.
 */

import { expect, test } from 'vitest';
import { moduleNameOf } from '../../src/lifecycle/module-names.ts';

const payload = (name: string, type: string) => ({
  ...{ name, type, size: null, uncompressedSize: null, checksums: [] },
});

test.each([
  // As boot.cfg of real hosts has them.
  ['lsi-msgpt3', 'vgz', [], 'lsi_msgp.v00'],
  ['lsi-msgpt3', 'vgz', ['lsi_msgp.v00', 'lsi_msgp.v01'], 'lsi_msgp.v02'],
  ['esxcli-nsx-ext', 'tgz', [], 'esxcli_n.t00'],
  ['payload1', 'tgz', [], 'payload1.t00'],
  // Payloads of the real corpus that are odd.
  ['vmksdhci.vgz', 'vgz', [], 'vmksdhci.v00'],
  ['nvme-community', 'vgz', [], 'nvme_com.v00'],
  // What else could come.
  ['Größe', 'vzstd', [], 'gr__e.v00'],
  ['.hidden', 'tgz', [], '_.t00'],
  ['k', 'boot', [], 'k.b00'],
])('%s of type %s beside %j is %s', (name, type, taken, file) => {
  expect(moduleNameOf(payload(name, type), new Set(taken))).toBe(file);
  expect(file).toMatch(/^[a-z0-9_]{1,8}\.[a-z]\d\d$/);
});

test('after a hundred of one stem there is none left', () => {
  const taken = new Set<string>();
  for (let count = 0; count < 100; count++) taken.add(moduleNameOf(payload('a', 'vgz'), taken)!);
  expect(taken.size).toBe(100);
  expect(moduleNameOf(payload('a', 'vgz'), taken)).toBe(null);
});
