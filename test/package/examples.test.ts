/**
 * Runs every block of code of the README, DOORS.md and docs/ as it stands there, over the package
 * as it is installed beside its optional peers. Each has a folder of its own that has the sample
 * images, a copy of the bank, a profile.json, and a server of the bank at 127.0.0.1:8080.
 *
 * A module prints what its comments say (said.ts). A script runs until a command fails, but for one
 * whose comment says `ends with 1`; what a line `#> …` says is in what it printed, however the
 * blanks are.
 */

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { bankHandler, folderDevice } from '../../src/node.ts';
import { answerOfPage, installedChromium } from '../support/browser.ts';
import { nodes, ROOT } from '../support/installed.ts';
import { blocks, blocksOf, type Kind } from './blocks.ts';
import { expectSaid, outspoken } from './said.ts';

const given = inject('installed');
const chromium = installedChromium();
const all = blocks();
const PROFILE = JSON.stringify({ version: 1, esxConf: { '/adv/Misc/HostName': 'esx9' } });
const VFS_FLAG = '--experimental-vfs';
const [, vfsNode] =
  nodes().find(([version]) => Number.parseInt(version, 10) >= 26) ?? ([] as const);

let server: http.Server;
beforeAll(async () => {
  server = http.createServer(bankHandler(folderDevice(path.join(ROOT, 'images/bank'))));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
});

const RUN: Readonly<Record<Kind, (code: string, folder: string) => unknown>> = {
  js: (code, folder) => runModule(code, folder, process.execPath),
  'js node:vfs': (code, folder) => {
    return vfsNode && runModule(code, folder, vfsNode, VFS_FLAG, '--no-warnings');
  },
  'js browser': runPage,
  sh: runScript,
  'sh two terminals': runTerminals,
  'sh clone': runClone,
};

test.each(all.map((block, index) => [block.page, block.title, index] as const))(
  'the example in %s, %s, runs and prints what it says',
  async (_page, _title, index) => {
    const { code, kind } = all[index]!;
    const folder = fs.mkdtempSync(path.join(given.peered, 'example-'));
    try {
      fs.cpSync(path.join(ROOT, 'images'), path.join(folder, 'images'), { recursive: true });
      fs.cpSync(path.join(ROOT, 'images/bank'), path.join(folder, 'bank'), { recursive: true });
      fs.writeFileSync(path.join(folder, 'profile.json'), PROFILE);
      await RUN[kind](code, folder);
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  },
);

test('and there are many; a fence that says what nobody runs is refused', () => {
  expect(all.length).toBeGreaterThan(20);
  expect(() => blocksOf('page.md', '```python\n1\n```\n')).toThrow("a block of 'python'");
});

/** Not execFileSync: the server that an example asks is in this process. */
const run = promisify(execFile);

async function runModule(
  code: string,
  folder: string,
  ...command: readonly [string, ...string[]]
): Promise<void> {
  const { port } = server.address() as AddressInfo;
  const file = path.join(folder, 'example.mjs');
  const module = outspoken(code.replaceAll('127.0.0.1:8080', `127.0.0.1:${port}`));
  fs.writeFileSync(file, module);
  const [node, ...flags] = command;
  const { stdout } = await run(node, [...flags, file], { cwd: folder });
  expectSaid(module, stdout);
}

async function runPage(code: string, folder: string): Promise<void> {
  if (chromium === null) return;
  const file = path.join(folder, 'example.mjs');
  const module = outspoken(code);
  fs.writeFileSync(file, module);
  const outfile = path.join(folder, 'page.mjs');
  await build({ entryPoints: [file], outfile, bundle: true, format: 'esm', logLevel: 'error' });
  const page = `
    const lines = [];
    console.log = (line) => lines.push(String(line));
    await import('/page.mjs').catch((error) => lines.push(String(error)));
    await fetch('/answer', { method: 'POST', body: JSON.stringify(lines.join('\\n')) });`;
  expectSaid(
    module,
    String(await answerOfPage(chromium, pathToFileURL(`${folder}/`), { '/': page })),
  );
}

const ENDS = /^([^#\n]*[^#\s])( +#.* ends with (\d+).*)$/gm;
const PATH = `${given.bin}:${process.env['PATH']}`;

async function runScript(code: string, folder: string): Promise<void> {
  const script = code.replace(ENDS, 'if $1; then exit 99; else [ $? -eq $3 ]; fi$2');
  const args = ['-e', '-u', '-o', 'pipefail', '-c', script];
  const { stdout, stderr } = await run('bash', args, {
    cwd: folder,
    env: { ...process.env, PATH },
  });
  const flat = `${stdout}${stderr}`.replace(/\s+/g, ' ');
  for (const [, words] of code.matchAll(/^#> (.*)$/gm)) expect(flat).toContain(words);
}

/** The first terminal is ended by Ctrl-C where the other says so. */
async function runTerminals(code: string, folder: string): Promise<void> {
  const [first, ...rest] = code.split('\n\n');
  const [before, after, ...more] = rest.join('\n\n').split(/^# Ctrl-C in the first.*$/m);
  expect(more).toEqual([]);
  expect(after).toBeDefined();
  const serving = spawnLoud(first!.replace('8080', '0'), folder);
  try {
    const [address] = await said(serving, /http:\/\/127\.0\.0\.1:\d+/);
    const there = (part: string): string => part.replaceAll('http://127.0.0.1:8080', address);
    await runScript(there(before!), folder);
    process.kill(-serving.pid!, 'SIGINT');
    await once(serving, 'exit');
    await runScript(there(after!), folder);
  } finally {
    endGroup(serving);
  }
}

/** Each command of `code` is a step of .ci/run, or one that serves until it is ended. */
async function runClone(code: string): Promise<void> {
  const steps = fs.readFileSync(path.join(ROOT, '.ci/run'), 'utf8');
  const commands = code.split('\n').flatMap((line) => line.replace(/#.*/, '').split('&&'));
  for (const command of commands.map((one) => one.trim()).filter((one) => one !== '')) {
    if (new RegExp(`^step ${command}( |$)`, 'm').test(steps)) continue;
    expect(command).toBe('npm run explorer');
    const serving = spawnLoud(`${command} -- --port=0`, ROOT);
    try {
      const [address] = await said(serving, /http:\/\/127\.0\.0\.1:\d+\//);
      expect(await (await fetch(address)).text()).toContain('<title>');
    } finally {
      endGroup(serving);
    }
  }
}

/** A shell that runs `script` in a process group of its own. */
function spawnLoud(script: string, cwd: string): ChildProcess {
  const env = { ...process.env, PATH };
  const stdio = ['ignore', 'pipe', 'pipe'] as const;
  return spawn('bash', ['-c', script], { cwd, env, detached: true, stdio: [...stdio] });
}

/** What matches `words` in what `child` prints. Rejects where it ends before. */
function said(child: ChildProcess, words: RegExp): Promise<RegExpExecArray> {
  return new Promise((done, fail) => {
    let text = '';
    const hear = (chunk: Buffer): void => {
      text += chunk;
      const found = words.exec(text);
      if (found !== null) done(found);
    };
    child.stdout!.on('data', hear);
    child.stderr!.on('data', hear);
    child.once('exit', (code) => fail(new Error(`ended with ${code}: ${text}`)));
  });
}

function endGroup(child: ChildProcess): void {
  if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, 'SIGKILL');
}
