#!/usr/bin/env bash
# credentials: what systemd's LoadCredential= gets of it. systemd's side of the connection is tests/tools/peer.
. "${0%/*}/activate.sh"
. "${0%/*}/lib.sh"
peer=$TOOLS/peer
[ -x "$peer" ] || skip "tests/tools/peer is not built"

host <<'EOF'
identities: [host_key]
credentials:
  app.service:
    token: {file: openclaw.yaml, key: telegram/bot-token}
    many.lines: {file: openclaw.yaml, key: multi}
    whole: {file: flat.yaml, key: ""}
  web@1.service:
    token: {file: flat.yaml, key: A}
  lost.service:
    key: {file: openclaw.yaml, key: no/such/key}
  broken.service:
    key: {file: broken.yaml, key: A}
    big: {file: big.yaml, key: BIG}
    full: {file: big.yaml, key: FULL}
    age: {file: secret.age}
EOF
head -c 300 openclaw.yaml >broken.yaml
printf 'BIG: %s\nFULL: %s\n' "$(head -c 1048577 /dev/zero | tr '\0' b)" "$(head -c 1048576 /dev/zero | tr '\0' f)" >big.yaml
seal big.yaml
printf 'of an age file\0' | "$BOOTSEAL" age -r "$("$BOOTSEAL" ssh-to-age -i "$VECTORS/host_key.pub")" >secret.age
credential() { "$peer" "a1b2c3d4/unit/$1" "$BOOTSEAL" credentials host.yaml; }
# More than systemd takes, and nothing but zeros: with an empty answer the unit would start.
expect_refused() { # TEXT UNIT/NAME
	expect_error "$1" credential "$2"
	if [ "$(tr -d '\0' <.out | wc -c)" -eq 0 ] && [ "$(wc -c <.out)" -eq 1048577 ]; then
		ok "$2 is refused"
	else
		fail "$2 got something else" "$(head -c 100 .out | od -c | head -n 3)"
	fi
}

about "what is its own"
expect_output 123456:telegram bash -c '"$0" a/unit/app.service/token "$1" credentials host.yaml 2>told; echo' "$peer" "$BOOTSEAL"
check "it is told, without the value" grep -qx 'credential "token" given to app.service' told
credential app.service/many.lines >got 2>told
printf 'first line\nsecond line\n' >want
expect_same want got
credential app.service/whole >got 2>told
printf 'A: value-of-a\nB: two words\n' >want
expect_same want got
credential web@1.service/token >got 2>told
printf value-of-a >want
expect_same want got
credential broken.service/age >got 2>told
printf 'of an age file\0' >want
expect_same want got
credential broken.service/full >got 2>told
head -c 1048576 /dev/zero | tr '\0' f >want
expect_same want got
"$peer" -n a1b2c3d4/unit/broken.service/full "$BOOTSEAL" credentials host.yaml >got 2>told
expect_same want got

about "what is not"
expect_refused 'credential "token" of other.service: the manifest does not give it to that unit' other.service/token
expect_refused 'the manifest does not give it' app.service/key
expect_refused 'the manifest does not give it' app.service/tok
expect_refused 'the manifest does not give it' app.service/token2
expect_refused 'the manifest does not give it' app.servic/token
expect_refused 'the manifest does not give it' 'app.service$(x)/token'

about "what cannot be opened"
expect_refused 'key "no/such/key" is not in the file' lost.service/key
expect_refused 'cannot open "broken.yaml"' broken.service/key
expect_refused 'systemd takes no credential of more than 1024 KiB' broken.service/big
mv host_key away
expect_refused 'no identity: "host_key" does not exist' app.service/token
mv away host_key
chmod o+w openclaw.yaml
expect_refused 'others may write the sealed file "openclaw.yaml"' app.service/token
chmod o-w openclaw.yaml
expect_error 'cannot open the manifest "none.yaml"' "$peer" a/unit/a.service/b "$BOOTSEAL" credentials none.yaml

about "what is ended before it was given"
# long enough to be met on its way
{ printf 'A: value-of-a\n'; for i in {1..30000}; do echo "k$i: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"; done; } >slow.yaml
seal slow.yaml
cat >slow-host.yaml <<'EOF'
identities: [host_key]
credentials: {slow.service: {token: {file: slow.yaml, key: A}}}
EOF
# Sends it as soon as the last of the signals, SIGALRM, is caught.
ended() { # SIGNAL
	local pid value=
	rm -f pid
	timeout -s KILL 120 "$peer" a1/unit/slow.service/token bash -c 'echo $$ >pid; exec "$0" credentials slow-host.yaml' \
		"$BOOTSEAL" >answer 2>told &
	until [ -s pid ]; do sleep 0.002; done
	read -r pid <pid
	while [ $((0x0${value:-0} & 0x2000)) -eq 0 ]; do
		value=$(sed -n "s/^SigCgt:.//p" "/proc/$pid/status" 2>/dev/null) || break
	done
	kill -s "$1" "$pid" 2>/dev/null || : "it was faster"
	wait $!
}
for signal in TERM INT HUP ALRM; do
	# on a busy machine it may have given it by then: once more
	for _ in {1..60}; do
		status=0
		ended $signal || status=$?
		[ "$status" -eq 0 ] || break
	done
	check "SIG$signal ends it with 3" test "$status" -eq 3
	check "it is said" grep -q 'ended before the credential was given: refused' told
	check "it is a refusal" test "$(tr -d '\0' <answer | wc -c) $(wc -c <answer)" = "0 1048577"
done

about "the units"
for unit in "$ROOT"/contrib/systemd/bootseal.service "$ROOT"/contrib/systemd/bootseal-credentials@.service; do
	check "${unit##*/} may end a child that became another user" \
		[ "$(sed -n '/^CapabilityBoundingSet=.*CAP_SETUID/s/.*\(CAP_KILL\).*/\1/p' "$unit")" = CAP_KILL ]
done
# What systemd makes of the line, said by what it tells the command of the end of the main process.
sed -n 's/^ExecStopPost=[^ ]* -c .\(.*\).$/\1/p' "$ROOT/contrib/systemd/bootseal-credentials@.service" | sed 's/\$\$/$/g; s/%%/%/g' >stop.sh
for ended in "exited 0 0" "exited 3 0" "exited 32 0" "exited 128 0" "exited 203 1048577" "exited 226 1048577" "killed KILL 1048577" "dumped SEGV 1048577" "'' '' 1048577"; do
	eval "set -- $ended"
	check "${1:-nothing} ${2:-known}: $3 bytes" \
		[ "$(EXIT_CODE=$1 EXIT_STATUS=$2 "$peer" a1/unit/a/b sh stop.sh | wc -c)" = "$3" ]
done

about "who is not systemd"
nothing() { # TEXT PEER-ARGUMENTS...
	expect_error "$1" "$peer" "${@:2}" "$BOOTSEAL" credentials host.yaml
	if [ -s .out ]; then fail "it got something" "$(head -c 100 .out)"; else ok "it got nothing"; fi
}
for name in '' app.service/token unit/app.service/token /unit/app.service/token x/unit/app.service/token \
	A1/unit/app.service/token 12345678901234567/unit/app.service/token a/unit/app.service a/unit//token a/unit/app.service/ \
	a/unit/app.service/token/x a/user/app.service/token; do
	nothing "the peer's name is none that systemd gives" "$name"
done
if [ "$(id -u)" -eq 0 ]; then
	nothing "the peer is uid 12345, not root or you" -u 12345 a/unit/app.service/token
else
	skip_one "another user's connection" "only root can become another"
fi
expect_error "standard input is no connection from systemd" "$BOOTSEAL" credentials host.yaml </dev/null
expect_error "standard input is no connection from systemd" "$BOOTSEAL" credentials host.yaml < <(:)

about "the manifest"
expect_error 'key "no/such/key" is not in the file' "$BOOTSEAL" activate --check host.yaml
sed -i '/lost.service/,+1d; /broken.yaml/d' host.yaml
expect_output "0 files for /run/secrets, and credentials: nothing wrong" "$BOOTSEAL" activate --check host.yaml
expect_error 'it has credentials alone, which are opened on demand' "$BOOTSEAL" activate --dry-run host.yaml
expect_error 'it has credentials alone' "$BOOTSEAL" activate host.yaml
