/* SPDX-License-Identifier: MIT */
/* Every command's descriptor, defined at the end of its cmd_*.c. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli/command.h"

extern const struct command cmd_activate;
extern const struct command cmd_age;
extern const struct command cmd_age_inspect;
extern const struct command cmd_credentials;
extern const struct command cmd_deactivate;
extern const struct command cmd_decrypt;
extern const struct command cmd_edit;
extern const struct command cmd_encrypt;
extern const struct command cmd_exec_env;
extern const struct command cmd_exec_file;
extern const struct command cmd_filestatus;
extern const struct command cmd_generator;
extern const struct command cmd_get;
extern const struct command cmd_groups_add;
extern const struct command cmd_groups_delete;
extern const struct command cmd_help;
extern const struct command cmd_init;
extern const struct command cmd_keygen;
extern const struct command cmd_keys_add;
extern const struct command cmd_keys_list;
extern const struct command cmd_keys_remove;
extern const struct command cmd_keys_show;
extern const struct command cmd_keys_who;
extern const struct command cmd_keyservice;
extern const struct command cmd_openclaw_check;
extern const struct command cmd_openclaw_resolve;
extern const struct command cmd_openclaw_rotate_token;
extern const struct command cmd_openclaw_run;
extern const struct command cmd_openclaw_setup;
extern const struct command cmd_publish;
extern const struct command cmd_release;
extern const struct command cmd_rollback;
extern const struct command cmd_rotate;
extern const struct command cmd_set;
extern const struct command cmd_ssh_to_age;
extern const struct command cmd_status;
extern const struct command cmd_unset;
extern const struct command cmd_updatekeys;
extern const struct command cmd_verify;

#endif
