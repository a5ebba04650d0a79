// What Tab makes of a line, over the small image.

import { beforeAll, describe, expect, test } from 'vitest';
import { completionsOf } from '../../src/cli/shell/completion.ts';
import { openShell, type Shell } from '../../src/cli/shell/open-shell.ts';
import { Image, openTardisk, VisorFs } from '../../src/node.ts';
import { BASE, outputOf, stageFolder, writeImage } from './stage.ts';

const stage = stageFolder();
let shell: Shell;

beforeAll(async () => {
  writeImage(stage('base.v00'), BASE);
  const vfs = new VisorFs(Image.of(await openTardisk(stage('base.v00'))));
  shell = await openShell({ vfs, host: null, close() {} }, outputOf().output, { isWritten: false });
  const { fs } = vfs;
  fs.mkdirSync('/etc/two words');
  for (const name of ["it's", 'a$b', 'grün', '.hidden'])
    fs.writeFileSync(`/etc/two words/${name}`, '');
  fs.symlinkSync('/etc', '/link');
});

const done = (line: string): string[] => completionsOf(line, shell)[0];

describe('Tab', () => {
  test.each([
    ['vd', ['vdf ', 'vdu ']],
    ['ls; vd', ['vdf ', 'vdu ']],
    ['ls | vd', ['vdf ', 'vdu ']],
    ['x=$(vd', ['vdf ', 'vdu ']],
    ['auto', ['auto-backup.sh ']],
    ['__visorfs', []],
    ['', []],
    ['cat /et', ['/etc/']],
    ['cat et', ['etc/']],
    ['cat /etc/m', ['/etc/motd ']],
    ['cat /etc/nix', []],
    ['cat /gone/x', []],
    ['cat < /etc/m', ['/etc/motd ']],
    ['cat /etc/m > et', ['etc/']],
    ['/bin/bu', ['/bin/busybox ']],
    ['cd /li', ['/link/']],
    ['cat /etc/two', ['/etc/two\\ words/']],
    ['cat /etc/two\\ words/it', ["/etc/two\\ words/it\\'s "]],
    ['cat "/etc/two wor', ['"/etc/two words/']],
    ['cat "/etc/two words/a', ['"/etc/two words/a\\$b" ']],
    ["cat '/etc/two words/i", ["'/etc/two words/it'\\''s' "]],
    ['cat /etc/two\\ words/g', ['/etc/two\\ words/grün ']],
    ['ls /etc/two\\ words/.', ['/etc/two\\ words/.hidden ']],
  ])('after %j', (line, expected) => {
    expect(done(line)).toEqual(expected);
  });

  test('takes the place of the word that is typed', () => {
    expect(completionsOf('cat a "b c" /etc/two\\ wo', shell)[1]).toBe('/etc/two\\ wo');
  });

  test('starts where the shell stands, and knows what was defined there', async () => {
    const { signal } = new AbortController();
    await shell.session.line('cd /etc; alias zed=ls', { signal });
    await shell.session.line('zebra() { ls; }', { signal });
    expect(done('cat m')).toEqual(['motd ']);
    expect(done('ze')).toEqual(['zebra ', 'zed ']);
  });
});
