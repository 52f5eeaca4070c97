// SPDX-License-Identifier: MIT
// RFC 9293 §3.10.7.4, fifth check, with RFC 5961 §5: which acknowledgment numbers are believed, what they move, and
// which segments may set the send window.

import { describe, expect, test } from 'vitest';
import {
  closing,
  established,
  finWait1,
  finWait2,
  inState,
  lastAck,
  octets,
  synReceived,
  synReceivedActive,
  targets,
  timeWait,
} from '../vocabulary.ts';

const SYNCHRONIZED = Object.entries(inState).filter(([state]) => !state.startsWith('SYN-'));

describe.each(targets)('3.10.7.4 fifth, check the ACK field: $name', (target) => {
  test.each(Object.entries(inState).filter(([state]) => state !== 'SYN-SENT'))(
    'in %s, if the ACK bit is off, the segment is dropped',
    (state, begin) => {
      const t = begin(target);
      t.peer.send('', { text: 'hello' });
      t.peer.send('F', { seq: t.info()!.rcvNxt, text: 'hello' });
      t.silence();
      expect(t.state()).toBe(state);
      expect(t.info()?.receiveQueue).toBe(0);
    },
  );

  test('SYN-RECEIVED: SND.UNA < SEG.ACK =< SND.NXT leads to ESTABLISHED, and its window is taken', () => {
    const t = synReceived(target);
    t.peer.send('A', { win: 777 });
    t.silence();
    expect(t.state()).toBe('ESTABLISHED');
    expect(t.info()).toMatchObject({ sndUna: 1, sndWnd: 777 });
  });

  test('SYN-RECEIVED: text that comes with the ACK is taken', () => {
    const t = synReceived(target);
    t.peer.send('PA', { text: 'hello' });
    t.accept();
    expect(t.recv()).toBe('hello');
    t.wait();
    t.expect('A', { ack: 6 });
  });

  test('SYN-RECEIVED: text and FIN that come with the ACK lead to CLOSE-WAIT', () => {
    const t = synReceived(target);
    t.peer.send('FPA', { text: 'hello' });
    t.expect('A', { ack: 7 });
    expect(t.state()).toBe('CLOSE-WAIT');
    t.accept();
    expect(t.recv()).toBe('hello');
    expect(t.recv()).toBe('');
  });

  test('SYN-RECEIVED: any other ACK is answered by <SEQ=SEG.ACK><CTL=RST>, and the state stays', () => {
    for (const begin of [synReceived, synReceivedActive]) {
      const t = begin(target);
      for (const ack of [0, 2, -1, 100_000]) {
        t.peer.send('A', { ack });
        t.expect('R', { seq: ack, absoluteAck: 0 });
      }
      expect(t.state()).toBe('SYN-RECEIVED');
      expect(t.counter('TcpBadAck')).toBe(4);
    }
  });

  test.each(SYNCHRONIZED)(
    'ack-future: in %s an ACK of something not yet sent is answered by an ACK and dropped',
    (state, begin) => {
      const t = begin(target);
      const { sndMax, rcvNxt, sndUna } = t.info()!;
      t.peer.send('A', { ack: sndMax + 1, win: 1 });
      t.expect('A', { seq: sndMax, ack: rcvNxt, len: 0 });
      expect(t.state()).toBe(state);
      expect(t.info()).toMatchObject({ sndUna, sndWnd: 65535 });
    },
  );

  test('ack-future: text with such an ACK is not taken', () => {
    const t = established(target);
    t.peer.send('PA', { seq: 1, text: 'hello', ack: 2 });
    t.expect('A', { seq: 1, ack: 1 });
    expect(t.recv()).toBe('EAGAIN');
  });

  test('5961-3 ack-range-rfc5961: an ACK older than MAX.SND.WND is challenged, MAY-12', () => {
    const t = established(target, { win: 1000 });
    t.peer.send('PA', { text: 'x', ack: 1 - 1000, win: 1000 });
    t.advance(100);
    t.expect('A', { ack: 2 });
    t.peer.send('PA', { text: 'y', ack: 1 - 1001, win: 1000 });
    t.expect('A', { seq: 1, ack: 2 });
    expect(t.recv()).toBe('x');
    expect(t.counter('TcpChallengeAcks')).toBe(1);
  });

  test('an old ACK within that range is ignored; the text with it is taken', () => {
    const t = established(target);
    t.send('hello');
    t.expect('A', { len: 5 });
    t.peer.send('A', { ack: 6 });
    t.peer.send('PA', { ack: 3, text: 'x' });
    expect(t.info()?.sndUna).toBe(6);
    expect(t.recv()).toBe('x');
    t.wait();
    t.expect('A', { ack: 2 });
  });

  test('an ACK of a part moves SND.UNA; what is acknowledged makes room', () => {
    const t = established(target);
    expect(t.send(octets(target.ring + 100))).toBe(target.ring);
    t.forget();
    t.peer.send('A', { ack: 101 });
    expect(t.info()).toMatchObject({ sndUna: 101, sendQueue: target.ring - 100 });
    expect(t.send(octets(200))).toBe(100);
    t.forget();
  });

  test('window-update-ordering: SND.WL1 < SEG.SEQ', () => {
    const t = established(target);
    t.peer.send('A', { text: 'abc', win: 1000 });
    expect(t.info()?.sndWnd).toBe(1000);
    t.peer.send('A', { text: 'def', win: 900 });
    expect(t.info()?.sndWnd).toBe(900);
    t.peer.send('A', { seq: 1, text: 'abcdefg', win: 5000 }); // begins before the segment that set the window
    expect(t.info()?.sndWnd).toBe(900);
    t.advance(100);
    t.forget();
  });

  test('window-update-ordering: SND.WL1 = SEG.SEQ and SND.WL2 =< SEG.ACK', () => {
    const t = established(target);
    t.send('hello');
    t.forget();
    t.peer.send('A', { ack: 1, win: 2000 });
    expect(t.info()?.sndWnd).toBe(2000);
    t.peer.send('A', { ack: 6, win: 3000 });
    expect(t.info()?.sndWnd).toBe(3000);
    t.peer.send('A', { ack: 1, win: 4000 }); // an older ACK that was overtaken
    expect(t.info()?.sndWnd).toBe(3000);
    t.peer.send('A', { ack: 6, win: 3500 });
    expect(t.info()?.sndWnd).toBe(3500);
  });

  test('MUST-1 window-field-is-unsigned, REC-1 window-32-bit-inside: 65535 and 32768 are large windows', () => {
    for (const win of [65535, 32768]) {
      const t = established(target, { win });
      expect(t.info()?.sndWnd).toBe(win);
      t.send('hello');
      t.expect('PA', { text: 'hello' });
      expect(t.counter('TcpWindowProbes')).toBe(0);
    }
  });

  test('FIN-WAIT-1: an ACK of our FIN leads to FIN-WAIT-2', () => {
    const t = finWait1(target);
    t.peer.send('A', { ack: 2 });
    t.silence();
    expect(t.state()).toBe('FIN-WAIT-2');
  });

  test('FIN-WAIT-1: an ACK of the text before our FIN does not', () => {
    const t = established(target);
    t.send('hello');
    t.shutdown(1);
    t.forget();
    t.peer.send('A', { ack: 6 });
    expect(t.state()).toBe('FIN-WAIT-1');
    t.peer.send('A', { ack: 7 });
    expect(t.state()).toBe('FIN-WAIT-2');
  });

  test('FIN-WAIT-2: an ACK changes nothing', () => {
    const t = finWait2(target);
    t.peer.send('A', { ack: 2 });
    t.silence();
    expect(t.state()).toBe('FIN-WAIT-2');
  });

  test('CLOSING: an ACK of our FIN leads to TIME-WAIT, any other is ignored', () => {
    const t = closing(target);
    t.peer.send('A', { ack: 1 });
    expect(t.state()).toBe('CLOSING');
    t.peer.send('A', { ack: 2 });
    t.silence();
    expect(t.state()).toBe('TIME-WAIT');
  });

  test('LAST-ACK: an ACK of all that is out ends nothing while text and FIN are still to come', () => {
    const t = established(target, { win: 100 });
    t.peer.win = 100;
    t.peer.send('FA');
    t.expect('A', { ack: 2 });
    t.send(octets(150));
    t.expect('A', { len: 100 });
    t.close();
    t.peer.send('A');
    t.expect('FPA', { seq: 101, len: 50 });
    expect(t.state()).toBe('LAST-ACK');
    t.peer.send('A');
    expect(t.state()).toBe('CLOSED');
  });

  test('LAST-ACK: an ACK of our FIN leads to CLOSED, any other is ignored', () => {
    const t = lastAck(target);
    t.peer.send('A', { ack: 1 });
    expect(t.state()).toBe('LAST-ACK');
    t.peer.send('A', { ack: 2 });
    t.silence();
    expect(t.state()).toBe('CLOSED');
  });

  test('TIME-WAIT: an ACK changes nothing', () => {
    const t = timeWait(target);
    t.peer.send('A', { ack: 2 });
    t.silence();
    expect(t.state()).toBe('TIME-WAIT');
  });
});
