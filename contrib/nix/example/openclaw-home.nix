# SPDX-License-Identifier: MIT
# OpenClaw's gateway in a user's own systemd, with a sealed token, through nix-openclaw's options
# for home-manager. Beside the modules nix-openclaw.homeManagerModules.openclaw and
# bootseal.homeManagerModules.default it goes, with openclaw-common.nix, into the user's
# configuration; secrets/openclaw.yaml is sealed to the user's own key (bootseal.identities).
#
# An agent can read what its user can, and so that key, and all that is sealed to it. Where root
# can be had, prefer openclaw.nix: a system unit withdraws its secrets when it is up.
{ config, lib, ... }:
let
  openclaw = import ./openclaw-common.nix;
  inherit (config.bootseal.documents."openclaw/secrets.json") path;
in
{
  bootseal.documents."openclaw/secrets.json" = openclaw.document // {
    restart = [ "openclaw-gateway.service" ];
  };

  programs.openclaw = {
    enable = true;
    # OpenClaw reads variables in its configuration, and systemd's %t is one.
    config = openclaw.config (lib.replaceStrings [ "%t" ] [ "\${XDG_RUNTIME_DIR}" ] path);
  };

  # nix-openclaw's unit is started by hand otherwise.
  systemd.user.services.openclaw-gateway.Install.WantedBy = [ "default.target" ];
}
