#!/usr/bin/env bash
# The package and the flake evaluate, with the real library of nixpkgs (NIXPKGS_LIB: a checkout of
# nix-community/nixpkgs.lib); nothing is built.
. "${0%/*}/../cli/lib.sh"
need nix-instantiate
[ -n "${NIXPKGS_LIB-}" ] && [ -d "$NIXPKGS_LIB/lib" ] || skip "NIXPKGS_LIB names no checkout of nixpkgs.lib"

# Its state is in a place of our own, and no builder is asked for.
export NIX_STATE_DIR=$TMP/nix/var NIX_STORE_DIR=$TMP/nix/store NIX_LOG_DIR=$TMP/nix/log NIX_CONF_DIR=$TMP/nix/etc NIX_REMOTE=
mkdir -p nix/etc nix/store
value() { # EXPRESSION, in which lib, pkgs, package and flake are there
	local told
	# not each version ends what it prints with a line break
	told=$(nix-instantiate --eval --strict --json --readonly-mode -E "
		let
		  lib = import $NIXPKGS_LIB/lib;
		  # what the package asks of nixpkgs, and no more
		  pkgs = {
		    inherit lib;
		    stdenv = { mkDerivation = x: x; hostPlatform.system = \"x86_64-linux\"; };
		    callPackage = f: given: lib.makeOverridable (import f)
		      (builtins.intersectAttrs (builtins.functionArgs (import f)) (pkgs // names // given));
		  };
		  names = lib.genAttrs [ \"pkg-config\" \"libsodium\" \"libyaml\" \"libgcrypt\" \"pcre2\" ] (name: name);
		  package = pkgs.callPackage $ROOT/contrib/nix/package.nix { };
		  flake = (import $ROOT/flake.nix).outputs {
		    self = flake;
		    nixpkgs = { inherit lib; legacyPackages = lib.genAttrs [ \"x86_64-linux\" \"aarch64-linux\" ] (_: pkgs); };
		  };
		in $1") && printf '%s\n' "$told"
}

expect_output '["pkg-config"]' value package.nativeBuildInputs
expect_output '["libsodium","libyaml","libgcrypt","pcre2"]' value package.buildInputs
expect_output "\"$("$BOOTSEAL" --version | cut -d' ' -f2)\"" value package.version
expect_output '"MIT"' value package.meta.license.spdxId
expect_output '["install"]' value package.installTargets
expect_output '["install-compat"]' value '(package.override { onlySopsInstallSecrets = false; }).installTargets'
expect_output '["bootseal","bootseal-compat","default"]' value 'builtins.attrNames flake.packages.aarch64-linux'
expect_output '["install-compat"]' value flake.packages.x86_64-linux.bootseal-compat.installTargets
expect_output '"bootseal"' value '(flake.overlays.default pkgs pkgs).bootseal.pname'
# sops-nix' own options, as its module declares them
expect_output '["bootseal","bootseal"]' value '
	let
	  stub = { lib, ... }: {
	    options.sops = lib.genAttrs [ "package" "validationPackage" ] (_: lib.mkOption { type = lib.types.raw; });
	    config._module.args.pkgs = pkgs;
	  };
	  sops = (lib.evalModules { modules = [ stub flake.nixosModules.sops-package ]; }).config.sops;
	in map (p: p.pname) [ sops.package sops.validationPackage ]'
# Each file that the package is made of is there, and what "make install" needs is among them.
expect_output true value 'builtins.all builtins.pathExists (map (name: '"$ROOT"' + "/${name}")
	[ "Makefile" "LICENSE" "include" "src" "man" "contrib/completions/list" "contrib/systemd/bootseal.service" ])'
