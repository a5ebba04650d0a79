// What does not fit. A verb on a whole file either does all of it or leaves everything as it was:
// every verb is tried with every amount of room, from none to enough, in a fresh tree each time.

import { expect, test } from 'vitest';
import { nodeRuntime } from '../../src/node/node-runtime.ts';
import { type NodeFs, nodeFs } from '../../src/nodefs/fs.ts';
import { Tree } from '../../src/vfs/tree.ts';
import { imageOf } from '../support/archives.ts';

const PAGE_BYTES = 4096;

interface Stage {
  readonly tree: Tree;
  readonly fs: NodeFs<Buffer>;
}

/** A tree with `old` (one page), an archived file, and room for `bytes` and `inodes` more. */
function stage(bytes: number, inodes: number): Stage {
  const image = imageOf({ path: 'archived', content: 'a'.repeat(5000) }, { path: 'untouched/' });
  const tree = new Tree(image, {
    ramdisks: [{ name: 'root', path: '/', size: 1 << 20, inodes: 64 }],
  });
  const fs = nodeFs(tree, nodeRuntime);
  fs.writeFileSync('/old', 'old content');
  fs.symlinkSync('nowhere', '/dangling');
  const { usedBytes, usedInodes } = tree.ramdisks.list()[0]!;
  tree.ramdisks.resize('root', { size: usedBytes + bytes, inodes: usedInodes + inodes });
  return { tree, fs };
}

function picture(fs: NodeFs<Buffer>, path = ''): string[] {
  return fs.readdirSync(path === '' ? '/' : path, { withFileTypes: true }).flatMap((entry) => {
    const below = `${path}/${entry.name}`;
    const title = `${below} ${fs.lstatSync(below).nlink}`;
    if (entry.isDirectory()) return [title, ...picture(fs, below)];
    const isFile = entry.isFile();
    return [`${title} ${isFile ? fs.readFileSync(below, 'latin1') : fs.readlinkSync(below)}`];
  });
}

/** Room to try, in bytes: around what names cost, and around every page. */
const ROOMS = [0, 1, 2, 3, 4].flatMap((pages) =>
  [-1, 0, 34, 35, 36, 70, 105, 132, 140].map((more) => Math.max(0, pages * PAGE_BYTES + more)),
);

const BIG = Buffer.alloc(3 * PAGE_BYTES, 'x');

const VERBS: Readonly<Record<string, (fs: NodeFs<Buffer>) => void>> = {
  'writeFile of a new file': (fs) => fs.writeFileSync('/new', BIG),
  'writeFile into a directory of the image': (fs) => fs.writeFileSync('/untouched/new', BIG),
  'writeFile over a file': (fs) => fs.writeFileSync('/old', BIG),
  'writeFile over an archived file': (fs) => fs.writeFileSync('/archived', BIG),
  'writeFile through a dangling link': (fs) => fs.writeFileSync('/dangling', BIG),
  'writeFile of text': (fs) => fs.writeFileSync('/old', BIG.toString()),
  'exclusive writeFile': (fs) => fs.writeFileSync('/new', BIG, { flag: 'wx' }),
  'appendFile to a new file': (fs) => fs.appendFileSync('/new', BIG),
  'appendFile to a file': (fs) => fs.appendFileSync('/old', BIG),
  'appendFile to an archived file': (fs) => fs.appendFileSync('/archived', BIG),
  'copyFile to a new file': (fs) => fs.copyFileSync('/archived', '/new'),
  'copyFile over a file': (fs) => fs.copyFileSync('/archived', '/old'),
  'copyFile over an archived file': (fs) => fs.copyFileSync('/old', '/archived'),
  'mkdir of many in a directory of the image': (fs) => {
    fs.mkdirSync('/untouched/b/c/d', { recursive: true });
  },
  'mkdir of many directories': (fs) => fs.mkdirSync('/a/b/c/d', { recursive: true }),
};

for (const [title, verb] of Object.entries(VERBS)) {
  test(`${title} is done whole or leaves no trace, whatever room there is`, () => {
    const met = new Set<string>();
    for (const inodes of [0, 1, 2, 3, 4]) {
      for (const bytes of ROOMS) {
        const { tree, fs } = stage(bytes, inodes);
        const before = picture(fs);
        const [{ usedBytes, usedInodes }] = tree.ramdisks.list() as [never];
        try {
          verb(fs);
          met.add('done');
        } catch (error) {
          expect(error).toMatchObject({ code: 'ENOSPC' });
          met.add((error as { full: { limit: string } }).full.limit);
          expect(picture(fs), `${bytes} bytes and ${inodes} inodes of room`).toEqual(before);
          const now = tree.ramdisks.list()[0]!;
          expect([now.usedBytes, now.usedInodes]).toEqual([usedBytes, usedInodes]);
        }
        tree.verify();
      }
    }
    expect(met).toContain('done');
    expect(met).toContain('bytes');
  });
}

test('ENOSPC says which limit of which ramdisk it was, in all three flavours alike', async () => {
  const { fs } = stage(PAGE_BYTES, 2);
  const words = {
    code: 'ENOSPC',
    errno: -28,
    syscall: 'write',
    full: expect.objectContaining({ ramdisk: 'root', limit: 'bytes' }),
    message: expect.stringMatching(
      /^ENOSPC: no space left on device, write \(the ramdisk 'root' is full: \d+ of \d+ bytes /,
    ),
  };
  expect(() => fs.writeFileSync('/new', BIG)).toThrow(expect.objectContaining(words));
  await expect(fs.promises.writeFile('/new', BIG)).rejects.toMatchObject(words);
  const error = await new Promise((resolve) => fs.writeFile('/new', BIG, resolve));
  expect(error).toMatchObject(words);
  expect(() => fs.copyFileSync('/archived', '/new')).toThrow(
    expect.objectContaining({
      code: 'ENOSPC',
      syscall: 'copyfile',
      path: '/archived',
      dest: '/new',
    }),
  );
});

test('a file is read whole up to 2 GiB and refused above, as node refuses it', async () => {
  const fs = nodeFs(new Tree(), nodeRuntime);
  fs.writeFileSync('/f', '');
  fs.truncateSync('/f', 2 ** 31);
  const words = {
    code: 'ERR_FS_FILE_TOO_LARGE',
    message: 'File size (2147483648) is greater than 2 GiB',
  };
  expect(() => fs.readFileSync('/f')).toThrow(expect.objectContaining(words));
  await expect(fs.promises.readFile('/f', { flag: 'r+' })).rejects.toMatchObject(words);
  expect(await new Promise((resolve) => fs.readFile('/f', resolve))).toMatchObject(words);
});

// Made by way of text the names below would have been other names, and those taken away strangers'.
test('a copy that fails takes away what it made and nothing that shows alike', () => {
  const { fs } = stage(1 << 20, 64);
  const odd = Buffer.from([0x2f, 0xfd]);
  fs.mkdirSync('/dir');
  fs.writeFileSync('/\ufffd', 'a stranger');
  expect(() => fs.copyFileSync('/dir', odd)).toThrow('EISDIR');
  expect(fs.readFileSync('/\ufffd', 'utf8')).toBe('a stranger');
  expect(fs.existsSync(odd)).toBe(false);
  fs.mkdirSync(Buffer.concat([odd, Buffer.from('/below')]), { recursive: true });
  expect(fs.readdirSync(odd)).toEqual(['below']);
  expect(fs.realpathSync.native(odd, { encoding: 'buffer' })).toEqual(odd);
});

test('a time that is none is refused and not kept', () => {
  const { fs } = stage(1 << 20, 64);
  const before = fs.statSync('/old').mtimeMs;
  expect(() => fs.utimesSync('/old', new Date(Number.NaN), 5)).toThrow('EINVAL');
  expect(fs.statSync('/old').mtimeMs).toBe(before);
});
