// Real archives, mounted and read back through vfs.fs: VIBs of the corpus as an independent reader
// lists them, tars of other projects' tests, a package as npm packs it, and the documentation of
// this machine as its own GNU tar packs it. What is read must be what extraction gives.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Image, mount, openTardisk, openVib, VisorFs } from '../../src/node.ts';
import { corpusPath } from '../support/corpus.ts';

interface VibEntry {
  readonly path: string;
  readonly type: string;
  readonly mode: string;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtime: number;
  readonly sha256?: string;
}

interface ExpectedVib {
  readonly found_as: readonly string[];
  readonly payloads: readonly { readonly name: string; readonly entries: readonly VibEntry[] }[];
}

const corpus = corpusPath('vib', 'expected.json');
const BUNDLED = '!';

describe.skipIf(corpus === null)('the VIBs of the corpus', () => {
  const { vibs } =
    corpus === null
      ? { vibs: [] }
      : (JSON.parse(fs.readFileSync(corpus, 'utf8')) as { vibs: ExpectedVib[] });
  const bare = vibs.flatMap(({ found_as: places, payloads }) => {
    const file = places.find((place) => !place.includes(BUNDLED));
    return file === undefined ? [] : [{ file, payloads }];
  });

  test('are there', () => expect(bare.length).toBeGreaterThan(10));

  test.each(bare)('$file mounts and reads as expected.json says', async ({ file, payloads }) => {
    const { tardisks } = await openVib(corpusPath(file)!);
    expect(tardisks.map(({ name }) => name)).toEqual(payloads.map(({ name }) => name));
    for (const [index, { entries }] of payloads.entries()) {
      const { fs: vfs } = new VisorFs(Image.of(tardisks[index]!));
      const seen = entries.map(({ path: at }) => {
        const stats = vfs.lstatSync(`/${at}`);
        const isFile = stats.isFile();
        return {
          path: at,
          isDirectory: stats.isDirectory(),
          mode: (stats.mode & 0o7777).toString(8),
          uid: stats.uid,
          gid: stats.gid,
          mtime: stats.mtimeMs / 1000,
          size: isFile ? stats.size : 0,
          sha256: isFile ? sha256(vfs.readFileSync(`/${at}`)) : undefined,
        };
      });
      const wanted = entries.map(({ path: at, type, mode, uid, gid, size, mtime, sha256: sum }) => {
        return { path: at, isDirectory: type === '5', mode, uid, gid, mtime, size, sha256: sum };
      });
      expect(seen).toEqual(wanted);
    }
  });
});

describe.skipIf(corpusPath('tar', 'oracles.tsv') === null)('the tars of the corpus', () => {
  const table = corpusPath('tar', 'oracles.tsv');
  const rows = table === null ? [] : fs.readFileSync(table, 'utf8').trim().split('\n').slice(1);
  const agreed = rows.flatMap((row) => {
    const [file = '', , gnu, , bsd, , python = ''] = row.split('\t');
    const isTaken = gnu === '0' && bsd === '0' && python.startsWith('ok:');
    const isRefused = gnu !== '0' && bsd !== '0' && !python.startsWith('ok:');
    const isRead = !file.endsWith('.bz2');
    return isRead && (isTaken || isRefused) ? [{ file, isTaken }] : [];
  });

  test.each(agreed)('$file is mounted where all three readers take it: $isTaken', async (row) => {
    const opening = openTardisk(corpusPath(row.file)!);
    if (row.isTaken) expect((await opening).rowCount).toBeGreaterThan(1);
    else await expect(opening).rejects.toThrow(path.basename(row.file));
  });
});

/** Whether the tools that these tests compare with are on this machine. */
function has(tool: string): boolean {
  try {
    execFileSync(tool, ['--version'], { stdio: 'pipe' });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!has('tar'))('beside extraction by the tar of this machine', () => {
  let folder = '';
  beforeAll(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'visorfs-mount-'));
  });
  afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

  test('a package as npm packs it reads back identical', async () => {
    const args = ['pack', path.resolve('node_modules/pako'), '--pack-destination', folder];
    execFileSync('npm', [...args, '--silent', '--ignore-scripts'], { stdio: 'pipe' });
    const tgz = fs.readdirSync(folder).find((name) => name.endsWith('.tgz'))!;
    await compare(path.join(folder, tgz), path.join(folder, 'package-out'));
  });

  const docs = '/usr/share/doc';
  test.skipIf(!fs.existsSync(docs))('a tar of /usr/share/doc reads back identical', async () => {
    const file = path.join(folder, 'doc.tar');
    execFileSync('tar', ['cf', file, '-C', '/usr/share', 'doc']);
    await compare(file, path.join(folder, 'doc-out'));
  });
});

/** Extracts `archive` with tar and compares every name, attribute and byte with the mount of it. */
async function compare(archive: string, out: string): Promise<void> {
  fs.mkdirSync(out);
  execFileSync('tar', ['xpf', archive, '-C', out]);
  const vfs = await mount(archive);
  const theirs = listing(fs, out);
  const ours = listing(vfs.fs as unknown as typeof fs, '/');
  expect(theirs.length).toBeGreaterThan(20);
  expect(ours).toEqual(theirs);
}

function listing(on: typeof fs, root: string): string[] {
  const lines: string[] = [];
  const walk = (folder: string): void => {
    for (const name of on.readdirSync(folder).sort()) {
      const at = path.join(folder, name);
      const stats = on.lstatSync(at, { bigint: true });
      // Which directories an archive names is its own affair, and so are the times of the others.
      const time = stats.isFile() ? stats.mtimeNs : 0n;
      const what = stats.isSymbolicLink()
        ? `-> ${on.readlinkSync(at)}`
        : stats.isFile()
          ? sha256(on.readFileSync(at))
          : '';
      const mode = stats.isFile() ? (stats.mode & 0o7777n).toString(8) : '';
      lines.push(`${path.relative(root, at)} ${mode} ${stats.nlink} ${time} ${what}`);
      if (stats.isDirectory()) walk(at);
    }
  };
  walk(root);
  return lines;
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
