// sha256.sum: as sha256sum writes and reads it, which is the judge where it is there; and lines
// that are none.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { text, utf8 } from '../../src/base/bytes.ts';
import { CorruptError } from '../../src/base/errors.ts';
import { DIGEST_LIST_MAX_BYTES } from '../../src/base/limits.ts';
import { encodeDigests, parseDigests } from '../../src/format/digest-list.ts';

const A = 'a'.repeat(64);
const B = 'b'.repeat(64);

test('what sha256sum writes is read, and what is written here it takes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'visorfs-sums-'));
  try {
    writeFileSync(join(folder, 'sb.v00'), 'one');
    writeFileSync(join(folder, 'a.b00'), 'two');
    const options = { cwd: folder, encoding: 'utf8' } as const;
    const theirs = spawnSync('sha256sum', ['a.b00', 'sb.v00'], options).stdout;
    const digests = parseDigests(utf8(theirs), 'sha256.sum');
    expect([...digests.keys()]).toEqual(['a.b00', 'sb.v00']);
    expect(text(encodeDigests(digests))).toBe(theirs);
    writeFileSync(join(folder, 'sha256.sum'), encodeDigests(digests));
    expect(spawnSync('sha256sum', ['-c', '--strict', 'sha256.sum'], options).status).toBe(0);
    writeFileSync(join(folder, 'sb.v00'), 'One');
    expect(spawnSync('sha256sum', ['-c', '--strict', 'sha256.sum'], options).status).toBe(1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('names are of either case, and sorted', () => {
  const digests = parseDigests(utf8(`${B.toUpperCase()} *SB.V00\n${A}  A.B00\n`), 'list');
  expect(text(encodeDigests(digests))).toBe(`${A}  a.b00\n${B}  sb.v00\n`);
});

test.each<[string, string, number]>([
  ['a short sum', `${A}  a\n${A.slice(1)}  b\n`, 68],
  ['no name', `${A}  \n`, 0],
  ['a carriage return, which would be part of the name', `${A}  a.b00\r\n`, 0],
  ['a path', `${A}  ../a\n`, 0],
  ['two sums of one file', `${A}  a\n${B}  A\n`, 68],
  ['a comment', `# sums\n`, 0],
])('%s is refused', (_what, content, offset) => {
  const refusal = (): unknown => parseDigests(utf8(content), 'list');
  expect(refusal).toThrow(CorruptError);
  expect(refusal).toThrow(`list at 0x${offset.toString(16)}: `);
});

test('what is no text, or longer than anyone needs, is refused', () => {
  expect(() => parseDigests(Uint8Array.of(0xff), 'list')).toThrow(CorruptError);
  expect(() => parseDigests(new Uint8Array(DIGEST_LIST_MAX_BYTES + 1), 'list')).toThrow(
    CorruptError,
  );
});
