#!/usr/bin/env bash
# sops-nix' own NixOS module, as it is, with this program as its sops.package: evaluated, its manifests checked in their
# builds, and its activation scripts and unit run. Needs nix-build, NIXPKGS_LIB (see 72-nix.sh) and the source of
# sops-nix, which Go has where the real sops-install-secrets was built.
library=${NIXPKGS_LIB-}
modules=$(go env GOMODCACHE 2>/dev/null || :)
. "${0%/*}/../cli/activate.sh"
own_mounts
. "${0%/*}/../cli/lib.sh"
need nix-build
[ -n "$library" ] || skip "NIXPKGS_LIB does not say where nixpkgs' library is"
version=$(awk '$1 == "sops-install-secrets" { print $3 }' "$ROOT/.ci/versions")
source=$modules/github.com/!mic92/sops-nix@$version
[ -d "$source/modules/sops" ] || skip "the source of sops-nix $version is not in Go's cache of modules"
empty_run

mkdir nix nix/conf
export NIX_STORE_DIR=$TMP/nix/store NIX_STATE_DIR=$TMP/nix/state NIX_LOG_DIR=$TMP/nix/log NIX_CONF_DIR=$TMP/nix/conf
export NIX_CONFIG=$'sandbox = false\nsubstitute = false\nbuild-users-group =' BASH
unset NIX_REMOTE NIX_PATH
cp -r "$source/modules" "$TMP/modules" # "!" is no letter of a path in Nix
mkdir source here
mv modules source/
printf 'TOKEN: token-of-app\nPASSWORD: password-of-user\n' >here/secrets.yaml
seal here/secrets.yaml
mkdir /run/w
install -m 600 "$VECTORS/host_key" /run/w/
arguments=("$ROOT/tests/nix/sops-nix.nix" --argstr libPath "$(realpath "$library")" --argstr sopsNix "$TMP/source"
	--argstr bootseal "$BOOTSEAL" --argstr here "$TMP/here")
build() { nix-build --no-out-link "${arguments[@]}" -A "$1"; }
opened() {
	expect_output token-of-app bash -c 'cat /run/secrets/app/token; echo'
	expect_output "TOKEN=token-of-app" bash -c 'cat /run/secrets/rendered/app.env; echo'
	expect_output password-of-user bash -c 'cat /run/secrets-for-users/password; echo'
	expect_output "root 400" stat -Lc '%U %a' /run/secrets/app/token
}

expect_output "[ ]" nix-instantiate --eval --strict "${arguments[@]}" -A failed
about "activation scripts"
expect_status 0 build script
script=$(cat .out)
expect_status 0 bash -eu "$script"
check "the RSA key is told of, and no error" grep -q 'sshKeyPaths: /run/w/none_rsa_key is not used' .err
opened
expect_status 0 env NIXOS_ACTION=dry-activate bash -eu "$script"
about "units"
"$BOOTSEAL" deactivate --all >/dev/null
expect_absent /run/secrets /run/secrets-for-users
expect_status 0 build unit
unit=$(cat .out)
expect_status 0 bash -eu "$unit"
opened
about "a key that the file does not have"
expect_status 100 build wrong
check "the build's check says so" grep -q '"more".*"NONE"' .err
