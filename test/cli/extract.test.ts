// Extraction writes what tar would write, and nowhere else, and nothing by halves. The traps are
// links: in the archive, and in the folder that is written to.

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { entryAt } from '../../src/cli/entries.ts';
import { Extraction } from '../../src/cli/extraction.ts';
import { mount } from '../../src/node.ts';
import { BASE, HOSTD, LEAP_DAY, outputOf, perform, stageFolder, writeImage } from './stage.ts';

const at = stageFolder();

beforeAll(() => {
  writeImage(at('base.tar'), BASE);
  writeImage(at('hostd.v00'), HOSTD);
});

/** All below `folder`: type, mode, size, time and content or target by path. */
function contents(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  const inodes = new Map<number, string>();
  for (const name of fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    const place = path.join(folder, name);
    const stats = fs.lstatSync(place);
    const what = stats.isSymbolicLink()
      ? `-> ${fs.readlinkSync(place)}`
      : stats.isFile()
        ? fs.readFileSync(place, 'latin1')
        : '';
    const first = inodes.get(stats.ino);
    inodes.set(stats.ino, first ?? name);
    const twin = first === undefined ? '' : ` is ${first}`;
    found[name] = `${stats.mode.toString(8)} ${Math.floor(stats.mtimeMs / 1000)} ${what}${twin}`;
  }
  return found;
}

describe('extract', () => {
  test('makes files with modes, times, links and hard links, and leaves devices out', async () => {
    const { code, out, err } = await perform(['image', 'extract', at('base.tar'), '-C', at('all')]);
    expect(code).toBe(0);
    expect(out).toBe(`${at('all')}: 4 files, 4 directories, 1 symbolic link, 19 bytes\n`);
    expect(err).toBe('visorfs: /dev/null is left out: it is a character device\n');
    expect(contents(at('all'))).toEqual({
      bin: `40755 ${LEAP_DAY} `,
      'bin/busybox': `100555 ${LEAP_DAY} #!`,
      'bin/ls': `100555 ${LEAP_DAY} #! is bin/busybox`,
      'bin/sh': `120777 ${LEAP_DAY} -> busybox`,
      dev: `40755 ${LEAP_DAY} `,
      etc: `40755 ${LEAP_DAY} `,
      'etc/motd': `100644 ${LEAP_DAY} welcome\n`,
      'etc/vmware': `41755 ${LEAP_DAY} `,
      'etc/vmware/esx.conf': `101644 ${LEAP_DAY} /a = "1"\n`,
    });
  });

  test('takes the topmost of several images, and a part of them under its whole path', async () => {
    const args = [
      'image',
      'extract',
      at('base.tar'),
      at('hostd.v00'),
      '/etc/motd',
      '-C',
      at('part'),
    ];
    expect((await perform(args)).code).toBe(0);
    expect(contents(at('part'))).toEqual({
      etc: `40755 ${LEAP_DAY} `,
      'etc/motd': `100644 ${LEAP_DAY} hostd says hello\n`,
    });
  });

  test('refuses to overwrite before it writes anything, and does so with --force', async () => {
    fs.mkdirSync(at('old/etc'), { recursive: true });
    fs.writeFileSync(at('old/etc/motd'), 'mine\n');
    const args = ['image', 'extract', at('base.tar'), '-C', at('old')];
    const refused = await perform(args);
    expect(refused.code).toBe(1);
    expect(refused.err).toBe(
      `visorfs: '${at('old/etc/motd')}' is there already; --force overwrites it\n`,
    );
    expect(Object.keys(contents(at('old')))).toEqual(['etc', 'etc/motd']);
    expect((await perform([...args, '--force'])).code).toBe(0);
    expect(fs.readFileSync(at('old/etc/motd'), 'utf8')).toBe('welcome\n');
    expect((await perform([...args, '--force'])).code).toBe(0);
    expect(Object.keys(contents(at('old'))).length).toBe(9);
  });

  test('never removes a directory to put a file there', async () => {
    fs.mkdirSync(at('kept/etc/motd'), { recursive: true });
    const { code, err } = await perform(['image', 'extract', at('base.tar'), '-fC', at('kept')]);
    expect(code).toBe(1);
    expect(err).toContain(`'${at('kept/etc/motd')}' is a directory`);
  });

  test('names a new folder after the image, and refuses one that is there', async () => {
    const here = process.cwd();
    process.chdir(at());
    try {
      expect((await perform(['image', 'extract', 'hostd.v00'])).out).toMatch(/^hostd: 2 files/);
      const again = await perform(['image', 'extract', 'hostd.v00']);
      expect(again).toMatchObject({ code: 1 });
      expect(again.err).toContain("'hostd' is there already");
    } finally {
      process.chdir(here);
    }
  });

  test('stops at an interrupt with nothing half written', async () => {
    const interrupt = new AbortController();
    writeImage(at('big.tar'), [{ path: 'a/big', content: 'x'.repeat(3 << 20) }]);
    const running = perform(['image', 'extract', at('big.tar'), '-C', at('cut')], {
      signal: interrupt.signal,
    });
    // The first turns open the archive; then a file of three chunks is under way.
    while (!fs.existsSync(at('cut/a')) || fs.readdirSync(at('cut/a')).length === 0) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(fs.existsSync(at('cut/a/big'))).toBe(false);
    interrupt.abort();
    expect(fs.readdirSync(at('cut/a'))).toEqual([]);
    expect((await running).code).toBe(1);
    expect(fs.readdirSync(at('cut/a'))).toEqual([]);
  });
});

describe('nothing is written outside the target', () => {
  for (const kind of ['absolute', 'relative'] as const) {
    test(`when a link (${kind}) in the target stands where a directory should be`, async () => {
      const folder = at(kind);
      fs.rmSync(at('outside'), { recursive: true, force: true });
      fs.mkdirSync(at('outside'));
      fs.mkdirSync(folder);
      const target = kind === 'absolute' ? at('outside') : '../outside';
      fs.symlinkSync(target, path.join(folder, 'etc'));
      const args = ['image', 'extract', at('base.tar'), '-C', folder];
      expect(await perform(args)).toMatchObject({ code: 1 });
      expect(fs.readdirSync(at('outside'))).toEqual([]);
      // With --force the link is replaced, not gone through.
      expect(await perform([...args, '--force'])).toMatchObject({ code: 0 });
      expect(fs.readdirSync(at('outside'))).toEqual([]);
      expect(fs.lstatSync(path.join(folder, 'etc')).isDirectory()).toBe(true);
    });
  }

  test('when a link in the target stands where a file should be', async () => {
    fs.mkdirSync(at('filetrap/etc'), { recursive: true });
    fs.writeFileSync(at('victim'), 'precious');
    fs.symlinkSync(at('victim'), at('filetrap/etc/motd'));
    const args = ['image', 'extract', at('base.tar'), '-fC', at('filetrap')];
    expect(await perform(args)).toMatchObject({ code: 0 });
    expect(fs.readFileSync(at('victim'), 'utf8')).toBe('precious');
    expect(fs.readFileSync(at('filetrap/etc/motd'), 'utf8')).toBe('welcome\n');
  });

  test('when an archive has a link and a file below it', async () => {
    writeImage(at('through.tar'), [
      { path: 'x', target: at('outside') },
      { path: 'x/pwned', content: 'no' },
    ]);
    expect(await perform(['image', 'extract', at('through.tar'), '-C', at('t1')])).toMatchObject({
      code: 1,
    });
    expect(fs.existsSync(at('outside/pwned'))).toBe(false);
  });

  test('when one archive has a link where the next has a directory', async () => {
    writeImage(at('link.tar'), [{ path: 'x', target: at('outside') }]);
    writeImage(at('dir.tar'), [{ path: 'x/file', content: 'yes' }]);
    const args = ['image', 'extract', at('link.tar'), at('dir.tar'), '-C', at('t2')];
    expect(await perform(args)).toMatchObject({ code: 0 });
    expect(fs.existsSync(at('outside/file'))).toBe(false);
    expect(fs.readFileSync(at('t2/x/file'), 'utf8')).toBe('yes');
  });

  test('when the path that is asked for goes through a link of the archive', async () => {
    writeImage(at('alias.tar'), [
      { path: 'real/file', content: 'here' },
      { path: 'alias', target: '/real' },
    ]);
    const args = ['image', 'extract', at('alias.tar'), '/alias/file', '-C', at('t3')];
    expect(await perform(args)).toMatchObject({ code: 0 });
    expect(Object.keys(contents(at('t3')))).toEqual(['real', 'real/file']);
  });

  test('when entries are given without the directories they lie in', async () => {
    writeImage(at('gap.tar'), [
      { path: 'real/file', content: 'here' },
      { path: 'alias', target: at('outside') },
    ]);
    fs.mkdirSync(at('outside'), { recursive: true });
    const vfs = await mount(at('gap.tar'));
    const file = entryAt(vfs, '/real/file');
    const forged = { ...file, bytes: Buffer.from('/alias/file') };
    const options = { overwrites: true, keepsOwners: false, skipped: () => undefined };
    const extraction = new Extraction(vfs, at('t5'), options, outputOf().output);
    const running = extraction.run([entryAt(vfs, '/alias'), forged], () => undefined);
    await expect(running).rejects.toThrow('lies in no directory of this extraction');
    expect(fs.existsSync(at('outside/file'))).toBe(false);
  });

  test('when a name leads up', async () => {
    writeImage(at('up.tar'), [{ path: '../up', content: 'no' }]);
    expect(await perform(['image', 'extract', at('up.tar'), '-C', at('t4')])).toMatchObject({
      code: 1,
    });
    expect(fs.existsSync(at('up'))).toBe(false);
  });
});

const hasTar = spawnSync('tar', ['--version']).stdout?.toString().includes('GNU tar') === true;
if (!hasTar) process.stderr.write('skipped: no GNU tar on this machine\n');

test.skipIf(!hasTar)('extraction is what GNU tar makes of a real tar', async () => {
  fs.mkdirSync(at('source/deep/er'), { recursive: true });
  fs.writeFileSync(at('source/deep/er/file'), 'content', { mode: 0o640 });
  fs.writeFileSync(at('source/empty'), '');
  fs.writeFileSync(at('source/large'), Buffer.alloc((2 << 20) + 17, 'large'));
  fs.linkSync(at('source/large'), at('source/zwin'));
  fs.symlinkSync('/nowhere/at/all', at('source/dangling'));
  fs.writeFileSync(at(`source/${'long-name-'.repeat(20)}`), 'long');
  fs.writeFileSync(Buffer.from(`${at('source')}/\xff\xfe`, 'latin1'), 'no text');
  fs.chmodSync(at('source/deep/er'), 0o711);
  fs.utimesSync(at('source/deep'), 1e9, 1e9);
  fs.mkdirSync(at('theirs'));
  expect(spawnSync('tar', ['-C', at('source'), '-czf', at('real.tgz'), '.']).status).toBe(0);
  expect(spawnSync('tar', ['-C', at('theirs'), '-xpzf', at('real.tgz')]).status).toBe(0);
  expect(await perform(['image', 'extract', at('real.tgz'), '-C', at('ours')])).toMatchObject({
    code: 0,
  });
  const names = (folder: string): string[] => fs.readdirSync(folder, { encoding: 'latin1' }).sort();
  expect(names(at('ours'))).toEqual(names(at('theirs')));
  for (const folder of ['ours', 'theirs']) {
    fs.rmSync(Buffer.from(`${at(folder)}/\xff\xfe`, 'latin1') as never);
  }
  expect(contents(at('ours'))).toEqual(contents(at('theirs')));
});
