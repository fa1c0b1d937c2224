#!/usr/bin/env bash
# sops-nix' manifest, without the real sops-install-secrets: what is done otherwise on purpose (bootseal-sops-nix(7)),
# and the safe ground below it.
. "${0%/*}/activate.sh"
own_mounts
. "${0%/*}/lib.sh"
. "$ROOT/tests/interop/sops-nix-cases.sh"
empty_run
mkdir bin /run/w
ln -s "$BOOTSEAL" bin/sops-install-secrets
PATH=$TMP/bin:$PATH
cp "$ROOT"/tests/vectors/sops-nix/* /run/w
MOUNT=/run/secrets.d LINK=/run/secrets
m() { manifest "$@" >/run/w/m.json; }
sis() { sops-install-secrets "$@" /run/w/m.json; }
sealed() { # FILE, its content on stdin
	cat >"/run/w/$1"
	"$BOOTSEAL" encrypt -i --age "$(grep -o 'age1.*' /run/w/age-keys.txt)" "/run/w/$1"
}

holds() { # TEXT FILE: without a line break
	if printf %s "$1" | cmp -s - "$2"; then ok "$2"; else fail "$2" "$(cat "$2")"; fi
}

about "opening"
printf '{"a": {"b": {"c": "deep"}}, "n": 1}' | sealed nested.json
json=('"format":"json"' '"sopsFile":"/run/w/nested.json"')
m "$(secret a a/b/c "${json[@]}")"
run nested sis
holds deep /run/secrets/a
expect_absent /run/secrets.d/age-keys.txt
m "$(secret a n "${json[@]}")"
run "a check does not see it" sis -check-mode=sopsfile
expect_error 'key "n" is no text but a number' sis
holds deep /run/secrets/a
echo 'a: b' >/run/w/open.yaml
m "$(secret a a '"sopsFile":"/run/w/open.yaml"')"
expect_status 1 sis -check-mode=sopsfile
"$BOOTSEAL" keygen -o host.txt 2>/dev/null # says what it made
ssh-keygen -q -t ed25519 -N '' -C host -f ed
cp ed /run/w
printf 'a: native\n' >/run/w/native.yaml
"$BOOTSEAL" encrypt -i --age "$(cut -d' ' -f1,2 ed.pub)" /run/w/native.yaml
m "$(secret a a '"sopsFile":"/run/w/native.yaml"')" '"ageKeyFile":null' '"ageSshKeyPaths":["/run/w/ed"]' \
	'"logging":{"keyImport":true}'
run "native SSH recipient" sis
holds native /run/secrets/a
grep -q '^sops-install-secrets: imported /run/w/ed as age key age1' noted && ok fingerprint || fail fingerprint "$(cat noted)"
[ ! -s said ] && ok "nothing on stdout" || fail "stdout" "$(cat said)"
m "$(secret a test_key)" '"ageKeyFile":null' '"ageSshKeyPaths":["/run/w/ed"]'
expect_error 'no identity here matches its 4 recipients (' sis
check "the file's recipients are named" grep -qF "$(grep -o 'age1.*' /run/w/age-keys.txt)" .err
check "and what was tried" grep -qF "tried /run/w/ed ($("$BOOTSEAL" ssh-to-age -i ed.pub), not a recipient)" .err

about "a plugin"
cp "$ROOT/tests/cli/age-plugin-test" bin/
chmod 755 bin/age-plugin-test
printf 'a: "1"\nb: "2"\nc: "3"\n' >/run/w/touched.yaml
"$BOOTSEAL" encrypt -i --age age1test1vfhk7arnv4skcgr5v4ehggp3ndfl73 /run/w/touched.yaml
echo AGE-PLUGIN-TEST-1VFHK7ARNV4SKCGR5V4EHGGP3R3CK4M >/run/w/token
m "$(for key in a b c; do secret $key $key '"sopsFile":"/run/w/touched.yaml"'; done | sed 's/}{/},{/g')" '"ageKeyFile":"/run/w/token"'
PLUGIN_LOG=$TMP/log run "three values of one file" sis
holds 3 /run/secrets/c
check "it is asked once" [ "$(grep -c '^start identity' log)" -eq 1 ]
PLUGIN=secret expect_error 'there is no terminal to ask' timeout 20 setsid "$TMP/bin/sops-install-secrets" /run/w/m.json
expect_error 'age-plugin-test: there is no such program in a directory of PATH' env PATH=/usr/bin:/bin "$TMP/bin/sops-install-secrets" /run/w/m.json

about "the mount"
expect_status 1 touch /run/secrets.d/x
m "$(secret a test_key '"mode":"0666"')" '"keepGenerations":3'
run "another" sis
expect_output 666 stat -c %a /run/secrets/a
before=$(readlink /run/secrets)
run "and another" sis
expect_output 700 stat -c %a "$before"
expect_output 751 stat -Lc %a /run/secrets
mount -o remount,rw /run/secrets.d
echo left >/run/secrets.d/age-keys.txt
mkdir /run/secrets.d/99
run "what others left goes" sis
expect_absent /run/secrets.d/age-keys.txt /run/secrets.d/99

about "who may list it"
for group in keys nogroup root; do ! getent group $group >/dev/null || break; done
expect_output $group stat -c %G /run/secrets.d
echo root:x:0: >groups
printf 'passwd: files\ngroup: files\n' >lookup # systemd's own knows a nogroup, too
mount --bind groups /etc/group
[ ! -e /etc/nsswitch.conf ] || mount --bind lookup /etc/nsswitch.conf
run "neither keys nor nogroup" sis
umount /etc/group
umount /etc/nsswitch.conf 2>/dev/null || : there is none
expect_output "0 751" stat -c '%g %a' /run/secrets.d
expect_output "0 751" stat -Lc '%g %a' /run/secrets

about "names"
for name in '""' '"/a"' '"../a"' '"a/../b"' '".bootseal.json"' '"a\nb"'; do
	m "{\"name\":$name,\"mode\":\"0400\",\"sopsFile\":\"/run/w/secrets.yaml\",\"key\":\"test_key\"}"
	expect_status 1 sis
done
m "$(secret a test_key),$(secret a test_key)"
expect_error 'twice' sis

about "templates"
printf 'a: <SOPS:b>\nb: value\n' | sealed both.yaml
both=('"sopsFile":"/run/w/both.yaml"')
for mode in manifest off; do
	m "$(secret a a "${both[@]}")" "\"templates\":[$(template t "A $(placeholder a)$(placeholder b)")]" "$(placeholders a b)"
	run "of no secret" sis -check-mode=$mode
	check "told" grep -qx "sops-install-secrets: \"rendered/t\": $(placeholder b) is of no secret of this manifest, and stays as it is" noted
done
holds "A <SOPS:b>$(placeholder b)" /run/secrets/rendered/t
m "$(secret a a "${both[@]}"),$(secret b b "${both[@]}")" "\"templates\":[$(template t 'A <SOPS:a> B <SOPS:b>')]" \
	'"placeholderBySecretName":{"a":"<SOPS:a>","b":"<SOPS:b>"}'
run "one pass" sis
holds 'A <SOPS:b> B value' /run/secrets/rendered/t
[ ! -s noted ] && ok "nothing to note" || fail "noted" "$(cat noted)"

about "a dry run"
before=$(listing /run)
m "$(secret new test_key '"owner":"not there yet"')"
run "unknown owner" env NIXOS_ACTION=dry-activate sops-install-secrets /run/w/m.json
expect_output "$(printf 'would add secret: new\nwould remove secrets: a, b\nwould remove rendered secret: t')" cat said
[ "$before" = "$(listing /run | sed '/m.json/d')" ] || [ "$(sed '/m.json/d' <<<"$before")" = "$(listing /run | sed '/m.json/d')" ] &&
	ok "nothing is written" || fail "something is written" "$(listing /run)"

about "units"
fake_systemctl
rm -f "$TMP/systemctl.log"
changed() { # ARGUMENTS: changes the secret, and tells what systemctl was called with
	m "$(secret a test_key '"restartUnits":["b.service","a.service","b.service"]' '"reloadUnits":["c.service"]')" "$@"
	run first sis
	mount -o remount,rw "$MOUNT" 2>/dev/null || : # no mount of its own in user mode
	: >"$LINK/a"
	rm -f "$TMP/systemctl.log"
	run changed env SOPS_RESTART_UNITS_VIA_SYSTEMCTL=1 sops-install-secrets /run/w/m.json
}
changed
expect_output "$(printf '%s\n' '--no-block try-restart b.service a.service' '--no-block try-reload-or-restart c.service')" \
	cat "$TMP/systemctl.log"
mount -o remount,rw /run/secrets.d
: >/run/secrets/a
echo 1 >"$TMP/systemctl.status"
expect_status 1 env SOPS_RESTART_UNITS_VIA_SYSTEMCTL=1 sops-install-secrets /run/w/m.json
holds test_value /run/secrets/a
rm "$TMP/systemctl.status" "$TMP/systemctl.log"
run "told by the next" env SOPS_RESTART_UNITS_VIA_SYSTEMCTL=1 sops-install-secrets /run/w/m.json
grep -q 'try-restart b.service a.service' "$TMP/systemctl.log" && ok "told" || fail "told"
m "$(secret a test_key '"restartUnits":["b.service"]' '"uid":3')"
rm "$TMP/systemctl.log"
run "another owner" env SOPS_RESTART_UNITS_VIA_SYSTEMCTL=1 sops-install-secrets /run/w/m.json
expect_output 'modifying secret: a' cat said
expect_output '--no-block try-restart b.service' cat "$TMP/systemctl.log"

mount -o remount,rw /run/secrets.d
: >/run/secrets/a
printf '#!/bin/sh\ncat /run/secrets/a >%s/seen\n' "$TMP" >bin/systemctl
chmod 755 bin/systemctl
run "one that reads at once" env SOPS_RESTART_UNITS_VIA_SYSTEMCTL=1 sops-install-secrets /run/w/m.json
holds test_value seen
rm bin/systemctl
m "$(secret a test_key '"restartUnits":["b"]' '"reloadUnits":["c.service"]')"
run "by the lists" sis
expect_output 'sops-install-secrets: "a": "b" is no unit'"'"'s whole name, as "b.service" is: a switch of NixOS passes it over' cat noted
run "by systemctl" env SOPS_RESTART_UNITS_VIA_SYSTEMCTL=1 sops-install-secrets /run/w/m.json
[ ! -s noted ] && ok "nothing to note" || fail "noted" "$(cat noted)"
export XDG_RUNTIME_DIR=/run
MOUNT=/run/theirs.d LINK=/run/theirs changed '"userMode":true'
unset XDG_RUNTIME_DIR
expect_output "$(printf '%s\n' '--user --no-block try-restart b.service a.service' '--user --no-block try-reload-or-restart c.service')" \
	cat "$TMP/systemctl.log"

about "the place of the link"
umount /run/secrets.d
rm /run/secrets
# The tests' own directory may be in memory, where what is in the way goes.
disk=$(mktemp -d /var/tmp/bootseal-disk.XXXXXX)
at_exit 'rm -rf "$disk"'
mkdir -p "$disk/secrets/precious"
case $(stat -f -c %T "$disk") in
tmpfs | ramfs) skip_one "what is on a disk" "/var/tmp is in memory" ;;
*)
	for path in "$disk/secrets" /etc; do
		LINK=$path m "$(LINK=$path secret a test_key)"
		expect_error "is there, and no link" sis
	done
	[ -d "$disk/secrets/precious" ] && ok kept || fail kept
	MOUNT=$disk/user/secrets.d LINK=$disk/user/secrets m "$(secret a test_key)" '"userMode":true'
	expect_error "on a disk" env XDG_RUNTIME_DIR="$disk" sops-install-secrets /run/w/m.json
	expect_absent "$disk/user/secrets"
	;;
esac

about "links"
mkdir -p /run/home/victim /run/target
chown 65534:65534 /run/home
echo precious >/run/target/file
ln -s /run/target /run/home/dir
m "$(secret a test_key '"path":"/run/home/dir/file"')"
expect_status 1 sis
grep -q 'is a link that others than root may have made' .err && ok refused || fail refused "$(cat .err)"
expect_output precious cat /run/target/file
holds test_value /run/secrets/a
m "$(secret a test_key '"path":"/run/home/new/link"' '"uid":12')"
run "as its owner" sis
expect_output 65534:65534 stat -c %u:%g /run/home/new
expect_output 12:0 stat -c %u:%g /run/home/new/link

about "the manifest"
chmod g+w /run/w/m.json
expect_error "others than root may write the manifest" sis
expect_status 0 sis -check-mode=sopsfile
chmod g-w /run/w/m.json
chmod o+w /run/w/secrets.yaml
run "sealed file" sis
grep -q 'may write the file "/run/w/secrets.yaml"' noted && ok noted || fail noted "$(cat noted)"
chmod o-w /run/w/secrets.yaml

about "an ordinary user"
if command -v setpriv >/dev/null; then
	chmod 755 /run/w
	chmod 644 /run/w/*
	as_user() { setpriv --reuid=65534 --regid=65534 --clear-groups env HOME=/nonexistent XDG_RUNTIME_DIR=/run/user/7 "$@"; }
	mkdir -p /run/user/7
	chown 65534 /run/user/7
	chmod 700 /run/user/7
	cp -L "$BOOTSEAL" /run/w/sops-install-secrets
	chmod 755 /run/w/sops-install-secrets
	m "$(secret a test_key)"
	expect_error "root's to activate" as_user /run/w/sops-install-secrets /run/w/m.json
	MOUNT=%r/secrets.d LINK=%r/conf/secrets m "$(secret a test_key '"path":"%r/link"')" '"userMode":true'
	run "user mode" as_user /run/w/sops-install-secrets -ignore-passwd /run/w/m.json
	holds test_value /run/user/7/link
	expect_output 65534 stat -Lc %u /run/user/7/conf/secrets/a
else
	skip_one "as an ordinary user" "setpriv is not installed"
fi

about "activate"
m "$(secret a test_key '"uid":3')" '"ageKeyFile":null'
expect_error "no identity" env SOPS_AGE_KEY_FILE=/run/w/age-keys.txt "$BOOTSEAL" activate /run/w/m.json
m "$(secret a test_key '"uid":3')"
run check "$BOOTSEAL" activate --check /run/w/m.json
run activate "$BOOTSEAL" activate /run/w/m.json
run status "$BOOTSEAL" status /run/w/m.json
grep -qx /run/secrets/a said && ok status || fail status "$(cat said)"
run deactivate "$BOOTSEAL" deactivate /run/w/m.json
expect_absent /run/secrets /run/secrets.d
