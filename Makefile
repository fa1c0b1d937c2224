# bootseal: "make help" says what there is.
SHELL := /bin/sh
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:

# The user's: never appended to.
CC ?= cc
AR ?= ar
PKG_CONFIG ?= pkg-config
INSTALL ?= install
PREFIX ?= /usr/local
CFLAGS ?= -O2 -g
CPPFLAGS ?=
LDFLAGS ?=
LDLIBS ?=

# Knobs: SAN=address,undefined  COVERAGE=1  FUZZ=1 (clang, libFuzzer)  WERROR=1  V=1
SAN ?=
COVERAGE ?=
FUZZ ?=
WERROR ?=
V ?=

VERSION := 0.1.0
comma := ,
variant := $(or $(if $(FUZZ),fuzz)$(if $(SAN),san-$(subst $(comma),-,$(SAN)))$(if $(COVERAGE),cov),plain)
B := build/$(notdir $(CC))-$(variant)
Q := $(if $(V),,@)

packages := libsodium yaml-0.1 libpcre2-8
try = $(shell echo 'int x;' | $(CC) -Werror $(1) -c -x c -o /dev/null - 2>/dev/null && echo '$(1)')

warnings := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
	-Wvla -Wformat=2 -Wcast-qual -Wwrite-strings -Wpointer-arith -Wundef -Wswitch-enum -Wconversion \
	-Wsign-conversion -Wnull-dereference
hardening := -fPIE -fstack-protector-strong

all_cflags = -std=c17 -pedantic -D_GNU_SOURCE -DBOOTSEAL_VERSION='"$(VERSION)"' -Iinclude $(warnings) $(hardening) \
	$(shell $(PKG_CONFIG) --cflags $(packages)) $(CPPFLAGS) $(CFLAGS)
all_ldflags = -pie -Wl,-z,relro,-z,now $(LDFLAGS)
all_ldlibs = $(shell $(PKG_CONFIG) --libs $(packages)) $(shell libgcrypt-config --libs 2>/dev/null || echo -lgcrypt) $(LDLIBS)

sources := $(sort $(wildcard src/*/*.c))
library_sources := $(filter-out src/cli/main.c,$(sources))
objects := $(library_sources:%.c=$(B)/%.o)

all: $(B)/bootseal

$(B)/bootseal: $(B)/src/cli/main.o $(B)/libbootseal.a
	$(Q)$(CC) $(all_cflags) $(all_ldflags) -o $@ $^ $(all_ldlibs)

$(B)/libbootseal.a: $(objects)
	$(Q)rm -f $@; $(AR) rcs $@ $^

$(B)/%.o: %.c
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(all_cflags) -MMD -MP -c -o $@ $<

-include $(objects:.o=.d)
.PHONY: all
