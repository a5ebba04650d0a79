// The manners of the command line: one line for what goes wrong with the thing named in it, exit
// codes, JSON that parses, and which argument is an image.

import { beforeAll, describe, expect, test } from 'vitest';
import { OutputClosed } from '../../src/cli/output.ts';
import { commandTree } from '../../src/cli/program.ts';
import { makeBank } from './bank.ts';
import { BASE, HOSTD, perform, stageFolder, writeImage } from './stage.ts';

const at = stageFolder();

beforeAll(async () => {
  writeImage(at('base.tar'), BASE);
  writeImage(at('hostd.v00'), HOSTD);
  await makeBank(at('bank'));
});

test('--help of visorfs names every command, fits 80 columns and ends well', async () => {
  const { code, out, err } = await perform(['--help']);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  for (const one of commandTree().commands) {
    expect(out).toMatch(new RegExp(`^  ${one.name()}[| ]`, 'm'));
  }
  expect(out.split('\n').filter((line) => line.length > 80)).toEqual([]);
});

describe('what goes wrong is one line and an exit code', () => {
  const rows: readonly (readonly [string, readonly string[], number, string])[] = [
    ['no command', [], 2, 'no command'],
    ['a command that is none', ['mount'], 2, "unknown command 'mount'"],
    ['a verb that is none', ['tardisk', 'add'], 2, "unknown command 'add'; see visorfs tardisk"],
    ['a verb without its noun', ['boot', 'bank'], 2, "'boot': there is visorfs host boot; see"],
    ['an option that is none', ['vdf', '--jason', 'base.tar'], 2, '--jason'],
    ['an option without its value', ['ls', 'base.tar', '--path'], 2, '--path'],
    ['no image', ['ls'], 2, 'image'],
    ['one bank too many', ['host', 'boot', 'bank', 'bank'], 2, 'too many arguments'],
    ['cat without a path', ['cat', 'base.tar'], 2, 'takes an image and a path'],
    ['a bank above another image', ['ls', 'base.tar', 'bank'], 2, 'can only be the first image'],
    ['an image that is not there', ['ls', 'lost.v00'], 1, "there is no image 'lost.v00'"],
    ['a second one that is not there', ['vdf', 'base.tar', 'lost.v00'], 1, "no image 'lost.v00'"],
    ['a path that is not there', ['cat', 'base.tar', '/etc/lost'], 1, "'/etc/lost' in base.tar"],
    ['a path below a file', ['ls', 'base.tar', '/etc/motd/x'], 1, "'/etc/motd/x' in base.tar"],
    ['a typo in an absolute image', ['ls', 'base.tar', '/lost.vib'], 1, "'/lost.vib' in base.tar"],
    ['cat of a directory', ['cat', 'base.tar', '/etc'], 1, "'/etc' is a directory"],
    ['a file that is no archive', ['ls', 'package.json'], 1, 'package.json at 0x0'],
    ['a folder without a bank', ['vdf', 'src'], 1, 'src: no bank can be booted'],
    ['a bank that is a file', ['host', 'boot', 'base.tar'], 1, 'is no bank'],
    ['a bank that is not there', ['demo', 'lost'], 1, "no bank 'lost'"],
  ];
  for (const [what, args, wanted, words] of rows) {
    test(`${what}: ${wanted}`, async () => {
      const paths = args.map((arg) => (/^(base\.tar|bank)$/.test(arg) ? at(arg) : arg));
      const { code, out, err } = await perform(paths);
      expect(err).toContain(words);
      expect(err).toMatch(/^visorfs: [^\n]+\n$/);
      expect({ code, out }).toEqual({ code: wanted, out: '' });
    });
  }

  test('a name in a message cannot forge a line', async () => {
    const { err } = await perform(['ls', 'a\nvisorfs: all is well']);
    expect(err).toBe("visorfs: there is no image 'a\\nvisorfs: all is well'\n");
  });

  test('whoever stops reading is no error', async () => {
    const write = () => Promise.reject(new OutputClosed());
    expect(await perform(['ls', at('base.tar')], { write })).toMatchObject({ code: 0, err: '' });
    expect(await perform(['--help'], { write })).toMatchObject({ code: 0, err: '' });
  });
});

describe('--json', () => {
  const rows: readonly (readonly [readonly string[], (value: never) => unknown, unknown])[] = [
    [['ls', 'base.tar', '/bin'], (list: { path: string }[]) => list[0]!.path, '/bin/busybox'],
    [['ls', '-R', 'base.tar'], (list: unknown[]) => list.length, 10],
    [['tree', 'base.tar'], (top: { children: unknown[] }) => top.children.length, 3],
    [
      ['image', 'stat', 'base.tar', '/bin/sh'],
      ({ target }: { target: string }) => target,
      'busybox',
    ],
    [['image', 'stat', 'base.tar', '/dev/null'], ({ minor }: { minor: number }) => minor, 3],
    [
      ['image', 'stat', 'bank', '/etc/motd'],
      ({ tardisk }: { tardisk: string }) => tardisk,
      'hostd.v00',
    ],
    [
      ['vdf', 'bank'],
      (vdf: { ramdisks: { sizeBytes: number }[] }) => vdf.ramdisks[0]!.sizeBytes,
      32 << 20,
    ],
    [['vdu', 'bank'], ({ total }: { total: { ramdiskBytes: number } }) => total.ramdiskBytes, 4096],
    [
      ['tardisk', 'list', 'bank'],
      (list: { TardiskName: string }[]) => list[1]!.TardiskName,
      'hostd.v00',
    ],
    [
      ['ramdisk', 'list', 'bank'],
      (list: { MaximumInodes: number }[]) => list[0]!.MaximumInodes,
      8192,
    ],
    [['state', 'list', 'bank'], (list: { reason: string }[]) => list[0]!.reason, 'restored'],
    [['host', 'boot', 'bank'], ({ build }: { build: string }) => build, '8.0.0-1'],
  ];
  for (const [args, part, wanted] of rows) {
    test(`of ${args.join(' ')} parses, and is one line`, async () => {
      const paths = args.map((arg) => (/^(base\.tar|bank)$/.test(arg) ? at(arg) : arg));
      const { code, out } = await perform([...paths, '--json']);
      expect(code).toBe(0);
      expect(out.indexOf('\n')).toBe(out.length - 1);
      expect(part(JSON.parse(out) as never)).toEqual(wanted);
    });
  }
});

describe('the last argument', () => {
  test('is a path if it starts with / and is no image, whatever lies there here', async () => {
    // Every machine has an /etc, and none a bank in it.
    const { out } = await perform(['ls', at('base.tar'), '/etc']);
    expect(out).toBe('motd\nvmware\n');
  });

  test('is an image if an archive lies there on this machine', async () => {
    const { out } = await perform(['ls', at('base.tar'), at('hostd.v00'), '--path', '/bin']);
    expect(out).toBe('busybox\nhostd\nls\nsh\n');
    expect(await perform(['vdu', at('base.tar'), at('hostd.v00')])).toMatchObject({ code: 0 });
    expect((await perform(['ls', at('base.tar'), at('hostd.v00')])).out).toBe('bin\ndev\netc\n');
  });

  test('is an image if it is the only one', async () => {
    const { code, err } = await perform(['ls', '/etc']);
    expect({ code, err }).toMatchObject({ code: 1 });
    expect(err).toContain('no bank can be booted');
  });

  test('an archive is mounted over a booted bank', async () => {
    writeImage(at('top.tar'), [{ path: 'etc/motd', content: 'top\n' }]);
    expect((await perform(['cat', at('bank'), at('top.tar'), '/etc/motd'])).out).toBe('top\n');
  });
});

describe('progress', () => {
  const args = (): string[] => ['vdf', at('bank')];
  const clock = (): (() => number) => {
    let time = 0;
    return () => {
      time += 400;
      return time;
    };
  };

  test('shows on a terminal after half a second, and leaves a clean line', async () => {
    const { err } = await perform(args(), { isTerminal: true, now: clock() });
    const [before, ...lines] = err.split('\r\x1b[K');
    expect(before).toBe('');
    expect(lines.pop()).toBe('');
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(line).toMatch(/^mounting \d\/4 {2}\S+$/);
  });

  test('does not show where stderr is no terminal, or all was quick', async () => {
    expect((await perform(args(), { now: clock() })).err).toBe('');
    expect((await perform(args(), { isTerminal: true })).err).toBe('');
  });
});
