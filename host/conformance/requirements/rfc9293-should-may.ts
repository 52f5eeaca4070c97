// SPDX-License-Identifier: MIT
// RFC 9293, SHLD-1 to SHLD-31, MAY-1 to MAY-18 and REC-1: the ids of Appendix B. What is permitted is built, or refused in
// a sentence.

import { group } from '../requirement.ts';

export const SHOULDS = group('RFC 9293, SHOULD', [
  [
    'SHLD-1',
    'SHOULD',
    '3.4.1',
    'Initial sequence numbers are a clock plus a keyed function of the connection.',
  ],
  ['SHLD-2', 'SHOULD', '3.5.3', 'A RST may carry text.'],
  ['SHLD-3', 'SHOULD', '3.6.1', 'CLOSE over unread text, and text after CLOSE, bring a RST.'],
  [
    'SHLD-4',
    'SHOULD',
    '3.6.1',
    'With timestamps TIME-WAIT can end early, as RFC 6191 says.',
    { note: 'in builds with timestamps; elsewhere by the sequence number (MAY-2)' },
  ],
  ['SHLD-5', 'SHOULD', '3.7.1', 'Every SYN has an MSS option when ours is not the default.'],
  [
    'SHLD-6',
    'SHOULD',
    '3.7.3',
    'Where the MTU of an interface varies, the MSS sent is computed from the smallest.',
    { notApplicable: 'the MTU of Ethernet is 1,500 octets and does not vary' },
  ],
  ['SHLD-7', 'SHOULD', '3.7.4', 'The Nagle algorithm is there.'],
  [
    'SHLD-8',
    'SHOULD',
    '3.8.2',
    'Explicit congestion notification as RFC 3168 says.',
    { note: 'in builds with it: the host’s, for it needs queues that mark' },
  ],
  ['SHLD-9', 'SHOULD', '3.8.3', 'The user that asks is told when R1 is reached.'],
  ['SHLD-10', 'SHOULD', '3.8.3', 'R1 is three retransmissions at least.'],
  ['SHLD-11', 'SHOULD', '3.8.3', 'R2 is a hundred seconds at least.'],
  ['SHLD-12', 'SHOULD', '3.8.4', 'A keep-alive carries no text.'],
  ['SHLD-13', 'SHOULD NOT', '3.8.5', 'New applications send no urgent text: the programs here do not.'],
  ['SHLD-14', 'SHOULD NOT', '3.8.6', 'The right edge of the window offered never goes back.'],
  ['SHLD-15', 'SHOULD NOT', '3.8.6', 'Beyond the edge of a shrunk window nothing new is sent.'],
  ['SHLD-16', 'SHOULD', '3.8.6', 'What lies inside a shrunk window is retransmitted as ever.'],
  ['SHLD-17', 'SHOULD NOT', '3.8.6', 'What lies beyond a shrunk window does not time the connection out.'],
  ['SHLD-18', 'SHOULD', '3.8.6.3', 'ACKs are delayed.'],
  ['SHLD-19', 'SHOULD', '3.8.6.3', 'Every second full segment is acknowledged.'],
  ['SHLD-20', 'SHOULD', '3.9.1.8', 'A user that wants no error reports gets none.'],
  ['SHLD-21', 'SHOULD', '3.9.1.9', 'The Differentiated Services field can be changed during a connection.'],
  ['SHLD-22', 'SHOULD', '3.9.1.9', 'The Differentiated Services field is passed to IP as it is.'],
  [
    'SHLD-23',
    'SHOULD NOT',
    '3.9.2',
    'Applications do not change that field midway: the programs here do not.',
  ],
  [
    'SHLD-24',
    'SHOULD',
    '3.9.2.1',
    'A later source route takes the place of an earlier one.',
    { notApplicable: 'no source route is honoured: MUST-51' },
  ],
  ['SHLD-25', 'SHOULD', '3.9.2.2', 'The user can learn of soft errors.'],
  [
    'SHLD-26',
    'SHOULD',
    '3.9.2.2',
    'Hard errors abort the connection.',
    {
      note: 'until it is synchronized; later they are taken as soft, which the clause mentions and RFC 5927 §5 advises, and code 4 is path MTU discovery',
    },
  ],
  ['SHLD-27', 'SHOULD', '3.9.1.2', 'Texts that were pushed one by one go together in the largest segment.'],
  ['SHLD-28', 'SHOULD', '3.9.1.2', 'Segments are as large as can be.'],
  ['SHLD-29', 'SHOULD', '3.8.6.1', 'The first probe goes when the window has been zero for one RTO.'],
  ['SHLD-30', 'SHOULD', '3.8.6.1', 'The time between probes grows exponentially.'],
  ['SHLD-31', 'SHOULD', '3.10.7.4', 'Segments out of order are kept.'],
]);

const PUSH = 'refused: all text is pushed when it is queued, and delivered when it comes';

export const MAYS = group('RFC 9293, MAY and RECOMMENDED', [
  ['MAY-1', 'MAY', '3.6.1', 'CLOSE may end both directions.'],
  [
    'MAY-2',
    'MAY',
    '3.6.1',
    'A new SYN may open a connection out of TIME-WAIT.',
    {
      note: 'only one beyond RCV.NXT, which none of an earlier connection is; so nothing returns to TIME-WAIT',
    },
  ],
  ['MAY-3', 'MAY', '3.7.1', 'The MSS option may always be sent.'],
  ['MAY-4', 'MAY', '3.8.1', 'A segment that is sent again may have the IP identification of the first.'],
  ['MAY-5', 'MAY', '3.8.4', 'There may be keep-alives.'],
  [
    'MAY-6',
    'MAY',
    '3.8.4',
    'Keep-alives may carry an octet of garbage, if so configured.',
    { notMet: 'refused: for peers of the 1980s; one that comes with an octet is answered' },
  ],
  [
    'MAY-7',
    'MAY',
    '3.8.6',
    'Old text beyond the edge of a shrunk window may be retransmitted.',
    { notMet: 'refused: it waits until the window opens; the peer has no room for it' },
  ],
  ['MAY-8', 'MAY', '3.8.6.1', 'Our window may stay closed for ever.'],
  [
    'MAY-9',
    'MAY',
    '3.9.1.9',
    'The Differentiated Services field received may be passed up.',
    { notMet: 'refused: nobody here has a use for it' },
  ],
  [
    'MAY-10',
    'MAY',
    '3.9.2',
    'The timestamp option of IP.',
    { notMet: 'refused: no IP options are sent; routers drop or delay what has them (RFC 7126)' },
  ],
  ['MAY-11', 'MAY', '3.9.2', 'The record route option of IP.', { notMet: 'refused: as MAY-10' }],
  ['MAY-12', 'MAY', '3.10.7.4', 'An ACK older than any window is challenged, as RFC 5961 says.'],
  ['MAY-13', 'MAY', '3.10.7.4', 'A segment out of order may be acknowledged at once.'],
  [
    'MAY-14',
    'MAY',
    '3.9.1.7',
    'There may be a FLUSH call.',
    { notMet: 'refused: no socket interface has one, and ABORT is there' },
  ],
  ['MAY-15', 'MAY', '3.9.1.2', 'SEND may have a PUSH flag.', { notMet: PUSH }],
  ['MAY-16', 'MAY', '3.9.1.2', 'Text of several SENDs may be gathered before it goes.'],
  ['MAY-17', 'MAY', '3.9.1.3', 'PSH may be shown to the reader.', { notMet: PUSH }],
  [
    'MAY-18',
    'MAY',
    '3.8.2',
    'Other congestion control that conforms to the standards.',
    { note: 'CUBIC, in builds with it' },
  ],
  ['REC-1', 'SHOULD', '3.1', 'Windows are kept as numbers of 32 bits.'],
]);
