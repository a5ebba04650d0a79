// The state where it is kept: listed, compared, extracted, edited, and given another key, on
// folders and on disk images. Attacked with files that are no state, editors that fail, keys that
// are wrong, and with the wrong number of keys.

import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeBank } from './bank.ts';
import {
  BASE,
  type Performance,
  perform,
  refused,
  shown,
  stageFolder,
  writeImage,
} from './stage.ts';

const CONF = '/etc/vmware/esx.conf';
const at = stageFolder();

beforeAll(() => {
  fs.writeFileSync(at('key'), `${'0123456789abcdef'.repeat(4)}\n`);
  fs.writeFileSync(at('raw'), Buffer.concat([Buffer.of(0xff), randomBytes(31)]));
  fs.writeFileSync(at('phrase'), 'correct horse battery staple\n');
  fs.writeFileSync(at('empty'), '\n');
  writeImage(at('base.tar'), BASE);
});

/** A host of two banks, the second one booted, each test with one of its own. */
beforeEach(async () => {
  fs.rmSync(at('host'), { recursive: true, force: true });
  fs.mkdirSync(at('host'));
  await makeBank(at('host', 'altbootbank'));
  await makeBank(at('host', 'bootbank'));
  const cfg = at('host', 'bootbank', 'boot.cfg');
  fs.writeFileSync(cfg, fs.readFileSync(cfg, 'utf8').replace('updated=1', 'updated=2'));
});

const stateOf = (bank: string): Buffer => fs.readFileSync(at('host', bank, 'state.tgz'));
const host = (bank?: string): string => (bank === undefined ? at('host') : `${at('host')}:${bank}`);
const key = (name: string): readonly string[] => ['--key-file', at(name)];

function set(file: string, content: string): string {
  fs.writeFileSync(at(file), content);
  return at(file);
}

describe('state list', () => {
  test('of a state.tgz, and of a bank by its name, is what it holds', async () => {
    const listed = `\
Build      not recorded
Encrypted  no

Mode        Owner  Size  Modified              Path
-rw-r--r-T  0:0       9  2024-02-29T12:34:56Z  /etc/vmware/esx.conf
`;
    expect(await shown('state', 'list', at('host', 'bootbank', 'state.tgz'))).toBe(listed);
    expect(await shown('state', 'list', host('altbootbank'))).toBe(listed);
  });

  test('tells the build and the cipher of what a host with a key has saved', async () => {
    const file = at('saved.tgz');
    const backup = await perform([...key('key'), 'host', 'backup', host(), '-o', file]);
    expect(backup).toMatchObject({
      code: 0,
      err: "visorfs: 'bootbank/state.tgz' is not encrypted; the next backup encrypts it\n",
    });
    const json = JSON.parse(await shown('state', 'list', file, '--json', ...key('key')));
    expect(json).toEqual({
      build: '8.0.0-1',
      isEncrypted: true,
      files: [
        {
          ...{ path: CONF, size: 9, mode: '1644', uid: 0, gid: 0 },
          modified: '2024-02-29T12:34:56Z',
        },
      ],
    });
    expect(await refused('state', 'list', file)).toContain('is encrypted and no key was given');
    const listed = execFileSync('tar', ['tzf', file], { encoding: 'utf8' });
    expect(listed).toBe('local.tgz.ve\n');
  });
});

describe('state diff', () => {
  test('of the same is nothing, with exit code 0', async () => {
    expect(await shown('state', 'diff', host('altbootbank'), host())).toBe('');
    const json = await shown('state', 'diff', host('altbootbank'), host(), '--json');
    expect(JSON.parse(json)).toEqual({ isSame: true, differences: [] });
  });

  test('shows the lines that differ, with exit code 1, and patch applies them', async () => {
    await shown('state', 'edit', host(), CONF, '--set-from', set('new', '/a = "3"\n/b = "\t1"\n'));
    const differing = await perform(['state', 'diff', host('altbootbank'), host()]);
    expect(differing).toMatchObject({ code: 1, err: '' });
    expect(differing.out).toBe(`\
~ /etc/vmware/esx.conf  size 9 -> 19
--- a/etc/vmware/esx.conf
+++ b/etc/vmware/esx.conf
@@ -1 +1,2 @@
-/a = "2"
+/a = "3"
+/b = "\t1"

1 difference: 0 added, 0 removed, 1 changed
`);
    const short = await perform(['state', 'diff', '--stat', host('altbootbank'), host()]);
    expect(short.out.split('\n')).toHaveLength(4);
    const json = JSON.parse(
      (await perform(['state', 'diff', host(), host('altbootbank'), '--json'])).out,
    );
    expect(json).toMatchObject({ isSame: false, differences: [{ path: CONF, change: 'changed' }] });
    const before = set('patched', '/a = "3"\n/b = "\t1"\n');
    execFileSync('patch', [before], { input: json.differences[0].patch });
    expect(fs.readFileSync(before, 'utf8')).toBe('/a = "2"\n');
  });

  test('of an image stack is of what its next backup saves', async () => {
    const { code, out } = await perform(['state', 'diff', at('base.tar'), host()]);
    expect([code, out.split('\n')[0]]).toEqual([1, '+ /etc/vmware/esx.conf  9 bytes']);
    expect(out).toContain('--- /dev/null\n+++ b/etc/vmware/esx.conf\n@@ -0,0 +1 @@\n');
    expect(await shown('state', 'diff', `${host()},${at('base.tar')}`, host())).toBe('');
  });

  test('says of what is no text that it differs, and forges no line', async () => {
    await shown('state', 'edit', host(), CONF, '--set-from', set('new', 'a\0b'), '--force');
    const { out } = await perform(['state', 'diff', host('altbootbank'), host()]);
    expect(out.split('\n')).toHaveLength(4);
    await shown('state', 'edit', host(), CONF, '--set-from', set('new', '\u001b[2J\n'), '-f');
    const forged = await perform(['state', 'diff', host('altbootbank'), host()]);
    expect(forged.out).toContain('+\\x1b[2J\n');
  });

  test('of what cannot be read is trouble, exit code 2', async () => {
    const lost = await perform(['state', 'diff', at('lost'), host()]);
    expect(lost).toMatchObject({ code: 2, out: '' });
    expect(lost.err).toContain('there is no image');
    const noBank = await perform(['state', 'diff', host('other'), host()]);
    expect(noBank.code).toBe(2);
    expect(noBank.err).toContain("there is no bank 'other'");
  });
});

describe('state extract', () => {
  test('copies all files, or those below the paths that are named', async () => {
    const out = await shown('state', 'extract', host(), '-C', at('all'));
    expect(out).toBe(`${at('all')}: 1 file, 2 directories, 9 bytes\n`);
    expect(fs.readFileSync(at('all', 'etc/vmware/esx.conf'), 'utf8')).toBe('/a = "2"\n');
    const paths = ['etc/vmware/esx.conf', '/etc/vmware'];
    const state = at('host', 'bootbank', 'state.tgz');
    const some = await shown('state', 'extract', state, ...paths, '-C', at('some'), '--json');
    expect(JSON.parse(some)).toMatchObject({ files: 1, directories: 2 });
    const lost = await refused('state', 'extract', state, '/etc/lost', '-C', at('none'));
    expect(lost).toContain("there is no '/etc/lost' in state.tgz");
    expect(fs.existsSync(at('none'))).toBe(false);
  });
});

describe('state edit', () => {
  const editing = (editor: string, ...args: readonly string[]): Promise<Performance> =>
    perform(['state', 'edit', ...args], { env: { EDITOR: editor } });

  test.each([
    ['/a = "1"\n# kept\n\n/b: 2\n/c = "3\n', 'line 4 is no key with its value (/a/b = "c")'],
    ['# nothing\n', 'it has no key at all'],
    ['', 'it has no key at all'],
  ])('refuses %j as esx.conf, and takes it by --force', async (content, why) => {
    const args = ['state', 'edit', host(), CONF, '--set-from', set('new', content)];
    const before = stateOf('bootbank');
    expect(await refused(...args)).toContain(`that is no esx.conf: ${why}`);
    expect(stateOf('bootbank')).toEqual(before);
    await shown(...args, '--force');
  });

  test('lets an editor change a file, and saves it in that bank alone', async () => {
    const before = stateOf('bootbank');
    const { code, out, err } = await editing('sed -i s/2/1234/', host('altbootbank'), CONF);
    expect({ code, err, out }).toEqual({
      ...{ code: 0, err: '' },
      out: 'altbootbank: /etc/vmware/esx.conf, 9 -> 12 bytes\n',
    });
    expect(stateOf('bootbank').equals(before)).toBe(true);
    const local = execFileSync('tar', ['xzO', 'local.tgz'], { input: stateOf('altbootbank') });
    const content = execFileSync('tar', ['xzO', 'etc/vmware/esx.conf'], { input: local });
    expect(content.toString()).toBe('/a = "1234"\n');
    expect(await shown('state', 'list', host('altbootbank'))).toContain('Build      8.0.0-1\n');
  });

  test('makes state of a sticky file that nobody changed yet', async () => {
    fs.rmSync(at('host', 'bootbank', 'state.tgz'));
    const row = await shown(
      'state',
      'edit',
      host(),
      CONF,
      '--json',
      '--set-from',
      set('new', '/a = ""'),
    );
    expect(JSON.parse(row)).toEqual({ bank: 'bootbank', path: CONF, before: 9, after: 7 });
    expect(await shown('cat', host(), CONF)).toBe('/a = ""');
  });

  test.each([
    ['a file that is not sticky', '/etc/motd', 'it is not sticky'],
    ['one that is not there', '/etc/lost', 'nothing is there'],
    ['one outside of /etc', '/bin/busybox', 'it is not below /etc'],
    ['a directory', '/etc', 'it is a directory'],
    ['a link', '/bin/sh', 'it is a symbolic link'],
  ])('refuses %s, saying why, and runs no editor', async (_what, path, why) => {
    const { code, err } = await editing(`touch ${at('ran')} #`, host(), path);
    expect(code).toBe(1);
    expect(err).toContain(`'${path}' is no state: ${why}`);
    expect(fs.existsSync(at('ran'))).toBe(false);
  });

  test.each([
    ['nothing changed', 'true', 'has that content already: nothing is written'],
    ['the editor failed', 'echo x >"$1"; exit 3; :', 'ended with exit code 3: nothing is written'],
  ])('writes nothing where %s, and leaves no copy', async (_what, editor, message) => {
    const before = stateOf('bootbank');
    const copies = () => fs.readdirSync(at('tmp')).filter((name) => name.includes('visorfs-edit'));
    fs.mkdirSync(at('tmp'), { recursive: true });
    const { TMPDIR } = process.env;
    process.env['TMPDIR'] = at('tmp');
    try {
      const { code, err } = await editing(editor, host(), CONF);
      expect(code).toBe(1);
      expect(err).toContain(message);
    } finally {
      if (TMPDIR === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = TMPDIR;
    }
    expect(copies()).toEqual([]);
    expect(stateOf('bootbank').equals(before)).toBe(true);
  });

  test('keeps an encrypted state encrypted, and takes what comes by stdin', async () => {
    await shown('state', 'rekey', host(), '--new-key-file', at('raw'));
    const props = { readAll: async () => Buffer.from('/by = "stdin"\n') };
    const args = ['state', 'edit', host(), CONF, '--set-from', '-', ...key('raw')];
    expect((await perform(args, props)).code).toBe(0);
    expect(gunzipSync(stateOf('bootbank')).toString('latin1', 0, 12)).toBe('local.tgz.ve');
    expect(await shown('cat', host(), CONF, ...key('raw'))).toBe('/by = "stdin"\n');
  });
});

describe('state rekey', () => {
  test('gives both banks another key, and every command that boots takes it', async () => {
    const plain = ['bootbank', 'altbootbank'].map(stateOf);
    expect(await shown('state', 'rekey', host(), '--new-key-file', at('key'))).toBe(
      'bootbank: plain, now encrypted with the new key\n' +
        'altbootbank: plain, now encrypted with the new key\n',
    );
    for (const args of [
      ['host', 'boot', host()],
      ['cat', host(), CONF],
      ['vdf', host()],
      ['state', 'list', host()],
      ['state', 'diff', host(), host('altbootbank')],
      ['diff', host(), host()],
      ['host', 'software', 'vib', 'list', host()],
      ['host', 'backup', host(), '-o', at('new.tgz')],
    ]) {
      expect((await perform(args)).err, args.join(' ')).toContain('no key was given');
      await shown(...args, ...key('key'));
    }
    await shown('state', 'rekey', host(), ...key('key'), '--new-key-file', at('phrase'));
    expect(await refused('host', 'boot', host(), ...key('key'))).toContain('cannot be decrypted');
    const byEnvironment = { env: { VISORFS_STATE_KEY: 'correct horse battery staple' } };
    expect((await perform(['host', 'boot', host()], byEnvironment)).code).toBe(0);
    expect(await shown('state', 'rekey', host(), ...key('phrase'), '--decrypt')).toBe(
      'bootbank: now plain\naltbootbank: now plain\n',
    );
    expect(['bootbank', 'altbootbank'].map(stateOf)).toEqual(plain);
  });

  test('says of a bank that an earlier run finished that it is done', async () => {
    await shown('state', 'rekey', host(), '--new-key-file', at('key'));
    const before = stateOf('altbootbank');
    await shown('state', 'rekey', host(), ...key('key'), '--new-key-file', at('raw'));
    fs.writeFileSync(at('host', 'altbootbank', 'state.tgz'), before);
    const again = ['state', 'rekey', host(), ...key('key'), '--new-key-file', at('raw'), '--json'];
    const encrypted = { before: 'encrypted', after: 'encrypted' };
    expect(JSON.parse(await shown(...again))).toEqual([
      { bank: 'bootbank', ...encrypted, isChanged: false },
      { bank: 'altbootbank', ...encrypted, isChanged: true },
    ]);
  });

  test('of a disk image is as of a folder, and so is an edit', async () => {
    const disk = at('disk.img');
    await shown('device', 'create', disk, '--from', host(), '--force');
    await shown('state', 'rekey', disk, '--new-key-file', at('key'));
    expect(await shown('cat', disk, CONF, ...key('key'))).toBe('/a = "2"\n');
    await shown(
      'state',
      'edit',
      disk,
      CONF,
      '--set-from',
      set('new', '/on = "disk"'),
      ...key('key'),
    );
    expect(await shown('cat', disk, CONF, ...key('key'))).toBe('/on = "disk"');
  });

  test.each([
    ['neither a key nor --decrypt', [], 2, 'say one of'],
    ['both', ['--decrypt', '--new-key-file', 'key'], 2, 'say one of'],
    ['a file that is not there', ['--new-key-file', 'lost'], 1, "no key file 'lost'"],
    ['an empty one', ['--new-key-file', 'empty'], 1, 'holds no key'],
    ['two keys by stdin', ['--key-file', '-', '--new-key-file', '-'], 2, 'both keys'],
  ])('refuses %s', async (_what, words, wanted, message) => {
    const args = words.map((word) => (word === 'key' || word === 'empty' ? at(word) : word));
    const { code, out, err } = await perform(['state', 'rekey', host(), ...args]);
    expect([code, out]).toEqual([wanted, '']);
    expect(err).toContain(message);
  });
});

test('a state of a newer image is refused, and taken with --force-state', async () => {
  const state = at('newer.tgz');
  const cfg = at('host', 'bootbank', 'boot.cfg');
  const older = fs.readFileSync(cfg, 'utf8');
  fs.writeFileSync(cfg, older.replace('8.0.0-1', '8.0.10-1'));
  await shown('host', 'backup', host(), '-o', state);
  fs.writeFileSync(cfg, older);
  fs.copyFileSync(state, at('host', 'bootbank', 'state.tgz'));
  expect(await refused('host', 'boot', host())).toBe(
    "visorfs: 'bootbank/state.tgz' was made by the image 8.0.10-1, and this one is the older " +
      '8.0.0-1: boot the newer image, or take the state all the same with --force-state ' +
      '(forceState)\n',
  );
  const { events } = JSON.parse(await shown('--force-state', 'host', 'boot', host(), '--json'));
  expect(events).toMatchObject([{ id: 'visorfs.state.newer', severity: 'warning' }]);
});
