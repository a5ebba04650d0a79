// The command as a process, which no test with an Output of strings can show: exit codes, a pipe
// whose reader goes, Ctrl-C. It is built for this, as Node 20 runs no TypeScript.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { makeBank } from './bank.ts';
import { BASE, stageFolder, writeImage } from './stage.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TSC = createRequire(import.meta.url).resolve('typescript/bin/tsc');

/** A compiler takes its time on a busy machine. */
const BUILD_TIMEOUT_MS = 180_000;

const at = stageFolder();
const main = (): string => at('dist/cli/main.js');

beforeAll(async () => {
  const options = ['-p', 'tsconfig.build.json', '--noCheck', '--declaration', 'false'];
  const args = [TSC, ...options, '--outDir', at('dist')];
  const built = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
  expect(built.stdout).toBe('');
  fs.copyFileSync(`${ROOT}/package.json`, at('package.json'));
  fs.symlinkSync(`${ROOT}/node_modules`, at('node_modules'));
  writeImage(at('base.tar'), BASE);
  await makeBank(at('bank'));
}, BUILD_TIMEOUT_MS);

function visorfs(...args: readonly string[]): { status: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main(), ...args], {
    encoding: 'utf8',
  });
  return { status, out: stdout, err: stderr };
}

test('the built command starts with a shebang for node', () => {
  expect(fs.readFileSync(main(), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
});

test('the exit code is 0 for done, 1 for failed, 2 for a wrong command line', () => {
  const done = visorfs('cat', at('base.tar'), '/etc/motd');
  expect(done).toEqual({ status: 0, out: 'welcome\n', err: '' });
  const failed = visorfs('cat', at('base.tar'), '/nowhere');
  expect(failed).toEqual({
    status: 1,
    out: '',
    err: "visorfs: there is no '/nowhere' in base.tar\n",
  });
  expect(visorfs('--nonsense')).toMatchObject({ status: 2, out: '' });
});

test('a package without the sample bank says so', () => {
  const { status, err } = visorfs('demo');
  expect(status).toBe(1);
  expect(err).toMatch(
    /^visorfs: there is no bank '.*images.bank'; give one: visorfs demo <bank>\n$/,
  );
});

test('a reader that goes away is no error', async () => {
  writeImage(at('long.tar'), [{ path: 'long', content: 'x'.repeat(8 << 20) }]);
  const child = spawn(process.execPath, [main(), 'cat', at('long.tar'), '/long']);
  let err = '';
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString();
  });
  await once(child.stdout, 'data');
  child.stdout.destroy();
  const [code] = (await once(child, 'close')) as [number | null];
  expect({ code, err }).toEqual({ code: 0, err: '' });
});

test.skipIf(process.platform === 'win32')('Ctrl-C leaves nothing half written', async () => {
  const entries = Array.from({ length: 3000 }, (_, index) => ({
    path: `d/${index}`,
    content: 'x'.repeat(20_000),
  }));
  writeImage(at('many.tar'), entries);
  const child = spawn(process.execPath, [main(), 'extract', at('many.tar'), '-C', at('cut')]);
  while (!fs.existsSync(at('cut/d')) || fs.readdirSync(at('cut/d')).length < 10) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  child.kill('SIGINT');
  const [code] = (await once(child, 'close')) as [number | null];
  expect(code).toBe(130);
  const names = fs.readdirSync(at('cut/d'));
  expect(names.length).toBeLessThan(entries.length);
  expect(names.filter((name) => name.startsWith('.'))).toEqual([]);
  for (const name of names) expect(fs.statSync(at('cut/d', name)).size).toBe(20_000);
});
