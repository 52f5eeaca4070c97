// SPDX-License-Identifier: MIT
// IPv4 reception: RFC 791 with the checks of RFC 1122 §3.2.1 and §3.3. An echo request is what is sent: what is taken is
// answered, and what is dropped is counted under its name. What is sent is checked bit by bit in support/frames.ts.

import { describe, expect, test } from 'vitest';
import { emitIcmp, ICMP, IPV4 } from '../support/frames.ts';
import type { Ethernet, Ipv4Fields } from '../support/frames.ts';
import { GATEWAY, listening, open, PEER, targets, US } from '../vocabulary.ts';
import type { Dialogue } from '../vocabulary.ts';

const ECHO = 8;
const BROADCAST = 'ff:ff:ff:ff:ff:ff';

function echo(t: Dialogue, ip: Partial<Ipv4Fields>, ethernet?: Partial<Ethernet>): void {
  t.peer.icmp(ECHO, 0, {
    rest: 0x00010002,
    data: Buffer.from('0123456789'),
    ip,
    ...(ethernet && { ethernet }),
  });
}

function expectReply(t: Dialogue): void {
  t.expectIcmp({ type: 0, rest: 0x00010002 });
}

describe.each(targets)('RFC 791, RFC 1122 3.2.1: $name', (target) => {
  test('1122-I1 ip-version-dropped', () => {
    const t = open(target);
    for (const version of [0, 5, 6, 15]) echo(t, { version });
    t.silence();
    expect(t.counter('IpHeaderError')).toBe(4);
  });

  test('1122-I2 ip-checksum-dropped', () => {
    const t = open(target);
    echo(t, { checksumError: 1 });
    echo(t, { checksumError: 0x100, options: [1, 1, 1, 1] });
    t.silence();
    expect(t.counter('IpChecksumError')).toBe(2);
    echo(t, {});
    expectReply(t);
  });

  test.each([
    ['another host', PEER.address + 1],
    ['another network', 0xc0000201],
    ['the limited broadcast', 0xffffffff],
    ['the broadcast of our network', 0x0a0000ff],
    ['the old broadcast', 0x0a000000],
    ['a multicast group', 0xe0000001],
    ['loopback', 0x7f000001],
    ['no address', 0],
  ])('1122-I3 ip-not-ours-dropped, 1122-I14 ip-broadcast-forms: to %s', (_, destination) => {
    const t = open(target);
    echo(t, { destination });
    t.silence();
    expect(t.counter('IpNotOurs')).toBe(1);
  });

  test.each([
    ['the limited broadcast', 0xffffffff],
    ['the broadcast of our network', 0x0a0000ff],
    ['a multicast group', 0xe0000005],
    ['class E', 0xf8000000],
    ['loopback', 0x7f000001],
    ['no address', 0],
    ['our own address', US.address],
  ])('1122-I4 ip-bad-source-dropped: from %s', (_, source) => {
    const t = open(target);
    echo(t, { source });
    t.silence();
    expect(t.counter('IpBadSource')).toBe(1);
  });

  // Each set begins with what would be an echo request if it stood alone.
  test.each([
    [
      'one inside the other',
      [
        [0x2000, 24],
        [0x2001, 8],
        [0x0002, 64],
      ],
    ],
    [
      'one beyond 65,535 octets',
      [
        [0x2000, 24],
        [0x1fff, 1400],
      ],
    ],
    [
      'two last ones',
      [
        [0x0003, 8],
        [0x0005, 8],
        [0x2004, 8],
        [0x2000, 24],
      ],
    ],
    [
      'one that is not the last and of odd length',
      [
        [0x2000, 13],
        [0x0002, 8],
      ],
    ],
    [
      'an empty one',
      [
        [0x2000, 24],
        [0x2003, 0],
        [0x0003, 0],
      ],
    ],
  ] as [string, [fragment: number, len: number][]][])(
    '791-1 frag-overlap, frag-past-65535: fragments that cannot be of one datagram do no harm: %s',
    (_, fragments) => {
      const t = open(target);
      for (const [fragment, len] of fragments) {
        const part = fragment === 0x2000 ? emitIcmp(ECHO, 0, 1, Buffer.alloc(len - 8)) : Buffer.alloc(len);
        t.deliver(t.peer.datagram({ protocol: ICMP, id: 7, fragment }, part));
      }
      t.silence();
      echo(t, {});
      expectReply(t);
    },
  );

  test('1122-I7 ip-ttl-edges: a TTL of 1 or 0 to us is accepted', () => {
    const t = open(target);
    for (const ttl of [255, 1, 0]) {
      echo(t, { ttl });
      expectReply(t);
    }
  });

  test('1122-I8 ip-ttl-default: 64', () => {
    const t = open(target);
    echo(t, { ttl: 7 });
    t.expectIcmp({ type: 0, ttl: 64 });
  });

  test('1122-I9 ip-options-skipped, ip-options-unknown, ip-options-bad-length', () => {
    const t = open(target);
    for (const options of [
      [1, 1, 1, 0],
      [7, 4, 4, 0], // record route without room
      [0x83, 7, 4, 10, 0, 0, 9, 0], // loose source route at its end
      [0xff, 2, 0, 0],
      [0x88, 0, 0, 0], // length 0
      [0x88, 200, 0, 0], // length beyond the header
      Array.from({ length: 40 }, () => 1),
    ]) {
      echo(t, { options });
      expectReply(t);
    }
  });

  test('a header length below five words, or beyond the datagram, is dropped', () => {
    const t = open(target);
    for (const headerLen of [0, 4, 15]) echo(t, { headerLen });
    t.silence();
    expect(t.counter('IpHeaderError')).toBe(3);
  });

  test('1122-I10 ip-length-vs-frame: padding is cut, whatever its value', () => {
    const t = open(target);
    const message = emitIcmp(ECHO, 0, 0x00010002, Buffer.of(1));
    const frame = t.peer.datagram({ protocol: 1 }, message);
    frame.fill(0xff, 14 + 20 + message.length);
    t.deliver(frame);
    expect(t.expectIcmp({ type: 0 }).data).toEqual(Buffer.of(1));
  });

  test('1122-I10: a total length beyond the frame, or below the header, is dropped', () => {
    const t = open(target);
    for (const totalLen of [0, 19, 1000, 0xffff]) echo(t, { totalLen });
    t.silence();
    expect(t.counter('IpHeaderError')).toBe(4);
  });

  test('a total length that cuts the payload short cuts its checksum', () => {
    const t = open(target);
    echo(t, { totalLen: 30 });
    t.silence();
    expect(t.counter('IcmpChecksumError')).toBe(1);
  });

  test('a frame too short for a header is dropped', () => {
    const t = open(target);
    const frame = t.peer.datagram({ protocol: 1 }, Buffer.of());
    t.deliver(frame.subarray(0, 14));
    t.deliver(frame.subarray(0, 33));
    t.silence();
    expect(t.counter('IpHeaderError')).toBe(2);
  });

  test('1122-I15 ip-unicast-in-link-bcast, 1122-L5 link-bcast-flag: a datagram for us in a frame to all is dropped', () => {
    const t = open(target);
    echo(t, {}, { destination: BROADCAST });
    echo(t, {}, { destination: '01:00:5e:00:00:01' });
    t.silence();
    expect(t.counter('IpNotOurs')).toBe(2);
  });

  test('1122-L4 eth-ii-only: other types and IEEE 802.3 lengths are counted and dropped', () => {
    const t = open(target);
    for (const type of [0x86dd, 0x8100, 46, 1500, 0]) echo(t, {}, { type });
    t.silence();
    expect(t.counter('EthernetUnknownType')).toBe(5);
    echo(t, {}, { type: IPV4 });
    expectReply(t);
  });

  test('6864-1, MAY-4 ipid-atomic: everything we send is atomic, DF set, no fragment', () => {
    const t = listening(target);
    t.peer.send('S');
    const { octets } = t.expect('SA');
    expect(octets.readUInt16BE(6)).toBe(0x4000);
  });

  test('1122-I13 route-onlink-or-gateway: a reply goes back to the station it came from', () => {
    const t = open(target);
    t.peer.answersArp = false;
    echo(t, { source: 0xc0000201 });
    expect(t.expectIcmp({ type: 0, destination: 0xc0000201 }).ethernet.destination).toBe(t.peer.mac);
    t.silence();
  });

  test('1122-I13: a SYN,ACK beyond our network goes to the gateway, at first to the one that the SYN came from', () => {
    const t = listening(target);
    const gateway = t.addPeer({ address: GATEWAY, mac: '02:00:00:00:00:01' });
    const far = t.addPeer({ address: 0xc0000201 });
    far.send('S', { ethernet: { source: '02:00:00:00:00:77' } });
    expect(far.expect('SA').ethernet.destination).toBe('02:00:00:00:00:77');
    t.wait();
    expect(far.expect('SA').ethernet.destination).toBe(gateway.mac);
  });

  test('1122-I5 ip-loopback-not-on-wire: nothing is sent to or from 127/8', () => {
    const t = listening(target);
    const s = t.call('socket') as number;
    expect(t.call('connect', s, 0x7f000001, 80)).toBe('ENETUNREACH');
    expect(t.call('bind', s, 0x7f000001, 80)).toBe('EADDRNOTAVAIL');
    t.silence();
  });

  test('a TCP segment may be as long as the frame allows', () => {
    const t = listening(target);
    t.peer.send('S');
    t.expect('SA');
    t.peer.send('A');
    t.accept();
    t.peer.send('PA', { text: 'x'.repeat(1460) });
    expect(t.recv().length).toBe(1460);
    t.advance(100);
    t.expect('A', { ack: 1461 });
  });
});

describe.each(targets.filter(({ isFull }) => !isFull))('without reassembly: $name', (target) => {
  test('fragments are dropped and counted', () => {
    const t = open(target);
    for (const fragment of [0x2000, 0x2001, 0x0001, 0x1fff, 0x3fff]) echo(t, { fragment });
    t.silence();
    expect(t.counter('IpFragment')).toBe(5);
    for (const fragment of [0, 0x4000, 0x8000]) {
      echo(t, { fragment });
      expectReply(t);
    }
  });
});
