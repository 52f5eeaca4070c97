# SPDX-License-Identifier: MIT
# The image for the tests of the interpreter. It compiles the interpreter for itself, with its own size of linear memory:
# same sources, same flags, another folder.
#
#   make -C board -f vm-test/vm-test.mk INTERPRETER=fast|stock      ../build/vm-test-<interpreter>-65536/vm-test.bin
#   make -C board -f vm-test/vm-test.mk MEMORY=98304                another size of the linear memory, in octets

INTERPRETER ?= fast
MEMORY      ?= 65536
BUILD       ?= ../build/vm-test-$(INTERPRETER)-$(MEMORY)

# The stock interpreter nests a C frame for each operation and needs the more stack; what is left is heap.
STACK_stock := 73728
STACK_fast  := 12288
STACK := $(STACK_$(INTERPRETER))
HEAP  := $(shell expr 237568 - $(MEMORY) - $(STACK))

CC       := arm-none-eabi-gcc
OBJCOPY  := arm-none-eabi-objcopy
CPUFLAGS := -mcpu=cortex-m0plus -mthumb
CFLAGS   := $(CPUFLAGS) -std=gnu11 -O2 -g -Wall -Wextra -Wno-unused-parameter -ffunction-sections -fdata-sections -fno-common \
            -fno-tree-loop-distribute-patterns
LDFLAGS  := $(CPUFLAGS) -nostartfiles --specs=nano.specs -Wl,--gc-sections -T link.ld -Wl,-Map=$(BUILD)/vm-test.map \
            -Wl,--defsym=STACK=$(STACK) -Wl,--fatal-warnings

.DEFAULT_GOAL := vm-test

include wasm3/wasm3.mk

.PHONY: vm-test
vm-test: $(BUILD)/vm-test.bin

$(BUILD)/vm-test.o: vm-test/vm-test.c vm-test/vm-test.mk $(WASM3_BUILD)/flags $(WASM3_BUILD)/source.stamp
	@mkdir -p $(BUILD)
	$(CC) $(CFLAGS) $(WASM3_CFLAGS) -MMD -MP -c $< -o $@

# The firmware's own memcpy, memmove and memset: memory.copy and memory.fill come down to them.
$(BUILD)/copy.o: copy.c vm-test/vm-test.mk
	@mkdir -p $(BUILD)
	$(CC) $(CFLAGS) -ffreestanding -c $< -o $@

$(BUILD)/vm-test.elf: $(BUILD)/vm-test.o $(BUILD)/copy.o $(WASM3_OBJECTS) link.ld
	$(CC) $(LDFLAGS) $(BUILD)/vm-test.o $(BUILD)/copy.o $(WASM3_OBJECTS) -o $@

$(BUILD)/vm-test.bin: $(BUILD)/vm-test.elf
	$(OBJCOPY) -O binary $< $@

-include $(BUILD)/vm-test.d
