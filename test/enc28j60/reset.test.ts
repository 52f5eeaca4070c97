// SPDX-License-Identifier: MIT
// Data sheet sections 2.2 (oscillator), 11 (resets) and 14 (power-down).

import { describe, expect, test } from 'vitest';
import { frame, MAC, MS, PEER, Rig, US } from './rig.ts';

const CLKRDY = 0x01;
const PWRSV = 0x20;

/** A chip that has been used: registers, PHY, a frame in the ring. */
function used(): Rig {
  const rig = new Rig().start();
  rig.writeWord('EWRPT', 0x1800);
  rig.writeMemory(0x5a);
  rig.chip.receive(frame(MAC));
  return rig;
}

/** What a reset of the whole chip leaves. */
function expectReset(rig: Rig): void {
  rig.clock.run(2 * MS);
  expect([rig.read('ERXFCON'), rig.read('EPKTCNT'), rig.read('ECON1') & 0xfc]).toEqual([0xa1, 0, 0]);
  expect([rig.readWord('ERXST'), rig.readWord('ERXRDPT'), rig.readWord('ERXWRPT')]).toEqual([
    0x05fa, 0x05fa, 0,
  ]);
  expect([rig.read('MACON1'), rig.read('MAADR1')]).toEqual([0, 0]);
  expect([rig.readPhy(0x00), rig.readPhy(0x10)]).toEqual([0, 0]);
}

describe('2.2 oscillator start-up timer', () => {
  test.each([
    ['power-on', (rig: Rig) => rig.chip.powerOn()],
    ['RESET', (rig: Rig) => rig.chip.reset()],
  ])('300 µs after %s CLKRDY is 1', (_, reset) => {
    const rig = used();
    reset(rig);
    rig.clock.run(300 * US - 1);
    expect(rig.read('ESTAT')).toBe(0);
    rig.clock.run(1);
    expect(rig.read('ESTAT')).toBe(CLKRDY);
  });

  test('before CLKRDY MAC registers are not reached and nothing is received or sent', () => {
    const rig = used();
    rig.chip.reset();
    rig.write('MACON1', 0x01);
    rig.set('ECON1', 0x04);
    rig.chip.receive(frame(MAC));
    rig.transmit(frame(PEER));
    rig.clock.run(MS);
    expect([rig.read('MACON1'), rig.read('EPKTCNT'), rig.sent.length]).toEqual([0, 0, 0]);
  });
});

describe('section 11, resets', () => {
  test('11.1 power-on: all is reset, the memory is anything', () => {
    const rig = used();
    const before = rig.chip.memory.slice();
    rig.chip.powerOn();
    expect(rig.chip.memory.some((octet, address) => octet !== before[address])).toBe(true);
    expectReset(rig);
  });

  test('the memory after power-on depends on the seed alone', () => {
    const [a, b, c] = [7, 7, 8].map((seed) => new Rig({ seed }).chip.memory);
    expect(a).toEqual(b);
    expect(a).not.toEqual(c);
  });

  test('11.2 RESET: all is reset, the memory is kept', () => {
    const rig = used();
    rig.chip.reset();
    expect(rig.chip.memory[0x1800]).toBe(0x5a);
    expectReset(rig);
  });

  test('11.2 SRC: all is reset, the memory is kept, CLKRDY is not touched', () => {
    const rig = used();
    rig.spi(0xff);
    expect(rig.read('ESTAT')).toBe(CLKRDY);
    expect(rig.chip.memory[0x1800]).toBe(0x5a);
    expectReset(rig);
  });

  test('the chip can be looked at without the bus', () => {
    const rig = used();
    expect([rig.chip.word('ERXND'), rig.chip.register('EREVID')]).toEqual([0x19ff, 0x06]);
    expect(rig.rules).toEqual([]);
  });

  test('a reset ends transmission, DMA and MII at once', () => {
    const rig = used();
    rig.writeWord('EDMAND', 1000);
    rig.write('MICMD', 0x01);
    rig.transmit(frame(PEER));
    rig.set('ECON1', 0x20);
    rig.chip.reset();
    rig.clock.run(5 * MS);
    expect([rig.sent.length, rig.read('EIR'), rig.read('MISTAT')]).toEqual([0, 0, 0]);
  });

  test('a reset ends the repetition of pause frames', () => {
    const rig = used();
    rig.write('EFLOCON', 0x02);
    rig.spi(0xff);
    rig.clock.run(5000 * MS);
    expect(rig.sent.length).toBeLessThan(2);
  });

  test('a PHY register that was being read does not come after the reset', () => {
    const rig = used();
    rig.write('MIREGADR', 0x02);
    rig.write('MICMD', 0x01);
    rig.chip.reset();
    rig.clock.run(MS);
    expect(rig.readWord('MIRD')).toBe(0);
  });

  test('RESET inside a command: what is left of it has no effect', () => {
    const rig = used();
    rig.chip.select();
    rig.chip.transfer(0x7a);
    rig.chip.reset();
    rig.chip.transfer(0x99);
    rig.chip.deselect();
    expect(rig.readWord('EWRPT')).toBe(0);
  });
});

describe('section 14, power-down', () => {
  function asleep(): Rig {
    const rig = used();
    rig.clear('ECON1', 0x04);
    rig.set('ECON2', 0x08);
    rig.set('ECON2', PWRSV);
    return rig;
  }

  test('asleep: CLKRDY = 0, MAC and MII are not reached, ETH registers and memory are', () => {
    const rig = asleep();
    expect(rig.read('ESTAT') & CLKRDY).toBe(0);
    expect([rig.read('MACON1'), rig.read('ERXFCON')]).toEqual([0, 0xa1]);
    rig.writeWord('ERDPT', 0x1800);
    expect(rig.readMemory(1)).toEqual([0x5a]);
  });

  test('asleep: nothing is received', () => {
    const rig = asleep();
    rig.set('ECON1', 0x04);
    rig.chip.receive(frame(MAC));
    expect(rig.read('EPKTCNT')).toBe(1);
  });

  test('awake: CLKRDY after 300 µs, registers as before, reception after RXEN', () => {
    const rig = asleep();
    rig.clock.run(100 * MS);
    rig.clear('ECON2', PWRSV);
    rig.clock.run(300 * US - 1);
    expect(rig.read('ESTAT') & CLKRDY).toBe(0);
    rig.clock.run(1);
    expect(rig.read('ESTAT') & CLKRDY).toBe(CLKRDY);
    expect(rig.read('MACON1')).toBe(0x0d);
    rig.set('ECON1', 0x04);
    rig.chip.receive(frame(MAC));
    expect(rig.read('EPKTCNT')).toBe(2);
  });
});
