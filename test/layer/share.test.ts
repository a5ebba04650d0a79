/**
 * Attacks images in shared memory: eight threads over one, each with ramdisks of its own, must see
 * what the thread sees that made it, under the same numbers, and nothing may be copied to them.
 */

import fs from 'node:fs';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { text, utf8 } from '../../src/base/bytes.ts';
import { CorruptError } from '../../src/base/errors.ts';
import { isDirectory, isRegular, isSymlink } from '../../src/base/mode.ts';
import { bytesSource, type Source } from '../../src/base/source.ts';
import { Image, ROOT_INO } from '../../src/layer/image.ts';
import { Tardisk } from '../../src/layer/tardisk.ts';
import { NONE } from '../../src/store/dirents.ts';
import { countingSource } from '../format/counting-source.ts';
import { diskOf, tarOf } from '../support/archives.ts';
import { compiledSources } from '../support/compiled.ts';
import { thrownBy } from '../support/thrown.ts';

const BASE = [
  { path: 'etc/', mode: 0o750, uid: 3 },
  { path: 'etc/motd', content: 'hello\n' },
  { path: 'etc/näme — longer than a short one, so that it is decoded as a whole: ☂', content: 'ü' },
  { path: 'bin/tool', content: 'tool', mode: 0o4755, mtime: 1234 },
  { path: 'bin/same', type: 'link', target: 'bin/tool' },
  { path: 'lib', target: 'usr/lib' },
] as const;

function stack(): Image {
  const base = diskOf('base', ...BASE);
  const gone = diskOf('gone', { path: 'etc/gone', content: '1' }, { path: 'opt/x', content: '2' });
  const top = diskOf('top', { path: 'etc/motd', content: 'bye\n' }, { path: 'usr/lib/a' });
  return Image.of(base, gone, top).without(gone);
}

/** Everything that can be asked of an image, by path. */
function shown(image: Image): Record<string, unknown> {
  const all: Record<string, unknown> = { links: image.hasLinks };
  const visit = (directory: number, above: string): void => {
    const { dirents } = image;
    for (let at = dirents.first(directory); at !== NONE; at = dirents.next(at)) {
      const ino = dirents.child(at);
      const path = `${above}/${dirents.name(at)}`;
      const disk = image.tardiskOf(ino)!;
      const [mode, row] = [image.mode(ino), image.rowOf(ino)];
      const data = isRegular(mode) ? text(disk.view(row)!) : null;
      const target = isSymlink(mode) ? text(disk.target(row)) : null;
      const times = [disk.mtimeSeconds[row], disk.uid[row] ?? 0, disk.isImplied(row)];
      all[path] = { ino, mode, nlink: image.nlink(ino), data, target, times, disk: disk.name };
      if (isDirectory(mode)) visit(ino, path);
    }
  };
  visit(ROOT_INO, '');
  return all;
}

/** Every array in `record`, however deep. */
function arraysIn(record: unknown): ArrayBufferView[] {
  if (ArrayBuffer.isView(record)) return [record];
  if (record instanceof Map) return [...record.values()].flatMap(arraysIn);
  if (typeof record !== 'object' || record === null) return [];
  return Object.values(record).flatMap(arraysIn);
}

describe.each([
  ['one tardisk', () => Image.of(diskOf('base', ...BASE))],
  ['a stack of which one was taken away', stack],
  ['nothing', () => Image.of()],
])('an image of %s', (_what, make) => {
  test('is the same one where it arrives', () => {
    const image = make();
    const there = Image.from(structuredClone(image.share()));
    expect(shown(there)).toEqual(shown(image));
    expect(there.tardisks.map(({ name }) => name)).toEqual(image.tardisks.map(({ name }) => name));
    const more = diskOf('more', { path: 'etc/', mode: 0o700 }, { path: 'etc/new', content: 'n' });
    expect(shown(there.with(more))).toEqual(shown(image.with(more)));
    expect(shown(there), 'and does not change by that').toEqual(shown(image));
  });

  test('lies in shared memory with all it has, and is copied there once', () => {
    const image = make();
    const shared = image.share();
    for (const { buffer, byteLength } of arraysIn(shared)) {
      if (byteLength > 0) expect(buffer).toBeInstanceOf(SharedArrayBuffer);
    }
    expect(image.share()).toBe(shared);
    const again = Image.from(shared).share();
    expect(arraysIn(again).map(({ buffer }) => buffer)).toEqual(
      arraysIn(shared).map(({ buffer }) => buffer),
    );
  });
});

test('two images of one tardisk share its memory', () => {
  const base = diskOf('base', ...BASE);
  const [one] = Image.of(base).share().slots;
  const [other] = Image.of(base, diskOf('top', { path: 'x' })).share().slots;
  expect(one).toBe(other);
});

test('an archive in shared memory stays where it is', () => {
  const tar = tarOf(BASE);
  const bytes = new Uint8Array(new SharedArrayBuffer(tar.length));
  bytes.set(tar);
  const image = Image.of(Tardisk.index(bytesSource(bytes, 'base'), 'base'));
  expect(image.share().slots[0]!.bytes!.buffer).toBe(bytes.buffer);
});

describe('an archive that lies in a file', () => {
  const tar = bytesSource(tarOf(BASE), 'base.tar');
  const image = Image.of(Tardisk.index(countingSource(tar), 'base'));

  test('is opened again where the image arrives', () => {
    const opened: string[] = [];
    const open = (name: string): Source => {
      opened.push(name);
      return tar;
    };
    const there = Image.from(structuredClone(image.share()), open);
    expect(opened).toEqual(['base.tar']);
    expect(shown(there)).toEqual(shown(Image.of(diskOf('base', ...BASE))));
  });

  test('is refused where nothing opens it, and where it is of another size', () => {
    const error = thrownBy(() => Image.from(image.share()));
    expect(error).toBeInstanceOf(TypeError);
    expect((error as TypeError).message).toContain("'base.tar' lies in a file");
    const other = bytesSource(tarOf([]), 'base.tar');
    expect(thrownBy(() => Image.from(image.share(), () => other))).toBeInstanceOf(CorruptError);
  });
});

describe('eight threads', () => {
  const THREADS = 8;
  let sources: URL;

  beforeAll(() => {
    sources = compiledSources();
  });

  afterAll(() => fs.rmSync(sources, { recursive: true }));

  const CODE = `
    const { parentPort, workerData: { door, index } } = require('node:worker_threads');
    parentPort.once('message', async (shared) => {
      const { Image, VisorFs } = await import(door);
      const { fs } = new VisorFs(Image.from(shared));
      fs.writeFileSync('/etc/own', 'of ' + index);
      fs.appendFileSync('/etc/motd', 'from ' + index);
      shared.slots[0].bytes[shared.slots[0].bytes.length - 1 - index] = 100 + index;
      parentPort.postMessage({
        names: fs.readdirSync('/etc'),
        inodes: ['/', '/etc', '/bin/tool', '/bin/same'].map((path) => fs.statSync(path).ino),
        own: fs.readFileSync('/etc/own', 'utf8'),
        motd: fs.readFileSync('/etc/motd', 'utf8'),
        tool: fs.readFileSync('/bin/same', 'utf8'),
      });
    });`;

  function answer(door: string, index: number, image: Image): Promise<unknown> {
    const worker = new Worker(CODE, { eval: true, workerData: { door, index } });
    return new Promise<unknown>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.postMessage(image.share());
    }).finally(() => worker.terminate());
  }

  test.each(['node.js', 'index.js'])(
    'by the door %s have one image, and ramdisks of their own',
    async (door) => {
      const image = Image.of(diskOf('base', ...BASE));
      const { dirents } = image;
      const inoAt = (path: string): number =>
        path.split('/').reduce((ino, name) => {
          return dirents.child(dirents.find(ino, utf8(name), 0, utf8(name).length));
        }, ROOT_INO);
      const url = new URL(door, sources).href;
      const threads = Array.from({ length: THREADS }, (_, index) => answer(url, index, image));
      const answers = await Promise.all(threads);
      expect(answers).toEqual(
        answers.map((_, index) => ({
          names: ['motd', BASE[2].path.slice(4), 'own'],
          inodes: [ROOT_INO, inoAt('etc'), inoAt('bin/tool'), inoAt('bin/tool')],
          own: `of ${index}`,
          motd: `hello\nfrom ${index}`,
          tool: 'tool',
        })),
      );
      // Each left a mark in the zeros behind the archive: they all had the same bytes.
      const marks = image.share().slots[0]!.bytes!.slice(-THREADS).reverse();
      expect([...marks]).toEqual(Array.from({ length: THREADS }, (_, index) => 100 + index));
      expect(image.tardisks[0]!.source.resident(0, 1)!.buffer).not.toBeInstanceOf(
        SharedArrayBuffer,
      );
    },
  );
});
