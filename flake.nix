# SPDX-License-Identifier: MIT
{
  description = "bootseal: sealed in git, open at boot";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs }:
    let
      systems = [
        "x86_64-linux"
        "aarch64-linux"
      ];
      forAll = f: nixpkgs.lib.genAttrs systems (system: f nixpkgs.legacyPackages.${system});
    in
    {
      packages = forAll (pkgs: rec {
        bootseal = pkgs.callPackage ./contrib/nix/package.nix { };
        default = bootseal;
        # In the place of sops, age, age-keygen, age-inspect and ssh-to-age, too.
        bootseal-compat = bootseal.override { onlySopsInstallSecrets = false; };
      });

      overlays.default = final: _: {
        bootseal = final.callPackage ./contrib/nix/package.nix { };
      };

      # For hosts with sops-nix: its modules as they are, with this program below them.
      nixosModules.sops-package =
        { pkgs, ... }:
        let
          bootseal = self.packages.${pkgs.stdenv.hostPlatform.system}.bootseal;
        in
        {
          sops.package = bootseal;
          sops.validationPackage = bootseal;
        };
    };
}
