/**
 * Node's words for a call that was wrong: TypeErrors and RangeErrors with ERR_* codes.
 *
 * Refusals with an errno are VisorErrors and come from the engine; see base/errors.ts. What is
 * between them is in system-errors.ts.
 */

/** An error with one of node's ERR_* codes. */
export interface CodedError extends Error {
  code: string;
}

/** An error of `kind` with node's `code`. */
export function fault(
  kind: new (message: string) => Error,
  code: string,
  message: string,
): CodedError {
  return Object.assign(new kind(message), { code });
}

/** A file of `size` bytes is more than can be read whole. */
export function tooLarge(size: number): CodedError {
  const message = `File size (${size}) is greater than 2 GiB`;
  return fault(RangeError, 'ERR_FS_FILE_TOO_LARGE', message);
}

/** The encoding `name` is none. */
export function invalidEncoding(name: string): CodedError {
  return fault(TypeError, 'ERR_UNKNOWN_ENCODING', `Unknown encoding: ${name}`);
}

/** `name` should have been `expected`, which is the end of the sentence that says so. */
export function invalidType(
  name: string,
  expected: string,
  actual: unknown,
  inspect: (value: unknown) => string,
): CodedError {
  const what = name.includes('.') ? 'property' : 'argument';
  const was = received(actual, inspect);
  const message = `The "${name}" ${what} must be ${expected}. Received ${was}`;
  return fault(TypeError, 'ERR_INVALID_ARG_TYPE', message);
}

/** `name` is of the right type, but `reason`. */
export function invalidValue(
  name: string,
  actual: unknown,
  inspect: (value: unknown) => string,
  reason = 'is invalid',
): CodedError {
  const whole = inspect(actual);
  const value = whole.length > 128 ? `${whole.slice(0, 128)}...` : whole;
  const what = name.includes('.') ? 'property' : 'argument';
  const message = `The ${what} '${name}' ${reason}. Received ${value}`;
  return fault(TypeError, 'ERR_INVALID_ARG_VALUE', message);
}

/** `name` is a number that is not `range`. */
export function outOfRange(
  name: string,
  range: string,
  actual: unknown,
  inspect: (value: unknown) => string,
): CodedError {
  const message = `The value of "${name}" is out of range. It must be ${range}. Received ${
    isLarge(actual) ? separated(actual) : inspect(actual)
  }`;
  return fault(RangeError, 'ERR_OUT_OF_RANGE', message);
}

/** What `signal` ended: why, is the cause. */
export function abortError({ reason }: AbortSignal): CodedError {
  const error = new Error('The operation was aborted', { cause: reason });
  return Object.assign(error, { code: 'ABORT_ERR', name: 'AbortError' });
}

/** More than `count` events waited for who asked for them one after another. */
export function queueOverflow(count: number): CodedError {
  const message = `fs.watch() queued more than ${count} events`;
  return fault(Error, 'ERR_FS_WATCH_QUEUE_OVERFLOW', message);
}

/** What there is no counterpart for on this platform. */
export function notImplemented(name: string): CodedError {
  return fault(Error, 'ERR_METHOD_NOT_IMPLEMENTED', `The ${name} method is not implemented`);
}

/** A verb on a Dir that was closed. */
export function closedDirectory(): CodedError {
  return fault(Error, 'ERR_DIR_CLOSED', 'Directory handle was closed');
}

/** A synchronous verb on a Dir whose first answer is not told yet. */
export function concurrentDirectory(): CodedError {
  const message =
    'Cannot do synchronous work on directory handle with concurrent asynchronous operations';
  return fault(Error, 'ERR_DIR_CONCURRENT_OPERATION', message);
}

/** A verb on a FileHandle that was closed. */
export function closedError(syscall: string): CodedError {
  return Object.assign(fault(Error, 'EBADF', 'file closed'), { syscall });
}

function isLarge(value: unknown): value is number | bigint {
  if (typeof value === 'bigint') return value > 2n ** 32n || value < -(2n ** 32n);
  return Number.isInteger(value) && Math.abs(value as number) > 2 ** 32;
}

function separated(value: number | bigint): string {
  const grouped = String(value).replace(/\B(?=(\d{3})+$)/g, '_');
  return typeof value === 'bigint' ? `${grouped}n` : grouped;
}

/** `value` as messages say what came in the place of something else. */
export function received(value: unknown, inspect: (value: unknown) => string): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'function') return `function ${value.name}`;
  if (typeof value === 'object') {
    const { name } = value.constructor ?? {};
    return name === undefined ? inspect(value) : `an instance of ${name}`;
  }
  if (typeof value === 'string') {
    const short = value.length > 28 ? `${value.slice(0, 25)}...` : value;
    return `type string (${short.includes("'") ? JSON.stringify(short) : `'${short}'`})`;
  }
  return `type ${typeof value} (${inspect(value)})`;
}
