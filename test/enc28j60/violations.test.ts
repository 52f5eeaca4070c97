// SPDX-License-Identifier: MIT
// Every rule that the chip watches over: the offence is reported, once, and a good driver's start and traffic are not.

import { describe, expect, test } from 'vitest';
import { VIOLATIONS_KEPT } from '../../host/enc28j60/violations.ts';
import type { Rule } from '../../host/enc28j60/violations.ts';
import { frame, MAC, MS, PEER, Rig } from './rig.ts';

const TXRTS = 0x08;

/** What the chip reports about `offence`, after a good start. */
function rules(offence: (rig: Rig) => void, fullDuplex = true): string[] {
  const rig = new Rig().start({ fullDuplex });
  offence(rig);
  return rig.rules;
}

/** The same before RXEN. */
function rulesBeforeReception(offence: (rig: Rig) => void): string[] {
  return rules((rig) => {
    rig.clear('ECON1', 0x04);
    offence(rig);
  });
}

describe('a good driver', () => {
  test.each([true, false])(
    'start, reception and transmission, full duplex %s: nothing to report',
    (fullDuplex) => {
      const reported = rules((rig) => {
        for (let i = 0; i < 20; i++) {
          rig.chip.receive(frame(MAC, 100 * i));
          if (rig.read('EPKTCNT') > 0) rig.take();
          rig.set('ECON1', 0x80);
          rig.clear('ECON1', 0x80);
          rig.clear('EIR', 0x0a);
          rig.transmit(frame(PEER, 46 + i));
          rig.clock.run(MS);
          rig.transmitStatus();
          rig.writeWord('ERDPT', rig.readWord('ERXWRPT'));
        }
      }, fullDuplex);
      expect(reported).toEqual([]);
    },
  );

  test('the memory below the slot may be read and written while it is sent', () => {
    const reported = rules((rig) => {
      rig.transmit(frame(PEER, 100), { at: 0x1b00 });
      rig.writeWord('EWRPT', 0x1a00);
      rig.writeMemory(...new Array<number>(0x100).fill(0));
      rig.writeWord('ERDPT', 0x1a00);
      rig.readMemory(0x100);
    });
    expect(reported).toEqual([]);
  });

  test('the other slot may be written while one is sent', () => {
    const reported = rules((rig) => {
      rig.transmit(frame(PEER, 100), { at: 0x1a00 });
      rig.writeWord('EWRPT', 0x1a00 + 115 + 7);
      rig.writeMemory(1, 2, 3);
    });
    expect(reported).toEqual([]);
  });
});

describe('commands', () => {
  test.each([
    ['BFS', 0x80],
    ['BFC', 0xa0],
  ])('%s on a MAC or MII register', (_, opcode) => {
    const reported = rules((rig) => {
      rig.bank(0x42);
      rig.spi(opcode | 0x02, 0x00);
      rig.bank(0x6a);
      rig.spi(opcode | 0x0a, 0x00);
    });
    const rule: Rule = 'BFS or BFC on a MAC or MII register';
    expect(reported).toEqual([rule, rule]);
  });

  test('an unknown command', () => {
    expect(rules((rig) => rig.spi(0xc5))).toEqual(['unknown SPI command']);
  });

  test('address 0x1A', () => {
    expect(rules((rig) => rig.spi(0x1a, 0))).toEqual(['reserved address']);
    expect(rules((rig) => rig.spi(0x40 | 0x1a, 0))).toEqual(['reserved address']);
  });

  test('SRC while PWRSV = 1', () => {
    const reported = rules((rig) => {
      rig.set('ECON2', 0x20);
      rig.spi(0xff);
    });
    expect(reported).toEqual(['SRC while PWRSV = 1']);
  });

  test('SCK above 20 MHz', () => {
    expect(new Rig({ spiHz: 20_000_001 }).rules).toEqual(['SCK above 20 MHz']);
    expect(new Rig({ spiHz: 20_000_000 }).rules).toEqual([]);
  });
});

describe('the ring', () => {
  test.each([0x0000, 0x0100])('even ERXRDPT: 0x%x', (pointer) => {
    expect(rules((rig) => rig.writeWord('ERXRDPT', pointer))).toEqual(['even ERXRDPT']);
  });

  test('ERXRDPTH written without ERXRDPTL', () => {
    expect(rules((rig) => rig.write('ERXRDPTH', 0x10))).toEqual(['ERXRDPTH written without ERXRDPTL']);
  });

  test('ERXRDPT outside the ring while the receiver runs', () => {
    expect(rules((rig) => rig.writeWord('ERXRDPT', 0x1a01))).toEqual(['ERXRDPT outside the ring']);
  });

  test('ERXRDPT outside the ring when the receiver is switched on', () => {
    const reported = rulesBeforeReception((rig) => {
      rig.writeWord('ERXND', 0x0fff);
      expect(rig.rules).toEqual([]);
      rig.set('ECON1', 0x04);
    });
    expect(reported).toEqual(['ERXRDPT outside the ring']);
  });

  test('ERXST is not 0 when the receiver is switched on', () => {
    const reported = rulesBeforeReception((rig) => {
      rig.writeWord('ERXST', 0x0400);
      rig.set('ECON1', 0x04);
    });
    expect(reported).toEqual(['ERXST is not 0']);
  });

  test.each(['ERXSTL', 'ERXSTH', 'ERXNDL', 'ERXNDH'] as const)('%s changed while RXEN = 1', (name) => {
    expect(rules((rig) => rig.write(name, rig.read(name)))).toEqual([
      'ERXST or ERXND changed while RXEN = 1',
    ]);
  });

  test('PKTDEC at EPKTCNT = 0', () => {
    expect(rules((rig) => rig.set('ECON2', 0x40))).toEqual(['PKTDEC at EPKTCNT = 0']);
  });
});

describe('duplex', () => {
  test('changed while RXEN = 1, by MACON3 and by PHCON1', () => {
    const reported = rules((rig) => {
      rig.write('MACON3', 0x32);
      rig.writePhy(0x00, 0x0000);
    });
    expect(reported).toEqual([
      'duplex changed while RXEN = 1',
      'MACON3.FULDPX and PHCON1.PDPXMD differ while RXEN = 1',
      'duplex changed while RXEN = 1',
    ]);
  });

  test('changed while RXEN = 1 by PHCON1 alone', () => {
    expect(rules((rig) => rig.writePhy(0x00, 0x0000))).toEqual([
      'duplex changed while RXEN = 1',
      'MACON3.FULDPX and PHCON1.PDPXMD differ while RXEN = 1',
    ]);
  });

  test('a write that leaves the duplex bits alone is no offence', () => {
    const reported = rules((rig) => {
      rig.write('MACON3', 0x37);
      rig.writePhy(0x00, 0x4100);
    });
    expect(reported).toEqual([]);
  });

  test('MAC and PHY differ when the receiver is switched on', () => {
    const reported = rulesBeforeReception((rig) => {
      rig.writePhy(0x00, 0x0000);
      rig.set('ECON1', 0x04);
    });
    expect(reported).toEqual(['MACON3.FULDPX and PHCON1.PDPXMD differ while RXEN = 1']);
  });

  test('half duplex traffic with HDLDIS = 0', () => {
    const reported = rules((rig) => {
      rig.writePhy(0x10, 0x0000);
      rig.transmit(frame(PEER));
    }, false);
    expect(reported).toEqual(['half duplex traffic with HDLDIS = 0']);
  });
});

describe('transmission', () => {
  test.each([
    ['the control byte', 0x1a00],
    ['the last octet of the frame', 0x1a00 + 60],
    ['the last octet of the status vector', 0x1a00 + 67],
  ])('transmit memory written while TXRTS = 1: %s', (_, at) => {
    const reported = rules((rig) => {
      rig.transmit(frame(PEER));
      rig.writeWord('EWRPT', at);
      rig.writeMemory(0);
    });
    expect(reported).toEqual(['transmit memory written while TXRTS = 1']);
  });

  test('the same with AUTOINC = 0', () => {
    const reported = rules((rig) => {
      rig.transmit(frame(PEER));
      rig.writeWord('EWRPT', 0x1a00);
      rig.clear('ECON2', 0x80);
      rig.writeMemory(0);
    });
    expect(reported).toEqual(['transmit memory written while TXRTS = 1']);
  });

  test('transmit memory read while TXRTS = 1', () => {
    const reported = rules((rig) => {
      rig.transmit(frame(PEER));
      rig.writeWord('ERDPT', 0x1a00);
      rig.readMemory(1);
    });
    expect(reported).toEqual(['transmit memory read while TXRTS = 1']);
  });

  test.each(['ETXSTL', 'ETXSTH', 'ETXNDL', 'ETXNDH'] as const)('%s written while TXRTS = 1', (name) => {
    const reported = rules((rig) => {
      rig.transmit(frame(PEER));
      rig.write(name, 0);
    });
    expect(reported).toEqual(['ETXST or ETXND written while TXRTS = 1']);
  });

  test('MAC register written while TXRTS = 1; MII registers may be', () => {
    const reported = rules((rig) => {
      rig.transmit(frame(PEER));
      rig.write('MIREGADR', 0x11);
      rig.write('MAMXFLL', 0xee);
    });
    expect(reported).toEqual(['MAC register written while TXRTS = 1']);
  });

  test('TXRTS set while TXRST = 1', () => {
    const reported = rules((rig) => {
      rig.set('ECON1', 0x80);
      rig.transmit(frame(PEER));
    });
    expect(reported).toEqual(['TXRTS set while TXRST = 1']);
  });

  test('TXRTS set while TXRTS = 1; a bank switch by WCR that keeps the bit is no offence', () => {
    const reported = rules((rig) => {
      rig.transmit(frame(PEER));
      rig.spi(0x40 | 0x1f, 0x04 | TXRTS | 0x02);
      expect(rig.rules).toEqual([]);
      rig.set('ECON1', TXRTS);
    });
    expect(reported).toEqual(['TXRTS set while TXRTS = 1']);
  });

  test('TXRTS set while CLKRDY = 0', () => {
    const rig = new Rig();
    rig.set('ECON1', TXRTS);
    expect(rig.rules).toEqual(['TXRTS set while CLKRDY = 0']);
  });

  test('ETXST is odd', () => {
    expect(rules((rig) => rig.transmit(frame(PEER), { at: 0x1a01 }))).toEqual(['ETXST is odd']);
  });

  test.each([
    ['the frame begins in it', 0x19fe],
    ['the status vector runs into it over 0x1FFF', 0x1fbe],
  ])('transmit frame or status vector inside the receive ring: %s', (_, at) => {
    expect(rules((rig) => rig.transmit(frame(PEER), { at }))).toEqual([
      'transmit frame or status vector inside the receive ring',
    ]);
  });

  test('status vector ran into another buffer', () => {
    const reported = rules((rig) => {
      // The second slot begins where the status vector of the first will be put.
      rig.writeWord('EWRPT', 0x1a00 + 62);
      rig.writeMemory(0, ...frame(PEER));
      rig.transmit(frame(PEER), { at: 0x1a00 });
      rig.clock.run(MS);
      rig.writeWord('ETXST', 0x1a00 + 62);
      rig.writeWord('ETXND', 0x1a00 + 122);
      rig.set('ECON1', TXRTS);
    });
    expect(reported).toEqual(['status vector ran into another buffer']);
  });

  test('a slot that is written anew after the status vector is no offence', () => {
    const reported = rules((rig) => {
      rig.transmit(frame(PEER), { at: 0x1a00 });
      rig.clock.run(MS);
      rig.transmit(frame(PEER, 200), { at: 0x1a00 });
    });
    expect(reported).toEqual([]);
  });

  test('frame longer than MAMXFL', () => {
    const reported = rules((rig) => {
      rig.transmit(frame(PEER, 1501));
      rig.clock.run(2 * MS);
    });
    expect(reported).toEqual(['frame longer than MAMXFL']);
  });

  test('frame shorter than 64 octets sent', () => {
    const reported = rules((rig) => {
      rig.write('MACON3', 0x13);
      rig.transmit(frame(PEER, 45));
      rig.clock.run(MS);
    });
    expect(reported).toEqual(['frame shorter than 64 octets sent']);
  });
});

describe('MII, PHY, clock', () => {
  test('MII started while BUSY: read, write and scan', () => {
    const reported = rules((rig) => {
      rig.write('MIWRH', 0);
      rig.write('MIWRH', 0);
      rig.write('MICMD', 0x01);
      rig.write('MICMD', 0x02);
    });
    const rule: Rule = 'MII started while BUSY';
    expect(reported).toEqual([rule, rule, rule]);
  });

  test('MAC, MII or PHY access within 1 ms after SRC', () => {
    const reported = rules((rig) => {
      rig.spi(0xff);
      rig.clock.run(MS - 1);
      rig.write('MIREGADR', 0);
      rig.clock.run(1);
      rig.write('MIREGADR', 0);
    });
    expect(reported).toEqual(['MAC, MII or PHY access within 1 ms after SRC']);
  });

  test('MAC or MII access while CLKRDY = 0: reading and writing', () => {
    const rig = new Rig();
    rig.read('MISTAT');
    rig.write('MAADR1', 2);
    const rule: Rule = 'MAC or MII access while CLKRDY = 0';
    expect(rig.rules).toEqual([rule, rule]);
  });
});

describe('DMA', () => {
  test('one-byte DMA', () => {
    const reported = rules((rig) => rig.set('ECON1', 0x20));
    expect(reported).toEqual(['one-byte DMA']);
  });

  test('checksum run while RXEN = 1', () => {
    const reported = rules((rig) => {
      rig.writeWord('EDMAND', 10);
      rig.set('ECON1', 0x30);
    });
    expect(reported).toEqual(['checksum run while RXEN = 1']);
  });
});

describe('the list', () => {
  test('says what was done and when', () => {
    const rig = new Rig().start();
    rig.writeWord('ERXRDPT', 0x0100);
    expect(rig.chip.violations).toEqual([{ rule: 'even ERXRDPT', detail: '0x0100', at: rig.clock.now }]);
  });

  test('does not grow for ever', () => {
    const rig = new Rig().start();
    for (let i = 0; i < VIOLATIONS_KEPT + 10; i++) rig.set('ECON2', 0x40);
    expect(rig.chip.violations.length).toBe(VIOLATIONS_KEPT);
  });
});
