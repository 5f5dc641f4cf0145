# sparkctl: out-of-tree build below build/. `make demo` and `make test` install what is missing first.
# Variables: CC, SANITIZE=1 (address and undefined), WERROR=1, BUILD, PREFIX, DESTDIR.

VERSION := 0.1.0
CC ?= gcc
ifeq ($(origin CC),default)
CC := gcc
endif
BUILD ?= build
PREFIX ?= /usr/local
DESTDIR ?=
AR ?= ar

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

CPPFLAGS_ALL = -Iinclude -Isrc -include spark/base/ban.h -DSPARK_VERSION='"$(VERSION)"' $(shell pkg-config --cflags $(PKG_CORE) $(PKG_NET) $(PKG_SANDBOX) 2>/dev/null)
CFLAGS_ALL = $(CSTD) $(WARN) $(HARDEN) $(OPT) -pthread -MMD -MP $(CFLAGS)
LDFLAGS_ALL = $(LDHARDEN) $(LDSAN) -pthread -Wl,--as-needed $(LDFLAGS)
# The client loads libcurl, libpq and libxml2 at first use (base/dynlib.h), so they are not linked.
LIBS_CLIENT = $(shell pkg-config --libs $(PKG_CORE)) -ldl -lm
LIBS_SANDBOX = $(shell pkg-config --libs $(PKG_SANDBOX) $(PKG_CORE)) -lpg_query -lbz2 -ldl -lm

LAYERS := base aws warehouse pipeline cli sandbox
# Sources of a layer: every .c below its folder but the two main programs.
layer_src = $(filter-out src/cli/main.c src/sandbox/main.c,$(shell find src/$(1) -name '*.c' 2>/dev/null | LC_ALL=C sort))
objs = $(patsubst src/%.c,$(BUILD)/obj/%.o,$(1))

all: $(BUILD)/sparkctl $(BUILD)/sparkctl-sandbox

$(BUILD)/obj/%.o: src/%.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -c $< -o $@

# Embedded texts: the default pipeline's SQL, the sandbox's catalogue, the config template.
$(BUILD)/gen/embedded_sql.c: tools/embed-sql $(shell find sql -name '*.sql' | LC_ALL=C sort)
	@mkdir -p $(@D)
	tools/embed-sql sql > $@.tmp && mv $@.tmp $@
$(BUILD)/gen/embedded_catalog.c: tools/embed-text $(shell find src/sandbox/catalog -name '*.sql' | LC_ALL=C sort)
	@mkdir -p $(@D)
	tools/embed-text catalog_sql src/sandbox/catalog/*.sql > $@.tmp && mv $@.tmp $@
$(BUILD)/obj/gen/%.o: $(BUILD)/gen/%.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -c $< -o $@

EXTRA_warehouse := $(BUILD)/obj/gen/embedded_sql.o
EXTRA_sandbox := $(BUILD)/obj/gen/embedded_catalog.o

# One static archive per layer; `make lib-aws` builds one alone.
define layer_rules
OBJ_$(1) := $$(call objs,$$(call layer_src,$(1))) $$(EXTRA_$(1))
$$(BUILD)/lib/libspark_$(1).a: $$(OBJ_$(1))
	@mkdir -p $$(@D)
	@rm -f $$@
	$$(AR) rcs $$@ $$^
lib-$(1): $$(BUILD)/lib/libspark_$(1).a
endef
$(foreach l,$(LAYERS),$(eval $(call layer_rules,$(l))))
archives = $(foreach l,$(1),$(BUILD)/lib/libspark_$(l).a)

$(BUILD)/sparkctl: $(BUILD)/obj/cli/main.o $(call archives,cli pipeline warehouse aws base)
	$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS_CLIENT)
$(BUILD)/sparkctl-sandbox: $(BUILD)/obj/sandbox/main.o $(call archives,sandbox base)
	$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS_SANDBOX)

# Unit tests: tests/unit/<layer>/test_<module>.c, one program each, linked with its layer and the lower ones.
UNIT_SRC := $(shell find tests/unit -name 'test_*.c' 2>/dev/null | LC_ALL=C sort)
UNIT_BIN := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(UNIT_SRC))
LOWER_base := base
LOWER_aws := aws base
LOWER_warehouse := warehouse base
LOWER_pipeline := pipeline warehouse aws base
LOWER_cli := cli pipeline warehouse aws base
LOWER_sandbox := sandbox base
define unit_rules
$$(BUILD)/unit/$(1)/%: tests/unit/$(1)/%.c $$(call archives,$$(LOWER_$(1)))
	@mkdir -p $$(@D)
	$$(CC) $$(CPPFLAGS_ALL) -Itests $$(CFLAGS_ALL) $$< -o $$@ $$(LDFLAGS_ALL) $$(call archives,$$(LOWER_$(1))) $$(LIBS_CLIENT) $$(if $$(filter sandbox,$(1)),$$(LIBS_SANDBOX)) -lcmocka
endef
$(foreach l,$(LAYERS),$(eval $(call unit_rules,$(l))))
unit: $(UNIT_BIN)
unit-%: ; $(MAKE) $(filter $(BUILD)/unit/$*/%,$(UNIT_BIN))

clean:
	rm -rf $(BUILD)

.PHONY: all unit clean $(addprefix lib-,$(LAYERS))
.SECONDARY:
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
