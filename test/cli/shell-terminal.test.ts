// The shell at a real terminal, by tmux: what is typed, completed, recalled, interrupted.

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { setTimeout as passed } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BUILD_TIMEOUT_MS, buildCommand } from './built.ts';
import { stageFolder } from './stage.ts';

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

describe.skipIf(!hasTmux)('at a terminal', () => {
  beforeAll(() => {
    buildCommand(stage);
    tmux('new-session', '-d', '-x', '100', '-y', '40', '-e', `XDG_STATE_HOME=${stage()}`, 'sh');
  }, BUILD_TIMEOUT_MS);

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
});
