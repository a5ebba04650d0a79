// What the user sees, letter for letter: every command that prints, on archives small enough to be
// written down. Times are UTC, so the pictures are the same on every machine.

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
  const paths = args.map((arg) => (/\.tar$|^bank$/.test(arg) ? at(arg) : arg));
  const { code, out, err } = await perform(paths);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return out;
}

const BOTH = ['base.tar', 'hostd.tar'];

test('ls lists one name a line, sorted, and hides nothing', async () => {
  expect(await shown('ls', ...BOTH, '/')).toBe('bin\ndev\netc\n');
});

test('ls -lR shows modes, owners, devices, links and UTC', async () => {
  expect(await shown('ls', '-lR', ...BOTH)).toBe(`\
/:
drwxr-xr-x 2 0 0 4096 2024-02-29 12:34 bin
drwxr-xr-x 2 0 0 4096 2024-02-29 12:34 dev
drwxr-xr-x 3 0 0 4096 2024-02-29 12:34 etc

/bin:
-r-sr-xr-x 2 0 0    2 2024-02-29 12:34 busybox
-rwxr-xr-x 1 7 8 5000 2024-02-29 12:34 hostd
-r-sr-xr-x 2 0 0    2 2024-02-29 12:34 ls
lrwxrwxrwx 1 0 0    7 2024-02-29 12:34 sh -> busybox

/dev:
crw-rw-rw- 1 0 0 1, 3 2024-02-29 12:34 null

/etc:
-rw-r--r-- 1 0 0   17 2024-02-29 12:34 motd
drwxr-xr-t 2 0 0 4096 2024-02-29 12:34 vmware

/etc/vmware:
-rw-r--r-T 1 0 0 9 2024-02-29 12:34 esx.conf
`);
});

test('ls -l of a file shows that file, and a link to no directory as a link', async () => {
  expect(await shown('ls', '-l', ...BOTH, '/bin/sh')).toBe(
    'lrwxrwxrwx 1 0 0 7 2024-02-29 12:34 /bin/sh -> busybox\n',
  );
});

test('cat prints the bytes of the topmost file and nothing else', async () => {
  expect(await shown('cat', ...BOTH, '/etc/motd')).toBe('hostd says hello\n');
  expect(await shown('cat', 'base.tar', 'etc/motd')).toBe('welcome\n');
});

test('tree draws', async () => {
  expect(await shown('tree', ...BOTH)).toBe(`\
/
├── bin
│   ├── busybox
│   ├── hostd
│   ├── ls
│   └── sh -> busybox
├── dev
│   └── null
└── etc
    ├── motd
    └── vmware
        └── esx.conf

4 directories, 7 files
`);
});

test('stat says which archive a file comes from', async () => {
  expect(await shown('image', 'stat', ...BOTH, '/bin/hostd')).toBe(`\
Path      /bin/hostd
Type      file
Size      5000
Mode      0755 -rwxr-xr-x
Owner     7:8
Links     1
Inode     12
Modified  2024-02-29T12:34:56Z
Tardisk   hostd.tar
Ramdisk   --
`);
});

test('stat says which ramdisk holds the branch of a file', async () => {
  expect(await shown('image', 'stat', 'bank', '/etc/vmware/esx.conf')).toBe(`\
Path      /etc/vmware/esx.conf
Type      file
Size      9
Mode      1644 -rw-r--r-T
Owner     0:0
Links     1
Inode     10
Modified  2024-02-29T12:34:56Z
Tardisk   base.v00
Ramdisk   root
`);
});

test('vdf prints blocks of 1 KiB in the columns of ESXi', async () => {
  expect(await shown('vdf', 'bank')).toBe(`\
Tardisk                  Space      Used
base.v00                     7         0
hostd.v00                    7         4
-----
Ramdisk                   Size      Used Available Use% Mounted on
root                     32768         4     32764   0% --
`);
});

test('vdf -h floors to units', async () => {
  expect(await shown('vdf', '-h', 'bank')).toBe(`\
Tardisk                  Space      Used
base.v00                    7K       19B
hostd.v00                   7K        4K
-----
Ramdisk                   Size      Used Available Use% Mounted on
root                       32M        4K       31M   0% --
`);
});

test('vdu sums up directories, children first', async () => {
  expect(await shown('vdu', 'bank', '/etc')).toBe(`\
Tardisk  Ramdisk  Path         In
      0     4096  /etc/vmware  root
     17     4096  /etc         hostd.v00 root
     17     4096  total
`);
});

test('vdu -a shows files too, and -h units', async () => {
  expect(await shown('vdu', '-ah', 'bank', '/etc')).toBe(`\
Tardisk  Ramdisk  Path                  In
     0B       4K  /etc/vmware/esx.conf  root
     0B       4K  /etc/vmware           root
    17B       0B  /etc/motd             hostd.v00
    17B       4K  /etc                  hostd.v00 root
    17B       4K  total
`);
});

test('tardisk list shows them in mount order', async () => {
  expect(await shown('tardisk', 'list', ...BOTH)).toBe(`\
Tardisk    Files  Stored  Space  Used
base.tar       3    7680   7680    19
hostd.tar      2    7680   7680  5017
`);
});

test('ramdisk list shows limits and use', async () => {
  expect(await shown('ramdisk', 'list', 'bank')).toBe(`\
Ramdisk  Reserved  Maximum  Used  Peak  Free  Max Inodes  Used Inodes  Mount Point
root            0    32768     4     4   99%        8192            1  /
`);
});

test('tardisk list and ramdisk list speak to programs as esxcli does', async () => {
  expect(await shown('tardisk', 'list', ...BOTH, '--formatter', 'csv')).toBe(`\
Files,Size,Space,TardiskName,Used,
3,7,7,base.tar,0,
2,7,7,hostd.tar,4,
`);
  expect(await shown('--formatter=keyvalue', 'ramdisk', 'list', 'bank')).toBe(`\
VisorfsRamdisk.AllocatedInodes.integer=1
VisorfsRamdisk.Free.integer=99
VisorfsRamdisk.IncludeinCoredumps.boolean=true
VisorfsRamdisk.Maximum.integer=32768
VisorfsRamdisk.MaximumInodes.integer=8192
VisorfsRamdisk.MountPoint.string=/
VisorfsRamdisk.PeakUsed.integer=4
VisorfsRamdisk.RamdiskName.string=root
VisorfsRamdisk.Reserved.integer=0
VisorfsRamdisk.ReservedFree.integer=0
VisorfsRamdisk.System.boolean=true
VisorfsRamdisk.Used.integer=4
VisorfsRamdisk.UsedInodes.integer=1
`);
});

test('state list says what is saved and why', async () => {
  expect(await shown('state', 'list', 'bank')).toBe(`\
Mode        Size  Why       Path
-rw-r--r-T     9  restored  /etc/vmware/esx.conf
`);
});

test('boot reports modules by kind, and how full the host is', async () => {
  const report = await shown('host', 'boot', 'bank');
  // What gzip makes of a module is zlib's affair.
  expect(report.replace(/^(\S+ +(?:tardisk|state) ) +\d+$/gm, '$1###')).toBe(`\
Bank     bank
Build    8.0.0-1
Mounted  2 tardisks, 5 files, in 0.0 ms

Module     Kind     Stored
b.b00      opaque        8
base.v00   tardisk ###
hostd.v00  tardisk ###
state.tgz  state ###

Tardisk                  Space      Used
base.v00                     7         0
hostd.v00                    7         4
-----
Ramdisk                   Size      Used Available Use% Mounted on
root                     32768         4     32764   0% --
`);
});

test('a name with control characters does not reach the terminal as it is', async () => {
  writeImage(at('evil.tar'), [{ path: 'a\nb\x1b[31m', content: '' }]);
  expect(await shown('ls', 'evil.tar')).toBe('a\\nb\\x1b[31m\n');
  expect(await shown('tree', 'evil.tar')).toContain('└── a\\nb\\x1b[31m\n');
});
