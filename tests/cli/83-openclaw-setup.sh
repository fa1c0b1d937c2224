#!/usr/bin/env bash
# openclaw setup: a plan that holds no secret; the real run with programs that stand in for OpenClaw's; what it refuses,
# and that a way that does not work leaves everything as it was.
. "${0%/*}/activate.sh"
own_mounts
. "${0%/*}/lib.sh"
unset OPENCLAW_HOME OPENCLAW_STATE_DIR OPENCLAW_CONFIG_PATH OPENCLAW_GATEWAY_PORT

about "the plan"
S=$HOME/.openclaw
plan() { "$BOOTSEAL" openclaw setup --dry-run --state "$S" "$@"; }
mkdir -m 700 "$S"
printf "// mine\n{ gateway: { auth: { token: 'plain-token-1' } } }\n" >"$S/openclaw.json"
printf 'ANTHROPIC_API_KEY=plain-key-1\nOPENCLAW_GATEWAY_TOKEN=plain-token-2\n' >"$S/.env"
chmod 600 "$S"/.env "$S"/openclaw.json
(cd "$S" && sha256sum .env openclaw.json && stat -c '%n %i %Y %a' .env openclaw.json) >before
expect_status 0 plan --unit my-gateway.service
cp .out plan
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
expect_error 'line 1: not valid JSON5' plan
printf '{ gateway: { auth: { mode: "password" } } }' >"$S/openclaw.json"
printf 'ANTHROPIC_API_KEY="plain key" # mine\n' >"$S/.env"
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
	expect_output "no secret stands in plain text where OpenClaw looks for one" setup --yes --recipient "$OPERATOR"
	undo
done

about "what it refuses"
refuses() { # TEXT OPTION...: and nothing has changed
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
refuses 'does not belong to "openclaw"' --recipient "$OPERATOR"
rm "$S/.env"
mkdir -p "$HOME_OF_GATEWAY/.config/systemd/user"
install -m 600 /dev/stdin /etc/theirs.env <<<"OTHER_API_KEY=$SECRET-of-root"
printf '[Service]\nExecStart=/bin/true\nEnvironmentFile=/etc/theirs.env\n' >"$HOME_OF_GATEWAY/.config/systemd/user/openclaw-gateway.service"
finish_installation
refuses '"/etc/theirs.env" does not belong to "openclaw"' --recipient "$OPERATOR"
rm /etc/theirs.env
printf '[Service]\nExecStart=+/bin/true\n' >"$HOME_OF_GATEWAY/.config/systemd/user/openclaw-gateway.service"
finish_installation
refuses 'a command that does not begin with "/"' --recipient "$OPERATOR"
rm -r "$HOME_OF_GATEWAY/.config"
new_installation
token_in_config
finish_installation
setpriv --reuid=4242 --clear-groups "$TMP/gateway" "$PORT" 2>/dev/null & # it tells each request
busy=$!
for _ in {1..100}; do ! (: <"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null || break; sleep 0.1; done
refuses "somebody listens on port $PORT" --recipient "$OPERATOR"
kill $busy

about "a way that does not work"
for how in audit1 audit2 dies other; do
	echo $how >"$TMP/how"
	new_installation
	token_in_three_places
	finish_installation
	case $how in
	audit1) why='it finds secrets in plain text' ;;
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
