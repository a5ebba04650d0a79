#!/usr/bin/env bash
# What would the next backup of this host save, why, and is that what is in the state afterwards?
set -euo pipefail
trap 'echo "line $LINENO: $BASH_COMMAND" >&2' ERR

visorfs state list images/bank > list
grep 'restored *  /etc/vmware/esx.conf$' list
test "$(wc -l < list)" -eq 2

cp -r images/bank host
visorfs shell host --write -c '
  echo new > /etc/new.conf
  echo more >> /etc/rc.local.d/local.sh
  echo welcome > /etc/issue; chmod +t /etc/issue
  state list
  backup > /dev/null' > list
awk 'NR > 1 { print $3, $4 }' list > reasons
diff reasons - <<'END'
sticky /etc/issue
sticky /etc/rc.local.d/local.sh
restored /etc/vmware/esx.conf
END

# GNU tar reads what was saved: an archive in an archive, as ESXi has it.
tar -xzOf host/state.tgz local.tgz | tar -tzf - | sed 's,^,/,' | sort > saved
awk '{ print $2 }' reasons | diff - saved
tar -xzOf host/state.tgz local.tgz | tar -xzOf - etc/issue | grep -x welcome

# And by line, against the bank as it was.
code=0
visorfs state diff images/bank host > lines || code=$?
test "$code" -eq 1
grep -x '+welcome' lines
grep -x '+more' lines
