/**
 * How often the state of a host was saved, as ESXi counts it in /etc/vmware/.backup.counter:
 *
 *   # CREATED: 2026-11-28T12:01:00.000Z      when it was first counted
 *   # MODIFIED: 2026-11-28T13:01:00.000Z     when it was last counted
 *   2
 *
 * The source has two comment lines of these names and a number; their exact text is ours. The
 * counter is state itself, so that it goes on after a boot. Whoever compares states leaves it out:
 * it would be a difference in each.
 */

import { text, utf8 } from '../base/bytes.ts';
import { BACKUP_COUNTER_MAX_BYTES } from '../base/limits.ts';
import { keyOf } from '../state/select.ts';
import { O_CREAT, O_WRONLY } from '../vfs/flags.ts';
import type { Tree } from '../vfs/tree.ts';

export const BACKUP_COUNTER_PATH = '/etc/vmware/.backup.counter';

const DIRECTORY = '/etc/vmware';

/**
 * Counts one more in `tree`, at `nowMs`. Nothing is counted where it has no /etc/vmware. Throws as
 * a write does, ENOSPC among them.
 */
export function countBackup(tree: Tree, nowMs: number): void {
  if (!tree.has(DIRECTORY)) return;
  const now = new Date(nowMs).toISOString();
  const { created, count } = read(tree) ?? { created: now, count: 0 };
  const lines = `# CREATED: ${created}\n# MODIFIED: ${now}\n${count + 1}\n`;
  const fd = tree.open(BACKUP_COUNTER_PATH, O_CREAT | O_WRONLY, 0o644);
  try {
    tree.replace(fd, utf8(lines));
  } finally {
    tree.close(fd);
  }
  // From now on as if a restore had brought it: the image has no original of it.
  tree.live.restored = new Set([...tree.live.restored, keyOf(utf8(BACKUP_COUNTER_PATH))]);
}

/** What is counted in `tree`; null where nothing is, or what is there is no counter. */
function read(tree: Tree): { created: string; count: number } | null {
  const ino = tree.seek(BACKUP_COUNTER_PATH);
  if (typeof ino !== 'number' || tree.live.size(ino) > BACKUP_COUNTER_MAX_BYTES) return null;
  const said = text(tree.copyOf(ino));
  const created = /^# CREATED: (\S+)$/m.exec(said)?.[1];
  const count = /^(\d{1,15})$/m.exec(said)?.[1];
  return created === undefined || count === undefined ? null : { created, count: Number(count) };
}
