/**
 * Scripts by which bash, zsh and fish complete the command line, made from the commands themselves.
 *
 * All three walk the words before the cursor to the command they are in, and then offer: behind an
 * option with choices, those; behind another that takes a value, and where the command takes
 * arguments, files; behind `-`, options; where there are commands below, those. bash and zsh share
 * the tables, which are `case` of the shell: no process is started at a Tab.
 */

import type { Command, Option } from 'commander';
import { type CommandRow, commandRows, spellings, takesValue } from './command-tree.ts';

/** A shell that completes. */
export type CompletingShell = 'bash' | 'zsh' | 'fish';

/** All of them. */
export const COMPLETING_SHELLS: readonly CompletingShell[] = ['bash', 'zsh', 'fish'];

/** The script by which `shell` completes the commands of `program`. */
export function completionScript(program: Command, shell: CompletingShell): string {
  const rows = commandRows(program);
  if (shell === 'fish') return fishScript(rows);
  return shell === 'bash' ? bashScript(rows) : zshScript(rows);
}

/** The shell's functions that know the commands: bash and zsh read them alike. */
function tables(rows: readonly CommandRow[]): string {
  const steps = rows.filter(({ words }) => words.length > 0).map(({ words }) => quoted(key(words)));
  const lines = rows.map(({ words, below, options }) => {
    const spelled = options.flatMap(spellings).join(' ');
    return `    ${quoted(key(words))}) below='${below.join(' ')}'; options='${spelled}' ;;`;
  });
  const files = rows.filter(({ takesFiles }) => takesFiles).map(({ words }) => quoted(key(words)));
  const values = rows.flatMap(({ words, options }) =>
    options.filter(takesValue).map((option) => {
      const patterns = spellings(option).map((one) => quoted(`${key(words)}:${one}`));
      const choices = option.argChoices ?? [];
      return `    ${patterns.join('|')}) value=1; choices='${choices.join(' ')}' ;;`;
    }),
  );
  return `\
_visorfs_is_command() {
  case "$1" in
    ${steps.join('|')}) return 0 ;;
  esac
  return 1
}
_visorfs_takes_files() {
  case "$1" in
    ${files.join('|')}) return 0 ;;
  esac
  return 1
}
_visorfs_command() {
  case "$1" in
${lines.join('\n')}
  esac
}
_visorfs_value() {
  value=''; choices=''
  case "$1" in
${values.join('\n')}
  esac
}
`;
}

function bashScript(rows: readonly CommandRow[]): string {
  return `\
# Completion of visorfs for bash: source <(visorfs completion bash)
${tables(rows)}_visorfs() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}"
  local at='' below options value choices index IFS=$'\\n'
  # A = is a word of its own here: --option=value is three.
  if [ "$cur" = '=' ]; then cur=''
  elif [ "$prev" = '=' ]; then prev="\${COMP_WORDS[COMP_CWORD-2]}"
  fi
  for ((index = 1; index < COMP_CWORD; index++)); do
    if _visorfs_is_command "$at \${COMP_WORDS[index]}"; then
      at="$at \${COMP_WORDS[index]}"
    fi
  done
  _visorfs_command "$at"
  _visorfs_value "$at:$prev"
  COMPREPLY=()
  if [ -n "$choices" ]; then
    COMPREPLY=($(IFS=' ' compgen -W "$choices" -- "$cur"))
  elif [ -n "$value" ]; then
    COMPREPLY=($(compgen -f -- "$cur"))
  elif [ "\${cur#-}" != "$cur" ]; then
    COMPREPLY=($(IFS=' ' compgen -W "$options" -- "$cur"))
  elif [ -n "$below" ]; then
    COMPREPLY=($(IFS=' ' compgen -W "$below" -- "$cur"))
  elif _visorfs_takes_files "$at"; then
    COMPREPLY=($(compgen -f -- "$cur"))
  fi
}
complete -o filenames -F _visorfs visorfs
`;
}

function zshScript(rows: readonly CommandRow[]): string {
  return `\
#compdef visorfs
# Completion of visorfs for zsh: visorfs completion zsh > a folder of $fpath/_visorfs
${tables(rows)}_visorfs() {
  local cur="\${words[CURRENT]}" prev="\${words[CURRENT-1]}"
  local at='' below options value choices index
  for ((index = 2; index < CURRENT; index++)); do
    if _visorfs_is_command "$at \${words[index]}"; then
      at="$at \${words[index]}"
    fi
  done
  if [[ "$cur" == --*=* ]]; then
    prev="\${cur%%=*}"
    compset -P '*='
  fi
  _visorfs_command "$at"
  _visorfs_value "$at:$prev"
  if [[ -n "$choices" ]]; then compadd -- \${=choices}
  elif [[ -n "$value" ]]; then _files
  elif [[ "$cur" == -* ]]; then compadd -- \${=options}
  elif [[ -n "$below" ]]; then compadd -- \${=below}
  elif _visorfs_takes_files "$at"; then _files
  fi
}
if [ "$funcstack[1]" = _visorfs ]; then _visorfs "$@"; else compdef _visorfs visorfs; fi
`;
}

function fishScript(rows: readonly CommandRow[]): string {
  const names = rows.filter(({ words }) => words.length > 0).map(({ words }) => key(words));
  const lines = rows.flatMap(({ words, command, options, takesFiles }) => {
    const at = `complete -c visorfs -n ${quoted(`__visorfs_at ${quotedWithin(key(words))}`)}`;
    const below = command.commands.flatMap((one) =>
      [one.name(), ...one.aliases()].map(
        (name) => `${at} -f -a ${name} -d ${quoted(one.summary())}`,
      ),
    );
    const choices = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
    if (choices.length > 0) below.push(`${at} -f -a ${quoted(choices.join(' '))}`);
    const files = takesFiles ? [`${at} -F`] : [];
    return [...below, ...files, ...options.map((option) => `${at}${fishOption(option)}`)];
  });
  return `\
# Completion of visorfs for fish: visorfs completion fish | source
function __visorfs_at
  set -l at ''
  for word in (commandline -opc)[2..]
    if contains -- "$at $word" ${names.map(quoted).join(' ')}
      set at "$at $word"
    end
  end
  test "$at" = "$argv[1]"
end
complete -c visorfs -f
${lines.join('\n')}
`;
}

function fishOption(option: Option): string {
  const { short, long, description, argChoices } = option;
  const parts = [
    ...(short === undefined ? [] : [`-s ${short.slice(1)}`]),
    ...(long === undefined ? [] : [`-l ${long.slice(2)}`]),
    ...(takesValue(option)
      ? ['-r', argChoices ? `-f -a ${quoted(argChoices.join(' '))}` : '-F']
      : []),
    `-d ${quoted(description)}`,
  ];
  return parts.map((part) => ` ${part}`).join('');
}

/** What a command is called in the tables: each of its words behind a blank. */
function key(words: readonly string[]): string {
  return words.map((word) => ` ${word}`).join('');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function quotedWithin(text: string): string {
  return `"${text}"`;
}
