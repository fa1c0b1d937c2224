# What 72-nix.sh evaluates: configurations that are well, and for each complaint one that deserves it.
{
  libPath, # of nixpkgs' library
  nix, # contrib/nix
  bootseal, # the program
  here, # a folder with sealed files and keys
  nixOpenclaw ? null, # a checkout of nix-openclaw
}:
let
  lib = import (/. + libPath);
  stubs = import ./stubs.nix { inherit lib bootseal; };
  folder = /. + here;
  sealed = folder + "/openclaw.yaml";

  # As NixOS and home-manager do before they build anything.
  evaluate = modules:
    let
      config = (lib.evalModules { inherit modules; }).config;
      failed = lib.filter (claim: !claim.assertion) config.assertions;
    in
    if failed == [ ] then config else throw "\nFailed assertions:\n${lib.concatMapStringsSep "\n" (claim: "- ${claim.message}") failed}";
  nixos = module: evaluate [ stubs.nixos (/. + nix + "/nixos.nix") module ];
  home = module: evaluate [ stubs.homeManager (/. + nix + "/home-manager.nix") module ];

  value = field: if lib.isBool field then (if field then "yes" else "no") else toString field;
  # One line for each value of each directive.
  section = name: fields: lib.concatLists (lib.mapAttrsToList (field: values:
    map (one: "${name} ${field}=${value one}") (lib.toList values)) fields);
  nixosUnit = unit: section "Unit" ({
    Description = lib.optional (unit.description != "") unit.description;
    Documentation = unit.documentation;
    After = unit.after;
    Before = unit.before;
    Wants = unit.wants;
    Conflicts = unit.conflicts;
  } // unit.unitConfig) ++ section "Service" (unit.serviceConfig or { }) ++ section "Install" { WantedBy = unit.wantedBy; };

  bad = module: (nixos { imports = [ module ]; bootseal.defaultFile = lib.mkDefault sealed; }).environment.etc.bootseal.source.outPath;
  badHome = module: (home { imports = [ module ]; bootseal.defaultFile = sealed; }).xdg.configFile.bootseal.source.outPath;

  host = nixos {
    bootseal = {
      identities = [ "${here}/host_key" ];
      defaultFile = sealed;
      secrets.OPENAI_API_KEY = { };
      secrets."telegram/token" = { key = "telegram/bot-token"; mode = "440"; owner = 0; group = "daemon"; reload = [ "bridge.service" ]; link = "/run/bridge/token"; };
      secrets.whole = { file = folder + "/flat.yaml"; key = ""; };
      secrets.agenix.file = folder + "/token.age";
      secrets.binary.file = folder + "/cert.der";
      environments."worker.env" = { keys = [ "OPENAI_API_KEY" ]; restart = [ "worker.service" ]; };
      environments."all.env" = { file = "${folder + "/flat.yaml"}"; keys = "all"; };
      documents."openclaw/secrets.json" = { keys = [ "OPENCLAW_GATEWAY_TOKEN" "ANTHROPIC_API_KEY" ]; owner = "daemon"; restart = [ "worker.service" "openclaw-gateway.service" ]; };
      credentials."app.service".OPENAI_API_KEY = { };
      credentials."app.service"."tls.key".file = folder + "/token.age";
      templates."bridge.conf".content = "# \"é\"\t\\\ntoken = {{ telegram/token | json }}\n";
    };
    users.users.daemon = { };
    users.groups.daemon = { };
  };

  # As callPackage and mkDerivation say it, without building anything.
  described = {
    inherit lib;
    stdenv.mkDerivation = attributes: attributes // { overrideAttrs = more: attributes // more; };
    pkg-config = "pkg-config";
    libsodium = "libsodium";
    libyaml = "libyaml";
    libgcrypt = "libgcrypt";
    pcre2 = "pcre2";
    check = "check";
  };
  describe = file: arguments:
    let
      function = import file;
    in
    function (builtins.intersectAttrs (builtins.functionArgs function) described // arguments);

  flake = import (/. + nix + "/../../flake.nix");
  nixpkgs = {
    lib = lib // {
      nixosSystem = { modules }: { config = evaluate (modules ++ [ stubs.nixos ]); };
    };
    legacyPackages = lib.genAttrs [ "x86_64-linux" "aarch64-linux" ] (system: {
      callPackage = describe;
      stdenv.hostPlatform = { inherit system; };
      extend = overlay: overlay { } { };
    });
  };
  outputs = flake.outputs {
    self = outputs;
    inherit nixpkgs;
  };

  # The flake of bootseal-openclaw-recipes(7). Of a checkout of nix-openclaw there are the module for the system, and
  # what the one for users knows of OpenClaw's configuration.
  recipes = (import (folder + "/flake.nix")).outputs {
    inherit nixpkgs;
    bootseal = outputs;
    home-manager.lib.homeManagerConfiguration = { pkgs, modules }: {
      config = builtins.seq pkgs (evaluate (modules ++ [ stubs.homeManager ]));
    };
    nix-openclaw = {
      overlays.default = _: _: { };
      nixosModules.openclaw-gateway =
        if nixOpenclaw == null then stubs.openclaw else /. + nixOpenclaw + "/nix/modules/nixos/openclaw-gateway.nix";
      homeManagerModules.openclaw = stubs.openclawHome (
        if nixOpenclaw == null then
          lib.types.attrs
        else
          lib.types.submodule { options = import (/. + nixOpenclaw + "/nix/generated/openclaw-config-options.nix") { inherit lib; }; }
      );
    };
  };
  # Fields that a configuration does not have are null in nix-openclaw's options, and left out.
  said = value: if lib.isAttrs value then lib.mapAttrs (_: said) (lib.filterAttrs (_: field: field != null) value) else value;
in
{
  recipes =
    let
      system = recipes.nixosConfigurations.web1.config;
      home = recipes.homeConfigurations.openclaw.config;
    in
    {
      system = {
        manifest = system.environment.etc.bootseal.source;
        json = system.services.openclaw-gateway.config;
        service = section "Service" system.systemd.services.openclaw-gateway.serviceConfig;
        inherit (system.boot.kernel) sysctl;
      };
      home = {
        manifest = home.xdg.configFile.bootseal.source;
        json = said home.programs.openclaw.config;
        starts = home.systemd.user.services.openclaw-gateway.Install;
        order = home.systemd.user.services.bootseal.Unit.Before;
      };
    };

  package =
    let
      package = describe (/. + nix + "/package.nix") { };
    in
    {
      inherit (package) pname version nativeBuildInputs buildInputs installTargets doCheck;
      mainProgram = package.meta.mainProgram;
      source = lib.attrNames (builtins.readDir package.src.outPath);
    };

  flake = {
    systems = lib.attrNames outputs.packages;
    default = outputs.packages.x86_64-linux.default.installTargets;
    asOthers = outputs.packages.aarch64-linux.as-others.installTargets;
    overlay = (outputs.overlays.default { callPackage = describe; } { }).bootseal.pname;
    checks = outputs.checks.x86_64-linux.package.doCheck;
    modules = map lib.pathExists [ outputs.nixosModules.default outputs.homeManagerModules.default ];
    module = outputs.checks.x86_64-linux.module;
  };

  nixos = {
    manifest = host.environment.etc.bootseal.source;
    unit = nixosUnit host.systemd.services.bootseal;
    package = "${host.bootseal.package}";
    socket = nixosUnit host.systemd.sockets.bootseal-credentials;
    answer = nixosUnit host.systemd.services."bootseal-credentials@";
    shipped = host.systemd.packages == [ host.bootseal.package ];
    # Credentials alone: nothing is done at boot.
    onlyCredentials =
      let
        config = nixos { bootseal.credentials."app.service".OPENAI_API_KEY.file = sealed; };
      in
      { inherit (config.systemd.services.bootseal) wantedBy; manifest = config.environment.etc.bootseal.source; };
    path = host.bootseal.documents."openclaw/secrets.json".path;
    reloads = host.systemd.services.bootseal.reloadIfChanged
      && host.systemd.services.bootseal.reloadTriggers == [ host.environment.etc.bootseal.source ];
    hostKeys = (nixos {
      services.openssh.hostKeys = [ { type = "rsa"; path = "/k/rsa"; } { type = "ed25519"; path = "/k/ed25519"; } ];
    }).bootseal.identities;
    # Nothing to open, nothing done; and the defaults.
    idle = nixos { };
    identities = (nixos { }).bootseal.identities;
  };

  example = (evaluate [
    stubs.nixos
    stubs.openclaw
    (/. + nix + "/nixos.nix")
    (folder + "/openclaw.nix")
    { bootseal.identities = [ "${here}/host_key" ]; }
  ]);

  # Who publishes for whom, and who comes first.
  ready =
    let
      config = nixos ({ config, ... }: {
        bootseal.defaultFile = sealed;
        bootseal.documents."a/b" = { keys = [ "OPENAI_API_KEY" ]; lifetime = "until-ready"; unit = "x.service"; when = "/run/x/%75p"; };
        bootseal.secrets.ANTHROPIC_API_KEY = { lifetime = "until-ready"; unit = "x.service"; when = "/run/x/%75p"; reload = [ "y.service" ]; };
        bootseal.secrets.OPENCLAW_GATEWAY_TOKEN = { };
        bootseal.environments."web.env" = { keys = [ "ANTHROPIC_API_KEY" ]; lifetime = "until-ready"; unit = "web@a.service"; when = "/run/web"; };
        systemd.services."web@a".serviceConfig.EnvironmentFile = "-${config.bootseal.environments."web.env".path}";
      });
    in
    {
      environment = config.bootseal.environments."web.env".path;
      instance = section "Service" config.systemd.services."web@a".serviceConfig ++ [ config.systemd.services."web@a".overrideStrategy ];
      strategy = config.systemd.services.x.overrideStrategy;
      manifest = config.environment.etc.bootseal.source;
      paths = [ config.bootseal.documents."a/b".path config.bootseal.secrets.ANTHROPIC_API_KEY.path config.bootseal.secrets.OPENCLAW_GATEWAY_TOKEN.path ];
      service = section "Service" config.systemd.services.x.serviceConfig;
      inherit (config.systemd.services.bootseal) before;
    };

  readme =
    let
      config = nixos { imports = [ (folder + "/readme.nix") ]; users.users.openclaw = { }; };
    in
    {
      manifest = config.environment.etc.bootseal.source;
      environmentFile = config.systemd.services.worker.serviceConfig.EnvironmentFile;
    };

  home =
    let
      config = home {
        bootseal = {
          identities = [ "${here}/host_key" ];
          defaultFile = sealed;
          secrets.OPENAI_API_KEY.restart = [ "worker.service" ];
          documents."openclaw/secrets.json".keys = [ "OPENCLAW_GATEWAY_TOKEN" ];
        };
      };
    in
    {
      manifest = config.xdg.configFile.bootseal.source;
      unit = lib.concatLists (lib.mapAttrsToList section config.systemd.user.services.bootseal);
      path = config.bootseal.secrets.OPENAI_API_KEY.path;
      identities = (home { }).bootseal.identities;
      idle = home { };
      credentials =
        let
          config = home { bootseal.identities = [ "${here}/host_key" ]; bootseal.credentials."app.service".OPENAI_API_KEY.file = sealed; };
        in
        {
          manifest = config.xdg.configFile.bootseal.source;
          units = lib.mapAttrs (_: file: file.source) (removeAttrs config.xdg.configFile [ "bootseal" ]);
          services = lib.attrNames config.systemd.user.services;
        };
    };

  # A build that must fail: what only the program finds.
  unbuildable = {
    key = (nixos { bootseal.secrets.x = { file = sealed; key = "NO_SUCH_KEY"; }; }).environment.etc.bootseal.source;
    shared = (nixos { bootseal = {
      defaultFile = sealed;
      secrets.OPENAI_API_KEY = { };
      documents.d = { keys = [ "OPENAI_API_KEY" ]; lifetime = "until-ready"; unit = "x.service"; when = "/x"; };
    }; }).environment.etc.bootseal.source;
    unit = (nixos { bootseal.secrets.OPENAI_API_KEY = { file = sealed; restart = [ "worker" ]; }; }).environment.etc.bootseal.source;
    placeholder = (nixos { bootseal = { defaultFile = sealed; secrets.OPENAI_API_KEY = { }; templates.t.content = "{{ nobody }}"; }; }).environment.etc.bootseal.source;
  };
  unchecked = (nixos { bootseal = { check = false; secrets.x = { file = sealed; key = "NO_SUCH_KEY"; }; }; }).environment.etc.bootseal.source;

  bad = {
    noFile = bad { bootseal = { defaultFile = null; secrets.x = { }; }; };
    missing = bad { bootseal.secrets.x.file = folder + "/missing.yaml"; };
    machine = bad { bootseal.secrets.x.file = "/etc/secrets/x.yaml"; };
    dots = bad { bootseal.secrets."a/../b" = { }; };
    slash = bad { bootseal.documents."/a".keys = "all"; };
    quote = bad { bootseal.secrets."a\"b" = { }; };
    control = bad { bootseal.secrets."a\nb" = { }; };
    ours = bad { bootseal.secrets.".bootseal.json" = { }; };
    deep = bad { bootseal.secrets."1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17" = { }; };
    twice = bad { bootseal.secrets.x = { }; bootseal.templates.x.content = "x"; };
    below = bad { bootseal.secrets."a/b/c" = { }; bootseal.environments.a.keys = "all"; };
    emptyKey = bad { bootseal.secrets.x.key = "a//b"; };
    emptyKeys = bad { bootseal.environments.x.keys = [ ]; };
    emptyPart = bad { bootseal.documents.x.keys = [ "/A" ]; };
    openDocument = bad { bootseal.documents.x = { keys = "all"; mode = "0440"; }; };
    noIdentity = bad { bootseal.identities = lib.mkForce [ ]; bootseal.secrets.x = { }; };
    storedIdentity = bad { bootseal.identities = [ "${folder + "/host_key"}" ]; bootseal.secrets.x = { }; };
    owner = bad { bootseal.secrets.x.owner = "nobody-known"; };
    group = bad { bootseal.secrets.x.group = "nobody-known"; };
    mode = bad { bootseal.secrets.x.mode = "u=r"; };
    keep = bad { bootseal.keep = 101; bootseal.secrets.x = { }; };
    directory = bad { bootseal.directory = "run/secrets"; bootseal.secrets.x = { }; };
    unknown = bad { bootseal.secrets.x.user = "root"; };
    readOnly = (nixos { bootseal.secrets.x = { file = sealed; path = "/etc/x"; }; }).bootseal.secrets.x.path;
    sops = (evaluate [ stubs.nixos stubs.sopsNix (/. + nix + "/nixos.nix") { sops.secrets.y = { }; bootseal.secrets.x.file = sealed; } ]).environment.etc.bootseal.source.outPath;
    credentialFile = bad { bootseal.credentials."app.service".x.file = folder + "/missing.yaml"; };
    credentialKey = bad { bootseal.credentials."app.service".x.key = "/"; };
    readyUnit = bad { bootseal.secrets.x.lifetime = "until-ready"; };
    readyWhen = bad { bootseal.secrets.x = { lifetime = "until-ready"; unit = "x.service"; }; };
    readyLink = bad { bootseal.secrets.x = { lifetime = "until-ready"; unit = "x.service"; when = "/x"; link = "/y"; }; };
    readyMode = bad { bootseal.secrets.x = { lifetime = "until-ready"; unit = "x.service"; when = "/x"; mode = "0440"; }; };
    readyQuoted = bad { bootseal.secrets.x = { lifetime = "until-ready"; unit = "x.service"; when = "/x\"y"; }; };
    readyDollar = bad { bootseal.secrets.x = { lifetime = "until-ready"; unit = "x.service"; when = "http://127.0.0.1:1/\$x"; }; };
    readyTwice = bad {
      bootseal.secrets.x = { lifetime = "until-ready"; unit = "x.service"; when = "/x"; };
      bootseal.secrets.y = { lifetime = "until-ready"; unit = "x.service"; when = "/y"; };
    };
    readyNever = bad { bootseal.secrets.x.unit = "x.service"; };
    readySocket = bad { bootseal.secrets.x = { lifetime = "until-ready"; unit = "x.socket"; when = "/x"; }; };
    readyTemplate = bad { bootseal.secrets.x = { lifetime = "until-ready"; unit = "x@.service"; when = "/x"; }; };
    readyEnvironment = bad {
      bootseal.environments.x = { keys = [ "OPENAI_API_KEY" ]; lifetime = "until-ready"; unit = "x.service"; when = "/x"; };
      systemd.services.x.serviceConfig.EnvironmentFile = [ "-/y" "/run/secrets.ready/x" ];
    };
    readyOpenEnvironment = bad {
      bootseal.environments.x = { keys = [ "OPENAI_API_KEY" ]; lifetime = "until-ready"; unit = "x.service"; when = "/x"; mode = "0440"; };
    };
    neverTemplate = bad { bootseal.templates.x = { content = "x"; lifetime = "until-ready"; }; };
    homeReady = badHome { bootseal.secrets.x.lifetime = "until-ready"; };
    homeReadyEnvironment = badHome { bootseal.environments.x = { keys = "all"; lifetime = "until-ready"; }; };
    link = bad { bootseal.secrets.x.link = "etc/x"; };
    homeCredentialFile = badHome { bootseal.credentials."app.service".x.file = folder + "/missing.yaml"; };
    homeOwner = badHome { bootseal.secrets.x.owner = "root"; };
    homeMissing = badHome { bootseal.secrets.x.file = folder + "/missing.yaml"; };
  };
}
