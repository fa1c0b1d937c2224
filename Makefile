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
DESTDIR ?=
CFLAGS ?= -O2 -g
CPPFLAGS ?=
LDFLAGS ?=
LDLIBS ?=

# Knobs.
SAN ?=
COVERAGE ?=
FUZZ ?=
WERROR ?=
V ?=
STATIC ?=
FUZZ_SECONDS ?= 10
TESTS ?=

VERSION := 0.1.0
comma := ,
Q := $(if $(V),,@)
silent := $(findstring s,$(filter-out --%,$(firstword -$(MAKEFLAGS))))
say = $(if $(V),,@$(if $(silent),,printf '  %-5s %s\n' $(1) $(2);) )

compiler := $(notdir $(lastword $(CC)))
variant := $(or $(subst $() $(),-,$(strip $(if $(FUZZ),fuzz) $(if $(SAN),$(subst $(comma),-,$(SAN))) \
	$(if $(COVERAGE),cov) $(if $(STATIC),static))),plain)
B := build/$(compiler)-$(variant)
# Where the program's objects are: with the libraries within the program it is linked otherwise, and compiled the same.
O := $(if $(STATIC),build/$(compiler)-$(or $(patsubst %-static,%,$(filter-out static,$(variant))),plain),$(B))

# --- What is there: libraries, and the flags that this compiler knows ---------------------------

packages := libsodium yaml-0.1 libpcre2-8 libgcrypt
building := $(filter-out help deps demo check bench lint format fuzz coverage clean uninstall dist deb rpm,$(or $(MAKECMDGOALS),all))

ifneq ($(building),)
ifeq ($(shell command -v $(firstword $(CC))),)
$(error there is no compiler "$(CC)"; "make deps" installs what is needed, CC=... names another)
endif
# libgcrypt of before 1.9 has a program of its own instead of a file for pkg-config.
gcrypt_config := $(if $(shell $(PKG_CONFIG) --exists libgcrypt 2>/dev/null && echo yes),,$(shell command -v libgcrypt-config))
found := $(if $(gcrypt_config),$(filter-out libgcrypt,$(packages)),$(packages))
missing := $(shell command -v $(firstword $(PKG_CONFIG)) >/dev/null || echo pkg-config; \
	for p in $(found); do $(PKG_CONFIG) --exists $$p 2>/dev/null || echo $$p; done)
ifneq ($(missing),)
$(error missing: $(missing); "make deps" installs what is needed)
endif
package_cflags := $(shell $(PKG_CONFIG) --cflags $(found)) $(if $(gcrypt_config),$(shell $(gcrypt_config) --cflags))
package_libs := $(shell $(PKG_CONFIG) $(if $(STATIC),--static) --libs $(found)) $(if $(gcrypt_config),$(shell $(gcrypt_config) --libs))
ifneq ($(filter-out libs,$(STATIC)),)
$(error STATIC= is "libs" or nothing: the C library itself stays shared, for users and groups)
endif
# The libraries' archives; the C library, threads included, stays shared.
package_libs := $(if $(STATIC),-Wl$(comma)-Bstatic $(filter-out -pthread -lpthread,$(package_libs)) -Wl$(comma)-Bdynamic -pthread,$(package_libs))

# Asked once for each compiler and version; make starts anew when the answer is there.
probe := $(B)/probe-$(shell $(CC) -dumpversion 2>/dev/null).mk
include $(probe)
endif

warnings := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
	-Wvla -Wformat=2 -Wcast-qual -Wwrite-strings -Wpointer-arith -Wundef -Wswitch-enum -Wconversion \
	-Wsign-conversion -Wnull-dereference
probed_warnings := -Wlogical-op -Wduplicated-cond -Wduplicated-branches -Wjump-misses-init -Wformat-signedness \
	-Wimplicit-fallthrough
probed_hardening := -fstack-clash-protection -fcf-protection -ftrivial-auto-var-init=zero \
	-fzero-call-used-regs=used-gpr
fortify := $(if $(SAN)$(FUZZ)$(COVERAGE)$(filter -O0,$(CFLAGS)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
sanitizers := $(strip $(if $(FUZZ),fuzzer-no-link) $(subst $(comma), ,$(SAN)))
instrument := $(addprefix -fsanitize=,$(sanitizers)) $(if $(sanitizers),-fno-omit-frame-pointer) \
	$(if $(SAN),-fno-sanitize-recover=all) $(if $(COVERAGE),--coverage -fprofile-update=atomic)

ALL_CFLAGS = -std=c17 -pedantic -D_GNU_SOURCE -DBOOTSEAL_VERSION='"$(VERSION)"' -Iinclude \
	$(warnings) $(known_flags) $(if $(WERROR),-Werror) -fPIE -fstack-protector-strong $(fortify) $(instrument) \
	$(package_cflags) $(CPPFLAGS) $(CFLAGS)
ALL_LDFLAGS = -pie -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed $(instrument) $(LDFLAGS)
ALL_LDLIBS = $(package_libs) $(LDLIBS)

$(B)/probe-%.mk: Makefile
	$(Q)mkdir -p $(@D)
	$(Q)for flag in $(probed_warnings) $(probed_hardening); do \
		echo 'int x;' | $(CC) -Werror $$flag -c -x c -o $(B)/probe.o - 2>/dev/null && echo "known_flags += $$flag"; \
	done >$@; rm -f $(B)/probe.o

# --- The program -------------------------------------------------------------------------------

sources := $(sort $(wildcard src/*/*.c))
objects := $(patsubst %.c,$(O)/%.o,$(filter-out src/cli/main.c,$(sources)))
library := $(O)/libbootseal.a

all: $(B)/bootseal
	$(Q)ln -sfn $(B:build/%=%)/bootseal build/bootseal

$(B)/bootseal: $(O)/src/cli/main.o $(library)
	$(call say,link,$@)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(ALL_LDLIBS)

$(library): $(objects)
	$(call say,ar,$@)rm -f $@ && $(AR) rcs $@ $^

define compile
@mkdir -p $(@D)
$(call say,cc,$<)$(CC) $(ALL_CFLAGS) $(extra_cflags) -MMD -MP -c -o $@ $<
endef

$(B)/%.o: %.c $(B)/.flags
	$(compile)

ifneq ($(O),$(B))
$(O)/%.o: %.c $(O)/.flags
	$(compile)
endif

# Changes, and with it every object, when the compiler or a flag does.
$(sort $(B)/.flags $(O)/.flags): FORCE
	@mkdir -p $(@D); flags='$(subst ','\'',$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS))'; \
	[ "$$flags" = "$$(cat $@ 2>/dev/null)" ] || printf '%s\n' "$$flags" >$@

# --- Tests: everything links the same library ------------------------------------------------

units := $(patsubst %.c,$(B)/%,$(sort $(wildcard tests/unit/test_*.c)))
fuzzers := $(patsubst %.c,$(B)/%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
tools := $(B)/tests/tools/each_call $(B)/tests/tools/json5_leaves $(B)/tests/tools/killed $(B)/tests/tools/peer $(B)/tests/tools/gateway $(B)/tests/tools/held $(B)/tests/tools/systemctl $(B)/tests/tools/tries
scripts := $(sort $(wildcard tests/cli/[0-9]*.sh tests/interop/[0-9]*.sh tests/boot/[0-9]*.sh tests/openclaw/[0-9]*.sh))
tests := $(if $(TESTS),$(filter $(foreach name,$(basename $(notdir $(TESTS))),%/$(name) %/$(name).sh),$(units) $(fuzzers) $(scripts)),$(units) $(fuzzers) $(scripts))

# Calls of ours that the allocation sweep (tests/unit/sweep.c) makes fail.
wrapped := malloc calloc realloc reallocarray aligned_alloc posix_memalign strdup strndup asprintf vasprintf \
	__asprintf_chk __vasprintf_chk open_memstream sodium_malloc sodium_allocarray \
	gcry_cipher_open gcry_md_open yaml_parser_initialize pcre2_compile_8 pcre2_match_context_create_8 \
	pcre2_match_data_create_8 pcre2_match_data_create_from_pattern_8

$(B)/tests/%.o: extra_cflags = -Wno-missing-prototypes $(shell $(PKG_CONFIG) --cflags check)
$(units): $(B)/tests/unit/%: $(B)/tests/unit/%.o $(B)/tests/unit/main.o $(B)/tests/unit/sweep.o $(library)
	$(call say,link,$@)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(wrapped:%=-Wl,--wrap=%) -o $@ $^ \
		$(shell $(PKG_CONFIG) --libs check) $(ALL_LDLIBS)

$(tools): $(B)/tests/tools/%: $(B)/tests/tools/%.o $(B)/tests/tools/trace.o $(library)
	$(call say,link,$@)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(ALL_LDLIBS)

fuzz_main := $(if $(FUZZ),,$(B)/tests/fuzz/standalone.o)
$(fuzzers): $(B)/tests/fuzz/%: $(B)/tests/fuzz/%.o $(fuzz_main) $(library)
	$(call say,link,$@)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(if $(FUZZ),-fsanitize=fuzzer) -o $@ $^ $(ALL_LDLIBS)

programs: all $(units) $(fuzzers) $(tools)

submake = $(MAKE) --no-print-directory $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))

check: deps
	$(Q)$(submake) run-tests

run-tests: programs
	$(Q)BOOTSEAL=$(B)/bootseal bash tests/run.sh $(tests)

# Those that need no other programs and no boot.
run-scripts: all $(tools)
	$(Q)BOOTSEAL=$(B)/bootseal bash tests/run.sh $(filter tests/cli/%,$(tests))

# WRAPPER='valgrind …' runs each program under it.
run-units: $(units) $(fuzzers)
	$(Q)bash tests/run.sh $(if $(WRAPPER),-w '$(WRAPPER)') $(filter-out %.sh,$(tests))

fuzz:
	$(Q)$(submake) FUZZ=1 SAN=address,undefined CC=$(if $(findstring clang,$(compiler)),'$(CC)',clang) run-fuzz

run-fuzz: $(fuzzers)
	$(Q)bash tests/fuzz/run.sh $(FUZZ_SECONDS) $(fuzzers)

lint:
	$(Q)$(submake) run-lint

run-lint: all
	$(Q)CC='$(CC)' CFLAGS='$(ALL_CFLAGS)' BOOTSEAL=$(B)/bootseal bash tests/lint.sh

format:
	clang-format -i $(wildcard src/*/*.[ch] include/*/*.h tests/*/*.[ch] bench/*.[ch])

coverage:
	$(Q)$(submake) COVERAGE=1 CC=gcc CFLAGS='-O0 -g' run-tests
	$(Q)bash tests/coverage.sh build/gcc-cov

bench:
	$(Q)sh contrib/deps.sh build
	$(Q)$(submake) run-bench

benches := $(patsubst %.c,$(B)/%,$(sort $(wildcard bench/*.c)))
$(benches): $(B)/%: $(B)/%.o
	$(call say,link,$@)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(ALL_LDLIBS)

run-bench: all $(benches)
	$(Q)BOOTSEAL=$(B)/bootseal BENCH=$(B)/bench bash bench/run.sh

demo:
	$(Q)CC='$(firstword $(CC))' sh contrib/deps.sh build
	$(Q)[ -e build/bootseal ] || echo 'building bootseal'
	$(Q)$(submake) -s all
	$(Q)bash contrib/demo.sh build/bootseal

# --- The house -----------------------------------------------------------------------------

bindir = $(PREFIX)/bin
unitdir = $(PREFIX)/lib/systemd/system
userunitdir = $(PREFIX)/lib/systemd/user
generatordir = $(PREFIX)/lib/systemd/system-generators
pages := $(sort $(wildcard man/*.[1-8]))
system_units := $(notdir $(wildcard contrib/systemd/*.s*))
user_units := $(notdir $(wildcard contrib/systemd/user/*.s*))

deps:
	$(Q)CC='$(firstword $(CC))' sh contrib/deps.sh test

# There is no library for others to link, hence no header and no .pc file.
install: all
	$(INSTALL) -d "$(DESTDIR)$(bindir)" "$(DESTDIR)$(unitdir)" "$(DESTDIR)$(userunitdir)" "$(DESTDIR)$(generatordir)"
	$(INSTALL) -m 0755 $(B)/bootseal "$(DESTDIR)$(bindir)/bootseal"
	$(Q)for unit in $(system_units); do \
		sed 's|@bindir@|$(bindir)|g' contrib/systemd/$$unit >$(B)/unit && \
		$(INSTALL) -m 0644 $(B)/unit "$(DESTDIR)$(unitdir)/$$unit" || exit 1; \
	done
	$(Q)for unit in $(user_units); do \
		sed 's|@bindir@|$(bindir)|g' contrib/systemd/user/$$unit >$(B)/unit && \
		$(INSTALL) -m 0644 $(B)/unit "$(DESTDIR)$(userunitdir)/$$unit" || exit 1; \
	done
	ln -sf ../../../bin/bootseal "$(DESTDIR)$(generatordir)/bootseal-generator"
	$(Q)for page in $(pages); do \
		dir="$(DESTDIR)$(PREFIX)/share/man/man$${page##*.}"; \
		$(INSTALL) -d "$$dir" && $(INSTALL) -m 0644 $$page "$$dir/" || exit 1; \
	done
	$(Q)while read -r from to; do \
		$(INSTALL) -D -m 0644 contrib/completions/$$from "$(DESTDIR)$(PREFIX)/share/$$to" || exit 1; \
	done <contrib/completions/list

# In the place of these tools: the program goes by the name that it is called by.
called_as := sops age age-keygen age-inspect ssh-to-age sops-install-secrets

install-compat: install
	$(Q)for name in $(called_as); do \
		file="$(DESTDIR)$(bindir)/$$name"; \
		if [ -e "$$file" ] && [ "$$(readlink "$$file")" != bootseal ]; then \
			echo "$$file is another program: it stays" >&2; continue; \
		fi; \
		ln -sf bootseal "$$file" || exit 1; \
	done

uninstall:
	rm -f "$(DESTDIR)$(bindir)/bootseal" "$(DESTDIR)$(generatordir)/bootseal-generator"
	$(Q)for unit in $(system_units); do rm -f "$(DESTDIR)$(unitdir)/$$unit"; done
	$(Q)for unit in $(user_units); do rm -f "$(DESTDIR)$(userunitdir)/$$unit"; done
	$(Q)for name in $(called_as); do \
		[ "$$(readlink "$(DESTDIR)$(bindir)/$$name")" != bootseal ] || rm "$(DESTDIR)$(bindir)/$$name"; \
	done
	$(Q)for page in $(notdir $(pages)); do rm -f "$(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$$page"; done
	$(Q)while read -r from to; do rm -f "$(DESTDIR)$(PREFIX)/share/$$to"; done <contrib/completions/list

archive := build/bootseal-$(VERSION).tar.gz

dist:
	$(Q)mkdir -p build
	git archive --prefix=bootseal-$(VERSION)/ HEAD | gzip -9n >$(archive)

# From the tree as it is; RELEASE counts the packages of one version.
RELEASE ?= 1

deb:
	$(Q)rm -rf build/deb
	$(Q)$(submake) -s install DESTDIR=build/deb PREFIX=/usr >/dev/null
	$(Q)sh contrib/debian/build.sh $(VERSION)-$(RELEASE) build/deb build/bootseal_$(VERSION)-$(RELEASE)_$$(dpkg --print-architecture).deb

# From the last commit. RPMBUILD_FLAGS=--nodeps where the libraries were not installed as rpms.
rpm: dist
	$(Q)rpmbuild -bb --quiet $(RPMBUILD_FLAGS) --define '_topdir $(CURDIR)/build/rpm' --define '_sourcedir $(CURDIR)/build' \
		--define 'version_from_make $(VERSION)' contrib/rpm/bootseal.spec
	$(Q)find build/rpm/RPMS -name 'bootseal-$(VERSION)-*.rpm'

clean:
	rm -rf build

help:
	@echo 'make             build/bootseal'
	@echo 'make demo        seal a secret and open it as a boot does, in a throw-away folder'
	@echo 'make check       all tests, or TESTS="22-set-edit test_util_file"; installs the packages they need'
	@echo 'make install     into PREFIX=$(PREFIX) (DESTDIR= before it): program, man pages, systemd units'
	@echo 'make install-compat  install, and links by which the program is called as sops, age, age-keygen, age-inspect, ssh-to-age, sops-install-secrets'
	@echo 'make uninstall   the reverse'
	@echo 'make deps        install the libraries that a build and the tests need'
	@echo 'make lint        layers, headers, man pages, format, static analysis'
	@echo 'make fuzz        each fuzz target for FUZZ_SECONDS=10 (clang)'
	@echo 'make coverage    which lines the tests reach'
	@echo 'make bench       speed and memory, beside sops and age where they are installed'
	@echo 'make format      clang-format over all sources'
	@echo 'make dist        build/bootseal-$(VERSION).tar.gz from the last commit'
	@echo 'make deb         build/bootseal_$(VERSION)-1_ARCH.deb of the tree as it is (with dpkg-dev)'
	@echo 'make rpm         build/rpm/RPMS/... of the last commit (with rpmbuild)'
	@echo 'make clean       remove build/'
	@echo
	@echo 'Knobs: CC=clang  CFLAGS=-O0  SAN=address,undefined  COVERAGE=1  FUZZ=1  WERROR=1  V=1'
	@echo '       STATIC=libs: the libraries in the program itself, which starts faster; security updates of theirs then want a new build'

.SECONDARY:
-include $(foreach d,$(sort $(wildcard $(B) $(O))),$(shell find $(d) -name '*.d'))

FORCE:
.PHONY: all programs check run-tests run-scripts run-units fuzz run-fuzz lint run-lint format coverage bench run-bench install-compat \
	demo deps install uninstall dist deb rpm clean help FORCE
