// A redirection that the tree refuses is a command that failed, and no more: bash says what comes
// of the same lines where a device is full.

import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { openShell } from '../../src/cli/shell/open-shell.ts';
import { VisorFs } from '../../src/node.ts';
import { outputOf } from './stage.ts';

const { signal } = new AbortController();

test.each<[string, string]>([
  ['between two others', 'echo before\nprintf abc > FULL\necho "after $?"'],
  ['that appends', 'echo before; printf abc >> FULL; echo "after $?"'],
  ['of a command that reads', 'echo abc | cat > FULL; echo "after $?"'],
  ['of tee', 'echo abc | tee FULL > /dev/null; echo "after $?"'],
  ['in a loop', 'for i in 1 2; do echo $i; echo abc > FULL || echo no; echo "after $i"; done'],
  ['of a function', 'f() { echo in; echo abc > FULL; echo "out $?"; }; f; echo "after $?"'],
  ['of a group', '{ echo a; echo b; } > FULL; x=1; echo "after $x"'],
  ['where a failure ends it', 'set -e; echo before; /usr/bin/printf abc > FULL; echo after'],
  ['as the last', 'echo before; printf abc > FULL'],
])('a refused redirection %s leaves what bash leaves', async (_, text) => {
  const vfs = new VisorFs();
  vfs.fs.mkdirSync('/full');
  vfs.ramdisks.add({ name: 'full', path: '/full', size: 65_536 });
  vfs.fs.writeFileSync('/full/it', '');
  const fill = (): void => vfs.fs.appendFileSync('/full/most', 'x'.repeat(4096));
  expect(() => Array.from({ length: 20 }, fill)).toThrow('ENOSPC');
  const stack = { vfs, host: null, close() {} };
  const { session } = await openShell(stack, outputOf().output, { isWritten: false });
  const here = text.replaceAll('/usr/bin/', '').replaceAll('FULL', '/full/it');
  const ran = await session.script(here, { signal });
  const judge = spawnSync('bash', ['-c', text.replaceAll('FULL', '/dev/full')], {
    encoding: 'utf8',
  });
  expect([Buffer.from(ran.bytes).toString(), ran.code]).toEqual([judge.stdout, judge.status]);
  // The interpreter's own tee has one reason for all that it could not write.
  expect(ran.stderr).toMatch(/No space left on device|^tee: /m);
});
