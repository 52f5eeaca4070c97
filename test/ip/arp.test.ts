// SPDX-License-Identifier: MIT
// ARP: RFC 826 reception, RFC 1122 §2.3.2, and of RFC 5227 the announcement and the defence.

import { describe, expect, test } from 'vitest';
import { ARP, emitArp, emitEthernet } from '../support/frames.ts';
import { listening, open, PEER, synSent, targets, US } from '../vocabulary.ts';
import type { Dialogue } from '../vocabulary.ts';

const BROADCAST = 'ff:ff:ff:ff:ff:ff';
const NOBODY = '00:00:00:00:00:00';

/** Whether `peer` is reached without a question: an echo is answered to the station, so a connection has to be opened. */
function isKnown(t: Dialogue, address: number): boolean {
  const s = t.call('socket') as number;
  t.call('connect', s, address, 80);
  const [packet] = t.others.splice(0);
  t.call('close', s);
  return packet?.kind === 'tcp';
}

describe.each(targets)('RFC 826: $name', (target) => {
  test('826-4 arp-reply-form: a request for our address is answered by unicast with the fields exchanged', () => {
    const t = open(target);
    t.peer.arp(1, { targetMac: NOBODY, destination: BROADCAST });
    const reply = t.expectArp({
      opcode: 2,
      senderMac: US.mac,
      senderIp: US.address,
      targetMac: PEER.mac,
      targetIp: PEER.address,
    });
    expect(reply.ethernet).toMatchObject({ destination: PEER.mac, source: US.mac });
    t.silence();
  });

  test('826-4: a request by unicast is answered too, a reply never', () => {
    const t = open(target);
    t.peer.arp(1);
    t.expectArp({ opcode: 2 });
    t.peer.arp(2);
    t.silence();
  });

  test('a request for another address is not answered', () => {
    const t = open(target);
    t.peer.arp(1, { targetIp: PEER.address + 1, destination: BROADCAST });
    t.silence();
  });

  test('826-1 arp-field-checks: other hardware, protocol, lengths, opcodes are dropped', () => {
    const t = open(target);
    t.peer.answersArp = false;
    const good = emitArp({
      opcode: 1,
      senderMac: PEER.mac,
      senderIp: PEER.address,
      targetMac: NOBODY,
      targetIp: US.address,
    });
    for (const [offset, octet] of [
      [1, 6],
      [0, 1],
      [2, 0x86],
      [3, 1],
      [4, 8],
      [5, 16],
      [7, 3],
      [7, 0],
      [6, 1],
    ] as const) {
      const bad = Buffer.from(good);
      bad[offset] = octet;
      t.deliver(emitEthernet({ destination: US.mac, source: PEER.mac, type: ARP }, bad));
    }
    t.silence();
    expect(t.counter('ArpMalformed')).toBe(9);
    expect(isKnown(t, PEER.address)).toBe(false);
  });

  test('826-5 arp-runt-and-padding: padding of any value is ignored; a packet cut short is dropped', () => {
    const t = open(target);
    const packet = emitArp({
      opcode: 1,
      senderMac: PEER.mac,
      senderIp: PEER.address,
      targetMac: NOBODY,
      targetIp: US.address,
    });
    const header = { destination: US.mac, source: PEER.mac, type: ARP };
    t.deliver(emitEthernet(header, packet, 0xff));
    t.expectArp({ opcode: 2 });
    t.deliver(emitEthernet(header, packet).subarray(0, 14 + 27));
    t.silence();
    expect(t.counter('ArpMalformed')).toBe(1);
  });

  test('826-3 arp-create-only-if-target: who asks for us is remembered, who asks for others is not', () => {
    const t = open(target);
    t.peer.answersArp = false;
    t.peer.arp(1, { senderIp: 0x0a000014, targetIp: 0x0a000015, destination: BROADCAST });
    expect(isKnown(t, 0x0a000014)).toBe(false);
    t.peer.arp(1, { senderIp: 0x0a000016 });
    t.expectArp({ opcode: 2 });
    expect(isKnown(t, 0x0a000016)).toBe(true);
  });

  test('826-2 arp-merge-existing, 5227-7 arp-gratuitous: a known neighbour that moves is asked for, and followed within 5 s', () => {
    for (const [opcode, targetIp] of [
      [1, PEER.address], // an announcement
      [2, 0x0a000055],
    ] as const) {
      const t = synSent(target);
      t.peer.mac = '02:00:00:00:00:77';
      t.peer.arp(opcode, { targetIp, destination: BROADCAST });
      t.advance(5_000);
      t.forget();
      t.advance(5_000);
      expect(t.expect('S').ethernet.destination).toBe('02:00:00:00:00:77');
    }
  });

  test('an announcement of a stranger makes no entry', () => {
    const t = open(target);
    t.peer.arp(1, { senderIp: 0x0a000014, targetIp: 0x0a000014, destination: BROADCAST });
    expect(isKnown(t, 0x0a000014)).toBe(false);
  });

  test('5227-4 acd-probe-does-not-pollute: a probe, with sender 0.0.0.0, is answered and not remembered', () => {
    const t = open(target);
    t.peer.arp(1, { senderIp: 0, targetMac: NOBODY, destination: BROADCAST });
    t.expectArp({ opcode: 2, targetIp: 0 });
    t.silence();
  });

  test('senders that no host can be are not remembered: broadcast, multicast, beyond our network, a group MAC', () => {
    const t = open(target);
    for (const senderIp of [0x0a0000ff, 0xffffffff, 0xe0000001, 0x0b000001]) t.peer.arp(1, { senderIp });
    t.peer.arp(1, { senderIp: 0x0a000014, senderMac: '03:00:00:00:00:01' });
    t.others.length = 0;
    expect(isKnown(t, 0x0a000014)).toBe(false);
  });
});

describe.each(targets)('RFC 1122 2.3.2: $name', (target) => {
  test('1122-L2 arp-flood-limited: at most one request a second for one address', () => {
    const t = open(target);
    t.peer.answersArp = false;
    const sockets = [1, 2, 3].map(() => t.call('socket') as number);
    for (const s of sockets) t.call('connect', s, PEER.address, 80);
    t.expectArp({ opcode: 1, targetIp: PEER.address });
    t.silence(999);
    t.advance(1);
    t.expectArp({ opcode: 1, targetIp: PEER.address });
    t.silence(999);
    t.forget();
  });

  test('1122-L1 arp-entry-expires: an entry in use is asked for again after a minute, by and by forgotten', () => {
    const t = synSent(target);
    t.peer.send('SA');
    t.expect('A');
    t.peer.answersArp = false;
    t.advance(59_000);
    t.silence();
    t.advance(1_000);
    t.expectArp({ opcode: 1, targetIp: PEER.address });
    t.send('hello'); // it stays in use meanwhile
    t.expect('A', { text: 'hello' });
    t.peer.send('A');
    t.advance(10_000);
    t.others.length = 0;
    t.send('world');
    t.expectArp({ opcode: 1, targetIp: PEER.address });
    t.forget();
  });

  test('an answer keeps the entry for another minute', () => {
    const t = synSent(target);
    t.peer.send('SA');
    t.expect('A');
    for (let i = 0; i < 5; i++) {
      t.advance(30_000);
      t.send('x');
      t.expect('A', { len: 1 });
      t.peer.send('A');
    }
    t.silence();
    expect(t.counter('ArpRequestsOut')).toBeLessThanOrEqual(4);
  });

  test('an entry that nobody uses is forgotten without a question', () => {
    const t = open(target);
    t.peer.answersArp = false;
    t.peer.arp(1);
    t.expectArp({ opcode: 2 });
    t.silence(61_000);
    expect(isKnown(t, PEER.address)).toBe(false);
  });

  test('1122-L6 arp-miss-no-unreachable: a miss tells the connection nothing bad', () => {
    const t = open(target);
    t.peer.answersArp = false;
    t.connect();
    t.advance(10_000);
    t.forget();
    expect(t.state()).toBe('SYN-SENT');
    expect(t.ready()).toBe(0);
  });

  test('an answer that comes late makes the entry as good as new', () => {
    const t = synSent(target);
    t.peer.send('SA');
    t.expect('A');
    for (let minute = 0; minute < 3; minute++) {
      t.send('x'); // in use
      t.expect('A', { len: 1 });
      t.peer.send('A');
      t.peer.answersArp = false;
      t.advance(60_000);
      t.expectArp({ opcode: 1 });
      t.silence(999);
      t.advance(1);
      t.expectArp({ opcode: 1 });
      t.peer.answersArp = true;
      t.peer.answerArp();
      t.silence();
    }
    t.send('y');
    t.expect('A', { text: 'y' });
  });

  test('when the table is full, the neighbour that was heard of longest ago gives way', () => {
    const t = open(target);
    const addresses = Array.from({ length: target.connections + 2 }, (_, i) => 0x0a000020 + i);
    for (const senderIp of addresses) {
      t.peer.arp(1, { senderIp });
      t.expectArp({ opcode: 2 });
      t.advance(10);
    }
    t.peer.arp(1, { senderIp: 0x0a0000f0 });
    t.expectArp({ opcode: 2 });
    expect(isKnown(t, 0x0a0000f0)).toBe(true);
    for (const address of addresses.slice(1)) expect(isKnown(t, address)).toBe(true);
    expect(isKnown(t, addresses[0]!)).toBe(false);
  });

  test('more neighbours than entries: the oldest give way, and all are reached', () => {
    const t = open(target);
    for (let i = 0; i < 30; i++) {
      const peer = t.addPeer({ address: 0x0a000020 + i, port: 80, localPort: 5000 + i });
      const s = t.call('socket') as number;
      t.call('bind', s, 0, 5000 + i);
      t.call('connect', s, peer.address, 80);
      peer.expect('S');
      t.call('close', s);
    }
    t.silence();
  });
});

describe.each(targets)('RFC 5227: $name', (target) => {
  test('acd-announce: our address is announced when the link comes up', () => {
    const t = open(target, { keepAnnouncement: true });
    const packet = t.expectArp({ opcode: 1, senderMac: US.mac, senderIp: US.address, targetIp: US.address });
    expect(packet.ethernet.destination).toBe(BROADCAST);
    t.silence(5_000);
  });

  test('5227-5 acd-defend-interval: a conflict is answered by an announcement, once in 10 s', () => {
    const t = listening(target);
    t.peer.arp(2, { senderIp: US.address });
    t.silence(11_000); // announced a moment ago
    t.peer.arp(2, { senderIp: US.address });
    t.expectArp({ opcode: 1, senderIp: US.address, targetIp: US.address });
    t.silence(9_000);
    t.peer.arp(2, { senderIp: US.address });
    t.silence(2_000);
    t.peer.arp(2, { senderIp: US.address });
    t.expectArp({ opcode: 1, senderIp: US.address });
    expect(t.counter('ArpConflict')).toBe(4);
  });

  test('a conflict enters nothing', () => {
    const t = listening(target);
    t.peer.arp(1, { senderIp: US.address, senderMac: '02:00:00:00:00:66' });
    t.silence();
    t.peer.send('S');
    t.expect('SA');
  });
});
