// SPDX-License-Identifier: MIT
// Every number one may change: unit, permitted range, cost in octets of memory, clause. A profile in asconfig.json sets
// the numbers that `isDefined` names; relations between numbers are checked in memory.ts.

// --- sizes ----------------------------------------------------------------------------------------------------------

// CONFIG: TCP_CONNECTIONS, simultaneous connections, unit=count, min=1, max=64, ram=TCB + both rings each
export const TCP_CONNECTIONS: u32 = isDefined(CONNECTIONS) ? CONNECTIONS : 6;

// CONFIG: TCP_LISTENERS, listening sockets, unit=count, min=4 (the programs), max=16, ram=one socket each
export const TCP_LISTENERS: u32 = isDefined(LISTENERS) ? LISTENERS : 8;

// CONFIG: SYN_QUEUE, half-open connections of passive opens, unit=count, min=1, ram=32 each
export const SYN_QUEUE: u32 = TCP_CONNECTIONS + 2;

// CONFIG: SYN_COOKIES, 1 = SYNs beyond the queue are answered with a cookie (RFC 4987 §3.6), 0 = dropped, ram=32 when 1
export const SYN_COOKIES: u32 = isDefined(COOKIES) ? COOKIES : 1;

// CONFIG: TIME_WAIT_RECORDS, connections in TIME-WAIT that nobody owns, unit=count, min=1, ram=32 each
export const TIME_WAIT_RECORDS: u32 = 2 * TCP_CONNECTIONS;

// CONFIG: RECEIVE_RING, receive ring of a connection, unit=octets, min=64, max=65535, with TCP_WINDOW_SCALE 16777216;
// ram=itself per connection. A whole number of segments: an odd tail would be offered and never filled.
export const RECEIVE_RING: u32 = isDefined(RING) ? RING : 4380;

// CONFIG: SEND_RING, send ring of a connection, unit=octets, min=64, ram=itself per connection
export const SEND_RING: u32 = isDefined(RING) ? RING : 4380;

// CONFIG: LOCAL_MSS, largest segment we ask the peer to send (RFC 9293 §3.7.1), unit=octets, min=64, max=1460
export const LOCAL_MSS: u32 = isDefined(MSS) ? MSS : 1460;

// CONFIG: TCP_INTERVALS, runs of octets out of order that are kept per connection, unit=count, min=1, max=8, ram=8 each
export const TCP_INTERVALS: u32 = 4;

// CONFIG: TCP_RUNS, runs of octets in flight that are told apart per connection (tcp/scoreboard.ts), unit=count, min=4,
// max=255, ram=8 each. With fewer than there are holes, some that arrived is sent again.
export const TCP_RUNS: u32 =
  SEND_RING / LOCAL_MSS + 4 < 6 ? 6 : SEND_RING / LOCAL_MSS + 4 > 200 ? 200 : SEND_RING / LOCAL_MSS + 4;

// CONFIG: ARP_ENTRIES, neighbours remembered, unit=count, min=TCP_CONNECTIONS, ram=32 each
// One for every connection at least: with fewer, those that wait for an answer would push each other out.
export const ARP_ENTRIES: u32 = TCP_CONNECTIONS + 2;

// CONFIG: IO_BUFFER, staging area of the copying calls of a host, unit=octets, min=64, ram=itself
export const IO_BUFFER: u32 = 512;

// CONFIG: HEADER_PREDICTION, 1 = a short way for the segments that nearly always come, and for what nearly always leaves
// (tcp/prediction.ts, tcp/output.ts); 2 = and text leaves without calls, some 800 octets of code more; 0 = all go the
// general way: a test compares the two
export const HEADER_PREDICTION: u32 = isDefined(PREDICTION) ? PREDICTION : 2;

// --- features of TCP: 0 = not in the binary. What each weighs: README -------------------------------------------------

// CONFIG: TCP_SACK, selective acknowledgment both ways, RFC 2018 and 2883, and with it RACK-TLP, RFC 8985, 0 or 1, ram=32
// per connection. One switch: with windows of a few segments SACK without RACK does worse than none.
export const TCP_SACK: u32 = isDefined(SACK) ? SACK : 1;

// CONFIG: TCP_WINDOW_SCALE, windows beyond 65,535 octets, RFC 7323 §2, 0 or 1
export const TCP_WINDOW_SCALE: u32 = isDefined(WINDOW_SCALE) ? WINDOW_SCALE : 0;

// CONFIG: TCP_TIMESTAMPS, timestamps with PAWS, RFC 7323 §3 to §5, 0 or 1, ram=16 per connection
export const TCP_TIMESTAMPS: u32 = isDefined(TIMESTAMPS) ? TIMESTAMPS : 0;

// CONFIG: TCP_CUBIC, 1: CUBIC, RFC 9438; 0: NewReno's window, RFC 5681, ram=16 per connection
export const TCP_CUBIC: u32 = isDefined(CUBIC) ? CUBIC : 0;

// CONFIG: TCP_ECN, explicit congestion notification, RFC 3168, 0 or 1
export const TCP_ECN: u32 = isDefined(ECN) ? ECN : 0;

// CONFIG: TCP_USER_TIMEOUT_OPTION, the user timeout option, RFC 5482, 0 or 1
export const TCP_USER_TIMEOUT_OPTION: u32 = isDefined(USER_TIMEOUT_OPTION) ? USER_TIMEOUT_OPTION : 0;

// --- link -----------------------------------------------------------------------------------------------------------

// CONFIG: PORT_LINK, 0 = the ENC28J60 over SPI, 1 = frames through memory, ram=3 * 1520 when 1
export const PORT_LINK: u32 = isDefined(PORT) ? PORT : 0;

// CONFIG: HOST_SUMS, of the port link: 0 = the module copies and sums the text of segments, 1 = the host does, by one call
export const HOST_SUMS: u32 = isDefined(SUMS) ? SUMS : 0;

// CONFIG: FRAMES_PER_POLL, frames received before timers and transmission have their turn, unit=count, min=1
export const FRAMES_PER_POLL: u32 = 8;

// CONFIG: LINK_FULL_DUPLEX, 0 = half, 1 = full, where both ends are set to it: the ENC28J60 cannot negotiate, and to a
// partner that can it looks like a half-duplex station
export const LINK_FULL_DUPLEX: u32 = isDefined(FULL_DUPLEX) ? FULL_DUPLEX : 0;

// CONFIG: LINK_POLL, longest time between two looks at the chip: how long a frame can wait of which INT does not tell
// (ENC28J60 erratum 6), unit=ms, min=1
export const LINK_POLL: u32 = 20;

// CONFIG: LINK_AUDIT, time between two audits of the chip and of the link's state, unit=ms, min=100
export const LINK_AUDIT: u32 = 1_000;

// CONFIG: LINK_CHECK, the same while the link is down, and the shortest after a change of it, unit=ms, min=10
export const LINK_CHECK: u32 = 100;

// CONFIG: LINK_RETRY, pause before a chip that does not answer, or was started a moment ago, is started again, unit=ms
export const LINK_RETRY: u32 = 1_000;

// --- ARP and ICMP ---------------------------------------------------------------------------------------------------

// CONFIG: ARP_LIFETIME, time after which a neighbour is asked again, RFC 1122 §2.3.2.1 (about a minute), unit=ms
export const ARP_LIFETIME: u32 = 60_000;

// CONFIG: ARP_INTERVAL, time between two requests for one address, RFC 1122 §2.3.2.1 (at most one a second), unit=ms
export const ARP_INTERVAL: u32 = 1_000;

// CONFIG: ARP_ATTEMPTS, unanswered requests after which a neighbour is forgotten, unit=count
export const ARP_ATTEMPTS: u32 = 3;

// CONFIG: ICMP_ERROR_INTERVAL, shortest time between two ICMP errors that we send, RFC 1812 §4.3.2.8, unit=ms
export const ICMP_ERROR_INTERVAL: u32 = 20;

// CONFIG: REASSEMBLY, longest payload of a datagram that is put together from fragments, RFC 791 §3.2, unit=octets, 0 = not
// in the binary and fragments are dropped, min=1480 (RFC 1122 §3.3.2: what the network carries whole), max=65515,
// ram=itself and a 64th, and 136
export const REASSEMBLY: u32 = isDefined(REASSEMBLY_OCTETS) ? REASSEMBLY_OCTETS : 0;

// CONFIG: REASSEMBLY_TIMEOUT, how long fragments wait for the rest, from the first on (RFC 1122 §3.3.2: 60-120 s), unit=ms
export const REASSEMBLY_TIMEOUT: u32 = 60_000;

// CONFIG: REASSEMBLY_QUIET, time without a fragment after which a datagram gives way to any other, unit=ms
export const REASSEMBLY_QUIET: u32 = 200;

// CONFIG: IP_TTL, time to live of what we send (RFC 1122 §3.2.1.7), unit=hops, min=1, max=255
export const IP_TTL: u32 = 64;

// --- TCP ------------------------------------------------------------------------------------------------------------

// CONFIG: DEFAULT_MSS, the peer's MSS when it names none (RFC 9293 §3.7.1), unit=octets
export const DEFAULT_MSS: u32 = 536;

// CONFIG: MIN_MSS, least segment a peer or a router can talk us down to, against floods of tiny segments, unit=octets
export const MIN_MSS: u32 = 48;

// CONFIG: PATH_MTU_AGING, time after which a path MTU that routers have made smaller is tried as large as before, RFC 1191
// §6.3 (at least 10 minutes), 0 = never; not 0: routers that name no MTU are met with the table of §7, ram=8 per
// connection, unit=ms
export const PATH_MTU_AGING: u32 = isDefined(MTU_AGING) ? MTU_AGING : 0;

// CONFIG: INITIAL_WINDOW, IW: 4 as of RFC 5681 §3.1, 10 as of RFC 6928 §2, unit=segments
export const INITIAL_WINDOW: u32 = isDefined(IW) ? IW : 4;

// CONFIG: LOSS_WITHOUT_QUEUE, what remains of the congestion window after a loss while the newest round trip is the least
// ever seen: there is no queue, so the loss tells of noise rather than of congestion (after TCP Veno, 2003). It remains the
// initial window at least, which a new connection would have unasked. Where a queue shows, and everywhere with 0, the
// congestion control's own factor applies. unit=per cent. Only with TCP_SACK, whose RACK knows the round trips, and
// TCP_CUBIC: windows of a few segments have no use for it
export const LOSS_WITHOUT_QUEUE: u32 = TCP_SACK && TCP_CUBIC ? 80 : 0;

// CONFIG: MAX_ACK_DELAY, how long a peer may hold back the ACK of a single segment (WCDelAckT, RFC 8985 §7.2), unit=ms
export const MAX_ACK_DELAY: u32 = 200;

// CONFIG: RTO_INITIAL, RTO before any sample (RFC 6298 §2.1), unit=ms
export const RTO_INITIAL: u32 = 1_000;

// CONFIG: RTO_MIN, least RTO, unit=ms. RFC 6298 §2.4 asks for 1 s. Most hosts have 200 ms, and under loss it is what counts
// most; the boards' builds have a little more than the 200 to 250 ms by which peers delay an ACK.
export const RTO_MIN: u32 = isDefined(RTO_LEAST) ? RTO_LEAST : 1_000;

// CONFIG: RTO_MARGIN, what the RTO adds to SRTT at least, G of RFC 6298 §2: a short RTO is no shorter than the round trip
// and a delayed ACK, unit=ms
export const RTO_MARGIN: u32 = isDefined(RTO_LEAST) ? RTO_LEAST : 1;

// CONFIG: RTO_MAX, greatest RTO and greatest time between two window probes (RFC 6298 §2.5: at least 60 s), unit=ms
export const RTO_MAX: u32 = 60_000;

// CONFIG: RTO_AFTER_SYN_LOSS, RTO when the SYN had to be repeated (RFC 6298 §5.7), unit=ms
export const RTO_AFTER_SYN_LOSS: u32 = 3_000;

// CONFIG: R1, retransmissions of one segment after which IP is told (RFC 9293 §3.8.3: at least 3), unit=count
export const R1: u32 = 3;

// CONFIG: USER_TIMEOUT, R2: time without progress after which a connection is given up (RFC 9293 §3.8.3: at least 100 s)
// A backed-off RTO of a minute must have some tries: at 20 % loss 120 s end half of all transfers, 600 s none. unit=ms
export const USER_TIMEOUT: u32 = 600_000;

// CONFIG: SYN_TIMEOUT, R2 of a SYN (RFC 9293 MUST-23: at least 180 s), unit=ms
export const SYN_TIMEOUT: u32 = 180_000;

// CONFIG: DELAYED_ACK, longest delay of an ACK (RFC 9293 §3.8.6.3: below 500 ms), unit=ms
export const DELAYED_ACK: u32 = 100;

// CONFIG: OVERRIDE_TIMEOUT, how long silly-window avoidance may hold text back (RFC 9293 §3.8.6.2.1: 100 … 1000), unit=ms
export const OVERRIDE_TIMEOUT: u32 = 200;

// CONFIG: MSL, maximum segment lifetime; TIME-WAIT lasts twice as long. RFC 9293 §3.4.2 says 2 minutes; common
// practice is 30 s, and six connections are too few to sleep for four minutes. unit=ms
export const MSL: u32 = 30_000;

// CONFIG: FIN_WAIT_2_TIMEOUT, how long a connection that nobody owns waits for the peer's FIN, unit=ms
export const FIN_WAIT_2_TIMEOUT: u32 = 60_000;

// CONFIG: KEEPALIVE_IDLE, default idle time before the first keep-alive (RFC 9293 MUST-28: at least two hours), unit=s
export const KEEPALIVE_IDLE: u32 = 7_200;

// CONFIG: KEEPALIVE_INTERVAL, default time between two keep-alives, unit=s
export const KEEPALIVE_INTERVAL: u32 = 75;

// CONFIG: KEEPALIVE_COUNT, default number of unanswered keep-alives that end a connection, unit=count
export const KEEPALIVE_COUNT: u32 = 9;

// CONFIG: CHALLENGE_ACKS, challenge ACKs per connection and second (RFC 5961 §7), unit=count
export const CHALLENGE_ACKS: u32 = 5;

// --- programs -------------------------------------------------------------------------------------------------------

// CONFIG: PROGRAM_IDLE, idle time after which a program's connection is probed by keep-alives, unit=s
export const PROGRAM_IDLE: u32 = 60;

// CONFIG: PROGRAM_YIELD, when others wait, a program's connection whose peer was silent for so long may be taken, unit=ms
export const PROGRAM_YIELD: u32 = 10_000;

// CONFIG: PROGRAM_LEAST, text, both ways together, that such a connection must move in that time to be kept when others
// wait, unit=octets
export const PROGRAM_LEAST: u32 = 512;

// CONFIG: HTTP_IDLE, time without progress after which the HTTP server closes a connection, unit=ms
export const HTTP_IDLE: u32 = 15_000;
