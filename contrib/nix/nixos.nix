# SPDX-License-Identifier: MIT
# NixOS module: bootseal.service opens the secrets at boot, before any service that needs them
# starts, and again when "nixos-rebuild switch" brings others.
{
  config,
  lib,
  options,
  pkgs,
  ...
}:
let
  cfg = config.bootseal;
  common = import ./common.nix {
    inherit lib pkgs cfg;
    perUser = false;
    defaults = {
      directory = "/run/secrets";
      identities = if hostKeys == [ ] then [ "/etc/ssh/ssh_host_ed25519_key" ] else hostKeys;
      identitiesText = lib.literalMD "the ed25519 keys of `services.openssh.hostKeys`";
    };
    name = "host.yaml";
  };
  inherit (common) claim consumers option;

  hostKeys = map (key: key.path) (
    lib.filter (key: key.type == "ed25519") (config.services.openssh.hostKeys or [ ])
  );

  known = users: map (user: user.name) (lib.attrValues users);
  isNumber = who: builtins.isInt who || builtins.match "[0-9]+" who != null;
  # "root" is always there.
  isKnown = who: names: who == null || isNumber who || who == "root" || lib.elem who names;

  nameOf = lib.removeSuffix ".service";

  # What a service runs to have its secrets published while it starts, as root and outside of its own sandbox.
  publish =
    unit: when:
    let
      release = "+${cfg.package}/bin/bootseal release --for %n";
    in
    lib.nameValuePair (nameOf unit) {
      # Of app@one.service there is no whole unit: that is app@.service.
      overrideStrategy = lib.mkIf (lib.hasInfix "@" unit) "asDropin";
      serviceConfig = {
        # These commands are root's, and their variables the service's: none may lead the dynamic loader.
        UnsetEnvironment = [
          "LD_PRELOAD LD_AUDIT LD_LIBRARY_PATH LD_ORIGIN_PATH LD_DEBUG"
          "LD_DEBUG_OUTPUT LD_PROFILE LD_PROFILE_OUTPUT LD_TRACE_LOADED_OBJECTS"
          "GLIBC_TUNABLES GCONV_PATH LOCPATH MALLOC_TRACE"
        ];
        ExecStartPre = lib.mkBefore [ "+${cfg.package}/bin/bootseal activate --for %n" ];
        # systemd has a meaning of its own for "%".
        ExecStartPost = lib.mkAfter [
          "${release} --when ${lib.replaceStrings [ "%" ] [ "%%" ] (toString when)}"
        ];
        ExecStopPost = lib.mkAfter [ release ];
      };
    };

  # systemd would look for it before anything is published, and not start the unit.
  environmentFileClaims =
    kind: name: value:
    let
      service = config.systemd.services.${nameOf value.unit} or { };
      files = lib.toList (service.serviceConfig.EnvironmentFile or [ ]);
    in
    lib.optional (kind == "environments" && common.ready ? ${toString value.unit}) (
      claim (!(lib.elem value.path (map toString files))) ''
        ${option kind name}: it is published when ${value.unit} has begun to start. Its EnvironmentFile= needs a "-": "-${value.path}".''
    );

  ownerClaims =
    kind: name: value:
    [
      (claim (isKnown value.owner (known config.users.users)) ''
        ${option kind name}.owner: "${toString value.owner}" is no user of this configuration (users.users). Of a user from elsewhere, give the number.'')
      (claim (isKnown value.group (known config.users.groups)) ''
        ${option kind name}.group: "${toString value.group}" is no group of this configuration (users.groups). Of a group from elsewhere, give the number.'')
    ];
in
{
  options.bootseal = common.options;

  config = lib.mkIf cfg.enable (lib.mkMerge [
    { systemd.services = lib.mapAttrs' publish common.ready; }
    {
      assertions =
        common.assertions
        ++ common.perEntry ownerClaims
        ++ common.perEntry environmentFileClaims
        ++ lib.optional (options ? sops) (
          claim (config.sops.secrets == { } || cfg.directory != "/run/secrets") ''
            sops.secrets lie in /run/secrets, too: set bootseal.directory to another place, such as "/run/bootseal".''
        );

      environment.etc.bootseal.source = common.manifest;
      environment.systemPackages = [ cfg.package ];

      # contrib/systemd/bootseal.service as it is; what is here becomes a drop-in of it.
      systemd.packages = [ cfg.package ];
      systemd.services.bootseal = {
        # At a switch, sysinit-reactivation.target is what sysinit.target is at boot.
        before = [ "sysinit-reactivation.target" ] ++ consumers;
        # Users who are not made by sysusers.d.
        after = [ "userborn.service" ];
        # Never requiredBy: it would stop them whenever this is stopped.
        wantedBy = lib.optionals common.opensFiles (
          [
            "sysinit.target"
            "sysinit-reactivation.target"
          ]
          ++ consumers
        );
        unitConfig.RequiresMountsFor = cfg.identities;
        # A switch reloads it: what has not changed is not touched, and no consumer is stopped.
        reloadIfChanged = true;
        reloadTriggers = [ common.manifest ];
      };

      systemd.sockets.bootseal-credentials.wantedBy = lib.optional (
        cfg.credentials != { }
      ) "sockets.target";
      systemd.services."bootseal-credentials@".unitConfig.RequiresMountsFor = cfg.identities;
    }
  ]);
}
