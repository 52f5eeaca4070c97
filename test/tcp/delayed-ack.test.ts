// SPDX-License-Identifier: MIT
// When acknowledgments are sent: RFC 9293 §3.8.6.3 with RFC 5681 §4.2, and the aggregation of §3.10.7.4 (MUST-58, MUST-59)
// for frames that wait in the chip together.

import { describe, expect, test } from 'vitest';
import { Board, VirtualClock, Wire } from '../../host/index.ts';
import { MILLISECOND } from '../../host/net/clock.ts';
import { emitArp, emitEthernet, emitIpv4, emitTcp, parse } from '../support/frames.ts';
import type { TcpFields, TcpSegment } from '../support/frames.ts';
import { DELAYED_ACK, established, octets, targets } from '../vocabulary.ts';

describe.each(targets)('RFC 9293 §3.8.6.3 delayed acknowledgments: $name', (target) => {
  test('SHLD-18 delack-used: the ACK of one segment waits 100 ms', () => {
    const t = established(target);
    t.peer.send('A', { text: 'hello' });
    t.silence(DELAYED_ACK - 1);
    t.advance(1);
    t.expect('A', { seq: 1, ack: 6, len: 0 });
    t.silence(1_000);
  });

  test('SHLD-19, 5681-11 delack-every-second-segment: the ACK of the second is sent at once', () => {
    const t = established(target);
    t.peer.send('A', { text: octets(500) });
    t.silence();
    t.peer.send('A', { text: octets(500, 500) });
    t.expect('A', { ack: 1_001 });
    t.silence(1_000);
  });

  test('SHLD-19, 5681-11 delack-every-second-segment: and of the fourth, and so on', () => {
    const t = established(target);
    for (let n = 1; n <= 3; n++) {
      t.peer.send('A', { text: octets(100) });
      t.silence();
      t.peer.send('A', { text: octets(100) });
      t.expect('A', { ack: 1 + n * 200 });
    }
  });

  test('MUST-40 delack-under-500ms: the time runs from the first segment that waits', () => {
    const t = established(target);
    t.peer.send('A', { text: 'a' });
    t.silence(60);
    // Nothing that comes meanwhile puts it off: an ACK without text, for one.
    t.peer.send('A', { win: 10_000 });
    expect(t.wait()).toBe(DELAYED_ACK - 60);
    t.expect('A', { ack: 2 });
  });

  test('MUST-40 delack-under-500ms: after one ACK the next text waits its own time', () => {
    const t = established(target);
    t.peer.send('A', { text: 'a' });
    expect(t.wait()).toBe(DELAYED_ACK);
    t.expect('A', { ack: 2 });
    t.silence(30);
    t.peer.send('A', { text: 'b' });
    expect(t.wait()).toBe(DELAYED_ACK);
    t.expect('A', { ack: 3 });
  });

  test('an answer of the program carries it', () => {
    const t = established(target);
    t.peer.send('A', { text: 'question' });
    t.advance(40);
    t.send('answer');
    t.expect('A', { seq: 1, ack: 9, text: 'answer' });
    t.peer.send('A');
    t.silence(1_000);
  });

  test('delays of two connections are their own', () => {
    const t = established(target);
    const other = t.addPeer({ port: 50_001 });
    other.send('S');
    other.expect('SA');
    other.send('A');
    t.peer.send('A', { text: 'a' });
    t.advance(50);
    other.send('A', { text: 'b' });
    t.advance(50);
    t.expect('A', { ack: 2 });
    t.silence(49);
    t.advance(1);
    other.expect('A', { ack: 2 });
  });

  test('after half-close too', () => {
    const t = established(target);
    t.shutdown(1);
    t.expect('FA');
    t.peer.send('A', { text: 'late' });
    t.silence(DELAYED_ACK - 1);
    t.advance(1);
    t.expect('A', { ack: 5 });
  });
});

describe.each(targets)('RFC 5681 §4.2 generating acknowledgments: $name', (target) => {
  test('5681-10 ack-immediate-ooo: for text out of order, at once, of what is missing', () => {
    const t = established(target);
    t.peer.send('A', { seq: 101, text: octets(100) });
    t.expect('A', { ack: 1 });
    t.peer.send('A', { seq: 201, text: octets(100) });
    t.expect('A', { ack: 1 });
  });

  test('5681-10 ack-immediate-fill: when a gap is filled', () => {
    const t = established(target);
    t.peer.send('A', { seq: 101, text: octets(100) });
    t.expect('A', { ack: 1 });
    t.peer.send('A', { seq: 1, text: octets(100) });
    t.expect('A', { ack: 201 });
  });

  test('5681-10 ack-immediate-fill: when part of it is filled', () => {
    const t = established(target);
    t.peer.send('A', { seq: 201, text: octets(100) });
    t.expect('A', { ack: 1 });
    t.peer.send('A', { seq: 1, text: octets(100) });
    t.expect('A', { ack: 101 });
    t.peer.send('A', { seq: 101, text: octets(100) });
    t.expect('A', { ack: 301 });
  });

  test('for text that is here already, at once', () => {
    const t = established(target);
    t.peer.send('A', { seq: 1, text: octets(100) });
    t.peer.send('A', { seq: 1, text: octets(100) });
    t.expect('A', { ack: 101 });
  });

  test('for a FIN, at once', () => {
    const t = established(target);
    t.peer.send('FA', { text: 'bye' });
    t.expect('A', { ack: 5 });
  });

  test('5681-11 ack-ratio: never more than one for a segment', () => {
    const t = established(target);
    let seq = 1;
    for (const len of [1, 500, 3, 700, 20]) {
      t.peer.send('A', { seq, text: octets(len) });
      expect(t.peer.heard.length).toBeLessThanOrEqual(1);
      t.forget();
      seq += len;
      t.recv();
    }
    t.advance(1_000);
    expect(t.peer.heard.length).toBeLessThanOrEqual(1);
    t.forget();
  });

  test('an ACK is not acknowledged', () => {
    const t = established(target);
    for (let i = 0; i < 5; i++) t.peer.send('A');
    t.silence(10_000);
  });
});

describe.each(['v8', 'wasm3'] as const)('RFC 9293 §3.10.7.4 ACKs are aggregated, over SPI: %s', (engine) => {
  const BOARD = { address: 0x0a000002, mac: '02:00:0a:00:00:02' };
  const PEER = { address: 0x0a000009, mac: '02:00:00:00:00:09' };

  /** A board that answers port 9, what it says to the peer, and a way to put frames into its chip. */
  function discard(): {
    clock: VirtualClock;
    said: TcpSegment[];
    put: (...segments: Pick<TcpFields, 'seq' | 'ack' | 'flags' | 'text'>[]) => void;
  } {
    const clock = new VirtualClock();
    const wire = new Wire(clock, { rateBps: 0 });
    const said: TcpSegment[] = [];
    const port = wire.attach('peer', (frame) => {
      const packet = parse(Buffer.from(frame));
      if (packet.kind === 'tcp') said.push(packet);
      else if (packet.kind === 'arp' && packet.opcode === 1 && packet.targetIp === PEER.address) {
        const reply = { senderMac: PEER.mac, senderIp: PEER.address };
        const arp = emitArp({ opcode: 2, ...reply, targetMac: BOARD.mac, targetIp: BOARD.address });
        port.send(emitEthernet({ destination: BOARD.mac, source: PEER.mac, type: 0x0806 }, arp));
      }
    });
    const board = new Board({ engine, clock, wire }).start();
    clock.run(100 * MILLISECOND);
    return {
      clock,
      said,
      put: (...segments) => {
        for (const segment of segments) {
          const tcp = emitTcp({ srcPort: 50_000, dstPort: 9, win: 65_535, ...segment }, addresses);
          const ip = emitIpv4({ ...addresses, protocol: 6 }, tcp);
          board.chip.receive(emitEthernet({ destination: BOARD.mac, source: PEER.mac, type: 0x0800 }, ip));
        }
        clock.run(10 * MILLISECOND);
      },
    };
  }
  const addresses = { source: PEER.address, destination: BOARD.address };

  test('MUST-59 ack-after-whole-batch, MUST-58 ack-aggregated: six segments that wait together get one ACK', () => {
    const { said, put } = discard();
    put({ flags: 'S', seq: 100, ack: 0, text: '' });
    const [syn] = said.splice(0);
    expect(syn).toMatchObject({ flags: 'AS', ack: 101 });
    const ack = (syn!.seq + 1) >>> 0;
    put({ flags: 'A', seq: 101, ack, text: '' });
    expect(said).toEqual([]);
    put(...Array.from({ length: 6 }, (_, i) => ({ flags: 'A', seq: 101 + i * 200, ack, text: octets(200) })));
    expect(said.map(({ flags, ack: upTo, text }) => ({ flags, upTo, text }))).toEqual([
      { flags: 'A', upTo: 101 + 6 * 200, text: '' },
    ]);
  });

  test('MUST-58 ack-aggregated: text and FIN that wait together get one ACK', () => {
    const { said, put } = discard();
    put({ flags: 'S', seq: 100, ack: 0, text: '' });
    const ack = (said.splice(0)[0]!.seq + 1) >>> 0;
    put(
      { flags: 'A', seq: 101, ack, text: '' },
      { flags: 'A', seq: 101, ack, text: octets(200) },
      { flags: 'FA', seq: 301, ack, text: octets(200) },
    );
    // The program closes at the end of the stream: its FIN is in the same segment.
    expect(said.map(({ flags, ack: upTo }) => ({ flags, upTo }))).toEqual([{ flags: 'AF', upTo: 502 }]);
  });
});
