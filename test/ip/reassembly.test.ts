// SPDX-License-Identifier: MIT
// IPv4 reassembly: RFC 791 §3.2, RFC 1122 §3.2.1.4 and §3.3.2, RFC 3168 §5.3. An echo request in fragments is what is sent
// mostly: its reply says that all came together, and that it is what was sent. Random fragments are held against a model in
// reassembly-model.test.ts; builds without reassembly are in ipv4.test.ts.

import { describe, expect, test } from 'vitest';
import { Random } from '../../host/net/random.ts';
import { emitIcmp, ICMP, TCP, UDP } from '../support/frames.ts';
import type { Ipv4Fields } from '../support/frames.ts';
import { established, fullTargets, listening, octets, open, PEER } from '../vocabulary.ts';
import type { Dialogue } from '../vocabulary.ts';
import { everyOctets, fragment, fragments, payloadOf } from './fragments.ts';

const ECHO = 8;
const TIME_EXCEEDED = 11;
const UNREACHABLE = 3;
const LONGEST = 65_515;

const TEXT = Buffer.from(octets(72), 'latin1');
/** 80 octets: the header and TEXT. */
const REQUEST = emitIcmp(ECHO, 0, 0x00010002, TEXT);

function send(t: Dialogue, frames: Buffer[]): void {
  for (const frame of frames) t.deliver(frame);
}

/** REQUEST in fragments. */
function request(t: Dialogue, cuts: number[], ip: Partial<Ipv4Fields> = {}): Buffer[] {
  return fragments(t.peer, { protocol: ICMP, ...ip }, REQUEST, cuts);
}

function expectReply(t: Dialogue): void {
  const { data } = t.expectIcmp({ type: 0, rest: 0x00010002, destination: PEER.address });
  expect(data.equals(TEXT)).toBe(true);
}

function shuffle<T>(list: T[], seed: number): T[] {
  const random = new Random(seed, 'order');
  return list
    .map((item) => ({ item, rank: random.u32() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}

describe.each(fullTargets)('IPv4 reassembly: $name', (target) => {
  test.each([
    ['in order', [0, 1, 2, 3]],
    ['in reverse', [3, 2, 1, 0]],
    ['the last one first', [3, 0, 1, 2]],
    ['the first one last', [1, 2, 3, 0]],
    ['the middle last', [0, 3, 2, 1]],
    ['each twice', [0, 0, 1, 1, 2, 2, 3]],
    ['all again before the last', [3, 1, 2, 3, 2, 1, 0]],
  ])('1122-I6 reassembly: %s', (_, order) => {
    const t = open(target);
    const frames = request(t, [8, 32, 56]);
    send(
      t,
      order.map((i) => frames[i]!),
    );
    expectReply(t);
    expect(t.counter('IpFragmentHeld')).toBe(3);
    expect(t.counter('IpFragment')).toBe(order.length - 4);
    expect(t.counter('IpReassemblyFailed')).toBe(0);
  });

  test('1122-I6: a datagram without fragments comes between, and is taken at once', () => {
    const t = open(target);
    const [first, second] = request(t, [40]) as [Buffer, Buffer];
    t.deliver(first);
    t.peer.icmp(ECHO, 0, { rest: 7, data: Buffer.of(1, 2, 3) });
    expect(t.expectIcmp({ type: 0, rest: 7 }).data).toEqual(Buffer.of(1, 2, 3));
    t.deliver(second);
    expectReply(t);
    t.peer.icmp(ECHO, 0, { rest: 8, data: Buffer.of(4) });
    expect(t.expectIcmp({ type: 0, rest: 8 }).data).toEqual(Buffer.of(4));
  });

  test.each([
    ['another source', { source: PEER.address + 1 }],
    ['another protocol', { protocol: UDP }],
    ['another identification', { id: 0x100 }],
  ])('1122-I6: %s is another datagram', (_, ip) => {
    const t = open(target);
    const [first, second] = request(t, [40]) as [Buffer, Buffer];
    t.deliver(first);
    t.deliver(request(t, [40], ip)[1]!);
    t.silence();
    t.deliver(second);
    expectReply(t);
  });

  test('1122-I6: of two datagrams that mix, the one that began last gets through', () => {
    const t = open(target);
    const a = request(t, [24, 48], { id: 1 });
    const b = request(t, [24, 48], { id: 2 });
    send(t, [a[0]!, b[0]!, a[1]!, b[1]!, a[2]!, b[2]!]);
    expectReply(t);
    expect(t.counter('IpReassemblyFailed')).toBe(1);
  });

  test('1122-I6: one that lost a part is in nobody’s way for longer than 200 ms', () => {
    const t = open(target);
    t.deliver(request(t, [40], { id: 1 })[0]!);
    const [first, second] = request(t, [40], { id: 2 }) as [Buffer, Buffer];
    t.advance(199);
    t.deliver(second);
    t.deliver(first);
    t.silence();
    t.advance(200);
    const reversed = request(t, [40], { id: 3 }).reverse();
    send(t, reversed);
    expectReply(t);
  });

  test('1122-I6: a fragment with a wrong header checksum is not taken', () => {
    const t = open(target);
    const [first, second] = request(t, [40]) as [Buffer, Buffer];
    const [, bad] = request(t, [40], { checksumError: 1 });
    send(t, [first, bad!]);
    t.silence();
    expect(t.counter('IpChecksumError')).toBe(1);
    t.deliver(second);
    expectReply(t);
  });

  test('1122-I6: a checksum over the whole is verified', () => {
    const t = open(target);
    const bad = emitIcmp(ECHO, 0, 1, TEXT, 1);
    send(t, fragments(t.peer, { protocol: ICMP }, bad, [40]));
    t.silence();
    expect(t.counter('IcmpChecksumError')).toBe(1);
  });

  test('1122-I6: a TCP segment in fragments, longer than any frame; its text has an odd length', () => {
    const t = established(target);
    const text = octets(20_001);
    const segment = payloadOf(t.peer.frame('PA', { text }));
    send(t, shuffle(fragments(t.peer, { protocol: TCP }, segment, everyOctets(1480, segment)), 1));
    t.advance(200);
    t.expect('A', { ack: 20_002 });
    let got = '';
    for (let piece = t.recv(); piece !== 'EAGAIN'; piece = t.recv()) got += piece;
    expect(got).toBe(text);
    t.forget();
  });

  test('1122-I6: a TCP segment in fragments whose text is held in part already', () => {
    const t = established(target);
    const text = octets(3_000);
    t.peer.send('A', { seq: 1 + 1_001, text: text.slice(1_001, 1_502) });
    t.expect('A', { ack: 1 });
    const segment = payloadOf(t.peer.frame('PA', { seq: 1, text }));
    send(t, fragments(t.peer, { protocol: TCP }, segment, everyOctets(512, segment)));
    t.advance(200);
    t.expect('A', { ack: 3_001 });
    let got = '';
    for (let piece = t.recv(); piece !== 'EAGAIN'; piece = t.recv()) got += piece;
    expect(got).toBe(text);
    t.forget();
  });

  test('1122-I6: a SYN in fragments, cut within its header', () => {
    const t = listening(target);
    const segment = payloadOf(t.peer.frame('S', { mss: 1000 }));
    send(t, fragments(t.peer, { protocol: TCP }, segment, [8, 16]));
    t.expect('SA', { ack: 1 });
  });

  test.each([1480, 8])('1122-I6: the longest payload, 65,515 octets, in fragments of %i', (len) => {
    const t = open(target);
    const datagram = Buffer.alloc(LONGEST, 'sandwire');
    datagram.writeUInt16BE(LONGEST, 4);
    datagram.writeUInt16BE(0, 6);
    const frames = fragments(t.peer, { protocol: UDP, id: 9 }, datagram, everyOctets(len, datagram));
    send(t, shuffle(frames, len));
    const { data } = t.expectIcmp({ type: UNREACHABLE, code: 3 });
    // 1122-C2: the header of the whole, and eight octets.
    expect(data.readUInt16BE(2)).toBe(0xffff);
    expect(data.readUInt16BE(4)).toBe(9);
    expect(data.readUInt16BE(6)).toBe(0);
    expect(data.subarray(20).equals(datagram.subarray(0, 8))).toBe(true);
    expect(t.counter('UdpNoPort')).toBe(1);
  });

  test('1122-I6: the header of the whole is the first fragment’s, with its options', () => {
    const t = open(target);
    const payload = Buffer.alloc(48, 'x');
    const [, second] = fragments(t.peer, { protocol: 132, ttl: 9 }, payload, [16]);
    const [withOptions] = fragments(t.peer, { protocol: 132, ttl: 7, options: [7, 4, 4, 0] }, payload, [16]);
    send(t, [second!, withOptions!]);
    const { data } = t.expectIcmp({ type: UNREACHABLE, code: 2 });
    expect(data.subarray(0, 4)).toEqual(Buffer.of(0x46, 0, 0, 72));
    expect(data[8]).toBe(7);
    expect([...data.subarray(20, 24)]).toEqual([7, 4, 4, 0]);
  });

  test('1122-I6: an echo that no frame can answer is counted; one that a frame can is answered', () => {
    const t = open(target);
    for (const [len, isAnswered] of [
      [1472, true],
      [1473, false],
      [65_507, false],
    ] as const) {
      const data = Buffer.from(octets(len), 'latin1');
      const whole = emitIcmp(ECHO, 0, 3, data);
      send(t, fragments(t.peer, { protocol: ICMP, id: len }, whole, everyOctets(1000, whole)));
      if (isAnswered) expect(t.expectIcmp({ type: 0 }).data.equals(data)).toBe(true);
      t.silence();
    }
    expect(t.counter('IpFragment')).toBe(2);
    expect(t.counter('IcmpEchoes')).toBe(1);
  });

  test('what comes once more after the whole is dropped, and does not begin anew; 200 ms later it may', () => {
    const t = open(target);
    const frames = request(t, [40]);
    send(t, frames);
    expectReply(t);
    send(t, frames);
    t.silence();
    expect(t.counter('IpFragment')).toBe(2);
    t.advance(200);
    send(t, frames);
    expectReply(t);
    t.silence(200_000);
    expect(t.counter('IpReassemblyFailed')).toBe(0);
  });

  // --- what cannot be ------------------------------------------------------------------------------------------------

  const part = (
    t: Dialogue,
    at: number,
    end: number,
    isLast = end === REQUEST.length,
    change = 0,
  ): Buffer => {
    const text = Buffer.from(REQUEST.subarray(at, end));
    text[0]! ^= change;
    return fragment(t.peer, { protocol: ICMP }, { at, text, isLast });
  };

  test.each<[string, (t: Dialogue) => Buffer[]]>([
    ['the end of another', (t) => [part(t, 0, 24), part(t, 16, 48)]],
    ['the beginning of another', (t) => [part(t, 16, 48), part(t, 0, 24)]],
    ['all of another', (t) => [part(t, 16, 24), part(t, 8, 48)]],
    ['two others', (t) => [part(t, 0, 16), part(t, 24, 48), part(t, 8, 32)]],
    ['what is there, with other octets', (t) => [part(t, 0, 40), part(t, 8, 24, false, 1)]],
    ['the first, with other octets', (t) => [part(t, 0, 40), part(t, 0, 40, false, 1)]],
    ['the end of the whole', (t) => [part(t, 48, 64, true), part(t, 56, 72, false)]],
    ['a last one before it', (t) => [part(t, 48, 64, false), part(t, 24, 40, true)]],
    ['another last one', (t) => [part(t, 48, 64, true), part(t, 64, 80, true)]],
  ])(
    '791-1 frag-overlap: a fragment over %s ends its datagram, and nothing of it counts any more',
    (_, set) => {
      const t = open(target);
      send(t, set(t));
      expect(t.counter('IpReassemblyFailed')).toBe(1);
      send(t, request(t, [16, 24, 40, 48, 64]));
      t.silence();
      send(t, request(t, [40], { id: 2 }));
      expectReply(t);
      t.silence(200_000);
      expect(t.counter('IpReassemblyFailed')).toBe(1);
    },
  );

  test.each<[string, number, number]>([
    ['the last octet is the 65,516th', 65_512, 4],
    ['the last octet is far beyond', 0x1fff * 8, 1400],
  ])('791-1 frag-past-65535: %s', (_, at, len) => {
    const t = open(target);
    t.deliver(part(t, 0, 40));
    t.deliver(fragment(t.peer, { protocol: ICMP }, { at, text: Buffer.alloc(len), isLast: true }));
    expect(t.counter('IpReassemblyFailed')).toBe(1);
    t.deliver(part(t, 40, 80));
    t.silence();
    send(t, request(t, [40], { id: 2 }));
    expectReply(t);
  });

  test('791-1 frag-past-65535: only with the options of the first one', () => {
    const t = open(target);
    const options = [1, 1, 1, 1];
    const datagram = Buffer.alloc(LONGEST);
    const cuts = everyOctets(1400, datagram);
    const frames = fragments(t.peer, { protocol: UDP }, datagram, cuts);
    frames[0] = fragments(t.peer, { protocol: UDP, options }, datagram, cuts)[0]!;
    send(t, frames);
    t.silence(200_000);
    expect(t.counter('IpReassemblyFailed')).toBe(1);
  });

  test('a fragment without text, or not the last and of odd length, is dropped and does no harm', () => {
    const t = open(target);
    const [first, second] = request(t, [40]) as [Buffer, Buffer];
    t.deliver(first);
    t.deliver(part(t, 40, 40, false));
    t.deliver(part(t, 80, 80, true));
    t.deliver(part(t, 40, 53, false));
    t.deliver(second);
    expectReply(t);
    expect(t.counter('IpFragment')).toBe(3);
  });

  test('a flood of fragments, each of another datagram, leaves everything else as it was', () => {
    const t = established(target);
    const random = new Random(1, 'flood');
    for (let i = 0; i < 5_000; i++) {
      const at = random.below(4) === 0 ? 0 : 8 * random.below(8_180);
      const ip = { protocol: TCP, id: random.below(65_536), source: 0x0a000020 + random.below(100) };
      t.deliver(fragment(t.peer, ip, { at, text: Buffer.alloc(8), isLast: random.below(2) === 0 && at > 0 }));
    }
    expect(t.counter('IpFragmentHeld') + t.counter('IpFragment')).toBe(5_000);
    t.peer.send('PA', { text: 'hello' });
    expect(t.recv()).toBe('hello');
    t.advance(200);
    t.expect('A', { ack: 6 });
    send(t, request(t, [40], { id: 1 }));
    expectReply(t);
  });

  // --- what never comes ----------------------------------------------------------------------------------------------

  test('1122-I11 reassembly-timeout, 1122-I12: 60 s after the first fragment to come the sender is told', () => {
    const t = open(target);
    const frames = request(t, [24, 48]);
    t.deliver(frames[0]!);
    t.advance(30_000);
    t.deliver(frames[1]!);
    t.silence(29_999);
    t.advance(1);
    const { data, ethernet } = t.expectIcmp({ type: TIME_EXCEEDED, code: 1, destination: PEER.address });
    expect(ethernet.destination).toBe(PEER.mac);
    // The first fragment as it came: header and eight octets. 1122-C2.
    expect(data.equals(frames[0]!.subarray(14, 14 + 28))).toBe(true);
    expect(t.counter('IpReassemblyFailed')).toBe(1);
    t.deliver(frames[2]!);
    t.silence();
  });

  test('1122-I11: up to then the rest may come', () => {
    const t = open(target);
    const [first, second] = request(t, [24]) as [Buffer, Buffer];
    t.deliver(first);
    t.advance(59_999);
    t.deliver(second);
    expectReply(t);
    t.silence(200_000);
  });

  test('1122-I12, 1122-C3: without the first fragment nobody is told', () => {
    const t = open(target);
    const [, second, third] = request(t, [24, 48]);
    send(t, [second!, third!]);
    t.silence(200_000);
    expect(t.counter('IpReassemblyFailed')).toBe(1);
  });

  test('1122-C3: nobody is told about an ICMP error in fragments', () => {
    const t = open(target);
    const message = emitIcmp(UNREACHABLE, 1, 0, Buffer.alloc(72));
    t.deliver(fragments(t.peer, { protocol: ICMP }, message, [40])[0]!);
    t.silence(200_000);
    expect(t.counter('IpReassemblyFailed')).toBe(1);
  });

  test('1122-C3: a datagram of a protocol that we do not have is answered once, when it is whole', () => {
    const t = open(target);
    const frames = fragments(t.peer, { protocol: 132 }, Buffer.alloc(40), [16]);
    t.deliver(frames[1]!);
    t.silence();
    t.deliver(frames[0]!);
    t.expectIcmp({ type: UNREACHABLE, code: 2 });
  });

  // --- ECN -----------------------------------------------------------------------------------------------------------

  const [NOT_ECT, ECT1, ECT0, CE] = [0, 1, 2, 3];
  test.each<[string, number[], 'marked' | 'not marked' | 'dropped']>([
    ['ECT(0) throughout', [ECT0, ECT0, ECT0], 'not marked'],
    ['the first of three marked', [CE, ECT0, ECT0], 'marked'],
    ['the last of three marked', [ECT0, ECT0, CE], 'marked'],
    ['all marked', [CE, CE, CE], 'marked'],
    ['ECT(0), ECT(1) and a mark', [ECT0, ECT1, CE], 'marked'],
    ['a mark beside Not-ECT', [ECT0, CE, NOT_ECT], 'dropped'],
    ['Not-ECT and ECT', [NOT_ECT, ECT0, ECT1], 'not marked'],
  ])('3168-6 a mark on one fragment marks the whole: %s', (_, fields, fate) => {
    const t = listening(target);
    t.peer.send('SEC');
    t.expect('SAE');
    t.peer.send('A');
    t.accept();
    const segment = payloadOf(t.peer.frame('PA', { text: octets(100) }));
    fields.forEach((tos, i) => {
      t.deliver(fragments(t.peer, { protocol: TCP, tos }, segment, [40, 80])[i]!);
    });
    if (fate === 'dropped') {
      t.silence(1_000);
      expect(t.counter('IpReassemblyFailed')).toBe(1);
      return;
    }
    t.advance(200);
    t.expect(fate === 'marked' ? 'AE' : 'A', { ack: 101 });
  });
});
