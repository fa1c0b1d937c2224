# SPDX-License-Identifier: MIT
# What openclaw.nix and openclaw-home.nix have in common: the document that OpenClaw reads, and what its
# configuration, which lies in the Nix store, says of that: references, and no secret.
let
  sealed = name: {
    source = "file";
    provider = "bootseal";
    id = "/${name}";
  };
in
{
  document = {
    file = ./secrets/openclaw.yaml;
    keys = [
      "OPENCLAW_GATEWAY_TOKEN"
      "ANTHROPIC_API_KEY"
    ];
  };

  # Of the document at this path.
  config = path: {
    gateway.mode = "local";
    gateway.auth = {
      mode = "token";
      token = sealed "OPENCLAW_GATEWAY_TOKEN";
    };
    models.providers.anthropic.apiKey = sealed "ANTHROPIC_API_KEY";
    secrets.providers.bootseal = {
      source = "file";
      mode = "json";
      inherit path;
    };
  };
}
