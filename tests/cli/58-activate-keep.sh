#!/usr/bin/env bash
# "onError: keep": what is wrong with one name costs that one, which keeps its last good value; the others
# are renewed, and the status is 31.
. "${0%/*}/activate.sh"
own_mounts
. "${0%/*}/lib.sh"
empty_run
fake_systemctl

host <<'END'
identities: [host_key]
onError: keep
secrets:
  token: {file: openclaw.yaml, key: OPENCLAW_GATEWAY_TOKEN, restart: [token.service]}
  openai: {file: openclaw.yaml, key: OPENAI_API_KEY, owner: 4242, mode: "0440", restart: [openai.service]}
  a: {file: flat.yaml, key: A, restart: [a.service]}
environments:
  flat.env: {file: flat.yaml, keys: all}
templates:
  both.conf: {content: "{{ openai }} {{ a }}", restart: [both.service]}
END
cp host.yaml good.yaml
cp flat.yaml flat.good
cp foreign.yaml foreign.good

# What must be so whatever fails: one line an error, and no value in any.
silent() {
	if grep -qE 'sk-openai|gateway-token|value-of-a|two words' .err; then fail "a value is shown" "$(cat .err)"; else ok "no value is shown"; fi
}
# TEXT NAMES..., : the note, and who is kept
kept() { # TEXT NAME...
	local text=$1
	shift
	expect_status 31 "$BOOTSEAL" activate host.yaml
	cp .out said
	cp .err noted
	check "noted: $text" grep -qF "$text" noted
	printf 'kept %s\n' "$@" | sort >want
	expect_same want <(grep '^kept' said | sort)
	silent
}

run "the first" "$BOOTSEAL" activate host.yaml

# --- a file that does not open: a value changed, another's, cut, none, unreadable by kind
SOPS_AGE_SSH_PRIVATE_KEY_FILE=host_key "$BOOTSEAL" set openclaw.yaml '["OPENAI_API_KEY"]' <<<sk-openai-1 >/dev/null
bend A <flat.good >flat.yaml
kept '"a": cannot open "flat.yaml"' a flat.env
check "the status says which" grep -q '"a" and 1 more could not be renewed' noted
expect_output "value-of-a" bash -c 'cat /run/secrets/a; echo'
expect_output "sk-openai-1 value-of-a" bash -c 'cat /run/secrets/both.conf; echo'
expect_same said - <<<$'/run/secrets: generation 2, 5 files\nchanged openai\nchanged both.conf\nkept a\nkept flat.env\nrestart openai.service\nrestart both.service'
expect_same systemctl.log - <<<$'--no-block try-restart -- openai.service\n--no-block try-restart -- both.service'
rm systemctl.log
# Its record is that of the value that is live.
run "status" "$BOOTSEAL" status host.yaml
check "the broken file is not what is live" grep -qx "$TMP/flat.yaml: changed since" said
run "status --json" "$BOOTSEAL" status --json host.yaml
check "by its digest" grep -q "$(sha256sum <flat.good | cut -d' ' -f1)" said
cp foreign.good flat.yaml
kept 'no identity here' a flat.env
head -c 300 flat.good >flat.yaml
kept '"a": cannot open "flat.yaml"' a flat.env
rm flat.yaml
kept 'cannot open "flat.yaml": No such file' a flat.env
mkdir flat.yaml
kept 'Is a directory' a flat.env
rmdir flat.yaml
mkfifo flat.yaml
kept 'it is no regular file' a flat.env
rm flat.yaml
cp flat.good flat.yaml
chmod 666 flat.yaml
kept 'others may write the sealed file "flat.yaml"' a flat.env
chmod 644 flat.yaml
expect_absent systemctl.log
run "all good again" "$BOOTSEAL" activate host.yaml
expect_same said - <<<"/run/secrets: generation 9, 5 files"

# --- one of a file's values
sed -i 's/key: A,/key: NONE,/' host.yaml
kept '"a": key "NONE" is not in the file; its last good value stays' a
check "the message" grep -q 'bootseal: "a" could not be renewed; the notes say why' noted
cp good.yaml host.yaml
sed -i 's/key: OPENCLAW_GATEWAY_TOKEN/key: telegram/' host.yaml
kept '"token": key "telegram" is no single value' token
cp good.yaml host.yaml

# --- an owner that is missing: the value stays whose it was
sed -i 's/owner: 4242/owner: no-such-user/' host.yaml
kept '"openai": unknown owner "no-such-user"; its last good value stays' openai
expect_output 4242:440 stat -c %u:%a /run/secrets/openai
# The operator's check is as strict as ever.
expect_status 0 "$BOOTSEAL" activate --check host.yaml
sed 's/key: A,/key: NONE,/' good.yaml >strict.yaml
expect_status 1 "$BOOTSEAL" activate --check strict.yaml
cp good.yaml host.yaml

# --- what an encoder or an environment cannot carry
printf 'x\0y' >nul.bin
seal nul.bin --input-type binary --output-type binary
sed -i -e 's/{{ a }}/{{ nul | shell }}/' -e 's/^  a:/  nul: {file: nul.bin, format: binary, key: ""}\n  a:/' host.yaml
kept '"both.conf": the value of "nul": it holds a NUL byte' both.conf
expect_output "sk-openai-1 value-of-a" bash -c 'cat /run/secrets/both.conf; echo'
cp good.yaml host.yaml

# --- what has no good value yet is left out, with the templates that need it
cp flat.yaml kept.yaml
cp foreign.good flat.yaml
"$BOOTSEAL" deactivate host.yaml >/dev/null
expect_status 31 "$BOOTSEAL" activate --dry-run host.yaml
check "a dry run says so" grep -qx "would leave out a" .out
expect_absent /run/secrets
expect_status 31 "$BOOTSEAL" activate --json host.yaml
check "--json" grep -q '"kept":\[\],"leftOut":\["a","flat.env","both.conf"\]' .out
check "why" grep -q '"both.conf": the secret "a" in it has no value; it is left out' .err
expect_same <(ls /run/secrets/) - <<<$'openai\ntoken'
expect_output sk-openai-1 bash -c 'cat /run/secrets/openai; echo'
cp kept.yaml flat.yaml
run "then all are there" "$BOOTSEAL" activate host.yaml
check "added" grep -qx "added both.conf" said
expect_same systemctl.log - <<<$'--no-block try-restart -- a.service\n--no-block try-restart -- both.service'

# --- an owner that is missing on the first boot: a template takes the value all the same
sed -i '/^  a: /s/restart/owner: no-such-user, restart/' host.yaml
"$BOOTSEAL" deactivate host.yaml >/dev/null
expect_status 31 "$BOOTSEAL" activate host.yaml
check "left out" grep -qx "left out a" .out
expect_output "sk-openai-1 value-of-a" bash -c 'cat /run/secrets/both.conf; echo'
cp good.yaml host.yaml
run "and back" "$BOOTSEAL" activate host.yaml

# --- nothing is good: nothing changes, and the first reason is the error
live=$(listing /run/secrets.d)
cp foreign.good flat.yaml
cp foreign.good openclaw.yaml
for way in --dry-run ""; do
	expect_error '"token": cannot open "openclaw.yaml"' "$BOOTSEAL" activate ${way:+$way} host.yaml
	expect_status 128 "$BOOTSEAL" activate ${way:+$way} host.yaml
done
mv host_key away
expect_status 128 "$BOOTSEAL" activate host.yaml
mv away host_key
[ "$live" = "$(listing /run/secrets.d)" ] && ok "unchanged" || fail "something changed"
# The same without the word.
grep -v onError good.yaml >host.yaml
cp "$VECTORS/openclaw.yaml" openclaw.yaml
expect_status 128 "$BOOTSEAL" activate host.yaml
[ "$live" = "$(listing /run/secrets.d)" ] && ok "unchanged" || fail "something changed"
cp good.yaml host.yaml
cp kept.yaml flat.yaml

# --- a unit that was not told, and a file that was not renewed: both are said
cp foreign.good flat.yaml
echo 1 >systemctl.status
expect_status 31 "$BOOTSEAL" activate host.yaml
check "the unit" grep -q 'but token.service was not told\|but openai.service' .err
check "the file" grep -q 'note: "a": cannot open "flat.yaml"' .err
rm systemctl.status
expect_status 31 "$BOOTSEAL" activate host.yaml
"$BOOTSEAL" deactivate host.yaml >/dev/null
expect_absent /run/secrets /run/secrets.d
