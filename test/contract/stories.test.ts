// Short stories of several calls, told on the kernel's tmpfs and on ours: what stays of a file that
// is open, times to the nanosecond, blocks of sparse files, names that are no text, limits.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { VisorFs } from '../../src/node.ts';
import { type AnyFs, wordsOf } from './outcome.ts';

const TMPFS = '/dev/shm';
const isJudge = process.platform === 'linux' && process.getuid?.() === 0 && fs.existsSync(TMPFS);
if (!isJudge) process.stderr.write('skipped: the judge of stories is tmpfs, as root\n');

const root = fs.mkdtempSync(path.join(isJudge ? TMPFS : os.tmpdir(), 'visorfs-stories-'));
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

/** A name of bytes that are no UTF-8. */
const RAW = Buffer.from([0x72, 0xff, 0xfe, 0x2d, 0xc3]);

type Story = (on: AnyFs, p: string, say: (act: () => unknown) => void) => void;

function raw(p: string, ...names: readonly (string | Buffer)[]): Buffer {
  const parts = [p, ...names].flatMap((name) => [Buffer.from('/'), Buffer.from(name)]);
  return Buffer.concat(parts.slice(1));
}

function shape(on: AnyFs, file: string | Buffer) {
  const { size, nlink, blocks, mode, blksize } = on.lstatSync(file);
  return on.lstatSync(file).isDirectory()
    ? { nlink, blocks, mode }
    : { size, nlink, blocks, blksize };
}

const STORIES: Readonly<Record<string, Story>> = {
  'nothing that is appended leaves a file where it stands': (on, p, say) => {
    on.writeFileSync(`${p}/f`, 'xy');
    const fd = on.openSync(`${p}/f`, 'a+');
    const byte = Buffer.alloc(1);
    say(() => on.writeSync(fd, Buffer.alloc(0)));
    say(() => [on.readSync(fd, byte, 0, 1, null), String(byte)]);
    say(() => on.writevSync(fd, [Buffer.alloc(0)]));
    say(() => [on.readSync(fd, byte, 0, 1, null), String(byte)]);
    on.closeSync(fd);
  },
  'times are kept to what node gives': (on, p, say) => {
    on.writeFileSync(`${p}/f`, '');
    const times = [
      0,
      1.5,
      0.1,
      1234567890.1234567,
      1e-6,
      1e-9,
      0.9999999,
      1.9999999,
      2 ** 33 + 0.25,
    ];
    for (const time of [...times, '5.25', new Date(1234), new Date(-1), 1234567890.999]) {
      for (const verb of ['utimesSync', 'lutimesSync'] as const) {
        on[verb](`${p}/f`, time, time);
        say(() => on.statSync(`${p}/f`, { bigint: true }).mtimeNs);
        say(() => on.statSync(`${p}/f`, { bigint: true }).atimeNs);
        say(() => on.statSync(`${p}/f`).mtimeMs);
      }
      const fd = on.openSync(`${p}/f`, 'r');
      on.futimesSync(fd, time, time);
      say(() => on.fstatSync(fd, { bigint: true }).mtimeNs);
      on.closeSync(fd);
    }
  },
  'blocks are those that are held': (on, p, say) => {
    const fd = on.openSync(`${p}/f`, 'w+');
    const look = (): void => say(() => shape(on, `${p}/f`));
    look();
    on.ftruncateSync(fd, 1 << 20);
    look();
    on.writeSync(fd, 'x', 3 * 4096 + 10);
    look();
    on.writeSync(fd, 'x', 2 ** 33);
    look();
    on.writeSync(fd, Buffer.alloc(4097), 0, 4097, 0);
    look();
    for (const size of [4097, 4096, 1, 0, 5000]) {
      on.ftruncateSync(fd, size);
      look();
    }
    say(() => on.readFileSync(`${p}/f`).every((byte) => byte === 0));
    on.closeSync(fd);
    on.mkdirSync(`${p}/d`);
    on.symlinkSync('f', `${p}/s`);
    for (const name of ['d', 's']) say(() => on.lstatSync(`${p}/${name}`).blocks);
  },
  'names that are no text go through every verb': (on, p, say) => {
    const dir = raw(p, RAW);
    const file = raw(p, RAW, RAW);
    on.mkdirSync(dir);
    on.writeFileSync(file, 'bytes');
    say(() => on.readdirSync(p, 'buffer').map((name) => [...name]));
    say(() => on.readdirSync(dir, { encoding: 'buffer' }).map((name) => [...name]));
    say(() => on.readdirSync(p));
    say(() => on.readdirSync(p, 'latin1'));
    say(() => on.readdirSync(p, 'hex'));
    say(() => on.readFileSync(file, 'utf8'));
    say(() => on.existsSync(`${p}/${RAW.toString()}`));
    say(() => [...on.realpathSync.native(file, 'buffer')].slice(p.length));
    on.symlinkSync(RAW, raw(p, 'link'));
    say(() => [...on.readlinkSync(`${p}/link`, 'buffer')]);
    say(() => on.readdirSync(`${p}/link`, 'latin1'));
    const other = raw(p, RAW, Buffer.concat([RAW, RAW]));
    on.renameSync(file, other);
    on.linkSync(other, file);
    on.copyFileSync(file, raw(p, Buffer.from([0x80])));
    on.appendFileSync(raw(p, Buffer.from([0x80])), RAW);
    say(() => [...on.readFileSync(raw(p, Buffer.from([0x80])))]);
    say(() => shape(on, file));
    on.chmodSync(file, 0o600);
    on.utimesSync(file, 1, 1);
    on.truncateSync(file, 2);
    say(() => on.statSync(file).mode);
    say(() => on.rmdirSync(dir));
    on.unlinkSync(file);
    say(() => on.unlinkSync(file));
    on.rmSync(dir, { recursive: true });
    const made = on.mkdtempSync(raw(p, Buffer.from([0xfd])) as never, 'buffer' as never);
    say(() => Buffer.from(made).subarray(p.length, p.length + 2));
    on.rmdirSync(made);
    say(() => on.readdirSync(p, { withFileTypes: true, encoding: 'buffer' as never }).length);
  },
  'a file lives until it is closed': (on, p, say) => {
    on.writeFileSync(`${p}/f`, 'hello');
    const fd = on.openSync(`${p}/f`, 'r+');
    on.unlinkSync(`${p}/f`);
    say(() => on.statSync(`${p}/f`));
    say(() => on.fstatSync(fd).nlink);
    on.writeFileSync(`${p}/f`, 'another');
    on.writeSync(fd, 'HE');
    say(() => on.readFileSync(fd, 'utf8'));
    on.ftruncateSync(fd, 3);
    say(() => [on.fstatSync(fd).size, on.statSync(`${p}/f`).size]);
    on.fchmodSync(fd, 0o600);
    say(() => on.fstatSync(fd).mode);
    on.closeSync(fd);
    say(() => on.closeSync(fd));
    say(() => on.readFileSync(`${p}/f`, 'utf8'));
  },
  'what is open stays what it was when something is renamed over it': (on, p, say) => {
    on.writeFileSync(`${p}/a`, 'aaa');
    on.writeFileSync(`${p}/b`, 'bbb');
    on.linkSync(`${p}/b`, `${p}/c`);
    const [one, other] = [on.openSync(`${p}/a`, 'r+'), on.openSync(`${p}/b`, 'r+')];
    on.renameSync(`${p}/a`, `${p}/b`);
    say(() => [on.fstatSync(one).nlink, on.fstatSync(other).nlink]);
    say(() => on.fstatSync(one).ino === on.statSync(`${p}/b`).ino);
    on.writeSync(other, 'BBB');
    say(() => on.readFileSync(`${p}/c`, 'utf8') + on.readFileSync(`${p}/b`, 'utf8'));
    on.renameSync(`${p}/b`, `${p}/c`);
    say(() => on.fstatSync(other).nlink);
    say(() => on.readSync(other, Buffer.alloc(4), 0, 4, 0));
    for (const fd of [one, other]) on.closeSync(fd);
    on.mkdirSync(`${p}/d`);
    on.mkdirSync(`${p}/e`);
    const fd = on.openSync(`${p}/e`, 'r');
    on.renameSync(`${p}/d`, `${p}/e`);
    say(() => on.fstatSync(fd).nlink);
    say(() => on.readSync(fd, Buffer.alloc(1)));
    on.closeSync(fd);
  },
  'directories count those in them': (on, p, say) => {
    const look = (): void =>
      say(() => ['.', 'a', 'a/b'].map((at) => on.statSync(`${p}/${at}`).nlink));
    on.mkdirSync(`${p}/a/b/c`, { recursive: true });
    look();
    on.renameSync(`${p}/a/b/c`, `${p}/c`);
    look();
    on.mkdirSync(`${p}/a/b/d`);
    on.renameSync(`${p}/c`, `${p}/a/b/d`);
    look();
    say(() => on.renameSync(`${p}/a`, `${p}/a/b/x`));
    say(() => on.renameSync(`${p}/a/b`, `${p}/a`));
    say(() => on.renameSync(`${p}/a`, `${p}/a`));
    say(() => on.rmdirSync(`${p}/a/b`));
    on.rmdirSync(`${p}/a/b/d`);
    look();
  },
  'whoever appends writes at the end, wherever he says': (on, p, say) => {
    on.writeFileSync(`${p}/f`, '0123');
    const [one, other] = [on.openSync(`${p}/f`, 'a+'), on.openSync(`${p}/f`, 'a')];
    on.writeSync(one, 'one');
    on.writeSync(other, 'other', 0);
    on.writeSync(one, 'x', 2);
    const target = Buffer.alloc(4);
    say(() => on.readSync(one, target, 0, 4, null));
    say(() => on.readSync(one, target, 0, 4, 0) + target.toString());
    on.ftruncateSync(one, 2);
    on.writeSync(other, '!');
    say(() => on.readFileSync(`${p}/f`, 'utf8'));
    for (const fd of [one, other]) on.closeSync(fd);
  },
  'names and paths have limits': (on, p, say) => {
    for (const name of ['n'.repeat(255), 'n'.repeat(256), 'é'.repeat(127), 'é'.repeat(128)]) {
      say(() => on.writeFileSync(`${p}/${name}`, ''));
      say(() => on.mkdirSync(`${p}/${name}d`));
      say(() => on.renameSync(`${p}/${name}`, `${p}/${name}x`));
      say(() => on.symlinkSync(name, `${p}/s${name.length}`));
      say(() => on.statSync(`${p}/s${name.length}`).size);
      say(() => on.statSync(`${p}/${name}/x`));
    }
    for (const length of [4094, 4095, 4096, 4097]) {
      const long = `${p}/${'./'.repeat(2100)}`.slice(0, length - 1);
      say(() => on.statSync(`${long}/`).isDirectory());
      say(() => on.symlinkSync('x'.repeat(length), `${p}/t${length}`));
      say(() => on.readlinkSync(`${p}/t${length}`).length);
    }
  },
  'so many links are followed, and no more': (on, p, say) => {
    on.writeFileSync(`${p}/l0`, 'end');
    for (let link = 1; link <= 42; link++) on.symlinkSync(`l${link - 1}`, `${p}/l${link}`);
    for (const link of [39, 40, 41, 42]) {
      say(() => on.readFileSync(`${p}/l${link}`, 'utf8'));
      say(() => on.existsSync(`${p}/l${link}`));
      say(() => on.realpathSync.native(`${p}/l${link}`).slice(p.length));
    }
    on.symlinkSync('.', `${p}/self`);
    for (const count of [40, 41]) say(() => on.statSync(`${p}/${'self/'.repeat(count)}l0`).size);
    on.symlinkSync('up', `${p}/down`);
    on.symlinkSync('down', `${p}/up`);
    for (const verb of ['statSync', 'readdirSync', 'rmSync', 'unlinkSync'] as const) {
      say(() => on[verb](`${p}/up/`));
      say(() => on[verb](`${p}/up`) === undefined);
    }
  },
  'modes are what umask leaves, and mkdir heeds no setuid': (on, p, say) => {
    on.chmodSync(p, 0o2777);
    for (const mode of [0o7777, 0o4711, 0o2070, 0o1000, 0]) {
      on.mkdirSync(`${p}/d${mode}`, mode);
      on.closeSync(on.openSync(`${p}/f${mode}`, 'w', mode));
      say(() => [on.statSync(`${p}/d${mode}`).mode, on.statSync(`${p}/f${mode}`).mode]);
    }
    on.mkdirSync(`${p}/a/b/c`, { recursive: true, mode: 0o700 });
    say(() => ['a', 'a/b', 'a/b/c'].map((at) => on.statSync(`${p}/${at}`).mode));
  },
};

/** What a story said, without where it played. */
function told(story: Story, on: AnyFs, p: string): unknown[] {
  on.mkdirSync(p, { recursive: true });
  const said: unknown[] = [];
  story(on, p, (act) => {
    try {
      said.push(act());
    } catch (error) {
      const { code, syscall, message } = wordsOf(error);
      said.push(`${code} ${syscall} ${String(message).replaceAll(p, '')}`);
    }
  });
  return said;
}

describe.runIf(isJudge)('as on the kernel', () => {
  test.each(Object.entries(STORIES))('%s', (title, story) => {
    const usualUmask = process.umask(0o022);
    try {
      const p = `${root}/${title.replaceAll(/\W/g, '-')}`;
      const theirs = told(story, fs, p);
      expect(told(story, new VisorFs().fs as unknown as AnyFs, p)).toEqual(theirs);
    } finally {
      process.umask(usualUmask);
    }
  });
});
