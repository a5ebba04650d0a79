/**
 * A client's program on two file systems: node:fs in a folder of the kernel's, and vfs.fs.
 *
 * Both are laid out alike; the program tells what it finds, step by step, and the two stories must
 * be the same once the folder's name is taken out. A program that hangs fails and names its step.
 */

import nodeFs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'vitest';
import { VisorFs } from '../../src/node.ts';
import { imageOf } from '../support/archives.ts';

/** Whatever has the shape of node:fs: clients name their own parts of it. */
export type AnyFs = typeof nodeFs;

/** Files by path; null is an empty directory, `-> x` a link to x. */
export type Layout = Readonly<Record<string, string | null>>;

/** Where a program runs. */
export interface Stage {
  readonly fs: AnyFs;
  /** The directory that is the program's alone. */
  readonly at: string;
  /** Says which step comes next: what is named where it hangs. */
  step(name: string): void;
  /** Keeps `what` for the comparison. */
  tell(...what: unknown[]): void;
}

export type Program = (on: Stage) => Promise<unknown>;

const PATIENCE_MS = 30_000;
const LINK = '-> ';

/** Runs `program` on both; the same is told, also over an image where `layout` is all it needs. */
export async function onBoth(layout: Layout, program: Program): Promise<void> {
  const folder = nodeFs.realpathSync(nodeFs.mkdtempSync(path.join(os.tmpdir(), 'visorfs-client-')));
  try {
    lay(nodeFs, folder, layout);
    const theirs = await story(nodeFs, folder, program);
    expect(theirs.length).toBeGreaterThan(0);
    // From here on a client that goes past the fs it was given finds nothing.
    nodeFs.rmSync(folder, { recursive: true });
    const written = new VisorFs();
    written.fs.mkdirSync(folder, { recursive: true });
    lay(written.fs as unknown as AnyFs, folder, layout);
    expect(await story(written.fs as unknown as AnyFs, folder, program)).toEqual(theirs);
    const imaged = new VisorFs(imageOfLayout(folder, layout));
    expect(await story(imaged.fs as unknown as AnyFs, folder, program)).toEqual(theirs);
    expect(nodeFs.existsSync(folder), 'written past the fs that was given').toBe(false);
  } finally {
    nodeFs.rmSync(folder, { recursive: true, force: true });
  }
}

function lay(fs: AnyFs, at: string, layout: Layout): void {
  for (const [name, content] of Object.entries(layout)) {
    const file = path.join(at, name);
    fs.mkdirSync(content === null ? file : path.dirname(file), { recursive: true });
    if (content?.startsWith(LINK)) fs.symlinkSync(content.slice(LINK.length), file);
    else if (content !== null) fs.writeFileSync(file, content);
  }
}

function imageOfLayout(at: string, layout: Layout): ReturnType<typeof imageOf> {
  const above = at.slice(1);
  const mtime = Math.floor(Date.now() / 1000);
  const below = Object.entries(layout).map(([name, content]) => {
    const entry = { path: `${above}/${name}`, mtime };
    if (content === null) return { ...entry, type: 'dir' as const, mode: 0o755 };
    const isLink = content.startsWith(LINK);
    if (isLink) return { ...entry, target: content.slice(LINK.length), mode: 0o777 };
    return { ...entry, content, mode: 0o644 };
  });
  return imageOf({ path: above, type: 'dir', mode: 0o755, mtime }, ...below);
}

async function story(fs: AnyFs, at: string, program: Program): Promise<unknown[]> {
  const told: unknown[] = [];
  let step = 'the start';
  const stage: Stage = {
    fs,
    at,
    step: (name) => {
      step = name;
    },
    tell: (...what) => {
      told.push(...what.map((one) => bare(one, at)));
    },
  };
  const faults: unknown[] = [];
  const note = (error: unknown): void => {
    faults.push(error);
  };
  process.on('uncaughtException', note);
  process.on('unhandledRejection', note);
  let timer: NodeJS.Timeout | undefined;
  const stuck = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`stuck at: ${step}`)), PATIENCE_MS);
  });
  try {
    await Promise.race([program(stage), stuck]);
    await new Promise(setImmediate);
  } finally {
    clearTimeout(timer);
    process.off('uncaughtException', note);
    process.off('unhandledRejection', note);
  }
  if (faults.length > 0) throw faults[0];
  return told;
}

/** `value` without the folder's name, and bytes as text. */
function bare(value: unknown, at: string): unknown {
  if (typeof value === 'string') return value.replaceAll(at, '').replaceAll(at.slice(1), '');
  if (value instanceof Uint8Array) return bare(Buffer.from(value).toString('latin1'), at);
  if (value instanceof Error) {
    const { code, message } = value as NodeJS.ErrnoException;
    return bare({ code, message }, at);
  }
  if (Array.isArray(value)) return value.map((one) => bare(one, at));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [bare(key, at), bare(one, at)]),
  );
}

/** Everything below `at`: a line each, with what it holds. */
export function everything(fs: AnyFs, at: string): string[] {
  const lines: string[] = [];
  const pending = [at];
  for (const above of pending) {
    for (const entry of fs.readdirSync(above, { withFileTypes: true })) {
      const below = path.join(above, entry.name);
      if (entry.isDirectory()) pending.push(below);
      const shown = entry.isDirectory()
        ? '/'
        : entry.isSymbolicLink()
          ? `${LINK}${fs.readlinkSync(below)}`
          : `: ${fs.readFileSync(below, 'latin1')}`;
      lines.push(`${below.slice(at.length)}${shown}`);
    }
  }
  return lines.sort();
}
