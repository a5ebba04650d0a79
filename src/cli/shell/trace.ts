/**
 * `trace` inside the shell: what commands do with the tree, verb by verb on stderr, as strace shows
 * it. What the interpreter asks of the tree to find a command is in it too.
 *
 *   trace ls -l /etc            one command; of a pipeline, the one command before which it stands
 *   trace -c 'ls | (cd /; wc)'  a line of shell, with its pipelines, subshells and loops
 *   trace -o /tmp/log -c '…'    into a file of the tree, once the line is done
 *
 * In a pipeline the commands take turns here, so their verbs come one command after the other.
 */

import type { CustomCommand, ExecResult } from 'just-bash';
import { trace, traceLine } from '../../node.ts';
import type { LiveTree, Output } from '../output.ts';
import type { JustBash } from './session.ts';
import { quoted } from './shell-fs.ts';

/** The name of the command. */
export const TRACE = 'trace';

const USAGE = `Usage: trace [-o file] <command> [argument...]
       trace [-o file] -c <line>

Shows what a command, or a line of shell with all its commands, does with the tree.

Example:
  trace -c 'grep -l root /etc/* | (cd /tmp; cat > found)'
`;
const MISUSED = 2;
const UNWRITTEN = 1;

/** What is asked for. */
interface Asked {
  /** What runs, as a line of shell. */
  readonly line: string;
  /** Where the trace goes; null for stderr. */
  readonly file: string | null;
}

/** What the command needs of its shell. */
interface TraceMeans extends Pick<JustBash, 'latin1FromBytes'> {
  /** Gives what it runs the functions of the shell. */
  readonly bequeath: () => void;
}

/** The command, over the tree of `live`. */
export function traceCommand(
  live: LiveTree,
  out: Output,
  { bequeath, latin1FromBytes }: TraceMeans,
): CustomCommand {
  return {
    name: TRACE,
    async execute(args, { cwd, exec, fs, signal, stdin }) {
      if (args[0] === '--help') return { stdout: USAGE, stderr: '', exitCode: 0 };
      const asked = askedBy(args);
      if (asked === null || exec === undefined) {
        return { stdout: '', stderr: USAGE, exitCode: MISUSED };
      }
      const lines: string[] = [];
      const sink = (record: Parameters<typeof traceLine>[0]): void => {
        lines.push(`${traceLine(record)}\n`);
      };
      const stop = trace(live.vfs, sink, { now: () => out.now() });
      let ran: ExecResult;
      try {
        bequeath();
        const input = { stdin: latin1FromBytes(stdin), stdinKind: 'bytes' as const };
        ran = await exec(asked.line, { cwd, ...input, ...(signal ? { signal } : {}) });
      } finally {
        stop();
      }
      if (asked.file === null) return { ...ran, stderr: `${lines.join('')}${ran.stderr}` };
      try {
        await fs.writeFile(fs.resolvePath(cwd, asked.file), lines.join(''));
        return ran;
      } catch (error) {
        const why = `trace: ${asked.file}: ${(error as Error).message}\n`;
        return { ...ran, stderr: `${ran.stderr}${why}`, exitCode: UNWRITTEN };
      }
    },
  };
}

/** What `args` ask for; null where they are none of `trace`. */
function askedBy(args: readonly string[]): Asked | null {
  if (args[0] === '-o') {
    const [, file, ...others] = args;
    const asked = askedBy(others);
    return file === undefined || asked === null ? null : { ...asked, file };
  }
  const [first, line, ...others] = args;
  if (first === '-c') return line === undefined || others.length > 0 ? null : { line, file: null };
  return first === undefined || first.startsWith('-')
    ? null
    : { line: args.map(quoted).join(' '), file: null };
}
