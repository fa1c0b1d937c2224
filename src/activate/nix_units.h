/* SPDX-License-Identifier: MIT */
/* How sops-nix tells units: through NixOS' switch-to-configuration, or systemctl. */
#ifndef ACTIVATE_NIX_UNITS_H
#define ACTIVATE_NIX_UNITS_H

#include "activate/units.h"

/*
 * Appends the names to the lists that switch-to-configuration reads; does nothing where it
 * does not run (/run/nixos is not there).
 */
MUST_USE int nix_units_list(const struct units *units, bool dry_run, struct error *err);
/* systemctl (--user) --no-block try-restart, then try-reload-or-restart. ERROR_PARTIAL where it fails. */
MUST_USE int nix_units_tell(const struct units *units, bool user_mode, struct error *err);

#endif
