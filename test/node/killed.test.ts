// Real processes on a real file, killed at times by chance while they boot, change and back up: the
// next one always boots, with the state that was last promised or the one that was being saved.
// KILLS=300 kills as many; what the medium would hold after a power cut is test/powercut's matter.

import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { bytesSource } from '../../src/base/source.ts';
import { encodeBootCfg } from '../../src/format/boot-cfg.ts';
import { blobBytes, blobDevice, createBlob, fileDisk, Host, newFileDisk } from '../../src/node.ts';
import { tarOf } from '../support/archives.ts';
import { compiledSources } from '../support/compiled.ts';
import { fsckFat, missingOf, newFolder } from '../support/fat-tools.ts';
import { prng, seeds } from '../support/prng.ts';

const KILLS = Number(process.env['KILLS'] ?? 12);
const MIB = 1 << 20;
const SIZES = { efiSize: MIB, bankSize: 3 * MIB, dumpSize: MIB };

const { folder, remove } = newFolder();
const image = join(folder, 'boot.img');
let compiled: URL;

/** Counts up in the state for ever, and says each number once it is promised. */
const COUNTER = (sources: string): string => `
import { Host, blobDevice, fileDisk } from '${sources}node.js';
const host = await Host.boot(await blobDevice(fileDisk(process.argv[2])));
process.stdout.write('booted\\n');
for (;;) {
  const [count] = host.vfs.fs.readFileSync('/etc/count', 'utf8').split(' ');
  const next = Number(count) + 1;
  host.vfs.fs.writeFileSync('/etc/count', next + ' ' + 'x'.repeat((next % 50) * 100));
  await host.rebuild();
  process.stdout.write(next + '\\n');
}
`;

beforeAll(async () => {
  compiled = compiledSources();
  writeFileSync(join(folder, 'counter.mjs'), COUNTER(compiled.href));
  const base = tarOf([{ path: 'etc/' }, { path: 'etc/count', content: '0', mode: 0o1644 }]);
  const cfg = encodeBootCfg({
    kernel: 'b.b00',
    modules: [{ file: 'base.v00', options: '' }],
    build: '1',
    updated: 1,
  });
  const bootbank = [
    bytesSource(cfg, 'boot.cfg'),
    bytesSource(utf8('a kernel'), 'b.b00'),
    bytesSource(base, 'base.v00'),
  ];
  const disk = newFileDisk(image, await blobBytes(SIZES));
  const guid = '01234567-89AB-CDEF-0123-456789ABCDEF';
  await createBlob(disk, { ...SIZES, guid, banks: { bootbank } });
  disk.close();
});

afterAll(() => {
  remove();
  rmSync(fileURLToPath(compiled), { recursive: true, force: true });
});

/**
 * The last whole line that `child` says before it is killed, `delayMs` after it has booted and
 * saved `saves` states: by the clock alone a busy machine saved none.
 */
function lastLine(child: ChildProcess, saves: number, delayMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    let complained = '';
    child.stderr!.on('data', (chunk) => {
      complained += chunk;
    });
    child.stdout!.on('data', (chunk) => {
      const before = said.split('\n').length;
      said += chunk;
      const isDue = before <= saves + 1 && said.split('\n').length > saves + 1;
      if (isDue) setTimeout(() => child.kill('SIGKILL'), delayMs);
    });
    child.on('close', (_code, signal) => {
      if (signal === 'SIGKILL') resolve(said.split('\n').at(-2)!);
      else reject(new Error(complained));
    });
  });
}

/** What the device says by itself, booted here. */
async function counted(): Promise<number> {
  const disk = fileDisk(image, { isReadOnly: true });
  const host = await Host.boot(await blobDevice(disk));
  disk.close();
  return Number(host.vfs.fs.readFileSync('/etc/count', 'utf8').split(' ')[0]);
}

const [seed = 1] = seeds(1);
const hasFsck = missingOf(['fsck.fat']).length === 0;

test(`${KILLS} killed processes leave the old state or the new (SEED=${seed})`, async () => {
  const chance = prng(seed);
  let promised = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const child = spawn(process.execPath, [join(folder, 'counter.mjs'), image]);
    const line = await lastLine(child, kill % 3, chance.below(60));
    if (line !== 'booted') promised = Number(line);
    const found = await counted();
    expect([promised, promised + 1], `kill ${kill}`).toContain(found);
    promised = found;
    if (!hasFsck) continue;
    const disk = fileDisk(image, { isReadOnly: true });
    const { damage } = fsckFat(folder, await disk.read(2 * MIB, SIZES.bankSize));
    disk.close();
    expect(damage, `kill ${kill}`).toEqual([]);
  }
  expect(promised).toBeGreaterThan(0);
});
