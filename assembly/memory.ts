// SPDX-License-Identifier: MIT
// The one map of every static region, in this order; what a build has not has the address 0. Nothing else reserves memory
// but the texts of the programs and the tables of driver and ARP; nothing is ever allocated. The compiler refuses a profile
// that passes its budget.
//
//  | TIME | driver | COUNTERS | HOST | TEMPLATE | port | receive scratch | REPLY | PIECE | ARP | ICMP | REASSEMBLY |
//  | TCP | RECORDS | SOCKETS | PROGRAMS | INFO | IO | texts, tables | TCBS |
//
// TCBS, at the end, is nearly all of it: TCP_CONNECTIONS times control block, header template and both rings.

import {
  ARP_ENTRIES,
  IO_BUFFER,
  LOCAL_MSS,
  PORT_LINK,
  REASSEMBLY,
  RECEIVE_RING,
  SEND_RING,
  SYN_COOKIES,
  SYN_QUEUE,
  TCP_CONNECTIONS,
  TCP_LISTENERS,
  TCP_SACK,
  TCP_TIMESTAMPS,
  TCP_USER_TIMEOUT_OPTION,
  TCP_WINDOW_SCALE,
  TIME_WAIT_RECORDS,
} from './config';
import { Counter } from './counters';
import { RECORD_OCTETS } from './tcp/record';
import { CONTROL_OCTETS, TCB_OCTETS } from './tcp/tcb';
import { SOCKET_OCTETS } from './socket/socket';
import { TIMESTAMPS_OCTETS } from './wire/tcp';

/** Now and the earliest deadline: time.ts. */
export const TIME: usize = memory.data(8, 8);

/** Of the ENC28J60's driver: link/enc28j60/state.ts. */
export const DRIVER_STATE: usize = PORT_LINK ? 0 : memory.data(248, 8);

/** One u32 per Counter: counters.ts. */
export const COUNTERS: usize = memory.data(Counter.Count * 4, 8);

/** Our addresses: ip/host.ts. */
export const HOST: usize = memory.data(32, 8);

/** What all datagrams of ours begin with, an `Outgoing` without a transport header: ip/ipv4.ts. */
export const TEMPLATE: usize = memory.data(48, 8);

/** Of the port link: its state, and three frames. */
export const PORT_STATE: usize = PORT_LINK ? memory.data(16, 8) : 0;
export const PORT_BUFFERS: usize = PORT_LINK ? memory.data(4560, 8) : 0;

/**
 * The headers of the frame in hand: the link's own 6, Ethernet 14, IPv4 60. Behind an IPv4 header of 20 octets follows that
 * of the transport; behind a longer one it has a place of its own, 60. With the port link frame and headers are one.
 */
const HEADERS: usize = memory.data(144, 8);
export const RX_ETHERNET: usize = PORT_LINK ? PORT_BUFFERS + 6 : HEADERS + 10;
/** Octets of a frame that are there at once: all three headers without options. */
export const HEAD: u32 = 54;
export const RX_NETWORK: usize = RX_ETHERNET + 14;
export const RX_TRANSPORT: usize = HEADERS + 84;

/** What is said of it: ip/ipv4.ts, tcp/segment.ts. */
export const DATAGRAM: usize = memory.data(24, 8);
export const SEGMENT: usize = memory.data(80, 8);

/** The options of the segment that is being composed: at most 40 octets. */
export const OPTIONS: usize = memory.data(40, 8);

/** The options of a SYN,ACK: at most that. */
const SYN_OPTIONS: u32 =
  4 + // MSS
  (TCP_SACK ? 4 : 0) +
  (TCP_TIMESTAMPS ? TIMESTAMPS_OCTETS : 0) +
  (TCP_WINDOW_SCALE ? 4 : 0) +
  (TCP_USER_TIMEOUT_OPTION ? 4 : 0);

/**
 * Header of a reply that belongs to no TCB: ARP, ICMP, a reset, a SYN,ACK. An `Outgoing` and, behind it, the options of a
 * SYN,ACK; or an Ethernet frame of ARP.
 */
export const REPLY: usize = memory.data(68 + SYN_OPTIONS, 8);

/** Passing through: a piece of an echo, a quoted header, a line of a page. */
export const PIECE_OCTETS: u32 = 256;
export const PIECE: usize = memory.data(
  PIECE_OCTETS < <u32>CONTROL_OCTETS ? <u32>CONTROL_OCTETS : PIECE_OCTETS,
  8,
);

/** In the same place, passing through as well: the TCB that is made of a record, tcp/records.ts. */
export const SCRATCH: usize = PIECE;

/** Neighbours: ip/arp.ts. */
export const ARP: usize = memory.data(ARP_ENTRIES * 32 + 8, 8);

/** When the next ICMP error may be sent. */
export const ICMP_LIMIT: usize = memory.data(4, 4);

/** Whether what was sent last is of a connection: tcp/output.ts. */
export const LAST_OF_CONNECTION: usize = memory.data(4, 4);

/** The datagram that is put together, the table of its parts and its payload: ip/reassembly.ts. */
const TABLE_OCTETS: u32 = (((REASSEMBLY + 255) / 256) * 4 + 7) & ~7; // a bit for eight octets
export const FRAGMENTS: usize = REASSEMBLY ? memory.data(128 + TABLE_OCTETS + ((REASSEMBLY + 7) & ~7), 8) : 0;
export const FRAGMENT_TABLE: usize = FRAGMENTS + 128;
export const FRAGMENT_TEXT: usize = FRAGMENT_TABLE + TABLE_OCTETS;

/** The secret of the ISNs and what else TCP keeps beside its TCBs: tcp/tcbs.ts, tcp/isn.ts. */
export const TCP_STATE: usize = memory.data(64, 8);

/** Where to look for a connection, be it a TCB or a record: tcp/buckets.ts. */
export const TCP_BUCKETS: u32 = TCP_CONNECTIONS <= 8 ? 16 : 128;
export const BUCKETS: usize = memory.data(TCP_BUCKETS * 4, 8);

/** Who listens: tcp/listeners.ts. */
export const LISTENERS_TABLE: usize = memory.data(TCP_LISTENERS * 8, 8);

/** Connections without a TCB: tcp/records.ts. */
const RECORDS_OCTETS: u32 = (SYN_QUEUE + SYN_COOKIES + TIME_WAIT_RECORDS) * RECORD_OCTETS;
export const RECORDS: usize = memory.data((RECORDS_OCTETS + 7) & ~7, 8);
export const RECORDS_END: usize = RECORDS + RECORDS_OCTETS;

/** Sockets: socket/socket.ts. */
export const SOCKET_COUNT: u32 = TCP_CONNECTIONS + TCP_LISTENERS;
export const SOCKETS: usize = memory.data(SOCKET_COUNT * SOCKET_OCTETS + 8, 8);

/** What the programs keep: apps/programs.ts. */
export const PROGRAMS: usize = memory.data(32, 8);

/** Answer of connectionInfo: socket/info.ts. */
export const INFO: usize = memory.data(132, 8);

/** Staging area of the copying calls of a host. */
export const IO: usize = memory.data(IO_BUFFER, 8);

/**
 * Connections: tcp/tcb.ts. Reserved when a function first names it, which is after every table and text: the addresses of
 * those are small then, and take an octet of code less.
 */
export abstract class Table {
  @lazy static readonly TCBS: usize = memory.data(TCP_CONNECTIONS * <u32>TCB_OCTETS + 8, 8); // 8: Checksum.ofMany
  @lazy static readonly TCBS_END: usize = Table.TCBS + <usize>TCP_CONNECTIONS * TCB_OCTETS;
}

/** Relations between the numbers of config.ts: a wrong one is an overflow that the compiler reports. */
const RING_LEAST: u32 = RECEIVE_RING < SEND_RING ? RECEIVE_RING : SEND_RING;
const RING_MOST: u32 = RECEIVE_RING < SEND_RING ? SEND_RING : RECEIVE_RING;
const RELATIONS_HOLD: bool =
  RING_LEAST + (TCP_TIMESTAMPS ? TIMESTAMPS_OCTETS : 0) >= LOCAL_MSS && // the text of a whole segment
  RING_MOST <= (TCP_WINDOW_SCALE ? 0x1000000 : 65535) &&
  LOCAL_MSS <= 1460 &&
  REASSEMBLY <= 65515 &&
  (REASSEMBLY == 0 || REASSEMBLY >= 1480) &&
  TCP_LISTENERS >= 4 &&
  TCP_CONNECTIONS <= 64; // bits of a set: tcp/tcbs.ts
export const RELATIONS: usize = memory.data(RELATIONS_HOLD ? 8 : -1, 8);
