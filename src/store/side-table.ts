/**
 * What few rows have, by row: a Map that forks share until one of them writes.
 *
 * The first write after a fork copies all of it, which is why it is only for what is rare.
 */

/** Values by row. */
export class SideTable<V> {
  #values: Map<number, V>;
  #isShared: boolean;

  constructor(values = new Map<number, V>(), isShared = false) {
    this.#values = values;
    this.#isShared = isShared;
  }

  get size(): number {
    return this.#values.size;
  }

  get(key: number): V | undefined {
    return this.#values.get(key);
  }

  has(key: number): boolean {
    return this.#values.has(key);
  }

  set(key: number, value: V): void {
    this.#own().set(key, value);
  }

  delete(key: number): void {
    if (this.#values.size > 0 && this.#values.has(key)) this.#own().delete(key);
  }

  clear(): void {
    if (this.#values.size > 0) this.#own().clear();
  }

  entries(): IterableIterator<[number, V]> {
    return this.#values.entries();
  }

  /** The same values as a table that changes on its own. */
  fork(): SideTable<V> {
    this.#isShared = true;
    return new SideTable(this.#values, true);
  }

  #own(): Map<number, V> {
    if (this.#isShared) {
      this.#values = new Map(this.#values);
      this.#isShared = false;
    }
    return this.#values;
  }
}
