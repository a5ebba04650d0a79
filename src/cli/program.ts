/**
 * The command `visorfs`: all its commands.
 */

import { type Command, Option } from 'commander';
import { addBundle } from './commands/bundle.ts';
import { addCat } from './commands/cat.ts';
import { addCompletion } from './commands/completion.ts';
import { addDemo } from './commands/demo.ts';
import { addDevice } from './commands/device.ts';
import { addDiff } from './commands/diff.ts';
import { addFind } from './commands/find.ts';
import { addHost } from './commands/host.ts';
import { addImage } from './commands/image.ts';
import { addLint } from './commands/lint.ts';
import { addLs } from './commands/ls.ts';
import { addRamdisk } from './commands/ramdisk.ts';
import { addServe } from './commands/serve.ts';
import { addShell } from './commands/shell.ts';
import { addState } from './commands/state.ts';
import { addTardisk } from './commands/tardisk.ts';
import { addTree } from './commands/tree.ts';
import { addVdf } from './commands/vdf.ts';
import { addVdu } from './commands/vdu.ts';
import { addVib } from './commands/vib.ts';
import { addVmtar } from './commands/vmtar.ts';
import { addWhy } from './commands/why.ts';
import { addLeadingFormatter } from './formatter.ts';
import { Landing } from './landing.ts';
import { EXIT_CODES, manPage } from './man-page.ts';
import type { Output } from './output.ts';
import { hereOption } from './places.ts';
import { bareProgram, runProgram } from './running.ts';
import { version } from './version.ts';
import { refuseUnknown } from './words.ts';

const INDEX =
  'keep: mount a gzipped tar without decoding it, by an index that is kept beside it as ' +
  '<image>.seek and made where it is not there';

const KEY_FILE =
  'a file with the key of the state, which is encrypted then: a passphrase, 64 hexadecimal ' +
  'digits, or 32 bytes; - is stdin; else what is in VISORFS_STATE_KEY';

const FORCE_STATE = 'boot a bank with a state that a newer image has made';

const EXPLANATION = `
An image is an archive (tar of any kind, visor tar, compressed or not), a VIB
(all its payloads), an offline bundle (the newest of each of its VIBs, in the
order of its metadata), or a folder with a boot bank, a disk image with some, or
the address of one (http, https), which is booted; an archive may be at an
address too, or be stdin (-). Several images are stacked in their order, the
last on top; a bank can only be the first. Paths inside the images are absolute.
Nothing is written to an image but by host boot (bootstates), rollback and
software, state edit and rekey, device verify --write, and shell --write.

Examples:
  visorfs ls -l base.v00 hostd.vib /etc     what two archives make of /etc
  visorfs cat images/bank /etc/motd         a file of a booted host
  visorfs --index keep ls base.tgz          at once, from the second time on
  visorfs demo                              the whole story, in seconds

Exit code:
${EXIT_CODES.map(([code, what]) => exitLine(code, what)).join('\n')}

visorfs <command> --help says more about a command.`;

function exitLine(code: number, what: string): string {
  return `  ${String(code).padEnd(4)} ${what.replace('; ', ';\n       ')}`;
}

/**
 * Runs the command line `args` (without node and script) and returns the exit code. Never throws.
 */
export async function run(args: readonly string[], out: Output): Promise<number> {
  const landing = new Landing(out);
  try {
    return await runProgram('visorfs', args, out, (top) => fill(top, out, landing));
  } finally {
    landing.end();
  }
}

function fill(top: Command, given: Output, landing: Landing): void {
  top
    .description('Archives mounted in place, ramdisks with honest limits, state that survives')
    .usage('<command> [options] <image>...')
    .version(version(), '--version', 'show the version')
    .addOption(new Option('--index <how>', INDEX).choices(['keep']))
    .addOption(hereOption('--key-file <file>', KEY_FILE, { stdin: true }))
    .option('--force-state', FORCE_STATE)
    .addHelpText('after', EXPLANATION)
    .action(refuseUnknown);
  // Known once the command line is parsed, which is ahead of any command.
  const world = { ...given, nameOf: landing.nameOf };
  const out = Object.defineProperty(world, 'options', { get: () => top.opts() });
  addLeadingFormatter(top);
  top.hook('preAction', (_, command) => landing.land(command, top.opts()));
  top.commandsGroup('Look into images:');
  addLs(top, out);
  addTree(top, out);
  addCat(top, out);
  addFind(top, out);
  addWhy(top, out);
  addDiff(top, out);
  addLint(top, out, version());
  addVdf(top, out);
  addVdu(top, out);
  top.commandsGroup('By what it is about:');
  addTardisk(top, out);
  addRamdisk(top, out);
  addImage(top, out);
  addVib(top, out);
  addBundle(top, out);
  addState(top, out);
  addDevice(top, out);
  addHost(top, out);
  top.commandsGroup('And:');
  addShell(top, out);
  addServe(top, out);
  addVmtar(top, out);
  addDemo(top, out);
  addCompletion(top, out);
  // Commands inherit this at birth; only the top has words to refuse itself.
  top.allowExcessArguments();
}

/** The manual page. */
export function manual(): string {
  return manPage(commandTree(), version(), EXPLANATION);
}

/** All commands, for what is made from them and never runs one. */
export function commandTree(): Command {
  const fail = (): never => {
    throw new Error('visorfs bug: a command of the tree was run');
  };
  const out: Output = {
    write: fail,
    readAll: fail,
    complain: fail,
    isTerminal: false,
    options: {},
    env: {},
    ask: null,
    now: () => 0,
    signal: new AbortController().signal,
    whole: fail,
    lent: fail,
  };
  const top = bareProgram('visorfs', out, []);
  fill(top, out, new Landing(out));
  return top;
}
