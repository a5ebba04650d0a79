/**
 * States that somebody opens: what is one, and what it is where it is encrypted.
 */

import {
  Image,
  memoryDevice,
  rekeyState,
  type StateKey,
  type Tardisk,
  VisorFs,
} from '../../index.ts';

/** The one member of a state.tgz; the second where it is encrypted. */
const MEMBERS: ReadonlySet<string> = new Set(['local.tgz', 'local.tgz.ve']);
const STATE_FILE = 'state.tgz';

/** Whether `tardisks` are what a backup makes: one, which holds its local.tgz and nothing else. */
export function isState(tardisks: readonly Tardisk[]): boolean {
  if (tardisks.length !== 1) return false;
  const vfs = new VisorFs(Image.of(tardisks[0]!));
  const names = vfs.names('/');
  vfs.release();
  return names.length === 1 && MEMBERS.has(names[0]!);
}

/** The plain state.tgz in `file`. Throws StateError where it takes a key, or another one. */
export async function plainState(file: Blob, key: StateKey | undefined): Promise<Uint8Array> {
  const files = new Map([[STATE_FILE, new Uint8Array(await file.arrayBuffer())]]);
  await rekeyState(memoryDevice(files), key === undefined ? {} : { key });
  return files.get(STATE_FILE)!;
}

/** The key that somebody typed: 64 hexadecimal digits are 32 bytes, as on the command line. */
export function keyOf(typed: string): StateKey {
  if (!/^[0-9a-f]{64}$/i.test(typed)) return typed;
  return Uint8Array.from(typed.match(/../g)!, (digits) => Number.parseInt(digits, 16));
}
