/* SPDX-License-Identifier: MIT */
#include "cli/commands.h"

/* In the order in which help shows them; those of one group stand together. */
/* clang-format off */
const struct command *const commands[] = {
	&cmd_init,
	&cmd_encrypt,
	&cmd_decrypt,
	&cmd_edit,
	&cmd_set,
	&cmd_unset,
	&cmd_get,
	&cmd_rotate,
	&cmd_updatekeys,
	&cmd_verify,
	&cmd_exec_env,
	&cmd_exec_file,
	&cmd_filestatus,
	&cmd_groups_add,
	&cmd_groups_delete,
	&cmd_keys_list,
	&cmd_keys_add,
	&cmd_keys_remove,
	&cmd_keys_show,
	&cmd_keys_who,
	&cmd_keygen,
	&cmd_age,
	&cmd_age_inspect,
	&cmd_ssh_to_age,
	&cmd_activate,
	&cmd_release,
	&cmd_status,
	&cmd_rollback,
	&cmd_deactivate,
	&cmd_credentials,
	&cmd_generator,
	&cmd_help,
	&cmd_publish,
	&cmd_keyservice,
	NULL,
};
/* clang-format on */
