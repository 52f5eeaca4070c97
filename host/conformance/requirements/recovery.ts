// SPDX-License-Identifier: MIT
// Retransmission and congestion: RFC 6298, 5681 with 3042, 6928 and 7661, 6582, 9937 (which took the place of 6937), 9438,
// 8985, and the selective acknowledgments they stand on: RFC 2018, 2883, 6675. The ids are ours, but for the number of the
// document.

import { group } from '../requirement.ts';

export const TIMER = group('RFC 6298, retransmission timer', [
  ['6298-1', 'SHOULD', '2.1', 'Before any sample the RTO is 1 s.'],
  ['6298-2', 'MUST', '2.2', 'The first sample sets SRTT to itself and RTTVAR to its half.'],
  ['6298-3', 'MUST', '2.3', 'Later samples move RTTVAR by a quarter first, then SRTT by an eighth.'],
  [
    '6298-4',
    'SHOULD',
    '2.4',
    'The RTO is 1 s at least.',
    { note: 'unless config says less: 250 ms in the board’s builds, 200 ms in the host’s' },
  ],
  ['6298-5', 'MAY', '2.5', 'A bound above, if there is one, is 60 s at least.'],
  ['6298-6', 'MUST NOT', '3', 'What was sent twice gives no sample, without timestamps.'],
  ['6298-7', 'MUST', '3', 'There is a sample in each round trip.'],
  [
    '6298-8',
    'SHOULD',
    '5',
    'The timer starts with text, begins anew with each ACK of new text, stops with the last.',
  ],
  ['6298-9', 'MUST', '5', 'When it expires the first segment goes again, and the RTO doubles.'],
  ['6298-10', 'MUST', '5.7', 'After a SYN that was lost, text begins with an RTO of 3 s.'],
  [
    '6298-11',
    'MAY',
    '5',
    'After many back-offs SRTT and RTTVAR may be cleared.',
    { notMet: 'refused: the next sample corrects them' },
  ],
  ['6298-12', 'MUST', '5', 'A new sample ends the back-off.'],
]);

export const CONGESTION = group('RFC 5681 and its company, congestion control', [
  [
    '6928-1',
    'MAY',
    '6928 §2',
    'The initial window may be ten segments.',
    { note: 'in the host’s build; the board’s rings hold three' },
  ],
  ['5681-1', 'MUST', '3.1', 'After a SYN that was lost the initial window is one segment.'],
  [
    '5681-2',
    'MUST',
    '3.1',
    'Slow start grows by a segment at most for each ACK, by no more than it acknowledges.',
  ],
  ['5681-3', 'MUST', '3.1', 'Congestion avoidance grows by a segment at most in a round trip.'],
  ['5681-4', 'MUST', '3.1', 'A loss sets ssthresh to half of what is in flight, two segments at least.'],
  ['5681-5', 'MUST', '3.1', 'A timeout sets cwnd to one segment; a second one leaves ssthresh.'],
  ['5681-6', 'SHOULD', '3.2', 'The third duplicate ACK retransmits; what is a duplicate is defined.'],
  ['5681-7', 'SHOULD', '3042 §2', 'The first two duplicate ACKs send a new segment each.'],
  ['5681-8', 'MUST', '3.2', 'In recovery cwnd grows with each duplicate and falls to ssthresh at the end.'],
  ['5681-9', 'SHOULD', '4.1', 'After a pause longer than the RTO cwnd is the initial window again.'],
  ['5681-10', 'SHOULD', '4.2', 'Out of order, and filling a gap: acknowledged at once.'],
  ['5681-11', 'MUST NOT', '4.2', 'No segment gets two ACKs, and no three go without one.'],
  ['5681-12', 'SHOULD', '7661 §4', 'A window that is not used does not grow.'],
  ['6582-1', 'MUST', '6582 §3.2', 'A partial ACK in recovery retransmits the next hole.'],
  ['6582-2', 'MUST', '6582 §3.2', 'A full ACK ends recovery without a burst.'],
  ['6582-3', 'MUST', '6582 §3.2', 'After a timeout duplicates of what was out before start nothing.'],
  [
    '9406-1',
    'SHOULD',
    '9406 §4',
    'Slow start ends when the round trip grows.',
    { notMet: 'refused: windows are small, and slow start ends at what the peer offers' },
  ],
]);

export const PRR = group('RFC 9937 (before: RFC 6937), proportional rate reduction', [
  ['9937-1', 'MUST', '6', 'In recovery as much is sent as brings the flight down to ssthresh in proportion.'],
  [
    '9937-2',
    'MUST',
    '6',
    'Below ssthresh no more than was delivered, and a segment more only after progress.',
  ],
  ['9937-3', 'MUST', '6', 'The first retransmission goes in any case.'],
  ['9937-4', 'MUST', '6', 'At the end of recovery cwnd is ssthresh.'],
  ['PRR-prop', 'MUST', '6', 'Whatever is lost, recovery sends no more than the bound.'],
]);

export const CUBIC = group('RFC 9438, CUBIC, in builds with TCP_CUBIC', [
  [
    '9438-1',
    'MUST',
    '4.6',
    'A loss leaves seven tenths of the window.',
    { note: 'eight where the round trip is the least ever seen: no queue, so noise' },
  ],
  ['9438-2', 'MUST', '4.2', 'The window follows the cubic function of the time since.'],
  ['9438-3', 'MUST', '4.3', 'The window is never below what Reno would have.'],
  ['9438-4', 'SHOULD', '4.7', 'A flow that comes second to its last maximum gives way sooner.'],
  ['9438-5', 'MUST', '4.8', 'After a timeout and after a pause the curve begins anew.'],
  [
    '9438-6',
    'SHOULD',
    '4.9',
    'A loss that was none is taken back.',
    { notMet: 'refused: RACK waits for what is only late, and windows are small' },
  ],
]);

export const SACK = group('RFC 2018, 2883 and 6675, selective acknowledgment, in builds with TCP_SACK', [
  ['2018-1', 'MUST NOT', '2018 §2', 'The permission stands in SYNs only; blocks go to those who gave it.'],
  ['2018-2', 'MUST', '2018 §4', 'The first block holds the segment that is answered.'],
  ['2018-3', 'SHOULD', '2018 §4', 'The blocks after the first repeat the latest, as many as fit.'],
  ['2018-4', 'SHOULD', '2018 §4', 'Every ACK has blocks while something is missing.'],
  ['2018-5', 'MUST NOT', '2018 §8', 'What was only selectively acknowledged stays in the ring.'],
  ['2018-6', 'MUST', '2018 §7', 'The three examples come out as they stand.'],
  ['2018-7', 'MUST', '2018 §3', 'Blocks that cannot be do no harm.'],
  ['2883-1', 'SHOULD', '2883 §4', 'A duplicate is reported in the first block.'],
  [
    '6675-1',
    'MUST',
    '6675 §4',
    'Three ranges, or more than two segments, above a hole mean that it is lost.',
  ],
  ['6675-2', 'MUST', '6675 §4', 'What is in the pipe is counted octet by octet.'],
  ['6675-3', 'MUST', '6675 §4', 'Lost holes go first, then new text, then the rest.'],
  ['6675-4', 'MUST', '6675 §5', 'One recovery reduces the window once.'],
  [
    '6675-5',
    'MAY',
    '6675 §4',
    'One rescue retransmission in a recovery: here where flow control holds new text back.',
  ],
  ['6675-6', 'SHOULD', '6675 §5.1', 'After a timeout what was reported is not trusted blindly.'],
]);

export const RACK = group('RFC 8985, RACK-TLP, in builds with TCP_SACK', [
  ['8985-1', 'MUST', '5.2', 'Of each segment it is known when it was sent, and whether again.'],
  [
    '8985-2',
    'MUST',
    '6.2',
    'The segment delivered last, by its time of sending, is the mark; a retransmission that cannot have been it is not.',
  ],
  ['8985-3', 'MUST', '6.2', 'Reordering is seen when an original below the highest is delivered late.'],
  [
    '8985-4',
    'SHOULD',
    '6.2',
    'The reordering window is 0 until it was, then a part of the least round trip.',
  ],
  ['8985-5', 'SHOULD', '6.2', 'D-SACKs widen the reordering window, sixteen recoveries without narrow it.'],
  [
    '8985-6',
    'MUST',
    '6.2',
    'What was sent so much earlier than the mark is lost; a timer waits for the rest.',
  ],
  ['8985-7', 'MUST', '6.3', 'A timeout marks the first segment and what is as old.'],
  ['8985-8', 'SHOULD', '7.2', 'The probe timeout is two round trips, and more for a single segment.'],
  ['8985-9', 'MUST', '7.3', 'The probe is new text, or the last segment again; one at a time.'],
  ['8985-10', 'MUST', '7.4', 'A probe that repaired a loss reduces the window once.'],
  ['8985-11', 'MUST', '3', 'A retransmission that is lost is found without a timeout.'],
]);
