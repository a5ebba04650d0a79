/**
 * Everything that a tardisk says, as text: for tests that compare two ways to the same tree.
 */

import { text } from '../../src/base/bytes.ts';
import { crc32 } from '../../src/codec/crc32.ts';
import { VisorFs } from '../../src/index.ts';
import { Image } from '../../src/layer/image.ts';
import type { Tardisk } from '../../src/layer/tardisk.ts';

/** Every path of `disk` with its attributes and content, sorted. */
export function told(disk: Tardisk): string[] {
  const vfs = new VisorFs(Image.of(disk));
  const rows: string[] = [];
  const pending = ['/'];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    const { mode, uid, gid, size, nlink, mtimeSeconds, mtimeNanoseconds, rdev } = vfs.stat(
      at,
      false,
    );
    const type = mode & 0o170000;
    const isFile = type === 0o100000;
    const said = [mode.toString(8), uid, gid, isFile ? size : 0, nlink, rdev];
    const content = isFile ? crc32(vfs.fs.readFileSync(at)) : '';
    const target = type === 0o120000 ? text(vfs.readlink(at)) : '';
    rows.push([at, ...said, `${mtimeSeconds}.${mtimeNanoseconds}`, content, target].join(' '));
    if (type !== 0o040000) continue;
    for (const { bytes } of vfs.readdir(at)) pending.push(`${at === '/' ? '' : at}/${text(bytes)}`);
  }
  return rows.sort();
}
