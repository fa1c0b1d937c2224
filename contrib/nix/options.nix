# SPDX-License-Identifier: MIT
# The options below "bootseal", for both modules: those of the manifest (bootseal.yaml(5)), field by
# field, and whether and how it is built.
{
  lib,
  pkgs,
  cfg, # config.bootseal
  perUser, # everything belongs to the user: no owners
  defaults, # what "directory" and "identities" are, and how the latter is described
  kinds,
  isUntilReady,
}:
let
  inherit (lib)
    literalExpression
    mkOption
    optionalAttrs
    optionalString
    types
    ;

  owner =
    what:
    mkOption {
      type = types.nullOr (types.either types.str types.ints.unsigned);
      default = null;
      description = what;
    };

  units =
    verb:
    mkOption {
      type = types.listOf types.str;
      default = [ ];
      example = [ "openclaw-gateway.service" ];
      description = ''
        Units that are ${verb} when the bytes${optionalString (!perUser) ", the owner"} or the mode change, where they run. They start
        after {file}`bootseal.service`, and want it.
      '';
    };

  # Of each name, of whatever kind.
  ofAll =
    {
      path = mkOption {
        type = types.str;
        readOnly = true;
        description = "Where it is on the host: its name, below {option}`bootseal.directory`, or beside that where it is published until a unit is ready.";
      };
      mode = mkOption {
        type = types.strMatching "0?[0-7]{3}";
        default = "0400";
        description = "Octal digits.";
      };
      link = mkOption {
        type = types.nullOr (types.strMatching "/.+");
        default = null;
        description = ''
          Where a symbolic link to it is made, for what looks elsewhere. What is there is replaced, but for
          a directory. It stays when the name goes from the configuration.
        '';
      };
      restart = units "restarted";
      reload = units "reloaded (or restarted, where they cannot be)";
    }
    // optionalAttrs (!perUser) {
      owner = owner "A user's name or number; `null` is root.";
      group = owner "A group's name or number; `null` is the owner's own.";
    };

  # Of what is made of a sealed file.
  sealed = {
    file = mkOption {
      type = types.nullOr types.path;
      default = cfg.defaultFile;
      defaultText = literalExpression "config.bootseal.defaultFile";
      example = literalExpression "./secrets/openclaw.yaml";
      description = "The sealed file: a path of this configuration, as in the example. It may be seen by all.";
    };
    format = mkOption {
      type = types.nullOr (
        types.enum [
          "yaml"
          "json"
          "dotenv"
          "ini"
          "binary"
          "age"
        ]
      );
      default = null;
      description = "The file's format; `null`: as the end of its name says.";
    };
  };

  keys = mkOption {
    type = types.either (types.enum [ "all" ]) (types.listOf types.str);
    example = [ "OPENAI_API_KEY" ];
    description = ''
      Paths of values in the file, with `/` between the keys; the last part of each is the name of
      the variable or member. `"all"`: every sealed value of the top level.
    '';
  };

  oneValue = sealed // {
    key = mkOption {
      type = types.nullOr types.str;
      default = null;
      example = "telegram/bot-token";
      description = ''
        The path of the value in the file, with `/` between the keys; `""` is the whole file.
        `null` is the secret's name, and the whole file where that is binary or an age file.
      '';
    };
  };

  # Of what can be withdrawn again: all but templates.
  untilReady = {
    lifetime = mkOption {
      type = types.enum [
        "boot"
        "until-ready"
      ];
      default = "boot";
      description = ''
        `until-ready`: it is there only while its unit starts. ${
          if perUser then "Only the NixOS module can do that." else "What a program that the unit runs could read later is gone then."
        }
      '';
    };
  }
  // optionalAttrs (!perUser) {
    unit = mkOption {
      # A template is started by its instances' names.
      type = types.nullOr (types.strMatching "[^/]*[^/@]\\.service");
      default = null;
      example = "openclaw-gateway.service";
      description = ''
        With `lifetime = "until-ready"`: the service that it is published for. It gets the commands that do so, in
        its `ExecStartPre=`, `ExecStartPost=` and `ExecStopPost=`, and loses variables like `LD_PRELOAD` (`UnsetEnvironment=`).
      '';
    };
    when = mkOption {
      type = types.nullOr (types.strMatching "(http://|/)[^ ]+");
      default = null;
      example = "http://127.0.0.1:18789/healthz";
      description = ''
        With `lifetime = "until-ready"`: the service is ready when this URL on this host answers, or this path exists.
      '';
    };
  };
  isUntilReady = value: (value.lifetime or "boot") == "until-ready";

  ofKind = {
    secrets = oneValue // untilReady;
    environments = sealed // untilReady // { inherit keys; };
    documents = sealed // untilReady // { inherit keys; };
    templates = {
      content = mkOption {
        type = types.str;
        example = "token = {{ telegram/bot-token | json }}";
        description = ''
          The text. `{{ name }}` stands for the value of the secret of that name, and
          `{{ name | json }}`, `shell` or `env` for it spelled for where it stands.
        '';
      };
    };
  };

  entries =
    kind: description:
    mkOption {
      type = types.attrsOf (
        types.submodule (
          { name, config, ... }:
          {
            options = ofKind.${kind} // ofAll;
            config.path = "${cfg.directory}${optionalString (isUntilReady config) ".ready"}/${name}";
          }
        )
      );
      default = { };
      inherit description;
    };
in
{
  enable = mkOption {
    type = types.bool;
    default = lib.any (kind: cfg.${kind} != { }) (kinds ++ [ "credentials" ]);
    defaultText = lib.literalMD "whether anything is to be opened";
    description = "Whether secrets are opened at ${if perUser then "the start of the user's systemd" else "boot"}.";
  };
  package = mkOption {
    type = types.package;
    default = pkgs.callPackage ./package.nix { };
    defaultText = literalExpression "pkgs.callPackage ./package.nix { }";
    description = "The program.";
  };
  check = mkOption {
    type = types.bool;
    default = true;
    description = ''
      Whether the build runs {command}`bootseal activate --check`, which needs no key: it finds what
      is misspelled in a manifest, and keys that a sealed file does not have. Turn it off where the
      machine that builds cannot run {option}`bootseal.package`.
    '';
  };
  defaultFile = mkOption {
    type = types.nullOr types.path;
    default = null;
    example = literalExpression "./secrets/web1.yaml";
    description = "The sealed file of all that name no other.";
  };
  directory = mkOption {
    type = types.strMatching "(/|%t/).+";
    default = defaults.directory;
    description =
      "The link to the opened secrets: an absolute path."
      + optionalString perUser " `%t` is the user's runtime directory, as in units.";
  };
  identities = mkOption {
    type = types.listOf types.path;
    apply = map toString;
    default = defaults.identities;
    defaultText = defaults.identitiesText;
    description = ''
      Private keys of the ${if perUser then "user" else "host"}: OpenSSH ed25519 keys without a passphrase, or files with age
      identities. Those that do not exist are skipped, as long as one does.
    '';
  };
  keep = mkOption {
    type = types.ints.between 0 100;
    default = 1;
    description = "How many generations before the live one are kept.";
  };
  onError = mkOption {
    type = types.enum [
      "stop"
      "keep"
    ];
    default = "stop";
    description = ''
      `stop`: one bad secret, and nothing changes. `keep`: it keeps its last good value, and the others
      are renewed.
    '';
  };
  secrets = entries "secrets" "Files of one value each.";
  environments = entries "environments" (
    "Files of assignments, for `EnvironmentFile=`."
    + optionalString (!perUser) ''

      One with `lifetime = "until-ready"` has a `-` before its path there: systemd reads it before each
      of the unit's commands, and before the first nothing is published.
    ''
  );
  documents = entries "documents" "Files of one JSON object each, as OpenClaw's file SecretRef reads them.";
  templates = entries "templates" "Texts with values of {option}`bootseal.secrets` in them.";
  credentials = mkOption {
    type = types.attrsOf (types.attrsOf (types.submodule { options = oneValue; }));
    default = { };
    example = literalExpression ''{ "app.service".token.key = "APP_TOKEN"; }'';
    description = ''
      Of each unit, the credentials that it may have: opened when it starts, and stored nowhere. The
      unit asks for them by `LoadCredential=token:${if perUser then "%t" else "/run"}/bootseal.credentials`.
    '';
  };
}
