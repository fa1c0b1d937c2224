# What 61-sops-nix-module.sh evaluates: sops-nix' own NixOS module, with this program as sops.package.
{
  libPath, # of nixpkgs' library
  sopsNix, # its source
  bootseal, # the program
  here, # a folder with secrets.yaml
}:
let
  lib = import libPath;
  inherit (import ./stubs.nix { inherit lib bootseal; }) runCommand;
  any = lib.mkOption { type = lib.types.attrsOf lib.types.anything; default = { }; };

  package = runCommand "bootseal" { } ''
    mkdir -p "$out/bin"
    ln -s ${lib.escapeShellArg bootseal} "$out/bin/sops-install-secrets"
  '';
  writeTextFile = { name, text, checkPhase ? "" }: runCommand name { inherit text; } ''
    printf %s "$text" >"$out"
    ${checkPhase}
  '';

  nixos = {
    options = {
      assertions = lib.mkOption { type = lib.types.listOf lib.types.unspecified; default = [ ]; };
      warnings = lib.mkOption { type = lib.types.listOf lib.types.str; default = [ ]; };
      services.openssh.enable = lib.mkOption { type = lib.types.bool; default = false; };
      services.openssh.hostKeys = lib.mkOption { type = lib.types.listOf lib.types.attrs; default = [ ]; };
      system.activationScripts = lib.mkOption { type = lib.types.attrsOf lib.types.anything; default = { }; };
      system.build = any;
      systemd.services = any;
      systemd.sysusers.enable = lib.mkOption { type = lib.types.bool; default = false; };
      users.users = any;
      users.groups = any;
      users.mutableUsers = lib.mkOption { type = lib.types.bool; default = true; };
    };
    config._module.args.pkgs = {
      inherit writeTextFile;
      writeText = builtins.toFile;
      gnupg = package;
      stdenv = { buildPlatform = "this"; hostPlatform = "this"; };
      callPackage = file: more:
        let function = import file; in
        function (builtins.intersectAttrs (lib.functionArgs function) ({ inherit lib writeTextFile; } // more));
    };
  };

  host = more: (lib.evalModules {
    modules = [
      nixos
      (/. + sopsNix + "/modules/sops")
      {
        users.users.root.group = "root";
        services.openssh.enable = true;
        services.openssh.hostKeys = [
          { type = "ed25519"; path = "/run/w/host_key"; }
          { type = "rsa"; path = "/run/w/none_rsa_key"; }
        ];
        sops.package = package;
        sops.defaultSopsFile = /. + here + "/secrets.yaml";
        sops.secrets."app/token" = { key = "TOKEN"; owner = "root"; restartUnits = [ "app.service" ]; };
        sops.secrets.password = { key = "PASSWORD"; neededForUsers = true; };
        sops.templates."app.env".content = "TOKEN=<SOPS:${builtins.hashString "sha256" "app/token"}:PLACEHOLDER>";
      }
      more
    ];
  }).config;

  text = name: text: writeTextFile { inherit name text; };
  # What systemd would run for a service, and with what environment.
  program = service: lib.concatStrings (lib.mapAttrsToList (name: value: "export ${name}='${toString value}'\n") service.environment)
    + lib.concatStringsSep "\n" service.serviceConfig.ExecStart + "\n";

  classic = host { };
  units = host { systemd.sysusers.enable = true; };
in
{
  inherit package;
  failed = map (a: a.message) (lib.filter (a: !a.assertion) (classic.assertions ++ units.assertions));
  script = text "script" (classic.system.activationScripts.setupSecretsForUsers.text + classic.system.activationScripts.setupSecrets.text);
  unit = text "unit" (program units.systemd.services.sops-install-secrets-for-users + program units.systemd.services.sops-install-secrets);
  # A key that the file does not have: the check of the build refuses it.
  wrong = text "wrong" (host { sops.secrets.more.key = "NONE"; }).system.activationScripts.setupSecrets.text;
}
