#!/usr/bin/env bash
# A host without a disk boots over HTTP with settings of mine, and once more with the server gone.
set -euo pipefail
trap 'echo "line $LINENO: $BASH_COMMAND" >&2' ERR

visorfs serve images/bank --port 0 > address 2> requests &
server=$!
trap 'kill $server 2> /dev/null || true' EXIT
for _ in $(seq 100); do
  grep -q http address && break
  kill -0 "$server"
  sleep 0.1
done
url=$(cat address)
grep '^http://127.0.0.1:[0-9]*/$' address

conf=/etc/vmware/esx.conf
echo '{ "version": 1, "esxConf": { "/adv/Misc/HostName": "mine" } }' > profile.json
boot=(visorfs host boot "$url" --diskless --json)
isCached='JSON.parse(require("fs").readFileSync("boot.json")).isCached'

visorfs cat "$url" "$conf" > served
if grep -q '"mine"' served; then exit 1; fi
"${boot[@]}" --answer profile.json --cache kept > boot.json
node -p "$isCached" | grep -x false
grep ' GET /sb.v00 200 ' requests
visorfs cat kept "$conf" > booted
grep -x '/adv/Misc/HostName = "mine"' booted

kill "$server"
wait "$server" || true
code=0
"${boot[@]}" > boot.json 2> errors || code=$?
test "$code" -eq 1
grep ECONNREFUSED errors
"${boot[@]}" --cache kept > boot.json
node -p "$isCached" | grep -x true
visorfs cat kept "$conf" | cmp - booted
(cd kept/bootbank && sha256sum --quiet -c sha256.sum)
