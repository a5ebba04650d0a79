#!/usr/bin/env bash
# Two banks, and two archives: are they the same, which files differ, and what changed in them?
set -euo pipefail
trap 'echo "line $LINENO: $BASH_COMMAND" >&2' ERR

differs() {
  local code=0
  visorfs "$@" > differences || code=$?
  test "$code" -eq 1
}

mkdir -p older/etc newer/etc
echo same | tee older/etc/same newer/etc/same > older/etc/gone
echo one > older/etc/changed
echo two > newer/etc/changed
echo new > newer/etc/new
cp older/etc/same older/etc/mode
cp older/etc/same newer/etc/mode
chmod 600 newer/etc/mode
tar -czf older.tgz -C older etc
tar -cf newer.tar -C newer etc
tar -cf again.tar -C older --sort=name etc

visorfs diff older.tgz again.tar > differences
test ! -s differences
differs diff older.tgz newer.tar
sed '/^$/,$d' differences | sort > found
sort <<'END' | diff found -
- /etc/gone  5 bytes
~ /etc/changed  content
+ /etc/new  4 bytes
~ /etc/mode  mode 0644 -> 0600
END
code=0
diff <(visorfs cat older.tgz /etc/changed) <(visorfs cat newer.tar /etc/changed) > lines || code=$?
test "$code" -eq 1
grep -x '> two' lines

cp -r images/bank host
visorfs diff images/bank host
(visorfs cat host /etc/vmware/esx.conf; echo '/adv/Misc/Lab = "1"') > esx.conf
visorfs state edit host /etc/vmware/esx.conf --set-from esx.conf > edited
differs diff images/bank host
grep '^~ /etc/vmware/esx.conf ' differences
differs state diff images/bank host
grep -x '+/adv/Misc/Lab = "1"' differences
differs diff images/bank images/bank,images/vibs/debug-tools.vib
grep -x '+ vib debug-tools 1.2.0-3' differences
grep '^~ /etc/motd ' differences
