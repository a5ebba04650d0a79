/**
 * What programs do with a tree, verb by verb, as strace shows it.
 *
 *   1700000000.123456 [hostd] writeFile("/var/log/a") = 0 [812 bytes] <0.000104>
 *   1700000000.124001 stat("/none") = -1 ENOENT <0.000012>
 *   1700000000.124101 rename("/a" -> "/b") = 0 <0.000009>
 *
 * Every verb of node's surface is recorded, in whichever flavour it was called, of every user, and
 * also those that others are made of: cp and streams show what they do. What was open already goes
 * by the name it was opened by, where that is known.
 *
 * Nobody is traced unless he is to be: all verbs come by one place (fs.ts), which asks whether
 * somebody traces and calls the verb. Where somebody does, a call is the verb and a record of it.
 *
 * Not here: glob, watch and openAsBlob beside the verbs that they use; reads of a view in place.
 */

import { text, utf8 } from '../base/bytes.ts';
import type { OpenFile } from '../vfs/handles.ts';
import { NO_INO } from '../vfs/ino.ts';
import { LabelledView } from '../vfs/labelled.ts';
import type { Clock } from '../vfs/live.ts';
import type { Tracer } from '../vfs/shapes.ts';
import type { View } from '../vfs/view.ts';

/** One call of a verb, when it was over. */
export interface TraceRecord {
  /** As node calls it, without Sync. */
  readonly verb: string;
  /** As it was given; of an open file the name it goes by, null where that is not known. */
  readonly path: string | null;
  /** The second path of a verb that takes two. */
  readonly dest: string | null;
  /** The descriptor that was given. */
  readonly fd: number | null;
  /** What came of it: a descriptor, a number of names, whether it is there; else 0, and -1. */
  readonly result: number;
  /** The code of the error, where there was one: an errno, or node's ERR_…. */
  readonly code: string | null;
  /** Bytes that were read or written, of verbs that do. */
  readonly bytes: number | null;
  /** When it began, in milliseconds since 1970. */
  readonly atMs: number;
  /** How long it took, in milliseconds. */
  readonly durationMs: number;
  /** The label of whoever called, if any. */
  readonly label: string | null;
}

/** Takes a record, within the call; it must not throw, and what it does itself is traced too. */
export type TraceSink = (record: TraceRecord) => void;

/** Verbs that stand in for a flavour of another (fs.ts). */
const SAID: Readonly<Record<string, string>> = {
  readCalled: 'read',
  readHandled: 'read',
  realpathNative: 'realpath',
  rmLooking: 'rm',
  rmdirPromised: 'rmdir',
};
const WITH_TWO: ReadonlySet<string> = new Set(['rename', 'link', 'symlink', 'copyFile']);
const WRITERS: ReadonlySet<string> = new Set(['writeFile', 'appendFile']);

/**
 * Gives every verb that is called on a face of `tree` to `sink` from now on; returns what stops
 * that. `now` is a clock for durations that only goes forward, in milliseconds: the clock of the
 * tree unless said. A tree is kept until its trace is stopped. Throws Error where it is traced
 * already.
 *
 * @example
 * const calls = [];
 * const stop = trace(vfs, ({ verb, path, result }) => calls.push(`${verb} ${path} ${result}`));
 * vfs.fs.writeFileSync('/tmp/a', 'text');
 * vfs.fs.existsSync('/none');
 * stop();
 * console.log(calls); // [ 'writeFile /tmp/a 0', 'exists /none 0' ]
 */
export function trace(
  { live }: View,
  sink: TraceSink,
  { now = live.clock }: { readonly now?: Clock } = {},
): () => void {
  if (live.tracer !== null) throw new Error('the tree is traced already: stop that first');
  /** What was opened by which path: whoever only reads has no name in the tree. */
  const opened = new Map<number, string | null>();
  const tracer: Tracer = (name, verb, given, view) => {
    const atMs = live.clock();
    const named = namesOf(name, given, view as View, opened);
    const begin = now();
    let came: Pick<TraceRecord, 'result' | 'code' | 'bytes'> = {
      result: -1,
      code: '',
      bytes: null,
    };
    try {
      const result = verb(...given);
      came = { ...outcomeOf(name, given, result), code: null };
      if (name === 'open') opened.set(came.result, named.path);
      return result;
    } catch (error) {
      came = { ...came, code: String((error as { code?: unknown }).code ?? error) };
      throw error;
    } finally {
      const durationMs = now() - begin;
      const label = view instanceof LabelledView ? view.label : null;
      sink({ verb: SAID[name] ?? name, ...named, ...came, atMs, durationMs, label });
    }
  };
  live.tracer = tracer;
  return () => {
    if (live.tracer === tracer) live.tracer = null;
  };
}

/**
 * `record` as a line, without its end: as strace has it, with times of six places.
 *
 * @example
 * const vfs = new VisorFs(undefined, { clock: () => 1.7e12 });
 * trace(vfs, (record) => {
 *   console.log(traceLine(record));
 *   // 1700000000.000000 [hostd] writeFile("/a") = 0 [4 bytes] <0.000000>
 * });
 * vfs.as({ label: 'hostd' }).writeFileSync('/a', 'text');
 */
export function traceLine(record: TraceRecord): string {
  const { verb, path, dest, fd, result, code, bytes, atMs, durationMs, label } = record;
  const who = label === null ? '' : `[${label}] `;
  const from = [fd, path === null ? null : JSON.stringify(path)].filter((part) => part !== null);
  const to = dest === null ? '' : ` -> ${JSON.stringify(dest)}`;
  const came = code === null ? `${result}` : `${result} ${code}`;
  const many = bytes === null ? '' : ` [${bytes} bytes]`;
  const took = ` <${(durationMs / 1000).toFixed(6)}>`;
  const call = `${who}${verb}(${from.join(' ')}${to})`;
  return `${(atMs / 1000).toFixed(6)} ${call} = ${came}${many}${took}`;
}

/** What a call names. */
function namesOf(
  name: string,
  [first, second]: readonly unknown[],
  view: View,
  opened: ReadonlyMap<number, string | null>,
): Pick<TraceRecord, 'path' | 'dest' | 'fd'> {
  if (typeof first !== 'number') {
    return { path: shown(first), dest: WITH_TWO.has(name) ? shown(second) : null, fd: null };
  }
  try {
    const path = pathOf(view, view.openFile(first)) ?? opened.get(first) ?? null;
    return { path, dest: null, fd: first };
  } catch {
    // It is not open: the verb says so.
    return { path: null, dest: null, fd: first };
  }
}

/** A path as a caller gave it. */
function shown(path: unknown): string | null {
  if (typeof path === 'string') return path;
  if (path instanceof Uint8Array) return text(path);
  return path instanceof URL ? path.href : null;
}

/** The name that an open file goes by. */
function pathOf({ live }: View, { directory, name }: OpenFile): string | null {
  if (directory === NO_INO || name.length === 0) return null;
  const above = text(live.pathOf(directory));
  return `${above === '/' ? '' : above}/${text(name)}`;
}

/** What came of a call that gave `result`. */
function outcomeOf(
  name: string,
  given: readonly unknown[],
  result: unknown,
): Pick<TraceRecord, 'result' | 'bytes'> {
  if (typeof result === 'number') return { result, bytes: null };
  if (typeof result === 'boolean') return { result: Number(result), bytes: null };
  if (name === 'readFile') return { result: 0, bytes: lengthOf(result) };
  if (WRITERS.has(name)) return { result: 0, bytes: lengthOf(given[1]) };
  if (Array.isArray(result)) return { result: result.length, bytes: null };
  const { bytesRead, bytesWritten } = (result ?? {}) as Record<string, number | undefined>;
  const bytes = bytesRead ?? bytesWritten ?? null;
  return { result: bytes ?? 0, bytes };
}

/** Bytes of content; text is counted as UTF-8. */
function lengthOf(content: unknown): number | null {
  if (ArrayBuffer.isView(content)) return content.byteLength;
  return typeof content === 'string' ? utf8(content).length : null;
}
