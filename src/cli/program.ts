/**
 * The command `visorfs`: all commands, and what becomes of what they throw.
 *
 * Whatever goes wrong is one line on stderr, `visorfs: …`, and an exit code: 1 where something
 * could not be done, 2 where the command line is wrong, 0 where the reader of our output has gone,
 * and what a command says itself whose code is an answer.
 */

import fs from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import { SoftwareError } from '../node.ts';
import { addBackup } from './commands/backup.ts';
import { addBoot } from './commands/boot.ts';
import { addBundle } from './commands/bundle.ts';
import { addCat } from './commands/cat.ts';
import { addDemo } from './commands/demo.ts';
import { addDevice } from './commands/device.ts';
import { addExtract } from './commands/extract.ts';
import { addImage } from './commands/image.ts';
import { addLint } from './commands/lint.ts';
import { addLs } from './commands/ls.ts';
import { addRamdisk } from './commands/ramdisk.ts';
import { addRollback } from './commands/rollback.ts';
import { addSeal } from './commands/seal.ts';
import { addServe } from './commands/serve.ts';
import { addSoftware } from './commands/software.ts';
import { addStat } from './commands/stat.ts';
import { addState } from './commands/state.ts';
import { addTardisk } from './commands/tardisk.ts';
import { addTrace } from './commands/trace.ts';
import { addTree } from './commands/tree.ts';
import { addVdf } from './commands/vdf.ts';
import { addVdu } from './commands/vdu.ts';
import { addVib } from './commands/vib.ts';
import { addVmtar } from './commands/vmtar.ts';
import { addWhy } from './commands/why.ts';
import { addLeadingFormatter } from './formatter.ts';
import { ExitError, type Output, OutputClosed, UsageError } from './output.ts';
import { printable } from './printable.ts';
import { refuseUnknown } from './words.ts';

const DONE = 0;
const FAILED = 1;
const MISUSED = 2;

const HELP_COLUMNS = 80;

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
the address of one (http, https), which is booted. Several
images are stacked in their order, the last on top; a bank can only be the
first. Paths inside the images are absolute. Nothing is written to an image but
by boot (bootstates), rollback, device and software.

Examples:
  visorfs ls -l base.v00 hostd.vib /etc     what two archives make of /etc
  visorfs cat images/bank /etc/motd         a file of a booted host
  visorfs --index keep ls base.tgz          at once, from the second time on
  visorfs demo                              the whole story, in seconds

visorfs <command> --help says more about a command.`;

/**
 * Runs the command line `args` (without node and script) and returns the exit code. Never throws.
 */
export async function run(args: readonly string[], out: Output): Promise<number> {
  const help: string[] = [];
  try {
    try {
      await program(out, help).parseAsync(args, { from: 'user' });
    } finally {
      if (help.length > 0) await out.write(help.join(''));
    }
    return DONE;
  } catch (error) {
    if (error instanceof OutputClosed) return DONE;
    // Commander has said what it has to say.
    if (error instanceof CommanderError) return error.exitCode === 0 ? DONE : MISUSED;
    if (error instanceof SoftwareError) {
      // As esxcli writes it, so that whoever reads that reads this.
      const lines = [`[${error.kind}]`, ...error.lines];
      out.complain(lines.map((line) => ` ${printable(line)}\n`).join(''));
      return FAILED;
    }
    const message = error instanceof Error ? error.message : String(error);
    if (message !== '') complain(out, message);
    if (error instanceof ExitError) return error.exitCode;
    return error instanceof UsageError ? MISUSED : FAILED;
  }
}

function complain(out: Output, message: string): void {
  out.complain(`visorfs: ${printable(message)}\n`);
}

function program(given: Output, help: string[]): Command {
  const top = new Command('visorfs')
    .description('Archives mounted in place, ramdisks with honest limits, state that survives')
    .usage('<command> [options] <image>...')
    .version(version(), '--version', 'show the version')
    .addOption(new Option('--index <how>', INDEX).choices(['keep']))
    .option('--key-file <file>', KEY_FILE)
    .option('--force-state', FORCE_STATE)
    .helpOption('--help', 'show this')
    .helpCommand(false)
    .addHelpText('after', EXPLANATION)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => help.push(text),
      writeErr: (text) => given.complain(text),
      getOutHelpWidth: () => HELP_COLUMNS,
      outputError: (text) => {
        const sentence = text.replace(/^error: /, '').trimEnd();
        complain(given, sentence.replaceAll('\n', ' '));
      },
    })
    .action(refuseUnknown);
  // Known once the command line is parsed, which is ahead of any command.
  const out = Object.defineProperty({ ...given }, 'options', { get: () => top.opts() });
  addLeadingFormatter(top);
  addLs(top, out);
  addTree(top, out);
  addCat(top, out);
  addStat(top, out);
  addWhy(top, out);
  addImage(top, out);
  addLint(top, out, version());
  addExtract(top, out);
  addVdf(top, out);
  addVdu(top, out);
  addTardisk(top, out);
  addRamdisk(top, out);
  addTrace(top, out);
  addState(top, out);
  addBoot(top, out);
  addRollback(top, out);
  addBackup(top, out);
  addDevice(top, out);
  addServe(top, out);
  addSeal(top, out);
  addBundle(top, out);
  addVib(top, out);
  addSoftware(top, out);
  addVmtar(top, out);
  addDemo(top, out);
  // Commands inherit this at birth; only the top has words to refuse itself.
  return top.allowExcessArguments();
}

function version(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(fs.readFileSync(file, 'utf8')) as { version: string }).version;
}
