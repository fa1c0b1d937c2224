# SPDX-License-Identifier: MIT
# home-manager module: a user's bootseal.service opens the secrets when the user's systemd starts
# (at boot, with lingering), before any service that needs them, and again after a switch.
# They belong to the user, in the runtime directory, which is a memory file system.
#
# What must be gone once a service is up (documents of OpenClaw's that its agent must not read
# again) needs root: use the NixOS module, and a system unit with User=.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.bootseal;
  common = import ./common.nix {
    inherit lib pkgs cfg;
    perUser = true;
    defaults = {
      directory = "%t/secrets";
      identities = [ "${config.home.homeDirectory}/.ssh/id_ed25519" ];
      identitiesText = lib.literalExpression ''[ "''${config.home.homeDirectory}/.ssh/id_ed25519" ]'';
    };
    name = "user.yaml";
  };
  activate = "${cfg.package}/bin/bootseal activate ${common.manifest}/user.yaml";

  # The package's, where the user's systemd looks for them.
  units =
    places:
    lib.listToAttrs (
      map (
        place:
        lib.nameValuePair "systemd/user/${place}" {
          source = "${cfg.package}/lib/systemd/user/${baseNameOf place}";
        }
      ) places
    );
in
{
  options.bootseal = common.options;

  config = lib.mkIf cfg.enable {
    inherit (common) assertions;

    home.packages = [ cfg.package ];
    xdg.configFile = {
      # For people, and for "bootseal status ~/.config/bootseal/user.yaml".
      bootseal.source = common.manifest;
    }
    # These two read that manifest, and are the package's as they are.
    // lib.optionalAttrs (cfg.credentials != { }) (
      units [
        "bootseal-credentials.socket"
        "bootseal-credentials@.service"
        "sockets.target.wants/bootseal-credentials.socket"
      ]
    );

    # What contrib/systemd/user/bootseal.service says.
    systemd.user.services.bootseal = lib.mkIf common.opensFiles {
      Unit = {
        Description = "Open this user's sealed secrets onto a memory file system";
        Documentation = [
          "man:bootseal-activate(8)"
          "man:bootseal.yaml(5)"
        ];
        DefaultDependencies = false;
        Before = [
          "basic.target"
          "shutdown.target"
        ]
        ++ common.consumers;
        Conflicts = [ "shutdown.target" ];
        X-SwitchMethod = "reload";
      };
      Service = {
        Type = "oneshot";
        RemainAfterExit = true;
        SuccessExitStatus = 31;
        ExecStart = activate;
        ExecReload = activate;
        TimeoutStartSec = 90;
        TimeoutStopSec = 5;
        NoNewPrivileges = true;
        RestrictAddressFamilies = "AF_UNIX";
        RestrictNamespaces = true;
        RestrictRealtime = true;
        RestrictSUIDSGID = true;
        LockPersonality = true;
        MemoryDenyWriteExecute = true;
        SystemCallArchitectures = "native";
        SystemCallFilter = "@system-service @mount landlock_create_ruleset landlock_add_rule landlock_restrict_self";
        UMask = "0077";
      };
      Install.WantedBy = [ "basic.target" ] ++ common.consumers;
    };
  };
}
