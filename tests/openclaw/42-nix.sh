#!/usr/bin/env bash
# What the NixOS recipes of bootseal-openclaw-recipes(7) give OpenClaw as its configuration, judged by the real one.
# With NIX_OPENCLAW=/path/to/a/checkout of nix-openclaw it is evaluated with the modules of that.
library=${NIXPKGS_LIB-} openclaw=${NIX_OPENCLAW-}
. "${0%/*}/peers.sh"
need nix-instantiate
[ -n "$library" ] || skip "NIXPKGS_LIB does not say where nixpkgs' library is"

cp "$ROOT/tests/vectors/activate"/*.yaml .
mkdir secrets nix nix/conf state
mv openclaw.yaml secrets/
cp "$ROOT"/contrib/nix/example/*.nix .
echo '{ }' | tee configuration.nix >home.nix
awk '/^\.S[hs] / { on = $0 == ".Ss NixOS" } /^\.Ed/ { open = 0 } open { print } on && /^\.Bd -literal/ { open = 1 }' \
	"$ROOT/man/bootseal-openclaw-recipes.7" >flake.nix
export NIX_STORE_DIR=$TMP/nix/store NIX_STATE_DIR=$TMP/nix/state NIX_LOG_DIR=$TMP/nix/log NIX_CONF_DIR=$TMP/nix/conf
export NIX_CONFIG=$'sandbox = false\nsubstitute = false\nbuild-users-group =' BASH OPENCLAW_STATE_DIR=$TMP/state
unset NIX_REMOTE NIX_PATH

arguments=()
evaluate() { # WHAT
	nix-instantiate --eval --strict --json --read-write-mode "$ROOT/tests/nix/cases.nix" --argstr libPath "$(realpath "$library")" \
		--argstr nix "$ROOT/contrib/nix" --argstr bootseal "$BOOTSEAL" --argstr here "$TMP" "${arguments[@]}" -A "recipes.$1"
}
validate() { # STATUS KIND
	expect_status 0 evaluate "$2.json"
	cp .out state/openclaw.json
	expect_status "$1" env XDG_RUNTIME_DIR=/run/user/1000 "$OPENCLAW_DIR/node_modules/node/bin/node" \
		"$OPENCLAW_DIR/node_modules/openclaw/openclaw.mjs" config validate
}

about "options of the tests"
validate 0 system
validate 0 home
cp openclaw-common.nix good.nix
sed 's/mode = "token"/mode = "tokens"/' good.nix >openclaw-common.nix
validate 1 system
mv good.nix openclaw-common.nix

about "nix-openclaw's own"
if [ -z "$openclaw" ]; then
	skip_one "its modules" "NIX_OPENCLAW does not say where a checkout is"
	exit
fi
arguments=(--argstr nixOpenclaw "$(realpath "$openclaw")")
validate 0 system
validate 0 home
expect_status 0 evaluate system.service
check "it is published before the gateway starts" grep -q 'ExecStartPre=+[^"]*/bin/bootseal activate --for %n"' .out
check "and withdrawn" grep -q 'ExecStartPost=+[^"]*/bin/bootseal release --for %n --when http://127.0.0.1:18789/healthz"' .out
check "its user is the one that it is published to" grep -q '"Service User=openclaw"' .out
