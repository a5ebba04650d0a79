/**
 * What is allocated in one piece: every ArrayBuffer and typed array that is made by its size.
 *
 * What a number in an archive makes the engine ask for shows here, before the system has given it
 * and whether or not anyone touches it. Objects and strings are V8's heap, which has a limit of its
 * own; what zlib takes for itself shows in the size of the process.
 */

const CONSTRUCTORS = [
  'ArrayBuffer',
  'SharedArrayBuffer',
  'Int8Array',
  'Uint8Array',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float64Array',
  'BigUint64Array',
] as const;

type Constructor = new (...args: unknown[]) => { readonly byteLength: number };

/** Allocations since they were last looked at. */
export interface Meter {
  /** The largest one, in bytes, and forgets it. */
  largest(): number;
}

/** Counts all that this process allocates from now on; what is above `limitBytes` throws. */
export function meterAllocations(limitBytes: number): Meter {
  let largest = 0;
  const note = (bytes: number): void => {
    largest = Math.max(largest, bytes);
    if (bytes > limitBytes) throw new Error(`allocates ${bytes} bytes at once`);
  };
  const globals = globalThis as unknown as Record<string, Constructor>;
  for (const name of CONSTRUCTORS) {
    const real = globals[name]!;
    const { BYTES_PER_ELEMENT: each = 1 } = real as { BYTES_PER_ELEMENT?: number };
    const metered: Constructor = new Proxy(real, {
      construct(target, args, newTarget) {
        if (typeof args[0] === 'number') note(args[0] * each);
        return Reflect.construct(target, args, newTarget === metered ? target : newTarget);
      },
    });
    globals[name] = metered;
  }
  return {
    largest() {
      const seen = largest;
      largest = 0;
      return seen;
    },
  };
}
