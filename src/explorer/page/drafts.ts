/**
 * What was typed into files and is not saved: it stays when something else is looked at, and the
 * browser asks before the page goes.
 */

interface Draft {
  /** What the file held when it was typed: over anything else it means nothing. */
  readonly before: string;
  readonly typed: string;
}

/** The drafts of the page, by path. */
export class Drafts {
  readonly #drafts = new Map<string, Draft>();

  constructor() {
    window.addEventListener('beforeunload', (event) => {
      if (this.#drafts.size > 0) event.preventDefault();
    });
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

  /** Forgets all of them. */
  clear(): void {
    this.#drafts.clear();
  }
}
