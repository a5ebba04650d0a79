/**
 * node's `promisify`, for a page: suites that run in Node too ask for it.
 */

type Call = (...given: unknown[]) => unknown;

const CUSTOM = Symbol.for('nodejs.util.promisify.custom');

/** `call`, whose last argument is a callback, as a function that returns a promise. */
export function promisify(call: Call & { readonly [CUSTOM]?: Call }): Call {
  return (
    call[CUSTOM] ??
    ((...given) =>
      new Promise((done, fail) => {
        call(...given, (error: unknown, result: unknown) => (error ? fail(error) : done(result)));
      }))
  );
}
