#!/usr/bin/env bash
# I make a VIB from a folder, check it, sign it with a key of my own, and install it on a host.
set -euo pipefail
trap 'echo "line $LINENO: $BASH_COMMAND" >&2' ERR

mkdir -p tree/opt/mine/bin tree/etc/mine
printf '#!/bin/sh\necho hello\n' > tree/opt/mine/bin/hello
chmod 755 tree/opt/mine/bin/hello
echo 'level = 1' > tree/etc/mine/mine.conf
about=(--name mine --vib-version 1.0.0-1 --vendor Me --summary 'Says hello')

visorfs vib create -o mine.vib tree "${about[@]}" > made
visorfs vib create -o again.vib tree "${about[@]}" > made
cmp mine.vib again.vib
visorfs vib verify mine.vib | grep ': holds$'
visorfs image extract mine.vib -C out > extracted
diff -r tree out
test -x out/opt/mine/bin/hello

# Signed, it may say that a partner stands for it, to those who trust the certificate.
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -subj /CN=Me 2> log
openssl req -x509 -newkey rsa:2048 -nodes -keyout other.key -out other.pem -subj /CN=Else 2> log
signed=(--acceptance-level partner --sign key.pem --cert cert.pem)
visorfs vib create -o signed.vib tree "${about[@]}" "${signed[@]}" > made
visorfs vib verify --trust cert.pem signed.vib > verdict
grep 'Signature: trusted' verdict
code=0
visorfs vib verify --trust other.pem signed.vib > verdict 2> errors || code=$?
test "$code" -eq 1
grep 'Signature: untrusted' verdict

cp -r images/bank host
code=0
visorfs host software vib install -v signed.vib host > refusal 2>&1 || code=$?
test "$code" -eq 1
grep 'no root that was named vouches' refusal
visorfs host software vib install -v signed.vib --trust cert.pem host > result
visorfs cat host /opt/mine/bin/hello | cmp - tree/opt/mine/bin/hello
visorfs host software vib get -n mine host | grep '^ *Acceptance Level: PartnerSupported$'
