/**
 * Why a state is not taken, where it does not lie: it is for somebody else to say more.
 */

/**
 *   ERR_VISORFS_STATE_ENCRYPTED  it is encrypted, and no key was given
 *   ERR_VISORFS_STATE_KEY        the key is another, or the state was changed: nobody can tell
 *   ERR_VISORFS_STATE_NEWER      an image newer than the one that boots has made it
 */
export type StateErrorCode =
  | 'ERR_VISORFS_STATE_ENCRYPTED'
  | 'ERR_VISORFS_STATE_KEY'
  | 'ERR_VISORFS_STATE_NEWER';

/**
 * A state that is not taken; the message says the way out.
 *
 * @example
 * const host = await Host.boot(folderDevice('host'), { stateKey: 'a passphrase' });
 * const blob = await host.backup();
 * await readState(blob).catch((error) => {
 *   console.log(error instanceof StateError, error.code); // true ERR_VISORFS_STATE_ENCRYPTED
 * });
 * console.log((await readState(blob, { key: 'a passphrase' })).tardisk.fileCount); // 1
 */
export class StateError extends Error {
  readonly code: StateErrorCode;

  constructor(code: StateErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
StateError.prototype.name = 'StateError';

/** The error for an encrypted state that messages call `name`, where no key was given. */
export function withoutKey(name: string): StateError {
  return new StateError(
    'ERR_VISORFS_STATE_ENCRYPTED',
    `'${name}' is encrypted and no key was given: give the one it was encrypted with, ` +
      'as --key-file, in VISORFS_STATE_KEY, or as the option stateKey',
  );
}
