// Every export of Node 20's node:fs and fs/promises, and every member of its classes, is here or in
// the table of what is not; and docs/node-fs.md has that table. UPDATE_DOCS=1 writes it there.

import nodeFs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { VisorFs } from '../../src/node.ts';
import { DIFFERS, exportsTable, MORE, namesIn, REFUSED } from './exports-table.ts';

const PAGE = new URL('../../docs/node-fs.md', import.meta.url);
const START = '<!-- UPDATE_DOCS=1 npx vitest run test/nodefs/exports.test.ts -->\n';
const END = '\n<!-- -->';

type Named = Readonly<Record<string, unknown>>;
const vfs = new VisorFs();
const ours = vfs.fs as unknown as Named;

const isTwenty = process.versions.node.startsWith('20.');
if (!isTwenty) process.stderr.write('skipped: the exports are compared with those of Node 20\n');

/** Every name of `fs` and of its promises. */
function namesOf(fs: Named): string[] {
  const promised = Object.keys(fs['promises'] as object).map((name) => `promises.${name}`);
  return [...Object.keys(fs), ...promised];
}

function exportOf(fs: Named, name: string): unknown {
  const [first, second] = name.split('.');
  return second === undefined ? fs[first!] : (fs[first!] as Named)[second];
}

describe.runIf(isTwenty)('as Node 20 has it', () => {
  const theirs = nodeFs as unknown as Named;
  const all = namesOf(theirs);

  test('everything is there that node exports, and what is more is said', () => {
    const more = namesOf(ours).filter((name) => !all.includes(name));
    expect(more.sort()).toEqual(namesIn(MORE).sort());
    expect(all.filter((name) => !namesOf(ours).includes(name))).toEqual([]);
  });

  test('what is there is of the kind that node’s is', () => {
    const kinds = (fs: Named): unknown[] => all.map((name) => [name, typeof exportOf(fs, name)]);
    expect(kinds(ours)).toEqual(kinds(theirs));
  });

  test('constants are the same', () => {
    expect(ours['constants']).toEqual({ ...(theirs['constants'] as object) });
  });

  test('what differs is what node exports', () => {
    expect(
      [...namesIn(DIFFERS), ...namesIn(REFUSED)].filter((name) => !all.includes(name)),
    ).toEqual([]);
  });

  test('what is refused says that it is not implemented', async () => {
    for (const name of namesIn(REFUSED)) {
      const call = exportOf(ours, name) as () => Promise<unknown>;
      await expect((async () => call())()).rejects.toMatchObject({
        code: 'ERR_METHOD_NOT_IMPLEMENTED',
      });
    }
  });

  /** Members that are node's own business. */
  const INTERNAL: ReadonlySet<string> = new Set([
    'constructor',
    'getAsyncId',
    'processReadResult',
    'readSyncRecursive',
    // Node's are closures that stand on the object; ours on the class.
    'close',
  ]);

  test('classes have the members that node’s have', async () => {
    const objects = async (fs: typeof nodeFs, at: string): Promise<object[]> => {
      const handle = await fs.promises.open(`${at}/f`, 'w+');
      const dir = fs.opendirSync(at);
      const [dirent] = fs.readdirSync(at, { withFileTypes: true });
      const all = [handle, dir, dirent!, fs.statSync(at), fs.statSync(at, { bigint: true })];
      await handle.close();
      dir.closeSync();
      return all;
    };
    const folder = nodeFs.mkdtempSync(path.join(os.tmpdir(), 'visorfs-exports-'));
    const real = await objects(nodeFs, folder);
    nodeFs.rmSync(folder, { recursive: true });
    vfs.fs.mkdirSync('/x');
    const here = await objects(vfs.fs as unknown as typeof nodeFs, '/x');
    real.forEach((object, index) => {
      for (const name of membersOf(object)) {
        if (!INTERNAL.has(name)) expect(name in here[index]!, `${index} ${name}`).toBe(true);
      }
    });
  });

  test('docs/node-fs.md has the table', () => {
    const text = nodeFs.readFileSync(PAGE, 'utf8');
    const start = text.indexOf(START) + START.length;
    const end = text.indexOf(END, start);
    const table = exportsTable(all);
    if (process.env['UPDATE_DOCS'] === '1') {
      nodeFs.writeFileSync(PAGE, text.slice(0, start) + table + text.slice(end));
      return;
    }
    expect(text.slice(start, end)).toBe(table);
  });
});

/** What `object` has, and what its classes give it. */
function membersOf(object: object): string[] {
  const names = Object.keys(object).filter((name) => !name.startsWith('_'));
  for (let at = Object.getPrototypeOf(object); at !== Object.prototype && at !== null; ) {
    names.push(...Object.getOwnPropertyNames(at).filter((name) => !name.startsWith('_')));
    at = Object.getPrototypeOf(at);
  }
  return names;
}
