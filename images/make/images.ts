/**
 * All that `npm run images` writes, in memory: a test builds it too and compares it with the
 * folder.
 */

import { utf8 } from '../../src/base/bytes.ts';
import { buildBank, type Files } from './bank.ts';
import { claims, type EvilArchive } from './evil.ts';
import { evilGzips, evilStrangers, evilVibs } from './evil-shell.ts';
import { evilTars } from './evil-tar.ts';
import { type GoodArchive, listing } from './good.ts';
import { goodGzips, goodVibs, goodVisorTars } from './good-more.ts';
import { goodTars } from './good-tar.ts';
import { hashOf } from './vib.ts';

/** The folders whose every file is built: whatever else lies there is left over. */
export const BUILT_FOLDERS = ['bank', 'evil', 'good', 'vibs'] as const;

/** Every archive of `good`, by name. */
export function goodArchives(): GoodArchive[] {
  return byName([...goodTars(), ...goodVisorTars(), ...goodGzips(), ...goodVibs()]);
}

/** Every archive of `evil`, by name. */
export function evilArchives(): EvilArchive[] {
  return byName([...evilTars(), ...evilGzips(), ...evilVibs(), ...evilStrangers()]);
}

/** Every built file by its name below the folder `images`, SHA256SUMS last. */
export function buildImages(recipes: string): Files {
  const [goods, evils] = [goodArchives(), evilArchives()];
  const files: (readonly [name: string, bytes: Uint8Array])[] = [
    ...buildBank(recipes),
    ...goods.map(({ name, bytes }) => [`good/${name}`, bytes] as const),
    ['good/listing.tsv', utf8(listing(goods))],
    ...evils.map(({ name, bytes }) => [`evil/${name}`, bytes] as const),
    ['evil/claims.tsv', utf8(claims(evils))],
  ];
  files.sort(([one], [other]) => (one < other ? -1 : 1));
  const sums = files.map(([name, bytes]) => `${hashOf('sha-256', bytes)}  ${name}\n`);
  return new Map([...files, ['SHA256SUMS', utf8(sums.join(''))]]);
}

function byName<T extends { readonly name: string }>(archives: readonly T[]): T[] {
  return [...archives].sort((one, other) => (one.name < other.name ? -1 : 1));
}
