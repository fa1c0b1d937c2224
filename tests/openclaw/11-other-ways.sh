#!/usr/bin/env bash
# The other ways in which the real gateway gets what was sealed, but for those that take systemd.
. "${0%/*}/openclaw.sh"
sealed_host <<'END'
identities: [host_key]
secrets:
  openclaw/token: {file: gateway.yaml, key: OPENCLAW_GATEWAY_TOKEN, WHOSE}
environments:
  openclaw/gateway.env: {file: gateway.yaml, keys: [OPENCLAW_GATEWAY_TOKEN], WHOSE}
documents:
  openclaw/secrets.json: {file: gateway.yaml, keys: all, WHOSE}
END
expect_status 0 "$BOOTSEAL" activate host.yaml

started() { # as gateway_start
	expect_status 0 gateway_start "$@"
	[ -z "$PID" ] || takes "$TOKEN"
	[ -n "$PID" ] || tail -n 5 "$LOG"
	gateway_stop
}

about "a file with the value alone"
config "$(ref file value)" "sealed: { source: 'file', path: '/run/secrets/openclaw/token', mode: 'singleValue' }" | gateway_config single
started single

about "an environment file, as dotenv reads it"
config "" | gateway_config dotenv
ln -s /run/secrets/openclaw/gateway.env dotenv/state/.env
started dotenv

about "an environment file of odd values"
mkdir odd
cat >odd/values.json <<'END'
{ "A": "pa$w${B}rd", "B": "a\"b", "C": "a\\\\b\\nc", "D": "a`id`b", "E": " x # y ", "F": "it's", "G": "=;!%", "H": "two\nlines of $",
  "J": "'", "K": "\t\u00e9\ud834\udd1e", "L": "#" }
END
cp odd/values.json odd/sealed.json
seal odd/sealed.json
cp host.yaml kept.yaml
host <<'END'
identities: [host_key]
environments:
  odd.env: {file: odd/sealed.json, keys: all}
END
expect_status 0 "$BOOTSEAL" activate host.yaml
cat >odd/read.mjs <<'END'
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import assert from "node:assert";
const dotenv = createRequire("/run/peers/node_modules/")("dotenv");
assert.deepStrictEqual(dotenv.parse(readFileSync(process.argv[2])), JSON.parse(readFileSync(process.argv[3])));
END
check "dotenv reads what was sealed" "$NODE" odd/read.mjs /run/secrets/odd.env odd/values.json
said='printf "<%s>" "$A" "$B" "$C" "$D" "$E" "$F" "$G" "$H" "$J" "$K" "$L"; echo'
export SOPS_AGE_SSH_PRIVATE_KEY_FILE=$TMP/host_key
expect_output "$("$BOOTSEAL" exec-env odd/sealed.json "$said")" sh -c ". /run/secrets/odd.env && $said"
unset SOPS_AGE_SSH_PRIVATE_KEY_FILE
mv kept.yaml host.yaml
expect_status 0 "$BOOTSEAL" activate host.yaml

# What "gateway install --wrapper" puts before the gateway's own command line; here it can read the host's key.
about "exec-env as a wrapper"
config "{ source: 'env', provider: 'default', id: 'OPENCLAW_GATEWAY_TOKEN' }" | gateway_config wrapper
install -m 755 "$BOOTSEAL" bootseal
cat >wrapper/wrapper <<END
#!/bin/sh
exec $TMP/bootseal exec-env --same-process $TMP/gateway.yaml "exec \$*"
END
chmod 755 wrapper/wrapper
install -o "$USER_OF_GATEWAY" -m 600 host_key wrapper/host_key
started wrapper SOPS_AGE_SSH_PRIVATE_KEY_FILE="$TMP/wrapper/host_key" -- "$TMP/wrapper/wrapper"

about "the exec provider"
install -o "$USER_OF_GATEWAY" -m 500 "$BOOTSEAL" provider
config "$(ref exec OPENCLAW_GATEWAY_TOKEN)" "sealed: { source: 'exec', command: '$TMP/provider',
	args: [ 'openclaw', 'resolve', '$TMP/host.yaml' ] }" | gateway_config exec
started exec
about "the exec provider, by the name of a secret"
config "$(ref exec openclaw/token)" "sealed: { source: 'exec', command: '$TMP/provider',
	args: [ 'openclaw', 'resolve', '$TMP/host.yaml' ] }" | gateway_config exec
expect_status 0 gateway_cli exec -- secrets audit --check --allow-exec
config "$(ref exec openclaw/other)" "sealed: { source: 'exec', command: '$TMP/provider',
	args: [ 'openclaw', 'resolve', '$TMP/host.yaml' ] }" | gateway_config exec
expect_status 2 gateway_cli exec -- secrets audit --check --allow-exec
check "the id that it has not is told" grep -q 'openclaw/other.*NOT_FOUND' .out
