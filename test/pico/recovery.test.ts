// SPDX-License-Identifier: MIT
// What goes wrong in the field and must mend itself: a module that traps, code that hangs, a processor that faults, a chip
// that stops to answer. The harness does the damage in SRAM or to the chip; the firmware does the rest.

import { describe, expect, test } from 'vitest';
import { hasToolchain } from '../../host/firmware/build.ts';
import { MILLISECOND, SECOND } from '../../host/index.ts';
import { Doing } from '../../host/machine/pico.ts';
import { SRAM_BASE } from '../../host/machine/rp2040/bus.ts';
import { Divergence } from '../../host/machine/shadow.ts';
import { Rig } from './board.ts';

/** The board boots again and answers; its polls are proved anew. Nothing but `before` was done wrong to the chip. */
function expectRecovery(rig: Rig, before: Rig['board']['violations'] = []): void {
  const { polls, provenPolls } = rig.board;
  expect(rig.ping()).toBe(true);
  expect(rig.board.provenPolls - provenPolls).toBe(rig.board.polls - polls);
  expect(rig.board.polls).toBeGreaterThan(polls);
  expect(rig.board.violations).toEqual(before);
}

describe.skipIf(!hasToolchain())('the board mends itself:', () => {
  test('a poll that never ends is bitten by the watchdog', () => {
    const rig = new Rig().boot();
    const { interpreter, interpreterEnd } = rig.board.pico.image;
    // Every operation of the interpreter becomes a branch to itself.
    for (let at = interpreter; at < interpreterEnd; at += 2) {
      rig.board.pico.sram.set([0xfe, 0xe7], at - SRAM_BASE);
    }
    const hungAt = rig.clock.now;
    let resetAt = 0;
    rig.board.once('reset', () => (resetAt = rig.clock.now));
    rig.says(/restarted by the watchdog: no sign of life in poll, last poll at \d+ ms/);
    expect(resetAt - hungAt).toBeGreaterThan(1.9 * SECOND);
    expect(resetAt - hungAt).toBeLessThan(2.2 * SECOND);
    rig.boot();
    expectRecovery(rig);
  });

  test('a trap in the module is reported and the module started afresh', () => {
    const rig = new Rig().boot();
    rig.board.pico.memory.fill(0x7f); // every address in it now points outside
    rig.says(/restarted: the module trapped: .*out of bounds/);
    const violations = [...rig.board.violations]; // of a module whose memory is spoilt, on its way to the trap
    rig.boot();
    expect(rig.board.pico.resets).toBe(1);
    expectRecovery(rig, violations);
  });

  test('a hard fault is reported with its PC', () => {
    const rig = new Rig({ deliverFaults: true }).boot();
    const { interpreter, interpreterEnd } = rig.board.pico.image;
    // UDF #0, in place of every operation.
    for (let at = interpreter; at < interpreterEnd; at += 2) {
      rig.board.pico.sram.set([0x00, 0xde], at - SRAM_BASE);
    }
    rig.says(/restarted: hard fault at 0x[0-9a-f]{8}/);
    const at = parseInt(/hard fault at 0x([0-9a-f]+)/.exec(rig.lines.join('\n'))![1]!, 16);
    expect(at).toBeGreaterThanOrEqual(interpreter);
    expect(at).toBeLessThan(interpreterEnd);
    rig.boot();
    expectRecovery(rig);
  });

  test('a stack that runs into its guard ends in a reset', () => {
    const rig = new Rig({ deliverFaults: true }).boot();
    const { interpreter, interpreterEnd } = rig.board.pico.image;
    // PUSH {r0-r7}, for ever.
    for (let at = interpreter; at < interpreterEnd; at += 2) {
      rig.board.pico.sram.set([0xff, 0xb4], at - SRAM_BASE);
    }
    rig.says(/restarted by the watchdog: no sign of life in poll/);
    rig.boot();
    expectRecovery(rig);
  });

  test('a frame left over in the FIFO of SPI is not taken for an answer for ever', () => {
    const rig = new Rig({ verify: false });
    const { pico } = rig.board;
    const { onMark } = pico;
    pico.onMark = (doing) => {
      // As after a reset that leaves the peripherals alone.
      if (doing === Doing.Loading) pico['system'].mcu.spi[0]!['rxFIFO'].push(0x5a5a);
      onMark(doing);
    };
    rig.says(/link up/, 3000);
    expect(rig.lines.join('\n')).toContain('the ENC28J60 does not answer');
    expect(rig.ping()).toBe(true);
  });

  test('a chip that stops to answer is noticed, shown by the LED, and taken up again when it does', () => {
    const rig = new Rig().boot();
    expect(rig.ping()).toBe(true);
    rig.board.chip.setFault('miso-stuck', 0xff);
    rig.says(/the ENC28J60 does not answer/, 60_000);
    // Two flashes a second.
    let flashes = 0;
    for (let before = rig.board.pico.led, ms = 0; ms < 1000; ms++) {
      rig.clock.run(MILLISECOND);
      if (rig.board.pico.led && !before) flashes++;
      before = rig.board.pico.led;
    }
    expect(flashes).toBe(2);
    rig.board.chip.setFault('miso-stuck', false);
    rig.says(/the ENC28J60 answers again/, 20_000);
    expect(rig.ping()).toBe(true);
    rig.expectProven();
  });
});

describe.skipIf(!hasToolchain())('the harness', () => {
  test('sees an octet that differs', () => {
    const rig = new Rig().boot();
    const last = rig.board.pico.memory.length - 1;
    rig.board.pico.memory[last]! ^= 1;
    rig.clock.run(SECOND);
    expect(rig.errors[0]).toBeInstanceOf(Divergence);
    expect(rig.errors[0]!.message).toMatch(
      new RegExp(`^poll \\d+ at \\d+ ms: memory differs at ${last}: there 0x[01], here 0x[01]$`),
    );
  });

  test('sees a bus that differs', () => {
    const rig = new Rig().boot();
    rig.board.pico.memory.fill(0, 0, 512);
    rig.clock.run(SECOND);
    expect(rig.errors[0]).toBeInstanceOf(Divergence);
  });

  test('ends the run at a fault, with a report', () => {
    const rig = new Rig().boot();
    const { interpreter, interpreterEnd } = rig.board.pico.image;
    for (let at = interpreter; at < interpreterEnd; at += 2) {
      rig.board.pico.sram.set([0x00, 0xde], at - SRAM_BASE);
    }
    rig.clock.run(SECOND);
    expect(rig.errors[0]!.message).toMatch(/^BKPT or UDF 0\n {2}PC 0x200.* in poll, now = \d+ ms/s);
    expect(rig.board.running).toBe(false);
  });
});
