/**
 * Runs the examples of the README and of the guides in docs/ as they stand there, over the package
 * as it is installed, each in a folder of its own that has the sample images.
 *
 *   js   a module: in a guide, what `console.log` prints is what the comment behind it says
 *   sh   a script that bash runs until something fails, `npx visorfs` the installed command: what a
 *        line `#> …` says is in what it printed, however the blanks are
 *
 * Not run, by the words in NOT_RUN: what installs this repository, what is for two terminals, and
 * the README's list of commands, which names files that only its reader has.
 */

import { execFile, execFileSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bankHandler, folderDevice } from '../../src/node.ts';
import { type Installed, installed, ROOT } from '../support/installed.ts';

const FENCE = /^```(js|sh)\n([\s\S]*?)^```$/gm;
const NOT_RUN = ['npm ci && npm start', 'npx visorfs serve', 'npx visorfs image bisect'];
const pages = [
  'README.md',
  ...fs.readdirSync(path.join(ROOT, 'docs')).map((name) => `docs/${name}`),
];

interface Example {
  readonly page: string;
  readonly language: string;
  readonly code: string;
}

const examples = pages.flatMap((page): Example[] => {
  const text = fs.readFileSync(path.join(ROOT, page), 'utf8');
  const found = [...text.matchAll(FENCE)];
  return found.map(([, language, code]) => ({ page, language: language!, code: code! }));
});
const run = examples.filter(({ code }) => !NOT_RUN.some((words) => code.includes(words)));

let given: Installed;
let bin: string;
let server: http.Server;
beforeAll(async () => {
  given = installed();
  bin = path.join(given.project, 'bin');
  fs.mkdirSync(bin);
  const main = path.join(given.project, 'node_modules/visorfs/dist/cli/main.js');
  fs.writeFileSync(
    path.join(bin, 'npx'),
    `#!/bin/sh\n[ "$1" = visorfs ] || exit 9\nshift\nexec '${process.execPath}' '${main}' "$@"\n`,
    { mode: 0o755 },
  );
  server = http.createServer(bankHandler(folderDevice(path.join(ROOT, 'images/bank'))));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
});
afterAll(async () => {
  server?.closeAllConnections();
  await new Promise((closed) => server?.close(closed));
  given?.remove();
});

test('what is not run is what is said', () => {
  expect(examples.length - run.length).toBe(NOT_RUN.length);
  expect(run.length).toBeGreaterThan(13);
});

test.each(run.map(({ page, code }, index) => [page, code.split('\n')[0]!, index] as const))(
  'the example in %s that begins with "%s" runs, and prints what it says',
  async (_page, _line, index) => {
    const { page, language, code } = run[index]!;
    const folder = fs.mkdtempSync(path.join(given.project, 'guide-'));
    try {
      fs.cpSync(path.join(ROOT, 'images'), path.join(folder, 'images'), { recursive: true });
      fs.cpSync(path.join(ROOT, 'images/bank'), path.join(folder, 'bank'), { recursive: true });
      const profile = { version: 1, esxConf: { '/adv/Misc/HostName': 'esx9' } };
      fs.writeFileSync(path.join(folder, 'profile.json'), JSON.stringify(profile));
      if (language === 'js') await runModule(code, folder, page !== 'README.md');
      else runScript(code, folder);
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  },
);

async function runModule(code: string, folder: string, isGuide: boolean): Promise<void> {
  const { port } = server.address() as AddressInfo;
  const file = path.join(folder, 'example.mjs');
  fs.writeFileSync(file, code.replaceAll('127.0.0.1:8080', `127.0.0.1:${port}`));
  // Not execFileSync: the server that an example asks is in this process.
  const { stdout } = await promisify(execFile)(process.execPath, [file], { cwd: folder });
  const said = [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, words]) => words!);
  if (isGuide) expect(stdout.trimEnd().split('\n')).toEqual(said);
}

function runScript(code: string, folder: string): void {
  const env = { ...process.env, PATH: `${bin}:${process.env['PATH']}` };
  const args = ['-e', '-u', '-o', 'pipefail', '-c', code];
  const printed = execFileSync('bash', args, { cwd: folder, env, encoding: 'utf8', stdio: 'pipe' });
  const flat = printed.replace(/\s+/g, ' ');
  for (const [, words] of code.matchAll(/^#> (.*)$/gm)) expect(flat).toContain(words);
}
