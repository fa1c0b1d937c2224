# SPDX-License-Identifier: MIT
# What the modules for NixOS and home-manager share: the options below "bootseal", the manifest
# (bootseal.yaml(5)) that they become, and what is wrong with them.
{
  lib,
  pkgs,
  cfg, # config.bootseal
  perUser, # everything belongs to the user: no owners
  defaultDirectory,
  name, # of the manifest
}:
let
  inherit (lib)
    concatMap
    concatMapStrings
    concatStringsSep
    escapeShellArg
    filterAttrs
    hasPrefix
    hasSuffix
    literalExpression
    mapAttrs
    mapAttrsToList
    mkOption
    optional
    optionalAttrs
    optionalString
    optionals
    splitString
    types
    unique
    ;

  kinds = [
    "secrets"
    "environments"
    "documents"
    "templates"
  ];

  opensFiles = lib.any (kind: cfg.${kind} != { }) kinds;
  credentials = cfg.credentials or { };

  # --- Options --------------------------------------------------------------------------------

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

  # Of what can be withdrawn again.
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
      type = types.nullOr (types.strMatching "[^/]+\\.service");
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
    environments = sealed // { inherit keys; };
    documents = sealed // { inherit keys; } // untilReady;
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

  options = {
    enable = mkOption {
      type = types.bool;
      default = opensFiles || credentials != { };
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
      default = defaultDirectory;
      description =
        "The link to the opened secrets: an absolute path."
        + optionalString perUser " `%t` is the user's runtime directory, as in units.";
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
    environments = entries "environments" "Files of assignments, for `EnvironmentFile=`.";
    documents = entries "documents" "Files of one JSON object each, as OpenClaw's file SecretRef reads them.";
    templates = entries "templates" "Texts with values of {option}`bootseal.secrets` in them.";
  }
  // optionalAttrs (!perUser) {
    credentials = mkOption {
      type = types.attrsOf (types.attrsOf (types.submodule { options = oneValue; }));
      default = { };
      example = literalExpression ''{ "app.service".token.key = "APP_TOKEN"; }'';
      description = ''
        Of each unit, the credentials that it may have: opened when it starts, and stored nowhere. The
        unit asks for them by `LoadCredential=token:/run/bootseal.credentials`.
      '';
    };
  };

  # --- The manifest ---------------------------------------------------------------------------

  # "secrets/web1.yaml" of /nix/store/…-source/secrets/web1.yaml: the same from build to build.
  place =
    file:
    let
      path = builtins.unsafeDiscardStringContext (toString file);
      inStore = builtins.match "[^/]+-([^/]*)" (baseNameOf path);
      parts = lib.drop 1 (splitString "/" (lib.removePrefix (builtins.storeDir + "/") path));
    in
    "files/"
    + (
      if !(hasPrefix (builtins.storeDir + "/") path) then
        lib.removePrefix "/" path
      else if parts == [ ] then
        (if inStore == null then baseNameOf path else builtins.substring 33 (-1) (baseNameOf path))
      else
        concatStringsSep "/" parts
    );

  # That file alone, so that a change of another builds nothing anew, by a name that the store takes.
  source =
    file:
    if builtins.isPath file then
      builtins.path {
        path = file;
        name = "sealed";
      }
    else
      file;

  isAge = value: value.format == "age" || value.format == null && hasSuffix ".age" (toString value.file);

  isBinary =
    value:
    value.format == "binary"
    ||
      value.format == null
      && !(lib.any (suffix: hasSuffix suffix (toString value.file)) [
        ".yaml"
        ".yml"
        ".json"
        ".env"
        ".ini"
      ]);

  keyOf =
    name: value:
    if value.key != null then
      value.key
    else if isAge value || isBinary value then
      ""
    else
      name;

  entryOf =
    kind: name: value:
    filterAttrs (_: field: field != null && field != [ ]) (
      {
        inherit (value) mode link restart reload;
      }
      // optionalAttrs (!perUser) (mapAttrs (_: who: if who == null then null else toString who) {
        inherit (value) owner group;
      })
      // optionalAttrs (kind == "templates") { inherit (value) content; }
      // optionalAttrs (isUntilReady value) { inherit (value) lifetime unit; }
      // optionalAttrs (value ? file) {
        file = place value.file;
        inherit (value) format;
      }
      // optionalAttrs (kind == "secrets") { key = keyOf name value; }
      // optionalAttrs (value ? keys) { inherit (value) keys; }
    );

  credentialOf =
    name: value:
    filterAttrs (_: field: field != null) {
      file = place value.file;
      inherit (value) format;
      key = keyOf name value;
    };

  # JSON is YAML; a line for each name is for those who read it, and for messages that count lines.
  line = name: value: "${builtins.toJSON name}: ${builtins.toJSON value}";
  section =
    kind: entries:
    optional (entries != { }) (
      "${builtins.toJSON kind}: {\n" + concatStringsSep ",\n" (mapAttrsToList line entries) + "\n}"
    );
  text =
    "{\n"
    + concatStringsSep ",\n" (
      [
        (line "identities" cfg.identities)
        (line "directory" cfg.directory)
        (line "keep" cfg.keep)
        (line "onError" cfg.onError)
      ]
      ++ concatMap (kind: section kind (mapAttrs (entryOf kind) cfg.${kind})) kinds
      ++ section "credentials" (mapAttrs (_: mapAttrs credentialOf) credentials)
    )
    + "\n}\n";

  withFile =
    concatMap (kind: lib.attrValues cfg.${kind}) (lib.remove "templates" kinds)
    ++ concatMap lib.attrValues (lib.attrValues credentials);
  files = unique (map (value: value.file) withFile);

  # The manifest, and below it what it names: sealed files lie beside their manifest.
  manifest =
    pkgs.runCommand "bootseal-manifest"
      {
        inherit text;
        passAsFile = [ "text" ];
      }
      ''
        mkdir "$out"
        ${concatMapStrings (file: ''
          install -D -m 444 ${escapeShellArg "${source file}"} "$out"/${escapeShellArg (place file)}
        '') files}
        install -m 444 "$textPath" "$out/${name}"
        ${optionalString cfg.check ''
          ${cfg.package}/bin/bootseal activate --check "$out/${name}"
        ''}
      '';

  # Those that are told, or published for: bootseal.service comes before them.
  consumers = unique (
    concatMap (kind: concatMap (value: value.restart ++ value.reload) (lib.attrValues cfg.${kind})) kinds
    ++ lib.attrNames ready
  );

  # Of each service that something is published for, when it is ready.
  publishedFor = lib.filter (value: isUntilReady value && value.unit != null) (
    concatMap (kind: lib.attrValues cfg.${kind}) kinds
  );
  ready = lib.foldl' (known: value: { ${value.unit} = value.when; } // known) { } (
    optionals (!perUser) publishedFor
  );

  # --- What is wrong ----------------------------------------------------------------------------

  option = kind: name: "bootseal.${kind}.${builtins.toJSON name}";
  isPathOf =
    text: lib.all (part: part != "" && part != "." && part != "..") (splitString "/" text);
  onMachine = file: !(builtins.isPath file) && !(hasPrefix builtins.storeDir (toString file));
  # What a build makes is not there yet.
  isBuilt =
    file: lib.any (context: context ? outputs) (lib.attrValues (builtins.getContext (toString file)));
  claim = assertion: message: { inherit assertion message; };

  fileClaims =
    label: value:
    let
      file = toString value.file;
    in
    if value.file == null then
      [ (claim false "${label} has no file: set its \"file\", or bootseal.defaultFile.") ]
    else if onMachine value.file then
      [
        (claim false ''
          ${label}: "${file}" is a file of the machine that runs, which the build does not see: write it as a path of this configuration, without quotes (./secrets/x.yaml).'')
      ]
    else
      [
        (claim (isBuilt value.file || builtins.pathExists value.file) ''
          ${label}: there is no file "${file}". (Of a flake in git, only what git knows is there: git add it.)'')
      ];

  nameClaims = kind: name: _: [
    (claim
      (
        isPathOf name
        && builtins.match "[^\"'\\\\[:cntrl:]]+" name != null
        && !(hasPrefix ".bootseal" name)
        && builtins.length (splitString "/" name) <= 16
      )
      ''
        ${option kind name}: this cannot be the name of a file below ${cfg.directory}: up to 16 parts between single slashes, none of them "." or "..", no quotes or backslashes, not beginning with ".bootseal".''
    )
  ];

  keyClaims = label: name: value: [
    (claim (value.file == null || keyOf name value == "" || isPathOf (keyOf name value)) ''
      ${label}.key: "${keyOf name value}" has an empty part, "." or "..": a path of keys is written a/b/c; "" is the whole file.'')
  ];

  keysClaims = label: value: [
    (claim (value.keys != [ ]) ''
      ${label}.keys is empty: name the values that it holds, or say "all".'')
    (claim (value.keys == "all" || lib.all isPathOf value.keys) ''
      ${label}.keys: a key has an empty part, "." or "..": a path of keys is written a/b/c.'')
  ];

  sourceClaims =
    kind: name: value:
    let
      label = option kind name;
    in
    lib.optionals (value ? file) (fileClaims label value)
    ++ lib.optionals (value ? key) (keyClaims label name value)
    ++ lib.optionals (value ? keys) (keysClaims label value);

  credentialClaims = lib.concatLists (
    mapAttrsToList (
      unit: values: lib.concatLists (mapAttrsToList (sourceClaims "credentials.${builtins.toJSON unit}") values)
    ) credentials
  );

  modeClaims =
    kind: name: value:
    optional (kind == "documents") (
      claim (hasSuffix "00" value.mode) ''
        ${option kind name}.mode: "${value.mode}" lets the group or others in, and OpenClaw refuses such a file: "0400" or "0600".''
    );

  untilReadyClaims =
    kind: name: value:
    let
      label = option kind name;
    in
    if !(isUntilReady value) then
      optional (!perUser && value ? unit) (
        claim (value.unit == null && value.when == null) ''
          ${label}: "unit" and "when" need lifetime = "until-ready".''
      )
    else if perUser then
      [
        (claim false ''
          ${label}.lifetime: only root can withdraw what it has published. Use the NixOS module, and a system unit with User=.'')
      ]
    else
      [
        (claim (value.unit != null && value.when != null) ''
          ${label}: lifetime = "until-ready" needs "unit", the service that it is for, and "when", by what that is ready.'')
        # What systemd would take out of an ExecStartPost= line.
        (claim (value.when == null || builtins.match "[^'\"$\\\\[:space:]]*" value.when != null) ''
          ${label}.when: no quotes, blanks, backslashes or "$": in a URL they are written as "%24", say.'')
        (claim (value.link == null) ''
          ${label}.link: it is withdrawn when its unit is ready, and has no link.'')
        (claim (hasSuffix "00" value.mode) ''
          ${label}.mode: "${value.mode}" lets the group or others in, and it is for its owner alone: "0400" or "0600".'')
        (claim (value.unit == null || ready.${value.unit} == value.when) ''
          ${label}.when: ${toString value.unit} cannot be ready by this and by "${toString ready.${toString value.unit} or ""}", too.'')
      ];

  perEntry =
    claims: concatMap (kind: lib.concatLists (mapAttrsToList (claims kind) cfg.${kind})) kinds;

  # Of "a/b/c": "a" and "a/b".
  above =
    name:
    let
      parts = splitString "/" name;
    in
    map (count: concatStringsSep "/" (lib.take count parts)) (lib.range 1 (builtins.length parts - 1));

  kindOf = lib.foldl' (known: kind: mapAttrs (_: _: kind) cfg.${kind} // known) { } kinds;

  conflictClaims =
    kind: name: _:
    [
      (claim (kindOf.${name} == kind) ''
        ${option kind name} and ${option kindOf.${name} name} would be one file.'')
    ]
    ++ map (
      parent:
      claim (!(kindOf ? ${parent})) ''
        ${option kind name}: "${parent}" would be a directory, and a file for ${
          option kindOf.${parent} parent
        }.''
    ) (above name);

  identityClaims = [
    (claim (cfg.identities != [ ]) ''
      bootseal.identities is empty: name a private key of the host that opens its secrets, as in "/etc/ssh/ssh_host_ed25519_key".'')
  ]
  ++ map (
    identity:
    claim (!(hasPrefix (builtins.storeDir + "/") identity)) ''
      bootseal.identities: "${identity}" is in the Nix store, which everybody reads. A private key is named by its path on the machine, in quotes.''
  ) cfg.identities;

  assertions =
    identityClaims
    ++ perEntry nameClaims
    ++ perEntry conflictClaims
    ++ perEntry sourceClaims
    ++ credentialClaims
    ++ perEntry modeClaims
    ++ perEntry untilReadyClaims;
in
{
  inherit
    assertions
    claim
    consumers
    credentials
    manifest
    opensFiles
    option
    options
    perEntry
    ready
    ;
}
