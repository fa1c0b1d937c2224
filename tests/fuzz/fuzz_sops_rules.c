/* SPDX-License-Identifier: MIT */
/* .sops.yaml */
#include "fuzz.h"
#include "sops/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct sops_policy policy = SOPS_POLICY_INIT;
	struct secret text = SECRET_INIT;
	struct error err = ERROR_INIT;
	bool found;

	fuzz_start();
	fuzz_require(secret_append(&text, data, len, &err) == 0);
	fuzz_result(sops_rules_policy(&text, ".sops.yaml", "secrets/web1.yaml", &policy, &found,
				      &err),
		    &err);
	sops_policy_release(&policy);
	secret_release(&text);
	fuzz_end();
	return 0;
}
