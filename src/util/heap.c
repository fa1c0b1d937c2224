/* SPDX-License-Identifier: MIT */
/*
 * Whatever is freed is wiped first, by libraries too: libyaml lets the text of a scalar grow with
 * realloc(), which leaves copies of its beginning in free memory, where no variable points.
 *
 * The program's free() and realloc() come before the C library's for all that is loaded with it
 * ("Replacing malloc" in glibc's manual); under the names beginning with __libc the latter stay. Weak:
 * linked statically, the C library's own are taken, and so they are elsewhere. A sanitizer has its own.
 */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "util/secret.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                         \
	__has_feature(memory_sanitizer)
#define HAS_OWN_ALLOCATOR 1
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HAS_OWN_ALLOCATOR 1
#endif

#if defined(__GLIBC__) && !defined(HAS_OWN_ALLOCATOR)

/* NOLINTBEGIN(bugprone-reserved-identifier,readability-inconsistent-declaration-parameter-name) */
void __libc_free(void *block);
void *__libc_malloc(size_t len);

__attribute__((weak, noinline)) void free(void *block)
{
	if (block != NULL)
		secret_wipe(block, malloc_usable_size(block));
	__libc_free(block);
}

/* Never in place but where there is room: the C library would move the block without a trace. */
__attribute__((weak, noinline)) void *realloc(void *block, size_t len)
{
	const size_t room = block != NULL ? malloc_usable_size(block) : 0;
	void *moved;

	if (block != NULL && len == 0) {
		free(block);
		return NULL;
	}
	if (block != NULL && len <= room && len >= room / 2)
		return block;
	moved = __libc_malloc(len);
	if (moved == NULL || block == NULL)
		return moved;
	memcpy(moved, block, len < room ? len : room);
	free(block);
	return moved;
}
/* NOLINTEND(bugprone-reserved-identifier,readability-inconsistent-declaration-parameter-name) */

#endif
