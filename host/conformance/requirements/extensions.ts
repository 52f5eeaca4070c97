// SPDX-License-Identifier: MIT
// Window scale and timestamps (RFC 7323), robustness and security (RFC 5961, 6528, 1337, 6191, 4987, 6429), ECN (RFC 3168)
// and what is smaller. The ids are ours, but for the number of the document.

import { group } from '../requirement.ts';

export const TIMESTAMPS = group('RFC 7323, window scale and timestamps, in builds with them', [
  ['7323-1', 'MUST', '2.2', 'A scale is in force when both SYNs had one, and stands nowhere else.'],
  ['7323-2', 'MUST NOT', '2.2', 'The window of a SYN is never scaled.'],
  ['7323-3', 'MUST', '2.3', 'A shift above 14 counts as 14.'],
  ['7323-4', 'SHOULD', '2.4', 'Rounding does not draw the window’s edge back.'],
  ['7323-5', 'MUST', '3.2', 'Agreed on, timestamps are in every segment but a RST; else in none.'],
  ['7323-6', 'SHOULD', '3.2', 'A segment without the one agreed on is dropped.'],
  ['7323-7', 'MUST', '3.2', 'The echo is 0 where there is no ACK.'],
  ['7323-8', 'MUST', '4.3', 'TS.Recent is taken from what is at the left edge, and newer.'],
  ['7323-9', 'MUST NOT', '4.1', 'Only an ACK of new text gives a sample.'],
  [
    '7323-10',
    'MUST',
    '5.3',
    'An older timestamp is acknowledged and dropped; not of a RST, and not after 24 days.',
  ],
  [
    '7323-11',
    'MUST',
    '5.4',
    'The clock ticks between once a millisecond and once a second, and begins anywhere.',
  ],
  ['7323-12', 'MUST', 'A', 'The MSS sent knows nothing of options; the text sent is shorter by them.'],
]);

export const ROBUSTNESS = group('RFC 5961 and its company, robustness', [
  [
    '5961-1',
    'MUST',
    '5961 §3.2',
    'A RST at RCV.NXT ends the connection; in the window it is challenged, outside dropped.',
  ],
  [
    '5961-2',
    'MUST',
    '5961 §4.2',
    'A SYN in a synchronized state is challenged, whatever its sequence number.',
  ],
  ['5961-3', 'MUST', '5961 §5.2', 'An ACK of what was not sent, or older than a window, is challenged.'],
  ['5961-4', 'SHOULD', '5961 §7', 'Challenges are limited, each connection for itself.'],
  [
    '6528-1',
    'SHOULD',
    '6528 §3',
    'Of one connection initial sequence numbers rise, of two they tell nothing.',
  ],
  [
    '1337-1',
    'MAY',
    '1337 §3',
    'A RST may be ignored in TIME-WAIT.',
    { note: 'by RFC 9293 §3.10.7.4 an exact one would end it' },
  ],
  [
    '6191-1',
    'SHOULD',
    '6191 §2',
    'A SYN beyond the last connection opens a new one out of TIME-WAIT; another does not.',
  ],
  ['4987-1', 'SHOULD', '4987 §3', 'Half-open connections are bounded, and those that stay silent give way.'],
  [
    '6429-1',
    'SHOULD',
    '6429 §3',
    'A connection whose peer answers probes and never opens its window can be given up.',
  ],
  ['mem-1', 'MUST', '–', 'Gaps, tiny segments and a tiny MSS cost bounded memory and work.'],
]);

export const ECN = group('RFC 3168, ECN, in builds with TCP_ECN', [
  ['3168-1', 'MUST', '6.1.1', 'ECN is agreed on in the SYNs; who only mirrors the bits has not agreed.'],
  [
    '3168-2',
    'MUST NOT',
    '6.1.4',
    'Only new text is marked: no SYN, no pure ACK, no retransmission, no probe.',
  ],
  ['3168-3', 'MUST', '6.1.3', 'What comes marked is echoed in every ACK until it was heard.'],
  ['3168-4', 'MUST', '6.1.2', 'An echo reduces the window once in a round trip, and is told so.'],
  ['3168-5', 'SHOULD', '6.1.1.1', 'A SYN that gets no answer goes again without ECN.'],
  ['3168-6', 'MUST', '5.3', 'A mark on one fragment marks the whole.'],
  ['3168-7', 'MUST', '6.1', 'A mark is no matter to a connection that did not agree.'],
]);

export const SMALLER = group('Smaller documents', [
  [
    '4821-1',
    'SHOULD',
    '4821 §7',
    'A path that swallows large segments is found out.',
    { notMet: 'left out: the floor of 576 is reached by ICMP only' },
  ],
  [
    '5682-1',
    'SHOULD',
    '5682 §2',
    'A timeout that was none is known by the two ACKs after it.',
    { notMet: 'refused: with RACK-TLP a spurious timeout is rare' },
  ],
  [
    '3522-1',
    'MAY',
    '3522 §3',
    'Timestamps tell a recovery that was none.',
    { notMet: 'refused: nothing is undone (9438-6)' },
  ],
  [
    '5482-1',
    'MAY',
    '5482 §3',
    'The ends tell each other their user timeouts.',
    { note: 'in builds with the option, where the user asks for it' },
  ],
]);
