// What a shell keeps from one line to the next, and what it gives a script: bash itself is asked
// what comes of the same lines.

import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { openShell } from '../../src/cli/shell/open-shell.ts';
import type { Ran, Session } from '../../src/cli/shell/session.ts';
import { VisorFs } from '../../src/node.ts';
import { BASE, outputOf, perform, stageFolder, writeImage } from './stage.ts';

const stage = stageFolder();
const { signal } = new AbortController();

async function newSession(): Promise<Session> {
  const vfs = new VisorFs();
  vfs.fs.writeFileSync('/lib.sh', 'lib() { echo "lib $1"; }\nfrom_lib=yes\n');
  const stack = { vfs, host: null, close() {} };
  return (await openShell(stack, outputOf().output, { isWritten: false })).session;
}

/** What comes of `lines` in one session, each typed by itself. */
async function typed(lines: readonly string[]): Promise<string> {
  const session = await newSession();
  const said: string[] = [];
  for (const line of lines) {
    const { bytes } = await session.line(line, { signal });
    said.push(Buffer.from(bytes).toString());
  }
  return said.join('');
}

/** What bash makes of them. */
function judged(lines: readonly string[]): string {
  const input = ['shopt -s expand_aliases', ...lines].join('\n');
  return spawnSync('bash', ['--norc'], { input, encoding: 'utf8', cwd: stage() }).stdout;
}

beforeAll(() => {
  writeImage(stage('base.v00'), BASE);
  writeFileSync(stage('lib.sh'), 'lib() { echo "lib $1"; }\nfrom_lib=yes\n');
});

describe('a line leaves to the next', () => {
  test.each<[string, readonly string[]]>([
    [
      'variables and their attributes',
      [
        'x=1 y="a  b"',
        'declare -i n=5; export e=2',
        'n=n+2; echo "$x$y$n"; bash -c \'echo "<$e>"\'',
      ],
    ],
    ['that a variable is gone', ['x=1', 'unset x', `echo "\${x-none}"`]],
    [
      'arrays, with blanks and line feeds in them',
      [
        "a=(1 'b c' $'d\\ne'); declare -A m=([k]=v); m[x y]='s t'",
        `echo "\${#a[@]} \${a[1]} \${a[2]} \${m[k]} \${m[x y]}"`,
        `a+=(last); echo "\${a[-1]}"`,
      ],
    ],
    ['what is read-only', ['readonly r=1', '(r=2) 2> /dev/null; echo $? $r']],
    [
      'functions, in a branch too',
      [
        'if true; then f() { echo "f $1"; }; fi',
        'f 1',
        'g() { cat <<end | tr a-z A-Z\n  in $1 "q"\nend\n[ -n "$1" ] && echo ok 2>&1; }',
        'g here',
        'unset -f g; type -t g f',
      ],
    ],
    ['functions of a file that . reads', ['. ./lib.sh', 'lib 3; echo $from_lib']],
    [
      'the options of set',
      [
        'set -uo pipefail; set -f',
        'echo $-* | tr -d hisB; false | true; echo $?',
        'set +f +u',
        'echo "<$none>"',
      ],
    ],
    ['those of shopt', ['shopt -s nullglob', 'echo /nix/* end; shopt -u nullglob', 'echo /nix/*']],
    ['aliases', ["alias hi='echo hello'", 'hi you', 'unalias hi; alias']],
    [
      'the directory, and the one before',
      ['cd /; mkdir -p tmp; cd tmp', 'cd ..', 'cd - > /dev/null; pwd; echo $OLDPWD'],
    ],
    ['$1 and so on, and $?', ['set -- a "b c"', 'echo $# "$2"; shift; false', 'echo $? $1']],
    [
      'nothing of a subshell',
      ['( x=in; f() { :; }; set -f )', `echo "\${x-out}"; type -t f; echo $- | grep -c f`],
    ],
  ])('%s', async (_, lines) => {
    expect(await typed(lines)).toBe(judged(lines));
  });
});

describe('the shell is left', () => {
  const leaving = async (...lines: readonly string[]): Promise<Ran> => {
    const session = await newSession();
    let ran: Ran | null = null;
    for (const line of lines) ran = await session.line(line, { signal });
    return ran!;
  };

  test.each<[readonly string[], number]>([
    [['exit 5'], 5],
    [['false; exit'], 1],
    [['quit() { nix; exit 4; }', 'quit'], 4],
    [['set -e', 'false'], 1],
    [['echo "exit 7" > e', '. ./e'], 7],
  ])('by %j', async (lines, code) => {
    expect(await leaving(...lines)).toMatchObject({ left: true, code });
    expect(
      spawnSync('bash', { input: [...lines, 'exit 99'].join('\n'), cwd: stage() }).status,
    ).toBe(code);
  });

  test.each<[readonly string[], string]>([
    [[`x=1; echo \${none:?is not set}`], 'bash: is not set\n'],
    [['set -u', 'echo $none'], 'bash: none: unbound variable\n'],
    [['readonly r=1', 'r=2'], 'bash: r: readonly variable\n'],
    [['( exit 3 )'], ''],
    [['echo $(exit 3)'], ''],
  ])('not by %j', async (lines, stderr) => {
    expect(await leaving(...lines)).toMatchObject({ left: false, stderr });
  });
});

describe('a script', () => {
  const SCRIPT = '#!/bin/sh\necho "$0|$1|$2|$#"; printf "<%s>" "$@"; exit 6\n';

  test.each<[string, readonly string[]]>([
    ['by its name', ['s.sh', 'a  b', 'c']],
    ['by #!', ['plain']],
  ])('of this machine, known %s, has $0, $1, $# and "$@" as bash gives them', async (_, words) => {
    const [name, ...rest] = words as [string, ...string[]];
    writeFileSync(stage(name), SCRIPT);
    const ran = await perform(['shell', stage('base.v00'), stage(name), ...rest]);
    const { stdout, status } = spawnSync('bash', [stage(name), ...rest], { encoding: 'utf8' });
    expect(ran).toMatchObject({ out: stdout, code: status, err: '' });
  });

  test('behind -c has them too, and words that look like options stand behind --', async () => {
    const words = [SCRIPT, 'name', 'x  y', 'http://127.0.0.1:1/'];
    const stdout = execFileSync('bash', [
      '-c',
      `${SCRIPT}`.replace('exit 6', ':'),
      ...words.slice(1),
    ]);
    const ran = await perform(['shell', stage('base.v00'), '-c', ...words]);
    expect(ran).toMatchObject({ out: stdout.toString(), code: 6 });
    writeFileSync(stage('s.sh'), SCRIPT);
    const dashed = await perform(['shell', stage('base.v00'), '--', stage('s.sh'), '-x', '--json']);
    expect(dashed.out).toMatch(/\|-x\|--json\|2\n<-x><--json>$/);
  });

  test('comes from stdin, which is not an image or a key as well', async () => {
    const readAll = async (): Promise<Uint8Array> => Buffer.from('echo $0 $#; exit 3');
    const plain = await perform(['shell', stage('base.v00')], { readAll });
    expect(plain).toMatchObject({ code: 3, out: 'bash 0\n' });
    for (const args of [
      ['shell', '-'],
      ['--key-file', '-', 'shell', stage('base.v00')],
    ]) {
      const { code, err } = await perform(args, { readAll });
      expect({ code, err }).toMatchObject({
        code: 2,
        err: expect.stringMatching(/^visorfs: stdin is .*, and no script: say with -c/),
      });
    }
  });
});
