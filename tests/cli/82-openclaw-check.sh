#!/usr/bin/env bash
# openclaw check: prepared installations, what is said of each, and that it is no secret.
. "${0%/*}/lib.sh"

S=$HOME/.openclaw
UNITS=$HOME/.config/systemd/user
DOCUMENT=/dev/shm/bootseal-test.$$/ # in memory, as /run is
mkdir -m 700 "$DOCUMENT"
at_exit 'rm -rf "$DOCUMENT"'
unset OPENCLAW_HOME OPENCLAW_STATE_DIR OPENCLAW_CONFIG_PATH OPENCLAW_GATEWAY_PORT

# A journal without anything of OpenClaw's, also where there is none.
mkdir bin
printf '#!/bin/sh\nexit 1\n' >bin/journalctl
chmod 755 bin/journalctl
PATH=$TMP/bin:$PATH

# The state is named as root must name something; what depends on this host alone is not looked at.
oc() { "$BOOTSEAL" openclaw check --state "$S" "$@"; }
# The kinds of what is no "ok", sorted, but for what depends on the host (an OpenClaw of another test may run). HOME may be on a disk or in memory: a file of variables is one or the other kind.
kinds() { # [OPTION...]
	local status=0
	oc --json "$@" >.json 2>.err || status=$?
	# the host alone may make it fail
	[ $status -eq 0 ] || [ $status -eq 35 ] || echo "status $status"
	grep -o '"level":"[a-z]*","kind":"[^"]*"' .json | sed '/"ok"/d; s/.*"kind":"//; s/"//; s/^environment-file$/plaintext/' |
		grep -vxE 'root|ptrace|identity|environ' | sort | paste -sd' '
}
says() { # NAME KINDS [OPTION...]
	local is
	is=$(kinds "${@:3}")
	if [ "$is" = "$2" ]; then ok "$1"; else fail "$1" "$is: $(cat .json .err)"; fi
	if grep -qF plain- .json .err || oc "${@:3}" 2>&1 | grep -qF plain-; then fail "$1: a secret is shown" "$(cat .json)"; else ok "$1: no secret"; fi
}
fresh() { # openclaw.json is on stdin
	rm -rf "$S" "$HOME/.config"
	mkdir -m 700 "$S"
	cat >"$S/openclaw.json"
	chmod 600 "$S/openclaw.json"
}
document() { # the provider's, on stdin
	rm -f "$DOCUMENT/oc.json"
	(umask 077 && cat >"$DOCUMENT/oc.json")
	chmod 400 "$DOCUMENT/oc.json"
}
sealed() { # [MORE [PORT]]: a configuration as it should be
	fresh <<-END
		// as it should be
		{ gateway: { port: ${2:-1}, auth: { mode: 'token', token: { source: "file", provider: "boot", id: "/OPENCLAW_GATEWAY_TOKEN", }, }, }, ${1-}
		  secrets: { providers: { boot: { source: "file", path: "$DOCUMENT/oc.json" } } } }
	END
	echo '{"OPENCLAW_GATEWAY_TOKEN":"plain-of-the-gateway"}' | document
}

about "six installations"
echo "{ gateway: { auth: { token: 'plain-token-1' } } }" | fresh
says "a token in openclaw.json" plaintext --no-gateway
check "the line is named" grep -qF 'gateway.auth.token","what":"line 1: a secret in plain text' .json

sealed
printf '# mine\nexport OPENAI_API_KEY="plain-openai-1"\nCOLOUR=blue\n' >"$S/.env"
says "a key in .env" plaintext --no-gateway
check "the line is named" grep -qF '.env","what":"line 2: OPENAI_API_KEY in plain text' .json

sealed
mkdir -p "$UNITS/openclaw-gateway.service.d"
printf '[Service]\nExecStart=/x\nEnvironment=A=b \\\n  "GEMINI_API_KEY=plain gemini-1"\n' >"$UNITS/openclaw-gateway.service"
printf '[Service]\nEnvironmentFile=-%%h/gw.env\n' >"$UNITS/openclaw-gateway.service.d/env.conf"
printf 'XAI_API_KEY=plain-xai-123\n' >"$HOME/gw.env"
says "a user unit with a key, and with a file of them" "plaintext unit-plaintext" --no-gateway

echo "{ gateway: { auth: { token: 'plain-token-1' } } }" | fresh
echo 'OPENCLAW_GATEWAY_TOKEN=plain-token-2' >"$S/.env"
printf "{ gateway: { auth: { token: 'plain-token-3' } } }" >"$S/openclaw.json.bak"
says "a token in three places" "backup plaintext plaintext" --no-gateway

sealed
says "SecretRefs" "" --no-gateway

printf '{ gateway: { auth: {\n token: "plain-token-1 } } }' | fresh
says "broken JSON5" config --no-gateway
check "the line is named" grep -qF 'line 2' .json

about "under other names"
sealed "mcp: { servers: { a: { env: { A_TOKEN: 'plain-mcp-12' }, args: ['--token', 'plain-arg-12'] } } },
  agents: { defaults: { sandbox: { docker: { env: { A_API_KEY: 'plain-docker-1' } } } } },
  models: { providers: { x: { baseUrl: 'https://me:plain-word@host/v1' } } },"
says "fields that take no SecretRef" "plaintext-only plaintext-only plaintext-only plaintext-only" --no-gateway
sealed "channels: { googlechat: { serviceAccount: { type: 'service_account', private_key: 'plain-of-the-account' } } },"
says "an account as an object" plaintext --no-gateway
sealed "channels: { line: { tokenFile: '$HOME/line.token' } },"
install -m 644 /dev/stdin "$HOME/line.token" <<<plain-line-token
cp "$HOME/line.token" "$HOME/line.old"
is=$(kinds --no-gateway) # HOME may be in memory
check "a token's file, and a copy of it" test "${is/secret-file secret-file-mode/secret-file-mode}" = "left secret-file-mode"
rm "$HOME"/line.*
sealed
mkdir -p "$S/credentials" "$UNITS/openclaw-x.service.d"
echo '{"anthropic":{"type":"oauth","access":"plain-access-1","refresh":"plain-refresh-1"}}' >"$S/credentials/oauth.json"
printf 'export OPENAI_API_KEY=plain-openai-1\n' >"$HOME/.bashrc"
printf '[Service]\n# Environment=XAI_API_KEY=plain-xai-old\nExecStart=/usr/bin/env GROQ_API_KEY=plain-groq-1 /x\n' >"$UNITS/openclaw.service"
printf '[Service]\nEnvironment="OPENAI\\x5fAPI_KEY=plain-openai-2"\nEnvironmentFile=%%h/env.d/*.env\n' >"$UNITS/openclaw-x.service.d/a.conf"
mkdir -p "$HOME/env.d"
echo OPENAI_API_KEYS=plain-openai-3,plain-openai-4 >"$HOME/env.d/a.env"
printf '# OPENAI_API_KEY=plain-openai-5\nDATABASE_URL=postgres://me:plain-word@host/x\n' >"$S/.env"
says "files of all kinds" "comment environment-all oauth plaintext plaintext-odd unit-argument unit-comment unit-plaintext" --no-gateway
rm -r "$HOME/.bashrc" "$HOME/env.d"

about "what OpenClaw refuses"
sealed
chmod 440 "$DOCUMENT/oc.json"
says "another mode" file --no-gateway
chmod 400 "$DOCUMENT/oc.json"
ln "$DOCUMENT/oc.json" "$DOCUMENT/second"
says "a second name" file --no-gateway
mv "$DOCUMENT/second" "$DOCUMENT/oc.real"
ln -sf oc.real "$DOCUMENT/oc.json"
says "a symlink" file --no-gateway
rm -f "$DOCUMENT"/*
says "nothing" file --no-gateway
mkfifo -m 400 "$DOCUMENT/oc.json"
says "a FIFO, which is not waited for" file --no-gateway
rm "$DOCUMENT/oc.json"
echo '{"U":"plain-of-the-gateway"}' | document
says "another key" file --no-gateway
sealed 'hooks: { token: "plain-hook-12" },'
says "a field that takes no SecretRef" plaintext-only --no-gateway
sealed 'channels: { telegram: {}, discord: { token: "${DISCORD_BOT_TOKEN}" } },'
says "a channel without its token, and one from a variable" "channel variable" --no-gateway
sealed 'a: { $include: "./more.json5" },'
says "an included file that is not there" config --no-gateway
sealed '"$include": "./more.json5",'
echo "{ models: { providers: { x: { apiKey: 'plain-key-1234' } } } }" >"$S/more.json5"
chmod 600 "$S/more.json5"
says "a key in an included file" plaintext --no-gateway
sealed
chmod 644 "$S/openclaw.json"
says "a configuration that others may open" mode --no-gateway

about "left in other files"
sealed
mkdir -p "$S/agents/main/sessions"
echo 'I say plain-of-the-gateway' >"$S/agents/main/sessions/log.jsonl"
head -c 3000000 /dev/zero >"$S/large"
printf 'plain-of-the-gateway' >>"$S/large"
ln -s "$DOCUMENT/oc.json" "$S/link"
mkfifo "$S/fifo"
says "a transcript, and the end of a large file" "left left" --no-gateway
check "the link is not followed" test "$(grep -c '"where":"[^"]*/link"' .json)" -eq 0

about "the journal"
rm -rf "$S/agents" "$S/large"
printf '#!/bin/sh\necho "$@" >>"%s"\necho "request with plain-of-the-gateway"\n' "$TMP/asked" >bin/journalctl
says "a secret in it" left --no-gateway
check "it is the journal that is named" grep -qF '"where":"the journal"' .json
check "the units of OpenClaw are asked for" grep -qF -e '--unit=openclaw* --user-unit=openclaw*' asked
printf '#!/bin/sh\nexit 1\n' >bin/journalctl
says "nothing in it" "" --no-gateway

about "a process"
(OPENCLAW_GATEWAY_TOKEN=plain-token-9 exec -a openclaw-gateway sleep 600) &
process=$!
for _ in {1..1200}; do ! grep -q openclaw-gateway "/proc/$process/cmdline" || break; sleep .05; done
says "a token in its environment" "" --no-gateway
check "the process is named" grep -qF "\"environ\",\"where\":\"/proc/$process/environ\",\"what\":\"the process has OPENCLAW_GATEWAY_TOKEN" .json
kill $process

about "more copies than anybody makes"
for ((i = 0; i < 2100; i++)); do : >"$S/openclaw.json.$i"; done
expect_status 35 "$BOOTSEAL" openclaw check --state "$S" --no-gateway
check "they are told" grep -qF 'more than 256 copies of the configuration' .out
find "$S" -name 'openclaw.json.*' -size 0 -delete

about "another place"
mv "$S" "$TMP/elsewhere"
expect_status 35 "$BOOTSEAL" openclaw check --state elsewhere --no-gateway
check "the problems are counted" grep -qE '^bootseal: openclaw check: [0-9]+ problems?$' .err
OPENCLAW_CONFIG_PATH=$TMP/elsewhere/openclaw.json expect_status 35 "$BOOTSEAL" openclaw check --state "$S" --no-gateway
check "the environment counts" test "$(grep -c 'no configuration' .out)" -eq 0
expect_error 'no user "nobody-at-all"' "$BOOTSEAL" openclaw check --for nobody-at-all
rm -rf elsewhere
expect_status 35 "$BOOTSEAL" openclaw check --state "$TMP/gone" --no-gateway
check "no configuration is a problem" grep -qF 'no configuration that it can read' .out

about "the gateway"
[ -x "$TOOLS/gateway" ] || skip "tests/tools/gateway was not built"
sealed
"$TOOLS/gateway" -f "$DOCUMENT/oc.json" "$TMP/port" &
at_exit "kill $!"
for _ in {1..1200}; do [ ! -s "$TMP/port" ] || break; sleep .05; done
PORT=$(cat "$TMP/port")
sed -i "s/port: 1,/port: $PORT,/" "$S/openclaw.json"
says "it is up, and the document still there" file-left
check "it takes its token and refuses another" grep -qF 'takes its token and refuses another' .json
mv "$DOCUMENT/oc.json" "$DOCUMENT/kept"
says "withdrawn" token-unknown
echo '{"OPENCLAW_GATEWAY_TOKEN":"plain-of-another"}' | document
says "another token than it knows" "file-left token-refused"
rm -f "$DOCUMENT"/*
OPENCLAW_GATEWAY_PORT=2 says "nobody listens there" "file gateway-down"
