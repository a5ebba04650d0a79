/**
 * What fsck.fat says of a FAT16 whose files are all in its root, for those who cannot start a
 * process for each of a hundred thousand. It shares nothing with what it judges; fsck.fat judges it
 * on samples.
 */

import { u16, u32 } from '../../src/base/bytes.ts';
import type { Disk } from '../../src/disk/disk.ts';

/** What is wrong, and how many clusters nobody owns that the table does not call free. */
export interface FatVerdict {
  readonly damage: readonly string[];
  readonly lostClusters: number;
  /** Whether there are two tables that are not the same. */
  readonly differ: boolean;
}

/** Checks `size` bytes of `disk` from `start` on. */
export async function checkFat(disk: Disk, start: number): Promise<FatVerdict> {
  const boot = await disk.read(start, 512);
  const [perCluster, reserved, fats, entries] = [
    boot[13]!,
    u16(boot, 14),
    boot[16]!,
    u16(boot, 17),
  ];
  const sectors = u16(boot, 19) || u32(boot, 32);
  const perFat = u16(boot, 22);
  const dataSector = reserved + fats * perFat + entries / 16;
  const count = Math.floor((sectors - dataSector) / perCluster);
  const tables: Uint8Array[] = [];
  for (let index = 0; index < fats; index++) {
    tables.push(await disk.read(start + (reserved + index * perFat) * 512, perFat * 512));
  }
  const root = await disk.read(start + (reserved + fats * perFat) * 512, entries * 32);
  const differ = tables.some((table) => Buffer.compare(table, tables[0]!) !== 0);
  const damage: string[] = [];
  let lostClusters = 0;
  for (const table of tables) {
    const owners = new Map<number, string>();
    const names = new Set<string>();
    for (let at = 0; at < root.length && root[at] !== 0; at += 32) {
      if (root[at] === 0xe5 || root[at + 11] === 0x0f || (root[at + 11]! & 0x08) !== 0) continue;
      const name = Buffer.from(root.subarray(at, at + 11)).toString('latin1');
      if (names.has(name)) damage.push(`'${name}' is there twice`);
      names.add(name);
      const size = u32(root, at + 28);
      let length = 0;
      for (let cluster = u16(root, at + 26); cluster !== 0; length++) {
        if (cluster < 2 || cluster > count + 1) damage.push(`'${name}' leads to ${cluster}`);
        const owner = owners.get(cluster);
        if (owner !== undefined) damage.push(`'${name}' and '${owner}' share ${cluster}`);
        if (damage.length > 0) break;
        owners.set(cluster, name);
        const next = u16(table, cluster * 2);
        if (next < 2) damage.push(`'${name}' has ${cluster}, which is free`);
        cluster = next >= 0xfff8 || next < 2 ? 0 : next;
      }
      if (length !== Math.ceil(size / (perCluster * 512))) {
        damage.push(`'${name}' has ${size} bytes and ${length} clusters`);
      }
    }
    let lost = 0;
    for (let cluster = 2; cluster <= count + 1; cluster++) {
      if (u16(table, cluster * 2) !== 0 && !owners.has(cluster)) lost += 1;
    }
    lostClusters = Math.max(lostClusters, lost);
  }
  return { damage, lostClusters, differ };
}
