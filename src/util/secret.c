/* SPDX-License-Identifier: MIT */
#include "util/secret.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>
#if defined(__x86_64__) && defined(__has_include)
#if __has_include(<sys/platform/x86.h>)
#include <sys/platform/x86.h>
#endif
#endif

/*
 * What the C library found out as it started, where it tells (glibc 2.33): to ask the processor again
 * costs 10 us a question in a virtual machine, and the compiler's own way asks eight at each start.
 */
#if defined(CPU_FEATURE_ACTIVE)
#define HAS_AVX CPU_FEATURE_ACTIVE(AVX)
#define HAS_AVX512 CPU_FEATURE_ACTIVE(AVX512F)
#elif defined(__x86_64__)
#define HAS_AVX __builtin_cpu_supports("avx")
#define HAS_AVX512 __builtin_cpu_supports("avx512f")
#endif

/* How far below the caller of secret_wipe_traces() calls have reached, and more. */
#define STACK_WIPED 65536

/* Sizes of blocks that are kept: a page, two, four, … but for sodium_malloc()'s canary. */
#define SPARE_PAGE ((size_t)4096)
#define SPARE_CANARY 16
#define SPARE_SIZES 8
#define SPARES_EACH 8

/* Counted for the tests alone; the program is single-threaded. */
static size_t live;

static struct {
	bool kept;
	struct {
		uint8_t *blocks[SPARES_EACH];
		size_t len;
	} of[SPARE_SIZES];
} spares;

static size_t spare_cap(unsigned size)
{
	return (SPARE_PAGE << size) - SPARE_CANARY;
}

/* The smallest size that holds cap bytes; SPARE_SIZES where none does, or none is kept. */
static unsigned spare_size(size_t cap)
{
	unsigned size = 0;

	if (!spares.kept)
		return SPARE_SIZES;
	while (size < SPARE_SIZES && spare_cap(size) < cap)
		size++;
	return size;
}

/* At least *cap bytes; NULL: no memory. */
static uint8_t *take_block(size_t *cap)
{
	const unsigned size = spare_size(*cap);

	if (size == SPARE_SIZES)
		return sodium_malloc(*cap);
	*cap = spare_cap(size);
	if (spares.of[size].len > 0)
		return spares.of[size].blocks[--spares.of[size].len];
	return sodium_malloc(*cap);
}

static void give_block(uint8_t *block, size_t cap)
{
	const unsigned size = block ? spare_size(cap) : SPARE_SIZES;

	if (size == SPARE_SIZES || cap != spare_cap(size) || spares.of[size].len == SPARES_EACH) {
		sodium_free(block);
		return;
	}
	secret_wipe(block, cap);
	spares.of[size].blocks[spares.of[size].len++] = block;
}

void secret_keep_spares(void)
{
	spares.kept = true;
}

void secret_free_spares(void)
{
	spares.kept = false;
	for (unsigned size = 0; size < SPARE_SIZES; size++)
		while (spares.of[size].len > 0)
			sodium_free(spares.of[size].blocks[--spares.of[size].len]);
}

void secret_forget_spares(void)
{
	spares.kept = false;
	for (unsigned size = 0; size < SPARE_SIZES; size++)
		spares.of[size].len = 0;
}

int secret_reserve(struct secret *s, size_t cap, struct error *err)
{
	uint8_t *data;

	if (cap <= s->cap)
		return 0;
	if (cap > SECRET_MAX)
		return error_set(err, ERROR_LIMIT, "more than %zu MiB at once", SECRET_MAX >> 20);
	data = take_block(&cap);
	if (data == NULL)
		return error_memory(err);
	if (s->len > 0)
		memcpy(data, s->data, s->len);
	if (s->data == NULL)
		live++;
	give_block(s->data, s->cap);
	s->data = data;
	s->cap = cap;
	return 0;
}

int secret_grow(struct secret *s, size_t len, struct error *err)
{
	size_t need, cap;

	if (!size_add(s->len, len, &need))
		return error_set(err, ERROR_LIMIT, "more than %zu MiB at once", SECRET_MAX >> 20);
	if (need <= s->cap)
		return 0;
	cap = s->cap < 2048 ? spare_cap(0) : s->cap * 2;
	if (cap < need)
		cap = need;
	if (cap > SECRET_MAX && need <= SECRET_MAX)
		cap = SECRET_MAX;
	return secret_reserve(s, cap, err);
}

int secret_append(struct secret *s, const void *bytes, size_t len, struct error *err)
{
	if (len == 0)
		return 0;
	if (secret_grow(s, len, err) < 0)
		return -1;
	memcpy(s->data + s->len, bytes, len);
	s->len += len;
	return 0;
}

int secret_append_span(struct secret *s, struct span bytes, struct error *err)
{
	return secret_append(s, bytes.data, bytes.len, err);
}

int secret_append_text(struct secret *s, const char *text, struct error *err)
{
	return secret_append(s, text, strlen(text), err);
}

void secret_truncate(struct secret *s, size_t len)
{
	assert(len <= s->len);
	if (len < s->len)
		secret_wipe(s->data + len, s->len - len);
	s->len = len;
}

struct secret secret_move(struct secret *s)
{
	const struct secret moved = *s;

	*s = SECRET_INIT;
	return moved;
}

void secret_release(struct secret *s)
{
	if (s->data != NULL) {
		give_block(s->data, s->cap);
		live--;
	}
	*s = SECRET_INIT;
}

size_t secret_live(void)
{
	return live;
}

void key32_release(struct key32 *key)
{
	secret_wipe(key->data, sizeof(key->data));
}

void secret_wipe(void *data, size_t len)
{
	sodium_memzero(data, len);
}

/*
 * Its own frame is what is wiped: it stands where the frames of the calls before stood. Never
 * inlined, or it would stand elsewhere.
 */
NOINLINE static void wipe_stack(void)
{
	uint8_t below[STACK_WIPED];

	secret_wipe(below, sizeof(below));
}

/*
 * No value lives in a vector register across a call, so in a function of its own nothing is lost.
 * C has no way to say it; on other machines the registers stay as they are.
 */
NOINLINE static void wipe_registers(void)
{
#if defined(__x86_64__)
	if (HAS_AVX512)
		__asm__ volatile(".irp n,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n\t"
				 "vpxorq %zmm\\n, %zmm\\n, %zmm\\n\n\t"
				 ".endr");
	if (HAS_AVX)
		__asm__ volatile("vzeroall");
	else
		__asm__ volatile(".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n\t"
				 "pxor %xmm\\n, %xmm\\n\n\t"
				 ".endr");
#endif
}

void secret_wipe_traces(void)
{
	wipe_stack();
	wipe_registers();
}

bool secret_equal(const void *a, const void *b, size_t len)
{
	return sodium_memcmp(a, b, len) == 0;
}
