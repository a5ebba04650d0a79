#!/usr/bin/env bash
# I edit three files of a host, and after the reboot one of the edits is there: why only that one?
set -euo pipefail
trap 'echo "line $LINENO: $BASH_COMMAND" >&2' ERR

cp -r images/bank host
sticky=/etc/vmware/hostd/config.xml

visorfs shell host --write -c "
  for file in /tmp/edit /etc/motd $sticky; do
    echo mine >> \$file
    echo \"\$file \$(why \$file | grep ^Backup)\"
  done
  backup" > said
grep '^/tmp/edit *Backup *not saved (outside): it is not below /etc' said
grep '^/etc/motd *Backup *not saved (not-sticky): .* chmod +t$' said
grep "^$sticky *Backup *saved (sticky)" said

# And so it is, after the reboot.
visorfs find host --path /tmp --name edit > none
test ! -s none
visorfs cat host /etc/motd | cmp - images/recipes/base/tree/etc/motd
visorfs cat host "$sticky" > now
tail -n 1 now | grep -x mine
visorfs why host "$sticky" | grep '^Backup *saved (restored)'

# The way out that was named.
visorfs shell host --write -c 'echo mine >> /etc/motd; chmod +t /etc/motd; backup' > said
visorfs cat host /etc/motd > now
tail -n 1 now | grep -x mine

# Straight in the bank it is refused with the same words.
code=0
visorfs state edit host /etc/issue --set-from now 2> refusal || code=$?
test "$code" -eq 1
grep "'/etc/issue' is no state: it is not sticky" refusal
