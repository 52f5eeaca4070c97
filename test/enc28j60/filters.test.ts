// SPDX-License-Identifier: MIT
// Data sheet section 8: each receive filter, and how they combine.

import { describe, expect, test } from 'vitest';
import { BROADCAST, frame, MAC, PEER, Rig } from './rig.ts';

const UCEN = 0x80;
const ANDOR = 0x40;
const CRCEN = 0x20;
const PMEN = 0x10;
const MPEN = 0x08;
const HTEN = 0x04;
const MCEN = 0x02;
const BCEN = 0x01;

const GROUP = [0x01, 0x00, 0x5e, 0x00, 0x00, 0x01];
const STRANGER = [0x02, 0x12, 0x34, 0x56, 0x78, 0x9a];

/** Which of the frames pass. */
function passing(
  filters: number,
  frames: Record<string, Uint8Array>,
  prepare?: (rig: Rig) => void,
): string[] {
  return Object.entries(frames)
    .filter(([, sent]) => {
      const rig = new Rig().start();
      prepare?.(rig);
      rig.write('ERXFCON', filters);
      rig.chip.receive(sent);
      return rig.read('EPKTCNT') === 1;
    })
    .map(([name]) => name);
}

const FRAMES = {
  us: frame(MAC),
  stranger: frame(STRANGER),
  group: frame(GROUP),
  broadcast: frame(BROADCAST),
};

describe('8.1 to 8.3 unicast, broadcast, multicast', () => {
  test.each([
    ['UCEN: our address', UCEN, ['us']],
    ['BCEN: all ones', BCEN, ['broadcast']],
    ['MCEN: the group bit, broadcast included', MCEN, ['group', 'broadcast']],
    ['none: everything', 0, ['us', 'stranger', 'group', 'broadcast']],
    ['CRCEN alone: everything', CRCEN, ['us', 'stranger', 'group', 'broadcast']],
    ['OR: any enabled filter is enough', UCEN | BCEN | CRCEN, ['us', 'broadcast']],
    ['AND: all enabled filters', ANDOR | MCEN | BCEN, ['broadcast']],
    ['AND: filters that cannot agree', ANDOR | UCEN | BCEN, []],
    ['AND without filters: everything', ANDOR | CRCEN, ['us', 'stranger', 'group', 'broadcast']],
  ])('%s', (_, filters, expected) => {
    expect(passing(filters, FRAMES)).toEqual(expected);
  });

  test('MAADR1 is the first octet on the wire, MAADR6 the last', () => {
    const rig = new Rig().start();
    rig.write('MAADR6', 0x77);
    rig.chip.receive(frame([...MAC.slice(0, 5), 0x77]));
    expect(rig.read('EPKTCNT')).toBe(1);
  });

  test.each([[0], [ANDOR]])('CRCEN applies besides, ANDOR = 0x%x', (andor) => {
    const rig = new Rig().start();
    rig.write('ERXFCON', andor | CRCEN | UCEN);
    rig.chip.receive(frame(MAC), { badFcs: true });
    expect(rig.read('EPKTCNT')).toBe(0);
  });

  test.each([UCEN | BCEN, BCEN | MCEN])('CRCEN = 0, ERXFCON = 0x%x: bad frames are delivered', (filters) => {
    const rig = new Rig().start();
    rig.write('ERXFCON', filters);
    rig.chip.receive(frame(BROADCAST), { badFcs: true });
    expect(rig.read('EPKTCNT')).toBe(1);
  });

  test('ERXFCON = 0: promiscuous, bad frames too', () => {
    const rig = new Rig().start();
    rig.write('ERXFCON', 0);
    rig.chip.receive(frame(STRANGER), { badFcs: true });
    expect(rig.read('EPKTCNT')).toBe(1);
  });
});

describe('8.4 hash table filter', () => {
  test.each([
    [GROUP, 'EHT7', 7],
    [[0x01, 0x00, 0x5e, 0x00, 0x00, 0xfb], 'EHT7', 6],
    [[0x01, 0x00, 0x5e, 0x7f, 0xff, 0xfa], 'EHT3', 4],
    [[0x33, 0x33, 0x00, 0x00, 0x00, 0x01], 'EHT6', 3],
    [BROADCAST, 'EHT7', 6],
    [PEER, 'EHT0', 7],
  ] as const)('%j is bit %s.%i, and no other', (to, register, bit) => {
    const only = { it: frame(to) };
    expect(passing(HTEN, only, (rig) => rig.write(register, 1 << bit))).toEqual(['it']);
    const others = (rig: Rig): void => {
      for (const name of ['EHT0', 'EHT1', 'EHT2', 'EHT3', 'EHT4', 'EHT5', 'EHT6', 'EHT7'] as const) {
        rig.write(name, name === register ? 0xff & ~(1 << bit) : 0xff);
      }
    };
    expect(passing(HTEN, only, others)).toEqual([]);
  });
});

describe('8.5 pattern match filter', () => {
  const pattern =
    (offset: number, mask: number, sum: number) =>
    (rig: Rig): void => {
      rig.writeWord('EPMO', offset);
      rig.write('EPMM0', mask & 0xff);
      rig.write('EPMM1', mask >> 8);
      rig.writeWord('EPMCS', sum);
    };
  const arp = {
    arp: frame(BROADCAST, 46, 0x0806),
    ip: frame(BROADCAST, 46, 0x0800),
    unicast: frame(MAC, 46, 0x0806),
  };

  test('broadcast ARP: offset 0, mask 0x303F, checksum 0xF7F9', () => {
    expect(passing(PMEN, arp, pattern(0, 0x303f, 0xf7f9))).toEqual(['arp']);
  });

  test('source 00:04:A3:FF:FF:FF: mask 0x0FC0, checksum 0x5BFC', () => {
    const from = frame(MAC);
    from.set([0x00, 0x04, 0xa3, 0xff, 0xff, 0xff], 6);
    expect(passing(PMEN, { from, other: frame(MAC) }, pattern(0, 0x0fc0, 0x5bfc))).toEqual(['from']);
  });

  test('octets without a bit are removed, not zeroed: offset 6, mask 0x1F0A, checksum 0x563F', () => {
    const it = new Uint8Array(80);
    it.set(MAC);
    // Window from 6; bits 1, 3, 8, 9, 10, 11, 12.
    it.set([0x11, 0x88, 0x22, 0xaa, 0x33, 0x44, 0x55, 0x66, 0x09, 0x0a, 0x0b, 0x0c, 0x0d], 6);
    expect(passing(PMEN, { it }, pattern(6, 0x1f0a, 0x563f))).toEqual(['it']);
  });

  test('a window may end with the FCS: a 64-octet frame matches at offset 0', () => {
    expect(passing(PMEN, { arp: arp.arp }, pattern(0, 0x303f, 0xf7f9))).toEqual(['arp']);
  });

  test('a window past the end of the FCS never matches', () => {
    // With an empty mask nothing is summed: the checksum of nothing is 0xFFFF.
    expect(passing(PMEN, { short: frame(MAC, 46) }, pattern(0, 0, 0xffff))).toEqual(['short']);
    expect(passing(PMEN, { short: frame(MAC, 46) }, pattern(1, 0, 0xffff))).toEqual([]);
    expect(passing(PMEN, { longer: frame(MAC, 47) }, pattern(1, 0, 0xffff))).toEqual(['longer']);
  });

  test('AND with unicast', () => {
    expect(passing(ANDOR | PMEN | UCEN, arp, pattern(0, 0x3000, 0xf7f9))).toEqual(['unicast']);
  });
});

describe('8.6 magic packet filter', () => {
  const magic = (to: readonly number[], address: readonly number[], repeats = 16, before = 5): Uint8Array =>
    frame(to, [
      ...new Array<number>(before).fill(0x42),
      ...new Array<number>(6).fill(0xff),
      ...Array.from({ length: repeats }, () => address).flat(),
      1,
      2,
    ]);

  test('six FF, then our address sixteen times, sent to us', () => {
    const frames = {
      right: magic(MAC, MAC),
      'at the start of the data': magic(MAC, MAC, 16, 0),
      'fifteen times': magic(MAC, MAC, 15),
      'another address': magic(MAC, PEER),
      'sent to all': magic(BROADCAST, MAC),
      ordinary: frame(MAC, 200),
    };
    expect(passing(MPEN, frames)).toEqual(['right', 'at the start of the data']);
  });
});
