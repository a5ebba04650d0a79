// Every example of every --help does what is said, as it is printed, where the files that it names
// lie about. Those with words of a shell in them are run by bash; the others here. Left out is what
// asks the network.

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { commandRows } from '../../src/cli/command-tree.ts';
import { helpAfter } from '../../src/cli/man-page.ts';
import { commandTree } from '../../src/cli/program.ts';
import { bankHandler, folderDevice } from '../../src/node.ts';
import { tarOf } from '../support/archives.ts';
import { whileListening } from '../support/http.ts';
import { Authority, hasOpenssl } from '../support/openssl.ts';
import { BUILD_TIMEOUT_MS, buildCommand, ROOT } from './built.ts';
import { BASE, perform, shown, stageFolder, writeImage } from './stage.ts';

const at = stageFolder();
const home = process.cwd();
const VIBS = `${ROOT}/images/vibs`;

/** Where one of two terminals offers a bank. */
const address = whileListening(createServer(bankHandler(folderDevice(`${ROOT}/images/bank`))));

/** What may find something, and says so by 1. */
const ANSWERS = /^(diff|state diff|lint|host software profile validate) /;
/** Behind it stands what is said of an example. */
const ASIDE = / {2,}\S.*$/;

const EXAMPLES = [
  ...new Set(
    commandRows(commandTree()).flatMap(({ command }) => {
      const lines = helpAfter(command).split('\n');
      return lines.filter((line) => line.startsWith('  visorfs ')).map((line) => line.slice(10));
    }),
  ),
]
  .map((line) => line.replace(ASIDE, ''))
  .filter((line) => !line.includes('https://') && (hasOpenssl() || !line.includes('--trust')));

beforeAll(async () => {
  buildCommand(at);
  fs.mkdirSync(at('bin'));
  const script = `#!/bin/sh\nexec ${process.execPath} ${at('dist/cli/main.js')} "$@"\n`;
  fs.writeFileSync(at('bin/visorfs'), script, { mode: 0o755 });
  await makeStage((...parts) => at('stage', ...parts));
}, BUILD_TIMEOUT_MS);

/** All files that examples name. */
async function makeStage(to: (...parts: readonly string[]) => string): Promise<void> {
  fs.mkdirSync(to());
  fs.symlinkSync(`${ROOT}/images`, to('images'));
  const bank = `${ROOT}/images/bank`;
  for (const one of ['old/bank', 'new/bank', 'host/bootbank', 'host/altbootbank']) {
    fs.cpSync(bank, to(one), { recursive: true });
  }
  for (const name of ['hostd', 'hostd-1', 'hostd-2', 'debug-tools', 'a', 'b']) {
    const vib = { a: 'vpxa', b: 'fdm' }[name] ?? name.replace(/-\d$/, '');
    fs.copyFileSync(`${VIBS}/${vib}.vib`, to(`${name}.vib`));
  }
  writeImage(to('base.v00'), BASE);
  writeImage(to('fix.v00'), BASE);
  for (const name of ['base.tgz', 'extra.tgz', 'files.tgz']) {
    fs.writeFileSync(to(name), gzipSync(tarOf(BASE)));
  }
  fs.mkdirSync(to('builds'));
  for (const [index, content] of ['ok', 'ok', 'bad'].entries()) {
    writeImage(to('builds', `${index}.tar`), [{ path: 'etc/motd', content }]);
  }
  fs.mkdirSync(to('rootfs/opt'), { recursive: true });
  fs.writeFileSync(to('rootfs/opt/hello'), 'hello');
  fs.writeFileSync(to('hello.json'), '{"name":"hello","version":"1.0.0-1","vendor":"us"}');
  fs.writeFileSync(to('fill.mjs'), "export default ({ fs }) => fs.writeFileSync('/x', 'x');\n");
  fs.writeFileSync(to('check.sh'), 'cat /etc/motd\n');
  fs.writeFileSync(to('profile.json'), '{ "version": 1 }');
  fs.writeFileSync(to('ntp.conf'), 'server time\n');
  fs.writeFileSync(to('key'), 'k'.repeat(32));
  fs.writeFileSync(to('next'), 'n'.repeat(32));
  const authority = new Authority();
  if (hasOpenssl()) authority.root('vendor-root');
  if (hasOpenssl()) fs.writeFileSync(to('vendor-root.pem'), authority.bytes('vendor-root.pem'));
  const level = ['acceptance', 'set', '--level', 'CommunitySupported', to('host')];
  await shown('host', 'software', ...level);
  await shown('host', 'backup', bank, '-o', to('before-update.tgz'));
  for (const [name, profile] of [
    ['offline-bundle', 'Example-1'],
    ['base', 'Example-1'],
    ['update', 'Example-2'],
  ]) {
    const vibs = ['hostd', 'vpxa', 'fdm'].map((one) => `${VIBS}/${one}.vib`);
    await shown('bundle', 'create', '-o', to(`${name}.zip`), '--profile', profile!, ...vibs);
  }
}

/** What an example makes, which must not be there. */
const MADE = /(?:-o|device create) (\S+)/g;

beforeEach(() => {
  fs.rmSync(at('now'), { recursive: true, force: true });
  fs.mkdirSync(at('now'));
  for (const name of fs.readdirSync(at('stage'))) {
    // All else is only read.
    if (name === 'host') fs.cpSync(at('stage', name), at('now', name), { recursive: true });
    else fs.symlinkSync(at('stage', name), at('now', name));
  }
  process.chdir(at('now'));
});
afterEach(() => process.chdir(home));

/** Makes ready what only some of them need. */
async function prepare(line: string): Promise<void> {
  const device = ['device', 'create', 'boot.img', '--from'];
  if (/ boot\.img/.test(line) && !line.startsWith('device create')) {
    await shown(...device, line.includes('roll') ? 'host' : 'images/bank');
  }
  if (line.includes('get -n') || line.includes('remove -n')) {
    await shown('host', 'software', 'vib', 'install', '-v', 'debug-tools.vib', 'host');
  }
  if (line === 'bundle list depot') {
    await shown('bundle', 'extract', '--metadata', 'offline-bundle.zip', 'depot');
  }
  const key = /--key-file (\S+)/.exec(line.replace('--new-key-file', ''))?.[1];
  if (key !== undefined) await shown('state', 'rekey', 'host', '--new-key-file', key);
  for (const [, name] of line.matchAll(MADE)) fs.rmSync(name!, { recursive: true, force: true });
}

test('there are examples', () => expect(EXAMPLES.length).toBeGreaterThan(60));

test.each(EXAMPLES)('visorfs %s', async (line) => {
  await prepare(line);
  const codes = ANSWERS.test(line) ? [0, 1] : [0];
  if (/[|&<>*"]/.test(line)) {
    const env = { ...process.env, PATH: `${at('bin')}:${process.env['PATH']}` };
    const ran = spawnSync('bash', ['-c', `visorfs ${line}`], { env, encoding: 'utf8', input: '' });
    expect(codes, ran.stderr).toContain(ran.status);
    return;
  }
  const said = line
    .replace('http://127.0.0.1:8080/', `${address()}/`)
    .replace('--port 8080', '--port 0');
  const words = [...said.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare!);
  const end = new AbortController();
  const { code, err } = await perform(words, {
    env: { EDITOR: `sed -i 's/"[^"]*"/"edited"/'` },
    signal: end.signal,
    // Who serves does so until Ctrl-C, and has nothing to say but where.
    ...(line.startsWith('serve') ? { write: async () => end.abort() } : {}),
  });
  expect(codes, err).toContain(code);
});
