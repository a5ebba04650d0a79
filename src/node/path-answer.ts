/**
 * Answers to a stateless boot that lie on this machine: a state.tgz, a host profile, or a folder,
 * whose files are put over those of the host.
 *
 * Each of these is a file of root's with the mode and the time that it has here: owners of this
 * machine mean nothing on a host. A folder without files in it leaves nothing. What is neither a
 * file nor a folder is refused, as state holds files.
 */

import fs from 'node:fs/promises';
import path from 'node:path';
import { utf8 } from '../base/bytes.ts';
import { CorruptError } from '../base/errors.ts';
import { ANSWER_FILES_MAX_COUNT, ANSWER_MAX_BYTES } from '../base/limits.ts';
import type { Codec } from '../codec/codec.ts';
import { type Answer, stateOf } from '../state/answer.ts';
import { packState, type StateMember } from '../state/archive.ts';

/**
 * What lies at `file` as an answer, read anew at each boot: a folder, a state.tgz or a host
 * profile. Throws node's own errors then.
 */
export function pathAnswer(file: string, codec: Codec): Answer {
  return {
    name: file,
    async state(tree) {
      const stats = await fs.stat(file);
      if (stats.isDirectory()) return packState(await membersOf(file), codec);
      if (stats.size > ANSWER_MAX_BYTES) throw tooMuch(file);
      return stateOf(await fs.readFile(file), file, codec, tree);
    },
  };
}

function tooMuch(name: string): CorruptError {
  const most = `${ANSWER_FILES_MAX_COUNT} files and ${ANSWER_MAX_BYTES} bytes are the most`;
  return new CorruptError(name, null, `is no answer: ${most}`);
}

async function membersOf(folder: string): Promise<StateMember[]> {
  const entries = await fs.readdir(folder, { recursive: true, withFileTypes: true });
  const members: StateMember[] = [];
  let bytes = 0;
  for (const entry of entries.filter((one) => !one.isDirectory())) {
    const file = path.join(entry.parentPath, entry.name);
    const at = path.relative(folder, file).split(path.sep).join('/');
    if (!entry.isFile())
      throw new CorruptError(folder, null, `'${at}' is no file; state holds files`);
    if (entry.name.startsWith('.#')) {
      throw new CorruptError(
        folder,
        null,
        `'${at}' has a name that starts with .#, which none may`,
      );
    }
    const { size, mode, mtimeMs } = await fs.stat(file);
    bytes += size;
    if (members.length >= ANSWER_FILES_MAX_COUNT || bytes > ANSWER_MAX_BYTES) {
      throw tooMuch(folder);
    }
    const content = await fs.readFile(file);
    const mtimeSeconds = Math.floor(mtimeMs / 1000);
    const owner = { uid: 0, gid: 0 };
    members.push({ ...owner, path: utf8(at), mode: mode & 0o7777, mtimeSeconds, bytes: content });
  }
  return members.sort((one, other) => Buffer.compare(one.path, other.path));
}
