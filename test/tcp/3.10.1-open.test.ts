// SPDX-License-Identifier: MIT
// RFC 9293 §3.10.1 and §3.9.1.1: OPEN, passive and active, as `bind`, `listen` and `connect` do it.

import { describe, expect, test } from 'vitest';
import { established, GATEWAY, listening, open, PEER, Ready, synSent, targets, US } from '../vocabulary.ts';

const BROADCASTS = [
  ['the limited broadcast', 0xffffffff],
  ['the broadcast of our network', 0x0a0000ff],
  ['a multicast address', 0xe0000001],
  ['class E', 0xf0000001],
  ['a loopback address', 0x7f000001],
  ['0.0.0.0', 0],
  ['our own address', US.address],
] as const;

describe.each(targets)('3.10.1 OPEN call, active: $name', (target) => {
  test('it sends <SEQ=ISS><CTL=SYN> and enters SYN-SENT', () => {
    const t = open(target);
    expect(t.connect()).toBe('EINPROGRESS');
    t.expect('S', { seq: 0, absoluteAck: 0, mss: target.mss });
    expect(t.state()).toBe('SYN-SENT');
    expect(t.ready()).toBe(0);
    t.silence();
  });

  test('without a port of its own it takes one of the dynamic range, 49152 to 65535', () => {
    const t = open(target);
    const s = t.call('socket') as number;
    expect(t.call('connect', s, PEER.address, 80)).toBe('EINPROGRESS');
    const syn = t.others.shift();
    expect(syn).toMatchObject({ kind: 'tcp', dstPort: 80, flags: 'S' });
    expect((syn as { srcPort: number }).srcPort).toBeGreaterThanOrEqual(49152);
  });

  test('6056-1 port-randomised: ports to several hosts do not follow each other', () => {
    const t = open(target);
    const ports = [1, 2, 3].map((i) => {
      t.addPeer({ address: PEER.address + i, port: 1 }); // answers ARP
      const s = t.call('socket') as number;
      t.call('connect', s, PEER.address + i, 80);
      return (t.others.shift() as unknown as { srcPort: number }).srcPort;
    });
    expect(new Set(ports).size).toBe(3);
    expect(Math.abs(ports[1]! - ports[0]!) === 1 && Math.abs(ports[2]! - ports[1]!) === 1).toBe(false);
  });

  test('a second OPEN: EALREADY while the first goes on, EISCONN when it is done', () => {
    const t = synSent(target);
    const { address, port } = t.peer;
    expect(t.call('connect', t.s, address, port)).toBe('EALREADY');
    t.peer.send('SA');
    t.expect('A');
    expect(t.call('connect', t.s, address, port)).toBe('EISCONN');
  });

  test('of a connection that exists already: EADDRINUSE', () => {
    const t = established(target);
    const s = t.call('socket') as number;
    const other = t.call('bind', s, 0, US.port);
    expect(other).toBe('EADDRINUSE');
  });

  test('with no connection left: ENOBUFS; the socket is good for another attempt', () => {
    const t = open(target);
    const sockets: number[] = [];
    for (let i = 0; i < target.connections; i++) {
      const s = t.call('socket') as number;
      sockets.push(s);
      expect(t.call('connect', s, PEER.address, 1000 + i)).toBe('EINPROGRESS');
    }
    const s = t.call('socket') as number;
    expect(t.call('connect', s, PEER.address, 2000)).toBe('ENOBUFS');
    t.call('close', sockets[0]!);
    expect(t.call('connect', s, PEER.address, 2000)).toBe('EINPROGRESS');
    t.forget();
  });

  test.each(BROADCASTS)('MUST-46 open-to-bcast-mcast-refused: to %s', (_, address) => {
    const t = open(target);
    const s = t.call('socket') as number;
    expect(t.call('connect', s, address, 80)).toBe('ENETUNREACH');
    t.silence();
  });

  test('to port 0: EINVAL', () => {
    const t = open(target);
    const s = t.call('socket') as number;
    expect(t.call('connect', s, PEER.address, 0)).toBe('EINVAL');
    expect(t.call('connect', s, PEER.address, 0x10000)).toBe('EINVAL');
  });

  test('MUST-44 open-source-selection, MUST-45 source-address-stays: every segment comes from our one address', () => {
    const t = synSent(target);
    t.peer.send('SA');
    expect(t.expect('A').source).toBe(US.address);
    t.send('hello');
    expect(t.expect('A').source).toBe(US.address);
  });

  test('beyond our network the SYN goes to the gateway; without one: ENETUNREACH', () => {
    const t = open(target);
    const gateway = t.addPeer({ address: GATEWAY, mac: '02:00:00:00:00:01' });
    const s = t.call('socket') as number;
    const far = t.addPeer({ address: 0xc0000207, port: 80, localPort: 4001 });
    far.answersArp = false;
    t.call('bind', s, 0, 4001);
    expect(t.call('connect', s, far.address, 80)).toBe('EINPROGRESS');
    expect(far.expect('S').ethernet.destination).toBe(gateway.mac);
    const alone = open(target, { gateway: 0 });
    const other = alone.call('socket') as number;
    expect(alone.call('connect', other, far.address, 80)).toBe('ENETUNREACH');
    alone.silence();
  });
});

describe.each(targets)('3.10.1 OPEN call, passive: $name', (target) => {
  test('it says nothing and enters LISTEN', () => {
    const t = listening(target);
    t.silence(1_000);
    expect(t.ready()).toBe(0);
    expect(t.watch.seen).toEqual([]);
  });

  test('MUST-43 open-local-address-param: our own address or none; another one is not available', () => {
    const t = open(target);
    const s = t.call('socket') as number;
    expect(t.call('bind', s, PEER.address, US.port)).toBe('EADDRNOTAVAIL');
    expect(t.call('bind', s, US.address, US.port)).toBe(0);
    expect(t.call('listen', s, 1)).toBe(0);
    t.peer.send('S');
    t.expect('SA');
  });

  test('LISTEN with an active OPEN on the same socket is refused: EOPNOTSUPP', () => {
    const t = listening(target);
    expect(t.call('connect', t.s, PEER.address, PEER.port)).toBe('EOPNOTSUPP');
    t.silence();
  });

  test('a connection that waits is told by Acceptable, in the order in which handshakes are done', () => {
    const t = listening(target);
    const second = t.addPeer({ port: 50_001 });
    for (const peer of [t.peer, second]) {
      peer.send('S');
      peer.expect('SA');
    }
    expect(t.ready()).toBe(0);
    second.send('PA', { text: 'second' });
    expect(t.ready()).toBe(Ready.Acceptable);
    t.peer.send('PA', { text: 'first' });
    const listener = t.s;
    t.accept();
    expect(t.recv()).toBe('second');
    t.s = listener;
    t.accept();
    expect(t.recv()).toBe('first');
    t.s = listener;
    expect(t.ready()).toBe(0);
    expect(t.accept()).toBe('EAGAIN');
    t.advance(100);
    t.forget();
  });
});
