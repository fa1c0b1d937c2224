# SPDX-License-Identifier: MIT
# OpenClaw's gateway with a sealed token, through nix-openclaw's options. Beside the modules
# nix-openclaw.nixosModules.openclaw-gateway and bootseal.nixosModules.default it goes, with
# openclaw-common.nix, into the host's configuration; secrets/openclaw.yaml was made by
#
#	bootseal set secrets/openclaw.yaml '["OPENCLAW_GATEWAY_TOKEN"]'
#
# The gateway reads its secrets by a file SecretRef, which fails closed: it does not start without
# them. Nothing of them is in its environment, which every command of an agent could read; and the
# file is withdrawn as soon as the gateway is up. (Without root, for a user: openclaw-home.nix.)
{ config, ... }:
let
  gateway = config.services.openclaw-gateway;
  openclaw = import ./openclaw-common.nix;
in
{
  bootseal.documents."openclaw/secrets.json" = openclaw.document // {
    # OpenClaw takes a file of its own user's alone.
    owner = gateway.user;
    lifetime = "until-ready";
    unit = "${gateway.unitName}.service";
    when = "http://127.0.0.1:${toString gateway.port}/healthz";
  };

  # Commands of an agent cannot look into the gateway's memory then.
  boot.kernel.sysctl."kernel.yama.ptrace_scope" = 1;

  services.openclaw-gateway = {
    enable = true;
    config = openclaw.config config.bootseal.documents."openclaw/secrets.json".path;
  };
}
