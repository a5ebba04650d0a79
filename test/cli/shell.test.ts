// `visorfs shell` with a command or a script: what runs inside, what it may see, what it leaves.

import { writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { runBootScripts } from '../../src/cli/shell/boot-scripts.ts';
import { openShell } from '../../src/cli/shell/open-shell.ts';
import { Image, openTardisk, VisorFs } from '../../src/node.ts';
import { BASE, LEAP_DAY, outputOf, perform, stageFolder, writeImage } from './stage.ts';

const BANK = 'images/bank';
const stage = stageFolder();

beforeAll(() => writeImage(stage('base.v00'), BASE));

/** Runs `command` in a shell over the small image. */
const inside = (command: string, stdin = '') =>
  perform(['shell', stage('base.v00'), '-c', command], {
    readAll: async () => Buffer.from(stdin),
  });

/** Runs `command` in a shell over the sample bank, whose scripts do not run. */
const onHost = (command: string, ...options: string[]) =>
  perform(['shell', BANK, '--no-init', ...options, '-c', command]);

describe('the commands inside', () => {
  test.each([
    ['vdf', ['vdf']],
    ['vdu -a', ['vdu', '-a']],
    ['why /etc/vmware/esx.conf', ['why'], '/etc/vmware/esx.conf'],
    ['state list --json', ['state', 'list', '--json']],
    ['df -h', ['df', '-h']],
    ['ramdisk list', ['ramdisk', 'list']],
    ['ramdisk list --formatter csv', ['ramdisk', 'list', '--formatter', 'csv']],
    ['tardisk list', ['tardisk', 'list']],
  ] as const)(
    '%s prints what it prints outside',
    async (line, [command, ...rest], path?: string) => {
      const verb = rest[0] === 'list' ? ['list'] : [];
      const options = rest.slice(verb.length);
      const last = path === undefined ? [] : [path];
      const outside = await perform([command, ...verb, stage('base.v00'), ...last, ...options]);
      expect(outside.out).not.toBe('');
      expect(await inside(line)).toMatchObject({ code: 0, out: outside.out, err: '' });
      if (command === 'df') return;
      expect((await inside(`visorfs ${line}`)).out).toBe(outside.out);
    },
  );

  test.each([
    ['vdf elsewhere.v00', "vdf: 'elsewhere.v00': it takes no image, but the open tree\n", 2],
    ['why nix', "why: there is no '/nix'\n", 1],
    ['cd /etc; why vmware/nix', "why: there is no '/etc/vmware/nix'\n", 1],
    ['why', 'why: why takes a path\n', 2],
    ['vdu a b', "vdu: 'b': it takes one path\n", 2],
    ['esxcli nix', "esxcli: unknown command 'nix'; see esxcli --help\n", 2],
    ['esxcli software vib list', 'esxcli: no bank was booted: there is no host here\n', 1],
    ['backup 2', "backup: '2' is neither 0 nor 1\n", 2],
    ['backup.sh 0 /gone', "backup.sh: Bootbank cannot be found at path '/gone'\n", 1],
    ['vmtar -t gone', "vmtar: there is no archive 'gone'\n", 1],
    ['lint gone', "lint: there is no archive 'gone'\n", 2],
    ['chown nobody /etc', "chown: 'nobody' is no owner: root or a number, and :group\n", 2],
    ['ls nix', 'ls: nix: No such file or directory\n', 2],
    ['ramdisk watch', 'ramdisk: nobody sits at a terminal: it takes a line of shell to watch\n', 2],
    ['kill -9 77', 'kill: (77) - No such process\n', 1],
    ['nix', 'bash: nix: command not found\n', 127],
    ['echo (', "bash: syntax error: Parse error at 1:7: Expected ')' or word\n", 2],
  ])('%s is refused in one line', async (line, err, code) => {
    const { err: said, ...rest } = await inside(line);
    expect(rest).toMatchObject({ code, out: '' });
    if (!line.startsWith('echo')) expect(said).toBe(err);
    else expect(said).toContain('syntax error');
  });

  test('help is of the command alone, and ends with 0', async () => {
    const { code, out } = await inside('why --help');
    expect(code).toBe(0);
    expect(out).toMatch(/^Usage: +why \[options\] <path>\n/);
    expect(out).not.toContain('image...');
  });

  test('changes lists what a script did, and is empty before', async () => {
    const line = 'changes; echo new > /etc/new; echo more >> /etc/motd; rm /bin/sh; changes';
    expect((await inside(line)).out).toBe('- /bin/sh\n~ /etc/motd\n+ /etc/new\n');
    expect(JSON.parse((await inside('changes --json')).out)).toEqual([]);
  });

  test('vmtar reads and writes the tree, and overwrites nothing unasked', async () => {
    const line =
      'mkdir /d; echo hey > /d/f; tar cf /d.tar d; cd /d; vmtar -c ../d.tar -o d.vtar; ' +
      'vmtar -t d.vtar; vmtar -t < d.vtar; vmtar -x d.vtar -o /e.tar; ' +
      'tar xOf /e.tar d/f; vmtar -x d.vtar -o /e.tar; ls /d';
    const { out, err, code } = await inside(line);
    expect(out).toMatch(/^d\.vtar: 2 entries, .*\nd\/\nd\/f\nd\/\nd\/f\n\/e\.tar: .*\nhey\n/);
    expect(out.endsWith('d.vtar\nf\n')).toBe(true);
    expect(err).toBe("vmtar: '/e.tar' is there already; --force overwrites it\n");
    expect(code).toBe(0);
  });

  test('trace shows the verbs of a command on stderr, and hands on its code', async () => {
    const { out, err, code } = await inside('trace cat /etc/motd /nix');
    expect({ out, code }).toEqual({ out: 'welcome\n', code: 1 });
    expect(err).toMatch(/ readFile\("\/etc\/motd"\) = 0 \[8 bytes\]/);
    expect(err).toMatch(/\/nix.*ENOENT/);
    for (const misused of ['trace', 'trace -x', 'trace -c', 'trace -c a b', 'trace -o f']) {
      const { code: misuse, err: usage } = await inside(misused);
      expect({ misused, misuse }).toEqual({ misused, misuse: 2 });
      expect(usage).toMatch(/^Usage: trace /);
    }
  });

  test('trace -c shows those of a whole line: pipelines, subshells and loops', async () => {
    const line =
      "trace -o /log -c 'cat /etc/motd | (cd /etc; tee out | wc -c); for i in 1 2; do rm -f /$i; " +
      "done' > /dev/null; cat /log";
    const { out, code } = await inside(line);
    expect(code).toBe(0);
    const shown = out.split('\n').map((one) => one.replace(/^\S+ \[shell\] | <.*$/g, ''));
    expect(shown).toEqual(
      expect.arrayContaining([
        'readFile("/etc/motd") = 0 [8 bytes]',
        'writeFile("/etc/out") = 0 [8 bytes]',
        expect.stringMatching(/\("\/2"\) = -1 ENOENT/),
      ]),
    );
    const last = await inside('echo in | trace wc -l; trace -o /no/ls ls > /dev/null');
    expect(last.out).toBe('1\n');
  });

  test('ramdisk top is there, and starts no script of this machine', async () => {
    const { out, code } = await inside('echo hello > /big; ramdisk top');
    expect(code).toBe(0);
    expect(out).toContain('/big');
    const refused = await inside('ramdisk top --run x.mjs; ramdisk watch --run x.mjs');
    expect(refused.err.match(/unknown/g)).toHaveLength(2);
    const watched = await inside("ramdisk watch 'echo more > /more; echo said; exit 3'");
    expect(watched.code).toBe(3);
    expect(watched.out).toMatch(/^said\nLargest:\n.*Fastest growing:\n.* \/more\n/s);
  });

  test('ls -l shows modes and owners as they are, and the order that is asked for', async () => {
    const { out } = await inside(
      'ls -l /etc/vmware /bin; chown 7:8 /etc/motd; ls -ld /etc/motd /dev/null',
    );
    expect(out).toBe(`\
/etc/vmware:
-rw-r--r-T 1 root root 9 2024-02-29 12:34 esx.conf

/bin:
-r-sr-xr-x 2 root root 2 2024-02-29 12:34 busybox
-r-sr-xr-x 2 root root 2 2024-02-29 12:34 ls
lrwxrwxrwx 1 root root 7 2024-02-29 12:34 sh -> busybox
-rw-r--r-- 1    7    8    8 2024-02-29 12:34 /etc/motd
crw-rw-rw- 1 root root 1, 3 2024-02-29 12:34 /dev/null
`);
    const order = await inside(
      'cd /etc; echo longer > new; ls; ls -t | head -n 1; ls -S; ls -ar; ls -R /dev /bin/sh',
    );
    const orders = ['motd new vmware', 'new', 'vmware motd new', 'vmware new motd .. .'];
    expect(order.out).toBe(`${orders.join(' ').replaceAll(' ', '\n')}\n/bin/sh\n\n/dev:\nnull\n`);
  });

  test('lint looks at an archive of the tree', async () => {
    const { out, code } = await inside('echo none > /tmp.v00; lint /tmp.v00');
    expect(out).toMatch(/^\/tmp\.v00 .*\n {2}error not-an-archive\n/);
    expect(code).toBe(1);
  });

  test('logger appends a line, and lines of stdin', async () => {
    const { out } = await inside(
      'logger -t me a b; printf "c\\nd\\n" | logger; cat /var/log/syslog.log',
    );
    expect(out.replace(/^\S+/gm, 'T')).toBe('T me: a b\nT root: c\nT root: d\n');
  });
});

describe('esxcli', () => {
  test('lists ramdisks in the columns that awk programs count', async () => {
    const { out } = await onHost(
      "localcli system visorfs ramdisk list | awk 'NR > 2 { print $1, $2, $6, $7, $12, $13, $19 }'",
    );
    expect(out).toBe('root true 32768 KiB 99 % /\n');
  });

  test('adds and removes ramdisks with the options that scripts give', async () => {
    const add = 'esxcli system visorfs ramdisk add -m 1 -M 2 -n x -p 01777 -t';
    const { out, err } = await inside(
      `${add} /x; mkdir /x; ${add} /x; ls -ld /x; vdf | tail -n 1; ` +
        'localcli system visorfs ramdisk remove -t /x; vdf | grep -c ^x; ' +
        'localcli system visorfs ramdisk remove -t /x; esxcli system visorfs ramdisk add -m y',
    );
    expect(out).toMatch(/^drwxrwxrwt .* \/x\nx +2048 +0 +2048 +0% --\n0\n$/);
    const [missing, gone, size] = err.split('\n');
    expect(missing).toMatch(/^esxcli: ENOENT: /);
    expect(gone).toBe("localcli: there is no ramdisk over '/x'");
    expect(size).toBe("esxcli: 'y' is no size in MiB");
  });

  test.each([
    [
      'esxcli --formatter csv system visorfs tardisk list',
      /^Files,Size,Space,TardiskName,Used,\n\d+,\d+,\d+,sb\.v00,/,
    ],
    [
      'esxcli system visorfs ramdisk list --formatter keyvalue',
      /^VisorfsRamdisk\.AllocatedInodes\.integer=\d+\n/,
    ],
    ['esxcli system visorfs get', /^Visorfs\n {3}Total Inodes: \d+\n {3}Used Inodes: \d+\n/],
    ['esxcli software vib list', /^Name +Version +Vendor +Acceptance Level/],
    ['esxcli software profile get --json', /"Name":"Build 8\.0\.3/],
    ['esxcli software acceptance get', /^PartnerSupported\n$/],
  ])('%s', async (line, expected) => {
    const { out, err, code } = await onHost(line);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(expected);
  });
});

describe('the shell as a program', () => {
  test('its exit code is that of what it ran', async () => {
    expect((await inside('exit 7')).code).toBe(7);
    expect((await inside('true; false')).code).toBe(1);
    expect((await inside('true')).code).toBe(0);
  });

  test('a script comes from a file or from stdin', async () => {
    writeFileSync(stage('s.sh'), '#!/bin/sh\ncd /etc\ncat motd\nexit 3\n');
    const byFile = await perform(['shell', stage('base.v00'), stage('s.sh')]);
    expect(byFile).toMatchObject({ code: 3, out: 'welcome\n' });
    const byStdin = await perform(['shell', stage('base.v00')], {
      readAll: async () => Buffer.from('cat /etc/motd | tr a-z A-Z\n'),
    });
    expect(byStdin).toMatchObject({ code: 0, out: 'WELCOME\n' });
    const gone = await perform(['shell', stage('base.v00'), stage('gone.sh')]);
    expect(gone).toMatchObject({ code: 1, out: '' });
    expect(gone.err).toMatch(/^visorfs: cannot read the script '.*gone\.sh'/);
  });

  test('bytes that are no text come out as they are', async () => {
    const { bytes } = await onHost('cat /bin/busybox');
    const outside = await perform(['cat', BANK, '/bin/busybox']);
    expect(Buffer.compare(bytes, outside.bytes)).toBe(0);
    expect((await inside('echo grün')).out).toBe('grün\n');
  });

  test('a full ramdisk says so, in a command and in a redirection, and ends with 1', async () => {
    const fill =
      'b=/bin/vmx; cat $b $b $b $b $b $b > /tmp/1; for i in 2 3 4 5; do cp /tmp/1 /tmp/$i; done; ';
    const copied = await onHost(`${fill} cp /tmp/1 /tmp/last`);
    expect(copied.code).toBe(1);
    expect(copied.err).toContain('No space left on device');
    expect(copied.err).toContain("the ramdisk 'root' is full");
    const redirected = await onHost(`${fill} cat /tmp/1 > /tmp/last; echo "$?"; false`);
    expect(redirected).toMatchObject({ code: 1, out: '1\n' });
    expect(redirected.err).toMatch(/^ENOSPC: No space left on device/);
  });

  test('it sees the tree and nothing of this machine', async () => {
    expect((await inside(`cat ${process.cwd()}/package.json`)).err).toContain('No such file');
    process.env['VISORFS_SECRET'] = 'leaked';
    try {
      expect((await inside('env; export; set; cat /proc/self/environ')).out).not.toContain(
        'leaked',
      );
    } finally {
      delete process.env['VISORFS_SECRET'];
    }
    const { err } = await inside('curl http://127.0.0.1/; perl -e 1; js-exec -c 1; wget x');
    expect(err.match(/command not found/g)).toHaveLength(4);
    expect((await inside('whoami; echo $UID $$ $PPID; hostname')).out).toBe(
      'root\n0 2 1\nvisorfs\n',
    );
  });

  test('opening one changes nothing, and /dev/null stays out of the tree', async () => {
    expect((await inside('echo x > /dev/nil 2> /dev/null; rm /dev/nil; changes')).out).toBe('');
    const empty = await perform([
      'shell',
      'images/vibs/hostd.vib',
      '-c',
      'ls > /dev/null; changes; ls -a /',
    ]);
    expect(empty.out).not.toContain('dev');
  });

  test('an ELF program says that it cannot run, and is what it is for who reads it', async () => {
    const ran = await onHost('/sbin/vobd; echo $?; head -c 4 /sbin/vobd | od -c | head -1');
    expect(ran.err).toBe('/sbin/vobd: cannot run: it is an ELF program\n');
    expect(ran.out).toMatch(/^126\n0000000 +177 +E +L +F/);
  });

  test('options that do not go together are refused', async () => {
    const both = await perform(['shell', stage('base.v00'), 'y.sh', '-c', 'x']);
    expect(both).toMatchObject({ code: 2, err: "visorfs: -c and 'y.sh' both say what to run\n" });
    const written = await perform(['shell', stage('base.v00'), '--write', '-c', 'x']);
    expect(written.code).toBe(2);
    expect(written.err).toMatch(
      /^visorfs: --write is for a boot device, and '.*base\.v00' is none/,
    );
    const address = 'http://127.0.0.1:9/';
    const remote = await perform(['shell', address, '--write', '-c', 'x']);
    expect(remote).toMatchObject({
      code: 2,
      err: `visorfs: --write is for a boot device, and nothing is written to '${address}'\n`,
    });
  });
});

describe('the boot', () => {
  test('runs the init scripts in the order of chkconfig.db, then local.sh last', async () => {
    const line = 'cat /var/run/hostd.pid; grep -c up /var/log/syslog.log; /etc/init.d/hostd status';
    const { out, err } = await perform(['shell', BANK, '-c', line]);
    expect(err).toBe('');
    expect(out).toBe('0\n1\nhostd is not running\n');
    expect((await onHost('ls /var/run')).out).toBe('');
  });

  test('counts what a script writes as its own, and logs who fills a ramdisk', async () => {
    const fill = 'for i in $(seq 40); do cp /bin/vmx /tmp/$i 2> /dev/null || break; done';
    const { out } = await perform([
      ...['shell', BANK, '-c'],
      `logger -t me one; ${fill}; ramdisk top --json; cat /var/log/vobd.log`,
    ]);
    const at = out.lastIndexOf('}\n') + 2;
    const { labels } = JSON.parse(out.slice(0, at)) as { labels: { label: string | null }[] };
    const names = labels.map(({ label }) => label);
    expect(names[0]).toBe('shell');
    expect(names).toEqual(expect.arrayContaining(['hostd', 'syslogd', 'vobd', null]));
    const log = out.slice(at).trimEnd().split('\n');
    expect(log).toEqual([
      expect.stringMatching(/\[visorfs\.ramdisk\.high\] .* 80 % .* by the application 'shell'\.$/),
      expect.stringMatching(/\[visorfs\.ramdisk\.high\] .* 90 % .* by the application 'shell'\.$/),
      expect.stringMatching(/\[esx\.problem\.visorfs\.ramdisk\.full\] .* \/tmp\/\d+ could not/),
    ]);
  });

  test('reports what fails and what never ends, and goes on', async () => {
    const script = (content: string): { content: string; mode: number; mtime: number } => ({
      content: `#!/bin/sh\n${content}\n`,
      mode: 0o755,
      mtime: LEAP_DAY,
    });
    writeImage(stage('init.v00'), [
      ...BASE,
      { path: 'etc/init.d/a', ...script('echo "a $1" >> /ran; exit 4') },
      { path: 'etc/init.d/b', ...script('while true; do :; done') },
      { path: 'etc/init.d/c', ...script('sleep 3600') },
      { path: 'etc/init.d/d', content: 'echo no >> /ran', mode: 0o644 },
      { path: 'etc/init.d/e', ...script('echo no >> /ran') },
      { path: 'etc/chkconfig.db', content: '/etc/init.d/a\n/etc/init.d/b\n/etc/init.d/c\n' },
      { path: 'etc/rc.local.d/local.sh', ...script('echo local >> /ran') },
      { path: 'etc/rc.local.d/z.sh', ...script('echo no > /full/it; echo "z $?" >> /ran') },
    ]);
    const vfs = new VisorFs(Image.of(await openTardisk(stage('init.v00'))));
    vfs.fs.mkdirSync('/full');
    vfs.ramdisks.add({ name: 'full', path: '/full', size: 4096 });
    const { output, complaints } = outputOf();
    const shell = await openShell({ vfs, host: null, close() {} }, output, { isWritten: false });
    await runBootScripts(shell, output, 400);
    expect(vfs.fs.readFileSync('/ran', 'utf8')).toBe('a start\nz 1\nlocal\n');
    const said = complaints.join('');
    expect(said).toContain('visorfs: /etc/init.d/e is not in /etc/chkconfig.db: not run\n');
    expect(said).toContain('visorfs: /etc/init.d/a start failed: exit code 4; the boot goes on\n');
    expect(said).toMatch(/\/etc\/init\.d\/b start failed: /);
    expect(said).toContain('/etc/init.d/c start failed: ended after 0.4 s; the boot goes on\n');
  }, 20_000);
});
