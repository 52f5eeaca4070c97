// SPDX-License-Identifier: MIT
// What an observer says of TCP segments beyond their control bits.

import { describe, expect, test } from 'vitest';
import { Conversations, connectionKey } from '../../host/view/conversation.ts';
import type { Told } from '../../host/view/conversation.ts';
import { ACK, FIN, PSH, RST, SYN, decode } from '../../host/view/decode.ts';
import { tcpFrame } from './frames.ts';
import type { Segment } from './frames.ts';

/** Initial sequence numbers; the second wraps within the first few octets. */
const ISS = [1000, 0xffff_fffe] as const;

/** A connection whose segments are given in relative numbers. */
function observer(conversations = new Conversations()) {
  const tell = (segment: Segment): Told => {
    const own = ISS[segment.from ?? 0];
    const peer = ISS[segment.from === 1 ? 0 : 1];
    const seq = (own + (segment.seq ?? 0)) >>> 0;
    const ack = segment.ack === undefined ? 0 : (peer + segment.ack) >>> 0;
    const { ip, tcp } = decode(tcpFrame({ ...segment, seq, ack }));
    return conversations.tell(ip!, tcp!);
  };
  return { tell, remarks: (segment: Segment) => tell(segment).remarks };
}

/** An observer that has seen the handshake. */
function established(options: number[] = []) {
  const it = observer();
  it.tell({ from: 0, flags: SYN, options });
  it.tell({ from: 1, flags: SYN | ACK, ack: 1, options });
  it.tell({ from: 0, flags: ACK, seq: 1, ack: 1 });
  return it;
}

describe('sequence numbers', () => {
  test('count from the SYN of each side, across the wrap', () => {
    const { tell } = established();
    expect(tell({ from: 1, flags: PSH | ACK, seq: 1, ack: 1, len: 10 })).toMatchObject({ seq: 1, ack: 1 });
    expect(tell({ from: 0, flags: ACK, seq: 1, ack: 11 })).toMatchObject({ seq: 1, ack: 11 });
    expect(tell({ from: 1, flags: ACK, seq: 11, ack: 1, len: 5 })).toMatchObject({ seq: 11, remarks: [] });
  });

  test('of a connection older than the observer count from 1', () => {
    const { tell } = observer();
    expect(tell({ from: 0, flags: ACK, seq: 500, ack: 700 })).toMatchObject({ seq: 1, ack: 1 });
    expect(tell({ from: 1, flags: ACK, seq: 700, ack: 510 })).toMatchObject({ seq: 1, ack: 11 });
  });

  test('of the reset that answers a SYN are 0 and 1', () => {
    const { tell } = observer();
    tell({ from: 0, flags: SYN });
    expect(tell({ from: 1, flags: RST | ACK, ack: 1 })).toMatchObject({ seq: 0, ack: 1 });
  });

  test('of SACK blocks count from the SYN of the side that sends the text', () => {
    expect(established().tell({ from: 0, flags: ACK, seq: 1, ack: 1 }).sackBase).toBe(ISS[1]);
  });
});

describe('windows', () => {
  const scale7 = [3, 3, 7, 1];
  test('are scaled when both sides offered to', () => {
    expect(established(scale7).tell({ flags: ACK, seq: 1, ack: 1, window: 10 }).window).toBe(1280);
  });

  test('are not when one side did not', () => {
    const { tell } = observer();
    tell({ from: 0, flags: SYN, options: scale7 });
    tell({ from: 1, flags: SYN | ACK, ack: 1 });
    expect(tell({ from: 0, flags: ACK, seq: 1, ack: 1, window: 10 }).window).toBe(10);
  });

  test('are not in a SYN', () => {
    const { tell } = observer();
    tell({ from: 0, flags: SYN, options: scale7 });
    expect(tell({ from: 1, flags: SYN | ACK, ack: 1, window: 10, options: scale7 }).window).toBe(10);
  });
});

describe('connections', () => {
  test('are numbered as they appear', () => {
    const { tell } = observer();
    const tellings = [{ port: 49152 }, { port: 49153 }, { port: 49152, seq: 1 }].map(tell);
    expect(tellings.map(({ connection, isNew }) => [connection, isNew])).toEqual([
      [1, true],
      [2, true],
      [1, false],
    ]);
  });

  test('are named after the ends of their first segment', () => {
    expect(observer().tell({ from: 1, flags: SYN }).name).toBe('10.0.0.2:80 > 10.0.0.1:49152');
  });

  test('begin anew with another SYN after a reset', () => {
    const { tell } = established();
    tell({ from: 1, flags: RST, seq: 1 });
    expect(tell({ from: 0, flags: SYN, seq: 5000 })).toMatchObject({ connection: 2, seq: 0 });
  });

  test('begin anew with another SYN after both sides have closed', () => {
    const { tell } = established();
    tell({ from: 0, flags: FIN | ACK, seq: 1, ack: 1 });
    tell({ from: 1, flags: FIN | ACK, seq: 1, ack: 2 });
    expect(tell({ from: 0, flags: SYN, seq: 5000 })).toMatchObject({ connection: 2, seq: 0 });
  });

  test('do not begin anew with a stray SYN', () => {
    expect(established().tell({ from: 0, flags: SYN, seq: 5000 }).connection).toBe(1);
  });

  test('are forgotten, the oldest first, when there are more than 4,096', () => {
    const { tell } = observer();
    for (let port = 10_000; port < 10_000 + 4097; port++) tell({ flags: SYN, port });
    expect(tell({ flags: ACK, port: 10_001, seq: 1 }).isNew).toBe(false);
    expect(tell({ flags: ACK, port: 10_000, seq: 1 }).isNew).toBe(true);
  });

  test('have one key from both ends', () => {
    expect(connectionKey('10.0.0.2', 80, '10.0.0.1', 5)).toBe(connectionKey('10.0.0.1', 5, '10.0.0.2', 80));
  });
});

describe('remarks', () => {
  test('none on a handshake, text, its acknowledgment and a close', () => {
    const { remarks } = observer();
    const conversation: Segment[] = [
      { from: 0, flags: SYN },
      { from: 1, flags: SYN | ACK, ack: 1 },
      { from: 0, flags: ACK, seq: 1, ack: 1 },
      { from: 0, flags: PSH | ACK, seq: 1, ack: 1, len: 100 },
      { from: 1, flags: ACK, seq: 1, ack: 101 },
      { from: 0, flags: FIN | ACK, seq: 101, ack: 1 },
      { from: 1, flags: ACK, seq: 1, ack: 102 },
      { from: 1, flags: FIN | ACK, seq: 1, ack: 102 },
      { from: 0, flags: ACK, seq: 102, ack: 2 },
    ];
    expect(conversation.flatMap(remarks)).toEqual([]);
  });

  test.each([
    ['text', { flags: PSH | ACK, seq: 1, ack: 1, len: 10 }],
    ['a SYN', { flags: SYN }],
    ['a FIN', { flags: FIN | ACK, seq: 1, ack: 1 }],
  ])('%s sent again is a retransmission', (_, segment) => {
    const { remarks } = segment.flags === SYN ? observer() : established();
    expect(remarks(segment)).toEqual([]);
    expect(remarks(segment)).toEqual(['retransmission']);
  });

  test('text beyond what was sent is out of order', () => {
    expect(established().remarks({ flags: ACK, seq: 101, ack: 1, len: 10 })).toEqual(['out of order']);
  });

  test('the same acknowledgment while text is outstanding is a duplicate, counted until it moves', () => {
    const { tell, remarks } = established();
    tell({ from: 1, flags: ACK, seq: 1, ack: 1, len: 100 });
    const ack = { flags: ACK, seq: 1, ack: 1 };
    expect([ack, ack, { ...ack, ack: 51 }, { ...ack, ack: 51 }].flatMap(remarks)).toEqual([
      'duplicate ACK 1',
      'duplicate ACK 2',
      'duplicate ACK 1',
    ]);
  });

  test('the same acknowledgment with nothing outstanding is not a duplicate', () => {
    expect(established().remarks({ flags: ACK, seq: 1, ack: 1 })).toEqual([]);
  });

  test('a window of zero, the probe of it, and its opening', () => {
    const { tell, remarks } = established();
    expect(remarks({ from: 1, flags: ACK, seq: 1, ack: 1, window: 0 })).toEqual(['zero window']);
    expect(remarks({ from: 0, flags: ACK, seq: 1, ack: 1, len: 1 })).toEqual(['window probe']);
    expect(remarks({ from: 0, flags: ACK, seq: 1, ack: 1, len: 1 })).toEqual(['window probe']);
    tell({ from: 1, flags: ACK, seq: 1, ack: 1, window: 0 });
    expect(remarks({ from: 1, flags: ACK, seq: 1, ack: 1, window: 1460 })).toEqual(['window update']);
  });

  test('the answer to a probe is no duplicate, and what follows its opening no retransmission', () => {
    const { tell, remarks } = established();
    tell({ from: 1, flags: ACK, seq: 1, ack: 1, window: 0 });
    tell({ from: 0, flags: ACK, seq: 1, ack: 1, len: 1 });
    expect(remarks({ from: 1, flags: ACK, seq: 1, ack: 1, window: 0 })).toEqual(['zero window']);
    tell({ from: 1, flags: ACK, seq: 1, ack: 1, window: 1460 });
    expect(remarks({ from: 0, flags: ACK, seq: 1, ack: 1, len: 1460 })).toEqual([]);
  });

  test('what follows a probe that was taken is in order', () => {
    const { tell, remarks } = established();
    tell({ from: 1, flags: ACK, seq: 1, ack: 1, window: 0 });
    tell({ from: 0, flags: ACK, seq: 1, ack: 1, len: 1 });
    tell({ from: 1, flags: ACK, seq: 1, ack: 2, window: 1459 });
    expect(remarks({ from: 0, flags: ACK, seq: 2, ack: 1, len: 1459 })).toEqual([]);
  });

  test('text with a larger window is no window update', () => {
    const { remarks } = established();
    expect(remarks({ from: 1, flags: ACK, seq: 1, ack: 1, len: 5, window: 9000 })).toEqual([]);
  });

  test('an acknowledgment with a larger window is no window update', () => {
    const { tell, remarks } = established();
    tell({ from: 0, flags: ACK, seq: 1, ack: 1, len: 5 });
    tell({ from: 1, flags: ACK, seq: 1, ack: 1, window: 5 });
    expect(remarks({ from: 1, flags: ACK, seq: 1, ack: 6, window: 9000 })).toEqual([]);
  });

  test('a probe without text, as Linux sends it', () => {
    const { tell, remarks } = established();
    tell({ from: 0, flags: ACK, seq: 1, ack: 1, len: 10 });
    tell({ from: 1, flags: ACK, seq: 1, ack: 11, window: 0 });
    expect(remarks({ from: 0, flags: ACK, seq: 10, ack: 1 })).toEqual(['window probe']);
  });

  test('text that was in the window, sent again after the window closed, is no probe', () => {
    const { tell, remarks } = established();
    tell({ from: 0, flags: ACK, seq: 1, ack: 1, len: 20 });
    tell({ from: 1, flags: ACK, seq: 1, ack: 11, window: 0 });
    expect(remarks({ from: 0, flags: ACK, seq: 1, ack: 1, len: 10 })).toEqual(['retransmission']);
  });

  test.each([0, 1])('the last number named again with %i octets of text is a keep-alive (§3.8.4)', (len) => {
    const { tell, remarks } = established();
    tell({ from: 0, flags: ACK, seq: 1, ack: 1, len: 10 });
    tell({ from: 1, flags: ACK, seq: 1, ack: 11 });
    expect(remarks({ from: 0, flags: ACK, seq: 10, ack: 1, len })).toEqual(['keep-alive']);
  });

  test('one octet sent again that is not acknowledged is no keep-alive', () => {
    const { tell, remarks } = established();
    tell({ from: 0, flags: ACK, seq: 1, ack: 1, len: 1 });
    expect(remarks({ from: 0, flags: ACK, seq: 1, ack: 1, len: 1 })).toEqual(['retransmission']);
  });
});
