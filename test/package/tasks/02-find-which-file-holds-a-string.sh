#!/usr/bin/env bash
# Which files in a boot bank hold a string, in its archives or in its state, and who brought them?
set -euo pipefail
trap 'echo "line $LINENO: $BASH_COMMAND" >&2' ERR

# grep knows the answer: the folders of which the sample bank is made.
cd images/recipes
grep -rlF is_running {base,hostd,vpxa,fdm}/tree | sed 's,^[a-z]*/tree,,' | sort > ../../of-grep
cd ../..
test -s of-grep
visorfs find images/bank --contains is_running | sort | diff of-grep -

visorfs find images/bank --path /etc/init.d --contains is_running --name 'hos*' > one
diff one - <<< /etc/init.d/hostd
visorfs why images/bank /etc/init.d/hostd | grep '^From *tardisk hostd.v00$'

visorfs find images/bank --contains 'nobody wrote this' > none
test ! -s none

# What only the state of a host has.
cp -r images/bank host
visorfs cat host /etc/vmware/esx.conf > esx.conf
echo '/adv/Misc/Owner = "somebody"' >> esx.conf
visorfs state edit host /etc/vmware/esx.conf --set-from esx.conf > edited
visorfs find host --contains 'Owner = "somebody"' | diff - <(echo /etc/vmware/esx.conf)
visorfs find images/bank --contains 'Owner = "somebody"' > none
test ! -s none
