// The demo on the sample bank, from its first line to its last; and on banks where a step of the
// story cannot happen, which it must notice.

import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { makeBank } from './bank.ts';
import { perform, stageFolder, writeImage } from './stage.ts';

const SAMPLE = fileURLToPath(new URL('../../images/bank', import.meta.url));
const hasSample = existsSync(join(SAMPLE, 'boot.cfg'));
if (!hasSample) process.stderr.write(`skipped: no sample bank at ${SAMPLE}\n`);

const at = stageFolder();

beforeAll(() => makeBank(at('bank')));

function left(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('visorfs-demo-'));
}

test.skipIf(!hasSample)(
  'the demo tells its story, in order, and leaves the bank alone',
  async () => {
    const before = readdirSync(SAMPLE).map((name) => statSync(join(SAMPLE, name)).mtimeMs);
    const state = readFileSync(join(SAMPLE, 'state.tgz'));
    const { code, out, err } = await perform(['demo'], { now: () => performance.now() });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const steps = [
      /^# Boot \(build \S+\)$/m,
      /^mounted {6}4 tardisks: sb\.v00, hostd\.v00, vpxa\.v00, fdm\.v00$/m,
      /^in place {5}\d+ files, \d{7} bytes/m,
      /^boot {9}[\d.]+ ms/m,
      /^memfs {8}[\d.]+ ms: .* [\d.]+ times as long$/m,
      /^Ramdisk {19}Size {6}Used Available Use% Mounted on\nroot/m,
      /^sticky {7}\/etc\/vmware\/esx\.conf/m,
      /^not sticky {3}\/etc\/motd/m,
      /^ENOSPC: no space left on device, write \(the ramdisk 'root' is full: \d+ of 33554432 /m,
      /^answering/m,
      /^root( +\d+){3} +0% --\nroot( +\d+){3} +99% --\nroot( +\d+){3} +0% --$/m,
      /^-rw-r--r-T .* \/etc\/vmware\/esx\.conf$/m,
      /^state\.tgz {4}\d+ bytes/m,
      /^# Reboot/m,
      /^still there {2}\/etc\/vmware\/esx\.conf: \/adv\/Misc\/HostName = "esx-demo"$/m,
      /^gone {9}\/etc\/motd/m,
    ];
    let place = 0;
    for (const step of steps) {
      const match = step.exec(out.slice(place));
      expect(match, String(step)).not.toBeNull();
      place += match!.index;
    }
    expect(out.split('\n').length).toBeLessThan(70);
    expect(out.split('\n').filter((line) => line.length > 110)).toEqual([]);
    expect(readdirSync(SAMPLE).map((name) => statSync(join(SAMPLE, name)).mtimeMs)).toEqual(before);
    expect(readFileSync(join(SAMPLE, 'state.tgz'))).toEqual(state);
  },
);

test('the demo works on any bank that has the files of the story', async () => {
  expect(await perform(['demo', at('bank')])).toMatchObject({ code: 0, err: '' });
});

test('the demo fails, and says at what, where esx.conf is not sticky', async () => {
  cpSync(at('bank'), at('loose'), { recursive: true });
  // What a state restores is state, whatever the archive says.
  rmSync(at('loose/state.tgz'));
  writeImage(at('loose/base.v00'), [
    { path: 'etc/motd', content: 'welcome\n' },
    { path: 'etc/vmware/esx.conf', content: '' },
  ]);
  const { code, err } = await perform(['demo', at('loose')]);
  expect(code).toBe(1);
  expect(err).toMatch(/^visorfs: the demo failed: .*\n$/);
});

test('the demo fails where there is no /etc/motd', async () => {
  cpSync(at('bank'), at('bare'), { recursive: true });
  writeImage(at('bare/base.v00'), [{ path: 'etc/vmware/esx.conf', mode: 0o1644, content: '' }]);
  writeImage(at('bare/hostd.v00'), [{ path: 'bin/hostd', content: '' }]);
  const { code, out } = await perform(['demo', at('bare')]);
  expect(code).toBe(1);
  expect(out).not.toContain('# Reboot');
});

test('whatever becomes of a demo, no copy of the bank stays behind', async () => {
  const before = left();
  await perform(['demo', at('bank')]);
  await perform(['demo', at('bare')]);
  expect(left().filter((name) => !before.includes(name))).toEqual([]);
});
