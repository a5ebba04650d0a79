/**
 * Makes a shell over an open tree: just-bash, which knows nothing of this machine.
 *
 * It sees the tree as its file system and nothing else: no file, variable, user, process or network
 * of this machine. Its commands for networks, Python and JavaScript are not there. Each line ends
 * at a number of commands and rounds of loops, and a script of the boot after a minute too.
 */

import type { Bash, CustomCommand } from 'just-bash';
import type { Stack } from '../images.ts';
import { CommandError, type LiveTree, type Output, type Seat } from '../output.ts';
import { Actor } from './actor.ts';
import { guarded } from './redirections.ts';
import { Saving } from './saving.ts';
import { bytesOf, type JustBash, SESSION_COMMANDS, Session } from './session.ts';
import { ShellFs, type StandIns } from './shell-fs.ts';
import { runTool, type Tool, toolsOf } from './tools.ts';
import { TRACE, traceCommand } from './trace.ts';

/** After so many commands, or rounds of one loop, a line is ended. */
const COMMANDS_MAX = 100_000;
/** The longest that one line may take, in milliseconds. */
const LINE_MAX_MS = 3_600_000;

const ENVIRONMENT: Readonly<Record<string, string>> = {
  HOME: '/',
  HOSTNAME: 'visorfs',
  LOGNAME: 'root',
  PATH: '/bin:/sbin:/usr/bin:/usr/sbin',
  SHELL: '/bin/sh',
  TERM: 'xterm',
  USER: 'root',
};

/** A shell over a tree. */
export interface Shell {
  readonly session: Session;
  readonly actor: Actor;
  readonly live: LiveTree;
  readonly saving: Saving;
  readonly standIns: StandIns;
  /** The names of all commands, sorted. */
  readonly commands: readonly string[];
  /** Who sits before it, for the commands inside. */
  readonly seats: Seats;
}

/** A place that somebody may take. */
export interface Seats {
  seat: Seat | null;
}

/** How a shell is made. */
export interface ShellOptions {
  /** Whether the state may be written to the boot device. */
  readonly isWritten: boolean;
}

/** Opens a shell over `stack`. Throws CommandError where just-bash is not installed. */
export async function openShell(
  { vfs, host }: Stack,
  out: Output,
  { isWritten }: ShellOptions,
): Promise<Shell> {
  const just = await justBash();
  const actor = new Actor(vfs);
  const live: LiveTree = {
    vfs,
    get fs() {
      return actor.fs;
    },
    host,
    resolve: (path) => path,
  };
  const saving = new Saving(live, isWritten);
  const tools = toolsOf(saving);
  const commands = new Set<string>();
  const own = new Set(Object.keys(tools));
  const standIns: StandIns = { commands, own, isBooting: false, programs: [] };
  const fs = new ShellFs(actor, standIns);
  const seats: Seats = { seat: null };
  const bequeath = (): void => session.bequeath();
  const inside: Inside = { tools, live, out, fs, just, seats, bequeath };
  const customCommands = [
    ...[...own].map((name) => commandOf(name, inside)),
    traceCommand(live, out, { bequeath, latin1FromBytes: just.latin1FromBytes }),
  ];
  const interpreter = (): Bash => {
    const bash = new just.Bash({
      fs,
      cwd: '/',
      env: { ...ENVIRONMENT },
      customCommands,
      executionLimits: {
        maxCommandCount: COMMANDS_MAX,
        maxLoopIterations: COMMANDS_MAX,
        maxExecutionTimeMs: LINE_MAX_MS,
      },
      processInfo: { pid: 2, ppid: 1, uid: 0, gid: 0 },
    });
    bash.registerTransformPlugin({
      name: 'redirections',
      transform: ({ ast }) => ({ ast: guarded(ast) }),
    });
    return bash;
  };
  const session = new Session({ just, interpreter, env: ENVIRONMENT, texts: fs });
  const names = [...just.getCommandNames(), ...own, TRACE];
  for (const name of [...names, ...SESSION_COMMANDS]) commands.add(name);
  return { session, actor, live, saving, standIns, seats, commands: names.sort() };
}

interface Inside {
  readonly seats: Seats;
  /** Gives what `exec` runs next the functions of the session. */
  readonly bequeath: () => void;
  readonly tools: Readonly<Record<string, Tool>>;
  readonly live: LiveTree;
  readonly out: Output;
  readonly fs: ShellFs;
  readonly just: JustBash;
}

/** The tool `name` as a command of just-bash. */
function commandOf(name: string, inside: Inside): CustomCommand {
  const { tools, live, out, fs, just, seats, bequeath } = inside;
  return {
    name,
    async execute(args, { cwd, stdin, signal, exec }) {
      const written: Uint8Array[] = [];
      const complaints: string[] = [];
      const world: Output = {
        write: async (chunk) => {
          written.push(Buffer.from(chunk));
        },
        readAll: async () => Buffer.from(just.latin1FromBytes(stdin), 'latin1'),
        complain: (text) => {
          complaints.push(text);
        },
        isTerminal: false,
        options: {},
        env: {},
        ask: null,
        now: () => out.now(),
        signal: signal ?? out.signal,
        whole: (act) => act(),
        lent: (act) => act(),
        live: {
          ...live,
          resolve: (path) => fs.resolvePath(cwd, path),
          ...(seats.seat === null ? {} : { seat: seats.seat }),
          run: async (line) => {
            bequeath();
            const { stdout, stderr, exitCode } = await exec!(
              line,
              signal ? { cwd, signal } : { cwd },
            );
            return { stdout: bytesOf(stdout), stderr, code: exitCode };
          },
        },
      };
      const exitCode = await runTool(tools, name, args, world);
      const stdout = Buffer.concat(written).toString('latin1');
      return { stdout, stdoutKind: 'bytes', stderr: complaints.join(''), exitCode };
    },
  };
}

/** The package that the shell is made of, which only who opens a shell needs. */
async function justBash(): Promise<JustBash> {
  try {
    return await import('just-bash');
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new CommandError(
      'the shell needs the package just-bash, which is not installed: npm install just-bash@3.4.2',
      { cause: error },
    );
  }
}
