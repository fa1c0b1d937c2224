# What the modules need of nixpkgs, NixOS and home-manager, beside the library: options as those declare them,
# and builds that are really made, with the programs of this machine.
{ lib, bootseal }:
let
  inherit (lib) mkOption types;
  option = type: mkOption { inherit type; };
  list = type: mkOption { type = types.listOf type; default = [ ]; };
  set = type: mkOption { type = types.attrsOf type; default = { }; };
  named = more: types.submodule ({ name, ... }: { options = { name = mkOption { type = types.str; default = name; }; } // more; });
  shell = builtins.getEnv "BASH";

  runCommand = name: attributes: script: derivation ({
    inherit name;
    system = builtins.currentSystem;
    builder = shell;
    # Nix kills a builder that closes its output: the last command must not be one in the shell's own place.
    args = [ "-euc" "${script}\n:" ];
    PATH = builtins.getEnv "PATH";
  } // attributes);

  package = runCommand "bootseal" { } ''
    mkdir -p "$out/bin"
    ln -s ${lib.escapeShellArg bootseal} "$out/bin/bootseal"
  '';

  unit = {
    description = mkOption { type = types.str; default = ""; };
    documentation = list types.str;
    after = list types.str;
    before = list types.str;
    wants = list types.str;
    conflicts = list types.str;
    wantedBy = list types.str;
    unitConfig = set types.unspecified;
  };

  common.options.assertions = list types.unspecified;
  common.config._module.args.pkgs = {
    inherit runCommand;
    writeText = builtins.toFile;
    callPackage = _: _: package;
    bash = package;
    bashInteractive = package;
    coreutils = package;
    openclaw = package;
  };
in
{
  inherit runCommand package;

  nixos = {
    imports = [ common ];
    options = {
      environment.systemPackages = list types.package;
      environment.etc = set (types.submodule {
        options.source = option types.path;
        options.mode = mkOption { type = types.str; default = "symlink"; };
      });
      boot.kernel.sysctl = set types.unspecified;
      nixpkgs.hostPlatform = mkOption { type = types.str; default = "x86_64-linux"; };
      nixpkgs.overlays = list types.unspecified;
      services.openssh.hostKeys = mkOption { type = types.listOf types.attrs; default = [ ]; };
      users.users = set (named (lib.genAttrs [ "isSystemUser" "group" "home" "createHome" "shell" ] (_: option types.unspecified)));
      users.groups = set (named { });
      systemd.tmpfiles.rules = list types.str;
      systemd.packages = list types.package;
      systemd.sockets = set (types.submodule { options = unit; });
      systemd.services = set (types.submodule {
        options = unit // {
          serviceConfig = set types.unspecified;
          environment = set types.str;
          path = list types.package;
          overrideStrategy = mkOption { type = types.str; default = "asDropinIfExists"; };
          reloadIfChanged = mkOption { type = types.bool; default = false; };
          reloadTriggers = list types.unspecified;
        };
      });
    };
    config.users.users.root = { };
    config.users.groups.root = { };
  };

  # Of nix-openclaw's module, what the example uses.
  openclaw = {
    options.services.openclaw-gateway = {
      enable = mkOption { type = types.bool; default = false; };
      user = mkOption { type = types.str; default = "openclaw"; };
      port = mkOption { type = types.port; default = 18789; };
      unitName = mkOption { type = types.str; default = "openclaw-gateway"; };
      config = mkOption { type = types.attrs; default = { }; };
    };
    config.users.users.openclaw = { };
    # Beside what the module gives the unit itself.
    config.systemd.services.openclaw-gateway.serviceConfig.ExecStartPre = [ "own" ];
  };

  # The same for a user: a unit that nothing starts, and a configuration, of any form or as declared.
  openclawHome = form: { config, ... }: {
    options.programs.openclaw = {
      enable = mkOption { type = types.bool; default = false; };
      config = mkOption { type = form; default = { }; };
    };
    config.systemd.user.services.openclaw-gateway = lib.mkIf config.programs.openclaw.enable {
      Unit.Description = "OpenClaw gateway (default)";
      Service.ExecStart = "openclaw";
    };
  };

  sopsNix = {
    options.sops.secrets = set types.unspecified;
  };

  homeManager = {
    imports = [ common ];
    options = {
      home.homeDirectory = option types.path;
      home.packages = list types.package;
      xdg.configFile = set (types.submodule { options.source = option types.path; });
      systemd.user.services = set (types.attrsOf (types.attrsOf types.unspecified));
    };
    config.home.homeDirectory = "/home/alice";
  };
}
