# SPDX-License-Identifier: MIT
# What the modules for NixOS and home-manager share: the options below "bootseal", the manifest
# (bootseal.yaml(5)) that they become, and what is wrong with them.
{
  lib,
  pkgs,
  cfg, # config.bootseal
  perUser, # everything belongs to the user: no owners, and nothing that only root can do
  defaults, # what "directory" and "identities" are, and how the latter is described
  name, # of the manifest
}:
let
  kinds = [
    "secrets"
    "environments"
    "documents"
    "templates"
  ];
  all = lib.concatMap (kind: lib.attrValues cfg.${kind}) kinds;

  isUntilReady = value: (value.lifetime or "boot") == "until-ready";

  # Of each service that something is published for, when it is ready.
  ready = lib.foldl' (known: value: { ${value.unit} = value.when; } // known) { } (
    lib.optionals (!perUser) (lib.filter (value: isUntilReady value && value.unit != null) all)
  );

  options = import ./options.nix {
    inherit
      lib
      pkgs
      cfg
      perUser
      defaults
      kinds
      isUntilReady
      ;
  };

  made = import ./manifest.nix {
    inherit
      lib
      pkgs
      cfg
      perUser
      name
      kinds
      isUntilReady
      ;
  };

  wrong = import ./claims.nix {
    inherit
      lib
      cfg
      perUser
      kinds
      isUntilReady
      ready
      ;
    inherit (made) keyOf;
  };
in
{
  inherit kinds options ready;
  inherit (made) manifest;
  inherit (wrong)
    assertions
    claim
    option
    perEntry
    ;

  # Whether there is anything to be done at the start, and not only when a unit asks.
  opensFiles = all != [ ];

  # Those that are told, or published for: bootseal.service comes before them.
  consumers = lib.unique (
    lib.concatMap (value: value.restart ++ value.reload) all ++ lib.attrNames ready
  );
}
