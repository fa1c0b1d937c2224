#!/usr/bin/env bash
# openclaw setup: a plan that holds no secret; the real run with programs that stand in for OpenClaw's; what it refuses,
# and that a way that does not work leaves everything as it was.
. "${0%/*}/activate.sh"
own_mounts
. "${0%/*}/lib.sh"
unset OPENCLAW_HOME OPENCLAW_STATE_DIR OPENCLAW_CONFIG_PATH OPENCLAW_GATEWAY_PORT

about "the plan"
S=$HOME/.openclaw
whose=()
plan() { "$BOOTSEAL" openclaw setup --dry-run --state "$S" --program /bin/true "${whose[@]}" "$@"; }
# a gateway of root's is refused; who reads its files is nobody then
is_whose() {
	chmod 600 "$S"/.env "$S"/openclaw.json 2>/dev/null || : "not both are there"
	[ "$(id -u)" -ne 0 ] || chown -R nobody: "$S"
}
mkdir -m 700 "$S"
if [ "$(id -u)" -eq 0 ]; then
	whose=(--for nobody --identity "$VECTORS/host_key")
	chmod 755 "$TMP" "$HOME"
fi
printf "// mine\n{ gateway: { auth: { token: 'plain-token-1' } } }\n" >"$S/openclaw.json"
printf 'ANTHROPIC_API_KEY=plain-key-1\nOPENCLAW_GATEWAY_TOKEN=plain-token-2\n' >"$S/.env"
is_whose
(cd "$S" && sha256sum .env openclaw.json && stat -c '%n %i %Y %a' .env openclaw.json) >before
expect_status 0 plan --unit my-gateway.service
cp .out plan
check "who else opens it is to be said" grep -q 'to be said yet: who opens the secrets besides the host' .err
for line in "OPENCLAW_GATEWAY_TOKEN: $S/openclaw.json, line 2: gateway.auth.token" 'keys: \[OPENCLAW_GATEWAY_TOKEN, ANTHROPIC_API_KEY\]' \
	'unit: my-gateway.service' 'models.providers.anthropic.apiKey: { source: "file", provider: "bootseal", id: "/ANTHROPIC_API_KEY" }' \
	'\.env, line 2: OPENCLAW_GATEWAY_TOKEN (another value than the one in use)'; do
	check "$line" grep -q -- "$line" plan
done
check "it holds no secret" test "$(cat plan .err | grep -c plain-)" -eq 0
(cd "$S" && sha256sum .env openclaw.json && stat -c '%n %i %Y %a' .env openclaw.json) >after
expect_same before after
check "nothing else is there" test "$(ls -A "$S" | wc -l)" -eq 2

about "what it cannot rest on"
printf '{ gateway: { auth: { token: "plain-token-1" } }' >"$S/openclaw.json"
is_whose
expect_error 'line 1: not valid JSON5' plan
printf '{ gateway: { auth: { mode: "password" } } }' >"$S/openclaw.json"
printf 'ANTHROPIC_API_KEY="plain key" # mine\n' >"$S/.env"
is_whose
expect_error 'is not taken over' plan
rm "$S/.env"
expect_output "no secret stands in plain text where OpenClaw looks for one" plan
rm "$S/openclaw.json"
expect_status 0 plan
check "none is there yet" grep -q 'OPENCLAW_GATEWAY_TOKEN: a new one' .out
expect_error '--dry-run and --undo exclude each other' plan --undo
if [ "$(id -u)" -ne 0 ]; then expect_error 'only root can publish' "$BOOTSEAL" openclaw setup --state "$S"; fi

empty_run
[ -x "$TOOLS/gateway" ] || skip "tests/tools/gateway is not built"
install -m 755 "$TOOLS/gateway" gateway
. "$ROOT/tests/openclaw/setup.sh"
stand_in
not() { ! "$@"; }

for installation in token_in_config keys_in_env unit_with_environment token_in_three_places; do
	about "$installation"
	new_installation
	$installation
	finish_installation
	expect_status 0 setup --dry-run
	cp .out plan
	is_as_before
	expect_status 0 setup --yes --recipient "$OPERATOR"
	ends_as_planned
	opens_for_operator
	if [ $installation = keys_in_env ]; then
		expect_status 0 "$BOOTSEAL" activate --for openclaw-gateway.service
		expect_output "SKILL_API_TOKEN=\"$SECRET-skill\"" cat /run/secrets.ready/openclaw.env
		expect_output 0:400 stat -c %u:%a /run/secrets.ready/openclaw.env
		check "the document has the others" grep -q "\"ANTHROPIC_API_KEY\":\"$SECRET-anthropic\"" /run/secrets.ready/openclaw/secrets.json
		expect_status 0 "$BOOTSEAL" release --for openclaw-gateway.service
		expect_absent /run/secrets.ready/openclaw.env /run/secrets.ready/openclaw/secrets.json
	fi
	expect_output "no secret stands in plain text where OpenClaw looks for one" setup --yes --recipient "$OPERATOR"
	undo
done

about "none"
new_installation
rm -r "$S"
finish_installation
if (: <"/dev/tcp/127.0.0.1/18789") 2>/dev/null; then # nobody is there
	skip_one "a first configuration" "somebody listens on OpenClaw's own port"
else
	expect_status 0 setup --yes --recipient "$OPERATOR"
	check "what it needs yet is told" grep -q 'systemd here knows no "openclaw-gateway.service" yet' .out
	check "there is a configuration" grep -q '"id": "/OPENCLAW_GATEWAY_TOKEN"' "$S/openclaw.json"
	expect_output 4343:600 stat -c %u:%a "$S/openclaw.json"
	undo
	expect_absent "$S"
fi

about "what it refuses"
refuses() { # TEXT OPTION...: a dry run, too, and nothing has changed
	[ "$1" = 'no recipient is named besides the host' ] || expect_error "$1" setup --dry-run "${@:2}"
	expect_error "$1" setup --yes "${@:2}"
	is_as_before
}
new_installation
on_references
finish_installation
expect_output "no secret stands in plain text where OpenClaw looks for one" setup --yes --recipient "$OPERATOR"
is_as_before
new_installation
broken
finish_installation
refuses 'not valid JSON5' --recipient "$OPERATOR"
new_installation
token_in_config
finish_installation
host_recipient=$("$BOOTSEAL" ssh-to-age -i "$VECTORS/host_key.pub")
refuses 'no recipient is named besides the host'
refuses 'no recipient is named besides the host' --recipient "$host_recipient"
refuses 'no recipient is named besides the host' --recipient "$(cat "$VECTORS/host_key.pub")"
expect_error 'no recipient is named besides the host' setup --dry-run --recipient "$host_recipient"
refuses 'recipient "nobody": neither' --recipient nobody
refuses "the host's key cannot be used" --recipient "$OPERATOR" --identity /etc/passwd
expect_error 'say so in a script: --yes' setup --recipient "$OPERATOR" </dev/null
is_as_before
expect_error 'nothing is to be undone' setup --undo --yes
sed -i "s|^//.*|// once it was $SECRET-token|" "$S/openclaw.json"
finish_installation
refuses 'holds a secret in another place, too' --recipient "$OPERATOR"
new_installation
token_in_config
mv "$S/openclaw.json" "$S/elsewhere.json"
ln -s elsewhere.json "$S/openclaw.json"
finish_installation
refuses 'is no regular file with one name' --recipient "$OPERATOR"
rm "$S/openclaw.json"
ln "$S/elsewhere.json" "$S/openclaw.json"
finish_installation
refuses 'is no regular file with one name' --recipient "$OPERATOR"
new_installation
keys_in_env
finish_installation
chown 0:0 "$S/.env"
installation >before
refuses "$S/.env: it cannot be read from here" --recipient "$OPERATOR" # as the gateway's user, who may not
chmod 644 "$S/.env"
installation >before
refuses 'does not belong to "openclaw"' --recipient "$OPERATOR"
rm "$S/.env"
mkdir -p "$HOME_OF_GATEWAY/.config/systemd/user"
install -m 600 /dev/stdin /etc/theirs.env <<<"OTHER_API_KEY=$SECRET-of-root"
printf '[Service]\nExecStart=/bin/true\nEnvironmentFile=/etc/theirs.env\n' >"$HOME_OF_GATEWAY/.config/systemd/user/openclaw-gateway.service"
finish_installation
refuses '/etc/theirs.env: it cannot be read from here' --recipient "$OPERATOR"
chmod 644 /etc/theirs.env
refuses '"/etc/theirs.env" does not belong to "openclaw"' --recipient "$OPERATOR"
rm /etc/theirs.env
printf '[Service]\nExecStart=+/bin/true\n' >"$HOME_OF_GATEWAY/.config/systemd/user/openclaw-gateway.service"
finish_installation
refuses 'a command that does not begin with "/"' --recipient "$OPERATOR"
rm -r "$HOME_OF_GATEWAY/.config"
for line in "PROMPT='it is" "ODD_TOKEN=\"$SECRET-a\"b" "ODD_TOKEN=$SECRET-\\x" 'LANG=C \'; do
	new_installation
	token_in_config
	printf '%s\nOPENAI_API_KEY=%s-openai\n' "# mine
$line" "$SECRET" >"$S/.env"
	finish_installation
	refuses "$S/.env, line 2: " --recipient "$OPERATOR"
done
unit_with() { # LINE...: the gateway's, with these
	new_installation
	token_in_config
	printf '%s\n' '[Service]' User=openclaw "ExecStart=$TMP/openclaw gateway run --bind loopback --port $PORT" "$@" >/etc/systemd/system/openclaw-gateway.service
	finish_installation
}
for line in 'Environment="OPENAI_API_KEY=x-secret\x2dopenai"' 'Environment="OPENAI_API_KEY=x-secret'; do
	unit_with "$line"
	refuses 'which its readers take differently: write it as KEY=value and begin again' --recipient "$OPERATOR"
done
unit_with 'EnvironmentFile=/etc/oc.d/*.env'
refuses 'name each file by its path' --recipient "$OPERATOR"
new_installation
config_of ""
printf '%s\n' "OPENCLAW_GATEWAY_PASSWORD=$SECRET" "WORKDIR=/srv/$SECRET/data" >"$S/.env"
finish_installation
refuses 'or variable that is not known' --recipient "$OPERATOR"
unit_with "EnvironmentFile=/etc/oc.env" "EnvironmentFile=$S/more.env"
echo "OPENAI_API_KEY=$SECRET-1" >/etc/oc.env
echo "OPENAI_API_KEY=$SECRET-2" >"$S/more.env"
finish_installation
refuses 'and which is in force is not known' --recipient "$OPERATOR"
rm /etc/oc.env
new_installation
token_in_config
finish_installation
setpriv --reuid=4242 --clear-groups "$TMP/gateway" "$PORT" 2>/dev/null & # it tells each request
busy=$!
for _ in {1..1200}; do ! (: <"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null || break; sleep 0.1; done
refuses "somebody listens on port $PORT" --recipient "$OPERATOR"
kill $busy

about "what is in force"
sealed() { # NAME=VALUE...: and no other
	expect_status 0 setup --yes --recipient "$OPERATOR"
	SOPS_AGE_KEY_FILE=$TMP/operator.key "$BOOTSEAL" decrypt /etc/bootseal/openclaw.yaml >opened
	for pair; do check "$pair" grep -qx "${pair/=/: }" opened; done
	rm opened
	holds_no_secret
	undo
}
new_installation
config_of ""
printf '%s\n' "OPENAI_API_KEY=$SECRET-old" "OPENCLAW_GATEWAY_TOKEN=$SECRET-token" "OPENAI_API_KEY=$SECRET-new" \
	"OPENAI_API_KEY_1=$SECRET-first" "AWS_SECRET_ACCESS_KEY=$SECRET-aws" >"$S/.env"
echo "OPENAI_API_KEY=$SECRET-before" >"$S/.env.old"
finish_installation
sealed "OPENAI_API_KEY=$SECRET-new" "OPENAI_API_KEY_1=$SECRET-first" "AWS_SECRET_ACCESS_KEY=$SECRET-aws"
unit_with EnvironmentFile=/etc/oc.env # a new $SECRET
printf 'Environment=%s\n' "OPENAI_API_KEY=$SECRET-old OPENAI_API_KEY=$SECRET-2 GROQ_API_KEY=$SECRET-3" "GROQ_API_KEY=$SECRET-4" >>/etc/systemd/system/openclaw-gateway.service
echo "XAI_API_KEY=$SECRET-file" >/etc/oc.env
mkdir /etc/systemd/system/openclaw-gateway.service.d
printf '[Service]\nEnvironment=%s\n' "OPENAI_API_KEY=$SECRET-5" >/etc/systemd/system/openclaw-gateway.service.d/z.conf
printf '[Service]\nEnvironment=%s\n' "OPENAI_API_KEY=$SECRET-6 XAI_API_KEY=$SECRET-7" >/etc/systemd/system/openclaw-gateway.service.d/a.conf
cp /etc/oc.env oc.env
finish_installation
expect_status 0 setup --dry-run
check "the plan says which goes" grep -q "a.conf, line 2: OPENAI_API_KEY (another value than the one in use)" .out
expect_status 0 setup --yes --recipient "$OPERATOR"
SOPS_AGE_KEY_FILE=$TMP/operator.key "$BOOTSEAL" decrypt /etc/bootseal/openclaw.yaml >opened
for pair in "OPENAI_API_KEY: $SECRET-5" "GROQ_API_KEY: $SECRET-4" "XAI_API_KEY: $SECRET-file"; do check "$pair" grep -qx "$pair" opened; done
rm opened
check "the other file has none" test ! -s /etc/oc.env
holds_no_secret
expect_status 0 setup --undo --yes
expect_same oc.env /etc/oc.env
rm -r /etc/oc.env /etc/systemd/system/openclaw-gateway.service.d

about "a way that does not work"
for how in audit1 audit2 dies other; do
	echo $how >"$TMP/how"
	new_installation
	token_in_three_places
	finish_installation
	case $how in
	audit1) why="finds what was not to stay: $S/state/openclaw.sqlite: profiles.x.key" ;;
	audit2) why='it cannot resolve a SecretRef' ;;
	dies) why='its main process ended before it was ready' ;;
	other) why='does not take the sealed token' ;;
	esac
	expect_error "$why" setup --yes --recipient "$OPERATOR"
	check "$how: it says how all is" grep -q 'all is as it was before' .err
	is_as_before
	expect_absent /run/secrets.ready/openclaw/secrets.json
done
echo >how

about "a manifest that is there"
new_installation
keys_in_env
finish_installation
mkdir /etc/bootseal
printf '# mine\nidentities: [/etc/ssh/ssh_host_ed25519_key]\ndocuments:\n  # the first\n  other.json: {file: other.yaml, keys: all}\n' >/etc/bootseal/host.yaml
cp -p /etc/bootseal/host.yaml host.before
expect_status 0 setup --yes --recipient "$OPERATOR"
check "what was there is" test "$(head -n 5 /etc/bootseal/host.yaml)" = "$(cat host.before)"
check "and what is new" grep -q 'openclaw/secrets.json:' /etc/bootseal/host.yaml
expect_status 0 setup --undo --yes
expect_same host.before /etc/bootseal/host.yaml
check "with its time" test "$(stat -c %Y /etc/bootseal/host.yaml)" = "$(stat -c %Y host.before)"
rm -r /etc/bootseal
is_as_before

about "changed after the setup"
new_installation
keys_in_env
finish_installation
expect_status 0 setup --yes --recipient "$OPERATOR"
echo '# new' >>"$S/.env"
expect_status 0 setup --undo --yes
check "it says what is lost" grep -qx "	$S/.env" .out
is_as_before

# What stands in for systemd does what the drop-in says, with this program.
mkdir -p /run/systemd/system bin
cat >bin/systemctl <<END
#!/bin/bash
echo "\$*" >>"$TMP/systemctl.log"
stop() { [ ! -s "$TMP/pid" ] || kill -KILL "\$(cat "$TMP/pid")" 2>/dev/null; rm -f "$TMP/pid"; } # it ignores what we ignore
case "\$*" in
*--user*) [[ \$* != *is-active* ]] || [ -e "$TMP/active" ] ;;
cat*) [ -e /etc/systemd/system/openclaw-gateway.service ] ;;
is-active*) [ -e "$TMP/active" ] ;;
stop*) stop ;;
start* | restart*)
	stop
	drop_in=/etc/systemd/system/openclaw-gateway.service.d/50-bootseal.conf
	[ "\$(cat "$TMP/how")" != fails ] || exit 1
	[ -e "\$drop_in" ] || exit 0
	"$BOOTSEAL" activate --for openclaw-gateway.service || exit 1
	setpriv --reuid=4343 --regid=4343 --clear-groups "$TMP/gateway" -f /run/secrets.ready/openclaw/secrets.json "\$(cat "$TMP/port")" 2>/dev/null >&2 &
	echo \$! >"$TMP/pid"
	url=\$(sed -n 's/^ExecStartPost=.*--when //p' "\$drop_in")
	"$BOOTSEAL" release --for openclaw-gateway.service --when "\$url"
	;;
esac
END
chmod 755 bin/systemctl
PATH=$TMP/bin:$PATH
at_exit '[ ! -s "$TMP/pid" ] || kill -KILL "$(cat "$TMP/pid")"'
told() { # LINE...: what systemctl was told, in that order, among other things
	local line at=0 found
	for line; do
		found=$(grep -nxF -- "$line" systemctl.log | cut -d: -f1 | awk -v at=$at '$1 > at { print; exit }')
		check "systemctl $line" test -n "$found"
		at=${found:-$at}
	done
}
under_systemd() { # INSTALLATION HOW
	about "under systemd: $1 $2"
	new_installation
	$1
	finish_installation
	echo "$PORT" >port
	echo "$2" >how
	: >systemctl.log
}
install -m 666 /dev/null systemctl.log # the gateway's user asks his own manager
touch active
under_systemd token_in_three_places ""
expect_status 0 setup --yes --recipient "$OPERATOR"
cp .out plan
ends_as_planned
told 'cat openclaw-gateway.service' 'is-active openclaw-gateway.service' daemon-reload 'stop openclaw-gateway.service' 'start openclaw-gateway.service'
check "it runs on" test -s pid
: >systemctl.log
undo
told daemon-reload 'restart openclaw-gateway.service'
under_systemd token_in_three_places fails
expect_error '"systemctl start openclaw-gateway.service" ended with status 1' setup --yes --recipient "$OPERATOR"
is_as_before
told 'start openclaw-gateway.service' daemon-reload 'restart openclaw-gateway.service'
for state in 1 ""; do
	rm -f active
	[ -z "$state" ] || touch active
	under_systemd unit_with_environment ""
	expect_status 0 setup --yes --recipient "$OPERATOR"
	told '--user stop openclaw-gateway.service' daemon-reload 'stop openclaw-gateway.service' 'start openclaw-gateway.service' \
		'enable openclaw-gateway.service'
	check "it is a system unit" grep -q "^ExecStart=$TMP/openclaw gateway run" /etc/systemd/system/openclaw-gateway.service
	check "with the home of its user" grep -q "\"HOME=$HOME_OF_GATEWAY\" LANG=C.UTF-8" /etc/systemd/system/openclaw-gateway.service
	expect_absent "$HOME_OF_GATEWAY/.config/systemd/user/openclaw-gateway.service"
	check "it runs where it ran before" test "$(ls pid 2>/dev/null)" = "${state:+pid}"
	: >systemctl.log
	undo
	told 'disable openclaw-gateway.service' 'stop openclaw-gateway.service' daemon-reload '--user daemon-reload'
	check "so does the user's own" test "$(grep -c 'user start' systemctl.log)" -eq ${#state}
done
