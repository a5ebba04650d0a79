// The door for File System Access, judged by Chromium's own private file system: the same story in
// a worker of a page. Where Chromium is not installed the story is told in Node alone.

import fs from 'node:fs';
import ts from 'typescript';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { directoryHandle } from '../../src/doors/file-system-access.ts';
import { VisorFs } from '../../src/node.ts';
import { answerOfPage, installedChromium } from '../support/browser.ts';
import { compiledSources } from '../support/compiled.ts';
import { handleStory } from './handle-story.ts';

const chromium = installedChromium();
if (chromium === null) process.stderr.write('skipped: the judge of handles is Chromium\n');

const PAGE = `
  const worker = new Worker('/worker.js', { type: 'module' });
  worker.onerror = ({ message }) => worker.onmessage({ data: { message } });
  worker.onmessage = ({ data }) =>
    fetch('/answer', { method: 'POST', body: JSON.stringify(data) });`;

const WORKER = `
  import { VisorFs } from '/index.js';
  import { directoryHandle } from '/doors/file-system-access.js';
  import { handleStory } from '/story.js';
  const told = async (root) => {
    try { return await handleStory(root); } catch (error) { return [String(error)]; }
  };
  const theirs = await told(await navigator.storage.getDirectory());
  postMessage({ theirs, ours: await told(directoryHandle(new VisorFs())) });`;

/** Whether `row` is of handles alone: Node's streams have another name for an error of theirs. */
const ofHandles = (row: unknown): boolean => (row as unknown[])[0] !== 'write when closed';

let sources: URL;
beforeAll(() => {
  sources = compiledSources();
});
afterAll(() => fs.rmSync(sources, { recursive: true }));

test.runIf(chromium !== null)(
  'a program with handles goes as on the files of Chromium',
  async () => {
    const story = fs.readFileSync(new URL('./handle-story.ts', import.meta.url), 'utf8');
    const { outputText } = ts.transpileModule(story, {
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022 },
    });
    const answer = await answerOfPage(chromium!, sources, {
      '/': PAGE,
      '/worker.js': WORKER,
      '/story.js': outputText,
    });
    const { theirs, ours } = answer as { theirs: unknown[]; ours: unknown[] };
    expect(ours).toEqual(theirs);
    expect(theirs.length).toBeGreaterThan(50);
    const here = JSON.parse(JSON.stringify(await handleStory(directoryHandle(new VisorFs()))));
    expect(here.filter(ofHandles)).toEqual(ours.filter(ofHandles));
  },
);

test('a writable that does not fit is refused when it is closed, and the file stays', async () => {
  const vfs = new VisorFs(undefined, { ramdisks: [{ name: 'r', path: '/r', size: '16kb' }] });
  const file = await directoryHandle(vfs, '/r').getFileHandle('f', { create: true });
  vfs.fs.writeFileSync('/r/f', 'old');
  const writable = await file.createWritable();
  await writable.write(new Uint8Array(100_000));
  await expect(writable.close()).rejects.toMatchObject({ name: 'QuotaExceededError' });
  expect(await (await file.getFile()).text()).toBe('old');
  await (await file.createSyncAccessHandle()).close();
});

test('what a user may not, his handles may not', async () => {
  const vfs = new VisorFs();
  vfs.fs.writeFileSync('/secret', 'x', { mode: 0o600 });
  const root = directoryHandle({ fs: vfs.as({ uid: 1000 }) });
  const file = await root.getFileHandle('secret');
  await expect(file.getFile()).rejects.toMatchObject({ name: 'NotAllowedError' });
  await expect(root.getFileHandle('new', { create: true })).rejects.toMatchObject({
    name: 'NotAllowedError',
  });
});

test('a program that asks for the browser’s types is given ours', async () => {
  const root: FileSystemDirectoryHandle = directoryHandle(new VisorFs());
  const file: FileSystemFileHandle = await root.getFileHandle('f', { create: true });
  const writable: FileSystemWritableFileStream = await file.createWritable();
  await writable.close();
  expect(await root.resolve(file)).toEqual(['f']);
});

test('a link shows as what it leads to', async () => {
  const vfs = new VisorFs();
  vfs.fs.writeFileSync('/f', 'x');
  vfs.fs.symlinkSync('f', '/link');
  vfs.fs.symlinkSync('gone', '/dangling');
  const names: string[] = [];
  for await (const [name, { kind }] of directoryHandle(vfs)) names.push(`${name} ${kind}`);
  expect(names).toEqual(['f file', 'link file']);
});

test('a writable that failed lets go of the file', async () => {
  const vfs = new VisorFs();
  const root = directoryHandle(vfs);
  const file = await root.getFileHandle('f', { create: true });
  const failed = await file.createWritable();
  const without = { type: 'seek' } as unknown as string;
  await expect(failed.write(without)).rejects.toMatchObject({ name: 'SyntaxError' });
  await expect(failed.close()).rejects.toThrow(TypeError);
  (await file.createSyncAccessHandle()).close();
});

test('a writable that cannot keep what it may not read does not hold the file', async () => {
  const vfs = new VisorFs();
  vfs.fs.chmodSync('/', 0o777);
  vfs.fs.writeFileSync('/f', 'x', { mode: 0o200 });
  const root = directoryHandle({ fs: vfs.as({ uid: 1000 }) });
  const unread = (await root.getFileHandle('f')).createWritable({ keepExistingData: true });
  await expect(unread).rejects.toMatchObject({ name: 'NotAllowedError' });
  await root.removeEntry('f');
});
