// SPDX-License-Identifier: MIT
// ICMP: RFC 792 and RFC 1122 §3.2.2. Echo, the unreachables that we send, and what is ignored. The errors that reach TCP
// are in test/tcp/3.9.2-lower-level.test.ts.

import { describe, expect, test } from 'vitest';
import { checksum, emitIcmp, UDP } from '../support/frames.ts';
import type { Ethernet, Ipv4Fields } from '../support/frames.ts';
import { open, PEER, targets, US } from '../vocabulary.ts';
import type { Dialogue } from '../vocabulary.ts';

const ECHO_REPLY = 0;
const UNREACHABLE = 3;
const ECHO = 8;

function pattern(len: number): Buffer {
  return Buffer.from(Uint8Array.from({ length: len }, (_, i) => (i * 7) % 256));
}

/** A UDP datagram to `port`; without a checksum unless told. */
function udp(
  t: Dialogue,
  fields: { port?: number; len?: number; text?: string; check?: 'good' | 'bad'; source?: number } = {},
): Buffer {
  const text = Buffer.from(fields.text ?? 'hello');
  const header = Buffer.alloc(8);
  header.writeUInt16BE(1234, 0);
  header.writeUInt16BE(fields.port ?? 53, 2);
  header.writeUInt16BE(fields.len ?? 8 + text.length, 4);
  if (fields.check !== undefined) {
    const pseudo = Buffer.alloc(12);
    pseudo.writeUInt32BE(PEER.address, 0);
    pseudo.writeUInt32BE(US.address, 4);
    pseudo[9] = UDP;
    pseudo.writeUInt16BE(8 + text.length, 10);
    header.writeUInt16BE(checksum(pseudo, header, text) ^ (fields.check === 'bad' ? 1 : 0), 6);
  }
  const datagram = Buffer.concat([header, text]);
  const { source = PEER.address } = fields;
  t.deliver(t.peer.datagram({ protocol: UDP, source }, datagram));
  return datagram;
}

describe.each(targets)('RFC 792 echo: $name', (target) => {
  test.each([0, 1, 2, 7, 18, 19, 127, 128, 129, 500, 1000, 1471, 1472])(
    '1122-C7 echo-reply-exact: identifier, sequence number and %i octets of data go back as they came',
    (len) => {
      const t = open(target);
      t.peer.icmp(ECHO, 0, { rest: 0xabcd1234, data: pattern(len) });
      const reply = t.expectIcmp({ type: ECHO_REPLY, code: 0, rest: 0xabcd1234, destination: PEER.address });
      expect(reply.source).toBe(US.address);
      expect(reply.data.equals(pattern(len))).toBe(true);
      expect(t.counter('IcmpEchoes')).toBe(1);
    },
  );

  test('to the station that asked, without a question by ARP', () => {
    const t = open(target);
    t.peer.answersArp = false;
    t.peer.icmp(ECHO, 0);
    expect(t.expectIcmp({ type: ECHO_REPLY }).ethernet.destination).toBe(PEER.mac);
    t.silence();
  });

  test('1122-C1 icmp checksum verified: a bad one is dropped', () => {
    const t = open(target);
    for (const len of [0, 1, 10, 129, 1000]) t.peer.icmp(ECHO, 0, { data: pattern(len), checksumError: 1 });
    t.silence();
    expect(t.counter('IcmpChecksumError')).toBe(5);
  });

  test('one wrong bit anywhere is found', () => {
    const t = open(target);
    const message = emitIcmp(ECHO, 0, 1, pattern(200));
    for (let bit = 8; bit < message.length * 8; bit += 101) {
      const bad = Buffer.from(message);
      bad[bit >>> 3]! ^= 1 << (bit & 7);
      t.deliver(t.peer.datagram({ protocol: 1 }, bad));
    }
    t.silence();
  });

  test('1122-C8 echo-broadcast-ignored', () => {
    const t = open(target);
    for (const destination of [0xffffffff, 0x0a0000ff, 0xe0000001]) {
      t.peer.icmp(ECHO, 0, { ip: { destination }, ethernet: { destination: 'ff:ff:ff:ff:ff:ff' } });
    }
    t.silence();
  });

  test('a message shorter than its header is malformed', () => {
    const t = open(target);
    for (const len of [0, 1, 7]) t.deliver(t.peer.datagram({ protocol: 1 }, Buffer.alloc(len)));
    t.silence();
    expect(t.counter('IcmpMalformed')).toBe(3);
  });
});

describe.each(targets)('RFC 1122 3.2.2 ICMP: $name', (target) => {
  test('1122-C1 icmp-unknown-type: dropped silently, and counted', () => {
    const t = open(target);
    for (const type of [1, 2, 7, 30, 41, 255]) t.peer.icmp(type, 0, { data: pattern(20) });
    t.silence();
    expect(t.counter('IcmpUnknownType')).toBe(6);
  });

  test('1122-C9 icmp-mask-silent; timestamp and information are not served either', () => {
    const t = open(target);
    for (const type of [13, 15, 17]) t.peer.icmp(type, 0, { data: pattern(12) });
    t.silence();
  });

  test('6633-1 icmp-source-quench, icmp-redirect-ignored', () => {
    const t = open(target);
    t.peer.icmp(4, 0, { data: pattern(28) });
    t.peer.icmp(5, 1, { rest: 0x0a000063, data: pattern(28) });
    t.silence();
  });

  test('1122-C4 icmp-proto-unreachable, 1122-C2 icmp-error-quote: header and eight octets, unchanged', () => {
    const t = open(target);
    const payload = pattern(60);
    t.deliver(t.peer.datagram({ protocol: 132 }, payload));
    const { data } = t.expectIcmp({ type: UNREACHABLE, code: 2, rest: 0, destination: PEER.address });
    expect(data.length).toBe(28);
    expect(data.readUInt8(9)).toBe(132);
    expect(data.readUInt32BE(12)).toBe(PEER.address);
    expect(data.subarray(20).equals(payload.subarray(0, 8))).toBe(true);
  });

  test.each([0, 2, 41, 132, 254, 255])('1122-C4 icmp-proto-unreachable: protocol %i', (protocol) => {
    const t = open(target);
    t.deliver(t.peer.datagram({ protocol }, pattern(20)));
    t.expectIcmp({ type: UNREACHABLE, code: 2 });
    expect(t.counter('IpUnknownProtocol')).toBe(1);
  });

  test('1122-C2: IP options are quoted too; a short payload as far as it goes', () => {
    const t = open(target);
    t.deliver(t.peer.datagram({ protocol: 132, options: [7, 7, 4, 1, 2, 3, 4, 0] }, Buffer.of(9, 8, 7)));
    const { data } = t.expectIcmp({ type: UNREACHABLE, code: 2 });
    expect([...data.subarray(20)]).toEqual([7, 7, 4, 1, 2, 3, 4, 0, 9, 8, 7]);
    expect(data[0]).toBe(0x47);
  });

  test('1122-C4 icmp-port-unreachable: every UDP port is closed', () => {
    const t = open(target);
    const datagram = udp(t);
    const { data } = t.expectIcmp({ type: UNREACHABLE, code: 3 });
    expect(data.subarray(20).equals(datagram.subarray(0, 8))).toBe(true);
    expect(t.counter('UdpNoPort')).toBe(1);
  });

  test('1122-U1 udp-checksum: verified if there is one', () => {
    const t = open(target);
    udp(t, { check: 'good', text: 'odd' });
    t.expectIcmp({ type: UNREACHABLE, code: 3 });
    t.advance(1_000);
    udp(t, { check: 'bad' });
    t.silence();
    expect(t.counter('UdpNoPort')).toBe(1);
  });

  test('1122-U2 udp-length: below 8 or beyond the datagram is dropped', () => {
    const t = open(target);
    for (const len of [0, 7, 14, 0xffff]) udp(t, { len });
    t.deliver(t.peer.datagram({ protocol: UDP }, Buffer.alloc(7)));
    t.silence();
    expect(t.counter('IpHeaderError')).toBe(5);
  });

  test.each([
    ['the broadcast of our network', 0x0a0000ff],
    ['a multicast group', 0xe0000001],
    ['no address', 0],
  ])('1122-U3 udp-bad-source: from %s', (_, source) => {
    const t = open(target);
    udp(t, { source });
    t.silence();
    expect(t.counter('IpBadSource')).toBe(1);
    expect(t.counter('UdpNoPort')).toBe(0);
  });

  test('1122-C3 icmp-error-not-about-icmp', () => {
    const t = open(target);
    for (const type of [3, 11, 12, 200]) t.peer.icmp(type, 0, { data: pattern(28) });
    t.silence();
  });

  const group: [string, Partial<Ipv4Fields>, Partial<Ethernet>][] = [
    ['icmp-error-not-about-bcast', { destination: 0xffffffff }, {}],
    ['icmp-error-not-about-bcast of the network', { destination: 0x0a0000ff }, {}],
    ['icmp-error-not-about-mcast', { destination: 0xe0000001 }, {}],
    ['icmp-error-not-about a frame to all', {}, { destination: 'ff:ff:ff:ff:ff:ff' }],
    ['icmp-error-not-about-fragment', { fragment: 0x0001 }, {}],
    ['icmp-error-not-about-badsrc', { source: 0 }, {}],
    ['icmp-error-not-about-badsrc multicast', { source: 0xe0000001 }, {}],
  ];
  test.each(group)('1122-C3 %s', (_, ip, ethernet) => {
    const t = open(target);
    t.deliver(t.peer.datagram({ protocol: 132, ...ip }, pattern(20), ethernet));
    t.silence();
  });

  test('errors are limited in their rate', () => {
    const t = open(target);
    for (let i = 0; i < 10; i++) udp(t);
    t.expectIcmp({ type: UNREACHABLE, code: 3 });
    t.silence();
    expect(t.counter('IcmpErrorsLimited')).toBe(9);
    t.advance(20);
    udp(t);
    t.expectIcmp({ type: UNREACHABLE, code: 3 });
  });
});
