/**
 * Range, If-Range and If-None-Match (RFC 9110), for a server of whole files.
 *
 *   Range: bytes=0-499   bytes=500-   bytes=-500     one range; the last 500 bytes
 *
 * A header of any other form is as if it were not there, several ranges too: the answer is the
 * whole file, which every client takes. A range that starts behind the end cannot be satisfied.
 */

/** Bytes of a file, the last one included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/**
 * The range of a file of `size` bytes that `header` asks for; 'whole' where it asks for none,
 * 'unsatisfiable' where the file has no such bytes.
 */
export function rangeOf(
  header: string | undefined,
  size: number,
): ByteRange | 'whole' | 'unsatisfiable' {
  const match = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(header ?? '');
  if (match === null || (match[1] === '' && match[2] === '')) return 'whole';
  const [from, to] = [match[1] === '' ? null : Number(match[1]), Number(match[2])];
  const isLast = from === null;
  const first = isLast ? Math.max(0, size - to) : from;
  const last = isLast || match[2] === '' ? size - 1 : Math.min(to, size - 1);
  if (!isLast && match[2] !== '' && to < first) return 'whole';
  return first > last ? 'unsatisfiable' : { first, last };
}

/** Whether `header`, an If-None-Match, names `etag`. */
export function isMatched(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(',').some((one) => ['*', etag, `W/${etag}`].includes(one.trim()));
}
