/**
 * Lint of the state of a host: state.tgz, which holds one local.tgz, and what is in that.
 */

import { text } from '../base/bytes.ts';
import { CorruptError } from '../base/errors.ts';
import { decodedLimitBytes } from '../base/limits.ts';
import { type Source, windowSource } from '../base/source.ts';
import { walkTar } from '../format/tar-walk.ts';
import { headOf, isTar, whatItIs } from '../layer/plain.ts';
import type { LintContext } from './context.ts';
import type { Findings } from './findings.ts';
import { peel } from './layers.ts';
import { lintTar } from './tar.ts';

/** What a state.tgz holds. */
export const LOCAL_FILE = 'local.tgz';
/** The same since 7.0 U2, encrypted. */
const ENCRYPTED_FILE = 'local.tgz.ve';
const KEY_FILE = 'encryption.info';
const STATE_MEMBERS: ReadonlySet<string> = new Set([LOCAL_FILE, ENCRYPTED_FILE, KEY_FILE]);

interface Member {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
}

/** Whether the tar in `plain` is a state: it has a local.tgz, and nothing else. */
export function isState(plain: Source): boolean {
  const members = membersOf(plain);
  return members !== null && members.length > 0 && members.every(({ name }) => isMember(name));
}

/** Looks at the state.tgz in `plain`, which is without compression. */
export async function lintState(
  plain: Source,
  context: LintContext,
  findings: Findings,
): Promise<void> {
  lintTar(plain, findings, 'state');
  for (const { name, offset, size } of membersOf(plain) ?? []) {
    if (name === ENCRYPTED_FILE) {
      findings.add('state-encrypted', 'what is in it cannot be looked at', { place: name });
    }
    if (name !== LOCAL_FILE) continue;
    const within = findings.within(name);
    const stored = windowSource(plain, offset, size, name);
    const local = await peel(stored, context.codec, decodedLimitBytes(size), within);
    if (local === null) continue;
    if (isTar(local)) lintLocal(local, context, within);
    else within.add('not-an-archive', whatItIs(headOf(local), 'wanted is a tar'));
  }
}

/** Looks at the local.tgz in `plain`, which is without compression. */
export function lintLocal(plain: Source, { etcBytes }: LintContext, findings: Findings): void {
  const { pageBytes } = lintTar(plain, findings, 'state');
  if (pageBytes <= etcBytes) return;
  const what = `its files take ${pageBytes} bytes in pages, the ramdisk has ${etcBytes}`;
  findings.add('state-size', what);
}

/** What is in the tar in `plain`; null where it lies. */
function membersOf(plain: Source): Member[] | null {
  const members: Member[] = [];
  try {
    walkTar(plain, ({ kind, path, dataOffset, size }) => {
      if (kind === 'file') members.push({ name: text(path), offset: dataOffset, size });
    });
    return members;
  } catch (error) {
    if (error instanceof CorruptError) return null;
    throw error;
  }
}

function isMember(name: string): boolean {
  return STATE_MEMBERS.has(name.replace(/^\.\//, ''));
}
