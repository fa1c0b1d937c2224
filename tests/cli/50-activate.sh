#!/usr/bin/env bash
# activate as root: files, owners, modes, generations, units, status, deactivate.
. "${0%/*}/activate.sh"
own_mounts
. "${0%/*}/lib.sh"
empty_run
fake_systemctl

host <<'EOF'
identities: [host_key]
keep: 1
secrets:
  telegram/bot-token:
    file: openclaw.yaml
    key: telegram/bot-token
    owner: nobody
    mode: "0440"
    restart: [telegram.service]
  multi: {file: openclaw.yaml, key: multi}
  port: {file: openclaw.yaml, key: port}
  deep/er/whole: {file: flat.yaml, key: ""}
environments:
  worker.env:
    file: openclaw.yaml
    keys: [OPENAI_API_KEY, ANTHROPIC_API_KEY, enabled]
    restart: [worker.service]
    reload: [other.service]
  flat.env: {file: flat.yaml, keys: all, reload: [other.service]}
documents:
  openclaw/secrets.json:
    file: openclaw.yaml
    keys: [OPENCLAW_GATEWAY_TOKEN, ANTHROPIC_API_KEY]
    owner: 4242
    group: 4343
    restart: [openclaw-gateway.service]
EOF

# --- nothing is written before it is asked for
before=$(listing /run)
expect_output "7 files for /run/secrets: nothing wrong" "$BOOTSEAL" activate --check host.yaml
run "a dry run" "$BOOTSEAL" activate --dry-run host.yaml
check "a dry run says what it would add" grep -qx "would add telegram/bot-token" said
[ "$before" = "$(listing /run)" ] && ok "a dry run writes nothing" || fail "a dry run writes"
mv host_key away
expect_status 0 "$BOOTSEAL" activate --check host.yaml
expect_error 'no identity: "host_key" does not exist' "$BOOTSEAL" activate host.yaml
mv away host_key
[ "$before" = "$(listing /run)" ] && ok "an error leaves nothing" || fail "an error leaves something" "$(listing /run)"

# --- the first activation
umask 077
run "activate" "$BOOTSEAL" activate host.yaml
umask 022
[ "$(readlink /run/secrets)" = secrets.d/1 ] && ok link || fail "the link" "$(readlink /run/secrets)"
expect_output 123456:telegram bash -c 'cat /run/secrets/telegram/bot-token; echo'
expect_output "nobody 440" stat -c '%U %a' /run/secrets/telegram/bot-token
printf 'first line\nsecond line\n' >want
expect_same want /run/secrets/multi
expect_output 8080 bash -c 'cat /run/secrets/port; echo'
printf 'A: value-of-a\nB: two words\n' >want
expect_same want /run/secrets/deep/er/whole
expect_output "0:0 400" stat -c '%u:%g %a' /run/secrets/deep/er/whole
printf '%s\n' 'OPENAI_API_KEY="sk-openai-old"' "ANTHROPIC_API_KEY='sk-ant-\"quoted\"\$and\\more'" 'enabled="true"' >want
expect_same want /run/secrets/worker.env
expect_output 'sk-ant-"quoted"$and\more' sh -c '. /run/secrets/worker.env; printf "%s\n" "$ANTHROPIC_API_KEY"'
printf '%s\n' 'A="value-of-a"' 'B="two words"' >want
expect_same want /run/secrets/flat.env
printf '%s\n' '{"OPENCLAW_GATEWAY_TOKEN":"gateway-token-4f1d","ANTHROPIC_API_KEY":"sk-ant-\"quoted\"$and\\more"}' >want
expect_same want /run/secrets/openclaw/secrets.json
# What OpenClaw insists on.
expect_output "regular file 1 4242:4343 400" stat -c '%F %h %u:%g %a' /run/secrets/openclaw/secrets.json
for directory in /run/secrets.d /run/secrets.d/1 /run/secrets.d/1/deep /run/secrets.d/1/deep/er; do
	expect_output "0:0 751" stat -c '%u:%g %a' $directory
done
expect_absent systemctl.log

# --- values of several lines, as keys are
printf 'pem: |\n  one\n  two\nkeep: |+\n  three\n\nfolded: >\n  four five\n' >lines.yaml
seal lines.yaml
cat >lines.host.yaml <<'EOF'
directory: /run/lines
identities: [host_key]
secrets:
  pem: {file: lines.yaml, key: pem}
  keep: {file: lines.yaml, key: keep}
  folded: {file: lines.yaml, key: folded}
documents:
  all.json: {file: lines.yaml, keys: all}
EOF
chmod 600 lines.host.yaml
expect_output "4 files for /run/lines: nothing wrong" "$BOOTSEAL" activate --check lines.host.yaml
run "values of several lines" "$BOOTSEAL" activate lines.host.yaml
printf 'one\ntwo\n' >want
expect_same want /run/lines/pem
printf 'three\n\n' >want
expect_same want /run/lines/keep
printf 'four five\n' >want
expect_same want /run/lines/folded
printf '%s\n' '{"pem":"one\ntwo\n","keep":"three\n\n","folded":"four five\n"}' >want
expect_same want /run/lines/all.json
"$BOOTSEAL" deactivate lines.host.yaml >/dev/null 2>&1

# --- the mount
case $(stat -f -c %T /run/secrets.d) in
ramfs) ok "ramfs" ;;
*) check "noswap" grep -q '/run/secrets.d .*noswap' /proc/self/mountinfo ;;
esac
check "mount options" grep -qE ' /run/secrets\.d ro,nosuid,nodev,noexec' /proc/self/mountinfo
expect_status 2 sh -c 'echo x >/run/secrets.d/x'
expect_status 2 sh -c 'echo x >/run/secrets/multi'
[ "$(grep -c ' /run/secrets.d ' /proc/self/mountinfo)" -eq 1 ] && ok "one mount" || fail "one mount"

# --- who may read
if command -v setpriv >/dev/null; then
	as() { setpriv --reuid "$1" --regid "$1" --clear-groups "${@:2}"; }
	expect_status 0 as 65534 cat /run/secrets/telegram/bot-token
	expect_status 1 as 65534 cat /run/secrets/openclaw/secrets.json
	expect_status 1 as 65534 cat /run/secrets/worker.env
	expect_status 2 as 65534 ls /run/secrets/
	expect_status 0 as 4242 cat /run/secrets/openclaw/secrets.json
	expect_status 1 as 4242 chmod 600 /run/secrets/openclaw/secrets.json
	expect_status 2 as 4242 sh -c 'echo x >/run/secrets/openclaw/secrets.json'
	# names are not for those who cannot list the directory
	expect_error "Permission denied" as 4242 "$BOOTSEAL" status --directory /run/secrets
	expect_status 1 as 4242 cat /run/secrets/.bootseal.json
else
	skip_one "as other users" "setpriv is not installed"
fi

# --- status
run "status" "$BOOTSEAL" status host.yaml
check "status: generation" grep -q '^/run/secrets: generation 1 of 20.*(mount, read-only)$' said
check "status: sources" grep -qx "$TMP/openclaw.yaml: as activated" said
mv flat.yaml away
mkfifo flat.yaml
run "status: a FIFO is not waited for" timeout 120 "$BOOTSEAL" status host.yaml
check "status: cannot be read" grep -qx "$TMP/flat.yaml: cannot be read" said
mv away flat.yaml
run "status --json" "$BOOTSEAL" status --json --directory /run/secrets
if command -v python3 >/dev/null; then
	check "it is JSON" python3 -m json.tool said
fi

# --- again, unchanged: nobody is told
run "unchanged" "$BOOTSEAL" activate host.yaml
expect_same said - <<<'/run/secrets: generation 2, 7 files'
expect_absent systemctl.log
expect_output 700 stat -c %a /run/secrets.d/1
expect_output 751 stat -c %a /run/secrets.d/2

# --- one value changes: the units of its files, no other
cp changed.yaml openclaw.yaml
run "status: changed" "$BOOTSEAL" status host.yaml
check "status: changed since" grep -qx "$TMP/openclaw.yaml: changed since" said
run "dry run" "$BOOTSEAL" activate --dry-run host.yaml
printf '%s\n' '7 files for /run/secrets' 'would change worker.env' 'would restart worker.service' 'would reload other.service' >want
expect_same want said
expect_absent systemctl.log
run "changed" "$BOOTSEAL" activate host.yaml
printf '%s\n' '/run/secrets: generation 3, 7 files' 'changed worker.env' 'restart worker.service' 'reload other.service' >want
expect_same want said
printf '%s\n' '--no-block try-restart -- worker.service' '--no-block try-reload-or-restart -- other.service' >want
expect_same want systemctl.log
rm systemctl.log
expect_absent /run/secrets.d/1 /run/secrets.d/3/.bootseal.units
check "still one older" test -d /run/secrets.d/2

# --- owner and mode count as changes; a new name and a removed one are said
sed -i -e 's/"0440"/"0400"/' -e 's/^  multi:/  many:/' host.yaml
run "mode" "$BOOTSEAL" activate host.yaml
printf '%s\n' '/run/secrets: generation 4, 7 files' 'added many' 'changed telegram/bot-token' 'removed multi' 'restart telegram.service' >want
expect_same want <(sort said | sed -n '/generation/p;/added/p;/changed/p;/removed/p;/restart/p')
expect_same <(echo '--no-block try-restart -- telegram.service') systemctl.log
rm systemctl.log
sed -i 's/owner: nobody/owner: 65533/' host.yaml
run "owner" "$BOOTSEAL" activate host.yaml
expect_same <(echo '--no-block try-restart -- telegram.service') systemctl.log
rm systemctl.log

# --- a sealed file that was put back
cp "$VECTORS/openclaw.yaml" openclaw.yaml
run "older" "$BOOTSEAL" activate host.yaml
check "an older file is noted" grep -q 'note: .*openclaw.yaml" is older than what was opened before' noted
rm -f systemctl.log

# --- systemd cannot be asked: live all the same, and told the next time
echo 1 >systemctl.status
cp changed.yaml openclaw.yaml
expect_status 31 "$BOOTSEAL" activate host.yaml
cp .err partly
check "it says so" grep -q 'the secrets are in place, but worker.service and 1 more units were not told' partly
expect_output sk-openai-new sh -c '. /run/secrets/worker.env; echo $OPENAI_API_KEY'
# What the restarts came to keeps no other from being reloaded.
check "the reload is tried, too" grep -q -- 'try-reload-or-restart -- other.service' systemctl.log
rm systemctl.status systemctl.log
run "told later" "$BOOTSEAL" activate host.yaml
expect_output PATH=/usr/sbin:/usr/bin:/sbin:/bin cat systemctl.env
check "the unit of before" grep -q -- '--no-block try-restart -- worker.service' systemctl.log
rm systemctl.log
run "once" "$BOOTSEAL" activate host.yaml
expect_absent systemctl.log

# --- a unit that systemd does not know: said once; the others are told once
sed -i 's/restart: \[worker.service\]/restart: [worker.service, missing.service]/' host.yaml
run "a new name of a unit is no change" "$BOOTSEAL" activate host.yaml
echo missing.service >systemctl.unknown
cp "$VECTORS/openclaw.yaml" openclaw.yaml
expect_status 31 "$BOOTSEAL" activate host.yaml
check "which" grep -q 'but missing.service was not told; correct the manifest' .err
printf -- '--no-block %s\n' 'try-restart -- worker.service' 'try-restart -- missing.service' 'try-reload-or-restart -- other.service' >want
expect_same want systemctl.log
rm systemctl.log
run "not again" "$BOOTSEAL" activate host.yaml
expect_absent systemctl.log
# Not to be asked, and then no longer in the manifest.
echo 1 >systemctl.status
cp changed.yaml openclaw.yaml
expect_status 31 "$BOOTSEAL" activate host.yaml
rm systemctl.status systemctl.log
sed -i 's/, missing.service\]/]/' host.yaml
run "those that are still named" "$BOOTSEAL" activate host.yaml
expect_same <(grep -v missing want) systemctl.log
rm systemctl.log systemctl.unknown

# --- killed while it tells them: those that were told are not told again
echo other.service >systemctl.kill
cp "$VECTORS/openclaw.yaml" openclaw.yaml
expect_status 137 "$BOOTSEAL" activate host.yaml
expect_same <(grep -v missing want) systemctl.log
rm systemctl.kill systemctl.log
run "the rest" "$BOOTSEAL" activate host.yaml
expect_same <(grep other want) systemctl.log
rm systemctl.log
run "and then none" "$BOOTSEAL" activate host.yaml
expect_absent systemctl.log

# --- numbers and dates come out as they were written
cat >spelled.yaml <<'END'
A: 1.50
B: TRUE
C: 0x1F
D: 2020-01-01
E: 1e3
F: "1.50"
G: 2020-01-01T10:00:00+02:00
H: 010
END
cp spelled.yaml spelled.plain
seal spelled.yaml
cat >spelled-host.yaml <<'END'
identities: [host_key]
directory: /run/spelled
secrets: {a: {file: spelled.yaml, key: A}}
environments: {b: {file: spelled.yaml, keys: all}}
documents: {c: {file: spelled.yaml, keys: [C]}}
END
run "spelled" "$BOOTSEAL" activate spelled-host.yaml
expect_same <(sed -e 's/"//g' -e 's/: \(.*\)/="\1"/' spelled.plain) /run/spelled/b
expect_output 1.50 sh -c 'cat /run/spelled/a; echo'
expect_output '{"C":"0x1F"}' cat /run/spelled/c
export SOPS_AGE_SSH_PRIVATE_KEY_FILE=host_key
expect_output 2020-01-01 sh -c '"$BOOTSEAL" get spelled.yaml "[\"D\"]"; echo'
expect_output 2020-01-01T00:00:00Z sh -c '"$BOOTSEAL" decrypt --extract "[\"D\"]" spelled.yaml; echo'
unset SOPS_AGE_SSH_PRIVATE_KEY_FILE
run "removed" "$BOOTSEAL" deactivate spelled-host.yaml

# --- many values, and many files: time grows with their number
for ((i = 0; i < 20000; i++)); do echo "K$i: value-$i"; done >many.yaml
seal many.yaml
printf 'identities: [host_key]\ndirectory: /run/many\nenvironments: {all: {file: many.yaml, keys: all}}\n' >many-host.yaml
run "20000 values" within 20 "$BOOTSEAL" activate many-host.yaml
expect_output 20000 sh -c 'wc -l </run/many/all'
{
	printf 'identities: [host_key]\ndirectory: /run/many\nsecrets:\n'
	for ((i = 0; i < 500; i++)); do
		cp flat.yaml "flat$i.yaml"
		echo "  s$i: {file: flat$i.yaml, key: A}"
	done
} >many-host.yaml
run "500 files" within 30 "$BOOTSEAL" activate many-host.yaml
expect_output 500 sh -c 'ls /run/many/ | wc -l'
run "removed" "$BOOTSEAL" deactivate many-host.yaml

# --- nobody to hear it: live all the same
if [ -c /dev/full ]; then
	for way in "" --json; do
		expect_status 0 sh -c '"$BOOTSEAL" activate '"$way"' host.yaml >/dev/full'
		check "a note" grep -q 'note: "/run/secrets" is live, but the report could not be written' .err
	done
	expect_status 3 sh -c '"$BOOTSEAL" activate --dry-run host.yaml >/dev/full'
fi

# --- keep
sed -i 's/^keep: 1/keep: 0/' host.yaml
run "keep 0" "$BOOTSEAL" activate host.yaml
expect_output 1 sh -c 'ls /run/secrets.d | wc -l'
run "--json" "$BOOTSEAL" activate --json host.yaml
check "--json: changed" grep -q '"changed":\[\]' said

# --- two at once wait for each other
for run in 1 2 3 4 5 6; do "$BOOTSEAL" activate host.yaml >"at-once.$run" 2>&1 & done
wait
expect_output 6 sh -c 'cat at-once.* | grep -c "generation"'
expect_output 6 sh -c 'cat at-once.* | grep -o "generation [0-9]*" | sort -u | wc -l'
mkfifo held
flock -F -x /run/.secrets.lock sh -c ': >held; exec sleep 600' & # one process, which ends with the signal
holder=$!
: <held
"$BOOTSEAL" activate host.yaml >waits 2>&1 &
waits=$!
sleep 0.5
check "it waits for the lock" sh -c 'kill -0 "$1" && [ ! -s waits ]' - $waits
kill $holder
wait $holder || : by our signal
expect_status 0 wait $waits
check "and goes on" grep -q generation waits

# --- an open file stays readable until it is closed
exec 7</run/secrets/port
expect_output "/run/secrets: removed" "$BOOTSEAL" deactivate host.yaml
expect_output 8080 bash -c 'cat <&7; echo'
exec 7<&-
expect_absent /run/secrets /run/secrets.d /run/.secrets.lock /run/.secrets.next
[ "$before" = "$(listing /run)" ] && ok "deactivate leaves nothing" || fail "deactivate leaves something" "$(listing /run)"
expect_status 1 grep -q secrets.d /proc/self/mountinfo
expect_output "/run/secrets: nothing was live" "$BOOTSEAL" deactivate --directory /run/secrets
[ "$before" = "$(listing /run)" ] && ok "nor where nothing was" || fail "deactivate makes something"
expect_error 'nothing is live in "/run/secrets"' "$BOOTSEAL" status host.yaml

# --- all that was activated, whatever the manifests were
expect_output "nothing was live" "$BOOTSEAL" deactivate --all
sed 's|^directory:.*||; 1i directory: "/run/more secrets"' host.yaml >more-host.yaml
for manifest in host.yaml more-host.yaml; do run "activate $manifest" "$BOOTSEAL" activate $manifest; done
mkdir -p /run/other.d
mount -t tmpfs tmpfs /run/other.d
echo mine >/run/other.d/file
check "listed under our name" grep -qE '^bootseal /run/secrets.d ' /proc/self/mounts
expect_error "exclude each other" "$BOOTSEAL" deactivate --all host.yaml
expect_error "exclude each other" "$BOOTSEAL" deactivate --all --directory /run/secrets
expect_output $'/run/more secrets: removed\n/run/secrets: removed' eval '"$BOOTSEAL" deactivate --all | sort'
expect_output mine cat /run/other.d/file
umount /run/other.d
rmdir /run/other.d
[ "$before" = "$(listing /run)" ] && ok "nothing is left" || fail "something is left" "$(listing /run)"
# a mount that was there before, and taken over
mkdir /run/secrets.d
mount -t ramfs none /run/secrets.d
run "on another's mount" "$BOOTSEAL" activate host.yaml
check "not listed under our name" grep -qE '^none /run/secrets.d ramfs ' /proc/self/mounts
check "as safe as our own" grep -qE '^none /run/secrets.d ramfs ro,nosuid,nodev,noexec,' /proc/self/mounts
expect_output "/run/secrets: removed" "$BOOTSEAL" deactivate --all
[ "$before" = "$(listing /run)" ] && ok "it goes, too" || fail "it does not go" "$(listing /run)"
# a mount of a user's is not ours, whatever it is called
run "beside a user's" "$BOOTSEAL" activate host.yaml
mkdir /run/user.d
mount -t tmpfs -o uid=4242,mode=755 bootseal /run/user.d
expect_output "/run/secrets: removed" "$BOOTSEAL" deactivate --all
umount /run/user.d
rmdir /run/user.d
[ "$before" = "$(listing /run)" ] && ok "nothing is left" || fail "something is left" "$(listing /run)"
# one that cannot go keeps no other from going
for manifest in host.yaml more-host.yaml; do run "activate $manifest" "$BOOTSEAL" activate $manifest; done
rm "/run/more secrets"
mkdir "/run/more secrets"
touch "/run/more secrets/file"
expect_error "more secrets" "$BOOTSEAL" deactivate --all
expect_absent /run/secrets /run/secrets.d
rm -r "/run/more secrets"
umount "/run/more secrets.d"
