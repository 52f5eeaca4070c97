// SPDX-License-Identifier: MIT
// What a module may ask of the bus on the board: places in its memory, lengths that assembly/hal.ts allows, and nothing
// else. The firmware is built around a module that asks for the rest; each is a trap, and no
// octet outside the linear memory changes.

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { BUILD, ROOT } from '../../host/build.ts';
import { hasToolchain } from '../../host/firmware/build.ts';
import { Enc28j60 } from '../../host/enc28j60/chip.ts';
import { Doing, Pico } from '../../host/machine/pico.ts';
import { FLASH_BASE, SRAM_BASE } from '../../host/machine/rp2040/bus.ts';
import { ChipOnPins } from '../../host/machine/rp2040/chip-on-pins.ts';
import { SECOND, VirtualClock } from '../../host/net/clock.ts';
import { compile } from '../machine/compile.ts';

const NAME = 'test-bus-bounds';
const MEMORY_END = 4096;
/** Where the harness writes which call poll shall make, and its operands. */
const WISH = 1024;
const MARGIN = 2048;
/** SCRATCH registers in which the firmware leaves why it reboots (board/startup.h), and what it leaves for a trap. */
const [REASON, DETAIL, TRAP] = [2, 3, 1];
const CALLS = { command: 1, bulkRead: 2, bulkWrite: 3 } as const;
/** The counters that the firmware watches; all stay 0. */
const COUNTERS = 'LinkRxFrames\\nLinkTxFrames\\nLinkNoChip\\nLinkReinit\\nLinkUp\\nLinkDown\\n';

const SOURCE = `
  @external("hal", "command") declare function command(octets: u32, count: u32): u32;
  @external("hal", "bulkRead") declare function bulkRead(dst: usize, len: u32): u32;
  @external("hal", "bulkWrite") declare function bulkWrite(src: usize, len: u32): u32;
  const NAMES = memory.data<u8>([${[...COUNTERS.replaceAll('\\n', '\n')].map((c) => c.charCodeAt(0)).join(', ')}, 0]);
  export function configure(a: u32, b: u32, c: u32, d: u32, e: u32): i32 { return 0; }
  export function seed(a: u32, b: u32, c: u32, d: u32): void {}
  export function start(now: u32): i32 { return 0; }
  export function counters(): usize { return 2048; }
  export function counterNames(): usize { return NAMES; }
  export function connectionInfo(i: u32): usize { return 0; }
  export function memoryEnd(): usize { return ${MEMORY_END}; }
  export function poll(now: u32): u32 {
    const call = load<u32>(${WISH});
    const a = load<u32>(${WISH + 4});
    const b = load<u32>(${WISH + 8});
    if (call == 1) command(a, b);
    if (call == 2) bulkRead(a, b);
    if (call == 3) bulkWrite(a, b);
    store<u32>(${WISH}, 0);
    return 1;
  }
`;

/** ASCII up to the zero. */
function textAt(octets: Uint8Array, at: number): string {
  return Buffer.from(octets.subarray(at, octets.indexOf(0, at))).toString('latin1');
}

describe.skipIf(!hasToolchain())('the bus of the board', () => {
  let image: Uint8Array;

  beforeAll(async () => {
    mkdirSync(BUILD, { recursive: true });
    writeFileSync(join(BUILD, `${NAME}.wasm`), await compile(SOURCE, '--initialMemory', '1'));
    const settings = [
      `MODULE=../build/${NAME}.wasm`,
      `OUT=../build/${NAME}`,
      `BUILD=../build/${NAME}-objects`,
    ];
    execFileSync('make', ['-s', '-j2', '-C', join(ROOT, 'board'), ...settings]);
    image = readFileSync(join(BUILD, `${NAME}.uf2`));
  }, 120_000);

  /** Boot, have the module make one call, and say whether it trapped and what else changed. */
  function ask(
    call: keyof typeof CALLS,
    a: number,
    b: number,
  ): { trap: string | undefined; spared: boolean } {
    const clock = new VirtualClock();
    const pico = new Pico({ uf2: image, clock, chip: new ChipOnPins(new Enc28j60(clock)) });
    let polls = 0;
    pico.onMark = (doing) => (polls += doing === Doing.Between ? 1 : 0);
    /** The octets next to the linear memory on both sides, where a transfer that is too long would go. */
    const outside = (): Buffer => {
      const { memory, memorySize } = pico.image;
      const begin = memory - SRAM_BASE;
      const behind = pico.sram.slice(begin + memorySize, begin + memorySize + MARGIN);
      return Buffer.concat([pico.sram.slice(begin - 4, begin), behind]);
    };
    pico.start();
    clock.runWhile(() => polls < 20, SECOND);
    const before = outside();
    pico.memory.set(new Uint8Array(new Uint32Array([CALLS[call], a, b]).buffer), WISH);
    const hasTrapped = (): boolean => pico.scratch(REASON) === TRAP;
    clock.runWhile(() => pico.memory[WISH] !== 0 && !hasTrapped(), SECOND);
    const spared = outside().equals(before);
    const trap = hasTrapped() ? textAt(pico.flash, pico.scratch(DETAIL) - FLASH_BASE) : undefined;
    pico.stop();
    return { trap, spared };
  }

  it.each([
    ['command', 0x1d, 2],
    ['bulkRead', MEMORY_END - 64, 64],
    ['bulkRead', MEMORY_END - 1, 1],
    ['bulkRead', 0, 1536],
    ['bulkWrite', MEMORY_END - 64, 64],
    ['bulkWrite', 1, 1536],
  ] as const)('does %s(%i, %i)', (call, a, b) => {
    expect(ask(call, a, b)).toEqual({ trap: undefined, spared: true });
  });

  it.each([
    ['command', 0x1d, 0, 'hal.command: 1 to 4 octets'],
    ['command', 0x1d, 5, 'hal.command: 1 to 4 octets'],
    ['bulkRead', MEMORY_END - 64, 65, '[trap] out of bounds memory access'],
    ['bulkRead', MEMORY_END, 1, '[trap] out of bounds memory access'],
    ['bulkRead', 0xffffffff, 2, '[trap] out of bounds memory access'],
    ['bulkRead', 0xffffff00, 1536, '[trap] out of bounds memory access'],
    ['bulkRead', 64, 0xffffffff, '[trap] out of bounds memory access'],
    ['bulkRead', 64, 0, 'hal.bulkRead: 1 to 1536 octets'],
    ['bulkRead', 64, 1537, 'hal.bulkRead: 1 to 1536 octets'],
    ['bulkWrite', MEMORY_END - 64, 65, '[trap] out of bounds memory access'],
    ['bulkWrite', 0xffffffff, 2, '[trap] out of bounds memory access'],
    ['bulkWrite', 64, 1537, 'hal.bulkWrite: 1 to 1536 octets'],
  ] as const)('traps at %s(%i, %i)', (call, a, b, message) => {
    expect(ask(call, a, b)).toEqual({ trap: message, spared: true });
  });
});
