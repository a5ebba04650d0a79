/**
 * A recipe: a tree as lines that people can read and change.
 *
 *   # a comment
 *   d 0755 0:0 etc/vmware
 *   f 1644 0:0 etc/vmware/esx.conf               its content is the file tree/etc/vmware/esx.conf
 *   f 0555 0:0 bin/busybox = elf 600000 seed 1   its content is generated: content.ts
 *   f 0644 0:0 var/run/empty = nothing
 *   l 0777 0:0 bin/ls -> /bin/busybox            a symbolic link
 *   h 0555 0:0 bin/strace => bin/tracer          a hard link: one more name of another line's file
 *
 * A line that is none of these is refused, and so is a directory that no line made before what is
 * in it: recipes are ours, and a slip in one is to be told at once.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NO_BYTES } from '../../src/base/bytes.ts';
import { type ContentRule, generated } from './content.ts';
import { sorted, type TreeEntry, type TreeKind } from './tree.ts';

const LINE = /^([dflh]) ([0-7]{4}) (\d+):(\d+) (\S+)(?: (=|->|=>) (.+))?$/;
const RULE = /^(elf|module|noise|words) (\d+) seed (\d+)$/;

const KINDS: Readonly<Record<string, TreeKind>> = {
  d: 'directory',
  f: 'file',
  l: 'symlink',
  h: 'link',
};

/** What must stand behind the path of each kind; a file may have either. */
const MARKS: Readonly<Record<TreeKind, readonly (string | undefined)[]>> = {
  directory: [undefined],
  file: [undefined, '='],
  symlink: ['->'],
  link: ['=>'],
};

/**
 * The tree that `recipe.txt` in `folder` describes, sorted. Throws Error with the line that is
 * none.
 */
export function readRecipe(folder: string): TreeEntry[] {
  const name = join(folder, 'recipe.txt');
  const entries: TreeEntry[] = [];
  const directories = new Set(['']);
  for (const [index, line] of readFileSync(name, 'utf8').split('\n').entries()) {
    if (line === '' || line.startsWith('#')) continue;
    const entry = entryOf(line, folder);
    const parent = entry?.path.split('/').slice(0, -1).join('/');
    if (entry === null || !directories.has(parent!)) {
      throw new Error(`${name}:${index + 1}: no line of a recipe: ${line}`);
    }
    if (entry.kind === 'directory') directories.add(entry.path);
    entries.push(entry);
  }
  return sorted(entries);
}

function entryOf(line: string, folder: string): TreeEntry | null {
  const match = LINE.exec(line.trimEnd());
  if (match === null) return null;
  const [, letter, mode, uid, gid, path, mark, rest = ''] = match;
  const kind = KINDS[letter!]!;
  if (!MARKS[kind].includes(mark)) return null;
  const content = kind === 'file' ? contentOf(join(folder, 'tree', path!), rest) : NO_BYTES;
  if (content === null) return null;
  const target = kind === 'symlink' || kind === 'link' ? rest : '';
  const owner = { uid: Number(uid), gid: Number(gid) };
  return { kind, path: path!, mode: Number.parseInt(mode!, 8), ...owner, content, target };
}

function contentOf(origin: string, rule: string): Uint8Array | null {
  if (rule === '') return new Uint8Array(readFileSync(origin));
  if (rule === 'nothing') return NO_BYTES;
  const match = RULE.exec(rule);
  if (match === null) return null;
  return generated(match[1] as ContentRule, Number(match[2]), Number(match[3]));
}
