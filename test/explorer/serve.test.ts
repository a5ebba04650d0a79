/**
 * Attacks `npm run explorer`: what it says, serves and ends with, and a port that somebody has.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const started: ChildProcess[] = [];

afterEach(() => {
  for (const { pid, exitCode, signalCode } of started.splice(0)) {
    if (exitCode === null && signalCode === null) process.kill(-pid!, 'SIGKILL');
  }
});

/** `npm run explorer` with `words`: what it said, and its code once it ended. */
function explorer(...words: string[]) {
  const given = ['run', '--silent', 'explorer', '--', ...words];
  // In a group of its own, as on a terminal: Ctrl-C goes to all of it.
  const running = spawn('npm', given, { cwd: ROOT, detached: true });
  started.push(running);
  let said = '';
  for (const stream of [running.stdout, running.stderr]) {
    stream.on('data', (text) => {
      said += text;
    });
  }
  const code = new Promise<number | null>((done) => running.once('close', done));
  return { code, said: () => said, interrupt: () => process.kill(-running.pid!, 'SIGINT') };
}

test('it says where it is, is there, and ends with Ctrl-C', async () => {
  const running = explorer('--port=0');
  await expect.poll(running.said, { timeout: 60_000 }).toMatch(/\n$/);
  const [, address] = /^The explorer is at (http:\/\/127\.0\.0\.1:\d+\/) \(/.exec(running.said())!;
  for (const [path, wanted] of [
    ['', '<title>visorfs explorer</title>'],
    ['main.js', 'Drop an archive here'],
  ] as const) {
    const answer = await fetch(address + path);
    expect(await answer.text()).toContain(wanted);
  }
  running.interrupt();
  await running.code;
  await expect(fetch(address!)).rejects.toThrow('fetch failed');
});

test('of a port that is in use it says so, and the way out', async () => {
  const other = http.createServer();
  await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
  const { port } = other.address() as AddressInfo;
  try {
    const running = explorer(`--port=${port}`);
    expect(await running.code).toBe(1);
    expect(running.said()).toBe(
      `explorer: the port ${port} is in use: npm run explorer -- --port=0 takes one that is free\n`,
    );
  } finally {
    other.close();
  }
});

test('what cannot be said to it is named', async () => {
  const running = explorer('--prt=1');
  expect(await running.code).toBe(1);
  expect(running.said()).toBe(
    "explorer: '--prt=1' cannot be said here; --port=NUMBER and --outdir=FOLDER can\n",
  );
});
