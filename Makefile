# sparkctl: out-of-tree build below build/. `make demo` and `make test` install what is missing first.
# Variables: CC, SANITIZE=1 (address and undefined), WERROR=1, BUILD, PREFIX, DESTDIR, T (a test), JOBS, FUZZ_SECONDS.

VERSION := 0.1.0
ifeq ($(origin CC),default)
CC := gcc
endif
BUILD ?= build
PREFIX ?= /usr/local
DESTDIR ?=
AR ?= ar
JOBS ?= $(shell nproc 2>/dev/null || echo 2)
FUZZ_SECONDS ?= 10

PKG_CORE := libcjson inih libcrypto
PKG_NET := libcurl libxml-2.0 libpq
PKG_SANDBOX := libmicrohttpd libssl zlib libzstd

CSTD := -std=c11 -D_GNU_SOURCE
WARN := -Wall -Wextra -Wshadow -Wformat=2 -Wvla -Wstrict-prototypes -Wmissing-prototypes -Wconversion -Wundef -Wpointer-arith
ifdef WERROR
WARN += -Werror
endif
HARDEN := -fstack-protector-strong -fPIE
LDHARDEN := -pie -Wl,-z,relro,-z,now
OPT := -O2 -g
ifdef SANITIZE
OPT := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
LDSAN := -fsanitize=address,undefined
else
HARDEN += -D_FORTIFY_SOURCE=2
endif
ifdef FUZZ
OPT += -fsanitize=fuzzer-no-link
endif

# In a bare clone pkg-config is not there yet: the targets that install it build in a second make.
CPPFLAGS_ALL := -Iinclude -Isrc -include spark/base/ban.h -DSPARK_VERSION='"$(VERSION)"' \
	$(shell pkg-config --cflags $(PKG_CORE) $(PKG_NET) $(PKG_SANDBOX) 2>/dev/null)
CFLAGS_ALL = $(CSTD) $(WARN) $(HARDEN) $(OPT) -pthread -MMD -MP $(CFLAGS)
LDFLAGS_ALL = $(LDHARDEN) $(LDSAN) -pthread -Wl,--as-needed $(LDFLAGS)
# The client loads libcurl, libpq and libxml2 at first use (base/dynlib.h), so they are not linked.
LIBS_CLIENT := $(shell pkg-config --libs $(PKG_CORE) 2>/dev/null) -ldl -lm
LIBS_SANDBOX := $(shell pkg-config --libs $(PKG_SANDBOX) $(PKG_CORE) 2>/dev/null) -lpg_query -lbz2 -ldl -lm

# V=1 shows the commands.
ifndef V
Q := @
say = @printf '  %-7s %s\n' $(1) $(2)
endif

LAYERS := base aws warehouse pipeline cli sandbox
# Sources of a layer: every .c below its folder but the two main programs.
layer_src = $(filter-out src/cli/main.c src/sandbox/main.c,$(shell find src/$(1) -name '*.c' 2>/dev/null | LC_ALL=C sort))
objs = $(patsubst src/%.c,$(BUILD)/obj/%.o,$(1))

all: $(BUILD)/sparkctl $(BUILD)/sparkctl-sandbox

# What the objects were made with: other flags or another compiler make them anew.
FLAGS_NOW := $(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(LDFLAGS_ALL)
HAVE_LIBRARIES := $(shell pkg-config --exists $(PKG_CORE) $(PKG_NET) $(PKG_SANDBOX) 2>/dev/null && echo yes)
$(BUILD)/flags: FORCE
	$(if $(HAVE_LIBRARIES),,@echo "make: libraries are missing; 'make deps' installs them" >&2; exit 1)
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(FLAGS_NOW))' | cmp -s - $@ || printf '%s\n' '$(subst ','\'',$(FLAGS_NOW))' > $@
FORCE:

$(BUILD)/obj/%.o: src/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -c $< -o $@

# Embedded texts: the default pipeline's SQL and the sandbox's catalogue.
SQL_FILES := $(shell find sql -name '*.sql' 2>/dev/null | LC_ALL=C sort)
CATALOG_FILES := $(shell find src/sandbox/catalog -name '*.sql' 2>/dev/null | LC_ALL=C sort)
$(BUILD)/gen/embedded_sql.c: tools/embed-sql tools/embed-bytes.awk $(SQL_FILES)
	@mkdir -p $(@D)
	$(call say,EMBED,$@)
	$(Q)tools/embed-sql sql > $@.tmp && mv $@.tmp $@
$(BUILD)/gen/embedded_catalog.c: tools/embed-text tools/embed-bytes.awk $(CATALOG_FILES)
	@mkdir -p $(@D)
	$(call say,EMBED,$@)
	$(Q)tools/embed-text catalog_sql $(CATALOG_FILES) > $@.tmp && mv $@.tmp $@
$(BUILD)/obj/gen/%.o: $(BUILD)/gen/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -c $< -o $@

EXTRA_warehouse := $(BUILD)/obj/gen/embedded_sql.o
EXTRA_sandbox := $(BUILD)/obj/gen/embedded_catalog.o

# One static archive per layer; `make lib-aws` builds one alone.
define layer_rules
OBJ_$(1) := $$(call objs,$$(call layer_src,$(1))) $$(EXTRA_$(1))
$$(BUILD)/lib/libspark_$(1).a: $$(OBJ_$(1))
	@mkdir -p $$(@D)
	@rm -f $$@
	$$(call say,AR,$$@)
	$$(Q)$$(AR) rcs $$@ $$^
lib-$(1): $$(BUILD)/lib/libspark_$(1).a
endef
$(foreach l,$(LAYERS),$(eval $(call layer_rules,$(l))))
archives = $(foreach l,$(1),$(BUILD)/lib/libspark_$(l).a)

$(BUILD)/sparkctl: $(BUILD)/obj/cli/main.o $(call archives,cli pipeline warehouse aws base)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS_CLIENT)
$(BUILD)/sparkctl-sandbox: $(BUILD)/obj/sandbox/main.o $(call archives,sandbox base)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS_SANDBOX)

# Unit tests: tests/unit/<layer>/test_<module>.c, one program each, linked with its layer and the lower ones.
# Fuzz targets: tests/fuzz/<layer>/fuzz_<name>.c, linked likewise; $(BUILD)/replay/ with a driver that feeds the corpus
# (part of `make test`), $(BUILD)/fuzz/ with clang's libFuzzer (`make fuzz`).
UNIT_SRC := $(shell find tests/unit -name 'test_*.c' 2>/dev/null | LC_ALL=C sort)
UNIT_BIN := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(UNIT_SRC))
FUZZ_SRC := $(shell find tests/fuzz -name 'fuzz_*.c' 2>/dev/null | LC_ALL=C sort)
REPLAY_BIN := $(patsubst tests/fuzz/%.c,$(BUILD)/replay/%,$(FUZZ_SRC))
FUZZ_BIN := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(FUZZ_SRC))
LOWER_base := base
LOWER_aws := aws base
LOWER_warehouse := warehouse base
LOWER_pipeline := pipeline warehouse aws base
LOWER_cli := cli pipeline warehouse aws base
LOWER_sandbox := sandbox base
test_libs = $(call archives,$(LOWER_$(1))) $(LIBS_CLIENT) $(if $(filter sandbox,$(1)),$(LIBS_SANDBOX))
define test_rules
unit-$(1): $$(filter $$(BUILD)/unit/$(1)/%,$$(UNIT_BIN))
$$(BUILD)/unit/$(1)/%: tests/unit/$(1)/%.c $$(call archives,$$(LOWER_$(1))) $$(BUILD)/flags
	@mkdir -p $$(@D)
	$$(call say,TEST,$$@)
	$$(Q)$$(CC) $$(CPPFLAGS_ALL) -Itests $$(CFLAGS_ALL) $$< -o $$@ $$(LDFLAGS_ALL) $$(call test_libs,$(1)) -lcmocka
$$(BUILD)/replay/$(1)/%: tests/fuzz/$(1)/%.c tests/fuzz/driver.c $$(call archives,$$(LOWER_$(1))) $$(BUILD)/flags
	@mkdir -p $$(@D)
	$$(call say,REPLAY,$$@)
	$$(Q)$$(CC) $$(CPPFLAGS_ALL) -Itests $$(CFLAGS_ALL) -MF $$@.d $$< tests/fuzz/driver.c -o $$@ $$(LDFLAGS_ALL) $$(call test_libs,$(1))
$$(BUILD)/fuzz/$(1)/%: tests/fuzz/$(1)/%.c $$(call archives,$$(LOWER_$(1))) $$(BUILD)/flags
	@mkdir -p $$(@D)
	$$(call say,FUZZ,$$@)
	$$(Q)$$(CC) $$(CPPFLAGS_ALL) -Itests $$(CFLAGS_ALL) -fsanitize=fuzzer $$< -o $$@ $$(LDFLAGS_ALL) $$(call test_libs,$(1))
endef
$(foreach l,$(LAYERS),$(eval $(call test_rules,$(l))))
unit: $(UNIT_BIN)
test-programs: all unit $(REPLAY_BIN) $(BUILD)/fault/instant
fuzz-programs: $(FUZZ_BIN)

# A second make, because the first one asked pkg-config before it may have been there.
again = +@$(MAKE) --no-print-directory $(if $(findstring j,$(filter -j% --jobserver%,$(MAKEFLAGS))),,-j$(JOBS))

deps:
	@tools/install-deps build run
demo:
	@tools/install-deps build run
	$(again) all
	@BUILD=$(BUILD) tools/demo
test:
	@tools/install-deps build run test
	$(again) test-programs
	@BUILD=$(BUILD) tests/run $(T)
asan:
	@tools/install-deps build run test
	$(again) test-programs BUILD=build-asan SANITIZE=1
	@BUILD=build-asan TEST_TIMEOUT=900 tests/run $(T)
fuzz:
	@tools/install-deps build fuzz
	$(again) fuzz-programs BUILD=build-fuzz CC=clang SANITIZE=1 FUZZ=1
	@BUILD=build-fuzz tests/fuzz/run $(FUZZ_SECONDS) $(T)
lint:
	@tools/install-deps build lint
	$(again) $(BUILD)/print-options $(BUILD)/print-man
	@BUILD=$(BUILD) tests/lint/run $(T)

# kill -9 of the daemon under load, many more times than `make test` does it.
kill-loop: $(BUILD)/sparkctl-sandbox
	@ROUNDS=$${ROUNDS:-1000} TEST_TIMEOUT=14400 BUILD=$(BUILD) tests/run fault/test_kill_loop

# kill -9 of the client before and after each write of its journal, each request and each message to the database.
$(BUILD)/fault/instant: tests/fault/instant.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $< -o $@ $(LDFLAGS_ALL)
kill-everywhere: all $(BUILD)/fault/instant
	@SPARKCTL=$(abspath $(BUILD))/sparkctl SPARKCTL_SANDBOX=$(abspath $(BUILD))/sparkctl-sandbox \
		/usr/bin/python3 tests/fault/kill-everywhere

# Requests per second, copies of many files beside other clients, waits and calls of up and down: measured, never asserted.
$(BUILD)/bench/load: tests/bench/load.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $< -o $@ $(LDFLAGS_ALL)
bench-programs: all $(BUILD)/bench/load
bench:
	@tools/install-deps build run test bench
	$(again) bench-programs
	@BUILD=$(BUILD) tests/bench/run $(T)
	$(if $(T),,@BUILD=$(BUILD) tests/bench/copy)
	$(if $(T),,@BUILD=$(BUILD) tests/bench/pgbench)
	$(if $(T),,@BUILD=$(BUILD) tests/bench/provision)

# The settings' rows as a template file or a table: what dwh_template.cfg and docs/CONFIGURATION.md are made from.
$(BUILD)/print-options: tools/print_options.c $(call archives,base)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $< -o $@ $(LDFLAGS_ALL) $(call archives,base) $(LIBS_CLIENT)
# The manual page, from the rows of commands, options and settings.
$(BUILD)/print-man: tools/print_man.c $(call archives,$(LOWER_cli))
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $< -o $@ $(LDFLAGS_ALL) $(call archives,$(LOWER_cli)) $(LIBS_CLIENT)
generate: $(BUILD)/print-options $(BUILD)/print-man
	$(BUILD)/print-options template > dwh_template.cfg
	tools/put-table docs/CONFIGURATION.md $(BUILD)/print-options table
	mkdir -p docs/man
	$(BUILD)/print-man > docs/man/sparkctl.1

C_FILES = $(shell git ls-files '*.c' '*.h')
fmt:
	clang-format -i $(C_FILES)
fmt-check:
	clang-format --dry-run -Werror $(C_FILES)

MAN_PAGES := $(wildcard docs/man/*.1)
install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/libexec/sparkctl $(DESTDIR)$(PREFIX)/share/sparkctl
	install -m 755 $(BUILD)/sparkctl $(DESTDIR)$(PREFIX)/bin/sparkctl
	install -m 755 $(BUILD)/sparkctl-sandbox $(DESTDIR)$(PREFIX)/libexec/sparkctl/sparkctl-sandbox
	install -m 644 dwh_template.cfg $(DESTDIR)$(PREFIX)/share/sparkctl/dwh_template.cfg
ifneq ($(MAN_PAGES),)
	install -d $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 $(MAN_PAGES) $(DESTDIR)$(PREFIX)/share/man/man1
endif
uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/sparkctl $(addprefix $(DESTDIR)$(PREFIX)/share/man/man1/,$(notdir $(MAN_PAGES)))
	rm -rf $(DESTDIR)$(PREFIX)/libexec/sparkctl $(DESTDIR)$(PREFIX)/share/sparkctl

clean:
	rm -rf $(BUILD) build-asan build-fuzz

.PHONY: all unit test-programs fuzz-programs bench-programs deps demo test asan fuzz lint kill-loop kill-everywhere bench generate fmt fmt-check install uninstall clean \
	FORCE $(addprefix lib-,$(LAYERS)) $(addprefix unit-,$(LAYERS))
.SECONDARY:
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
