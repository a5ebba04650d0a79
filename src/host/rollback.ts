/**
 * Rolling a device back, for the front doors: loaded when first asked for, as the boot loader is.
 */

import type { BootableBank } from './bank.ts';
import type { BootDevice } from './device.ts';

/**
 * A roll back that cannot be; the message says why, and the banks are as they were.
 *
 * @example
 * await rollBack(folderDevice('host')).catch((error) => {
 *   console.log(error instanceof RollbackError, error.message);
 *   // true No alternate hypervisor to roll back to.
 * });
 */
export class RollbackError extends Error {}
RollbackError.prototype.name = 'RollbackError';

/** From which bank to which one. */
export interface Rollback {
  readonly from: BootableBank;
  readonly to: BootableBank;
}

/**
 * What a roll back of `device` would do. Nothing is written. Throws RollbackError where it cannot
 * be.
 *
 * @example
 * const { from, to } = await plannedRollback(folderDevice('pair'));
 * console.log(from.bank.name, to.bank.name); // bootbank altbootbank
 */
export async function plannedRollback(device: BootDevice): Promise<Rollback> {
  return (await import('./loader.ts')).plannedRollback(device);
}

/**
 * Rolls `device` back, of which nothing is booted: the bank that would be booted next is marked
 * invalid, and no other is touched. Throws RollbackError where it cannot be, and what the bank
 * throws where it cannot be written.
 *
 * @example
 * await rollBack(folderDevice('pair'));
 * console.log((await Host.boot(folderDevice('pair'))).bank); // altbootbank
 */
export async function rollBack(device: BootDevice): Promise<Rollback> {
  return (await import('./loader.ts')).rollBack(device);
}
