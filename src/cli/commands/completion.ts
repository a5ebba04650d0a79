/**
 * `visorfs completion`: a script for a shell, by which it completes this command line.
 */

import { Argument, type Command } from 'commander';
import type { Output } from '../output.ts';
import { COMPLETING_SHELLS, type CompletingShell, completionScript } from '../shell-completion.ts';

const HELP = `
It is made for this version, and starts no process at a Tab. For good:
  bash  in ~/.bashrc: source <(visorfs completion bash)
  zsh   visorfs completion zsh > _visorfs, in a folder of $fpath
  fish  visorfs completion fish > ~/.config/fish/completions/visorfs.fish

Example:
  visorfs completion bash > visorfs.bash && source visorfs.bash`;

/** Adds `completion` to `program`. */
export function addCompletion(program: Command, out: Output): void {
  program
    .command('completion')
    .summary('a script by which a shell completes this')
    .description(
      'Prints a script by which bash, zsh or fish completes commands, options and files.',
    )
    .addArgument(new Argument('<shell>', 'which').choices(COMPLETING_SHELLS))
    .addHelpText('after', HELP)
    .action(async (shell: CompletingShell) => {
      await out.write(completionScript(program, shell));
    });
}
