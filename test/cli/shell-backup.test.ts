// Backups in `visorfs shell`: where they go, what they are encrypted with, and a device that fails.

import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { openShell } from '../../src/cli/shell/open-shell.ts';
import { folderDevice, Host } from '../../src/node.ts';
import { Faults, failingDevice } from '../support/failing.ts';
import { outputOf, perform, stageFolder } from './stage.ts';

const BANK = 'images/bank';
const stage = stageFolder();

describe('backups', () => {
  const bank = (): string => stage('bank');
  const files = (): string[] =>
    readdirSync(bank()).map((name) => `${name} ${readFileSync(`${bank()}/${name}`, 'hex')}`);
  const shell = (command: string, ...options: string[]) =>
    perform(['shell', bank(), '--no-init', ...options, '-c', command]);

  beforeAll(() => cpSync(BANK, stage('bank'), { recursive: true }));

  test('leave the device as it is unless --write allows it, and say so', async () => {
    const before = files();
    const { code, out, err } = await shell('auto-backup.sh; echo a >> /etc/hosts; auto-backup.sh');
    expect(out).toBe('nothing to save: the state is as the bank has it\n');
    expect(err).toMatch(
      /^auto-backup\.sh: the boot device stays as it is, nothing is saved; start/,
    );
    expect(code).toBe(1);
    expect((await shell('/sbin/backup.sh 0')).err).toMatch(/^backup\.sh: the boot device stays/);
    expect(files()).toEqual(before);
  });

  test('go into a folder of the tree', async () => {
    mkdirSync(stage('unused'), { recursive: true });
    const { out } = await shell('echo a >> /etc/hosts; backup 0 /tmp; cd /tmp; tar tzf state.tgz');
    expect(out).toMatch(/^\/tmp\/state\.tgz: 2 files, \d+ bytes\nlocal\.tgz\n$/);
  });

  test('with --write what is saved is there after the next boot, and only once', async () => {
    const line =
      'auto-backup.sh; echo "10.0.0.9 nine" >> /etc/hosts; auto-backup.sh; auto-backup.sh';
    const { out, code } = await shell(line, '--write');
    expect(code).toBe(0);
    expect(out).toMatch(
      /^nothing to save.*\nbank: state\.tgz, 3 files, \d+ bytes\nnothing to save/,
    );
    expect((await shell('tail -n 1 /etc/hosts')).out).toBe('10.0.0.9 nine\n');
  });

  test('are encrypted where the state is, and want the key it was encrypted with', async () => {
    cpSync(BANK, stage('sealed'), { recursive: true });
    const key = '5e'.repeat(32);
    writeFileSync(stage('key'), key);
    writeFileSync(stage('wrong'), '5f'.repeat(32));
    await perform(['state', 'rekey', stage('sealed'), '--new-key-file', stage('key')]);
    const sealed = (options: readonly string[], command: string, env = {}) =>
      perform([...options, 'shell', stage('sealed'), '--no-init', '--write', '-c', command], {
        env,
      });
    const given = ['--key-file', stage('key')];
    const saved = await sealed(given, 'echo "10.0.0.9 nine" >> /etc/hosts; auto-backup.sh');
    expect(saved).toMatchObject({ code: 0, err: '' });
    const listed = execFileSync('tar', ['tzf', stage('sealed', 'state.tgz')], { encoding: 'utf8' });
    expect(listed).toBe('local.tgz.ve\n');

    const env = { VISORFS_STATE_KEY: key };
    expect((await sealed([], 'tail -n 1 /etc/hosts', env)).out).toBe('10.0.0.9 nine\n');
    const before = readFileSync(stage('sealed', 'state.tgz'));
    const wrong = await sealed(['--key-file', stage('wrong')], 'backup.sh 0');
    expect(wrong).toMatchObject({ code: 1, out: '' });
    expect(wrong.err).toMatch(/cannot be decrypted: the key is not the one it was encrypted with/);
    expect((await sealed([], 'backup.sh 0')).err).toMatch(/is encrypted and no key was given/);
    expect(readFileSync(stage('sealed', 'state.tgz'))).toEqual(before);
  });

  test('of a device that fails leave the state unsaved, and it is saved again', async () => {
    cpSync(BANK, stage('failing'), { recursive: true });
    const faults = new Faults();
    const host = await Host.boot(failingDevice(folderDevice(stage('failing')), faults));
    const { output } = outputOf();
    const stack = { vfs: host.vfs, host, close() {} };
    const { session, saving } = await openShell(stack, output, { isWritten: true });
    const { signal } = new AbortController();
    const line = async (text: string): Promise<string> => {
      const { bytes, stderr, code } = await session.line(text, { signal });
      return `${Buffer.from(bytes)}${stderr}${code}`;
    };
    const before = host.vfs.snapshot();
    await line('echo "10.0.0.9 nine" >> /etc/hosts');

    // What reads the bank first fails at its first write, which comes right after.
    faults.fault = { at: Number.POSITIVE_INFINITY, code: 'EIO', isForEver: true };
    await host.stateDiff();
    const reads = faults.count;
    for (const [command, at] of [
      ['backup.sh 0', 1],
      ['auto-backup.sh', 1],
      ['auto-backup.sh', reads + 1],
    ] as const) {
      faults.fault = { at, code: 'EIO', isForEver: true };
      faults.count = 0;
      expect(await line(command)).toMatch(/^(auto-)?backup\.sh: EIO: .*\n1$/);
      faults.fault = null;
      expect(await saving.lost(before)).toMatchObject({ notYet: 1 });
    }
    expect(await line('auto-backup.sh')).toMatch(/^failing: state\.tgz, 3 files, \d+ bytes\n0$/);
    expect(await saving.lost(before)).toEqual({ never: 0, notYet: 0 });
    expect(await line('auto-backup.sh')).toMatch(/^nothing to save/);
  });
});
