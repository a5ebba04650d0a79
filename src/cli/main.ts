#!/usr/bin/env node
/**
 * The command `visorfs` as a process: the only place of the command line that knows there is one.
 *
 * Ctrl-C, and a signal that means the same, aborts the signal of the Output, whose listeners undo
 * at once what is half done, and ends the process as a shell expects it to end: at once, or behind
 * the write that is at work, which is never left in the middle unless it is said twice.
 */

import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { CommandError, type Output, OutputClosed } from './output.ts';
import { run } from './program.ts';

/** What ends a command, and its exit code: 128 and the number of the signal. */
const ENDS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** As much as is taken of one file from elsewhere. */
const INPUT_MAX_BYTES = 2 ** 30;

const controller = new AbortController();
/** What the process is to end with. */
let ending: number | null = null;
/** How many writes are at work, and how many programs have the terminal. */
let unfinished = 0;
let lent = 0;

function end(signal: keyof typeof ENDS): void {
  if (signal === 'SIGINT' && lent > 0) return;
  const isRepeated = ending !== null;
  ending = ENDS[signal];
  controller.abort();
  if (unfinished === 0 || isRepeated) process.exit(ending);
}

async function whole<T>(act: () => Promise<T>): Promise<T> {
  unfinished += 1;
  try {
    return await act();
  } finally {
    unfinished -= 1;
    if (ending !== null && unfinished === 0) process.exit(ending);
  }
}

/** Read once, whoever asks. */
let input: Promise<Uint8Array> | null = null;

async function readStdin(): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin) {
    size += (chunk as Buffer).length;
    if (size > INPUT_MAX_BYTES) {
      throw new CommandError(`stdin has more than ${INPUT_MAX_BYTES} bytes: put it into a file`);
    }
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

const { stdin, stdout } = process;
/** Whether somebody types at us and reads what we write. */
const isSeated = stdin.isTTY === true && stdout.isTTY === true;
const stateHome = process.env['XDG_STATE_HOME'] ?? '';
const stateFolder = path.isAbsolute(stateHome)
  ? path.join(stateHome, 'visorfs')
  : path.join(os.homedir(), '.local', 'state', 'visorfs');

// As it is now: while a script runs in a shell, the interpreter takes it from whoever looks it up.
const clock = performance.now.bind(performance);

const output: Output = {
  write: (chunk) =>
    new Promise((resolve, reject) => {
      process.stdout.write(chunk, (error) => {
        const { code } = (error ?? {}) as { code?: string };
        if (error === null || error === undefined) resolve();
        else reject(code === 'EPIPE' ? new OutputClosed() : error);
      });
    }),
  readAll: () => {
    input ??= readStdin();
    return input;
  },
  complain: (text) => {
    process.stderr.write(text);
  },
  isTerminal: process.stderr.isTTY === true,
  options: {},
  env: process.env,
  ask: process.stdin.isTTY === true && process.stderr.isTTY === true ? asked : null,
  now: clock,
  signal: controller.signal,
  whole,
  lent: (act) => {
    lent += 1;
    return act().finally(() => {
      lent -= 1;
    });
  },
  ...(isSeated ? { terminal: { input: stdin, output: stdout, stateFolder } } : {}),
};

/** One line from the terminal; Ctrl-C there is Ctrl-C. */
async function asked(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  terminal.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    return await terminal.question(question);
  } finally {
    terminal.close();
  }
}

// The callback of each write hears of every error; without a listener the process would die of it.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);
for (const signal of Object.keys(ENDS) as (keyof typeof ENDS)[]) process.on(signal, end);

process.exitCode = await run(process.argv.slice(2), output);
