#!/usr/bin/env bash
# A program of mine gets 32 MB over an image, is refused there, and I see what it has changed.
set -euo pipefail
trap 'echo "line $LINENO: $BASH_COMMAND" >&2' ERR

cat > program.mjs <<'END'
/** It takes any fs. It knows nothing of where it runs. */
export function work(fs) {
  fs.appendFileSync('/etc/motd', 'I was here\n');
  fs.rmSync('/etc/issue');
  fs.mkdirSync('/work');
  for (let part = 0; ; part++) fs.appendFileSync('/work/core', new Uint8Array(2 ** 20));
}
END
cat > sandbox.mjs <<'END'
import { Image, openTardisk, VisorFs } from 'visorfs';
import { work } from './program.mjs';

const base = Image.of(await openTardisk('images/bank/sb.v00'));
const box = new VisorFs(base, { ramdisks: [{ name: 'box', path: '/', size: '32mb' }] });
const before = box.snapshot();
try {
  work(box.fs);
} catch (error) {
  console.log(error.code);
}
const { size } = box.fs.statSync('/work/core');
console.log(size / 2 ** 20);
const { usedBytes, sizeBytes } = box.vdf().ramdisks[0];
console.log(usedBytes <= sizeBytes && sizeBytes === 32 * 2 ** 20 && usedBytes >= size);
for (const { path, change } of box.changes()) console.log(path, change);
box.rollback(before);
console.log(box.changes().length, box.fs.existsSync('/etc/issue'));
END

node sandbox.mjs > said
diff said - <<'END'
ENOSPC
31
true
/etc/issue deleted
/etc/motd modified
/work added
/work/core added
0 true
END
# Nothing of it is on this machine.
test ! -e /work/core
(cd images/bank && sha256sum --quiet -c sha256.sum)
