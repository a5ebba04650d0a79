/**
 * vobd: what an administrator should hear of, in a log of the host's own tree.
 *
 *   2026-11-28T12:00:00.123Z: [GenericCorrelator] 61000000us: [esx.problem.…] The ramdisk 'root' …
 *
 * The shape is that of ESXi's /var/log/vobd.log: when, who put it together, how long the host was
 * up in microseconds, the id, the words. A line break in a path is written as `\n`.
 *
 * The log lies in a ramdisk that may be the full one. What cannot be written is dropped and
 * counted, and the count is the next line that fits; what is told of the log itself is dropped too,
 * so that it never speaks of itself. It is bounded: of more than 64 KiB the older half goes.
 *
 * Not here: which events there are (report/problems.ts, events.ts).
 */

import { text, utf8 } from '../base/bytes.ts';
import { VisorError } from '../base/errors.ts';
import { O_APPEND, O_CREAT, O_WRONLY } from '../vfs/flags.ts';
import type { View } from '../vfs/view.ts';
import type { HostEvent } from './events.ts';

/** Where the log lies. */
export const VOBD_LOG = '/var/log/vobd.log';
const FOLDER = '/var/log';
const MODE = 0o644;
const LOG_MAX_BYTES = 64 << 10;

/** The log of one boot. */
export class Vobd {
  readonly #tree: View;
  readonly #bootedMs: number;
  #droppedCount = 0;

  /** A log in `tree`, of a host that was booted at `bootedMs`; nothing is written yet. */
  constructor(tree: View, bootedMs: number) {
    this.#tree = tree;
    this.#bootedMs = bootedMs;
  }

  /** Adds the line of `event`, or counts it as dropped where the log cannot be written. */
  note(event: HostEvent & { readonly path?: string | null }): void {
    if (event.path === VOBD_LOG) {
      this.#droppedCount += 1;
      return;
    }
    const lines = this.#droppedCount === 0 ? [] : [this.#lineOf(this.#dropped(event.atMs))];
    lines.push(this.#lineOf(event));
    try {
      this.#append(utf8(lines.join('')));
      this.#droppedCount = 0;
    } catch (error) {
      if (!(error instanceof VisorError)) throw error;
      // A log must not fail its host; that something is missing, its next line says.
      this.#droppedCount += 1;
    }
  }

  #dropped(atMs: number): HostEvent {
    const message = `${this.#droppedCount} events could not be logged.`;
    return { id: 'visorfs.vobd.dropped', severity: 'warning', message, atMs };
  }

  #lineOf({ id, message, atMs }: HostEvent): string {
    const upUs = Math.max(0, Math.round((atMs - this.#bootedMs) * 1000));
    const said = message.replaceAll('\n', String.raw`\n`);
    return `${new Date(atMs).toISOString()}: [GenericCorrelator] ${upUs}us: [${id}] ${said}\n`;
  }

  #append(lines: Uint8Array): void {
    const tree = this.#tree;
    if (!tree.has(FOLDER)) tree.mkdirs(FOLDER, 0o755);
    const file = tree.reach(VOBD_LOG, O_WRONLY | O_CREAT | O_APPEND, MODE);
    const size = tree.live.size(file.ino);
    if (size + lines.length <= LOG_MAX_BYTES) {
      tree.write(file, lines, null);
      return;
    }
    const kept = text(tree.copyOf(file.ino)).slice(-LOG_MAX_BYTES / 2);
    tree.replace(file, utf8(kept.slice(kept.indexOf('\n') + 1) + text(lines)));
  }
}
