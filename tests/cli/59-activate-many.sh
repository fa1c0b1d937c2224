#!/usr/bin/env bash
# Many sealed files, which children share: each value goes to its own name, and one file that does not open
# takes no other with it.
. "${0%/*}/activate.sh"
own_mounts
. "${0%/*}/lib.sh"
. "$ROOT/tests/interop/sops-nix-cases.sh"
empty_run
fake_systemctl

FILES=40
host </dev/null
many() { # ON-ERROR
	printf 'identities: [host_key]\nonError: %s\nsecrets:\n' "$1"
	for ((i = 0; i < FILES; i++)); do printf '  s%d: {file: many/%d.yaml, key: token}\n' $i $i; done
}
mkdir many
for ((i = 0; i < FILES; i++)); do printf 'token: value-%d\n' $i >many/$i.yaml; done
# one that is large enough for a child of its own
{ cat many/7.yaml; head -c 900000 /dev/zero | tr '\0' x | sed 's/^/filler: /'; } >large
mv large many/7.yaml
seal many/0.yaml
for ((i = 1; i < FILES; i++)); do seal many/$i.yaml; done
chmod -R go-w many
values() { for ((i = 0; i < FILES; i++)); do printf '%s\n' "$(cat /run/secrets/s$i)"; done; }
for ((i = 0; i < FILES; i++)); do echo value-$i; done >want

about "all of them"
many stop >host.yaml
run activate "$BOOTSEAL" activate host.yaml
expect_same want <(values)
run status "$BOOTSEAL" status host.yaml
expect_status 1 grep 'changed since' said

# Each child answers for its own files, and the last one writes what all of them gave.
about "what another child opened"
held=$TOOLS/held
if grep -q __asan_init "$BOOTSEAL"; then
	skip_one "is in no other's memory" "a sanitizer's own memory is too large to look through"
elif ! [ -x "$held" ] || ! "$held" -t 2>/dev/null; then
	skip_one "is in no other's memory" "tests/tools/held is not built, or ptrace is not allowed here"
else
	for files in 5 $FILES; do
		many stop | sed "1,/^secrets/b; $((files + 4)),\$d" >host.yaml
		"$BOOTSEAL" deactivate host.yaml >/dev/null
		"$held" value-0 "$BOOTSEAL" activate host.yaml >held.out
		check "opened by $files files' children, and written by the last" [ "$(tail -n 1 held.out)" = yes ]
		check "in no other's memory" [ "$(grep -cx yes held.out)" -le 1 ]
		grep -cx 'yes\|no' held.out >children
		if [ "$files" -gt 16 ]; then
			check "some share one" [ "$(cat children)" -lt "$files" ]
			awk '/file:/ && NR % 2 { sub(/}$/, ", mode: \"0444\"}") } { print }' host.yaml >apart.yaml
			"$held" value-0 "$BOOTSEAL" activate apart.yaml >held.out
			check "but not with another reader's" [ "$(grep -cx 'yes\|no' held.out)" -gt "$files" ]
		fi
	done
	"$BOOTSEAL" deactivate host.yaml >/dev/null
	many stop >host.yaml
	run "as before" "$BOOTSEAL" activate host.yaml
fi

about "one that does not open"
cp many/23.yaml good
bend token <good >many/23.yaml
expect_error 'cannot open "many/23.yaml"' "$BOOTSEAL" activate host.yaml
expect_same want <(values)
many keep >host.yaml
expect_status 31 "$BOOTSEAL" activate host.yaml
cp .out said
cp .err noted
check "it is named" grep -q '"s23": cannot open "many/23.yaml"' noted
expect_same want <(values)
expect_same - <(grep '^kept' said) <<<"kept s23"

about "two that are not there, and one that others may write"
mv many/22.yaml many/39.yaml .
chmod go+w many/24.yaml
expect_status 31 "$BOOTSEAL" activate host.yaml
cp .out said
cp .err noted
expect_same - <(grep '^kept' said | sort) <<<$'kept s22\nkept s23\nkept s24\nkept s39'
for i in 22 39; do check "$i is named" grep -q "\"s$i\": .*many/$i.yaml.*No such file" noted; done
expect_same want <(values)
many stop >host.yaml
expect_error 'many/22.yaml' "$BOOTSEAL" activate host.yaml
expect_same want <(values)
mv 22.yaml 39.yaml many
chmod go-w many/24.yaml
cp good many/23.yaml
run "all are good again" "$BOOTSEAL" activate host.yaml
expect_same want <(values)

about "no key for any"
"$BOOTSEAL" keygen -o host_other 2>/dev/null # says what it made
chmod 600 host_other
sed -i 's/host_key/host_other/' host.yaml
expect_error 'cannot open "many/0.yaml"' "$BOOTSEAL" activate host.yaml
expect_same want <(values)
expect_status 0 "$BOOTSEAL" deactivate host.yaml

about "sops-nix' manifest"
mkdir bin
ln -s "$BOOTSEAL" bin/sops-install-secrets
PATH=$TMP/bin:$PATH
MOUNT=/run/secrets.d LINK=/run/secrets
nix() { # the files that there are
	local i list=()
	for ((i = 0; i < FILES; i++)); do list+=("$(secret s$i token "\"sopsFile\":\"$TMP/many/$i.yaml\"")"); done
	local IFS=,
	manifest "${list[*]}" '"ageKeyFile":null' "\"ageSshKeyPaths\":[\"$TMP/host_key\"]" '"logging":{"keyImport":true}'
}
nix >m.json
chmod 644 m.json
run "sops-install-secrets" sops-install-secrets m.json
expect_same want <(values)
expect_output 1 grep -c imported noted
bend token <good >many/23.yaml
expect_error "many/23.yaml" sops-install-secrets m.json
expect_same want <(values)
