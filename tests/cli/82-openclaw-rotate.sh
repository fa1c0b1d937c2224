#!/usr/bin/env bash
# openclaw rotate-token, with a gateway that stands in for OpenClaw's: a new value is in force, or all is as before.
. "${0%/*}/activate.sh"
own_mounts
. "${0%/*}/lib.sh"
empty_run
[ -x "$TOOLS/gateway" ] || skip "tests/tools/gateway is not built"

host <<'EOF'
identities: [host_key]
documents:
  openclaw/secrets.json:
    file: openclaw.yaml
    keys: [OPENCLAW_GATEWAY_TOKEN, ANTHROPIC_API_KEY]
    owner: 4242
    lifetime: until-ready
    unit: gw.service
EOF
cp host.yaml until-ready.yaml
document=/run/secrets.ready/openclaw/secrets.json
token=gateway-token-4f1d
not() { ! "$@"; }

# OpenClaw's command line: reloads, where the file FAKE does not say otherwise.
mkdir bin
mkdir -m 777 ports
cat >bin/openclaw <<'EOF'
#!/bin/sh
echo "$* with $OPENCLAW_GATEWAY_TOKEN at $OPENCLAW_GATEWAY_URL" >>"$SEEN"
read -r how <"$FAKE"
case $how in
forgets | refuses* | nonsense) ;;
*)
	said=$(wc -l <"$SAID")
	kill -HUP "$(cat "$GATEWAY")"
	while [ "$(wc -l <"$SAID")" -eq "$said" ]; do sleep 0.05; done
	;;
esac
case $how in
refuses) exit 1 ;;
stays) mount --bind "$DOCUMENT" "$DOCUMENT" && exit 1 ;;
'then '*) echo "${how#then }" >"$FAKE" ;; # the first reload is of what is there
*once) echo >"$FAKE" && exit 1 ;;
warns) echo '{"ok":true,"warningCount":1}' && exit ;;
nonsense) echo 'Secrets reloaded.' && exit ;;
esac
echo '{"ok":true,"warningCount":0}'
EOF
chmod 755 bin/openclaw
export PATH=$TMP/bin:$PATH DOCUMENT=$document SEEN=$TMP/seen FAKE=$TMP/fake GATEWAY=$TMP/gateway.pid SAID=$TMP/gateway.said
echo >fake
pid=
at_exit '[ -z "$pid" ] || kill "$pid"'
publish() { "$BOOTSEAL" activate --for gw.service host.yaml; }
withdraw() { "$BOOTSEAL" release --for gw.service host.yaml; }
start() { # DOCUMENT: the gateway, as after a boot
	if [ -n "$pid" ]; then kill "$pid"; fi
	rm -f ports/port
	setpriv --reuid=4242 --regid=4242 --clear-groups "$TMP/gateway" -f "$1" "$TMP/ports/port" 2>>gateway.said &
	pid=$!
	echo $pid >gateway.pid
	for _ in {1..1200}; do [ ! -s ports/port ] || break; sleep 0.1; done
	port=$(cat ports/port)
}
install -m 755 "$TOOLS/gateway" gateway
# What bash says to the gateway itself: nothing else with HTTP is on every host.
status_of() { # REQUEST-LINE [TOKEN]
	exec 3<>"/dev/tcp/127.0.0.1/$port"
	printf '%s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n' "$1" "${2-}" >&3
	read -r _ status _ <&3
	exec 3>&-
	echo "$status"
}
asked() { status_of "POST /tools/invoke" "$1"; }
sealed() { SOPS_AGE_SSH_PRIVATE_KEY_FILE=$TMP/host_key "$BOOTSEAL" get openclaw.yaml "[\"$1\"]"; }
rotate() { "$BOOTSEAL" openclaw rotate-token --manifest host.yaml --url "ws://127.0.0.1:$port" "$@"; }
unchanged() { # TOKEN
	expect_same openclaw.yaml before.yaml
	expect_output 200 asked "$1"
	expect_absent $document
}

publish >said
start $document
withdraw >said
expect_output 200 asked "$token"
expect_output 401 asked "x$token"

about "a new token"
cp -p openclaw.yaml before.yaml
run "rotate" rotate </dev/null
new=$(sealed OPENCLAW_GATEWAY_TOKEN)
check "it is another" test "$new" != "$token"
check "of 43 letters and digits" grep -qxE '[A-Za-z0-9]{43}' <<<"$new"
expect_output 200 asked "$new"
expect_output 401 asked "$token"
expect_absent $document
check "all else is sealed as it was" test "$(diff before.yaml openclaw.yaml | grep -c '^>')" -eq 3
check "the file belongs to whom it belonged" test "$(stat -c '%u %g %a' before.yaml)" = "$(stat -c '%u %g %a' openclaw.yaml)"
check "it was told with the old one" grep -qx "secrets reload --json with $token at ws://127.0.0.1:$port" seen
check "neither is told" not grep -qF -e "$new" -e "$token" said noted
check "what is to be done is" grep -q '^then: commit ".*/openclaw.yaml"' said
token=$new

about "another value"
cp -p openclaw.yaml before.yaml
run "rotate --key" rotate --key ANTHROPIC_API_KEY <<<'sk-of-stdin'
expect_output sk-of-stdin bash -c '"$@"; echo' - env SOPS_AGE_SSH_PRIVATE_KEY_FILE="$TMP/host_key" "$BOOTSEAL" get openclaw.yaml '["ANTHROPIC_API_KEY"]'
expect_output 200 status_of "GET /has/sk-of-stdin"
expect_output 200 asked "$token"
check "it is not told" not grep -qF sk-of-stdin said noted
cp -p openclaw.yaml before.yaml
expect_error 'there is no value on stdin' rotate --key ANTHROPIC_API_KEY </dev/null
expect_error 'there is no value on stdin' rotate --key ANTHROPIC_API_KEY <<<''
expect_error 'there is no value on stdin' rotate --key ANTHROPIC_API_KEY <<<'   '
expect_error 'begins or ends with white space' rotate --key ANTHROPIC_API_KEY <<<'sk-of-stdin '
expect_error 'it has a line break in it' rotate --key ANTHROPIC_API_KEY <<<$'sk-of\nstdin'
expect_error 'it has a control character in it' rotate --key ANTHROPIC_API_KEY < <(printf 'sk-of\0stdin\n')
expect_error 'it has a control character in it' rotate --key ANTHROPIC_API_KEY < <(printf 'sk-of\177stdin\n')
unchanged "$token"
expect_error 'the manifest has no value "OPENAI_API_KEY"' rotate --key OPENAI_API_KEY <<<x

about "a sealed file as it is to be"
cp openclaw.yaml next.yaml
SOPS_AGE_SSH_PRIVATE_KEY_FILE=$TMP/host_key "$BOOTSEAL" set next.yaml '["OPENCLAW_GATEWAY_TOKEN"]' <<<token-from-elsewhere
run "rotate --with" rotate --with next.yaml
expect_same openclaw.yaml next.yaml
expect_output 200 asked token-from-elsewhere
expect_output 401 asked "$token"
token=token-from-elsewhere

cp -p openclaw.yaml before.yaml
about "the same file again"
expect_error 'the sealed token is the same as before; all is as it was before' rotate --with next.yaml
unchanged "$token"
about "a file that does not open"
expect_error 'all is as it was before' rotate --with foreign.yaml
unchanged "$token"

about "a reload that fails"
echo 'then refuses once' >fake
expect_error '"openclaw secrets" ended with status 1; all is as it was before' rotate
unchanged "$token"
about "a reload that fails, and has reloaded"
echo 'then reloads and refuses once' >fake
expect_error 'all is as it was before' rotate
unchanged "$token"
about "a reload that says that it is done, and is not"
echo 'then forgets' >fake
expect_error 'the gateway does not take the new token; all is as it was before' rotate
unchanged "$token"
about "a reload after which a secret is missing"
echo 'then warns' >fake
expect_error 'the gateway lacks secrets that it had (1 warnings, before: 0)' rotate
unchanged "$token"
about "one that was missing already"
echo warns >fake
run rotate rotate
token=$(sealed OPENCLAW_GATEWAY_TOKEN)
expect_output 200 asked "$token"
cp -p openclaw.yaml before.yaml
about "a reload before anything is changed"
echo refuses >fake
expect_error '"openclaw secrets" ended with status 1; nothing was changed' rotate
unchanged "$token"
echo nonsense >fake
expect_error "OpenClaw's answer to the reload" rotate
unchanged "$token"
about "what cannot be withdrawn, where the reload fails, too"
echo stays >fake
expect_error 'what was published is still there: cannot remove' rotate
check "it says why, and what is to be done" grep -q 'with status 1; remove it: bootseal release --for' .err
umount "$document"
withdraw >said
unchanged "$token"
about "no way back"
echo 'then refuses' >fake
expect_error 'not all could be taken back' rotate
unchanged "$token"
echo >fake

about "a value that cannot be sealed"
cat >.sops.yaml <<END
creation_rules:
  - age: $("$BOOTSEAL" ssh-to-age -i "$VECTORS/other_key.pub")
END
expect_status 35 rotate
check "it says so" grep -q "could not be sealed: status 32; nothing was changed" .err
rm .sops.yaml
unchanged "$token"

about "a gateway that takes another token"
cp openclaw.yaml right.yaml
SOPS_AGE_SSH_PRIVATE_KEY_FILE=$TMP/host_key "$BOOTSEAL" set openclaw.yaml '["OPENCLAW_GATEWAY_TOKEN"]' <<<other
cp -p openclaw.yaml before.yaml
expect_error 'the gateway does not take the token that is sealed; nothing was changed: is it' rotate
cp right.yaml openclaw.yaml
cp -p openclaw.yaml before.yaml

about "one that was killed before the gateway was told"
left() { # COPY: the file of now is below it, and a new token is sealed
	mkdir -p "/run/bootseal.rotation/$1$TMP"
	cp openclaw.yaml "/run/bootseal.rotation/$1$TMP/"
	SOPS_AGE_SSH_PRIVATE_KEY_FILE=$TMP/host_key "$BOOTSEAL" set openclaw.yaml '["OPENCLAW_GATEWAY_TOKEN"]' <<<"killed-$1"
}
for copy in before after; do
	left $copy
	run "rotate" rotate --key ANTHROPIC_API_KEY <<<sk-after-a-kill
	check "it is told" grep -q 'note: a rotation was interrupted' noted
	expect_output 401 asked "$token"
	token=killed-$copy
	expect_output 200 asked "$token"
	expect_output 200 status_of "GET /has/sk-after-a-kill"
	check "no copy is left" test -z "$(ls -A /run/bootseal.rotation)"
done
cp -p openclaw.yaml before.yaml
left before
echo refuses >fake
expect_status 35 rotate
check "it says that nothing was changed" grep -q 'ended with status 1; nothing was changed' .err
check "the copy stays" test -e "/run/bootseal.rotation/before$TMP/openclaw.yaml"
expect_output 200 asked "$token"
echo >fake
# Brought to its end, and then another.
run "rotate" rotate
expect_output 401 asked killed-before
token=$(sealed OPENCLAW_GATEWAY_TOKEN)
expect_output 200 asked "$token"
cp -p openclaw.yaml before.yaml

about "two at a time"
rotate >first 2>&1 &
run "rotate" rotate
check "the other" wait $!
token=$(sealed OPENCLAW_GATEWAY_TOKEN)
expect_output 200 asked "$token"
check "no copy is left" test -z "$(ls -A /run/bootseal.rotation)"
cp -p openclaw.yaml before.yaml

about "a value in an environment"
cat >host.yaml <<END
identities: [host_key]
documents:
  openclaw/secrets.json: {file: openclaw.yaml, keys: [OPENCLAW_GATEWAY_TOKEN], owner: 4242, lifetime: until-ready, unit: gw.service}
environments:
  openclaw.env: {file: openclaw.yaml, keys: [ANTHROPIC_API_KEY], lifetime: until-ready, unit: gw.service}
END
: >seen
expect_error '"ANTHROPIC_API_KEY" is delivered in an environment alone' rotate --key ANTHROPIC_API_KEY <<<sk-of-stdin
check "it says what to do" grep -q '"bootseal set" in ".*/openclaw.yaml", "bootseal activate", and restart the gateway' .err
unchanged "$token"
check "the gateway was told nothing" test ! -s seen
# Which a SecretRef may lead to, or not.
sed -i '/^environments/,$d' host.yaml
cat >>host.yaml <<END
secrets:
  key: {file: openclaw.yaml, key: ANTHROPIC_API_KEY, owner: 4242, lifetime: until-ready, unit: gw.service}
END
run "rotate" rotate --key ANTHROPIC_API_KEY <<<sk-of-a-file
check "it says what is not known" grep -q '^now: restart the gateway, if it has this one by LoadCredential=' said
cp -p openclaw.yaml before.yaml
cp until-ready.yaml host.yaml

about "who and where"
expect_error 'is no URL of a gateway of this host' "$BOOTSEAL" openclaw rotate-token --manifest host.yaml --url wss://gateway.example
expect_error 'is not of this host' "$BOOTSEAL" openclaw rotate-token --manifest host.yaml --url ws://192.0.2.1:1
install -m 755 "$BOOTSEAL" bootseal
expect_error 'only root' setpriv --reuid=4242 --regid=4242 --clear-groups ./bootseal openclaw rotate-token --manifest host.yaml
unchanged "$token"

about "a document for the whole boot"
sed '/lifetime/d; /unit:/d' until-ready.yaml >host.yaml
echo '    restart: [gw.service]' >>host.yaml
expect_error 'comes to its services by a restart: of "gw.service"' rotate
sed -i '/restart/d' host.yaml
run "activate" "$BOOTSEAL" activate host.yaml
start /run/secrets/openclaw/secrets.json
run "rotate" rotate
expect_output 401 asked "$token"
token=$(sealed OPENCLAW_GATEWAY_TOKEN)
expect_output 200 asked "$token"
check "it is live" grep -qF "$token" /run/secrets/openclaw/secrets.json

about "no gateway"
cp -p openclaw.yaml before.yaml
kill $pid
wait $pid || : by our signal
pid=
expect_status 35 rotate
check "it says so" grep -q "nobody listens on port $port: is the gateway up?; nothing was changed" .err
expect_same openclaw.yaml before.yaml

about "another user's program on the port"
install -o 4343 -m 400 /run/secrets/openclaw/secrets.json known.json
start_other() { # [OPTIONS...]
	[ -z "$pid" ] || kill "$pid"
	rm -f ports/port
	setpriv --reuid=4343 --regid=4343 --clear-groups "$TMP/gateway" -f "$TMP/known.json" "$@" "$TMP/ports/port" 2>>gateway.said &
	pid=$!
	echo $pid >gateway.pid
	for _ in {1..1200}; do [ ! -s ports/port ] || break; sleep 0.1; done
	port=$(cat ports/port)
}
start_other
expect_error "another user than the gateway's listens on port $port" rotate
expect_same openclaw.yaml before.yaml

about "a manifest that says nothing of an owner"
sed -i '/owner/d' host.yaml
expect_error "another user than the gateway's listens on port $port" rotate
expect_same openclaw.yaml before.yaml
expect_error 'all is as it was before' rotate --for 4343 --with foreign.yaml
expect_same openclaw.yaml before.yaml

about "a gateway that answers a byte at a time"
start_other -d 500
: >seen
expect_error 'does not answer: Connection timed out; nothing was changed' rotate --for 4343
check "it was not told to reload" test ! -s seen

about "a program that is another's"
start_other
install -o 4343 -m 755 bin/openclaw its
expect_error "OpenClaw would run as root, and \"$TMP/its\" belongs to uid 4343" rotate --for 4343 --program "$TMP/its"
expect_absent /run/secrets.ready/openclaw/secrets.json
check "it was not run" test ! -s seen
expect_same openclaw.yaml before.yaml
