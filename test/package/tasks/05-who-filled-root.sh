#!/usr/bin/env bash
# The root ramdisk is full and a service fails: which script filled it, and which only suffers?
set -euo pipefail
trap 'echo "line $LINENO: $BASH_COMMAND" >&2' ERR

# Somebody's script: an agent fills 30 MB bit by bit, and a service cannot write its little file.
cat > fill.mjs <<'END'
export default (vfs) => {
  const agent = vfs.as({ label: 'agent' });
  for (let part = 0; part < 30; part++) agent.appendFileSync('/agent.log', new Uint8Array(1e6));
  vfs.as({ label: 'service' }).writeFileSync('/etc/small', new Uint8Array(4e6));
};
END
code=0
visorfs ramdisk top images/bank --run fill.mjs --json > top.json 2> errors || code=$?
test "$code" -eq 1
grep "ENOSPC.*the ramdisk 'root' is full" errors
node -p 'JSON.parse(require("fs").readFileSync("top.json")).growing[0].maker' | grep -x agent
node -p 'JSON.parse(require("fs").readFileSync("top.json")).labels[0].label' | grep -x agent
code=0
visorfs image trace images/bank --run fill.mjs > calls 2> errors || code=$?
test "$code" -eq 1
grep '\[service\] writeFile("/etc/small") = -1 ENOSPC' calls
test "$(grep -c '\[agent\].* = 0 ' calls)" -eq 30

# A script of the host itself: its local.sh, which runs at the end of every boot.
cp -r images/bank host
cat > local.sh <<'END'
#!/bin/sh
printf '%08000000d\n' 7 > /var/log/leak.log
cat /var/log/leak.log /var/log/leak.log /var/log/leak.log > /var/log/leak.all
exit 0
END
visorfs state edit host /etc/rc.local.d/local.sh --set-from local.sh > edited
code=0
visorfs shell host -c 'vdf; ramdisk top
  cp /var/log/leak.log /etc/small' > seen 2> errors || code=$?
test "$code" -eq 1
awk '$1 == "root" && $5 + 0 >= 95 { full = 1 } END { exit !full }' seen
grep "ENOSPC.*the ramdisk 'root' is full" errors
sed -n 3p <(sed -n '/^Largest/,$p' seen) | grep '/var/log/leak.all$'
visorfs find host --contains /var/log/leak.all | diff - <(echo /etc/rc.local.d/local.sh)
