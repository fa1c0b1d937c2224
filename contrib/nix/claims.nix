# SPDX-License-Identifier: MIT
# What is wrong with a configuration, as far as it shows before anything is built. The rest is what
# "bootseal activate --check" finds.
{
  lib,
  cfg, # config.bootseal
  perUser, # everything belongs to the user: no owners
  kinds,
  isUntilReady,
  keyOf,
  ready,
}:
let
  inherit (lib)
    concatMap
    concatStringsSep
    hasPrefix
    hasSuffix
    mapAttrs
    mapAttrsToList
    optional
    splitString
    ;

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
    ) cfg.credentials
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
    option
    perEntry
    ;
}
