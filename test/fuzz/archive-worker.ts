/**
 * The process that reads damaged archives: `archive-worker.js FROM TO`, seeds from FROM up to but
 * without TO.
 *
 * It says which seed it is at before it reads it, so that whoever started it can name the one that
 * hangs or kills it. Its heap is limited by a flag of node's; all else by archive-meter.ts.
 */

import { archiveCase } from './archive-case.ts';
import { meterAllocations } from './archive-meter.ts';
import type { ArchiveKind } from './archive-specimens.ts';

/** What the process says: at which seed it is, then what became of that. */
export type WorkerMessage =
  | { readonly at: number }
  | { readonly kind: ArchiveKind; readonly isRead: boolean; readonly largestBytes: number }
  | { readonly failure: string };

/** What an archive may decode to at the least, which is the most that one may ask for here. */
const ALLOCATION_MAX_BYTES = 65 << 20;

const [from = 0, to = 0] = process.argv.slice(2).map(Number);
const meter = meterAllocations(ALLOCATION_MAX_BYTES);
const tell = (message: WorkerMessage): boolean => process.send!(message);

for (let seed = from; seed < to; seed++) {
  tell({ at: seed });
  meter.largest();
  try {
    const { kind, isRead } = await archiveCase(seed);
    const largestBytes = meter.largest();
    if (largestBytes > ALLOCATION_MAX_BYTES) tell({ failure: `allocates ${largestBytes} bytes` });
    else tell({ kind, isRead, largestBytes });
  } catch (error) {
    const { message, cause } = error as Error;
    tell({ failure: `${message}\n${(cause as Error | undefined)?.stack ?? ''}` });
  }
}
process.disconnect();
