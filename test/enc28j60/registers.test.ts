// SPDX-License-Identifier: MIT
// Data sheet tables 3-1 and 3-2: address, bank, reset value and implemented bits of every register. The table below is typed
// once more from the data sheet and read over SPI by raw address, so that a slip in the simulator's own shows.

import { describe, expect, test } from 'vitest';
import { NO_FAULTS } from '../../host/enc28j60/chip.ts';
import { Reg, REGISTERS } from '../../host/enc28j60/registers.ts';
import type { RegisterName } from '../../host/enc28j60/registers.ts';
import { MS, Rig } from './rig.ts';

type Row = [
  name: RegisterName,
  bank: number,
  address: number,
  group: 'ETH' | 'MAC',
  reset: number,
  bits: number,
];

/** Bits: what reads back after 0xFF was written (0 for read-only registers, whose value is the reset value). */
const TABLE: Row[] = [
  ['ERDPTL', 0, 0x00, 'ETH', 0xfa, 0xff],
  ['ERDPTH', 0, 0x01, 'ETH', 0x05, 0x1f],
  ['EWRPTL', 0, 0x02, 'ETH', 0x00, 0xff],
  ['EWRPTH', 0, 0x03, 'ETH', 0x00, 0x1f],
  ['ETXSTL', 0, 0x04, 'ETH', 0x00, 0xff],
  ['ETXSTH', 0, 0x05, 'ETH', 0x00, 0x1f],
  ['ETXNDL', 0, 0x06, 'ETH', 0x00, 0xff],
  ['ETXNDH', 0, 0x07, 'ETH', 0x00, 0x1f],
  ['ERXSTL', 0, 0x08, 'ETH', 0xfa, 0xff],
  ['ERXSTH', 0, 0x09, 'ETH', 0x05, 0x1f],
  ['ERXNDL', 0, 0x0a, 'ETH', 0xff, 0xff],
  ['ERXNDH', 0, 0x0b, 'ETH', 0x1f, 0x1f],
  ['ERXRDPTH', 0, 0x0d, 'ETH', 0x05, 0x1f],
  ['ERXWRPTL', 0, 0x0e, 'ETH', 0x00, 0x00],
  ['ERXWRPTH', 0, 0x0f, 'ETH', 0x00, 0x00],
  ['EDMASTL', 0, 0x10, 'ETH', 0x00, 0xff],
  ['EDMASTH', 0, 0x11, 'ETH', 0x00, 0x1f],
  ['EDMANDL', 0, 0x12, 'ETH', 0x00, 0xff],
  ['EDMANDH', 0, 0x13, 'ETH', 0x00, 0x1f],
  ['EDMADSTL', 0, 0x14, 'ETH', 0x00, 0xff],
  ['EDMADSTH', 0, 0x15, 'ETH', 0x00, 0x1f],
  ['EDMACSL', 0, 0x16, 'ETH', 0x00, 0x00],
  ['EDMACSH', 0, 0x17, 'ETH', 0x00, 0x00],
  ['EHT0', 1, 0x00, 'ETH', 0x00, 0xff],
  ['EHT1', 1, 0x01, 'ETH', 0x00, 0xff],
  ['EHT2', 1, 0x02, 'ETH', 0x00, 0xff],
  ['EHT3', 1, 0x03, 'ETH', 0x00, 0xff],
  ['EHT4', 1, 0x04, 'ETH', 0x00, 0xff],
  ['EHT5', 1, 0x05, 'ETH', 0x00, 0xff],
  ['EHT6', 1, 0x06, 'ETH', 0x00, 0xff],
  ['EHT7', 1, 0x07, 'ETH', 0x00, 0xff],
  ['EPMM0', 1, 0x08, 'ETH', 0x00, 0xff],
  ['EPMM1', 1, 0x09, 'ETH', 0x00, 0xff],
  ['EPMM2', 1, 0x0a, 'ETH', 0x00, 0xff],
  ['EPMM3', 1, 0x0b, 'ETH', 0x00, 0xff],
  ['EPMM4', 1, 0x0c, 'ETH', 0x00, 0xff],
  ['EPMM5', 1, 0x0d, 'ETH', 0x00, 0xff],
  ['EPMM6', 1, 0x0e, 'ETH', 0x00, 0xff],
  ['EPMM7', 1, 0x0f, 'ETH', 0x00, 0xff],
  ['EPMCSL', 1, 0x10, 'ETH', 0x00, 0xff],
  ['EPMCSH', 1, 0x11, 'ETH', 0x00, 0xff],
  ['EPMOL', 1, 0x14, 'ETH', 0x00, 0xff],
  ['EPMOH', 1, 0x15, 'ETH', 0x00, 0x1f],
  ['ERXFCON', 1, 0x18, 'ETH', 0xa1, 0xff],
  ['EPKTCNT', 1, 0x19, 'ETH', 0x00, 0x00],
  ['MACON1', 2, 0x00, 'MAC', 0x00, 0x0f],
  ['MACON3', 2, 0x02, 'MAC', 0x00, 0xff],
  ['MACON4', 2, 0x03, 'MAC', 0x00, 0x70],
  ['MABBIPG', 2, 0x04, 'MAC', 0x00, 0x7f],
  ['MAIPGL', 2, 0x06, 'MAC', 0x00, 0x7f],
  ['MAIPGH', 2, 0x07, 'MAC', 0x00, 0x7f],
  ['MACLCON1', 2, 0x08, 'MAC', 0x0f, 0x0f],
  ['MACLCON2', 2, 0x09, 'MAC', 0x37, 0x3f],
  ['MAMXFLL', 2, 0x0a, 'MAC', 0x00, 0xff],
  ['MAMXFLH', 2, 0x0b, 'MAC', 0x06, 0xff],
  ['MIREGADR', 2, 0x14, 'MAC', 0x00, 0x1f],
  ['MIWRL', 2, 0x16, 'MAC', 0x00, 0xff],
  ['MIRDL', 2, 0x18, 'MAC', 0x00, 0x00],
  ['MIRDH', 2, 0x19, 'MAC', 0x00, 0x00],
  ['MAADR5', 3, 0x00, 'MAC', 0x00, 0xff],
  ['MAADR6', 3, 0x01, 'MAC', 0x00, 0xff],
  ['MAADR3', 3, 0x02, 'MAC', 0x00, 0xff],
  ['MAADR4', 3, 0x03, 'MAC', 0x00, 0xff],
  ['MAADR1', 3, 0x04, 'MAC', 0x00, 0xff],
  ['MAADR2', 3, 0x05, 'MAC', 0x00, 0xff],
  ['EBSTSD', 3, 0x06, 'ETH', 0x00, 0xff],
  ['EBSTCSL', 3, 0x08, 'ETH', 0x00, 0x00],
  ['EBSTCSH', 3, 0x09, 'ETH', 0x00, 0x00],
  ['MISTAT', 3, 0x0a, 'MAC', 0x00, 0x00],
  ['EREVID', 3, 0x12, 'ETH', 0x06, 0x00],
  ['ECOCON', 3, 0x15, 'ETH', 0x04, 0x07],
  ['EPAUSL', 3, 0x18, 'ETH', 0x00, 0xff],
  ['EPAUSH', 3, 0x19, 'ETH', 0x10, 0xff],
  ['EIE', 0, 0x1b, 'ETH', 0x00, 0xfb],
];

/** Registers whose write starts something or stores less than it is given: their effects are for other tests. */
const ELSEWHERE: Row[] = [
  ['EIR', 0, 0x1c, 'ETH', 0x00, 0x2b],
  ['ESTAT', 0, 0x1d, 'ETH', 0x01, 0x52],
  ['ECON2', 0, 0x1e, 'ETH', 0x80, 0xa8],
  ['ECON1', 0, 0x1f, 'ETH', 0x00, 0xff],
  ['ERXRDPTL', 0, 0x0c, 'ETH', 0xfa, 0xff],
  ['MACON2', 2, 0x01, 'MAC', 0x80, 0xff],
  ['MICMD', 2, 0x12, 'MAC', 0x00, 0x03],
  ['MIWRH', 2, 0x17, 'MAC', 0x00, 0xff],
  ['EBSTCON', 3, 0x07, 'ETH', 0x00, 0xff],
  ['EFLOCON', 3, 0x17, 'ETH', 0x00, 0x03],
];

function ready(): Rig {
  const rig = new Rig();
  rig.clock.run(MS);
  return rig;
}

function selectBank(rig: Rig, bank: number): void {
  rig.spi(0xa0 | 0x1f, 0x03);
  rig.spi(0x80 | 0x1f, bank);
}

function get(rig: Rig, [, bank, address, group]: Row): number {
  selectBank(rig, bank);
  return rig.spi(...(group === 'MAC' ? [address, 0, 0] : [address, 0])).at(-1);
}

function put(rig: Rig, [, bank, address]: Row, value: number): void {
  selectBank(rig, bank);
  rig.spi(0x40 | address, value);
}

describe('table 3-2, control registers', () => {
  test.each([...TABLE, ...ELSEWHERE])('%s (bank %i, 0x%x, %s): address, group and reset value', (...row) => {
    const [name, bank, address, group, reset] = row;
    expect(Reg[name]).toBe(address >= 0x1b ? address : bank * 32 + address);
    const rig = ready();
    selectBank(rig, bank);
    const expected = group === 'MAC' ? [~reset & 0xff, reset] : [reset, reset];
    expect(rig.spi(address, 0, 0).slice(1)).toEqual(expected);
  });

  test.each(TABLE)('%s: implemented bits', (...row) => {
    const [, , , , reset, bits] = row;
    const rig = ready();
    put(rig, row, 0xff);
    expect(get(rig, row)).toBe(bits === 0 ? reset : bits);
    put(rig, row, 0x00);
    expect(get(rig, row)).toBe(bits === 0 ? reset : 0);
  });

  test('the simulator knows these registers and no others', () => {
    const names = [...TABLE, ...ELSEWHERE].map(([name]) => name);
    expect(REGISTERS.map(({ name }) => name).sort()).toEqual(names.sort());
  });

  test('the five shared registers have reset values of their own', () => {
    const rig = new Rig();
    const shared = (): number[] => [0x1b, 0x1c, 0x1d, 0x1e, 0x1f].map((address) => rig.spi(address, 0)[1]!);
    expect(shared()).toEqual([0, 0, 0, 0x80, 0]); // ESTAT.CLKRDY is still 0
    rig.clock.run(MS);
    expect(shared()).toEqual([0, 0, 1, 0x80, 0]);
  });

  test.each([0, 1, 2, 3])('0x1B to 0x1F are the same registers in bank %i', (bank) => {
    const rig = ready();
    selectBank(rig, bank);
    rig.spi(0x40 | 0x1b, 0x80 + bank);
    selectBank(rig, (bank + 1) & 3);
    expect(rig.spi(0x1b, 0)[1]).toBe(0x80 + bank);
  });

  test('unimplemented addresses read 0 and keep nothing', () => {
    const rig = ready();
    for (const [bank, address] of [
      [0, 0x18],
      [1, 0x12],
      [1, 0x16],
      [3, 0x13],
    ] as const) {
      selectBank(rig, bank);
      rig.spi(0x40 | address, 0xff);
      expect(rig.spi(address, 0)[1]).toBe(0);
    }
    selectBank(rig, 2);
    rig.spi(0x40 | 0x0d, 0xff); // MAPHSUP of the first sheet
    expect(rig.spi(0x0d, 0, 0)[2]).toBe(0);
  });

  test('MACON2, which only the first sheet has, takes what is written', () => {
    const rig = ready();
    expect(rig.read('MACON2')).toBe(0x80);
    rig.write('MACON2', 0);
    expect(rig.read('MACON2')).toBe(0);
  });

  test('EREVID names the revision', () => {
    const revisions = (['B1', 'B4', 'B5', 'B7'] as const).map((revision) => {
      const rig = new Rig({ revision });
      return rig.read('EREVID');
    });
    expect(revisions).toEqual([0x02, 0x04, 0x05, 0x06]);
  });
});

describe('section 3.1, registers whose write does more than store', () => {
  test('ECON2: PKTDEC reads 0, AUTOINC, PWRSV and VRPS are kept', () => {
    const rig = ready();
    rig.write('ECON2', 0xdf);
    expect(rig.read('ECON2')).toBe(0x88);
  });

  test('EIR and ESTAT: the host can set nothing', () => {
    const rig = ready();
    rig.write('EIR', 0xff);
    rig.set('EIR', 0xff);
    rig.write('ESTAT', 0xff);
    rig.set('ESTAT', 0xff);
    expect(rig.read('EIR')).toBe(0);
    expect(rig.read('ESTAT')).toBe(0x01);
  });

  test('EFLOCON.FULDPXS follows MACON3.FULDPX and is read-only', () => {
    const rig = ready();
    rig.write('EFLOCON', 0x04);
    expect(rig.read('EFLOCON')).toBe(0x00);
    rig.write('MACON3', 0x01);
    expect(rig.read('EFLOCON')).toBe(0x04);
  });

  test('ERXRDPTL takes effect with the write of ERXRDPTH, until then the value in force is read', () => {
    const rig = ready();
    rig.write('ERXRDPTL', 0x35);
    expect(rig.readWord('ERXRDPT')).toBe(0x05fa);
    rig.write('ERXRDPTH', 0x12);
    expect(rig.readWord('ERXRDPT')).toBe(0x1235);
  });

  test.each(['ERXSTL', 'ERXSTH', 'ERXNDL', 'ERXNDH'] as const)(
    'a write of %s reloads ERXWRPT with ERXST',
    (name) => {
      const rig = ready().start();
      rig.chip.receive(new Uint8Array(60).fill(0xff));
      expect(rig.readWord('ERXWRPT')).toBe(70);
      rig.write(name, rig.read(name));
      expect(rig.readWord('ERXWRPT')).toBe(0);
    },
  );

  test('no fault is set unless asked for: the rig that these tests use', () => {
    expect(NO_FAULTS['even-erxrdpt']).toBe(false);
    expect(ready().rules).toEqual([]);
  });
});
