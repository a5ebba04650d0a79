/**
 * Turns: answers are given at once, but not so many of them that nothing else gets its turn.
 *
 * Whoever asks again when he is answered, as one does who waits for a file to be there, is answered
 * out of memory each time, and no timer, no socket and no signal would ever be heard: on a disk the
 * same loop gives way to all of them. So one answer of many waits until the event loop went round,
 * and those that come while it waits wait behind it.
 *
 * Invariants, which test/nodefs/turns.test.ts attacks: answers are given in the order in which they
 * were asked for; a loop of any flavour, which is answered or refused, lets a timer end it.
 *
 * Not here: the work, which is done within the call (flavours.ts).
 */

/** How many answers are given before the event loop goes round once. */
const ANSWERS_PER_TURN = 256;

type Task = () => void;

/** When answers are given. */
export interface Turns {
  /** Calls `task` once the present call has returned. */
  defer(task: Task): void;
  /** Whether a promised answer is to be deferred, so that others get their turn; seldom. */
  isWaiting(): boolean;
}

/**
 * Turns on a platform where `soon` calls a task once the present call has returned, `later` once
 * the event loop went round.
 */
export function turns(soon: (task: Task) => void, later: (task: Task) => void): Turns {
  let count = 0;
  /** What waits for the event loop to go round, or null while nothing has to. */
  let waiting: Task[] | null = null;

  function goOn(): void {
    const tasks = waiting!;
    waiting = null;
    for (const task of tasks) soon(task);
  }

  function isWaiting(): boolean {
    if (waiting === null && ++count % ANSWERS_PER_TURN === 0) {
      waiting = [];
      later(goOn);
    }
    return waiting !== null;
  }

  function defer(task: Task): void {
    if (isWaiting()) waiting!.push(task);
    else soon(task);
  }

  return { defer, isWaiting };
}
