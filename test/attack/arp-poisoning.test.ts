// SPDX-License-Identifier: MIT
// ARP poisoning against a connection that lives: RFC 826 takes over whatever the last packet says, and one forged packet
// would turn the stream over to the forger. Here a neighbour that is in use keeps its address until it is asked itself: a
// claim of another MAC only makes us ask the question, by unicast to the one we know; who has moved does not answer it, and
// is found by the next one to all.

import { describe, expect, test } from 'vitest';
import { established, targets } from '../vocabulary.ts';
import type { Dialogue } from '../vocabulary.ts';

const BROADCAST = 'ff:ff:ff:ff:ff:ff';
const NOBODY = '00:00:00:00:00:00';
const FORGER = '02:00:00:00:00:66';
const GATEWAY = 0x0a000001;
const FAR = 0xc0a80101;

/** Where the stack sends text of the connection in hand. */
function destination(t: Dialogue): string {
  t.send('x');
  const { ethernet } = t.expect('A', { len: 1 });
  t.peer.send('A');
  return ethernet.destination;
}

const CLAIMS: [name: string, opcode: number, fields: object][] = [
  ['a reply that nobody asked for', 2, {}],
  ['a reply to all', 2, { destination: BROADCAST }],
  ['an announcement', 1, { targetMac: NOBODY, targetIp: 'sender', destination: BROADCAST }],
  ['an announcement as a reply', 2, { targetIp: 'sender', destination: BROADCAST }],
  ['a question for us', 1, { targetMac: NOBODY, destination: BROADCAST }],
  ['a question for another host', 1, { targetMac: NOBODY, targetIp: 0x0a000055, destination: BROADCAST }],
];

function claim(t: Dialogue, opcode: number, fields: object, senderIp: number): void {
  const targetIp = (fields as { targetIp?: number | string }).targetIp;
  t.peer.arp(opcode, {
    ...fields,
    senderIp,
    senderMac: FORGER,
    ...(targetIp === 'sender' ? { targetIp: senderIp } : {}),
  });
}

describe.each(targets)('$name', (target) => {
  test.each(CLAIMS)('%s for the peer’s address changes nothing of a live connection', (_, opcode, fields) => {
    const t = established(target);
    const owner = t.peer.mac;
    expect(destination(t)).toBe(owner);
    for (let i = 0; i < 10; i++) {
      claim(t, opcode, fields, t.peer.address);
      expect(destination(t)).toBe(owner);
      t.advance(200);
    }
    t.forget();
  });

  test('the gateway’s address claimed by another: what lies beyond it is still sent to the gateway', () => {
    const t = established(target);
    const gateway = t.addPeer({ address: GATEWAY, mac: '02:00:00:00:00:01' });
    const far = t.addPeer({ address: FAR, port: 80, localPort: 5_000, mac: gateway.mac });
    const s = t.call('socket') as number;
    t.call('bind', s, 0, 5_000);
    t.call('connect', s, FAR, 80);
    far.expect('S');
    far.send('SA');
    far.expect('A');
    t.s = s;
    for (const [, opcode, fields] of CLAIMS) {
      claim(t, opcode, fields, GATEWAY);
      t.send('x');
      expect(far.expect('A', { len: 1 }).ethernet.destination).toBe(gateway.mac);
      far.send('A');
    }
    t.forget();
  });

  test('a neighbour that has really moved is found within five seconds', () => {
    const t = established(target);
    t.peer.mac = '02:00:00:00:00:77';
    t.peer.arp(1, { targetIp: t.peer.address, destination: BROADCAST });
    t.advance(5_000);
    t.forget();
    expect(destination(t)).toBe('02:00:00:00:00:77');
    t.forget();
  });

  test('claims by the thousand make at most one question a second', () => {
    const t = established(target);
    for (let i = 0; i < 1_000; i++) {
      claim(t, 2, {}, t.peer.address);
      if (i % 100 === 99) t.advance(100);
    }
    expect(t.counter('ArpRequestsOut')).toBeLessThanOrEqual(3);
    expect(destination(t)).toBe(t.peer.mac);
    t.forget();
  });

  test('our own address claimed by another: the connection lives, the address is defended', () => {
    const t = established(target);
    t.advance(20_000);
    claim(t, 2, { destination: BROADCAST }, 0x0a000002);
    t.forget();
    expect(destination(t)).toBe(t.peer.mac);
    t.forget();
  });
});
