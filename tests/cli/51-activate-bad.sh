#!/usr/bin/env bash
# activate with bad input: one clear line, a status, and no change on the host.
. "${0%/*}/activate.sh"
own_mounts
. "${0%/*}/lib.sh"
empty_run

host <<'EOF'
identities: [host_key]
secrets:
  token: {file: openclaw.yaml, key: OPENCLAW_GATEWAY_TOKEN}
  a: {file: flat.yaml, key: A}
EOF
cp host.yaml good.yaml
expect_status 0 "$BOOTSEAL" activate host.yaml
live=$(listing /run; cat /run/secrets/*)

unchanged() {
	rm -rf /run/mount # of the mount programs
	if [ "$live" = "$(listing /run; cat /run/secrets/*)" ]; then ok "unchanged: $1"; else
		fail "something changed: $1" "$(listing /run)"
	fi
}

# TEXT STATUS, manifest on stdin: refused so, by --check, --dry-run and activate alike.
refused() {
	cat >host.yaml
	for mode in --check --dry-run ""; do
		expect_error "$1" "$BOOTSEAL" activate ${mode:+$mode} host.yaml
		expect_status "$2" "$BOOTSEAL" activate ${mode:+$mode} host.yaml
	done
	unchanged "$1"
}

# The same, where a key is needed to see it.
refused_opening() {
	cat >host.yaml
	expect_error "$1" "$BOOTSEAL" activate --dry-run host.yaml
	expect_error "$1" "$BOOTSEAL" activate host.yaml
	expect_status "$2" "$BOOTSEAL" activate host.yaml
	unchanged "$1"
}

entry() { # NAME FIELDS
	printf 'identities: [host_key]\nsecrets:\n  token: {file: openclaw.yaml, key: OPENCLAW_GATEWAY_TOKEN}\n  %s: {%s}\n' "$1" "$2"
}

# Aliases that double what is behind them, 30 times over.
bomb() {
	local level
	echo 'n0: &n0 [x, x]'
	for level in {1..30}; do echo "n$level: &n$level [*n$((level - 1)), *n$((level - 1))]"; done
}

# --- names and fields
refused 'name "../../etc/cron.d/x" has a part "." or ".."' 1 < <(entry ../../etc/cron.d/x 'file: flat.yaml, key: A')
refused 'name "/etc/cron.d/x" is an absolute path' 1 < <(entry /etc/cron.d/x 'file: flat.yaml, key: A')
refused 'name "token" would be a file and, for "token/x", a directory' 1 < <(entry token/x 'file: flat.yaml, key: A')
refused 'name "x\x1b[31m" is too long, or not made of printable' 1 < <(entry '"x\e[31m"' 'file: flat.yaml, key: A')
refused 'file "../flat.yaml" has a part "." or ".."' 1 < <(entry x 'file: ../flat.yaml, key: A')
refused 'file "/etc/shadow" is an absolute path' 1 < <(entry x 'file: /etc/shadow, key: A')
refused 'mode must be octal digits in quotes' 1 < <(entry x 'file: flat.yaml, key: A, mode: 0400')
refused 'line 4: unknown field "color"' 1 < <(entry x 'file: flat.yaml, key: A, color: red')
refused_opening '"x": unknown owner "no-such-user"' 1 < <(entry x 'file: flat.yaml, key: A, owner: no-such-user')
refused_opening 'unknown group "no-such-group"' 1 < <(entry x 'file: flat.yaml, key: A, group: no-such-group')
# The operator's machine need not know them.
expect_output '2 files for /run/secrets: nothing wrong' "$BOOTSEAL" activate --check host.yaml
check "noted" grep -qx 'bootseal: note: "x": unknown group "no-such-group" on this machine' .err
refused '"--now" is no unit name' 1 < <(entry x 'file: flat.yaml, key: A, restart: ["--now"]')
ready() { cat good.yaml; echo "documents: {d: {file: openclaw.yaml, keys: [OPENAI_API_KEY], $1}}"; }
refused 'lifetime must be boot or until-ready' 1 < <(ready 'lifetime: soon')
refused '"d" has no "unit": the service that it is published for' 1 < <(ready 'lifetime: until-ready')
refused '"d" is for the whole boot: "unit" needs "lifetime: until-ready"' 1 < <(ready 'unit: gw.service')
refused 'unit "gw.socket" is no service' 1 < <(ready 'lifetime: until-ready, unit: gw.socket')
refused '"d" is withdrawn when its unit is ready: it has no "link"' 1 < <(ready 'lifetime: until-ready, unit: gw.service, link: /srv/d')
refused 'mode of "x" must leave group and others nothing: it is for its owner alone' 1 < <(entry x 'file: flat.yaml, key: A, mode: "0440", lifetime: until-ready, unit: gw.service')
refused '"a" is withdrawn when its unit is ready, and what is made of it would stay' 1 < <(sed 's/key: A/key: A, lifetime: until-ready, unit: gw.service/' good.yaml; echo 'templates: {t: {content: "{{ a }}"}}')
refused '"e" has no "unit": the service that it is published for' 1 < <(cat good.yaml; echo 'environments: {e: {file: flat.yaml, keys: all, lifetime: until-ready}}')
template() { cat good.yaml; printf 'templates:\n  t.conf:\n    content: |\n      first\n'; printf '      %s\n' "$1"; }
refused 'line 7: "t.conf": line 2 of the content: no secret is named "none"' 1 < <(template '{{ none }}')
refused 'unknown encoder "hex"; there are json, shell and env' 1 < <(template '{{ a | hex }}')
refused '"{{" is not closed by "}}"' 1 < <(template '{{ a }')
refused '"t.conf" is none of "secrets"' 1 < <(template '{{ t.conf }}')
refused 'unknown field "file"' 1 < <(template x; echo '    file: flat.yaml')
refused 'manifest "host.yaml"' 2 < <(printf 'identities: [host_key\n')
refused 'manifest "host.yaml"' 92 < <(printf '')
refused 'manifest "host.yaml"' 2 < <(printf '\xff\xfes\0e\0')
refused 'manifest "host.yaml"' 2 < <(bomb)
refused 'manifest "host.yaml"' 2 < <(printf 'secrets: '; head -c 20000 /dev/zero | tr '\0' '[')
refused 'is larger than' 2 < <(head -c 2000000 /dev/zero | tr '\0' 'x')

# --- keys and files
refused '"x": key "NONE" is not in the file' 1 < <(entry x 'file: flat.yaml, key: NONE')
refused '"x": key "sops/mac" is not in the file' 1 < <(entry x 'file: flat.yaml, key: sops/mac')
refused '"x": key "A/b" is not in the file' 1 < <(entry x 'file: flat.yaml, key: A/b')
refused '"x": key "telegram" is no single value' 1 < <(entry x 'file: openclaw.yaml, key: telegram')
refused 'key "plain_unencrypted" is empty or not sealed' 1 < <(entry x 'file: openclaw.yaml, key: plain_unencrypted')
refused 'key "empty" is empty or not sealed' 1 < <(entry x 'file: openclaw.yaml, key: empty')
refused 'cannot open "none.yaml": No such file' 100 < <(entry x 'file: none.yaml, key: A')
refused '"good.yaml": ' 1 < <(entry x 'file: good.yaml, key: A')
mkdir folder
refused '"folder": Is a directory' 3 < <(entry x 'file: folder, key: A')
# "all" is all, or an error: nobody takes a value out of it who has no key
all() { printf 'identities: [host_key]\nenvironments: {x: {file: %s, keys: all}}\n' "$1"; }
refused '"x": key "telegram" is no single value, so that "all" cannot be meant' 1 < <(all openclaw.yaml)
printf 'd: ""\ne_unencrypted: 1\n' >none.sealed.yaml
seal none.sealed.yaml
refused '"x": the file has no sealed value' 1 < <(all none.sealed.yaml)
sed 's/^B: \(.*\)/B: ["\1"]/' flat.yaml >listed.yaml
refused '"x": key "B" is no single value, so that "all" cannot be meant' 1 < <(all listed.yaml)
{ sed '/^B: /d' flat.yaml; echo ---; grep '^B: ' flat.yaml; } >two.yaml
refused '"x": the file has several documents, so that "all" cannot be meant' 1 < <(all two.yaml)
printf 'a-b: c\nfine: d\n' >names.yaml
seal names.yaml
for way in --check --dry-run; do
	printf 'identities: [host_key]\nenvironments: {x: {file: names.yaml, keys: all}}\n' >host.yaml
	expect_error '"names.yaml": "x": key "a-b" cannot name an environment variable' "$BOOTSEAL" activate $way host.yaml
done
# What no seal covers is not handed out.
printf 'a: c\nopen_unencrypted: d\n' >open.yaml
seal open.yaml --mac-only-encrypted
refused 'is not authenticated (mac_only_encrypted), so that it cannot be taken whole; name the keys' 32 < <(entry x 'file: open.yaml, key: ""')
entry x 'file: open.yaml, key: a' >host.yaml
expect_status 0 "$BOOTSEAL" activate --dry-run host.yaml
refused '"a-b" cannot name an environment variable' 1 < <(printf 'identities: [host_key]\nenvironments: {x: {file: openclaw.yaml, keys: [a-b]}}\n')

# --- what only opening shows
refused_opening 'cannot open "foreign.yaml"' 128 < <(entry x 'file: foreign.yaml, key: A')
check "whose it is" grep -qF "matches its 1 recipient ($(sed -n 's/.*recipient: *//p' foreign.yaml))" .err
check "and what was tried" grep -qF "tried host_key ($("$BOOTSEAL" ssh-to-age -i "$VECTORS/host_key.pub"), not a recipient)" .err
# gpg is not started at boot, and is not what is advised
printf '#!/bin/sh\necho "-----BEGIN PGP MESSAGE-----"; base64; echo "-----END PGP MESSAGE-----"\n' >gpg-like
chmod +x gpg-like
printf 'A: v\n' >pgp.yaml
SOPS_GPG_EXEC=$PWD/gpg-like "$BOOTSEAL" encrypt -i --pgp FBC7B9E2A4F9289AC0C1D4843D16CEE4A27381B4 pgp.yaml
refused_opening "gpg is not started here; seal it to the host's own key, too" 128 < <(entry x 'file: pgp.yaml, key: A')
bend A <flat.yaml >bent.yaml
refused_opening 'cannot open "bent.yaml"' 51 < <(entry x 'file: bent.yaml, key: A')
sed 's/^    mac: .*//' flat.yaml >nomac.yaml
refused '"nomac.yaml": MAC mismatch: the file has no MAC' 51 < <(entry x 'file: nomac.yaml, key: A')
for way in "" --check; do
	entry x 'file: nomac.yaml, key: A' >host.yaml
	expect_error 'take it back from git; "bootseal decrypt --ignore-mac" shows what it holds' "$BOOTSEAL" activate $way host.yaml
done
sed 's/^    mac: .*/    mac: text/' flat.yaml >notmac.yaml
refused 'the metadata'"'"'s "mac" is no sealed value' 51 < <(entry x 'file: notmac.yaml, key: A')
sed 's/lastmodified: .*/lastmodified: "2020-01-01T00:00:00Z"/' flat.yaml >moved.yaml
refused_opening 'cannot open "moved.yaml"' 51 < <(entry x 'file: moved.yaml, key: A')
for len in 1 100 500 1000; do
	head -c $len flat.yaml >cut.yaml
	entry x 'file: cut.yaml, key: A' >host.yaml
	expect_status 0 sh -c '! "$0" activate host.yaml >/dev/null 2>one && [ $(wc -l <one) -eq 1 ]' "$BOOTSEAL"
done
unchanged "cut files"
for key in other_key flat.yaml; do
	sed "s/host_key/$key/" good.yaml >host.yaml
	expect_status 0 sh -c '! "$0" activate host.yaml >/dev/null 2>one && [ $(wc -l <one) -eq 1 ]' "$BOOTSEAL"
done
printf 'identities: [none, nor-this]\n' >host.yaml
grep -v identities good.yaml >>host.yaml
expect_error 'no identity: "none" and every other does not exist' "$BOOTSEAL" activate host.yaml
unchanged "wrong keys"
# No variable of the environment is a key.
sed 's/host_key/other_key/' good.yaml >host.yaml
expect_status 128 env SOPS_AGE_SSH_PRIVATE_KEY_FILE="$PWD/host_key" SOPS_AGE_KEY="$("$BOOTSEAL" ssh-to-age -private-key -i host_key)" \
	"$BOOTSEAL" activate host.yaml

# Neither a FIFO nor a device is waited for.
mkfifo pipe
ln -s /dev/zero zero
for file in pipe zero; do
	for way in --check --dry-run ""; do
		entry x "file: $file, key: A" >host.yaml
		expect_error "cannot read \"$file\": it is no regular file" timeout 120 "$BOOTSEAL" activate ${way:+$way} host.yaml
	done
	sed "s/host_key/$file/" good.yaml >host.yaml
	expect_error "cannot read \"$file\": it is no regular file" timeout 120 "$BOOTSEAL" activate host.yaml
	sed "s/host_key/$file, host_key/" good.yaml >host.yaml
	expect_status 0 timeout 120 "$BOOTSEAL" activate --dry-run host.yaml
	check "beside another identity it is passed over" grep -qF "note: identity passed over: cannot read \"$file\": it is no regular file" .err
done
mkdir -p open/closed
cp flat.yaml open/closed/
sed 's/file: flat/file: open\/closed\/flat/' good.yaml >host.yaml
for mode in 777 1777 755; do
	chmod $mode open
	expect_status 0 "$BOOTSEAL" activate --dry-run host.yaml
	check "where sealed files lie: $mode" [ "$(grep -c "others may write in \"open\" (mode 0$mode), where sealed files lie" .err)" = $((mode == 777)) ]
done
# An identity is its owner's alone.
cp good.yaml host.yaml
for mode in 622 606 660; do
	chmod $mode host_key
	expect_error "others may write \"host_key\" (mode 0$mode)" "$BOOTSEAL" activate host.yaml
done
chmod 640 host_key
expect_status 0 "$BOOTSEAL" activate --dry-run host.yaml
check "a readable identity is noted" grep -q 'note: others may read the identity "host_key" (mode 0640)' .err
chmod 600 host_key
chmod 777 .
expect_status 0 "$BOOTSEAL" activate --dry-run host.yaml
check "an open folder is noted" grep -q "note: others may write in the manifest's directory" .err
chmod 755 .
unchanged "unsafe files"

# --- a sealed file: who writes it chooses the values, for sealing takes no secret
sealed=openclaw.yaml
chmod 666 "$sealed"
for way in --check --dry-run ""; do
	expect_error "others may write the sealed file \"$sealed\" (mode 0666)" "$BOOTSEAL" activate ${way:+$way} host.yaml
done
chmod 664 "$sealed"
expect_status 32 "$BOOTSEAL" activate host.yaml
chmod 644 "$sealed"
chown 65534 "$sealed"
expect_error "sealed file \"$sealed\" belongs to uid 65534, not to root or you" "$BOOTSEAL" activate host.yaml
chown 0 "$sealed"
expect_status 0 "$BOOTSEAL" activate --dry-run host.yaml
unchanged "a sealed file that others write"

# --- the manifest itself
cp good.yaml host.yaml
for mode in 0666 0664 0602; do
	chmod $mode host.yaml
	for way in --check --dry-run ""; do
		expect_error 'others may write the manifest "host.yaml"' "$BOOTSEAL" activate ${way:+$way} host.yaml
	done
done
chmod 644 host.yaml
chown 65534 host.yaml
expect_error 'manifest "host.yaml" belongs to uid 65534, not to root or you' "$BOOTSEAL" activate host.yaml
expect_status 32 "$BOOTSEAL" activate host.yaml
chown 0 host.yaml
expect_error 'cannot open the manifest "none.yaml"' "$BOOTSEAL" activate none.yaml
expect_error 'is no regular file' "$BOOTSEAL" activate folder
mkfifo fifo
expect_error 'is no regular file' timeout 120 "$BOOTSEAL" activate fifo
expect_error 'exclude each other' "$BOOTSEAL" activate --check --dry-run host.yaml
ln -s host.yaml link.yaml
expect_status 0 "$BOOTSEAL" activate --check link.yaml
unchanged "the manifest"

expect_error "no link of bootseal's; name the directory of a manifest" "$BOOTSEAL" deactivate --directory /etc

# --- the target
target() { sed "1i directory: $1" good.yaml >host.yaml; }
target /run/none/secrets
expect_error 'cannot open the directory "/run/none"' "$BOOTSEAL" activate host.yaml
mkdir -m 777 /run/open
target /run/open/secrets
expect_error 'others may write in "/run/open/"' "$BOOTSEAL" activate host.yaml
expect_status 32 "$BOOTSEAL" activate host.yaml
rmdir /run/open
# Nor may anyone else change the way there.
mkdir -p /run/way/open/own
chmod 777 /run/way/open
target /run/way/open/own/secrets
expect_error 'others may write in "/run/way/open"; choose' "$BOOTSEAL" activate host.yaml
chmod 1777 /run/way/open
expect_status 0 "$BOOTSEAL" activate host.yaml
expect_status 0 "$BOOTSEAL" deactivate host.yaml
ln -s /run/way/open/own /run/way/link
chown -h 65534 /run/way/link
target /run/way/link/secrets
expect_error '"/run/way/link" belongs to uid 65534' "$BOOTSEAL" activate host.yaml
chown -h 0 /run/way/link
chown 65534 /run/way/open
expect_error '"/run/way/open" belongs to uid 65534' "$BOOTSEAL" activate host.yaml
rm -r /run/way
mkdir -p /run/full/secrets/x
target /run/full/secrets
expect_error '"/run/full/secrets" is there, and no link of bootseal'"'"'s' "$BOOTSEAL" activate host.yaml
expect_error 'no link of bootseal' "$BOOTSEAL" deactivate host.yaml
rm -r /run/full/secrets
ln -s /etc /run/full/secrets
expect_error '"/run/full/secrets" is a link to "/etc", and not bootseal' "$BOOTSEAL" activate host.yaml
expect_error 'is a link to "/etc"' "$BOOTSEAL" deactivate host.yaml
rm -r /run/full
mkdir -p /run/other/secrets.d
mount -t tmpfs -o mode=755 tmpfs /run/other/secrets.d
target /run/other/secrets
expect_error 'is a mount of another kind' "$BOOTSEAL" activate host.yaml
umount /run/other/secrets.d
rm -r /run/other
mkdir /run/ro
mount -t tmpfs -o ro,mode=755 tmpfs /run/ro
target /run/ro/secrets
expect_error 'Read-only file system' "$BOOTSEAL" activate host.yaml
umount /run/ro
# A file system of one page: the lock file and the directory fit.
mount -t tmpfs -o size=4k,nr_inodes=2,mode=755 tmpfs /run/ro
expect_error 'No space left on device' sh -c 'sed "s,/run/ro,/run/ro," host.yaml >h2.yaml; exec "$0" activate h2.yaml' "$BOOTSEAL"
expect_output "" sh -c 'ls -A /run/ro | tr -d "\n"; echo'
umount /run/ro
rmdir /run/ro
unchanged "targets"

# --- what is not bootseal's is not removed
mkdir -p /run/else.d/{1,22,keep}
echo mine >/run/else.d/1/file
listing /run/else.d >else.list
for way in activate deactivate; do
	target /run/else
	expect_error '"/run/else.d" has something in it that is not bootseal' "$BOOTSEAL" $way host.yaml
	expect_same else.list <(listing /run/else.d)
done
expect_absent /run/else /run/.else.lock
rm -r /run/else.d
if [ "$(stat -f -c %T "$TMP")" != tmpfs ]; then
	mkdir -p else.d/7
	touch else.d/7/.bootseal.json
	for link in "" else.d/7; do
		[ -z "$link" ] || ln -s "$link" else
		expect_error 'is on a disk, and so not bootseal' "$BOOTSEAL" deactivate --directory "$TMP/else"
		check "it is there" test -e else.d/7/.bootseal.json
	done
	rm -r else.d else
fi
# What is in the way of a mount is not taken for the want of permission.
mkdir -p /run/else.d/folder
target /run/else
expect_error '"/run/else.d" is not empty, so that nothing can be mounted there' "$BOOTSEAL" activate host.yaml
rmdir /run/else.d/folder
# A name of ours that is taken: said so, and nothing is left.
mkdir -p /run/.else.next/x
expect_error '".else.next" is in the way of the link "/run/else"' "$BOOTSEAL" activate host.yaml
expect_absent /run/else /run/else.d /run/.else.lock
expect_status 1 grep -q else.d /proc/self/mountinfo
rm -r /run/.else.next
mkdir /run/.else.lock
expect_error 'beside "/run/else": cannot lock ".else.lock": Is a directory' "$BOOTSEAL" activate host.yaml
rmdir /run/.else.lock

# --- where this process may not mount: a full folder, and one on a disk
if command -v setpriv >/dev/null; then
	unmounting() { setpriv --bounding-set -sys_admin --inh-caps -sys_admin "$@"; }
	mkdir /run/small
	mount -t tmpfs -o size=12k,mode=755 tmpfs /run/small
	target /run/small/secrets
	expect_status 0 unmounting "$BOOTSEAL" activate host.yaml
	small=$(listing /run/small)
	head -c 20000 /dev/zero >/run/small/ballast 2>/dev/null || : until it is full
	expect_error '"/run/small/secrets.d": cannot write' unmounting "$BOOTSEAL" activate host.yaml
	rm /run/small/ballast
	expect_same <(listing /run/small) - <<<"$small"
	expect_status 0 unmounting "$BOOTSEAL" deactivate host.yaml
	expect_output "" sh -c 'ls -A /run/small | tr -d "\n"; echo'
	umount /run/small
	rmdir /run/small
	if [ "$(stat -f -c %T "$TMP")" != tmpfs ]; then
		target "$TMP/secrets"
		expect_error 'is on a disk, and this process may not mount there' unmounting "$BOOTSEAL" activate host.yaml
		expect_absent "$TMP/secrets" "$TMP/secrets.d" "$TMP/.secrets.lock"
	fi
else
	skip_one "without mounting" "setpriv is not installed"
fi
unchanged "the end"
