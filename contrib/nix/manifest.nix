# SPDX-License-Identifier: MIT
# The manifest that the options become, and beside it the sealed files that it names.
{
  lib,
  pkgs,
  cfg, # config.bootseal
  perUser, # everything belongs to the user: no owners
  name, # of the manifest
  kinds,
  isUntilReady,
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
    mapAttrs
    mapAttrsToList
    optional
    optionalAttrs
    optionalString
    splitString
    unique
    ;

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
      ++ section "credentials" (mapAttrs (_: mapAttrs credentialOf) cfg.credentials)
    )
    + "\n}\n";

  withFile =
    concatMap (kind: lib.attrValues cfg.${kind}) (lib.remove "templates" kinds)
    ++ concatMap lib.attrValues (lib.attrValues cfg.credentials);
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
in
{
  inherit keyOf manifest;
}
