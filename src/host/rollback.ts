/**
 * Rolling a device back, for the front doors: loaded when first asked for, as the boot loader is.
 */

import type { BootableBank } from './bank.ts';
import type { BootDevice } from './device.ts';

/** A roll back that cannot be; the message says why, and the banks are as they were. */
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
 */
export async function plannedRollback(device: BootDevice): Promise<Rollback> {
  return (await import('./loader.ts')).plannedRollback(device);
}

/**
 * Rolls `device` back, of which nothing is booted: the bank that would be booted next is marked
 * invalid, and no other is touched. Throws RollbackError where it cannot be, and what the bank
 * throws where it cannot be written.
 */
export async function rollBack(device: BootDevice): Promise<Rollback> {
  return (await import('./loader.ts')).rollBack(device);
}
