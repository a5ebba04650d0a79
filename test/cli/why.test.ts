// What `visorfs why` shows, letter for letter: of a file that a host changed, of one that another
// archive covers, of one that is not there.

import { beforeAll, expect, test } from 'vitest';
import { makeBank } from './bank.ts';
import { BASE, HOSTD, perform, stageFolder, writeImage } from './stage.ts';

const at = stageFolder();

beforeAll(async () => {
  writeImage(at('base.tar'), BASE);
  writeImage(at('hostd.tar'), HOSTD);
  await makeBank(at('bank'));
});

async function shown(...args: readonly string[]): Promise<string> {
  const { code, out, err } = await perform(['why', ...args]);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return out;
}

test('why says of a changed file that its branch is in a ramdisk, and saved', async () => {
  expect(await shown(at('bank'), '/etc/vmware/esx.conf')).toBe(`\
Path    /etc/vmware/esx.conf
Is      file
Mode    1644 -rw-r--r-T
Size    9
Sticky  yes
From    ramdisk root (1 page, 4096 bytes), branched from tardisk base.v00
Backup  saved (restored): the last boot brought it back

Tardisk   Mode        Size  Modified              Role
base.v00  -rw-r--r-T     9  2024-02-29T12:34:56Z  branched
`);
});

test('why says which archive covers which', async () => {
  expect(await shown(at('base.tar'), at('hostd.tar'), '/etc/motd')).toBe(`\
Path    /etc/motd
Is      file
Mode    0644 -rw-r--r--
Size    17
Sticky  no
From    tardisk hostd.tar
Backup  not saved (not-sticky): it is not sticky; a file that an archive has is saved after chmod +t

Tardisk    Mode        Size  Modified              Role
hostd.tar  -rw-r--r--    17  2024-02-29T12:34:56Z  shows
base.tar   -rw-r--r--     8  2024-02-29T12:34:56Z  covered by tardisk hostd.tar: entry /etc/motd
`);
});

test('why --json has modes and times as every command has', async () => {
  const args = [at('base.tar'), at('hostd.tar'), '/etc/motd', '--json'];
  expect(JSON.parse(await shown(...args))).toEqual({
    ...{ path: '/etc/motd', kind: 'file', mode: '0644', size: 17, isSticky: false },
    ...{ tardisk: 'hostd.tar', ramdisk: null, originalOf: null, hidden: null },
    rows: [
      {
        ...{ tardisk: 'hostd.tar', index: 1, path: '/etc/motd', kind: 'file', mode: '0644' },
        ...{ size: 17, modified: '2024-02-29T12:34:56Z', role: 'shows', cover: null },
      },
      {
        ...{ tardisk: 'base.tar', index: 0, path: '/etc/motd', kind: 'file', mode: '0644' },
        ...{ size: 8, modified: '2024-02-29T12:34:56Z', role: 'covered' },
        cover: { by: 'hostd.tar', where: 'tardisk', what: 'entry', path: '/etc/motd' },
      },
    ],
    backup: { isSaved: false, obstacle: 'not-sticky' },
  });
});

test('why says of a path under a file of another archive what covers it', async () => {
  writeImage(at('flat.tar'), [{ path: 'etc', content: 'a file' }]);
  expect(await shown(at('base.tar'), at('flat.tar'), '/etc/motd')).toContain(
    'Is      covered\nFrom    nothing: tardisk flat.tar: entry /etc\n',
  );
});

test('why names the path and the images where nothing ever was there', async () => {
  const { code, out, err } = await perform(['why', at('base.tar'), '/nope']);
  expect({ code, out, err }).toEqual({
    code: 1,
    out: '',
    err: "visorfs: there is no '/nope' in base.tar\n",
  });
});
