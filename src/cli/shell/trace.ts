/**
 * `trace <command>` inside the shell: what the command does with the tree, verb by verb on stderr,
 * as strace shows it. What the interpreter asks of the tree to find the command is in it too.
 */

import type { CustomCommand } from 'just-bash';
import { trace, traceLine } from '../../node.ts';
import type { LiveTree, Output } from '../output.ts';
import { quoted } from './shell-fs.ts';

/** The name of the command. */
export const TRACE = 'trace';

const USAGE = 'Usage: trace <command> [argument...]\n';
const MISUSED = 2;

/** The command, over the tree of `live`; `bequeath` gives what it runs the functions of the shell. */
export function traceCommand(live: LiveTree, out: Output, bequeath: () => void): CustomCommand {
  return {
    name: TRACE,
    async execute(args, { cwd, exec, signal }) {
      if (args.length === 0 || exec === undefined) {
        return { stdout: '', stderr: USAGE, exitCode: MISUSED };
      }
      if (args[0] === '--help') return { stdout: USAGE, stderr: '', exitCode: 0 };
      const lines: string[] = [];
      const sink = (record: Parameters<typeof traceLine>[0]): void => {
        lines.push(`${traceLine(record)}\n`);
      };
      const stop = trace(live.vfs, sink, { now: () => out.now() });
      try {
        bequeath();
        const ran = await exec(args.map(quoted).join(' '), signal ? { cwd, signal } : { cwd });
        return { ...ran, stderr: `${lines.join('')}${ran.stderr}` };
      } finally {
        stop();
      }
    },
  };
}
