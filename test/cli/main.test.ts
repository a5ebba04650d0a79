// The command as a process, which no test with an Output of strings can show: exit codes, a pipe
// whose reader goes. How it ends before its time is in interrupt.test.ts.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { Host, httpDevice } from '../../src/node.ts';
import { prng } from '../support/prng.ts';
import { makeBank } from './bank.ts';
import { BUILD_TIMEOUT_MS, buildCommand, ROOT } from './built.ts';
import { BASE, stageFolder, writeImage } from './stage.ts';

const at = stageFolder();
/** Outside of `at`, where no packages are above. */
const bare = stageFolder();
const main = (): string => at('dist/cli/main.js');

beforeAll(async () => {
  buildCommand(at);
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

interface Serving {
  readonly child: ChildProcess;
  readonly url: string;
  /** What was said of requests. */
  readonly lines: () => string[];
}

/** `visorfs serve` in a process of its own, when it listens. */
async function serving(bank: string, port: string): Promise<Serving> {
  const child = spawn(process.execPath, [main(), 'serve', bank, '--port', port]);
  let err = '';
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString();
  });
  const [url] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, url: url.toString().trim(), lines: () => err.split('\n') };
}

/** Kills what it is given, and waits until it is gone. */
async function killed(
  child: ChildProcess,
  signal: NodeJS.Signals = 'SIGKILL',
): Promise<number | null> {
  const gone = once(child, 'close') as Promise<[number | null]>;
  child.kill(signal);
  return (await gone)[0];
}

test('a network boot goes on where the server was killed, and fetches no byte twice', async () => {
  const bank = at('network');
  fs.cpSync(`${ROOT}/images/bank`, bank, { recursive: true });
  const big = Buffer.alloc(24 << 20);
  const chance = prng(1);
  for (let offset = 0; offset < big.length; offset += 4)
    big.writeUInt32LE(chance.below(2 ** 32), offset);
  fs.writeFileSync(`${bank}/big.v00`, big);
  const sum = createHash('sha256').update(big).digest('hex');
  fs.writeFileSync(`${bank}/sha256.sum`, `${sum}  big.v00\n`);
  const cfg = fs.readFileSync(`${bank}/boot.cfg`, 'utf8');
  fs.writeFileSync(`${bank}/boot.cfg`, cfg.replace('--- state.tgz', '--- big.v00 --- state.tgz'));

  let server = await serving(bank, '0');
  const asked: { range: string | undefined; bytes: number }[] = [];
  const device = await httpDevice(server.url, {
    sleep: async () => {},
    fetch: async (url, options) => {
      const answer = await fetch(url, options);
      if (!url.endsWith('/big.v00')) return answer;
      const request = { range: options.headers['range'], bytes: 0 };
      asked.push(request);
      const counting = new TransformStream<Uint8Array, Uint8Array>({
        async transform(piece, controller) {
          request.bytes += piece.length;
          controller.enqueue(piece);
          if (asked.length > 1 || request.bytes > piece.length) return;
          // In the middle of the module: the rest is not even on its way.
          await killed(server.child);
          server = await serving(bank, new URL(server.url).port);
        },
      });
      return new Response(answer.body!.pipeThrough(counting), answer);
    },
  });
  const host = await Host.boot(device);
  expect(host.modules.find(({ file }) => file === 'big.v00')!.storedBytes).toBe(big.length);
  expect(host.vfs.fs.existsSync('/etc/vmware/esx.conf')).toBe(true);
  expect(asked).toHaveLength(2);
  const [first, second] = asked;
  expect(first!.bytes).toBeLessThan(big.length);
  expect(second!.range).toBe(`bytes=${first!.bytes}-`);
  expect(first!.bytes + second!.bytes).toBe(big.length);
  const rest = `${first!.bytes}-${big.length - 1}`;
  const line = `127.0.0.1 GET /big.v00 206 ${second!.bytes} bytes ${rest}`;
  await expect.poll(server.lines).toContain(line);

  const flipped = Buffer.from(big);
  flipped[big.length >> 1]! ^= 1;
  fs.writeFileSync(`${bank}/big.v00`, flipped);
  const { status, out, err } = visorfs('host', 'boot', server.url);
  expect({ status, out }).toEqual({ status: 1, out: '' });
  expect(err).toContain('/big.v00 at 0x0: its SHA-256 is ');
  expect(await killed(server.child, 'SIGINT')).toBe(130);
  expect(visorfs('host', 'boot', server.url).err).toMatch(
    /boot\.cfg: .*ECONNREFUSED.*see that the server/,
  );
});

test('a reader that goes away ends the shell with 0, and its code passes through else', () => {
  const shell = ['shell', at('base.tar'), '-c'];
  expect(visorfs(...shell, 'cat /etc/motd; exit 9')).toEqual({
    status: 9,
    out: 'welcome\n',
    err: '',
  });
  const command = `node ${main()} shell ${at('base.tar')} -c 'seq 1 90000'`;
  const piped = `${command} | head -n 1; echo \${PIPESTATUS[0]}`;
  const { stdout, stderr } = spawnSync('bash', ['-c', piped], { encoding: 'utf8' });
  expect({ stdout, stderr }).toEqual({ stdout: '1\n0\n', stderr: '' });
});

test('without just-bash the shell says what to install', () => {
  fs.mkdirSync(bare('node_modules'), { recursive: true });
  fs.cpSync(at('dist'), bare('dist'), { recursive: true });
  fs.copyFileSync(at('package.json'), bare('package.json'));
  for (const name of fs.readdirSync(`${ROOT}/node_modules`)) {
    if (name === 'just-bash' || name.startsWith('.')) continue;
    fs.symlinkSync(`${ROOT}/node_modules/${name}`, bare('node_modules', name));
  }
  const args = [bare('dist/cli/main.js'), 'shell', at('base.tar'), '-c', 'true'];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr:
      'visorfs: the shell needs the package just-bash, which is not installed: ' +
      'npm install just-bash@3.4.2\n',
  });
});
