// SPDX-License-Identifier: MIT
// RFC 9293 §3.9.2: TCP and the level below it. Type of service, time to live, IP options, addresses that TCP refuses
// (§3.9.2.3), and the ICMP errors of §3.9.2.2 with the checks of RFC 5927.

import { describe, expect, test } from 'vitest';
import {
  DELAYED_ACK,
  established,
  fullTargets,
  listening,
  octets,
  open,
  Option,
  synReceived,
  synSent,
  targets,
  US,
} from '../vocabulary.ts';
import type { Dialogue } from '../vocabulary.ts';

const UNREACHABLE = 3;
const SOURCE_QUENCH = 4;
const TIME_EXCEEDED = 11;
const PARAMETER_PROBLEM = 12;

/** An ICMP error about `octets_`, an IP datagram of the stack; from the peer unless told. */
function error(
  t: Dialogue,
  type: number,
  code: number,
  octets_: Buffer,
  fields: { mtu?: number; quote?: number } = {},
) {
  t.peer.icmp(type, code, { rest: fields.mtu ?? 0, data: octets_.subarray(0, fields.quote ?? 28) });
}

/** ESTABLISHED with five octets in flight: the dialogue and their datagram. */
function inFlight(target: Parameters<typeof established>[0]): { t: Dialogue; datagram: Buffer } {
  const t = established(target);
  t.send('hello');
  return { t, datagram: t.expect('A', { text: 'hello' }).octets };
}

describe.each(targets)('3.9.2 TCP/lower-level interface: $name', (target) => {
  test('MUST-48 dscp-set, SHLD-21 dscp-change-midway, SHLD-22 dscp-unchanged: IP_TOS', () => {
    const t = established(target);
    t.send('a');
    t.expect('A', { tos: 0 });
    t.peer.send('A');
    expect(t.setsockopt(Option.IP_TOS, 0xb8)).toBe(0);
    t.send('b');
    t.expect('A', { tos: 0xb8 });
    t.peer.send('A');
    t.setsockopt(Option.IP_TOS, 0x20);
    t.send('c');
    t.expect('A', { tos: 0x20 });
  });

  test('MUST-49 ttl-configurable, 1122-I8 ip-ttl-default: IP_TTL; 64 at first', () => {
    const t = established(target);
    t.send('a');
    t.expect('A', { ttl: 64 });
    t.peer.send('A');
    expect(t.setsockopt(Option.IP_TTL, 3)).toBe(0);
    t.send('b');
    t.expect('A', { ttl: 3 });
  });

  test('3168-7 ecn-ignored-when-not-negotiated: neither a CE mark nor ECE means anything', () => {
    const t = established(target);
    t.peer.send('PA', { text: 'hello', ip: { tos: 3 } });
    expect(t.recv()).toBe('hello');
    t.advance(DELAYED_ACK);
    t.expect('A', { ack: 6, tos: 0 });
    t.send('world');
    t.expect('A', { text: 'world', tos: 0 });
    const { cwnd, ssthresh } = t.info()!;
    t.peer.send('AE', { ip: { tos: 3 } });
    t.silence();
    expect(t.info()).toMatchObject({ cwnd, ssthresh, sendQueue: 0 });
  });

  test('MUST-50 ip-options-ignored: a segment behind IP options is taken', () => {
    const t = listening(target);
    t.peer.send('S', { ip: { options: [7, 7, 4, 0, 0, 0, 0, 0] } }); // record route
    t.expect('SA');
    t.peer.send('A', { ip: { options: [0x44, 8, 5, 0, 0, 0, 0, 0] } }); // timestamp
    t.accept();
    t.peer.send('PA', { text: 'hello', ip: { options: Array.from({ length: 40 }, () => 1) } });
    expect(t.recv()).toBe('hello');
    t.advance(100);
    t.expect('A', { ack: 6 });
  });

  test.each([
    ['the limited broadcast', 0xffffffff],
    ['the broadcast of our network', 0x0a0000ff],
    ['a multicast group', 0xe0000001],
  ])('MUST-57 syn-to-bcast-mcast-dropped: to %s', (_, destination) => {
    const t = listening(target);
    t.peer.send('S', { ip: { destination } });
    t.peer.send('S', { ip: { destination }, ethernet: { destination: 'ff:ff:ff:ff:ff:ff' } });
    t.silence();
    expect(t.counter('IpNotOurs')).toBe(2);
  });

  test('MUST-57: a SYN to our address in a frame to all', () => {
    const t = listening(target);
    t.peer.send('S', { ethernet: { destination: 'ff:ff:ff:ff:ff:ff' } });
    t.peer.send('S', { seq: 0, ethernet: { destination: '01:00:5e:00:00:01' } });
    t.silence();
  });

  test.each([
    ['the limited broadcast', 0xffffffff],
    ['the broadcast of our network', 0x0a0000ff],
    ['a multicast group', 0xe0000001],
    ['class E', 0xf0000001],
    ['loopback', 0x7f000001],
    ['no address', 0],
    ['our own address', US.address],
  ])('MUST-63 syn-from-bcast-mcast-dropped: from %s', (_, source) => {
    const t = listening(target);
    t.peer.send('S', { ip: { source } });
    t.silence();
    expect(t.counter('IpBadSource')).toBe(1);
    const closed = open(target);
    closed.peer.send('A', { ip: { source } });
    closed.silence();
  });
});

describe.each(targets)('3.9.2.2 ICMP messages: $name', (target) => {
  test('MUST-54, 1122-C5 icmp-demultiplexed-to-connection: to the one whose segment is quoted, and no other', () => {
    const t = established(target);
    const other = t.addPeer({ port: 50_001 });
    other.send('S');
    other.expect('SA');
    other.send('A');
    t.send('hello');
    error(t, UNREACHABLE, 1, t.expect('A').octets);
    expect(t.info()?.softError).not.toBe(0);
    expect(t.info(other)?.softError).toBe(0);
  });

  test('MUST-55 icmp-source-quench-ignored', () => {
    const { t, datagram } = inFlight(target);
    const before = t.info();
    error(t, SOURCE_QUENCH, 0, datagram);
    t.silence();
    expect(t.info()).toEqual(before);
  });

  test.each([
    ['net unreachable', UNREACHABLE, 0],
    ['host unreachable', UNREACHABLE, 1],
    ['source route failed', UNREACHABLE, 5],
    ['time exceeded in transit', TIME_EXCEEDED, 0],
    ['reassembly time exceeded', TIME_EXCEEDED, 1],
    ['parameter problem', PARAMETER_PROBLEM, 0],
  ])(
    'MUST-56 icmp-soft-error-no-abort, MUST-47 soft-error-report, SHLD-25 icmp-soft-error-visible: %s',
    (_, type, code) => {
      const { t, datagram } = inFlight(target);
      error(t, type, code, datagram);
      t.silence();
      expect(t.state()).toBe('ESTABLISHED');
      expect(t.getsockopt(Option.TCP_SOFT_ERROR)).toBe(113);
      expect(t.getsockopt(Option.SO_ERROR)).toBe(0);
      const opening = synSent(target);
      opening.advance(1_000);
      error(opening, type, code, opening.expect('S').octets);
      expect(opening.state()).toBe('SYN-SENT');
      expect(opening.getsockopt(Option.TCP_SOFT_ERROR)).toBe(113);
    },
  );

  test('SHLD-20 error-report-optional: who does not ask for soft errors is not disturbed by them', () => {
    const { t, datagram } = inFlight(target);
    const before = t.ready();
    error(t, UNREACHABLE, 1, datagram);
    expect(t.info()?.softError).not.toBe(0);
    expect(t.ready()).toBe(before);
    expect(t.getsockopt(Option.SO_ERROR)).toBe(0);
    expect(t.recv()).toBe('EAGAIN');
    t.peer.send('PA', { text: 'world' });
    expect(t.recv()).toBe('world');
    expect(t.send('more')).toBe(4);
    t.expect('A', { ack: 6, text: 'more' });
  });

  test.each([
    ['protocol unreachable', 2],
    ['port unreachable', 3],
  ])('SHLD-26 icmp-hard-error-syn-sent-aborts: %s ends SYN-SENT', (_, code) => {
    const t = synSent(target);
    t.advance(1_000);
    error(t, UNREACHABLE, code, t.expect('S').octets);
    t.silence(10_000);
    expect(t.state()).toBe('CLOSED');
    expect(t.recv()).toBe('ECONNREFUSED');
  });

  test.each([
    ['protocol unreachable', 2],
    ['port unreachable', 3],
  ])('5927: %s in a synchronized state is a soft error', (_, code) => {
    const { t, datagram } = inFlight(target);
    error(t, UNREACHABLE, code, datagram);
    t.silence();
    expect(t.state()).toBe('ESTABLISHED');
    expect(t.getsockopt(Option.TCP_SOFT_ERROR)).toBe(113);
  });

  test('5927-1 icmp-seq-check: only an error that quotes what is in flight is believed', () => {
    const t = established(target);
    t.send('old');
    const old = t.expect('A').octets;
    t.peer.send('A');
    error(t, UNREACHABLE, 1, old);
    expect(t.info()?.softError).toBe(0);
    t.send('hello');
    const good = t.expect('A').octets;
    for (const offset of [-1, 5, 1_000_000]) {
      const forged = Buffer.from(good);
      forged.writeUInt32BE((good.readUInt32BE(24) + offset) >>> 0, 24);
      error(t, UNREACHABLE, 1, forged);
    }
    expect(t.info()?.softError).toBe(0);
    expect(t.counter('IcmpErrorsStray')).toBe(4);
    error(t, UNREACHABLE, 1, good);
    expect(t.info()?.softError).not.toBe(0);
  });

  test('5927-1: in SYN-SENT a forged error with a wrong sequence number does not refuse the connection', () => {
    const t = synSent(target);
    t.advance(1_000);
    const forged = Buffer.from(t.expect('S').octets);
    forged.writeUInt32BE((forged.readUInt32BE(24) + 1) >>> 0, 24);
    error(t, UNREACHABLE, 3, forged);
    expect(t.state()).toBe('SYN-SENT');
  });

  test('in SYN-RECEIVED a hard error returns to LISTEN', () => {
    const t = synReceived(target);
    t.advance(1_100);
    error(t, UNREACHABLE, 3, t.expect('SA').octets);
    expect(t.watch.seen.at(-1)).toBe('SYN-RECEIVED → LISTEN');
  });

  test('an error about what is not ours, or no segment, or cut short, is counted and dropped', () => {
    const { t, datagram } = inFlight(target);
    const variants: [string, (copy: Buffer) => Buffer][] = [
      ['another source', (copy) => (copy.writeUInt32BE(0x0a000003, 12), copy)],
      ['another protocol', (copy) => ((copy[9] = 17), copy)],
      ['another version', (copy) => ((copy[0] = 0x65), copy)],
      ['a later fragment', (copy) => (copy.writeUInt16BE(5, 6), copy)],
      ['another port', (copy) => (copy.writeUInt16BE(4001, 20), copy)],
      ['seven octets behind the header', (copy) => copy.subarray(0, 27)],
      ['half a header', (copy) => copy.subarray(0, 10)],
      ['nothing', () => Buffer.of()],
    ];
    for (const [, change] of variants) {
      t.peer.icmp(UNREACHABLE, 1, { data: change(Buffer.from(datagram.subarray(0, 28))) });
    }
    t.silence();
    expect(t.counter('IcmpErrorsStray')).toBe(variants.length);
    expect(t.info()?.softError).toBe(0);
  });

  test('with IP options in the quoted header', () => {
    const { t, datagram } = inFlight(target);
    const quote = Buffer.concat([datagram.subarray(0, 20), Buffer.alloc(40, 1), datagram.subarray(20, 28)]);
    quote[0] = 0x4f;
    t.peer.icmp(UNREACHABLE, 1, { data: quote });
    expect(t.info()?.softError).not.toBe(0);
  });

  test('an error whose checksum is bad is dropped', () => {
    const { t, datagram } = inFlight(target);
    t.peer.icmp(UNREACHABLE, 1, { data: datagram.subarray(0, 28), checksumError: 1 });
    expect(t.info()?.softError).toBe(0);
    expect(t.counter('IcmpChecksumError')).toBe(1);
  });

  test('1191-1 pmtu-lower: "fragmentation needed" makes segments smaller and sends again', () => {
    const t = established(target);
    t.send(octets(1000));
    const { octets: datagram } = t.expect('A', { seq: 1, len: 1000 });
    error(t, UNREACHABLE, 4, datagram, { mtu: 700 });
    t.expect('A', { seq: 1, text: octets(660) });
    t.peer.send('A', { ack: 661 });
    t.expect('A', { seq: 661, text: octets(340, 660) });
    expect(t.getsockopt(Option.TCP_MAXSEG)).toBe(660);
  });

  test('1191-1: in SYN-SENT it bounds the segments to come, and the SYN is not sent again for it', () => {
    const t = synSent(target);
    t.advance(1_000);
    error(t, UNREACHABLE, 4, t.expect('S').octets, { mtu: 700 });
    t.silence();
    t.peer.send('SA', { mss: 600 });
    t.expect('A');
    expect(t.getsockopt(Option.TCP_MAXSEG)).toBe(600);
  });

  test('1191-1 pmtu-floor: no error makes them smaller than 536', () => {
    for (const mtu of target.isFull ? [1, 68, 500] : [0, 68, 500]) {
      const t = established(target);
      t.send(octets(1000));
      error(t, UNREACHABLE, 4, t.expect('A').octets, { mtu });
      t.expect('A', { seq: 1, len: 536 });
      t.forget();
    }
  });

  test('1191-1 pmtu-not-raised: nor larger', () => {
    const t = established(target, { mss: 600 });
    t.send(octets(600));
    error(t, UNREACHABLE, 4, t.expect('A').octets, { mtu: 1500 });
    t.silence();
    expect(t.getsockopt(Option.TCP_MAXSEG)).toBe(600);
  });
});

describe.each(fullTargets)('RFC 1191, path MTU: $name', (target) => {
  /** The MSS after an error that names `mtu` and quotes a segment of `len` octets with its headers. */
  function mssAfter(t: Dialogue, mtu: number, len: number): number {
    t.send(octets(len - 40));
    error(t, UNREACHABLE, 4, t.expect('A', { len: len - 40 }).octets, { mtu });
    t.advance(1);
    t.forget();
    t.peer.send('A');
    return t.getsockopt(Option.TCP_MAXSEG) as number;
  }

  test('1191-1 pmtu-plateau: of a router that names no MTU the next smaller one of the table is taken', () => {
    const t = established(target);
    expect(mssAfter(t, 0, 1500)).toBe(1452);
    expect(mssAfter(t, 0, 1492)).toBe(966);
    expect(mssAfter(t, 0, 1006)).toBe(536);
  });

  test('1191-1 pmtu-plateau: of the segment that is quoted, not of the largest', () => {
    const t = established(target);
    expect(mssAfter(t, 0, 1200)).toBe(966);
    const other = established(target);
    expect(mssAfter(other, 0, 700)).toBe(536);
  });

  test('1191-1 pmtu-plateau, 5927-1: several errors about what went out together are one step', () => {
    const t = established(target);
    t.send(octets(2 * 1460));
    const sent = [t.expect('A', { len: 1460 }), t.expect('A', { len: 1460 })];
    for (const { octets: datagram } of sent) error(t, UNREACHABLE, 4, datagram, { mtu: 0 });
    expect(t.getsockopt(Option.TCP_MAXSEG)).toBe(1452);
    t.forget();
  });

  test('1191-1, 5927-1: a quoted length beyond what we send tells nothing', () => {
    const t = established(target);
    expect(mssAfter(t, 1006, 1500)).toBe(966);
    t.send(octets(966));
    const forged = Buffer.from(t.expect('A').octets);
    forged.writeUInt16BE(0xffff, 2);
    error(t, UNREACHABLE, 4, forged, { mtu: 0 });
    t.silence();
    expect(t.getsockopt(Option.TCP_MAXSEG)).toBe(966);
  });

  test('1191-1 pmtu-aging: ten minutes after the last error they are as large as before, and can shrink again', () => {
    const t = established(target);
    expect(mssAfter(t, 1006, 1500)).toBe(966);
    t.advance(300_000);
    expect(mssAfter(t, 700, 1006)).toBe(660);
    t.advance(599_000);
    expect(t.getsockopt(Option.TCP_MAXSEG)).toBe(660);
    t.advance(1_000);
    expect(t.getsockopt(Option.TCP_MAXSEG)).toBe(1460);
    expect(mssAfter(t, 700, 1500)).toBe(660);
    t.silence(600_000);
    expect(t.getsockopt(Option.TCP_MAXSEG)).toBe(1460);
  });

  test('1191-1 pmtu-aging: never beyond what the peer asked for', () => {
    const t = established(target, { mss: 1000 });
    expect(mssAfter(t, 700, 1040)).toBe(660);
    t.advance(600_001);
    expect(t.getsockopt(Option.TCP_MAXSEG)).toBe(1000);
  });

  test('5927-1: an error that does not quote what is in flight does not put it off', () => {
    const t = established(target);
    t.send(octets(1460));
    const { octets: datagram } = t.expect('A', { len: 1460 });
    error(t, UNREACHABLE, 4, datagram, { mtu: 1006 });
    t.forget();
    t.peer.send('A', { ack: 1461 });
    t.advance(300_000);
    error(t, UNREACHABLE, 4, datagram, { mtu: 600 });
    expect(t.getsockopt(Option.TCP_MAXSEG)).toBe(966);
    t.advance(300_001);
    expect(t.getsockopt(Option.TCP_MAXSEG)).toBe(1460);
    t.silence();
  });
});
