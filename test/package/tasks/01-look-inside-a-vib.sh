#!/usr/bin/env bash
# Somebody hands me a VIB: what files has it, what does one of them say, who made it, does it hold?
set -euo pipefail
trap 'echo "line $LINENO: $BASH_COMMAND" >&2' ERR

vib=images/vibs/hostd.vib
recipe=images/recipes/hostd/tree

visorfs find "$vib" --type f > files
test "$(wc -l < files)" -eq 5
(cd "$recipe" && find . -type f | sed 's/^\.//') > of-recipe
test "$(grep -cxFf of-recipe files)" -eq "$(wc -l < of-recipe)"

visorfs cat "$vib" /etc/init.d/hostd | cmp - "$recipe/etc/init.d/hostd"

visorfs vib info "$vib" > info
grep -x '   Vendor: visorfs' info
grep -x '   File Count: 5' info
grep -x '   Signed: false' info

visorfs vib verify "$vib" > verdict
grep -q ': holds$' verdict

# One byte in its payload.
cp "$vib" damaged.vib
printf 'X' | dd of=damaged.vib bs=1 seek=90000 conv=notrunc status=none
code=0
visorfs vib verify damaged.vib > verdict 2> errors || code=$?
test "$code" -eq 1
grep 'Finding: checksum: hostd' verdict
