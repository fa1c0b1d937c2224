# SPDX-License-Identifier: MIT
# OpenClaw's gateway in a user's own systemd, with a sealed token, through nix-openclaw's options
# for home-manager. Beside the modules nix-openclaw.homeManagerModules.openclaw and
# bootseal.homeManagerModules.default it goes into the user's configuration;
# secrets/openclaw.yaml is sealed to the user's own key (bootseal.identities).
#
# An agent can read what its user can, and so that key, and all that is sealed to it. Where root
# can be had, prefer example-openclaw.nix: a system unit withdraws its secrets when it is up.
{ config, lib, ... }:
let
  secrets = config.bootseal.documents."openclaw/secrets.json";
  sealed = name: {
    source = "file";
    provider = "bootseal";
    id = "/${name}";
  };
in
{
  bootseal.documents."openclaw/secrets.json" = {
    file = ./secrets/openclaw.yaml;
    keys = [
      "OPENCLAW_GATEWAY_TOKEN"
      "ANTHROPIC_API_KEY"
    ];
    restart = [ "openclaw-gateway.service" ];
  };

  programs.openclaw = {
    enable = true;
    config = {
      gateway.mode = "local";
      gateway.auth = {
        mode = "token";
        token = sealed "OPENCLAW_GATEWAY_TOKEN";
      };
      models.providers.anthropic.apiKey = sealed "ANTHROPIC_API_KEY";
      secrets.providers.bootseal = {
        source = "file";
        mode = "json";
        # OpenClaw reads variables in its configuration, and systemd's %t is one.
        path = lib.replaceStrings [ "%t" ] [ "\${XDG_RUNTIME_DIR}" ] secrets.path;
      };
    };
  };

  # nix-openclaw's unit is started by hand otherwise.
  systemd.user.services.openclaw-gateway.Install.WantedBy = [ "default.target" ];
}
