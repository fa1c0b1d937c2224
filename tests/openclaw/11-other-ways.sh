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
