/**
 * The machine's own tools for disks, which are the judges of ours: sfdisk, mtools and fsck.fat.
 * Where one is not there, tests that need it skip, and say so.
 */

import { spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Administrators' tools are not on everybody's path. */
const ENV = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin`, LC_ALL: 'C.UTF-8' };

/** What a tool said, and how it ended. */
export interface Told {
  readonly status: number | null;
  readonly out: string;
}

/**
 * A shell that starts the tools. A process that this one starts costs 6 ms before it runs, as the
 * kernel copies what this one has mapped; one that a shell starts, a fraction of that.
 */
class Shell {
  readonly #asked: number;
  readonly #said: number;
  readonly #chunk = Buffer.alloc(1 << 16);

  constructor() {
    const folder = mkdtempSync(join(tmpdir(), 'visorfs-shell-'));
    const [asked, said] = ['asked', 'said'].map((name) => join(folder, name));
    spawnSync('mkfifo', [asked!, said!]);
    // Both ways first, as opening one end of a pipe waits for the other. In the end each side has
    // the one it needs: the shell ends with this process, and who waits for an answer of a shell
    // that is gone is told.
    const both = [openSync(asked!, 'r+'), openSync(said!, 'r+')];
    const [stdin, stdout] = [openSync(asked!, 'r'), openSync(said!, 'w')];
    this.#asked = openSync(asked!, 'w');
    this.#said = openSync(said!, 'r');
    spawn('sh', { env: ENV, stdio: [stdin, stdout, stdout] }).unref();
    for (const fd of [...both, stdin, stdout]) closeSync(fd);
    rmSync(folder, { recursive: true });
  }

  /** Runs `words`; what the command says to both stdout and stderr is in `out`. */
  run(words: readonly string[]): Told {
    const quoted = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
    writeSync(this.#asked, `${quoted} < /dev/null; printf '\\0%d\\0' $?\n`);
    const parts: Buffer[] = [];
    for (let ends = 0; ends < 2; ) {
      const count = readSync(this.#said, this.#chunk);
      if (count === 0) throw new Error(`the shell is gone that was to run ${quoted}`);
      const part = Buffer.from(this.#chunk.subarray(0, count));
      ends += part.filter((byte) => byte === 0).length;
      parts.push(part);
    }
    const [out, status] = Buffer.concat(parts).toString().split('\0');
    return { status: Number(status), out: out! };
  }
}

let shell: Shell | null = null;

/** Runs `tool`; what it says to both stdout and stderr is in `out`. */
export function tool(name: string, ...args: readonly string[]): Told {
  shell ??= new Shell();
  return shell.run([name, ...args]);
}

/** Which of `tools` is not here; told on stderr. */
export function missingOf(tools: readonly string[]): readonly string[] {
  const missing = tools.filter((name) => {
    const asked = { env: ENV, stdio: 'ignore' } as const;
    return (spawnSync(name, ['--version'], asked).error as { code?: string })?.code === 'ENOENT';
  });
  if (missing.length > 0) process.stderr.write(`skipped: there is no ${missing.join(', ')} here\n`);
  return missing;
}

/** What fsck.fat finds in the bytes of a file system; whoever asks gives it a folder. */
export function fsckFat(
  folder: string,
  bytes: Uint8Array,
): { damage: string[]; lostClusters: number } {
  const file = join(folder, 'fsck.img');
  writeFileSync(file, bytes);
  return fsckOf(file);
}

/** What fsck.fat finds in the file system in `file`. */
export function fsckOf(file: string): { damage: string[]; lostClusters: number } {
  const { status, out } = tool('fsck.fat', '-n', file);
  const lost = /Reclaimed (\d+) unused cluster/.exec(out);
  const said = out.split('\n').filter((line) => {
    const isSummary = /^(fsck\.fat |.*: \d+ files, |\s*$|Leaving filesystem unchanged|Reclaimed )/;
    return !isSummary.test(line) && line !== 'Checking for unused clusters.';
  });
  const isOk = status === 0 || (status === 1 && lost !== null);
  if (!isOk && said.length === 0) said.push(`exit code ${status}`);
  return { damage: said, lostClusters: Number(lost?.[1] ?? 0) };
}

/** A new folder; gone when `remove` is called. */
export function newFolder(): { folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'visorfs-disk-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
