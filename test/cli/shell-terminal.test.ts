// The shell at a real terminal, by tmux: what is typed, completed, recalled, interrupted; and as
// a process that is ended, or is one of several.

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { setTimeout as passed } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { History } from '../../src/cli/shell/history.ts';
import { BUILD_TIMEOUT_MS, buildCommand } from './built.ts';
import { outputOf, stageFolder } from './stage.ts';

const stage = stageFolder();
const SOCKET = `visorfs-test-${process.pid}`;
const PAUSE_MS = 40;
const PATIENCE_MS = 20_000;

const hasTmux = spawnSync('tmux', ['-V']).status === 0;
if (!hasTmux) process.stderr.write('skipped: the shell at a terminal needs tmux\n');

const tmux = (...args: string[]): string =>
  execFileSync('tmux', ['-L', SOCKET, '-f', '/dev/null', ...args], { encoding: 'utf8' });
const screen = (): string => tmux('capture-pane', '-p', '-S', '-200').trimEnd();

/** Waits until the screen says `expected`, and returns it; fails with the screen. */
async function until(expected: RegExp): Promise<string> {
  for (const start = Date.now(); Date.now() - start < PATIENCE_MS; await passed(PAUSE_MS)) {
    const shown = screen();
    if (expected.test(shown)) return shown;
  }
  throw new Error(`the screen never said ${expected}:\n${screen()}`);
}

const type = (text: string): string => tmux('send-keys', '-l', text);
const press = (...keys: string[]): string => tmux('send-keys', ...keys);

/** Types `text`, and Tab once it is shown: what comes in one go is pasted, Tab and all. */
async function tab(text: string): Promise<void> {
  type(text);
  await until(new RegExp(`${text}$`));
  press('Tab');
  await passed(PAUSE_MS * 5);
}

/** Types `line`, and waits for what it makes the screen say at its end. */
async function enter(line: string, expected: RegExp): Promise<string> {
  type(line);
  press('Enter');
  return until(expected);
}

const visorfs = (...args: string[]): string =>
  [`node ${stage('dist/cli/main.js')} shell`, ...args].join(' ');

const PROMPT = (cwd: string): RegExp => new RegExp(`\\[root@visorfs:${cwd}\\]$`);

beforeAll(() => buildCommand(stage), BUILD_TIMEOUT_MS);

describe.skipIf(!hasTmux)('at a terminal', () => {
  beforeAll(() => {
    tmux('new-session', '-d', '-x', '100', '-y', '40', '-e', `XDG_STATE_HOME=${stage()}`, 'sh');
  });

  afterAll(() => {
    tmux('kill-server');
  });

  test('a session: prompt, Tab, history, Ctrl-C, resize, exit', async () => {
    type("PS1='outside '; ");
    const greeting = await enter(`${visorfs('images/bank')}; echo "code $?"`, PROMPT('/'));
    expect(greeting).toContain('10 scripts ran, 0 failed; 8 ELF programs counted as started');
    expect(greeting).toContain('Everything you see is in memory.');

    // A path from the root, then one from where we stand, with a blank in it.
    await tab('cd /et');
    await tab('vmw');
    await enter('', PROMPT('/etc/vmware'));
    await enter('mkdir "/tmp/a b"; echo found > "/tmp/a b/f"; cd /tmp', PROMPT('/tmp'));
    await tab('cat a');
    await until(/cat a\\ b\/$/);
    await tab('f');
    await enter('', /\nfound\n.*\$?\]$/);

    // A command of ours, and the one before it once more.
    await tab('vd');
    press('Tab');
    await until(/vdf +vdu/);
    await enter('f | tail -n 1', /\nroot +32768 .*\n\[root@visorfs:\/tmp\]$/);
    press('C-l');
    press('Up', 'Up');
    await until(/\] cat a\\ b\/f$/);
    press('C-c');
    await until(/\^C\n\[root@visorfs:\/tmp\]$/);

    // What is not finished goes on; what is defined stays.
    await enter('twice() {', /\n>$/);
    await enter('echo "$1$1"; }', PROMPT('/tmp'));
    await enter('twice ho; x=kept; false', /\nhoho\n/);
    await enter('echo $? $x', /\n1 kept\n/);

    // What runs for ever is ended, and the shell is there.
    type('while true; do ls > /dev/null; done');
    press('Enter');
    await passed(PAUSE_MS * 5);
    press('C-c');
    await enter('echo after $?', /\nafter 130\n/);

    // What is shown of a command is timed by a clock that the interpreter keeps from scripts.
    await enter('trace cat /etc/issue > /dev/null', /readFile\("\/etc\/issue"\) = 0 .*\n\[.*\]$/);

    // As wide as the window is now.
    tmux('resize-window', '-x', '60', '-y', '30');
    await enter('echo narrow', /\nnarrow\n\[root@visorfs:\/tmp\]$/);

    type('exit 5');
    press('Enter');
    const end = await until(/code 5/);
    expect(end.replaceAll('\n', '')).toContain(
      'visorfs: gone with this shell: 2 changes that no backup would save',
    );
  }, 60_000);

  test('what was typed is kept for its owner alone, and Ctrl-D leaves', async () => {
    const file = stage('visorfs', 'shell_history');
    expect(readFileSync(file, 'utf8')).toContain('twice ho; x=kept; false\n');
    expect(statSync(file).mode & 0o777).toBe(0o600);

    tmux('resize-window', '-x', '100', '-y', '40');
    await enter(`clear; ${visorfs('images/bank', '--no-init')}; echo "code $?"`, PROMPT('/'));
    press('Up');
    await until(/\] exit 5$/);
    press('C-u');
    press('C-d');
    const end = await until(/code 0/);
    expect(end).not.toContain('gone with this shell');

    const size = statSync(file).size;
    await enter(`clear; ${visorfs('images/bank', '--no-init', '--no-history')}`, PROMPT('/'));
    await enter('echo unseen', /\nunseen\n/);
    press('C-d');
    await until(/outside$/);
    expect(statSync(file).size).toBe(size);
    expect(existsSync(stage('visorfs'))).toBe(true);
  }, 60_000);

  test('ramdisk watch has the screen, follows its size, and gives it back', async () => {
    await enter(`clear; ${visorfs('images/bank', '--no-init')}; echo "code $?"`, PROMPT('/'));
    type("ramdisk watch; echo 'saw' $?");
    press('Enter');
    const wide = await until(/^root +\[ +\] +0% of 32M .* 8192 inodes\n\nBy label:\n/);
    expect(wide).not.toContain('root@visorfs');
    tmux('resize-window', '-x', '40', '-y', '5');
    const narrow = await until(/^root {2}\[ {20}\] {3}0% of 32M\n\nBy label:/);
    expect(narrow.split('\n').length).toBeLessThanOrEqual(5);
    tmux('resize-window', '-x', '100', '-y', '40');
    await until(/8192 inodes\n/);
    type('xq');
    await until(/\nsaw 0\n\[root@visorfs:\/\]$/);

    // The lines that were typed are still there; and Ctrl-C is the other way out.
    press('Up');
    await until(/\] ramdisk watch; echo 'saw' \$\?$/);
    press('Enter');
    await until(/^root .*\n\nBy label:/);
    press('C-c');
    await until(/\nsaw 130\n\[root@visorfs:\/\]$/);
    const line = "ramdisk watch 'cp /bin/vmx /tmp/v; sleep 2; ls /tmp'";
    await enter(line, /\n960K +960K +root/);
    await until(/Fastest growing:\n[^\n]*\n +960 +960 +root .* \/tmp\/v\n.*\]$/s);
    press('C-d');
    await until(/code 0/);
  }, 60_000);

  test('what an administrator adds to local.sh runs at the next boot', async () => {
    cpSync('images/bank', stage('bank'), { recursive: true });
    await enter(`clear; ${visorfs(stage('bank'), '--write')}; echo "code $?"`, PROMPT('/'));
    const cron = 'mkdir -p /var/spool/cron; echo "5 4 * * * /bin/check" > /var/spool/cron/root';
    await enter(`sed -i 's|^exit 0|${cron}; exit 0|' /etc/rc.local.d/local.sh`, PROMPT('/'));
    await enter('clear; echo lost > /etc/lost; auto-backup.sh', /bank: state\.tgz, \d+ files, /);
    press('C-d');
    await until(/gone with this shell: \d+ changes? that no backup would save\ncode 0/);

    const again = await enter(`clear; ${visorfs(stage('bank'))}; echo "code $?"`, PROMPT('/'));
    expect(again).toContain('10 scripts ran, 0 failed');
    const line = 'cat /var/spool/cron/root; ls /etc/lost; touch /tmp/gone';
    await enter(`clear; ${line}`, /5 4 [^\n]*\/bin\/check\n.*No such file.*\]$/s);

    // A signal from elsewhere: it ends, and says what is gone.
    const pane = tmux('list-panes', '-F', '#{pane_pid}').trim();
    const [pid] = execFileSync('pgrep', ['-P', pane], { encoding: 'utf8' }).trim().split('\n');
    process.kill(Number(pid), 'SIGTERM');
    await until(/gone with this shell: 1 change\ncode 143/);
  }, 60_000);
});

describe('outside of a terminal', () => {
  test.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    ['SIGINT', 130],
  ] as const)('%s leaves nothing of an image from stdin', async (signal, code) => {
    const folder = stage(`tmp-${signal}`);
    mkdirSync(folder);
    const child = spawn(
      process.execPath,
      [stage('dist/cli/main.js'), 'shell', '-', '-c', 'while true; do sleep 1; done'],
      { env: { ...process.env, TMPDIR: folder }, stdio: ['pipe', 'ignore', 'inherit'] },
    );
    child.stdin.end(readFileSync('images/vibs/hostd.vib'));
    const ended = once(child, 'exit');
    while (readdirSync(folder).length === 0) await passed(PAUSE_MS);
    child.kill(signal);
    expect(await ended).toEqual([code, null]);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('shells that run at once lose each other no line of the history', async () => {
    const folder = stage('history');
    // Each opens it anew now and then, and finds it full more than once.
    const script = `
      const { History } = await import(process.argv[1]);
      const [, , folder, who] = process.argv;
      for (let round = 0; round < 6; round++) {
        const history = History.in(folder, { complain: (text) => { throw new Error(text); } });
        for (let line = 0; line < 60; line++) history.add(who + ' ' + (round * 60 + line));
      }`;
    const module = pathToFileURL(stage('dist/cli/shell/history.js')).href;
    const shells = ['a', 'b', 'c'].map((who) => {
      const args = ['--input-type=module', '-e', script, module, folder, who];
      return once(spawn(process.execPath, args, { stdio: 'inherit' }), 'exit');
    });
    expect(await Promise.all(shells)).toEqual([
      [0, null],
      [0, null],
      [0, null],
    ]);
    const { lines } = History.in(folder, outputOf().output);
    // The newest first, and of each shell without a gap: what is missing is the oldest.
    expect(lines.length).toBe(History.MAX);
    for (const who of ['a', 'b', 'c']) {
      const numbers = lines.filter((line) => line.startsWith(who)).map((line) => line.slice(2));
      const expected = numbers.map((_, index) => String(359 - index));
      expect(numbers).toEqual(expected);
    }
    expect(readdirSync(folder).sort()).toEqual(['shell_history', 'shell_history.1']);
  });
});
