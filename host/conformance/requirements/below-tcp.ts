// SPDX-License-Identifier: MIT
// What lies below TCP: RFC 1122 §2 and §3 with the documents that brought them up to date, UDP as far as it is refused,
// ARP and address conflicts. The ids are ours, but for the number of the document.

import { group } from '../requirement.ts';

const LARGE_ONLY = { note: 'in `large-port`; the boards’ builds drop fragments and count them' };
const NO_PROBES =
  'the address is not probed before it is used: the host gives it, and the wire is not kept waiting';
const NO_UDP = 'no UDP is sent and no port is open';

export const LINK = group('RFC 1122, link layer', [
  ['1122-L1', 'MUST', '2.3.2.1', 'Entries of the ARP cache are asked for again, and forgotten.'],
  ['1122-L2', 'MUST', '2.3.2.1', 'One address is asked for once a second at most.'],
  ['1122-L3', 'SHOULD', '2.3.2.2', 'What waits for an address is sent when the answer comes.'],
  ['1122-L4', 'MUST', '2.3.3', 'Frames are Ethernet II.'],
  ['1122-L5', 'MUST', '2.4', 'IP knows whether a frame was sent to all.'],
  ['1122-L6', 'MUST NOT', '2.4', 'An address that ARP does not know is not reported as unreachable.'],
]);

export const INTERNET = group('RFC 1122, IP', [
  ['1122-I1', 'MUST', '3.2.1.1', 'Other versions than 4 are dropped without a word.'],
  ['1122-I2', 'MUST', '3.2.1.2', 'A header with a wrong checksum is dropped without a word.'],
  ['1122-I3', 'MUST', '3.2.1.3', 'What is for others is dropped without a word: nothing is forwarded.'],
  [
    '1122-I4',
    'MUST',
    '3.2.1.3',
    'What comes from an address that no host can have is dropped without a word.',
  ],
  ['1122-I5', 'MUST NOT', '3.2.1.3', 'Nothing is sent to 127/8 or from it.'],
  ['1122-I6', 'MUST', '3.2.1.4', 'Fragments are reassembled.', LARGE_ONLY],
  ['1122-I7', 'MUST NOT', '3.2.1.7', 'A TTL of 0 or 1 does not keep a datagram for us from being taken.'],
  ['1122-I8', 'MUST', '3.2.1.7', 'The TTL of what is sent can be set.'],
  ['1122-I9', 'MUST', '3.2.1.8', 'IP options that are unknown or malformed are passed over.'],
  [
    '1122-I10',
    'MUST',
    '791 §3.1',
    'The total length rules: padding is cut, and a frame that is too short dropped.',
  ],
  ['1122-I11', 'MUST', '3.3.2', 'Reassembly gives up after 60 to 120 s.', LARGE_ONLY],
  ['1122-I12', 'MUST', '3.3.2', 'When reassembly gives up, the sender is told by ICMP.', LARGE_ONLY],
  ['1122-I13', 'MUST', '3.3.1.1', 'The netmask tells what goes straight and what to the gateway.'],
  ['1122-I14', 'MUST', '3.3.6', 'The broadcast addresses are known, of all hosts and of our network.'],
  ['1122-I15', 'SHOULD', '3.3.6', 'A datagram to our address in a frame to all is dropped.'],
  ['791-1', 'MUST', '791 §3.2', 'Fragments that overlap or reach beyond 65,535 octets do no harm.'],
  [
    '6864-1',
    'MUST',
    '6864 §4.1',
    'The identification matters only where a datagram can be fragmented: here it never can.',
  ],
  [
    '1191-1',
    'MUST',
    '1191 §3',
    'DF is set, and “fragmentation needed” makes segments smaller, to a floor.',
    { note: 'the floor is 576; only `large-port` raises the path MTU again, after ten minutes' },
  ],
  ['5927-1', 'SHOULD', '5927 §4.1', 'An ICMP error is believed only if it quotes what is in flight.'],
  [
    '1624-1',
    'MUST',
    '1624 §3',
    'A checksum that is updated in place never becomes the other zero.',
    { notApplicable: 'checksums are computed anew for each datagram' },
  ],
  ['6056-1', 'SHOULD', '6056 §3.3', 'Ephemeral ports cannot be guessed from one to the next.'],
]);

export const ICMP = group('RFC 1122, ICMP', [
  ['1122-C1', 'MUST', '3.2.2', 'Unknown types are dropped without a word, and wrong checksums too.'],
  ['1122-C2', 'MUST', '3.2.2', 'An error quotes the header and eight octets, as they came.'],
  [
    '1122-C3',
    'MUST NOT',
    '3.2.2',
    'No error is sent about an error, a broadcast, a later fragment, a source that is no host.',
  ],
  ['1122-C4', 'SHOULD', '3.2.2.1', 'Protocols and ports that are not served are said to be unreachable.'],
  ['1122-C5', 'MUST', '3.2.2.1', 'Unreachables reach the connection that they are about.'],
  [
    '1122-C6',
    'MUST',
    '3.2.2.2',
    'A redirect from the first hop is obeyed.',
    { notMet: 'there is one gateway, and a forged redirect would lead everything astray' },
  ],
  ['6633-1', 'MUST NOT', '6633 §3', 'Source Quench is neither sent nor obeyed.'],
  ['1122-C7', 'MUST', '3.2.2.6', 'An echo comes back as it was, from the address that was asked.'],
  ['1122-C8', 'MAY', '3.2.2.6', 'An echo request to all may be ignored.'],
  ['1122-C9', 'MUST NOT', '3.2.2.9', 'Nobody gets an address mask from us.'],
]);

export const UDP = group('UDP, as far as it is refused', [
  [
    '1122-U1',
    'MUST',
    '4.1.3.4',
    'A checksum, if there is one, is checked before a port is called unreachable.',
  ],
  ['1122-U2', 'MUST', '768', 'Lengths that cannot be are dropped.'],
  ['1122-U3', 'MUST', '4.1.3.6', 'What comes from an address that no host can have is dropped.'],
  ['1122-U4', 'MUST', '4.1.3.3', 'ICMP errors reach the user of UDP.', { notApplicable: NO_UDP }],
]);

export const NEIGHBOURS = group('RFC 826 and RFC 5227, ARP', [
  ['826-1', 'MUST', '826', 'Hardware, protocol and their lengths are looked at first.'],
  ['826-2', 'MUST', '826', 'Any packet of a neighbour that is known refreshes its entry.'],
  ['826-3', 'MUST', '826', 'Who is not known is remembered only when asking for us.'],
  ['826-4', 'MUST', '826', 'A request for us is answered to the one who asked, a reply never.'],
  ['826-5', 'MUST', '826', 'Padding is no matter; what is too short is dropped.'],
  [
    '5227-1',
    'MUST',
    '5227 §2.1.1',
    'Before an address is used it is asked for three times.',
    { notMet: NO_PROBES },
  ],
  [
    '5227-2',
    'MUST',
    '5227 §2.1.1',
    'While probing, an answer or another’s probe is a conflict.',
    { notMet: NO_PROBES },
  ],
  [
    '5227-3',
    'MUST',
    '5227 §2.3',
    'An address that was found free is announced.',
    { notMet: 'once, when the link comes up; twice would be right' },
  ],
  ['5227-4', 'MUST', '5227 §1.1', 'A probe enters nothing into the cache.'],
  ['5227-5', 'MUST', '5227 §2.4', 'A conflict is answered: here by a defence, once in 10 s.'],
  ['5227-6', 'MUST', '5227 §2.1.1', 'After ten conflicts attempts are rare.', { notMet: NO_PROBES }],
  ['5227-7', 'MUST', '5227 §3', 'An announcement refreshes entries and makes none.'],
]);
