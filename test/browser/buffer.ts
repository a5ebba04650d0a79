/**
 * Buffer for the suites that run in a page: they hand some in, as callers may. The door has none.
 */

export { Buffer } from 'buffer';
