// `visorfs diff` and `image bisect`, as a user runs them: what they print, letter for letter,
// their exit codes, and tests that are bad, cannot be run, are killed or interrupted.

import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { createBundle, createVib } from '../../src/node.ts';
import { makeBank } from './bank.ts';
import { BASE, HOSTD, perform, stageFolder, writeImage } from './stage.ts';

const at = stageFolder();

beforeAll(async () => {
  writeImage(at('base.tar'), BASE);
  writeImage(at('hostd.tar'), HOSTD);
  writeImage(at('a,b.tar'), BASE);
  await makeBank(at('bank'));
  mkdirSync(at('builds'));
  for (let build = 1; build <= 12; build++) {
    const content = build < 7 ? 'good\n' : 'bad\n';
    writeImage(at('builds', `build-${build}.tar`), [{ path: 'etc/motd', content }]);
  }
});

test('diff says nothing of two that are the same, and ends with 0', async () => {
  const { code, out, err } = await perform(['diff', at('base.tar'), at('a,b.tar')]);
  expect({ code, out, err }).toEqual({ code: 0, out: '', err: '' });
});

test('diff lists what differs, and ends with 1', async () => {
  const stack = `${at('base.tar')},${at('hostd.tar')}`;
  const { code, out, err } = await perform(['diff', at('base.tar'), stack]);
  expect({ code, out, err }).toEqual({
    code: 1,
    out: `\
+ /bin/hostd  5000 bytes
~ /etc/motd  size 8 -> 17

2 differences: 1 added, 0 removed, 1 changed
`,
    err: '',
  });
});

test('diff --json has both sides', async () => {
  const args = ['diff', at('bank'), at('base.tar'), '--json'];
  const { code, out } = await perform(args);
  expect(code).toBe(1);
  expect(JSON.parse(out)).toMatchObject({
    isSame: false,
    versions: [{ kind: 'bank', name: 'build', older: '8.0.0-1', newer: null }],
    differences: [
      { path: '/bin/hostd', change: 'removed', older: { mode: '0755', tardisk: 'hostd.v00' } },
      { path: '/etc/motd', change: 'changed', aspects: ['size'] },
      { path: '/etc/vmware/esx.conf', aspects: ['content'], older: { tardisk: null } },
    ],
  });
});

test('diff says which versions of a VIB differ', async () => {
  const { out } = await perform(['diff', 'images/vibs/hostd.vib', 'images/vibs/fdm.vib']);
  expect(out).toMatch(/^- vib hostd \S+\n\+ vib fdm \S+\n\n|^\+ vib fdm \S+\n- vib hostd \S+\n\n/);
});

test('diff says which versions differ of the VIBs in two bundles', async () => {
  for (const version of ['1.0.0-1', '1.0.0-2']) {
    const entry = { path: 'etc/motd', mode: 0o644, mtimeSeconds: 0, target: '' };
    const entries = [{ ...entry, kind: 'file' as const, content: Buffer.from(version) }];
    const manifest = { name: 'sample', vendor: 'VMW', version };
    const { bytes } = await createVib(manifest, [{ name: 'sample', type: 'tgz', entries }]);
    const { pieces } = await createBundle([bytes]);
    writeFileSync(at(`${version}.zip`), Buffer.concat(pieces));
  }
  const args = ['diff', at('1.0.0-1.zip'), at('1.0.0-2.zip')];
  expect(await perform(args)).toMatchObject({
    code: 1,
    out: `\
~ vib sample: 1.0.0-1 -> 1.0.0-2

~ /etc/motd  content

1 difference: 0 added, 0 removed, 1 changed
`,
  });
});

test('diff says which versions differ that two image databases record', async () => {
  const recorded = (version: string) => [
    {
      path: 'var/db/esximg/vibs/sample--17.xml',
      content:
        '<vib><type>bootbank</type><name>sample</name><vendor>VMW</vendor>' +
        `<version>${version}</version></vib>`,
    },
    { path: 'var/db/esximg/vibs/odd.xml', content: 'no XML' },
  ];
  writeImage(at('one.tar'), recorded('1.0-1'));
  writeImage(at('two.tar'), recorded('1.0-2'));
  const { out } = await perform(['diff', at('one.tar'), at('two.tar')]);
  expect(out).toMatch(/^~ vib sample: 1\.0-1 -> 1\.0-2\n/);
});

test('diff ends with 2 where one of them cannot be opened', async () => {
  writeFileSync(at('no.tar'), 'no tar');
  for (const [other, why] of [
    [at('nope.tar'), 'there is no image'],
    [at('no.tar'), 'is no archive'],
    [`${at('base.tar')},`, 'names an empty image'],
  ]) {
    const { code, out, err } = await perform(['diff', at('base.tar'), other!]);
    expect({ code, out }, other).toEqual({ code: 2, out: '' });
    expect(err).toContain(why);
  }
});

const SHOWS_BAD = [
  process.execPath,
  '-e',
  "process.exit(require('fs').readFileSync(process.argv[1]).includes('bad') ? 1 : 0)",
  '{}',
];

test('image bisect finds the first bad image of a folder, and what it changed', async () => {
  const { code, out, err } = await perform(['image', 'bisect', at('builds'), '--', ...SHOWS_BAD]);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out.replaceAll(`${at()}/`, '')).toBe(`\
testing builds/build-1.tar (the first)
  good (exit code 0)
testing builds/build-12.tar (the last)
  bad (exit code 1)
testing builds/build-6.tar (4 steps to go)
  good (exit code 0)
testing builds/build-9.tar (3 steps to go)
  bad (exit code 1)
testing builds/build-7.tar (2 steps to go)
  bad (exit code 1)

first bad  builds/build-7.tar
last good  builds/build-6.tar

~ /etc/motd  size 5 -> 4

1 difference: 0 added, 0 removed, 1 changed
`);
});

test('image bisect takes the series as it is given, by --good and --bad, and --json', async () => {
  const series = [3, 6, 7, 12].map((build) => at('builds', `build-${build}.tar`));
  const bounds = ['--good', 'build-6.tar', '--bad', series[3]!, '--json'];
  const { code, out } = await perform([
    'image',
    'bisect',
    ...bounds,
    ...series,
    '--',
    ...SHOWS_BAD,
  ]);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    firstBad: series[2],
    lastGood: series[1],
    suspects: [series[2]],
    steps: [{ image: series[2], verdict: 'bad', exitCode: 1 }],
    diff: { isSame: false, differences: [{ path: '/etc/motd', change: 'changed' }] },
  });
});

test('the test has the image in its environment, and what it prints goes to stderr', async () => {
  const script = "console.log('seen ' + process.env.VISORFS_IMAGE); process.exit(125)";
  const series = [1, 2, 3].map((build) => at('builds', `build-${build}.tar`));
  const ends = ['--good', series[0]!, '--bad', series[2]!];
  const test = ['--', process.execPath, '-e', script];
  const { code, out, err } = await perform([
    'image',
    'bisect',
    ...series,
    ...ends,
    '--json',
    ...test,
  ]);
  expect(code).toBe(1);
  expect(err).toContain(`seen ${series[1]}\n`);
  expect(err).toContain(`the first bad image is one of ${series[1]}, ${series[2]}`);
  expect(JSON.parse(out)).toMatchObject({ firstBad: null, suspects: series.slice(1), diff: null });
});

// Taken on trust, a test that says «good» of all would name the last one as the first bad one.
test('ends that nobody vouched for are tested, and refused where they are otherwise', async () => {
  const exits = (code: number) => ['--', process.execPath, '-e', `process.exit(${code})`];
  const [first, last] = ['build-1.tar', 'build-12.tar'].map((name) => at('builds', name));
  const cases: readonly (readonly [number, string[], string])[] = [
    [0, [], `'${last}', the last of the series, is good: name one that is known to be bad with`],
    [1, [], `'${first}', the first of the series, is bad: name one that is known to be good with`],
    [125, [], `'${first}', the first of the series, cannot be tested: name one`],
    [125, ['--good', first!], `'${last}', the last of the series, cannot be tested: name one`],
  ];
  for (const [exit, bounds, why] of cases) {
    const words = ['image', 'bisect', at('builds'), ...bounds, ...exits(exit)];
    const { code, out, err } = await perform(words);
    expect({ code, isFound: out.includes('first bad') }).toEqual({ code: 1, isFound: false });
    expect(err).toContain(why);
  }
});

test('an image that cannot be opened may be the first bad one', async () => {
  mkdirSync(at('broken'));
  for (const name of ['1', '2', '3']) copyFileSync(at('base.tar'), at('broken', name));
  writeFileSync(at('broken', '2'), 'bad');
  const ends = ['--good', '1', '--bad', '3'];
  const words = ['image', 'bisect', at('broken'), ...ends, '--', ...SHOWS_BAD];
  const { code, out } = await perform(words);
  expect(code).toBe(0);
  expect(out).toContain('they cannot be compared: 2 at 0x0: is no archive');
});

test('what is no test ends the search, and says so', async () => {
  const series = [1, 2, 3].map((build) => at('builds', `build-${build}.tar`));
  const run = (...words: string[]) => perform(['image', 'bisect', ...series, '--', ...words]);
  const cases: readonly (readonly [string[], string])[] = [
    [[at('no-such-program')], 'cannot be run'],
    [[process.execPath, '-e', 'process.exit(128)'], 'exit code 128'],
    [[process.execPath, '-e', "process.kill(process.pid, 'SIGKILL')"], 'killed by SIGKILL'],
  ];
  for (const [words, why] of cases) {
    const { code, err } = await run(...words);
    expect(code, why).toBe(1);
    expect(err).toContain(why);
  }
});

test('Ctrl-C ends the test that runs, and the search', async () => {
  const controller = new AbortController();
  const script = 'console.log(process.pid); setInterval(Date.now, 1000)';
  const words = ['image', 'bisect', at('builds'), '--', process.execPath, '-e', script];
  const told: string[] = [];
  const { code, out } = await perform(words, {
    signal: controller.signal,
    complain: (text) => {
      told.push(text);
      controller.abort();
    },
  });
  expect({ code, out }).toMatchObject({ code: 1, out: expect.not.stringContaining('first bad') });
  const pid = Number(told[0]);
  expect(pid).toBeGreaterThan(1);
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

test('a command line that makes no sense is refused', async () => {
  const series = [1, 2].map((build) => at('builds', `build-${build}.tar`));
  const cases: readonly (readonly [string[], string])[] = [
    [[...series], 'the test command stands behind --'],
    [[...series, '--'], 'the test command stands behind --'],
    [['--', 'true'], 'no image stands before --'],
    [[series[0]!, '--', 'true'], 'two images or more'],
    [[...series, '--good', 'x', '--', 'true'], "'x' is none of the series"],
    [[...series, '--good', 'build-2.tar', '--', 'true'], 'comes before the bad one'],
  ];
  for (const [words, why] of cases) {
    const { code, err } = await perform(['image', 'bisect', ...words]);
    expect({ code, words }).toEqual({ code: 2, words });
    expect(err).toContain(why);
  }
});
