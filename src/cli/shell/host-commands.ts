/**
 * What the scripts of a host call: backup.sh and auto-backup.sh, logger, kill.
 *
 *   backup.sh 0|1 [folder]   the state into a folder of the tree, or to the boot device
 *   auto-backup.sh           the same to the device, where anything differs
 *   logger                   a line of /var/log/syslog.log
 *   umask                    that of new files, which is always 022
 *   whoami, hostname         root, visorfs
 *   kill                     there are no processes, so none is there to be told
 */

import type { Command } from 'commander';
import { counted } from '../figures.ts';
import { CommandError, type Output, UsageError } from '../output.ts';
import type { Saved, Saving } from './saving.ts';
import type { Tool } from './tools.ts';

const UMASK = '0022';
const LOG = '/var/log/syslog.log';

const BACKUP_HELP = `
Without a folder the state goes to the boot device. That is only written to in a
shell that was started with --write; else nothing is saved, and the exit code is 1.

Example:
  backup.sh 0 /tmp`;

/** The commands, by name. */
export function addHostCommands(saving: Saving): Readonly<Record<string, Tool>> {
  const backup: Tool = (program, out) => addBackupScript(program, out, saving);
  return {
    backup,
    'backup.sh': backup,
    'auto-backup.sh': (program, out) => {
      program
        .description(
          'Saves the state to the boot device where any of it differs from what is there.',
        )
        .allowExcessArguments(false)
        .action(async () => tell(await saving.saveChanged(), out));
    },
    logger: addLogger,
    kill: addKill,
    umask: addUmask,
    hostname: (program, out) => {
      program.description('Says what this host is called.').action(() => out.write('visorfs\n'));
    },
    whoami: (program, out) => {
      program.description('Says who this is.').action(() => out.write('root\n'));
    },
  };
}

function addBackupScript(program: Command, out: Output, saving: Saving): void {
  program
    .description('Saves the state.')
    .usage('0|1 [folder]')
    .argument('[when]', '0, or 1 while shutting down, which is the same here', '0')
    .argument('[folder]', 'a folder of the tree, to write state.tgz to')
    .allowExcessArguments(false)
    .addHelpText('after', BACKUP_HELP)
    .action(async (when: string, folder?: string) => {
      if (when !== '0' && when !== '1') throw new UsageError(`'${when}' is neither 0 nor 1`);
      if (folder === undefined) return tell(await saving.save(), out);
      const { vfs, fs, host, resolve } = out.live!;
      const path = resolve(folder);
      if (fs.statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) {
        throw new CommandError(`Bootbank cannot be found at path '${folder}'`);
      }
      const files = vfs.state().length;
      // As the device of a host would have it, encrypted where that is.
      const blob = await (host ?? vfs).backup();
      const target = path === '/' ? '/state.tgz' : `${path}/state.tgz`;
      fs.writeFileSync(`${target}.part`, blob);
      fs.renameSync(`${target}.part`, target);
      return out.write(`${target}: ${counted(files, 'file')}, ${blob.length} bytes\n`);
    });
}

/** Says what became of the state. Throws CommandError where it is saved nowhere. */
async function tell(saved: Saved, out: Output): Promise<void> {
  switch (saved.what) {
    case 'written':
      return out.write(
        `${saved.bank}: state.tgz, ${counted(saved.files, 'file')}, ${saved.bytes} bytes\n`,
      );
    case 'same':
      return out.write('nothing to save: the state is as the bank has it\n');
    case 'no host':
      throw new CommandError('no bank was booted, so there is no device to save to; name a folder');
    case 'read only':
      throw new CommandError(
        'the boot device stays as it is, nothing is saved; start the shell with --write',
      );
  }
}

function addLogger(program: Command, out: Output): void {
  program
    .description(`Appends a line to ${LOG}: its arguments, or each line of stdin.`)
    .usage('[-t tag] [message...]')
    .argument('[message...]')
    .option('-t, --tag <tag>', 'who says so', 'root')
    .option('-p, --priority <priority>', 'how grave it is; not kept')
    .action(async (message: string[], { tag }: { tag: string }) => {
      const { fs } = out.live!;
      const said =
        message.length > 0
          ? [message.join(' ')]
          : Buffer.from(await out.readAll())
              .toString()
              .split('\n')
              .filter(Boolean);
      const time = new Date().toISOString();
      fs.mkdirSync('/var/log', { recursive: true });
      fs.appendFileSync(LOG, said.map((line) => `${time} ${tag}: ${line}\n`).join(''));
    });
}

function addKill(program: Command): void {
  program
    .description('Tells a process something. There are none here.')
    .usage('[-signal] pid...')
    .argument('[pid...]')
    .allowUnknownOption()
    .action((pids: string[]) => {
      const pid = pids.filter((word) => !word.startsWith('-')).at(0);
      if (pid === undefined) throw new UsageError('it takes a process');
      throw new CommandError(`(${pid}) - No such process`);
    });
}

function addUmask(program: Command, out: Output): void {
  program
    .description(`Says the umask, which is ${UMASK} and stays so.`)
    .argument('[mask]')
    .action(async (mask?: string) => {
      if (mask === undefined) return out.write(`${UMASK}\n`);
      if (mask.padStart(UMASK.length, '0') !== UMASK) {
        throw new CommandError(`'${mask}': it is always ${UMASK} here; chmod gives another mode`);
      }
    });
}
