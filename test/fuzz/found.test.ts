// SPDX-License-Identifier: MIT
// What random frames have found, as dialogues that stay.

import { describe, expect, test } from 'vitest';
import { listening, open, synReceived, synSent, targets } from '../vocabulary.ts';

describe.each(targets)('found by random frames: $name', (target) => {
  test('RFC 1122 §3.2.2.1: a datagram of protocol 0 is one that nobody here serves', () => {
    const t = open(target);
    t.deliver(t.peer.datagram({ protocol: 0 }, Buffer.alloc(20)));
    t.expectIcmp({ type: 3, code: 2 });
    expect(t.counter('IpUnknownProtocol')).toBe(1);
  });

  test('RFC 1122 §2.3.2.1: two neighbours that do not answer, and a table full of others: one request a second each', () => {
    const t = listening(target);
    for (let i = 0; i < target.connections + 2; i++) {
      t.peer.arp(1, { senderIp: 0x0a000064 + i });
      t.expectArp({ opcode: 2 });
    }
    const silent = [0x0a0000c8, 0x0a0000c9].map((address) => t.addPeer({ address }));
    for (const peer of silent) {
      peer.answersArp = false;
      peer.send('S');
    }
    t.advance(2_500);
    const asked = t.others.splice(0).map((packet) => (packet.kind === 'arp' ? packet.targetIp : 0));
    for (const { address } of silent) {
      expect(asked.filter((target) => target === address).length).toBeGreaterThan(0);
      expect(asked.filter((target) => target === address).length).toBeLessThanOrEqual(3);
    }
    expect(asked.length).toBeLessThanOrEqual(6);
    // And when they answer, they are heard.
    for (const peer of silent) {
      peer.arp(2);
      peer.expect('SA');
    }
  });

  test('RFC 9293 §3.10.7.3: the SYN,ACK comes while a SYN that is to be repeated waits for ARP', () => {
    const t = synSent(target);
    t.peer.answersArp = false;
    // The neighbour is asked for anew after a minute, three times; then it is forgotten, and the SYN of 63 s waits.
    t.advance(63_500);
    t.forget();
    t.peer.send('SA', { ack: 1 });
    expect(t.state()).toBe('ESTABLISHED');
    t.peer.answersArp = true;
    t.peer.arp(2);
    t.expect('A', { seq: 1, ack: 1, len: 0 });
    t.send('hello');
    t.expect('A', { seq: 1, text: 'hello' });
    t.others.length = 0;
  });

  test('RFC 9293 §3.10.7.4: the ACK of our SYN comes while the SYN with our ACK, to be repeated, waits for ARP', () => {
    const t = synReceived(target);
    t.peer.answersArp = false;
    t.advance(63_500);
    t.forget();
    t.peer.send('A', { ack: 1 });
    expect(t.state()).toBe('ESTABLISHED');
    t.accept();
    t.peer.answersArp = true;
    t.peer.arp(2);
    t.send('hello');
    t.expect('A', { seq: 1, text: 'hello' });
    t.others.length = 0;
  });

  test('RFC 1122 §2.3.2.1: as many strangers as there is room for, none of which answers', () => {
    const t = listening(target);
    for (let i = 0; i < target.halfOpen; i++) {
      const peer = t.addPeer({ address: 0x0a000064 + i });
      peer.answersArp = false;
      peer.send('S');
      t.advance(20);
    }
    t.advance(3_000);
    const asked = t.others.splice(0).map((packet) => (packet.kind === 'arp' ? packet.targetIp : 0));
    for (const address of new Set(asked)) {
      expect(asked.filter((other) => other === address).length).toBeLessThanOrEqual(t.now / 1_000);
    }
    t.forget();
  });
});
