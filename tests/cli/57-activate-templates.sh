#!/usr/bin/env bash
# activate with templates: what they become, whose they are, who is told, and what is refused.
. "${0%/*}/activate.sh"
own_mounts
. "${0%/*}/lib.sh"
empty_run
fake_systemctl

host <<'END'
identities: [host_key]
templates:
  bridge.conf:
    content: |
      # {{ "{{" }} is no placeholder }}
      password = {{ telegram/bot-token }}
      again = {{telegram/bot-token}}
    owner: 4242
    group: 4343
    mode: "0440"
    restart: [bridge.service]
  deep/all.json:
    content: '{"key": {{ key | json }}, "lines": {{ multi | json }}, "port": {{ port }}}'
  run.sh:
    content: |
      KEY={{ key | shell }}
      LINES_={{ multi | shell }}
    reload: [other.service]
  run.env:
    content: |
      KEY={{ key | env }}
      LINES_={{ multi | env }}
secrets:
  telegram/bot-token: {file: openclaw.yaml, key: telegram/bot-token}
  key: {file: openclaw.yaml, key: ANTHROPIC_API_KEY}
  openai: {file: openclaw.yaml, key: OPENAI_API_KEY, restart: [openai.service]}
  multi: {file: openclaw.yaml, key: multi}
  port: {file: openclaw.yaml, key: port}
END
key='sk-ant-"quoted"$and\more' lines=$'first line\nsecond line'

# --- what they become
expect_output "9 files for /run/secrets: nothing wrong" "$BOOTSEAL" activate --check host.yaml
run "a dry run" "$BOOTSEAL" activate --dry-run host.yaml
check "it says what it would add" grep -qx "would add bridge.conf" said
expect_absent /run/secrets
run "activate" "$BOOTSEAL" activate host.yaml
printf '%s\n' '# {{ is no placeholder }}' 'password = 123456:telegram' 'again = 123456:telegram' >want
expect_same want /run/secrets/bridge.conf
expect_output "4242:4343 440" stat -c '%u:%g %a' /run/secrets/bridge.conf
expect_output "0:0 400" stat -c '%u:%g %a' /run/secrets/deep/all.json
printf %s '{"key": "sk-ant-\"quoted\"$and\\more", "lines": "first line\nsecond line\n", "port": 8080}' >want
expect_same want /run/secrets/deep/all.json
if command -v python3 >/dev/null; then
	expect_output "$key" python3 -c 'import json; print(json.load(open("/run/secrets/deep/all.json"))["key"])'
else
	skip_one "read by a JSON parser" "python3 is not installed"
fi
for file in run.sh run.env; do
	expect_output "$key/$lines" sh -c '. /run/secrets/'$file'; printf "%s/%s" "$KEY" "$LINES_"'
done
run "status" "$BOOTSEAL" status host.yaml
check "status names them" grep -qx /run/secrets/bridge.conf said

# --- who is told: those whose text has changed, and no other
run "unchanged" "$BOOTSEAL" activate host.yaml
expect_same said - <<<'/run/secrets: generation 2, 9 files'
cp changed.yaml openclaw.yaml
run "another value" "$BOOTSEAL" activate host.yaml
expect_same said - <<<$'/run/secrets: generation 3, 9 files\nchanged openai\nrestart openai.service'
sed -i 's/again/twice/' host.yaml
run "another text" "$BOOTSEAL" activate host.yaml
expect_same said - <<<$'/run/secrets: generation 4, 9 files\nchanged bridge.conf\nrestart bridge.service'
printf '123456:new' | SOPS_AGE_SSH_PRIVATE_KEY_FILE=host_key "$BOOTSEAL" set openclaw.yaml '["telegram"]["bot-token"]'
run "a value in it" "$BOOTSEAL" activate host.yaml
expect_same said - <<<$'/run/secrets: generation 5, 9 files\nchanged telegram/bot-token\nchanged bridge.conf\nrestart bridge.service'
check "the new value" grep -qx 'password = 123456:new' /run/secrets/bridge.conf
sed -i '/^  run.env:/,/LINES_/d' host.yaml
run "one less" "$BOOTSEAL" activate host.yaml
check "removed" grep -qx 'removed run.env' said

# --- what an encoder cannot carry: nothing changes, and the value is not shown
head -c 300 /dev/zero | tr '\0' '\377' >latin.bin
seal latin.bin --input-type binary --output-type binary
live=$(listing /run/secrets/)
for way in json env; do
	cat >bad.yaml <<-END
		identities: [host_key]
		secrets: {latin: {file: latin.bin, format: binary, key: ""}}
		templates: {t: {content: "x={{ latin | $way }}"}}
	END
	expect_error '"t": the value of "latin"' "$BOOTSEAL" activate bad.yaml
	check "one line" test "$(wc -l <.err)" -eq 1
done
[ "$live" = "$(listing /run/secrets/)" ] && ok "what is live stays" || fail "what is live has changed"

# --- many: time grows with their number
{
	printf 'identities: [host_key]\ndirectory: /run/many\nsecrets:\n'
	for ((i = 0; i < 1000; i++)); do echo "  s$i: {file: flat.yaml, key: A}"; done
	echo templates:
	for ((i = 0; i < 50; i++)); do
		printf '  t%d:\n    content: |\n' $i
		for ((k = 0; k < 100; k++)); do echo "      {{ s$((i * 20 + k % 20)) | json }}"; done
	done
} >many.yaml
run "1000 secrets, 50 templates" within 20 "$BOOTSEAL" activate many.yaml
expect_output 5000 sh -c 'cat /run/many/t* | grep -cx "\"value-of-a\""'
run "removed" "$BOOTSEAL" deactivate many.yaml
