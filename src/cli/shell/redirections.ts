/**
 * What a redirection that the tree refuses comes to: a command that failed, as in bash.
 *
 * just-bash throws out of it, which ends the whole text and takes what was written before along.
 * Only a body of commands turns what is thrown into a status; so each command that writes to a file
 * is put into one of its own: `cmd > file` runs as `{ cmd > file; }`. A script that is run by its
 * path, `.` and eval are parsed where none of ours is asked, and end as they did.
 */

import type { CommandNode, ScriptNode, StatementNode } from 'just-bash';

/** `ast` with each command that is redirected in a group of its own. */
export function guarded(ast: ScriptNode): ScriptNode {
  return walked(ast) as ScriptNode;
}

/** `node` of a parsed text, and all within, with groups around redirected commands. */
function walked(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(walked);
  if (typeof node !== 'object' || node === null) return node;
  const entries = Object.entries(node).map(([name, value]) => [
    name,
    name === 'commands' && Array.isArray(value) ? value.map(inGroup) : walked(value),
  ]);
  return Object.fromEntries(entries);
}

function inGroup(given: CommandNode): CommandNode {
  const command = walked(given) as CommandNode;
  const writes =
    'redirections' in command && command.redirections.some(({ operator }) => />/.test(operator));
  // `exec` redirects whoever runs it; a function is redirected when it is called.
  if (!writes || command.type === 'FunctionDef' || isExec(command)) return command;
  const statement: StatementNode = {
    type: 'Statement',
    pipelines: [{ type: 'Pipeline', commands: [command], negated: false }],
    operators: [],
    background: false,
  };
  return { type: 'Group', body: [statement], redirections: [] };
}

function isExec(command: CommandNode): boolean {
  if (command.type !== 'SimpleCommand') return false;
  const [first] = command.name?.parts ?? [];
  return first?.type === 'Literal' && first.value === 'exec';
}
