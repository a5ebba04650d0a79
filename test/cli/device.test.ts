// `visorfs device`, and disk images wherever a bank is taken. Letter for letter, and with what is
// refused: names and sizes that cannot be, files that are there, an interrupt.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { makeBank } from './bank.ts';
import { BASE, perform, refused, shown, stageFolder, writeImage } from './stage.ts';

const at = stageFolder();
const GUID = '01234567-89ab-cdef-0123-456789abcdef';
const SIZES = ['--bank-size', '3m', '--efi-size', '1m', '--dump-size', '1m', '--guid', GUID];

beforeAll(async () => {
  await makeBank(at('bank'));
  writeImage(at('base.tar'), BASE);
  await perform(['device', 'create', at('boot.img'), '--from', at('bank'), ...SIZES]);
});

test('create says what was made, and the same input gives the same bytes', async () => {
  const args = ['device', 'create', at('same.img'), '--from', at('bank'), ...SIZES];
  expect(await shown(...args)).toBe(`${at('same.img')}: 6 files, 10485760 bytes\n`);
  expect(readFileSync(at('same.img')).equals(readFileSync(at('boot.img')))).toBe(true);
  expect(JSON.parse(await shown(...args, '--force', '--json'))).toEqual({
    file: at('same.img'),
    bytes: 10485760,
    guid: GUID.toUpperCase(),
    banks: [
      { name: 'bootbank', files: 6 },
      { name: 'altbootbank', files: 0 },
    ],
  });
});

test('list shows the files of each bank', async () => {
  expect((await shown('device', 'list', at('boot.img'))).replaceAll(/ +\d+ {2}/g, ' N ')).toBe(`\
Bank      Size  File
bootbank N b.b00
bootbank N base.v00
bootbank N boot.cfg
bootbank N hostd.v00
bootbank N sha256.sum
bootbank N state.tgz
`);
  const [first] = (await shown('device', 'list', '--json', at('boot.img'))).split('\n');
  expect(first).toBe('{"bank":"bootbank","name":"b.b00","size":8,"problem":null}');
});

test('info shows partitions and banks', async () => {
  expect(await shown('device', 'info', at('boot.img'))).toBe(`\
Disk  01234567-89AB-CDEF-0123-456789ABCDEF, 10485760 bytes

Partition  Offset  Size  Name
        1      1M    1M  EFI
        5      2M    3M  BOOTBANK1
        6      5M    3M  BOOTBANK2
        7      8M    1M  VMKCORE

Bank         Kind   Files  Free  Build    Updated  Bootstate
bootbank     FAT16      6    2M  8.0.0-1        1          0
altbootbank  FAT16      0    2M  -              -          -

altbootbank: has no boot.cfg
`);
  const info = JSON.parse(await shown('device', 'info', '--json', at('boot.img')));
  expect(info).toMatchObject({
    file: at('boot.img'),
    damage: null,
    banks: [{ name: 'bootbank', boot: { build: '8.0.0-1', updated: 1, bootstate: 0 } }, {}],
  });
  expect(info.partitions[1]).toEqual({
    number: 5,
    name: 'BOOTBANK1',
    type: 'EBD0A0A2-B9E5-4433-87C0-68B6B72699C7',
    offset: 2097152,
    size: 3145728,
  });
});

test('info shows a bank that lies, and boot goes on with the other', async () => {
  const bytes = readFileSync(at('boot.img'));
  // The first cluster of the first file is somebody's twice.
  bytes.copyWithin(5 << 20, 2 << 20, 5 << 20);
  bytes.fill(0, 2 << 20, (2 << 20) + 512);
  writeFileSync(at('half.img'), bytes);
  const text = await shown('device', 'info', at('half.img'));
  expect(text).toContain('\nbootbank: ');
  expect(text).toContain('partition 5 at 0x0: starts with no boot sector of a FAT file system\n');
  expect(await shown('host', 'boot', at('half.img'))).toContain('Bank     altbootbank\n');
});

test('a disk image is taken wherever a bank is', async () => {
  for (const command of [['ls', '-lR'], ['vdf'], ['state', 'list'], ['host', 'boot']]) {
    const ofBank = (await shown(...command, at('bank'))).replace(/^Bank .*/, '');
    expect((await shown(...command, at('boot.img'))).replace(/^Bank .*/, '')).toBe(ofBank);
  }
  expect(await shown('cat', at('boot.img'), at('base.tar'), '/etc/vmware/esx.conf')).toBe(
    '/a = "2"\n',
  );
  const [ours, theirs] = [at('ours.tgz'), at('theirs.tgz')];
  await shown('host', 'backup', at('boot.img'), '-o', ours);
  await shown('host', 'backup', at('bank'), '-o', theirs);
  expect(readFileSync(ours).equals(readFileSync(theirs))).toBe(true);
});

test('a disk image can be made of another, of two banks, or of nothing', async () => {
  mkdirSync(at('two'));
  await makeBank(at('two', 'bootbank'));
  await makeBank(at('two', 'altbootbank'));
  const made = ['device', 'create', at('two.img'), '--from', at('two'), '--json', ...SIZES];
  expect(JSON.parse(await shown(...made)).banks).toHaveLength(2);
  await shown('device', 'create', at('copy.img'), '--from', at('two.img'), ...SIZES);
  expect(readFileSync(at('copy.img')).equals(readFileSync(at('two.img')))).toBe(true);
  await shown('device', 'create', at('empty.img'), ...SIZES);
  expect(await refused('host', 'boot', at('empty.img'))).toContain(
    'no bank can be booted: bootbank: has',
  );
});

test('software is installed on a disk image, and booted from its other bank', async () => {
  const vib = new URL('../../images/vibs/debug-tools.vib', import.meta.url).pathname;
  const bank = new URL('../../images/bank', import.meta.url).pathname;
  const host = at('host.img');
  await shown('device', 'create', host, '--from', bank, '--bank-size', '8m');
  await shown('host', 'software', 'acceptance', 'set', '--level', 'CommunitySupported', host);
  await shown('host', 'software', 'vib', 'install', '-v', vib, host);
  expect(await shown('host', 'software', 'vib', 'list', host)).toContain('debug-tools');
  const { banks } = JSON.parse(await shown('device', 'info', '--json', host));
  expect(banks[1].boot.updated).toBeGreaterThan(banks[0].boot.updated);
  expect(await shown('host', 'boot', host)).toContain('Bank     altbootbank\n');
});

test('what is there is kept without --force, and what fails leaves nothing', async () => {
  const before = readdirSync(at()).sort();
  const create = ['device', 'create', at('new.img')];
  expect(await refused('device', 'create', at('boot.img'))).toContain('is there already; --force');
  expect(await refused(...create, '--from', at('nowhere'))).toContain('no folder and no disk with');
  expect(await refused(...create, '--from', at('base.tar'))).toContain(
    'no folder and no disk with',
  );
  expect(await refused(...create, '--bank-size', '2m')).toContain(
    'a bank has 3 to 2047 MiB, not 2m',
  );
  expect(await refused(...create, '--bank-size', 'big')).toContain("'big' is no size");
  expect(await refused(...create, '--guid', 'x')).toContain("'X' is no GUID");
  await makeBank(at('long'));
  writeFileSync(at('long', 'state.tgz.before'), 'x');
  expect(await refused(...create, '--from', at('long'))).toContain(
    "'state.tgz.before' is no name of",
  );
  await makeBank(at('big'));
  writeFileSync(at('big', 'big.v00'), new Uint8Array(4 << 20));
  const small = [...create, '--from', at('big'), '--bank-size', '3m'];
  expect(await refused(...small)).toContain("no room for 'big.v00'; --bank-size makes it larger");
  const made = [...before, 'big', 'long'].sort();
  expect(readdirSync(at()).sort()).toEqual(made);
  const interrupt = new AbortController();
  const stopped = perform([...create, '--from', at('bank')], { signal: interrupt.signal });
  interrupt.abort();
  expect((await stopped).code).not.toBe(0);
  expect(readdirSync(at()).sort()).toEqual(made);
});

test('what is no disk image is told so', async () => {
  expect(await refused('device', 'info', at('nowhere.img'))).toContain('there is no image');
  expect(await refused('device', 'list', at('bank'))).toContain('is a folder, no disk image');
  expect(await refused('device', 'info', at('base.tar'))).toContain('no protective MBR');
  expect(await refused('host', 'boot', at('base.tar'))).toContain(
    'neither a folder nor a disk with banks',
  );
  const { code, err } = await perform(['ls', at('base.tar'), at('boot.img')]);
  expect({ code, err }).toMatchObject({
    code: 2,
    err: expect.stringContaining('only be the first'),
  });
});
