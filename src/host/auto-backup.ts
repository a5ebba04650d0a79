/**
 * Auto-backup: what looks after the state of a host that runs.
 *
 *   due ─► did anything change? ─► does it differ from the bank's state? ─► counter ─► rebuild
 *            no: unchanged           no: unchanged                                      └► saved
 *
 * As on ESXi it is due at minute 1 of each hour, and at shutdown; where it is told so, also when
 * nothing changed for a while. What differs is told by content, mode and owner, not by times. There
 * are never two at once: what falls due while one is at work waits for it. What changes meanwhile
 * is noticed, and in the next.
 *
 * A device that fails is no reason to stop: the host runs on, the event and the record say what
 * happened, and the next one that is due tries again.
 *
 * Not here: other processes that write to the device, which `exclusively` keeps out.
 */

import { AUTO_BACKUP_RECORDS } from '../base/limits.ts';
import type { TreeDifference } from '../report/compare.ts';
import type { UnsavedChange } from '../visorfs.ts';
import { BACKUP_COUNTER_PATH, countBackup } from './backup-counter.ts';
import type { Host } from './host.ts';

/** What made a backup due. */
export type BackupCause = 'schedule' | 'change' | 'shutdown' | 'asked';

/** One look at whether a backup is needed, and what came of it. */
export interface BackupRecord {
  readonly cause: BackupCause;
  /**
   * saved: it is in the bank; unchanged: there was nothing to be saved; failed: the bank has its
   * old state; busy: the one before was still at work, and another look follows it.
   */
  readonly outcome: 'saved' | 'unchanged' | 'failed' | 'busy';
  /** By the clock of the host, in milliseconds since 1970. */
  readonly atMs: number;
  /** Of the state.tgz that was written; 0 where none was. */
  readonly bytes: number;
  /** How the state differed from that of the bank, by path; empty where that was not looked at. */
  readonly differences: readonly TreeDifference[];
  /** What changed below the state roots and is in no backup, and why. */
  readonly unsaved: readonly UnsavedChange[];
  /** What failed. */
  readonly error: unknown;
}

/** What wakes up later. */
export interface BackupTimer {
  /** Calls `act` in `ms` milliseconds, less than 2 ** 31; returns what stops that. */
  after(ms: number, act: () => void): () => void;
}

/** How the state of a host is looked after. */
export interface AutoBackupOptions {
  /**
   * When it is due next after `nowMs`, both in milliseconds since 1970, or never: at minute 1 of
   * each hour unless said.
   */
  readonly schedule?: (nowMs: number) => number | null;
  /** Also so many milliseconds after the last change of a file below the state roots. */
  readonly debounceMs?: number;
  /** Runs `act` while no other process writes to the device; at once unless said. */
  readonly exclusively?: (act: () => Promise<void>) => Promise<void>;
  /** The timer of the runtime unless said; it keeps no program running. */
  readonly timer?: BackupTimer;
  /** Hears of each record. It must not throw. */
  readonly onRecord?: (record: BackupRecord) => void;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** The longest that timers take. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/**
 * The next minute 1 of an hour after `nowMs`, both in milliseconds since 1970, as ESXi's crontab
 * has it.
 *
 * @example
 * const next = atMinuteOne(Date.UTC(2026, 0, 1, 9, 30));
 * console.log(new Date(next).toISOString()); // 2026-01-01T10:01:00.000Z
 */
export function atMinuteOne(nowMs: number): number {
  const due = Math.floor(nowMs / HOUR_MS) * HOUR_MS + MINUTE_MS;
  return due > nowMs ? due : due + HOUR_MS;
}

const RUNTIME_TIMER: BackupTimer = {
  after(ms, act) {
    const handle: unknown = setTimeout(act, ms);
    // Node's keep a program running until they are told not to; those of a page are numbers.
    (handle as { unref?: () => void }).unref?.();
    return () => clearTimeout(handle as number);
  },
};

/**
 * What looks after the state of one host, from when it is made until it is stopped.
 *
 * @example
 * const host = await Host.boot(folderDevice('host'));
 * const backups = new AutoBackup(host, { debounceMs: 5000 }); // and at minute 1 of each hour
 * host.vfs.fs.appendFileSync('/etc/vmware/esx.conf', '/adv/Misc/Lab = "1"\n');
 * const { outcome, differences } = await backups.shutdown();
 * console.log(outcome, differences.map(({ path }) => path)); // saved [ '/etc/vmware/esx.conf' ]
 */
export class AutoBackup<B extends Uint8Array = Uint8Array> {
  readonly #host: Host<B>;
  readonly #options: AutoBackupOptions;
  readonly #timer: BackupTimer;
  readonly #records: BackupRecord[] = [];
  /** Whether something may have changed since the last state that is in the bank. */
  #isDirty = true;
  /** Whether a change is our own counter. */
  #isCounting = false;
  #isStopped = false;
  /** Looks under way and waiting; it never fails. */
  #last: Promise<unknown> = Promise.resolve();
  #underWay = 0;
  #stopSchedule: () => void = () => {};
  #stopDebounce: () => void = () => {};
  #stopWatching: () => void;
  readonly #stopFollowing: () => void;

  /** Throws RangeError for a `debounceMs` that no timer can wait. */
  constructor(host: Host<B>, options: AutoBackupOptions = {}) {
    const { debounceMs = 0 } = options;
    if (!(Number.isFinite(debounceMs) && debounceMs >= 0 && debounceMs <= TIMER_MAX_MS)) {
      throw new RangeError(`debounceMs is 0 to ${TIMER_MAX_MS}, not ${String(debounceMs)}`);
    }
    this.#host = host;
    this.#options = options;
    this.#timer = options.timer ?? RUNTIME_TIMER;
    this.#stopWatching = this.#watch();
    this.#stopFollowing = host.onReboot(() => {
      this.#stopWatching();
      this.#stopWatching = this.#watch();
      this.#noteChange();
    });
    this.#schedule();
  }

  /** The last looks, the newest last: as many as are kept. */
  get records(): readonly BackupRecord[] {
    return this.#records;
  }

  /**
   * Looks now, after those that are under way, and saves what differs. It does not fail.
   *
   * @example
   * const backups = new AutoBackup(host);
   * host.vfs.fs.appendFileSync('/etc/vmware/esx.conf', '/adv/Misc/Lab = "1"\n');
   * console.log((await backups.look()).outcome, (await backups.look()).outcome); // saved unchanged
   * await backups.stop();
   */
  look(): Promise<BackupRecord> {
    return this.#look('asked');
  }

  /**
   * How the state differs now from that of the bank, but for the counter of backups; nothing is
   * saved. Throws as `Host.stateDiff`.
   */
  async differences(): Promise<TreeDifference[]> {
    const all = await this.#host.stateDiff();
    return all.filter(({ path }) => path !== BACKUP_COUNTER_PATH);
  }

  /** Settles when nothing is under way and nothing waits. */
  async settled(): Promise<void> {
    while (this.#underWay > 0) await this.#last;
  }

  /** Stops looking; what is under way is brought to its end. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#stopSchedule();
    this.#stopDebounce();
    this.#stopWatching();
    this.#stopFollowing();
    await this.#last;
  }

  /**
   * The last look before the host goes down, after those under way; then it is stopped and the
   * device closed.
   */
  async shutdown(): Promise<BackupRecord> {
    const record = await this.#look('shutdown');
    await this.stop();
    this.#host.device.close?.();
    return record;
  }

  #now(): number {
    return this.#host.vfs.live.clock();
  }

  #watch(): () => void {
    return this.#host.vfs.watchState(() => {
      if (!this.#isCounting) this.#noteChange();
    });
  }

  #noteChange(): void {
    this.#isDirty = true;
    const { debounceMs } = this.#options;
    if (debounceMs === undefined || this.#isStopped) return;
    this.#stopDebounce();
    this.#stopDebounce = this.#timer.after(debounceMs, () => this.#fallDue('change'));
  }

  #schedule(): void {
    const now = this.#now();
    const due = (this.#options.schedule ?? atMinuteOne)(now);
    if (due === null || this.#isStopped) return;
    const wait = Math.max(0, due - now);
    this.#stopSchedule = this.#timer.after(Math.min(wait, TIMER_MAX_MS), () => {
      if (wait <= TIMER_MAX_MS) this.#fallDue('schedule');
      this.#schedule();
    });
  }

  /** Looks because time has come; where one is at work, it is followed by one look, not by many. */
  #fallDue(cause: BackupCause): void {
    if (this.#underWay === 0) {
      void this.#look(cause);
      return;
    }
    this.#isDirty = true;
    const message =
      `a backup to '${this.#host.bank}' is still under way when the next is due: ` +
      'the device may hang';
    this.#host.tell('visorfs.backup.busy', 'warning', message);
    this.#note({ ...NOTHING, cause, outcome: 'busy', atMs: this.#now() });
    if (this.#underWay === 1) void this.#look(cause);
  }

  #look(cause: BackupCause): Promise<BackupRecord> {
    this.#underWay += 1;
    const turn = this.#last.then(async () => {
      const record = await this.#tried(cause);
      this.#underWay -= 1;
      this.#note(record);
      return record;
    });
    this.#last = turn;
    return turn;
  }

  async #tried(cause: BackupCause): Promise<BackupRecord> {
    const begun = { ...NOTHING, cause, atMs: this.#now() };
    if (!this.#isDirty) return begun;
    // What changes from here on is not in this one.
    this.#isDirty = false;
    try {
      let record: BackupRecord = begun;
      const exclusively = this.#options.exclusively ?? ((act) => act());
      await exclusively(async () => {
        record = await this.#saved(begun);
      });
      return record;
    } catch (error) {
      this.#isDirty = true;
      const message =
        `the state could not be saved to '${this.#host.bank}', which keeps the one it has: ` +
        `${error instanceof Error ? error.message : String(error)}`;
      this.#host.tell('visorfs.backup.failed', 'error', message);
      return { ...begun, outcome: 'failed', error };
    }
  }

  async #saved(begun: BackupRecord): Promise<BackupRecord> {
    const differences = await this.differences();
    if (differences.length === 0) return begun;
    this.#count();
    const unsaved = this.#host.vfs.unsaved();
    const bytes = await this.#host.rebuild();
    const message = `the state was saved to '${this.#host.bank}': ${differences.length} changes`;
    this.#host.tell('visorfs.backup.saved', 'info', message);
    return { ...begun, outcome: 'saved', bytes, differences, unsaved };
  }

  /**
   * Counts this backup, in it. A host whose image has no place for the counter has none; one whose
   * ramdisk is full is saved all the same.
   */
  #count(): void {
    this.#isCounting = true;
    try {
      countBackup(this.#host.vfs, this.#now());
    } catch (error) {
      const message = `the backup was not counted in ${BACKUP_COUNTER_PATH}: ${String(error)}`;
      this.#host.tell('visorfs.backup.uncounted', 'warning', message);
    } finally {
      this.#isCounting = false;
    }
  }

  #note(record: BackupRecord): void {
    this.#records.push(record);
    if (this.#records.length > AUTO_BACKUP_RECORDS) this.#records.shift();
    this.#options.onRecord?.(record);
  }
}

const NOTHING: Omit<BackupRecord, 'cause' | 'atMs'> = {
  outcome: 'unchanged',
  bytes: 0,
  differences: [],
  unsaved: [],
  error: null,
};
