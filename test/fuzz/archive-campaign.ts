/**
 * Campaigns of damaged archives: processes that read them, watched from outside.
 *
 *   campaign ──► worker: seeds 1 to 2000 ──► at 1 … at 2 … at 3 …
 *                                            no word for a minute, too large, or gone: 3 is named,
 *            ──► worker: seeds 4 to 2003     and the next one goes on behind it
 */

import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { WorkerMessage } from './archive-worker.ts';

/** Seeds of one process: what it leaves behind must not add up for ever. */
const SEEDS_COUNT = 2000;

/** Objects and strings that a worker may hold, in MiB: archives here have 100 KB. */
const HEAP_MIB = 256;

const PROCESS_MAX_BYTES = 1 << 30;
const LOOK_MS = 200;
const FAILURES_MAX_COUNT = 20;
const COMPLAINTS_CHARACTERS = 2000;

/** What to read. */
export interface ArchivePlan {
  /** The module of archive-worker.ts, compiled. */
  readonly worker: URL;
  readonly from: number;
  /** The first seed that is not read any more. */
  readonly to: number;
  /** How long one archive may take, in milliseconds. */
  readonly patienceMs: number;
  /** Called after each archive; what returns true ends the campaign. */
  readonly onCase?: (verdict: ArchiveVerdict, seed: number) => boolean;
}

/** What a campaign came to. */
export interface ArchiveVerdict {
  /** Archives by kind, damaged ones that were read and ones that were refused. */
  readonly read: Map<string, number>;
  readonly refused: Map<string, number>;
  readonly failures: { readonly seed: number; readonly message: string }[];
  /** The largest single allocation and the largest process, in bytes. */
  largestBytes: number;
  processBytes: number;
}

/** Archives of `verdict` that ended in an answer. */
export function countOf({ read, refused }: ArchiveVerdict): number {
  return [...read.values(), ...refused.values()].reduce((sum, count) => sum + count, 0);
}

/** Reads the archives of `plan`; ends early after many failures. */
export async function archiveCampaign(plan: ArchivePlan): Promise<ArchiveVerdict> {
  const verdict: ArchiveVerdict = {
    ...{ read: new Map(), refused: new Map(), failures: [] },
    ...{ largestBytes: 0, processBytes: 0 },
  };
  let from = plan.from;
  while (from < plan.to && verdict.failures.length < FAILURES_MAX_COUNT) {
    const next = await oneWorker(plan, verdict, from, Math.min(plan.to, from + SEEDS_COUNT));
    if (next === null) break;
    from = next;
  }
  return verdict;
}

/** Runs one worker; the seed to go on with, or null where the campaign is to end. */
function oneWorker(
  { worker, patienceMs, onCase }: ArchivePlan,
  verdict: ArchiveVerdict,
  from: number,
  to: number,
): Promise<number | null> {
  const child = fork(fileURLToPath(worker), [String(from), String(to)], {
    execArgv: [`--max-old-space-size=${HEAP_MIB}`],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  return new Promise((resolve) => {
    let at = from;
    let isAnswered = false;
    let isEnded = false;
    let why = '';
    let complaints = '';
    child.stderr!.on('data', (chunk) => {
      complaints = `${complaints}${chunk}`.slice(-COMPLAINTS_CHARACTERS);
    });
    let heardMs = Date.now();
    const stop = (reason: string): void => {
      why = reason;
      child.kill('SIGKILL');
    };
    const watch = setInterval(() => {
      const bytes = residentBytes(child);
      verdict.processBytes = Math.max(verdict.processBytes, bytes);
      if (bytes > PROCESS_MAX_BYTES) stop(`makes the process grow to ${bytes} bytes`);
      else if (Date.now() - heardMs > patienceMs) stop(`is not done in ${patienceMs} ms`);
    }, LOOK_MS);
    child.on('message', (message: WorkerMessage) => {
      heardMs = Date.now();
      if (isEnded) return;
      if ('at' in message) {
        at = message.at;
        isAnswered = false;
        return;
      }
      isAnswered = true;
      note(verdict, at, message);
      if (onCase?.(verdict, at) === true) {
        isEnded = true;
        child.kill('SIGKILL');
      }
    });
    child.on('exit', (code, signal) => {
      clearInterval(watch);
      if (isEnded) {
        resolve(null);
        return;
      }
      const isDone = code === 0 && isAnswered;
      const reason =
        why === '' ? `ends the process: ${signal ?? `code ${code}`}\n${complaints}`.trimEnd() : why;
      if (!isDone) verdict.failures.push({ seed: at, message: reason });
      resolve(at + 1);
    });
  });
}

function note(
  verdict: ArchiveVerdict,
  seed: number,
  message: Exclude<WorkerMessage, { readonly at: number }>,
): void {
  if ('failure' in message) {
    verdict.failures.push({ seed, message: message.failure });
    return;
  }
  const { kind, isRead, largestBytes } = message;
  const counts = isRead ? verdict.read : verdict.refused;
  counts.set(kind, (counts.get(kind) ?? 0) + 1);
  verdict.largestBytes = Math.max(verdict.largestBytes, largestBytes);
}

/** What `child` has in memory; 0 where the system does not say. */
function residentBytes({ pid }: ChildProcess): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    return Number(/VmRSS:\s*(\d+)/.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    // It has ended, or this is no Linux.
    return 0;
  }
}
