# For tests of "openclaw setup" with programs that stand in for OpenClaw's: mounts of its own, and what
# tests/openclaw/setup.sh has for one installation after the other. Read first; the test is lib.sh's then.
. "${0%/*}/activate.sh"
own_mounts
. "${0%/*}/lib.sh"
unset OPENCLAW_HOME OPENCLAW_STATE_DIR OPENCLAW_CONFIG_PATH OPENCLAW_GATEWAY_PORT
empty_run
[ -x "$TOOLS/gateway" ] || skip "tests/tools/gateway is not built"
install -m 755 "$TOOLS/gateway" gateway
. "$ROOT/tests/openclaw/setup.sh"
stand_in
