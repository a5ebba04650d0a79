#!/usr/bin/env bash
# I install an offline bundle of my own on a host, see that its file is there, and take it back.
set -euo pipefail
trap 'echo "line $LINENO: $BASH_COMMAND" >&2' ERR

mkdir -p tree/opt/mine
echo 'it works' > tree/opt/mine/hello
about=(--name mine --vib-version 1.0.0-1 --vendor Me --summary 'A file of mine')
visorfs vib create -o mine.vib tree "${about[@]}" > made
visorfs bundle create -o mine.zip mine.vib images/vibs/debug-tools.vib >> made
visorfs bundle verify mine.zip > verdict
test "$(grep -c ': holds$' verdict)" -eq 2

# A host takes no community software until it is told to, and says how.
cp -r images/bank host
code=0
visorfs host software vib install -d mine.zip -n mine host > refusal 2>&1 || code=$?
test "$code" -eq 1
grep 'host software acceptance set' refusal
visorfs host software acceptance set --level CommunitySupported host > level
cp -r host before

visorfs host software vib install -d mine.zip -n mine host > result
grep 'VIBs Installed: Me_bootbank_mine_1.0.0-1' result
visorfs cat host /opt/mine/hello | cmp - tree/opt/mine/hello
visorfs host software vib list host > installed
grep '^mine *1.0.0-1' installed
visorfs find host --path /opt --name debug-tools > none
test ! -s none

visorfs host rollback --yes host > undone
code=0
visorfs cat host /opt/mine/hello 2> gone || code=$?
test "$code" -eq 1
grep "there is no '/opt/mine/hello'" gone
visorfs diff before host
visorfs device verify host > verdict
