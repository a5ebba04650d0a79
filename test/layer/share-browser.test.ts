/**
 * Attacks shared images where the door for browsers is used: eight workers of a page in Chromium,
 * where SharedArrayBuffers are not taken by all that takes bytes. Skipped where none is installed.
 */

import fs from 'node:fs';
import { expect, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { Image, ROOT_INO } from '../../src/layer/image.ts';
import { diskOf, tarOf } from '../support/archives.ts';
import { answerOfPage, installedChromium } from '../support/browser.ts';
import { compiledSources } from '../support/compiled.ts';

const THREADS = 8;

const ENTRIES = [
  { path: 'etc/', mode: 0o750 },
  { path: 'etc/motd', content: 'hello\n' },
  { path: 'etc/näme — longer than a short one, so that it is decoded as a whole: ☂', content: 'ü' },
  { path: 'bin/tool', content: 'tööl', mode: 0o4755 },
  { path: 'bin/same', type: 'link', target: 'bin/tool' },
  { path: 'lib', target: 'bücher' },
] as const;

const PAGE = `
  import { Image, openTardisk } from '/index.js';

  const tar = new Uint8Array(await (await fetch('/base.tar')).arrayBuffer());
  const image = Image.of(await openTardisk(tar));
  const shared = image.share();
  const threads = Array.from({ length: ${THREADS} }, (_, index) => {
    const worker = new Worker('/worker.js', { type: 'module' });
    return new Promise((resolve) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = ({ message }) => resolve({ error: message });
      worker.postMessage({ shared, index });
    });
  });
  const answers = await Promise.all(threads);
  const marks = [...shared.slots[0].bytes.slice(-${THREADS})].reverse();
  await fetch('/answer', { method: 'POST', body: JSON.stringify({ answers, marks }) });`;

const WORKER = `
  import { Image, VisorFs } from '/index.js';

  onmessage = ({ data: { shared, index } }) => {
    try {
      const { fs } = new VisorFs(Image.from(shared));
      fs.writeFileSync('/etc/own', 'of ' + index);
      fs.appendFileSync('/etc/motd', 'from ' + index);
      const { bytes, table } = shared.slots[0];
      bytes[bytes.length - 1 - index] = 100 + index;
      const buffers = [bytes, table.mode, table.size, table.dirents.names.bytes];
      postMessage({
        isShared: buffers.every(({ buffer }) => buffer instanceof SharedArrayBuffer),
        names: fs.readdirSync('/etc'),
        inodes: ['/', '/etc', '/bin/tool', '/bin/same'].map((path) => fs.statSync(path).ino),
        own: fs.readFileSync('/etc/own', 'utf8'),
        motd: fs.readFileSync('/etc/motd', 'utf8'),
        tool: fs.readFileSync('/bin/same', 'utf8'),
        target: fs.readlinkSync('/lib'),
      });
    } catch (error) {
      postMessage({ error: String(error) });
    }
  };`;

test('eight workers of a page have one image, and ramdisks of their own', async ({ skip }) => {
  const chromium = installedChromium();
  if (chromium === null) return skip('no Chromium is installed');
  const { dirents } = Image.of(diskOf('base', ...ENTRIES));
  const inoAt = (path: string): number =>
    path.split('/').reduce((ino, name) => {
      return dirents.child(dirents.find(ino, utf8(name), 0, utf8(name).length));
    }, ROOT_INO);
  const sources = compiledSources();
  const files = { '/': PAGE, '/worker.js': WORKER, '/base.tar': tarOf(ENTRIES) };
  const answer = await answerOfPage(chromium, sources, files).finally(() => {
    fs.rmSync(sources, { recursive: true });
  });
  expect(answer).toEqual({
    answers: Array.from({ length: THREADS }, (_, index) => ({
      isShared: true,
      names: ['motd', ENTRIES[2].path.slice(4), 'own'],
      inodes: [ROOT_INO, inoAt('etc'), inoAt('bin/tool'), inoAt('bin/tool')],
      own: `of ${index}`,
      motd: `hello\nfrom ${index}`,
      tool: 'tööl',
      target: 'bücher',
    })),
    // Each left a mark in the zeros behind the archive: they all had the same bytes.
    marks: Array.from({ length: THREADS }, (_, index) => 100 + index),
  });
});
