// SPDX-License-Identifier: MIT
// RFC 9293 §3.10.7.4, seventh: the segment text. In which states it is taken, and what comes out at the socket. Text out
// of order: reassembly.test.ts.

import { describe, expect, test } from 'vitest';
import {
  closeWait,
  closing,
  DELAYED_ACK,
  established,
  finWait1,
  finWait2,
  lastAck,
  octets,
  Ready,
  targets,
  timeWait,
} from '../vocabulary.ts';

describe.each(targets)('3.10.7.4 seventh, process the segment text: $name', (target) => {
  test.each([
    ['ESTABLISHED', established],
    ['FIN-WAIT-1', finWait1],
    ['FIN-WAIT-2', finWait2],
  ])('in %s text is delivered and acknowledged by <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>', (state, begin) => {
    const t = begin(target);
    const { sndNxt } = t.info()!;
    t.peer.send('PA', { text: 'hello', ack: t.info()!.sndUna });
    expect(Number(t.ready()) & Ready.Readable).toBe(Ready.Readable);
    expect(t.recv()).toBe('hello');
    t.advance(DELAYED_ACK);
    t.expect('A', { seq: sndNxt, ack: 6, len: 0 });
    expect(t.state()).toBe(state);
    t.forget();
  });

  test.each([
    ['CLOSE-WAIT', closeWait],
    ['CLOSING', closing],
    ['LAST-ACK', lastAck],
    ['TIME-WAIT', timeWait],
  ])('in %s there can be none: it is ignored', (state, begin) => {
    const t = begin(target);
    const { sndUna, rcvNxt } = t.info()!;
    t.peer.send('PA', { seq: rcvNxt, text: 'hello', ack: sndUna });
    expect(t.recv()).toBe('');
    expect(t.info()).toMatchObject({ rcvNxt, receiveQueue: 0 });
    t.forget();
    expect(t.state()).toBe(state);
  });

  test('the window shrinks by what waits to be read and opens when it was read', () => {
    const t = established(target);
    for (let sent = 0; sent + target.mss <= target.ring; sent += target.mss) {
      t.peer.send('A', { text: octets(target.mss, sent) });
    }
    const held = target.ring - (target.ring % target.mss);
    t.advance(DELAYED_ACK);
    expect(t.peer.heard.at(-1)).toMatchObject({ win: target.ring - held });
    t.forget();
    expect(t.recv()).toBe(octets(held));
    t.expect('A', { ack: 1 + held, win: target.ring });
  });

  test('recv takes what was asked for, the rest waits', () => {
    const t = established(target);
    t.peer.send('PA', { text: 'hello, world' });
    expect(t.recv(5)).toBe('hello');
    expect(t.recv(2)).toBe(', ');
    expect(t.recv()).toBe('world');
    expect(t.recv()).toBe('EAGAIN');
    t.advance(DELAYED_ACK);
    t.expect('A', { ack: 13 });
  });

  test('PSH or none, text is delivered at once', () => {
    const t = established(target);
    t.peer.send('A', { text: 'hello' });
    expect(t.recv()).toBe('hello');
    t.advance(DELAYED_ACK);
    t.expect('A', { ack: 6 });
  });

  test('a stream many times longer than the ring comes out whole, in segments of odd length', () => {
    const t = established(target);
    const len = Math.min(target.mss - 1, 1459) | 1;
    let text = '';
    let sent = 0;
    while (sent < 4 * target.ring) {
      t.peer.send('A', { text: octets(len, sent) });
      sent += len;
      text += t.recv();
    }
    expect(text === octets(sent)).toBe(true);
    t.advance(DELAYED_ACK);
    t.forget();
    expect(t.info()?.rcvNxt).toBe(1 + sent);
  });

  test('MUST-58 ack-aggregated: one ACK, with the text that goes the other way', () => {
    const t = established(target);
    t.peer.send('PA', { text: 'hello' });
    t.send('world');
    t.expect('PA', { seq: 1, ack: 6, text: 'world' });
    t.silence(DELAYED_ACK);
  });
});
