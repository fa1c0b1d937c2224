/* SPDX-License-Identifier: MIT */
/*
 * For clang-tidy alone, which sees one file at a time: that these return -1.
 */
#include "util/error.h"

#define error_set(...) (error_set(__VA_ARGS__), -1)
#define error_sys(...) (error_sys(__VA_ARGS__), -1)
#define error_memory(...) (error_memory(__VA_ARGS__), -1)
#define error_wrap(...) (error_wrap(__VA_ARGS__), -1)
#define error_hint(...) (error_hint(__VA_ARGS__), -1)
