// Ctrl-C, and the signals that mean the same, for each command that takes long or writes, as a
// process: the exit code is 128 and the signal, the target is what it was, and nothing lies about:
// no temporary file beside it or in the folder for those, no lock.
//
// And where a medium is full: the same, with exit code 1 and the name of the file.
//
// A command that is quicker than its interrupt has done its work whole; it is started again then,
// as what is asked for is an interrupt in the middle.

import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as passed } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { testServer } from '../support/http.ts';
import { makeBank } from './bank.ts';
import { BUILD_TIMEOUT_MS, buildCommand, ROOT } from './built.ts';
import { BASE, perform, stageFolder, writeImage } from './stage.ts';

const at = stageFolder();
const server = testServer();
const TRIES = 8;
const PATIENCE_MS = 60_000;
const MIB = 1 << 20;

/** A process of the command, in a folder of its own. */
interface Run {
  readonly child: ChildProcess;
  readonly folder: string;
  readonly out: () => string;
}

/** One that is over. */
interface Ended extends Run {
  readonly code: number | null;
}

/** Settles when the moment has come to interrupt. */
type Moment = (run: Run) => Promise<void>;

async function until(holds: () => boolean, { child, out }: Run): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!holds() && child.exitCode === null && child.signalCode === null) {
    if (performance.now() > end) throw new Error(`the moment did not come; it said: ${out()}`);
    await passed(1);
  }
}

/** The names below `folder`, of what is gone meanwhile too. */
function namesBelow(folder: string): string[] {
  return fs.existsSync(folder) ? (fs.readdirSync(folder, { recursive: true }) as string[]) : [];
}

const TEMPORARY = /(^|\/)(\.visorfs-|visorfs-|\.[^/]*\.new$|\.[^/]*[0-9a-f]{8}-)/;
const temporaries = (folder: string): string[] =>
  namesBelow(folder).filter((name) => TEMPORARY.test(name));

/** When something is written, under a temporary name. */
const writing: Moment = (run) => until(() => temporaries(run.folder).length > 0, run);
/** When a file of the host is written. */
const bankWriting: Moment = (run) =>
  until(() => temporaries(path.join(run.folder, 'host')).length > 0, run);
/** When it has said something. */
const said: Moment = (run) => until(() => run.out() !== '', run);
/** When the server was asked for what it never gives all of. */
const asked: Moment = (run) => until(() => server.asked.some(isEndless), run);
/** When more is read of stdin than a pipe takes. */
const reading: Moment = async ({ child }) => {
  child.stdin!.on('error', () => undefined);
  await new Promise((resolve) => child.stdin!.write(Buffer.alloc(MIB), resolve));
};
/** When `name` is in its folder. */
const made =
  (name: string): Moment =>
  (run) =>
    until(() => fs.existsSync(path.join(run.folder, name)), run);
/** When it has opened `file`. */
const opened =
  (file: () => string): Moment =>
  (run) =>
    until(() => openFiles(run.child).includes(file()), run);

function openFiles({ pid }: ChildProcess): string[] {
  try {
    const all = fs.readdirSync(`/proc/${pid}/fd`);
    return all.map((one) => fs.readlinkSync(`/proc/${pid}/fd/${one}`));
  } catch (error) {
    // One is closed while it is looked at.
    if ((error as { code?: string }).code === 'ENOENT') return [];
    throw error;
  }
}

const isEndless = ({ path: one }: { path: string }): boolean => one.startsWith('/endless');

beforeAll(async () => {
  buildCommand(at);
  writeImage(at('base.tar'), BASE);
  await makeBank(at('bank'));
  const entries = Array.from({ length: 3000 }, (_, index) => ({
    path: `d/${index}`,
    content: 'x'.repeat(20_000),
  }));
  writeImage(at('many.tar'), entries);
  writeImage(at('many.v00'), entries);
  fs.writeFileSync(
    at('forever.mjs'),
    "import fs from 'node:fs';\n" +
      "export default () => { fs.writeFileSync('running', ''); return new Promise(() => " +
      'setTimeout(() => undefined, 1e9)); };\n',
  );
  fs.cpSync(at('bank'), at('large'), { recursive: true });
  fs.writeFileSync(at('large', 'more.v00'), Buffer.alloc(64 * MIB));
  const cfg = fs.readFileSync(at('large', 'boot.cfg'), 'utf8');
  fs.writeFileSync(at('large', 'boot.cfg'), cfg.replace('hostd.v00', 'hostd.v00 --- more.v00'));
}, BUILD_TIMEOUT_MS);

beforeEach(() => {
  server.answers.set('/endless/boot.cfg', [
    (_request, response) => response.end(fs.readFileSync(at('bank', 'boot.cfg'))),
  ]);
  const endless = [
    (_request: unknown, response: NodeJS.WritableStream) => void response.write('\x1f\x8b\x08'),
  ];
  for (const name of ['b.b00', 'base.v00', 'x.tgz']) {
    server.answers.set(`/endless/${name}`, endless);
  }
});

function started(
  folder: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  detached = false,
): Run {
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(path.join(folder, 'tmp'), { recursive: true });
  fs.writeFileSync(path.join(folder, 'target'), 'as it was');
  fs.cpSync(at('bank'), path.join(folder, 'host'), { recursive: true });
  let text = '';
  const child = spawn(process.execPath, [at('dist/cli/main.js'), ...args], {
    cwd: folder,
    detached,
    env: { ...process.env, TMPDIR: path.join(folder, 'tmp'), ...env },
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  }
  return { child, folder, out: () => text };
}

/** How it ends that is sent `signal` at `moment`. */
async function interrupted(
  name: string,
  args: readonly string[],
  moment: Moment,
  signal: NodeJS.Signals = 'SIGINT',
): Promise<Ended> {
  for (let tries = 1; ; tries += 1) {
    const run = started(at(name), args);
    const gone = once(run.child, 'close') as Promise<[number | null]>;
    await moment(run);
    run.child.kill(signal);
    const [code] = await gone;
    if (code !== 0 || tries === TRIES) return { ...run, code };
  }
}

const TARGET = ['target', '--force'];
const CREATE = ['device', 'create', ...TARGET, '--bank-size', '100m'];
const TOOLS = `${ROOT}/images/vibs/debug-tools.vib`;
const INSTALL = ['host', 'software', 'vib', 'install', '--force', '--no-sig-check', '-v', TOOLS];

const COMMANDS: readonly (readonly [string, () => readonly string[], Moment])[] = [
  ['ls of stdin that never ends', () => ['ls', '-'], reading],
  ['ls of an address that never ends', () => ['ls', server.url('/endless/x.tgz')], asked],
  ['a boot', () => ['host', 'boot', server.url('/endless/'), '--cache', 'kept'], asked],
  ['backup', () => ['host', 'backup', server.url('/endless/'), '-fo', 'target'], asked],
  ['extract', () => ['image', 'extract', at('many.tar'), '-C', 'out'], writing],
  ['vmtar', () => ['vmtar', '-x', at('many.v00'), '-o', ...TARGET], writing],
  ['vmtar of stdin', () => ['vmtar', '-c', '-o', ...TARGET], reading],
  ['seal', () => ['tardisk', 'seal', at('many.tar'), ...TARGET], opened(() => at('many.tar'))],
  ['device create', () => [...CREATE, '--from', at('large')], writing],
  ['state rekey', () => ['state', 'rekey', 'host', '--new-key-file', '-'], reading],
  ['an installation', () => [...INSTALL, 'host'], bankWriting],
  ['an installation that takes its lock', () => [...INSTALL, 'host'], writing],
  ['serve', () => ['serve', at('bank')], said],
  [
    'ramdisk watch',
    () => ['ramdisk', 'watch', at('bank'), '--run', at('forever.mjs')],
    made('running'),
  ],
  ['lint', () => ['lint', at('many.tar')], opened(() => at('many.tar'))],
  ['the shell', () => ['shell', at('base.tar'), '-c', 'sleep 1000'], opened(() => at('base.tar'))],
  ['the demo', () => ['demo', at('bank')], writing],
];

describe.skipIf(process.platform !== 'linux')('Ctrl-C ends with 130 and leaves nothing', () => {
  test.each(COMMANDS)('of %s', async (name, args, moment) => {
    const { code, out, folder } = await interrupted(name, args(), moment);
    expect([code, out()]).toEqual([130, expect.not.stringContaining('rror')]);
    expect(temporaries(folder)).toEqual([]);
    expect(fs.readFileSync(path.join(folder, 'target'), 'utf8')).toBe('as it was');
    const state = fs.readFileSync(at('bank', 'state.tgz'));
    expect(fs.readFileSync(path.join(folder, 'host', 'state.tgz')).equals(state)).toBe(true);
    for (const one of namesBelow(path.join(folder, 'out', 'd'))) {
      expect(fs.statSync(path.join(folder, 'out', 'd', one)).size).toBe(20_000);
    }
  });
});

const EDIT = ['state', 'edit', 'host', '/etc/vmware/esx.conf'];

describe.skipIf(process.platform !== 'linux')('other ends', () => {
  test.each([
    ['SIGTERM', 143, 'ls', ['ls', '-'], reading],
    ['SIGHUP', 129, 'serve', ['serve', 'host'], said],
    ['SIGTERM', 143, 'device create', [...CREATE, '--from'], writing],
  ] as const)('%s ends with %i: %s', async (signal, wanted, name, words, moment) => {
    const args = words.at(-1) === '--from' ? [...words, at('large')] : words;
    const { code, out, folder } = await interrupted(`${name} ${signal}`, args, moment, signal);
    expect([code, out()]).toEqual([wanted, expect.not.stringContaining('rror')]);
    expect(temporaries(folder)).toEqual([]);
    expect(fs.readFileSync(path.join(folder, 'target'), 'utf8')).toBe('as it was');
  });

  /** How an edit ends whose editor does `then` of Ctrl-C, where `send` sends a signal. */
  async function edited(then: string, send: (pid: number) => void): Promise<Ended> {
    const folder = at(`edit ${then}`);
    const editor = at('editor.sh');
    fs.writeFileSync(
      editor,
      `trap '${then}' INT\necho $$ > editing\nwhile :; do sleep 0.05; done\n`,
    );
    const run = started(folder, EDIT, { EDITOR: `sh ${editor}` }, true);
    const gone = once(run.child, 'close') as Promise<[number | null]>;
    await until(() => namesBelow(folder).includes('editing'), run);
    await until(() => fs.readFileSync(path.join(folder, 'editing'), 'utf8') !== '', run);
    send(run.child.pid!);
    return { ...run, code: (await gone)[0] };
  }

  test('Ctrl-C is a key of the editor, whose change is kept', async () => {
    // As vi has it: Ctrl-C leaves the mode that one types in, and nothing else.
    const then = 'echo "/a = \\"3\\"" > "$1"; exit 0';
    const { code, out } = await edited(then, (pid) => process.kill(-pid, 'SIGINT'));
    expect([code, out()]).toEqual([0, 'host: /etc/vmware/esx.conf, 9 -> 9 bytes\n']);
  });

  test('an editor that Ctrl-C ends, ends the edit, and nothing is written', async () => {
    const { code, out, folder } = await edited('exit 130', (pid) => process.kill(-pid, 'SIGINT'));
    expect([code, out(), temporaries(folder)]).toEqual([130, '', []]);
  });

  test('SIGTERM ends the edit and its editor', async () => {
    const { code, folder } = await edited('', (pid) => process.kill(pid, 'SIGTERM'));
    expect([code, temporaries(folder)]).toEqual([143, []]);
    const editor = `/proc/${fs.readFileSync(path.join(folder, 'editing'), 'utf8').trim()}/cmdline`;
    // What has ended has no words any more, whether or not somebody has taken note of it.
    await expect.poll(() => fs.existsSync(editor) && fs.readFileSync(editor, 'utf8')).toBeFalsy();
  });
});

const isRoot = process.getuid?.() === 0;

describe.skipIf(process.platform !== 'linux' || !isRoot)('a full medium', () => {
  const full = (...parts: readonly string[]): string => at('full', ...parts);

  beforeAll(() => {
    fs.mkdirSync(full());
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', full()]);
    fs.writeFileSync(full('target'), 'as it was');
    fs.cpSync(at('bank'), full('host'), { recursive: true });
    expect(() => fs.writeFileSync(full('filler'), Buffer.alloc(MIB))).toThrow('ENOSPC');
  });
  afterAll(() => execFileSync('umount', ['-l', full()]));

  const target = (): string[] => [full('target'), '--force'];
  const state = (): string => full('host', 'state.tgz');
  const CONF = '/etc/vmware/esx.conf';
  test.each([
    ['extract', () => ['image', 'extract', at('base.tar'), '-C', full('out')], 'out/bin/busybox'],
    ['vmtar', () => ['vmtar', '-x', at('many.v00'), '-o', ...target()], 'target'],
    ['seal', () => ['tardisk', 'seal', at('base.tar'), ...target()], 'target'],
    ['device create', () => ['device', 'create', ...target(), '--from', at('bank')], 'target'],
    ['backup', () => ['host', 'backup', at('bank'), '-o', ...target()], 'target'],
    ['vib extract', () => ['vib', 'extract', TOOLS, '-C', full('v')], 'v/descriptor.xml'],
    ['bundle create', () => ['bundle', 'create', TOOLS, '-o', full('b.zip')], 'b.zip'],
    [
      'edit',
      () => ['state', 'edit', full('host'), CONF, '-f', '--set-from', at('base.tar')],
      'host/',
    ],
    ['an installation', () => [...INSTALL, full('host')], 'altbootbank/'],
  ])('is told of by %s, and nothing is left there', async (_name, args, file) => {
    const before = fs.readFileSync(state());
    const { code, out, err } = await perform(args());
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain(`${file}`);
    expect(err).toContain("' cannot be written: no space is left there");
    expect(temporaries(full())).toEqual([]);
    expect(fs.readFileSync(full('target'), 'utf8')).toBe('as it was');
    expect(fs.readFileSync(state()).equals(before)).toBe(true);
    expect(fs.existsSync(full('b.zip'))).toBe(false);
  });
});

describe.skipIf(process.platform === 'win32')(
  'a reader that has gone ends with 0, in silence',
  () => {
    test.each([
      'ls -lR many.tar',
      'find many.tar --json',
      'image extract --help',
      'vdu -a many.tar',
      'tardisk seal many.tar -',
      'completion bash',
    ])('%s', (words) => {
      const args = words.split(' ').map((word) => (word === 'many.tar' ? at(word) : word));
      const command = [process.execPath, at('dist/cli/main.js'), ...args].join(' ');
      const piped = `${command} | head -c 1 > /dev/null; echo \${PIPESTATUS[0]}`;
      const { stdout, stderr } = spawnSync('bash', ['-c', piped], { encoding: 'utf8' });
      expect({ stdout, stderr }).toEqual({ stdout: '0\n', stderr: '' });
    });
  },
);
