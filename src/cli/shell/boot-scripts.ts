/**
 * What a host runs when it comes up: its init scripts with `start`, in the order of
 * /etc/chkconfig.db or of their names, then the scripts of /etc/rc.local.d, local.sh last.
 *
 * A script that fails is reported and the boot goes on. One that does not end is ended: after
 * a number of commands and rounds (open-shell.ts), and after `SCRIPT_MAX_MS`. What one writes is
 * counted as written by it, by its name.
 */

import { counted } from '../figures.ts';
import type { Output } from '../output.ts';
import { printable } from '../printable.ts';
import type { Shell } from './open-shell.ts';
import { quoted } from './shell-fs.ts';

const INIT = '/etc/init.d';
const RC = '/etc/rc.local.d';
const ORDER = '/etc/chkconfig.db';
const LAST = 'local.sh';

/** How long one script may take, in milliseconds. */
const SCRIPT_MAX_MS = 30_000;

const MAY_RUN = 0o111;

/**
 * Runs them all, with what they write on stderr, and says there which fail. Throws what `signal`
 * of `out` is aborted with.
 */
export async function runBootScripts(
  shell: Shell,
  out: Output,
  maxMs = SCRIPT_MAX_MS,
): Promise<void> {
  const { actor, session, standIns } = shell;
  standIns.isBooting = true;
  const inits = initScripts(shell);
  const scripts = [...inits, ...rcScripts(shell)];
  for (const path of unlisted(shell, inits)) {
    out.complain(`visorfs: ${printable(path)} is not in ${ORDER}: not run\n`);
  }
  let failed = 0;
  try {
    for (const { path, argument } of scripts) {
      out.signal.throwIfAborted();
      const limit = AbortSignal.timeout(maxMs);
      const signal = AbortSignal.any([limit, out.signal]);
      const label = path.slice(path.lastIndexOf('/') + 1);
      // By its shell, whose texts are guarded against what the tree refuses (redirections.ts).
      const runner = isScript(shell, path) ? 'sh ' : '';
      const line = `${runner}${quoted(path)}${argument}`;
      const ran = await actor.as(label, () => session.script(line, { signal }));
      out.complain(`${Buffer.from(ran.bytes).toString()}${ran.stderr}`);
      if (ran.code === 0) continue;
      failed += 1;
      const why = limit.aborted ? `ended after ${maxMs / 1000} s` : `exit code ${ran.code}`;
      out.complain(`visorfs: ${printable(path)}${argument} failed: ${why}; the boot goes on\n`);
    }
  } finally {
    standIns.isBooting = false;
  }
  if (out.terminal === undefined || scripts.length === 0) return;
  const ran = `${counted(scripts.length, 'script')} ran, ${failed} failed`;
  const stood = counted(new Set(standIns.programs).size, 'ELF program');
  out.complain(`visorfs: ${ran}; ${stood} counted as started: none can run here\n`);
}

interface Script {
  readonly path: string;
  readonly argument: string;
}

function initScripts(shell: Shell): Script[] {
  const { fs } = shell.live.vfs;
  const listed = fs.existsSync(ORDER)
    ? fs
        .readFileSync(ORDER, 'utf8')
        .split('\n')
        .filter((line) => line.startsWith('/'))
    : namesIn(shell, INIT);
  return listed.filter((path) => canRun(shell, path)).map((path) => ({ path, argument: ' start' }));
}

/** The init scripts that could run, and that no line of the order names. */
function unlisted(shell: Shell, inits: readonly Script[]): string[] {
  const listed = new Set(inits.map(({ path }) => path));
  return namesIn(shell, INIT).filter((path) => !listed.has(path) && canRun(shell, path));
}

function rcScripts(shell: Shell): Script[] {
  const paths = namesIn(shell, RC).filter((path) => canRun(shell, path));
  const isLast = (path: string): boolean => path === `${RC}/${LAST}`;
  return [...paths.filter((path) => !isLast(path)), ...paths.filter(isLast)].map((path) => ({
    path,
    argument: '',
  }));
}

function namesIn({ live: { vfs } }: Shell, folder: string): string[] {
  const isFolder = vfs.fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory();
  return isFolder
    ? vfs.fs
        .readdirSync(folder)
        .sort()
        .map((name) => `${folder}/${name}`)
    : [];
}

function canRun({ live: { vfs } }: Shell, path: string): boolean {
  const stats = vfs.fs.statSync(path, { throwIfNoEntry: false });
  return stats?.isFile() === true && (stats.mode & MAY_RUN) !== 0;
}

function isScript({ live: { vfs } }: Shell, path: string): boolean {
  return /^#!\S*sh\b/.test(vfs.fs.readFileSync(path, 'latin1'));
}
