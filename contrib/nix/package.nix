# SPDX-License-Identifier: MIT
# pkgs.callPackage ./package.nix { }
#
# bin/sops-install-secrets is the program under the name by which it behaves as that one, so that
# sops-nix' sops.package can be this package. With asOthers = true there are bin/sops, bin/age and
# the others, too; it would be in the way of those packages else.
{
  lib,
  stdenv,
  pkg-config,
  libsodium,
  libyaml,
  libgcrypt,
  pcre2,
  check,
  asOthers ? false,
}:
let
  lines = lib.splitString "\n" (builtins.readFile ../../Makefile);
  version = lib.removePrefix "VERSION := " (
    lib.findFirst (lib.hasPrefix "VERSION := ") (throw "Makefile: no VERSION") lines
  );
in
stdenv.mkDerivation {
  pname = "bootseal";
  inherit version;

  # Without what is built, and what only the repository needs.
  src = lib.cleanSourceWith {
    name = "bootseal";
    src = ../..;
    filter =
      path: _:
      lib.elem (lib.head (lib.splitString "/" (lib.removePrefix "${toString ../..}/" path))) [
        "LICENSE"
        "Makefile"
        "README.md"
        "SECURITY.md"
        "contrib"
        "include"
        "keys"
        "man"
        "src"
        "tests"
      ];
  };

  strictDeps = true;
  enableParallelBuilding = true;
  nativeBuildInputs = [ pkg-config ];
  buildInputs = [
    libsodium
    libyaml
    libgcrypt
    pcre2
  ];

  makeFlags = [ "PREFIX=${placeholder "out"}" ];
  installTargets = [ (if asOthers then "install-compat" else "install") ];
  postInstall = ''
    ln -sf bootseal "$out/bin/sops-install-secrets"
  '';

  # The flake's checks turn it on: unit tests alone, which need neither root nor other programs.
  doCheck = false;
  checkInputs = [ check ];
  checkTarget = "run-units";

  meta = {
    description = "Secrets sealed in git, opened at boot";
    license = lib.licenses.mit;
    mainProgram = "bootseal";
    platforms = lib.platforms.linux;
  };
}
