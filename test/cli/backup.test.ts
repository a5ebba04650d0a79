// A backup is a file that is there whole or not at all, never in the place of another unasked, and
// a state that a host boots from.

import fs from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { folderDevice, Host, mount } from '../../src/node.ts';
import { makeBank } from './bank.ts';
import { perform, stageFolder } from './stage.ts';

const at = stageFolder();

beforeAll(async () => {
  await makeBank(at('bank'));
  // Saved by a host: with the build of its image.
  await (await Host.boot(folderDevice(at('bank')))).rebuild();
});

test('a backup of a bank that was only booted is the state it was booted with', async () => {
  const { code, out } = await perform(['host', 'backup', at('bank'), '-o', at('new.tgz')]);
  const stored = fs.readFileSync(at('bank/state.tgz'));
  expect(code).toBe(0);
  expect(out).toBe(`${at('new.tgz')}: 1 file, ${stored.length} bytes\n`);
  expect(fs.readFileSync(at('new.tgz'))).toEqual(stored);
  const vfs = await mount(at('bank/base.v00'));
  await vfs.restore(fs.readFileSync(at('new.tgz')));
  expect(vfs.fs.readFileSync('/etc/vmware/esx.conf', 'utf8')).toBe('/a = "2"\n');
});

test('a backup to - is on stdout, and nothing else is', async () => {
  const { bytes } = await perform(['host', 'backup', at('bank'), '-o', '-']);
  expect(Buffer.from(bytes)).toEqual(fs.readFileSync(at('bank/state.tgz')));
});

test('a backup says as JSON what was written, but not to the stdout that it takes', async () => {
  const { code, out } = await perform([
    'host',
    'backup',
    at('bank'),
    '-o',
    at('said.tgz'),
    '--json',
  ]);
  expect(code).toBe(0);
  const { size } = fs.statSync(at('said.tgz'));
  expect(JSON.parse(out)).toEqual({ file: at('said.tgz'), files: expect.any(Number), bytes: size });
  expect((await perform(['host', 'backup', at('bank'), '-o', '-', '--json'])).code).toBe(2);
});

test('a backup overwrites with --force only', async () => {
  fs.writeFileSync(at('taken.tgz'), 'taken');
  const args = ['host', 'backup', at('bank'), '-o', at('taken.tgz')];
  const refused = await perform(args);
  expect(refused.code).toBe(1);
  expect(refused.err).toContain(`'${at('taken.tgz')}' is there already`);
  expect(fs.readFileSync(at('taken.tgz'), 'utf8')).toBe('taken');
  expect((await perform([...args, '--force'])).code).toBe(0);
  expect(fs.readFileSync(at('taken.tgz'))).toEqual(fs.readFileSync(at('bank/state.tgz')));
});

test('a backup that cannot be written leaves nothing', async () => {
  const { code, err } = await perform([
    'host',
    'backup',
    at('bank'),
    '-o',
    at('nowhere/state.tgz'),
  ]);
  expect({ code, lines: err.split('\n').length }).toEqual({ code: 1, lines: 2 });
  expect(fs.readdirSync(at()).filter((name) => name.startsWith('.visorfs'))).toEqual([]);
});
