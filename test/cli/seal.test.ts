// `visorfs tardisk seal`: what it writes is an archive that every command mounts; it is there
// whole or not at all, and in nothing's place unless asked.

import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { tarOf } from '../support/archives.ts';
import { perform, stageFolder } from './stage.ts';

const TAR = tarOf([{ path: 'etc/' }, { path: 'etc/motd', content: 'hello\n' }]);
const at = stageFolder();

function archive(name = 'base.tar'): string {
  const file = at(name);
  fs.writeFileSync(file, TAR);
  return file;
}

test('an archive is sealed, says so, and is mounted', async () => {
  const { code, out } = await perform(['tardisk', 'seal', archive(), at('one.esgz')]);
  const { size } = fs.statSync(at('one.esgz'));
  expect([code, out]).toEqual([0, `${at('one.esgz')}: 2 entries, ${size} bytes\n`]);
  expect((await perform(['cat', at('one.esgz'), '/etc/motd'])).out).toBe('hello\n');
  expect((await perform(['ls', at('one.esgz')])).out).toBe('etc\n');
});

test('--json says what was written', async () => {
  const { out } = await perform(['tardisk', 'seal', archive(), at('two.esgz'), '--json']);
  const { size } = fs.statSync(at('two.esgz'));
  const { tocDigest, ...rest } = JSON.parse(out);
  expect(rest).toEqual({ file: at('two.esgz'), entries: 2, bytes: size });
  expect(tocDigest).toMatch(/^sha256:[0-9a-f]{64}$/);
});

test('- is stdout, and nothing else is', async () => {
  const { bytes } = await perform(['tardisk', 'seal', archive(), '-']);
  expect(gunzipSync(bytes).subarray(0, TAR.length - 1024)).toEqual(
    Buffer.from(TAR.subarray(0, TAR.length - 1024)),
  );
  expect((await perform(['tardisk', 'seal', archive(), '-', '--json'])).code).toBe(2);
});

test('nothing is overwritten without --force', async () => {
  fs.writeFileSync(at('three.esgz'), 'mine');
  const { code, err } = await perform(['tardisk', 'seal', archive(), at('three.esgz')]);
  expect([code, err]).toEqual([
    1,
    `visorfs: '${at('three.esgz')}' is there already; --force overwrites it\n`,
  ]);
  expect(fs.readFileSync(at('three.esgz'), 'utf8')).toBe('mine');
  expect((await perform(['tardisk', 'seal', archive(), at('three.esgz'), '--force'])).code).toBe(0);
});

test('what is no archive, or not there, is refused in a line, and nothing is written', async () => {
  fs.writeFileSync(at('text'), 'no archive at all');
  for (const name of ['text', 'nowhere']) {
    const { code, err } = await perform(['tardisk', 'seal', at(name), at('four.esgz')]);
    expect([code, err.split('\n').length]).toEqual([1, 2]);
  }
  expect(fs.existsSync(at('four.esgz'))).toBe(false);
});

test('a VIB is no tar, and that is said', async () => {
  const vib = fileURLToPath(new URL('../../images/good/one-payload.vib', import.meta.url));
  const { code, err } = await perform(['tardisk', 'seal', vib, at('six.esgz')]);
  expect([code, err]).toEqual([
    1,
    'visorfs: one-payload.vib at 0x0: is a VIB, or another ar; ' +
      'wanted is tar or visor tar, compressed or not\n',
  ]);
});

test('progress is shown on a terminal, and gone at the end', async () => {
  let now = 0;
  const props = { isTerminal: true, now: () => (now += 1000) };
  const { err } = await perform(['tardisk', 'seal', archive(), at('five.esgz')], props);
  expect(err).toContain('sealing 1/2');
  expect(err.endsWith('\r\x1b[K')).toBe(true);
});
