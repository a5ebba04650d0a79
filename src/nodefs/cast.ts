/**
 * `Cast`: an object of many functions that are made when they are first asked for.
 *
 * All of its properties are its own and enumerable, so it can be gone through, spread, copied and
 * patched like one that holds them all. Each is a getter and a setter, and those are shared: ten
 * thousand casts of a hundred functions hold the functions that were used and nothing else.
 *
 * Invariants, which test/nodefs/cast.test.ts attacks: a function is the same one each time, and one
 * that was assigned is what is got; what inherits from a cast may be patched without it.
 */

/** A property, and what makes its value out of what the cast stands on. */
export type Part<Ground> = readonly [name: string, make: (ground: Ground) => unknown];

/** The properties of a cast, in order. The same list always: accessors are made once for it. */
export type Parts<Ground> = readonly Part<Ground>[];

const ACCESSORS = new WeakMap<object, PropertyDescriptor[]>();

/** An object of functions made when they are first asked for. */
export class Cast<Ground> {
  readonly #ground: Ground;
  readonly #made: unknown[] = [];

  constructor(ground: Ground, parts: Parts<Ground>, fixed: object) {
    this.#ground = ground;
    let accessors = ACCESSORS.get(parts);
    if (accessors === undefined) {
      accessors = parts.map(([name, make], index) => Cast.#accessor(name, make, index));
      ACCESSORS.set(parts, accessors);
    }
    for (let index = 0; index < accessors.length; index++) {
      Object.defineProperty(this, parts[index]![0], accessors[index]!);
    }
    Object.assign(this, fixed);
  }

  static #accessor<G>(name: string, make: (ground: G) => unknown, index: number) {
    return {
      enumerable: true,
      configurable: true,
      get(this: object): unknown {
        const cast = Cast.#under<G>(this);
        cast.#made[index] ??= make(cast.#ground);
        return cast.#made[index];
      },
      set(this: object, value: unknown): void {
        const own = { value, writable: true, enumerable: true, configurable: true };
        Object.defineProperty(this, name, own);
      },
    };
  }

  /** The cast that `shown` is or inherits from. */
  static #under<G>(shown: object): Cast<G> {
    let at = shown;
    while (!(#made in at)) at = Object.getPrototypeOf(at) as object;
    return at as unknown as Cast<G>;
  }
}
