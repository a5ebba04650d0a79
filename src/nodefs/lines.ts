/**
 * The lines of an open file, where the platform has no readline: text between \n, \r\n or \r.
 */

import type { Options } from './arguments.ts';

/** What is read at a time, in bytes. */
const CHUNK_BYTES = 64 << 10;
const LINE_ENDS = /\r\n|\n|\r/;

/** What of an open file is used here. */
interface OpenFile {
  read(
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number | null,
  ): Promise<{ bytesRead: number }>;
  close(): Promise<void>;
}

/** The lines of `file` from where it stands, which is closed behind the last one. */
export async function* linesOf(file: OpenFile, options: Options): AsyncGenerator<string> {
  const decoder = new TextDecoder(options.encoding || 'utf-8');
  const chunk = new Uint8Array(CHUNK_BYTES);
  try {
    let rest = '';
    for (let count = -1; count !== 0; ) {
      count = (await file.read(chunk, 0, CHUNK_BYTES, null)).bytesRead;
      rest += decoder.decode(chunk.subarray(0, count), { stream: count > 0 });
      // A \r at the end may be half of an end: what follows tells.
      const isOpen = count > 0 && rest.endsWith('\r');
      const lines = (isOpen ? rest.slice(0, -1) : rest).split(LINE_ENDS);
      rest = lines.pop()! + (isOpen ? '\r' : '');
      yield* lines;
    }
    if (rest !== '') yield rest;
  } finally {
    await file.close();
  }
}
