/**
 * `Cast`: an object of many functions that are made when they are first asked for.
 *
 * All of its properties are its own and enumerable, so it can be gone through, spread, copied and
 * patched like one that holds them all. Each is a getter and a setter, and those are shared: ten
 * thousand casts of a hundred functions hold the functions that were used and nothing else.
 *
 * Invariants, which test/nodefs/cast.test.ts attacks: a function is the same one each time, and one
 * that was assigned is what is got; what inherits from a cast may be patched without it. A getter
 * is often called on something else than its cast: on a proxy of it, or on an object that its
 * descriptors were copied to. So a cast names itself in a property that is not gone through but is
 * copied and passed on as the others are. Spies call a getter on nothing at all: it gives them a
 * function that finds its cast when it is called.
 */

/** A property, and what makes its value out of what the cast stands on. */
export type Part<Ground> = readonly [name: string, make: (ground: Ground) => unknown];

/** The properties of a cast, in order. The same list always: accessors are made once for it. */
export type Parts<Ground> = readonly Part<Ground>[];

/** Where a cast names itself: a name, as who copies descriptors by name passes symbols over. */
const SELF = '(cast)';

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
    Object.defineProperty(this, SELF, { value: this, configurable: true });
  }

  static #accessor<G>(name: string, make: (ground: G) => unknown, index: number) {
    return {
      enumerable: true,
      configurable: true,
      get(this: unknown): unknown {
        const cast = Cast.#under<G>(this);
        if (cast === undefined) return Cast.#onWhatItIsCalled(name, make, index);
        return cast.#get(name, make, index);
      },
      set(this: object, value: unknown): void {
        const own = { value, writable: true, enumerable: true, configurable: true };
        Object.defineProperty(this, name, own);
      },
    };
  }

  /** The function `name` of whichever cast it is called on. */
  static #onWhatItIsCalled<G>(name: string, make: (ground: G) => unknown, index: number) {
    return function (this: unknown, ...given: unknown[]): unknown {
      const cast = Cast.#under<G>(this);
      if (cast === undefined) throw new TypeError(`'${name}' is called on no file system`);
      return (cast.#get(name, make, index) as (...given: unknown[]) => unknown)(...given);
    };
  }

  /** The cast that `shown` is, inherits from, stands for or has the descriptors of. */
  static #under<G>(shown: unknown): Cast<G> | undefined {
    const object = Object(shown) as { readonly [SELF]?: Cast<G> };
    return #made in object ? (object as unknown as Cast<G>) : object[SELF];
  }

  #get(name: string, make: (ground: Ground) => unknown, index: number): unknown {
    this.#made[index] ??= titled(name, make(this.#ground));
    return this.#made[index];
  }
}

/** `made`, which stacks call `name` from now on, where it is a function and no class. */
export function titled(name: string, made: unknown): unknown {
  const isFunction = typeof made === 'function' && !/^[A-Z]/.test(made.name);
  return isFunction ? Object.defineProperty(made, 'name', { value: name }) : made;
}
