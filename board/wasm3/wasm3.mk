# SPDX-License-Identifier: MIT
# The interpreter. Included by a makefile that runs in board/ and has set
#   BUILD        folder of the results
#   INTERPRETER  fast or stock
#   MEMORY       octets of linear memory
#   HEAP         octets of wasm3's heap
#   CC CPUFLAGS  the compiler, and the core
# It defines WASM3_OBJECTS, to link, and WASM3_CFLAGS, for who includes wasm3.h, m3_env.h or memory.h. NODE may be set.
# The operations lie in the input sections .ramtext.operations: the linker script puts them into SRAM.

NODE ?= node
WASM3_BUILD := $(BUILD)/wasm3-$(INTERPRETER)
WASM3_SOURCE := $(WASM3_BUILD)/source
WASM3_TOOLS := ../host/firmware/interpreter

WASM3_CFLAGS := -include wasm3/config.h -Iwasm3 -I$(WASM3_SOURCE) \
  -DSANDWIRE_MEMORY=$(MEMORY) -DSANDWIRE_HEAP=$(HEAP)
WASM3_OWN_CFLAGS := $(CPUFLAGS) -std=gnu11 -O2 -ffunction-sections -fdata-sections -fno-common -fno-strict-aliasing \
  $(WASM3_CFLAGS) -MMD -MP

WASM3_UNITS := bind code compile core env function info module parse
WASM3_OBJECTS := $(WASM3_UNITS:%=$(WASM3_BUILD)/m3_%.o) $(WASM3_BUILD)/memory.o $(WASM3_BUILD)/expression.o
ifeq ($(INTERPRETER),fast)
WASM3_OBJECTS += $(addprefix $(WASM3_BUILD)/,fast.o control.o slots.o integer32.o integer64.o access.o)
endif

# The sources are written anew, all of them, when the edits have changed.
$(WASM3_BUILD)/source.stamp: $(wildcard $(WASM3_TOOLS)/*.ts) ../host/wasm3-binding/corrections.js \
    ../node_modules/wasm3-source/package.json
	@mkdir -p $(WASM3_SOURCE)
	$(NODE) --import tsx $(WASM3_TOOLS)/source.ts $(INTERPRETER) $(WASM3_SOURCE)
	@touch $@

# Built again when MEMORY, HEAP or a flag is another.
$(WASM3_BUILD)/flags: FORCE
	@mkdir -p $(WASM3_BUILD)
	@echo '$(CC) $(WASM3_OWN_CFLAGS)' | cmp -s - $@ || echo '$(CC) $(WASM3_OWN_CFLAGS)' > $@
.PHONY: FORCE

$(WASM3_UNITS:%=$(WASM3_SOURCE)/m3_%.c): $(WASM3_BUILD)/source.stamp ;

$(WASM3_BUILD)/m3_%.o: $(WASM3_SOURCE)/m3_%.c $(WASM3_BUILD)/flags
	$(CC) $(WASM3_OWN_CFLAGS) -c $< -o $@

$(WASM3_BUILD)/%.o: wasm3/%.c $(WASM3_BUILD)/source.stamp $(WASM3_BUILD)/flags
	$(CC) $(WASM3_OWN_CFLAGS) -c $< -o $@

$(WASM3_BUILD)/%.o: wasm3/%.S $(WASM3_BUILD)/flags
	$(CC) $(CPUFLAGS) -MMD -MP -c $< -o $@

-include $(WASM3_OBJECTS:.o=.d)
