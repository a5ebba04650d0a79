// What is large, deep, long or many: as on the kernel, in the same run.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { FILE_MAX_BYTES, LINKS_MAX_COUNT } from '../../src/base/limits.ts';
import { VisorFs } from '../../src/node.ts';
import { type AnyFs, wordsOf } from './outcome.ts';

const TMPFS = '/dev/shm';
const folder = fs.mkdtempSync(path.join(fs.existsSync(TMPFS) ? TMPFS : os.tmpdir(), 'visorfs-'));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

const NAMES = 100_000;
const OPEN_FILES = 10_000;
const CREATES = 1000;
const SUBDIRECTORIES = 70_000;
const TEN_MEGABYTES = 10 << 20;
const LOOP_LENGTHS = [1, 2, 39, 40, 41];

/** What `act` gives, or the words of its error, without `root`. */
function told(act: () => unknown, root: string): unknown {
  try {
    return act();
  } catch (error) {
    return JSON.parse(JSON.stringify(wordsOf(error)).replaceAll(root, ''));
  }
}

/** What `program` tells on the kernel and on ours. */
async function both(
  program: (on: AnyFs, at: string) => unknown,
): Promise<readonly [kernel: unknown, ours: unknown]> {
  const at = fs.mkdtempSync(`${folder}/x`);
  const vfs = new VisorFs(undefined, {
    ramdisks: [{ name: 'root', path: '/', size: '256mb', inodes: 200_000 }],
  });
  vfs.fs.mkdirSync(at, { recursive: true });
  return [await program(fs, at), await program(vfs.fs as unknown as AnyFs, at)];
}

async function expectSame(program: (on: AnyFs, at: string) => unknown): Promise<unknown> {
  const [kernel, ours] = await both(program);
  expect(ours).toEqual(kernel);
  return kernel;
}

describe('as on the kernel', () => {
  test('chains of links are followed up to forty and circles are refused', async () => {
    const said = await expectSame((on, at) =>
      LOOP_LENGTHS.flatMap((length) => {
        for (let index = 0; index < length; index++) {
          on.symlinkSync(
            index + 1 < length ? `${length}-${index + 1}` : 'end',
            `${at}/${length}-${index}`,
          );
        }
        on.symlinkSync(`c${length}-0`, `${at}/c${length}-${length}`);
        for (let index = 0; index < length; index++) {
          on.symlinkSync(`c${length}-${index + 1}`, `${at}/c${length}-${index}`);
        }
        on.writeFileSync(`${at}/end`, 'here');
        return ['readFileSync', 'statSync', 'realpathSync', 'readdirSync', 'truncateSync'].flatMap(
          (verb) =>
            [`${at}/${length}-0`, `${at}/c${length}-0`, `${at}/c${length}-0/x`].map((file) =>
              told(
                () => String((on as never as Record<string, (f: string) => unknown>)[verb]!(file)),
                at,
              ),
            ),
        );
      }),
    );
    expect(JSON.stringify(said)).toContain('ELOOP');
  });

  test('a path of ten megabytes is refused by every verb', async () => {
    const long = 'n/'.repeat(TEN_MEGABYTES / 2);
    await expectSame((on, at) =>
      [
        'statSync',
        'readFileSync',
        'mkdirSync',
        'unlinkSync',
        'readdirSync',
        'openSync',
        'existsSync',
      ].map((verb) => {
        const call = (on as never as Record<string, (f: string) => unknown>)[verb]!;
        const said = told(() => call(`${at}/${long}`), at) as { code?: string };
        return said?.code ?? said;
      }),
    );
  });

  test('paths just below PATH_MAX lead where they lead', async () => {
    await expectSame((on, at) => {
      const name = 'd'.repeat(250);
      const deepest = `${at}/${Array(15).fill(name).join('/')}`;
      on.mkdirSync(deepest, { recursive: true });
      const rest = 4095 - deepest.length - 1;
      return [rest - 1, rest, rest + 1]
        .map((length) =>
          told(() => {
            const dots = './'.repeat(Math.max(0, (length - 1) >> 1));
            const file = `${deepest}/${dots}${length % 2 ? 'f' : '/f'}`;
            on.writeFileSync(file, 'x');
            return [file.length - at.length, on.readFileSync(file, 'utf8')];
          }, at),
        )
        .map((said) => (Array.isArray(said) ? said : (said as { code: string }).code));
    });
  });

  test('a directory of a hundred thousand names is made, listed and removed', async () => {
    const [count] = (await expectSame((on, at) => {
      on.mkdirSync(`${at}/many`);
      for (let index = 0; index < NAMES; index++) on.writeFileSync(`${at}/many/${index}`, '');
      const names = on.readdirSync(`${at}/many`);
      const last = on.statSync(`${at}/many/${NAMES - 1}`).size;
      on.rmSync(`${at}/many`, { recursive: true });
      return [names.length, new Set(names).size, last, on.existsSync(`${at}/many`)];
    })) as number[];
    expect(count).toBe(NAMES);
  });

  test('ten thousand files are open at once', async () => {
    await expectSame((on, at) => {
      on.writeFileSync(`${at}/f`, 'hello');
      const fds = Array.from({ length: OPEN_FILES }, () => on.openSync(`${at}/f`, 'r'));
      const bytes = Buffer.alloc(5);
      const counts = new Set(fds.map((fd) => on.readSync(fd, bytes, 0, 5, null)));
      on.unlinkSync(`${at}/f`);
      const links = new Set(fds.map((fd) => on.fstatSync(fd).nlink));
      for (const fd of fds) on.closeSync(fd);
      return [new Set(fds).size, [...counts], [...links], told(() => on.fstatSync(fds[0]!), at)];
    });
  });

  test('a thousand creates at once lose none', async () => {
    await expectSame(async (on, at) => {
      on.mkdirSync(`${at}/p`);
      on.mkdirSync(`${at}/c`);
      const all = Array.from({ length: CREATES }, (_, index) => index);
      const { writeFile, open } = on.promises;
      const exclusive = await Promise.allSettled(
        all.map((index) => open(`${at}/p/${index >> 1}`, 'wx').then((handle) => handle.close())),
      );
      await Promise.all(all.map((index) => writeFile(`${at}/p/${index}`, String(index))));
      await Promise.all(
        all.map(
          (index) =>
            new Promise<void>((resolve, reject) => {
              on.writeFile(`${at}/c/${index}`, '', (error) => (error ? reject(error) : resolve()));
            }),
        ),
      );
      const made = exclusive.filter(({ status }) => status === 'fulfilled').length;
      return [made, on.readdirSync(`${at}/p`).length, on.readdirSync(`${at}/c`).length];
    });
  });

  test('what has no bytes and what lies far out', async () => {
    await expectSame((on, at) => {
      const fd = on.openSync(`${at}/f`, 'w+');
      const nothing = Buffer.alloc(0);
      const said = [
        told(() => on.writeSync(fd, nothing), at),
        told(() => on.readSync(fd, Buffer.alloc(1), 0, 0, 0), at),
        told(() => on.writeFileSync(`${at}/e`, ''), at),
        told(() => on.readFileSync(`${at}/e`).length, at),
        told(() => on.writeSync(fd, nothing, 0, 0, 2 ** 40), at),
        told(() => on.fstatSync(fd).size, at),
        told(() => on.writeSync(fd, Buffer.from('x'), 0, 1, 2 ** 40), at),
        told(() => [on.fstatSync(fd).size, on.fstatSync(fd).blocks], at),
        told(() => on.ftruncateSync(fd, 2 ** 41), at),
        told(() => on.readSync(fd, Buffer.alloc(4), 0, 4, 2 ** 40), at),
        told(() => on.readFileSync(`${at}/f`), at),
      ];
      on.closeSync(fd);
      return said;
    });
  });

  test('directories are made as deep as a path is long', async () => {
    const [depth] = (await expectSame((on, at) => {
      on.mkdirSync(`${at}/top`);
      let deepest = `${at}/top`;
      let refusal: unknown;
      while (refusal === undefined) {
        refusal = told(() => on.mkdirSync(`${deepest}/d`), at);
        if (refusal === undefined) deepest += '/d';
      }
      const depth = on.readdirSync(`${at}/top`, { recursive: true }).length;
      // Up again one by one: node's own rm recurses until its stack is full.
      for (let below = deepest; below !== at; below = path.dirname(below)) on.rmdirSync(below);
      return [depth, (refusal as { code: string }).code, on.readdirSync(at)];
    })) as number[];
    expect(depth).toBeGreaterThan(2000);
  });

  test('seventy thousand directories each count as a link of the one they are in', async () => {
    await expectSame((on, at) => {
      for (let index = 0; index < SUBDIRECTORIES; index++) on.mkdirSync(`${at}/${index}`);
      const { nlink } = on.statSync(at);
      for (let index = 0; index < SUBDIRECTORIES; index++) on.rmdirSync(`${at}/${index}`);
      return [nlink, on.statSync(at).nlink];
    });
  });

  test('the target of a link is as long as a path, and no path is empty', async () => {
    await expectSame((on, at) => [
      told(() => on.symlinkSync('x'.repeat(4095), `${at}/s`), at),
      told(() => on.readlinkSync(`${at}/s`).length, at),
      (told(() => on.symlinkSync('x'.repeat(4096), `${at}/t`), at) as { code: string }).code,
      ...['mkdir', 'rmdir', 'stat', 'open', 'readdir', 'unlink', 'readlink', 'access'].map((verb) =>
        told(() => (on as never as Record<string, (f: string) => unknown>)[`${verb}Sync`]!(''), at),
      ),
      told(() => on.renameSync('', `${at}/u`), at),
      told(() => on.linkSync('', `${at}/u`), at),
      told(() => on.symlinkSync('', `${at}/u`), at),
    ]);
  });
});

test('beyond our own limits a call is refused whole, where a tmpfs goes on', async () => {
  const { fs: on } = new VisorFs();
  on.writeFileSync('/f', 'x');
  const fd = on.openSync('/f', 'r+');
  const beyond = [
    () => on.writeSync(fd, Buffer.from('x'), 0, 1, FILE_MAX_BYTES),
    () => on.writevSync(fd, [Buffer.from('x')], FILE_MAX_BYTES),
    () => on.ftruncateSync(fd, FILE_MAX_BYTES + 1),
    () => on.truncateSync('/f', FILE_MAX_BYTES + 1),
  ];
  for (const act of beyond) expect(told(act, '')).toMatchObject({ code: 'EFBIG' });
  expect(on.readFileSync('/f', 'utf8')).toBe('x');
  on.ftruncateSync(fd, FILE_MAX_BYTES);
  expect(on.fstatSync(fd).size).toBe(FILE_MAX_BYTES);

  let links = 1;
  const refusal = told(() => {
    for (;;) on.linkSync('/f', `/${links++}`);
  }, '');
  expect(refusal).toMatchObject({ code: 'EMLINK', syscall: 'link' });
  expect(on.statSync('/f').nlink).toBe(LINKS_MAX_COUNT);
  expect(on.existsSync(`/${LINKS_MAX_COUNT}`)).toBe(false);
});
