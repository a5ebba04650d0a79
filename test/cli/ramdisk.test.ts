// What fills the ramdisks, letter for letter, after a script that is run on the tree; and the live
// look at it, on a terminal whose clock is the test's.

import { writeFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { OutputClosed } from '../../src/cli/output.ts';
import { makeBank } from './bank.ts';
import { perform, stageFolder } from './stage.ts';

const at = stageFolder();

beforeAll(async () => {
  await makeBank(at('bank'));
  writeFileSync(
    at('fill.mjs'),
    `export default async (vfs) => {
      const hostd = vfs.as({ label: 'hostd' });
      hostd.mkdirSync('/var/log', { recursive: true });
      hostd.writeFileSync('/var/log/hostd.log', Buffer.alloc(20_000));
      vfs.as({ label: 'vpxa' }).appendFileSync('/var/log/hostd.log', Buffer.alloc(5_000));
      const pause = () => new Promise((done) => setTimeout(done, 5));
      await pause();
      vfs.fs.writeFileSync('/var/small', 'x');
      await pause();
      vfs.fs.appendFileSync('/var/small', 'y');
    };`,
  );
  writeFileSync(
    at('full.mjs'),
    `export default (vfs) => {
      vfs.as({ label: 'hostd' }).writeFileSync('/core', Buffer.alloc(31 << 20));
      vfs.fs.writeFileSync('/victim', Buffer.alloc(2 << 20));
    };`,
  );
  writeFileSync(
    at('loop.mjs'),
    `export default async (vfs) => {
      const hostd = vfs.as({ label: 'hostd' });
      for (let turn = 0; ; turn++) {
        hostd.appendFileSync('/core', Buffer.alloc(1 << 20));
        if (turn > 20) await null;
      }
    };`,
  );
  writeFileSync(at('none.mjs'), 'export const fill = 1;');
  writeFileSync(at('wrong.mjs'), 'export default (');
});

const TIME = /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g;

test('top shows the largest, what grew, what changed last, and what each label has', async () => {
  const { code, out, err } = await perform([
    ...['ramdisk', 'top', at('bank'), '--run', at('fill.mjs'), '--limit', '2'],
  ]);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const times = out.match(TIME)!;
  expect(times).toHaveLength(6);
  expect(out.replace(TIME, '2024-02-29 12:34:56')).toBe(`\
Largest:
Size  Grown  Ramdisk  Maker  Changed              Path
  28     28  root     hostd  2024-02-29 12:34:56  /var/log/hostd.log
   4      0  root     -      2024-02-29 12:34:56  /etc/vmware/esx.conf

Fastest growing:
Size  Grown  Ramdisk  Maker  Changed              Path
  28     28  root     hostd  2024-02-29 12:34:56  /var/log/hostd.log
   4      4  root     -      2024-02-29 12:34:56  /var/small

Last changed:
Size  Grown  Ramdisk  Maker  Changed              Path
   4      4  root     -      2024-02-29 12:34:56  /var/small
   0      0  root     hostd  2024-02-29 12:34:56  /var

By label:
Size  Grown  Inodes  Ramdisk  Label
  20     20       4  root     hostd
   8      4       2  root     -
   8      8       0  root     vpxa
`);
});

test('top without a script says nothing of growth', async () => {
  const { out } = await perform(['ramdisk', 'top', at('bank')]);
  expect(out.replace(TIME, '2024-02-29 12:34:56')).toBe(`\
Largest:
Size  Ramdisk  Maker  Changed              Path
   4  root     -      2024-02-29 12:34:56  /etc/vmware/esx.conf

Last changed:
Size  Ramdisk  Maker  Changed              Path
   4  root     -      2024-02-29 12:34:56  /etc/vmware/esx.conf

By label:
Size  Inodes  Ramdisk  Label
   4       1  root     -
`);
});

test('top --json has the numbers, of one ramdisk, without a script too', async () => {
  const args = ['ramdisk', 'top', at('bank'), '--json', '--ramdisk', 'root'];
  const { code, out } = await perform(args);
  expect(code).toBe(0);
  const top = JSON.parse(out) as Record<string, unknown[]>;
  expect(top).toMatchObject({ sinceMs: null, growing: [] });
  expect(top['largest']![0]).toMatchObject({ path: '/etc/vmware/esx.conf', bytes: 4096 });
});

test('where a script fails for want of room, who took it is shown, and the error', async () => {
  for (const verb of ['top', 'watch']) {
    const { code, out, err } = await perform([
      ...['ramdisk', verb, '-h', at('bank'), '--run', at('full.mjs')],
    ]);
    expect(code).toBe(1);
    expect(out).toMatch(/^Largest:\n.*\n +31M +31M +root +hostd .* \/core\n/);
    expect(err).toMatch(/full\.mjs' failed: ENOSPC: .* \(the ramdisk 'root' is full: /);
  }
});

test('what is wrong is said: a ramdisk, a script and a limit that are none', async () => {
  const bank = at('bank');
  const rows: [args: readonly string[], code: number, says: string][] = [
    [['top', bank, '--ramdisk', 'tmp'], 1, "there is no ramdisk 'tmp'; there are: root"],
    [['top', bank, '--limit', 'many'], 2, "'many' is no number of files"],
    [['top', bank, '--run', at('none.mjs')], 2, 'no function as its default export'],
    [['top', bank, '--run', at('wrong.mjs')], 1, 'cannot be run'],
    [['top', bank, '--run', at('lost.mjs')], 1, 'cannot be run'],
    [['watch', bank], 2, '--run'],
  ];
  for (const [args, code, says] of rows) {
    const performed = await perform(['ramdisk', ...args]);
    expect(performed.code, args.join(' ')).toBe(code);
    expect(performed.err).toContain(says);
    expect(performed.err.trimEnd().split('\n')).toHaveLength(1);
  }
});

test('watch draws on a terminal, over its last picture, while a script writes on', async () => {
  let now = 0;
  // Each look at the clock finds it later, and a script that never gives way is seen too.
  const props = { isTerminal: true, now: () => (now += 400) };
  const args = ['ramdisk', 'watch', '-h', at('bank'), '--run', at('loop.mjs'), '--limit', '1'];
  const { err } = await perform(args, props);
  // What clears from there to the end of the screen stands between two of them.
  const pictures = err.split('\u001b[J');
  expect(pictures.length).toBeGreaterThan(8);
  const [gauge, , title] = pictures[1]!.split('\n');
  expect(gauge).toMatch(/^root {2}\[#+ +\] +\d+% of 32M {2}\+\d+M\/s {2}3 of 8192 inodes$/);
  expect(title).toBe('Fastest growing:');
  expect(pictures.at(-2)).toMatch(/^root {2}\[#{18,19} +\] /);
  for (const picture of pictures.slice(1, 8)) {
    expect(picture).toMatch(/\n +\d+M +\d+M +\d +root +hostd\n/);
  }
  // What was told of the ramdisk stands below.
  expect(pictures.join('')).toContain("\nThe ramdisk 'root' is 80 % full: ");
  expect(pictures.at(-1)).toMatch(/^visorfs: '.*' failed: ENOSPC/);
});

test('watch draws nothing where there is no terminal', async () => {
  const { code, out, err } = await perform([
    ...['ramdisk', 'watch', at('bank'), '--run', at('fill.mjs'), '--json'],
  ]);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(JSON.parse(out)).toMatchObject({ sinceMs: expect.any(Number) });
});

test('trace shows each verb of a script, as lines or JSON, and of one that fails too', async () => {
  const args = ['image', 'trace', at('bank'), '--run', at('fill.mjs')];
  const { code, out, err } = await perform(args);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const lines = out.trimEnd().split('\n');
  expect(lines.map((line) => line.replace(/^\d+\.\d{6} | <0\.000000>$/g, ''))).toEqual([
    '[hostd] mkdir("/var/log") = 0',
    '[hostd] writeFile("/var/log/hostd.log") = 0 [20000 bytes]',
    '[vpxa] appendFile("/var/log/hostd.log") = 0 [5000 bytes]',
    'writeFile("/var/small") = 0 [1 bytes]',
    'appendFile("/var/small") = 0 [1 bytes]',
  ]);
  const failed = await perform(['image', 'trace', at('bank'), '--run', at('full.mjs'), '--json']);
  expect(failed.code).toBe(1);
  const records = failed.out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(records).toMatchObject([
    { verb: 'writeFile', path: '/core', label: 'hostd', bytes: 31 << 20, result: 0, code: null },
    { verb: 'writeFile', path: '/victim', label: null, bytes: null, result: -1, code: 'ENOSPC' },
  ]);
});

test('trace ends well where nobody reads on', async () => {
  const write = () => Promise.reject(new OutputClosed());
  const { code, err } = await perform(['image', 'trace', at('bank'), '--run', at('fill.mjs')], {
    write,
  });
  expect({ code, err }).toEqual({ code: 0, err: '' });
});
