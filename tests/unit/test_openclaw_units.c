/* SPDX-License-Identifier: MIT */
/* openclaw/units: which directories, files and drop-ins are a unit's. */
#include <check.h>
#include <string.h>

#include "openclaw/units.h"
#include "sweep.h"

START_TEST(units_name__is_what_systemd_calls_it)
{
	static const char *const cases[][2] = {
		{ "a.service", "a.service" },
		{ "a.service.d", "a.service" },
		{ "a.service.bak", "a.service" },
		{ "a@.service", "a@.service" },
		{ "box.container", "box.container" },
		{ "a.timer", "" },
		{ ".service", "" },
		{ "a.servic", "" },
		{ "", "" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		ck_assert_msg(span_equal_text(units_name(span_of_text(cases[i][0])), cases[i][1]),
			      "%s", cases[i][0]);
}
END_TEST

START_TEST(units_is_of__knows_templates_and_prefixes)
{
	static const struct {
		const char *name, *unit;
		bool is;
	} cases[] = {
		{ "a.service", "a.service", true },
		{ "a.service.d", "a.service", true },
		{ "a.service~", "a.service", true },
		{ "ab.service", "a.service", false },
		{ "a@.service", "a@x.service", true },
		{ "a@y.service.d", "a@.service", true },
		{ "a@y.service.d", "a.service", false },
		{ "a-.service.d", "a-b.service", true },
		{ "a-.service.d", "a-b-c.service", true },
		{ "a-.service.d", "a.service", false },
		{ "a-.service.d", "b-a-.service", false },
		{ "a-.service", "a-b.service", false },
		{ "a.socket", "a.service", false },
		{ "service.d", "a.service", false },
		{ "box.container.d", "box.container", true },
		{ "box.service", "box.container", false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		ck_assert_msg(units_is_of(span_of_text(cases[i].name),
					  span_of_text(cases[i].unit)) == cases[i].is,
			      "%s of %s", cases[i].name, cases[i].unit);
}
END_TEST

START_TEST(units_names_openclaw__however_it_is_written)
{
	static const char *const is[] = { "openclaw", "x OPENCLAW_HOME=/x", "OpenClaw Gateway",
					  "xclawdbot", "a\nMoltBot" };
	static const char *const is_not[] = { "", "openclam", "opencla", "open claw", "bot" };

	for (size_t i = 0; i < sizeof(is) / sizeof(*is); i++)
		ck_assert_msg(units_names_openclaw(span_of_text(is[i])), "%s", is[i]);
	for (size_t i = 0; i < sizeof(is_not) / sizeof(*is_not); i++)
		ck_assert_msg(!units_names_openclaw(span_of_text(is_not[i])), "%s", is_not[i]);
}
END_TEST

static int list(void)
{
	AUTO(names) roots = NAMES_INIT;
	AUTO(names) users = NAMES_INIT;
	struct error err = ERROR_INIT;

	if (units_places("/home/oc", 1000, &roots, &users, &err) < 0)
		return -1;
	for (size_t i = 0; i < roots.len; i++)
		ck_assert_msg(units_is_roots(roots.items[i]), "%s", roots.items[i]);
	for (size_t i = 0; i < users.len; i++)
		ck_assert_msg(!units_is_roots(users.items[i]), "%s", users.items[i]);
	ck_assert(names_have(&roots, "/etc/systemd/system"));
	ck_assert(names_have(&roots, "/etc/containers/systemd/users/1000"));
	ck_assert(names_have(&users, "/home/oc/.config/systemd/user"));
	ck_assert(names_have(&users, "/run/user/1000/systemd/transient"));
	return 0;
}

START_TEST(units_places__are_roots_or_the_users)
{
	SWEEP(list());
	ck_assert(!units_is_roots("/etc/systemd/../x"));
	ck_assert(!units_is_roots("/etc/systemdx/a"));
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
	Suite *s = suite_create("openclaw/units");
	TCase *tc = tcase_create("units");

	tcase_add_test(tc, units_name__is_what_systemd_calls_it);
	tcase_add_test(tc, units_is_of__knows_templates_and_prefixes);
	tcase_add_test(tc, units_names_openclaw__however_it_is_written);
	tcase_add_test(tc, units_places__are_roots_or_the_users);
	suite_add_tcase(s, tc);
	return s;
}
