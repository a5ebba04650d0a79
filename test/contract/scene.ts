/**
 * The scene that every probe plays in, built with node:fs verbs on whatever file system there is.
 *
 *   f          5 bytes, mode 644        dir/         with  a  and  sub/b
 *   locked     2 bytes, mode 444        empty/
 *   run        mode 755                 twin         another name of  two
 *   link    -> f                        dirlink   -> dir
 *   dangling-> gone                     loop      -> loop
 */

import type { Entry } from '../support/archives.ts';
import type { AnyFs } from './outcome.ts';

/** Builds the scene in the empty directory `root`. */
export function buildScene(fs: AnyFs, root: string): void {
  fs.writeFileSync(`${root}/f`, 'hello');
  fs.writeFileSync(`${root}/locked`, 'no');
  fs.chmodSync(`${root}/locked`, 0o444);
  fs.writeFileSync(`${root}/run`, '');
  fs.chmodSync(`${root}/run`, 0o755);
  fs.writeFileSync(`${root}/two`, '22');
  fs.linkSync(`${root}/two`, `${root}/twin`);
  fs.mkdirSync(`${root}/dir/sub`, { recursive: true });
  fs.writeFileSync(`${root}/dir/a`, 'A');
  fs.writeFileSync(`${root}/dir/sub/b`, 'B');
  fs.mkdirSync(`${root}/empty`);
  fs.symlinkSync('f', `${root}/link`);
  fs.symlinkSync('dir', `${root}/dirlink`);
  fs.symlinkSync('gone', `${root}/dangling`);
  fs.symlinkSync('loop', `${root}/loop`);
}

/** The scene as an archive has it, at `root`. */
export function sceneEntries(root: string): Entry[] {
  const at = root.slice(1);
  return [
    { path: `${at}/`, type: 'dir', mode: 0o755 },
    { path: `${at}/f`, content: 'hello', mode: 0o644 },
    { path: `${at}/locked`, content: 'no', mode: 0o444 },
    { path: `${at}/run`, content: '', mode: 0o755 },
    { path: `${at}/two`, content: '22', mode: 0o644 },
    { path: `${at}/twin`, type: 'link', target: `${at}/two` },
    { path: `${at}/dir/`, type: 'dir', mode: 0o755 },
    { path: `${at}/dir/sub/`, type: 'dir', mode: 0o755 },
    { path: `${at}/dir/a`, content: 'A', mode: 0o644 },
    { path: `${at}/dir/sub/b`, content: 'B', mode: 0o644 },
    { path: `${at}/empty/`, type: 'dir', mode: 0o755 },
    { path: `${at}/link`, target: 'f', mode: 0o777 },
    { path: `${at}/dirlink`, target: 'dir', mode: 0o777 },
    { path: `${at}/dangling`, target: 'gone', mode: 0o777 },
    { path: `${at}/loop`, target: 'loop', mode: 0o777 },
  ];
}

/** Everything below `root`, one line each: what a probe left behind. */
export function pictureOf(fs: AnyFs, root: string): string[] {
  const lines: string[] = [];
  const visit = (path: string): void => {
    for (const name of fs.readdirSync(path)) {
      const below = `${path}/${name}`;
      const stats = fs.lstatSync(below);
      const { uid, gid, nlink } = stats;
      const mode = stats.mode.toString(8);
      const content = stats.isFile()
        ? JSON.stringify(fs.readFileSync(below, 'latin1'))
        : stats.isSymbolicLink()
          ? `-> ${fs.readlinkSync(below)}`
          : 'directory';
      lines.push(`${below.slice(root.length)} ${mode} ${uid}:${gid} ${nlink} ${content}`);
      if (stats.isDirectory()) visit(below);
    }
  };
  visit(root);
  return lines;
}
