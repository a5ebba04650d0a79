/**
 * Attacks data and attributes of single files: branches that share bytes with the image, views in
 * place, and what a write that is refused leaves.
 */

import { expect, test } from 'vitest';
import { VisorError } from '../../src/base/errors.ts';
import { bytesSource } from '../../src/base/source.ts';
import { Image } from '../../src/layer/image.ts';
import { Tardisk } from '../../src/layer/tardisk.ts';
import { O_APPEND, O_RDONLY, O_RDWR, O_WRONLY } from '../../src/vfs/flags.ts';
import { Tree } from '../../src/vfs/tree.ts';
import { countingSource } from '../format/counting-source.ts';
import { diskOf, tarOf } from '../support/archives.ts';
import { refusal } from '../support/thrown.ts';
import { names, patch, put, readFile, snapshot, treeOf, verify } from './support.ts';

test('an image file is seen in place, also after only its attributes were branched', () => {
  const bytes = tarOf([{ path: 'f', content: 'image' }]);
  const tree = new Tree(Image.of(Tardisk.index(bytesSource(bytes, 'a'), 'a')));
  expect(tree.view('/f').buffer).toBe(bytes.buffer);
  tree.chmod('/f', 0o600);
  expect(tree.view('/f').buffer).toBe(bytes.buffer);
  expect(readFile(tree, '/f')).toBe('image');
});

test('a branch that was cut shows what is left of it', () => {
  const tree = treeOf([{ path: 'f', content: 'image' }]);
  tree.truncate('/f', 3);
  expect(readFile(tree, '/f')).toBe('ima');
  tree.truncate('/f', 5);
  expect(readFile(tree, '/f')).toBe('ima\0\0');
  tree.truncate('/f', 0);
  expect(readFile(tree, '/f')).toBe('');
});

test('a made file in one piece is seen in place, and what is not is a copy', () => {
  const tree = treeOf([]);
  put(tree, '/f', 'x'.repeat(5000));
  const { buffer } = tree.view('/f');
  expect(tree.view('/f').buffer).toBe(buffer);
  tree.truncate('/f', 10_000);
  expect(tree.view('/f').buffer).not.toBe(buffer);
  expect(readFile(tree, '/f')).toBe('x'.repeat(5000) + '\0'.repeat(5000));
});

test('changing one byte of a large file reads and costs one page', () => {
  const archive = tarOf([{ path: 'f', content: new Uint8Array(1 << 20).fill(0x2e) }]);
  const counting = countingSource(bytesSource(archive, 'a'));
  const tree = new Tree(Image.of(Tardisk.index(counting, 'a')));
  counting.readBytes = 0;
  patch(tree, '/f', 'W', 500_000);
  expect([counting.readBytes, tree.live.delta.pages.takenCount]).toEqual([4096, 1]);
  const content = readFile(tree, '/f');
  expect([content.length, content.indexOf('W'), content.lastIndexOf('W')]).toEqual([
    1 << 20,
    500_000,
    500_000,
  ]);
});

test('reading neither branches nor changes a time', () => {
  const tree = treeOf([{ path: 'f', content: 'image', mtime: 7 }]);
  const before = tree.stat('/f');
  const fd = tree.open('/f', O_RDWR);
  expect(tree.read(fd, new Uint8Array(9), null)).toBe(5);
  expect(tree.read(fd, new Uint8Array(9), null)).toBe(0);
  tree.close(fd);
  expect(tree.stat('/f')).toEqual(before);
  expect(tree.live.delta.inodes.count).toBe(0);
});

test('a write by position leaves where the file stands, and appending ignores it', () => {
  const tree = treeOf([]);
  put(tree, '/f', 'abc');
  const fd = tree.open('/f', O_RDWR);
  tree.write(fd, new Uint8Array([0x58]), 5);
  expect(tree.openFile(fd).position).toBe(0);
  tree.write(fd, new Uint8Array([0x59]), null);
  expect(tree.openFile(fd).position).toBe(1);
  tree.close(fd);
  const end = tree.open('/f', O_WRONLY | O_APPEND);
  tree.write(end, new Uint8Array([0x5a]), 0);
  tree.write(end, new Uint8Array([0x5a]), null);
  expect(readFile(tree, '/f')).toBe('Ybc\0\0XZZ');
  tree.close(end);
});

test('replacing keeps the old data until the new is sure to fit', () => {
  const tree = treeOf([], { ramdisks: [{ name: 'root', path: '/', size: 9000 }] });
  put(tree, '/f', 'x'.repeat(8000));
  const fd = tree.open('/f', O_WRONLY);
  expect(refusal(() => tree.replace(fd, new Uint8Array(9000)))).toBe('ENOSPC');
  expect(readFile(tree, '/f')).toBe('x'.repeat(8000));
  tree.replace(fd, new Uint8Array(8192).fill(0x79));
  expect(readFile(tree, '/f')).toBe('y'.repeat(8192));
  verify(tree);
  tree.close(fd);
});

test('a branch whose write did not fit is no branch', () => {
  const tree = treeOf([{ path: 'f', content: 'x'.repeat(9000) }], {
    ramdisks: [{ name: 'root', path: '/', size: 4096, inodes: 4 }],
  });
  const before = tree.stat('/f');
  expect(refusal(() => patch(tree, '/f', 'WW', 4095))).toBe('ENOSPC');
  expect([tree.stat('/f'), tree.live.delta.inodes.count]).toEqual([before, 0]);
  verify(tree);
});

test('a descriptor for the other thing is EBADF, a directory EISDIR, a device ENXIO', () => {
  const tree = treeOf([{ path: 'f', content: 'x' }, { path: 'd/' }, { path: 'n', type: 'device' }]);
  const [reads, writes] = [tree.open('/f', O_RDONLY), tree.open('/f', O_WRONLY)];
  expect(refusal(() => tree.write(reads, new Uint8Array(1), null))).toBe('EBADF');
  expect(refusal(() => tree.read(writes, new Uint8Array(1), null))).toBe('EBADF');
  expect(refusal(() => tree.ftruncate(reads, 0))).toBe('EINVAL');
  expect(refusal(() => tree.read(99, new Uint8Array(1), null))).toBe('EBADF');
  expect(refusal(() => tree.open('/d', O_WRONLY))).toBe('EISDIR');
  expect(refusal(() => tree.truncate('/d', 0))).toBe('EISDIR');
  expect(refusal(() => tree.view('/d'))).toBe('EISDIR');
  expect(refusal(() => tree.open('/n', O_RDONLY))).toBe('ENXIO');
});

test('an unmount that cannot read what it must keep leaves the tree as it was', () => {
  const tree = treeOf([]);
  const entries = ['a', 'b', 'c'].map((path) => ({ path, content: path.repeat(9000) }));
  const disk = diskOf('disk', ...entries, { path: 'd/e', content: 'image' });
  tree.mount(disk);
  for (const { path } of entries) patch(tree, `/${path}`, 'W', 5000);
  put(tree, '/d/new', 'made');
  const before = snapshot(tree);
  const readInto = disk.readInto.bind(disk);
  let readsLeft = 4;
  disk.readInto = (...read) => {
    readsLeft -= 1;
    if (readsLeft < 0) throw new VisorError('EIO');
    readInto(...read);
  };
  expect(refusal(() => tree.unmount('disk'))).toBe('EIO');
  disk.readInto = readInto;
  verify(tree);
  expect(snapshot(tree)).toEqual(before);
  tree.unmount('disk');
  verify(tree);
  expect(names(tree, '/')).toEqual(['a', 'b', 'c', 'd']);
});
