// SPDX-License-Identifier: MIT
// The decoder, against frames that Linux 6.18 put on a TAP (checksums and all), and against damaged ones.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ACK, FIN, PSH, SYN, URG, decode, describe as inOneLine, flagNames } from '../../host/view/decode.ts';
import { hex, tcpFrame } from './frames.ts';

/** Emitted by Linux 6.18 on a TAP; 10.9.0.1 is the kernel. */
const linux = {
  arp: hex('ffffffffffff020000000001080600010800060400010200000000010a0900010000000000000a090003'),
  udp: hex(
    '0200000000020200000000010800450000245f8b40004011c7290a0900010a090002e186000700103e9773616e6477697265',
  ),
  ping: hex(
    '020000000002020000000001080045000024e801400040013ec30a0900010a0900020800d32f18bf00010001020304050607',
  ),
  unreachable: hex(
    '02000000000202000000000108' +
      '0045c0003ce803000040017de90a0900010a09000203030838000000004500002000010000401166b80a0900020a090001' +
      '15b30035000c000070696e67',
  ),
  syn: hex(
    '02000000000202000000000108004500003c3f6b40004006e73c0a0900010a090002c37c00503ceced2200000000a002faf0' +
      'e0ed0000020405b40402080ac34aa6e3000000000103030a',
  ),
  reset: hex(
    '02000000000202000000000108004500002800004000400626bc0a0900010a0900020051138800000000000003e95014000083fa0000',
  ),
  sack: hex(
    '0200000000020200000000010800450000349e1440004006889b0a0900010a090002005213897195eb97000003e98010faf0' +
      'eddb00000101050a000003f3000003f8',
  ),
  urgent: hex(
    '0200000000020200000000010800450000359e164000400688980a0900010a090002005213897195eb9c000003e98038faf0' +
      'ccac00010101050a000003f3000003f821',
  ),
};

/** `frame` with the octet at `at` replaced. */
function changed(frame: Uint8Array, at: number, octet: number): Uint8Array {
  const copy = frame.slice();
  copy[at] = octet;
  return copy;
}

describe('frames of Linux in one line', () => {
  test.each([
    ['arp', 'ARP who has 10.9.0.3? tell 10.9.0.1'],
    ['udp', 'UDP 10.9.0.1:57734 > 10.9.0.2:7 len=8'],
    ['ping', 'ICMP 10.9.0.1 > 10.9.0.2 echo request id=6335 seq=1 len=8'],
    ['unreachable', 'ICMP 10.9.0.1 > 10.9.0.2 port unreachable for UDP 10.9.0.2:5555 > 10.9.0.1:53'],
    [
      'syn',
      'TCP 10.9.0.1:50044 > 10.9.0.2:80 SYN seq=1022160162 win=64240 ' +
        '<mss=1460 wscale=10 sackOK ts=3276449507/0>',
    ],
    ['reset', 'TCP 10.9.0.1:81 > 10.9.0.2:5000 RST,ACK seq=0 ack=1001 win=0'],
    ['sack', 'TCP 10.9.0.1:82 > 10.9.0.2:5001 ACK seq=1905650583 ack=1001 win=64240 <sack=1011:1016>'],
    [
      'urgent',
      'TCP 10.9.0.1:82 > 10.9.0.2:5001 PSH,URG,ACK seq=1905650588 ack=1001 len=1 win=64240 urg=1 ' +
        '<sack=1011:1016>',
    ],
  ] as const)('%s', (name, line) => {
    expect(inOneLine(decode(linux[name]))).toBe(line);
  });
});

describe('layers', () => {
  test('Ethernet: addresses, type, length', () => {
    expect(decode(linux.arp)).toMatchObject({
      source: '02:00:00:00:00:01',
      destination: 'ff:ff:ff:ff:ff:ff',
      etherType: 0x0806,
      length: 42,
    });
  });

  test('IPv4: every field of the header', () => {
    expect(decode(linux.syn).ip).toEqual({
      source: '10.9.0.1',
      destination: '10.9.0.2',
      protocol: 6,
      ttl: 64,
      identification: 0x3f6b,
      totalLength: 60,
      dontFragment: true,
      moreFragments: false,
      fragmentOffset: 0,
    });
  });

  test('TCP: every field of the header', () => {
    const { payload, ...header } = decode(linux.urgent).tcp!;
    expect(header).toEqual({
      sourcePort: 82,
      destinationPort: 5001,
      seq: 1905650588,
      ack: 1001,
      flags: PSH | URG | ACK,
      window: 64240,
      urgentPointer: 1,
      options: { sack: [{ left: 1011, right: 1016 }] },
    });
    expect([...payload]).toEqual([0x21]);
  });

  test('padding is not payload', () => {
    const padded = new Uint8Array(60);
    padded.set(tcpFrame({ len: 2 }));
    expect(decode(padded)).toMatchObject({ tcp: { payload: Uint8Array.of(0x61, 0x62) } });
    expect(decode(padded).problem).toBeUndefined();
  });

  test('a frame of another type is named by it', () => {
    const frame = changed(linux.arp, 12, 0x86);
    expect(inOneLine(decode(frame))).toBe('type 0x8606 from 02:00:00:00:00:01, 42 octets');
  });
});

describe('ARP', () => {
  const change = (at: number, octets: number[]): Uint8Array => {
    const frame = linux.arp.slice();
    frame.set(octets, at);
    return frame;
  };
  test.each([
    ['a reply', change(21, [2]), 'ARP 10.9.0.1 is at 02:00:00:00:00:01'],
    ['an announcement', change(38, [10, 9, 0, 1]), 'ARP announcement: 10.9.0.1 is at 02:00:00:00:00:01'],
    ['a probe', change(28, [0, 0, 0, 0]), 'ARP probe: has anyone 10.9.0.3?'],
    ['an unknown operation', change(21, [9]), 'ARP operation 9'],
  ])('%s', (_, frame, line) => {
    expect(inOneLine(decode(frame))).toBe(line);
  });
});

describe('what is not in order is said', () => {
  const sum = (frame: Uint8Array, at: number): Uint8Array => changed(frame, at, frame[at]! ^ 1);
  test.each([
    ['an empty frame', new Uint8Array(), 'shorter than an Ethernet header'],
    ['ARP cut short', linux.arp.subarray(0, 41), 'ARP cut short'],
    ['ARP for another protocol', changed(linux.arp, 16, 0x86), 'ARP for other than IPv4 on Ethernet'],
    ['IPv4 without a whole header', linux.syn.subarray(0, 33), 'IPv4 header cut short'],
    ['an IPv4 header length of 16', changed(linux.syn, 14, 0x44), 'IPv4 header cut short'],
    ['IP version 6', changed(linux.syn, 14, 0x65), 'IP version 6'],
    ['a packet longer than its frame', linux.syn.subarray(0, 73), 'IPv4 length does not fit the frame'],
    ['an error in the IPv4 header', sum(linux.syn, 22), 'bad IPv4 checksum'],
    ['an error in TCP', sum(linux.syn, 40), 'bad TCP checksum'],
    ['an error in UDP', sum(linux.udp, 45), 'bad UDP checksum'],
    ['an error in ICMP', sum(linux.ping, 45), 'bad ICMP checksum'],
    ['a TCP data offset of 16', changed(linux.syn, 46, 0x40), 'TCP header cut short'],
    ['a TCP header longer than its packet', changed(linux.syn, 46, 0xf0), 'TCP header cut short'],
    ['an option of length 0', changed(linux.syn, 55, 0), 'malformed TCP options'],
    ['an option beyond the header', changed(linux.syn, 55, 41), 'malformed TCP options'],
  ])('%s', (_, frame, problem) => {
    expect(decode(frame).problem).toBe(problem);
    expect(inOneLine(decode(frame))).toContain(`(${problem})`);
  });

  test('no checksum is a good checksum in UDP (RFC 768)', () => {
    const frame = linux.udp.slice();
    frame.set([0, 0], 40);
    expect(decode(frame).problem).toBeUndefined();
  });

  test('fragments are named and not looked into', () => {
    const frame = linux.syn.slice();
    frame.set([0x20, 0x03], 20);
    expect(decode(frame).tcp).toBeUndefined();
    expect(inOneLine(decode(frame))).toContain('IPv4 10.9.0.1 > 10.9.0.2 fragment at 24, more follow');
  });

  test('whatever the octets, it does not throw', () => {
    const frames = Object.values(linux);
    const mutation = fc.record({ at: fc.nat(80), octet: fc.nat(255), cut: fc.nat(80) });
    fc.assert(
      fc.property(fc.constantFrom(...frames), fc.array(mutation, { maxLength: 6 }), (frame, mutations) => {
        const damaged = mutations.reduce(
          (f, { at, octet, cut }) => changed(f, at, octet).subarray(0, cut),
          frame,
        );
        expect(inOneLine(decode(damaged))).not.toBe('');
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});

describe('control bits', () => {
  test.each([
    [0, 'none'],
    [SYN, 'SYN'],
    [SYN | ACK, 'SYN,ACK'],
    [FIN | PSH | ACK, 'FIN,PSH,ACK'],
    [0xc0 | SYN, 'SYN,ECE,CWR'],
  ])('%i is %s', (flags, names) => {
    expect(flagNames(flags)).toBe(names);
  });
});
