# SPDX-License-Identifier: MIT
# bootseal for Nix, with links by which it is called as sops, age, age-keygen, age-inspect, ssh-to-age and
# sops-install-secrets: "sops.package" and "sops.validationPackage" of sops-nix can be it (bootseal-sops-nix(7)).
#
#	bootseal = pkgs.callPackage ./contrib/nix/package.nix { };
{
  lib,
  stdenv,
  pkg-config,
  libsodium,
  libyaml,
  libgcrypt,
  pcre2,
  # Only the link that sops-nix calls: in a system's environment the others would stand beside the real tools.
  onlySopsInstallSecrets ? true,
}:
stdenv.mkDerivation {
  pname = "bootseal";
  version = "0.1.0";

  src = lib.fileset.toSource {
    root = ../..;
    fileset = lib.fileset.unions [
      ../../Makefile
      ../../LICENSE
      ../../include
      ../../src
      ../../man
      ../../contrib
    ];
  };

  strictDeps = true;
  nativeBuildInputs = [ pkg-config ];
  buildInputs = [
    libsodium
    libyaml
    libgcrypt
    pcre2
  ];

  enableParallelBuilding = true;
  installTargets = if onlySopsInstallSecrets then [ "install" ] else [ "install-compat" ];
  installFlags = [ "PREFIX=${placeholder "out"}" ];
  postInstall = lib.optionalString onlySopsInstallSecrets ''
    ln -s bootseal $out/bin/sops-install-secrets
  '';

  meta = {
    description = "Sealed in git, open at boot: sops, age, ssh-to-age and sops-install-secrets in one small program";
    license = lib.licenses.mit;
    platforms = lib.platforms.linux;
    mainProgram = "bootseal";
  };
}
