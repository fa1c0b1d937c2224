/* SPDX-License-Identifier: MIT */
/*
 * The C2SP vectors in tests/vectors/age-testkit, each a test of its own: outcome, and the
 * bytes that were handed out until then. Those that need ML-KEM, where it is not built in, are
 * skipped by name, unless they fail as they should before that matters.
 */
#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "age/file.h"
#include "age/passphrase.h"
#include "crypto/hash.h"
#include "inflate.h"
#include "vectors.h"

#define VECTORS "age-testkit"
#define VECTORS_MAX 200

struct vector {
	struct secret file, inflated;
	struct span body;
	char expect[32], payload[65];
	bool unsupported; /* names a post-quantum identity, and this build has none */
	struct age_identities identities;
};

static char names[VECTORS_MAX][64];
static int count, skipped;

static void vector_release(struct vector *v)
{
	secret_release(&v->file);
	secret_release(&v->inflated);
	age_identities_release(&v->identities);
}

static void set_field(struct vector *v, struct span key, struct span value)
{
	struct error err = ERROR_INIT;

	if (span_equal_text(key, "expect")) {
		snprintf(v->expect, sizeof(v->expect), "%.*s", SPAN_PRINT(value));
	} else if (span_equal_text(key, "payload")) {
		snprintf(v->payload, sizeof(v->payload), "%.*s", SPAN_PRINT(value));
	} else if (span_equal_text(key, "passphrase")) {
		if (age_identities_add_known_passphrase(&v->identities, value, "vector", &err) < 0)
			abort();
	} else if (span_equal_text(key, "identity")) {
		if (age_identities_add(&v->identities, value, "vector", &err) < 0)
			abort();
		v->unsupported = v->unsupported || v->identities.unusable_len > 0;
	} else if (span_equal_text(key, "compressed")) {
		v->inflated = inflate(v->body);
		v->body = secret_span(&v->inflated);
	}
}

static struct vector read_vector(const char *name)
{
	struct vector v = { .file = SECRET_INIT,
			    .inflated = SECRET_INIT,
			    .identities = AGE_IDENTITIES_INIT };
	struct span head, line, key, rest;
	char path[128];

	snprintf(path, sizeof(path), VECTORS "/%s", name);
	v.file = load(path);
	rest = secret_span(&v.file);
	while (span_take_line(&rest, &line) && line.len > 0)
		;
	head = span_slice(secret_span(&v.file), 0, v.file.len - rest.len);
	v.body = rest;
	while (span_take_line(&head, &line) && line.len > 0) {
		if (!span_take_until(&line, ':', &key))
			abort();
		set_field(&v, key, span_trim(line));
	}
	return v;
}

static int read_span(void *context, uint8_t *data, size_t len, size_t *ret_len, struct error *err)
{
	struct span *left = context, part = span_slice(*left, 0, len);

	(void)err;
	if (part.len > 0)
		memcpy(data, part.data, part.len);
	*left = span_slice(*left, part.len, SIZE_MAX);
	*ret_len = part.len;
	return 0;
}

static int hash_bytes(void *context, struct span bytes, struct error *err)
{
	(void)err;
	hash_update(context, bytes);
	return 0;
}

static const char *outcome_of(int result, const struct error *err)
{
	if (result == 0)
		return "success";
	if (err->kind == ERROR_NO_KEY)
		return "no match";
	if (err->kind == ERROR_AUTH)
		return strstr(err->message, "header") ? "HMAC failure" : "payload failure";
	if (err->kind != ERROR_FORMAT)
		return "another error";
	return strstr(err->message, "armor") ? "armor failure" : "header failure";
}

/* Opens it as a stream; the digest is of all that came out. */
static const char *open_vector(const struct vector *v, char ret_hex[65], struct error *err)
{
	AUTO(hash) hash = HASH_INIT;
	struct span left = v->body;
	const struct age_source source = { read_span, &left };
	const struct age_sink sink = { hash_bytes, &hash };
	uint8_t digest[HASH_SHA256_LEN];
	int result;

	if (hash_init(&hash, HASH_SHA256, err) < 0)
		abort();
	result = age_open_stream(&v->identities, &source, &sink, err);
	hash_final(&hash, digest);
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(ret_hex + 2 * i, 3, "%02x", digest[i]);
	return outcome_of(result, err);
}

START_TEST(age_open_stream__testkit)
{
	AUTO(vector) v = read_vector(names[_i]);
	AUTO(secret) plain = SECRET_INIT;
	struct error err = ERROR_INIT;
	const char *outcome;
	char hex[65];

	outcome = open_vector(&v, hex, &err);
	ck_assert_msg(strcmp(outcome, v.expect) == 0, "%s: %s (%s), expected %s", names[_i],
		      outcome, err.message, v.expect);
	ck_assert_msg(v.payload[0] == '\0' || strcmp(hex, v.payload) == 0,
		      "%s: another payload came out", names[_i]);
	err = ERROR_INIT;
	outcome = outcome_of(age_open(&v.identities, v.body, &plain, &err), &err);
	ck_assert_msg(strcmp(outcome, v.expect) == 0, "%s: in memory %s (%s), expected %s",
		      names[_i], outcome, err.message, v.expect);
	ck_assert((err.kind == ERROR_NONE) == (strcmp(outcome, "success") == 0));
}
END_TEST

static void record_skip(const char *name)
{
	const char *path = getenv("BOOTSEAL_RESULTS");
	FILE *results = path ? fopen(path, "a") : NULL;

	skipped++;
	printf("SKIP " VECTORS ": %s: needs ML-KEM\n", name);
	if (!results)
		return;
	fprintf(results, "skip\t" VECTORS "\t%s: needs ML-KEM\n", name);
	fprintf(results, "count\t" VECTORS "\t0\t0\t1\n");
	fclose(results);
}

/* A vector that wants more than we have says nothing, unless it fails in its header anyway. */
static bool is_meaningful(const char *name)
{
	AUTO(vector) v = read_vector(name);
	struct error err = ERROR_INIT;
	char hex[65];

	return !v.unsupported || strcmp(open_vector(&v, hex, &err), "no match") != 0;
}

static void list_vectors(void)
{
	DIR *directory = opendir("tests/vectors/" VECTORS);
	const struct dirent *entry;

	if (!directory)
		abort();
	while ((entry = readdir(directory)) != NULL) {
		if (entry->d_name[0] == '.' || strcmp(entry->d_name, "README") == 0)
			continue;
		if (!is_meaningful(entry->d_name))
			record_skip(entry->d_name);
		else if (count < VECTORS_MAX)
			snprintf(names[count++], sizeof(names[0]), "%.63s", entry->d_name);
	}
	closedir(directory);
}

START_TEST(testkit__is_complete)
{
	ck_assert_int_eq(count + skipped, 71);
	ck_assert_int_ge(count, 50);
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("age testkit");
	TCase *tc = tcase_create("vectors");

	start_crypto();
	list_vectors();
	tcase_set_timeout(tc, 600);
	tcase_add_test(tc, testkit__is_complete);
	tcase_add_loop_test(tc, age_open_stream__testkit, 0, count);
	suite_add_tcase(s, tc);
	return s;
}
