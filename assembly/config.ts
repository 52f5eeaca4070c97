// SPDX-License-Identifier: MIT
// Every number one may change: unit, permitted range, cost in octets of memory, clause. Profiles set the numbers that
// `isDefined` names, from asconfig.json; relations between numbers are checked in memory.ts.

// CONFIG: TCP_CONNECTIONS, simultaneous connections, unit=count, min=1, max=64, ram=TCB_OCTETS + 2 * ring each
export const TCP_CONNECTIONS: u32 = isDefined(CONNECTIONS) ? CONNECTIONS : 6;

// CONFIG: TCP_LISTENERS, listening sockets, unit=count, min=1, max=16, ram=SOCKET_OCTETS each
export const TCP_LISTENERS: u32 = isDefined(LISTENERS) ? LISTENERS : 4;

// CONFIG: RECEIVE_RING, receive ring of a connection, unit=octets, min=536, max=65535, ram=itself per connection
// A whole number of segments: an odd tail would be offered and never filled.
export const RECEIVE_RING: u32 = isDefined(RING) ? RING : 4380;

// CONFIG: SEND_RING, send ring of a connection, unit=octets, min=536, max=65535, ram=itself per connection
export const SEND_RING: u32 = isDefined(RING) ? RING : 4380;

// CONFIG: LOCAL_MSS, largest segment we ask the peer to send (RFC 9293 §3.7.1), unit=octets, min=536, max=1460
export const LOCAL_MSS: u32 = isDefined(MSS) ? MSS : 1460;

// CONFIG: PORT_LINK, 0 = the ENC28J60 over SPI, 1 = frames through memory, ram=3 * 1514 when 1
export const PORT_LINK: u32 = isDefined(PORT) ? PORT : 0;
