# SPDX-License-Identifier: MIT
{
  description = "Secrets sealed in git, opened at boot";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs }:
    let
      forEach =
        make:
        nixpkgs.lib.genAttrs [
          "x86_64-linux"
          "aarch64-linux"
        ] (system: make nixpkgs.legacyPackages.${system});
      build = pkgs: pkgs.callPackage ./contrib/nix/package.nix;
    in
    {
      packages = forEach (pkgs: {
        default = build pkgs { };
        # bin/sops, bin/age and the others as well.
        as-others = build pkgs { asOthers = true; };
      });

      overlays.default = final: _: { bootseal = build final { }; };

      nixosModules.default = ./contrib/nix/nixos.nix;
      homeManagerModules.default = ./contrib/nix/home-manager.nix;

      checks = forEach (pkgs: {
        package = (build pkgs { }).overrideAttrs { doCheck = true; };
        # The manifest of a host with the example's secrets, as its build checks it.
        module =
          (nixpkgs.lib.nixosSystem {
            modules = [
              self.nixosModules.default
              {
                nixpkgs.hostPlatform = pkgs.stdenv.hostPlatform.system;
                bootseal.defaultFile = ./tests/vectors/activate/openclaw.yaml;
                bootseal.secrets.OPENCLAW_GATEWAY_TOKEN = { };
                bootseal.templates."bridge.conf".content = "token = {{ OPENCLAW_GATEWAY_TOKEN | json }}";
              }
            ];
          }).config.environment.etc.bootseal.source;
      });
    };
}
