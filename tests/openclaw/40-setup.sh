#!/usr/bin/env bash
# openclaw setup with the real OpenClaw, on installations as people have them: it ends as its plan said, or stops
# before it changes anything; then no secret of before is in any file; and --undo makes each file what it was.
. "${0%/*}/openclaw.sh"
. "$ROOT/tests/openclaw/setup.sh"

about "a token in openclaw.json"
new_installation
cat >"$S/openclaw.json" <<END
// mine
{
  gateway: { mode: 'local', port: $PORT, auth: { mode: 'token', token: '$SECRET-token' } }, // kept
}
END
echo "{ gateway: { auth: { token: '$SECRET-before' } } }" >"$S/openclaw.json.bak"
finish_installation
expect_status 0 setup --dry-run
cp .out plan
is_as_before
expect_status 0 setup --yes --recipient "$OPERATOR"
cat .out .err
ends_as_planned
