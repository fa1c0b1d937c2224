/* SPDX-License-Identifier: MIT */
#include "cli/rotated_delivery.h"

#include "activate/activate.h"
#include "activate/ready.h"
#include "cli/host.h"
#include "openclaw/listener.h"

int rotated_check_listener(const struct rotated_delivery *delivery, struct error *err)
{
	return listener_check_up(delivery->url, delivery->hearers->uids, delivery->hearers->len,
				 err);
}

static int publish(const struct rotated_delivery *delivery, struct error *err)
{
	const struct names *units = &delivery->place->units;
	AUTO(activate_report) activated = ACTIVATE_REPORT_INIT;

	for (size_t i = 0; i < units->len; i++) {
		AUTO(ready_report) report = READY_REPORT_INIT;

		if (ready_publish(delivery->manifest, units->items[i], &report, err) < 0)
			return -1;
	}
	return units->len > 0 ? 0 : activate_run(delivery->manifest, &activated, err);
}

static int withdraw_once(const struct rotated_delivery *delivery, struct error *err)
{
	const struct names *units = &delivery->place->units;
	AUTO(host_place) host = HOST_PLACE_INIT;

	if (units->len == 0)
		return 0;
	if (activate_directory(delivery->manifest, &host.directory, &host.root, err) < 0)
		return -1;
	for (size_t i = 0; i < units->len; i++) {
		AUTO(ready_report) report = READY_REPORT_INIT;

		if (ready_withdraw(host.directory, units->items[i], &report, err) < 0)
			return -1;
	}
	return 0;
}

int rotated_withdraw(const struct rotated_delivery *delivery, struct error *err)
{
	struct error first = ERROR_INIT;

	if (withdraw_once(delivery, &first) == 0 || withdraw_once(delivery, err) == 0)
		return 0;
	return error_wrap(err, "what was published is still there");
}

int rotated_deliver(const struct rotated_delivery *delivery, const struct secret *token,
		    unsigned *ret_warnings, struct error *err)
{
	struct error late = ERROR_INIT;
	int result = publish(delivery, err);

	if (result == 0)
		result = rotated_check_listener(delivery, err);
	if (result == 0)
		result = openclaw_reload(delivery->gateway, token, ret_warnings, err);
	if (rotated_withdraw(delivery, result == 0 ? err : &late) == 0)
		return result;
	if (result < 0)
		error_wrap(err, "%s", late.message);
	return error_hint(err, "remove it: bootseal release --for UNIT");
}
