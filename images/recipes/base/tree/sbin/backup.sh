#!/bin/sh
# backup.sh 0|1 [bank]: saves the state into a bank; 1 while shutting down.
WHEN=${1:-0}
BANK=${2:-/bootbank}
[ -d "$BANK" ] || { echo "there is no bank at '$BANK'" >&2; exit 1; }
exec /sbin/visorfs backup --when "$WHEN" "$BANK"
