/**
 * A state between the live tree and where it is kept: with the build that made it, encrypted where
 * the host has a key.
 *
 *   backup   files ─► state.tgz ─► + build ─► encrypted ─► bank
 *   boot     bank ─► decrypted ─► is it newer than the image? ─► files
 *
 * A state with a newer build is refused: its files may say what the older image cannot read. One
 * without a record, as ESXi makes it, is taken. A plain state is taken by a host with a key, which
 * encrypts the next one: whoever can put a plain state into a bank can put another image there too.
 */

import { compareVersions } from '../software/vib-version.ts';
import { STATE_FILE } from '../state/archive.ts';
import { buildOf, withBuild } from '../state/build-record.ts';
import { isSealed, type StateKey } from '../state/seal-marks.ts';
import { StateError, withoutKey } from '../state/state-error.ts';
import type { BootableBank } from './bank.ts';

/** What decides on a state at boot. */
export interface StateOptions {
  /**
   * What the state is encrypted with, and will be at each backup: a passphrase, or a key of 32
   * bytes.
   */
  readonly stateKey?: StateKey;
  /** Takes a state that a newer image has made. */
  readonly forceState?: boolean;
}

/** Hears of what is odd about a state that is taken: what, as the end of an event's name. */
export type StateDoubt = (what: 'plain' | 'newer', message: string) => void;

/** The plain state.tgz `blob`, made by the image `build`, as it is kept where there is a key. */
export async function keptState(
  blob: Uint8Array,
  build: string,
  { stateKey }: StateOptions,
  crypto: Crypto,
): Promise<Uint8Array> {
  const recorded = withBuild(blob, build);
  if (stateKey === undefined) return recorded;
  const { sealState } = await import('../state/sealed.ts');
  return sealState(recorded, stateKey, crypto);
}

/**
 * The plain state.tgz of what is kept as `blob`, which messages call `name`. Throws StateError
 * where it is encrypted and there is no key for it, or not the right one, CorruptError where it
 * lies.
 */
export async function plainState(
  blob: Uint8Array,
  stateKey: StateKey | undefined,
  crypto: Crypto,
  name: string = STATE_FILE,
): Promise<Uint8Array> {
  if (!isSealed(blob)) return blob;
  if (stateKey === undefined) throw withoutKey(name);
  const { unsealState } = await import('../state/sealed.ts');
  return unsealState(blob, stateKey, crypto, name);
}

/**
 * The plain state.tgz that a bank boots with, of what it keeps as `blob`. Throws as `plainState`,
 * and StateError where a newer image has made it and that is not forced.
 */
export async function stateToBoot(
  blob: Uint8Array,
  { bank, cfg: { build } }: BootableBank,
  options: StateOptions,
  crypto: Crypto,
  doubt: StateDoubt,
): Promise<Uint8Array> {
  const name = `${bank.name}/${STATE_FILE}`;
  const plain = await plainState(blob, options.stateKey, crypto, name);
  if (options.stateKey !== undefined && plain === blob) {
    doubt('plain', `'${name}' is not encrypted; the next backup encrypts it`);
  }
  const made = buildOf(plain);
  if (made === null || compareVersions(made, build) <= 0) return plain;
  const fact = `'${name}' was made by the image ${made}, and this one is the older ${build}`;
  if (options.forceState !== true) {
    const out = 'boot the newer image, or take the state all the same with --force-state';
    throw new StateError('ERR_VISORFS_STATE_NEWER', `${fact}: ${out} (forceState)`);
  }
  doubt('newer', `${fact}; it was taken by force`);
  return plain;
}
