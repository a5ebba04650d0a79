// `visorfs host boot`, `host rollback` and `device verify` on devices of two banks, letter for
// letter: what is written and what is not, the question and its answers, and that commands that
// only look leave a device byte for byte as it was.

import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { beforeEach, expect, test } from 'vitest';
import { makeBank } from './bank.ts';
import { perform, refused, shown, stageFolder } from './stage.ts';

const at = stageFolder();
let count = 0;
let device = '';

/** A folder with the banks `bootbank` and, upgraded and not booted yet, `altbootbank`. */
beforeEach(async () => {
  count += 1;
  device = at(`host${count}`);
  mkdirSync(device);
  await makeBank(`${device}/bootbank`);
  cpSync(`${device}/bootbank`, `${device}/altbootbank`, { recursive: true });
  edit('altbootbank', 'bootstate=0', 'bootstate=1');
  edit('altbootbank', 'updated=1', 'updated=2');
  edit('altbootbank', 'build=8.0.0-1', 'build=8.0.0-2');
});

function edit(bank: string, from: string, to: string): void {
  const file = `${device}/${bank}/boot.cfg`;
  writeFileSync(file, readFileSync(file, 'utf8').replace(from, to));
}

function states(): string {
  return ['bootbank', 'altbootbank']
    .map((bank) => readFileSync(`${device}/${bank}/boot.cfg`, 'utf8').slice(10, 11))
    .join(' ');
}

function content(): string {
  return readdirSync(device, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(
      ({ parentPath, name }) =>
        `${parentPath}/${name}: ${readFileSync(`${parentPath}/${name}`, 'latin1')}`,
    )
    .sort()
    .join('\n');
}

const HEAD = /^.*?\n\n/s;

test('boot boots an upgrade and makes it valid, and says so', async () => {
  expect(HEAD.exec(await shown('host', 'boot', device))![0]).toBe(`\
Bank     altbootbank
Build    8.0.0-2
Mounted  2 tardisks, 5 files, in 0.0 ms
Info     altbootbank was upgraded and has come up.

`);
  expect(states()).toBe('0 0');
});

test('boot takes the other bank where one lacks a module, and says so', async () => {
  edit('altbootbank', 'hostd.v00', 'none.v00');
  expect(HEAD.exec(await shown('host', 'boot', device))![0]).toContain(`
Error    altbootbank is not booted: altbootbank/boot.cfg at 0x0: lists the module 'none.v00', which\
 is not in the bank; its upgrade failed, and it is invalid now.
`);
  expect(states()).toBe('0 3');
  edit('altbootbank', 'bootstate=3', 'bootstate=0');
  const report = JSON.parse(await shown('host', 'boot', '--json', device));
  expect(report).toMatchObject({
    bank: 'bootbank',
    skipped: [{ bank: 'altbootbank', reason: expect.stringContaining("'none.v00'") }],
    events: [{ id: 'visorfs.boot.bank.skipped', severity: 'error' }],
  });
});

test('boot --dry-run, and all that only looks, leaves the device as it is', async () => {
  const before = content();
  expect(await shown('host', 'boot', '--dry-run', device)).toContain('Bank     altbootbank\n');
  expect(await shown('host', 'boot', '--dry-run', '--rollback', device)).toContain(
    'Bank     bootbank\n',
  );
  for (const command of [['ls'], ['vdf'], ['state', 'list'], ['host', 'software', 'vib', 'list']]) {
    await shown(...command, device);
  }
  await shown('cat', device, '/etc/motd');
  await shown('device', 'verify', device);
  await shown('host', 'backup', device, '-o', at(`state${count}.tgz`));
  expect(content()).toBe(before);
  edit('altbootbank', 'hostd.v00', 'none.v00');
  const { code, out, err } = await perform(['cat', device, '/etc/motd']);
  expect({ code, out }).toEqual({ code: 0, out: 'hostd says hello\n' });
  expect(err).toContain('visorfs: altbootbank is not booted: altbootbank/boot.cfg at 0x0: lists');
});

test('rollback asks in the words of ESXi, and only a yes is one', async () => {
  await shown('host', 'boot', device);
  expect(await refused('host', 'rollback', device)).toContain(
    'nobody is here to be asked: --yes says that',
  );
  expect(await refused('host', 'boot', '--rollback', device)).toContain(
    '--yes says that it is meant',
  );
  const asked: string[] = [];
  const answering = (answer: string) => ({
    ask: async (question: string) => {
      asked.push(question);
      return answer;
    },
  });
  const no = await perform(['host', 'rollback', device], answering(''));
  expect(no).toMatchObject({ code: 1, err: expect.stringContaining('nothing has changed') });
  expect(states()).toBe('0 0');
  const yes = await perform(['host', 'rollback', device], answering('Y\n'));
  expect(yes).toMatchObject({ code: 0, err: '' });
  expect(yes.out).toBe(
    'altbootbank is invalid from now on; bootbank, build 8.0.0-1, is booted next.\n',
  );
  expect(asked[1]).toBe(`\
Installed hypervisors:

   altbootbank: 8.0.0-2 (Default)
   bootbank: 8.0.0-1

CURRENT DEFAULT HYPERVISOR WILL BE REPLACED PERMANENTLY.
DO YOU REALLY WANT TO ROLL BACK? [y/N] `);
  expect(states()).toBe('0 3');
  expect(await refused('host', 'rollback', '-y', device)).toBe(
    'visorfs: No alternate hypervisor to roll back to.\n',
  );
});

test('boot --rollback boots the other bank, and a disk image is rolled back too', async () => {
  expect(await shown('host', 'boot', '--rollback', '--yes', device)).toContain(
    'Bank     bootbank\n',
  );
  expect(states()).toBe('0 3');
  edit('altbootbank', 'bootstate=3', 'bootstate=0');
  const image = at(`boot${count}.img`);
  await shown('device', 'create', image, '--from', device, '--bank-size', '3m');
  const done = JSON.parse(await shown('host', 'rollback', '--yes', '--json', image));
  expect(done).toEqual({
    device: image,
    from: { bank: 'altbootbank', build: '8.0.0-2' },
    to: { bank: 'bootbank', build: '8.0.0-1' },
  });
  expect(await shown('host', 'boot', image)).toContain('Bank     bootbank\n');
  expect(await refused('host', 'rollback', '--yes', at('nowhere'))).toContain(
    'there is no boot device',
  );
});

test('device verify lists what has no sum, and finds what is not what it was', async () => {
  const nobody = `\
Bank     bootbank
Build    8.0.0-1
Modules  3 modules, 0 as it has to be, 3 that nobody has a sum of

Bank     altbootbank
Build    8.0.0-2
Modules  3 modules, 0 as it has to be, 3 that nobody has a sum of
`;
  expect(await shown('device', 'verify', device)).toBe(nobody);
  const listed = nobody.replaceAll('that nobody has a sum of', 'listed in sha256.sum now');
  expect(await shown('device', 'verify', '--write', device)).toBe(listed);
  const holds = nobody.replaceAll(/0 as it has.*/g, '3 as it has to be');
  expect(await shown('device', 'verify', '--write', device)).toBe(holds);
  writeFileSync(`${device}/altbootbank/b.b00`, 'A kernel');
  const { code, out, err } = await perform(['device', 'verify', device]);
  expect({ code, err }).toEqual({ code: 1, err: 'visorfs: altbootbank: does not hold\n' });
  expect(out).toContain(`\
Modules  3 modules, 2 as it has to be
Problem  b.b00 differs
           found     `);
  const [, bad] = JSON.parse((await perform(['device', 'verify', '--json', device])).out);
  expect(bad.modules[0]).toMatchObject({ file: 'b.b00', verdict: 'differs', source: 'sha256.sum' });
  expect((await perform(['device', 'verify', '--write', device])).code).toBe(1);
  expect(await shown('host', 'boot', device)).toContain('b.b00 at 0x0: its SHA-256 is ');
  expect(states()).toBe('0 3');
});
