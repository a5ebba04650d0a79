/**
 * What an administrator of a host should hear of: it goes on, and something did not go well, or
 * something was done that he may look for.
 */

/** One thing that happened to a host. */
export interface HostEvent {
  /** In the manner of ESXi's: `visorfs.boot.bank.skipped`; what ESXi has itself has its name. */
  readonly id: string;
  readonly severity: 'info' | 'warning' | 'error';
  /** A sentence that names the thing and, where there is one, the way out. */
  readonly message: string;
  /** By the clock of the host, in milliseconds since 1970. */
  readonly atMs: number;
}

/** Tells of something that happened now. */
export type TellEvent = (
  id: HostEvent['id'],
  severity: HostEvent['severity'],
  message: string,
) => void;

/** What tells `onEvent`, where there is one, by `clock`. */
export function teller(
  onEvent: ((event: HostEvent) => void) | undefined,
  clock: () => number,
): TellEvent {
  return (id, severity, message) => onEvent?.({ id, severity, message, atMs: clock() });
}
