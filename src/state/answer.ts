/**
 * What a host without a state of its own is told of itself at boot.
 *
 * An answer is asked once the modules are mounted, and gives a state.tgz, which is restored over
 * them as one from a bank is: whole or not at all, and saved again by the next backup. A state.tgz
 * is an answer as it is; a folder and a host profile are packed as one. The same answer over the
 * same modules gives the same bytes: a file that is edited keeps its time, a new one has none.
 */

import { concatBytes, text, utf8 } from '../base/bytes.ts';
import { CorruptError } from '../base/errors.ts';
import { type Codec, isGzip } from '../codec/codec.ts';
import { EsxConf } from '../format/esx-conf.ts';
import { type HostProfile, parseHostProfile, withServices } from '../format/host-profile.ts';
import { packState, type StateMember } from './archive.ts';

/** A file of the tree that an answer is for. */
export interface AnsweredFile {
  readonly bytes: Uint8Array;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeSeconds: number;
}

/** The tree that an answer is for: the file at an absolute path, or null. */
export type AnsweredTree = (path: string) => AnsweredFile | null;

/** Where a host gets its state from, in place of its bank. */
export interface Answer {
  /** What messages call it. */
  readonly name: string;
  /** The state, as the bytes of a state.tgz. Throws why there is none. */
  state(tree: AnsweredTree): Promise<Uint8Array>;
}

const ESX_CONF = '/etc/vmware/esx.conf';
const SERVICES = '/etc/chkconfig.db';
/** Of a file that is new: sticky, as what is state is. */
const NEW: Omit<AnsweredFile, 'bytes'> = { mode: 0o1644, uid: 0, gid: 0, mtimeSeconds: 0 };

/**
 * The answer that `bytes` are: a state.tgz, or a host profile. Throws CorruptError where it is
 * neither.
 */
export async function stateOf(
  bytes: Uint8Array,
  name: string,
  codec: Codec,
  tree: AnsweredTree,
): Promise<Uint8Array> {
  if (isGzip(bytes)) return bytes;
  const [first] = text(bytes.subarray(0, 64)).trimStart();
  if (first !== '{') {
    throw new CorruptError(name, 0, 'is no answer: neither a state.tgz nor a host profile');
  }
  return packState(profiled(parseHostProfile(bytes, name), tree), codec);
}

/** What `profile` makes of the files of `tree`, sorted by path. */
function profiled(profile: HostProfile, tree: AnsweredTree): StateMember[] {
  const files = new Map<string, AnsweredFile>();
  for (const [path, { bytes, mode }] of profile.files) files.set(path, { ...NEW, bytes, mode });
  const edit = (path: string, change: (content: Uint8Array) => Uint8Array): void => {
    const file = files.get(path) ?? tree(path) ?? { ...NEW, bytes: concatBytes([]) };
    files.set(path, { ...file, bytes: change(file.bytes) });
  };
  if (profile.esxConf.size > 0) {
    edit(ESX_CONF, (content) => {
      const conf = EsxConf.parse(content);
      for (const [key, value] of profile.esxConf) {
        if (value === null) conf.remove(key);
        else conf.write(key, value);
      }
      return conf.encode();
    });
  }
  if (profile.services.size > 0) {
    edit(SERVICES, (content) => utf8(withServices(text(content), profile.services)));
  }
  return [...files].map(([path, file]) => ({ ...file, path: utf8(path.slice(1)) }));
}
