# Node and OpenClaw are in $OPENCLAW_DIR, where ".ci/run npm_peers" puts the versions of .ci/versions. Sourced in the
# place of lib.sh, which sets another HOME.

OPENCLAW_DIR=${OPENCLAW_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/bootseal-openclaw}
. "${BASH_SOURCE[0]%/*}/../cli/lib.sh"

[ -e "$OPENCLAW_DIR/node_modules/openclaw/openclaw.mjs" ] && [ -x "$OPENCLAW_DIR/node_modules/node/bin/node" ] ||
	skip "Node and OpenClaw of .ci/versions are not in $OPENCLAW_DIR (\".ci/run npm_peers\" puts them there)"
