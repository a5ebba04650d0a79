/**
 * What was typed into files: what is not saved stays when something else is looked at, and before
 * the page goes, or all that is open, somebody is asked.
 */

interface Draft {
  /** What the file held when it was typed: over anything else it means nothing. */
  readonly before: string;
  readonly typed: string;
}

/** The drafts of the page, by path. */
export class Drafts {
  readonly #drafts = new Map<string, Draft>();
  /** Whether something was saved, into a ramdisk in memory. */
  #isSaved = false;

  constructor() {
    window.addEventListener('beforeunload', (event) => {
      if (this.areHeld) event.preventDefault();
    });
  }

  /** Whether something was typed that goes when the page does. */
  get areHeld(): boolean {
    return this.#isSaved || this.#drafts.size > 0;
  }

  /** Whether something is typed into the file at `path` that is not saved. */
  has(path: string): boolean {
    return this.#drafts.has(path);
  }

  /** Notes that what was typed into a file is in its ramdisk. */
  noteSaved(): void {
    this.#isSaved = true;
  }

  /** What was typed into the file at `path`, which holds `saved`: that where nothing was. */
  textOf(path: string, saved: string): string {
    const draft = this.#drafts.get(path);
    return draft?.before === saved ? draft.typed : saved;
  }

  /** Keeps `typed`, until it is what the file holds. */
  keep(path: string, before: string, typed: string): void {
    if (typed === before) this.#drafts.delete(path);
    else this.#drafts.set(path, { before, typed });
  }

  /** Forgets all that was typed. */
  clear(): void {
    this.#isSaved = false;
    this.#drafts.clear();
  }
}
