/**
 * Does what a stranger would come for: each script of tasks/ is one task, in their words in its
 * first comment, done with the command and the module alone. A script has a new folder that holds
 * a copy of the sample images, and ends with 0 where all that it looked for was so.
 */

import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { ROOT } from '../support/installed.ts';

const TASKS = fileURLToPath(new URL('tasks', import.meta.url));
const run = promisify(execFile);

/** What a script finds of visorfs. */
interface Place {
  /** The folder with the command, for the front of PATH. */
  readonly bin: string;
  /** The node_modules with the module. */
  readonly packages: string;
}

const packages = path.join(inject('installed').peered, 'node_modules');
const given: Place = { bin: path.join(packages, '.bin'), packages };

let scratch = '';
beforeAll(() => {
  scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'visorfs-tasks-'));
});
afterAll(() => fs.rmSync(scratch, { recursive: true }));

const scripts = fs.readdirSync(TASKS).filter((name) => name.endsWith('.sh'));
const tasks = scripts.map((name) => [toldBy(name), name] as const);

test.each(tasks)('%s', async (_told, name) => {
  await done(name, given);
});

test('a command that does nothing and says that all is well does none of them', async () => {
  const bin = path.join(scratch, 'idle');
  fs.mkdirSync(bin);
  fs.writeFileSync(path.join(bin, 'visorfs'), '#!/bin/sh\n', { mode: 0o755 });
  const idle = { bin, packages: bin };
  expect(tasks.length).toBeGreaterThan(9);
  for (const [, name] of tasks) await expect(done(name, idle), name).rejects.toThrow('Command');
});

/** The comment that a script begins with. */
function toldBy(name: string): string {
  const [, ...lines] = fs.readFileSync(path.join(TASKS, name), 'utf8').split('\n');
  const header = lines.slice(
    0,
    lines.findIndex((line) => !line.startsWith('# ')),
  );
  return header.map((line) => line.slice('# '.length)).join(' ');
}

/** Runs a script; rejects with what it said on stderr where something is not as it looked for. */
async function done(name: string, { bin, packages }: Place): Promise<void> {
  const cwd = fs.mkdtempSync(path.join(scratch, 'task-'));
  fs.cpSync(path.join(ROOT, 'images'), path.join(cwd, 'images'), { recursive: true });
  fs.symlinkSync(packages, path.join(cwd, 'node_modules'));
  const env = { ...process.env, PATH: `${bin}:${process.env['PATH']}` };
  try {
    await run('bash', [path.join(TASKS, name)], { cwd, env });
  } finally {
    fs.rmSync(cwd, { recursive: true });
  }
}
