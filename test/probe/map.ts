// SPDX-License-Identifier: MIT
// The port build with its memory map: addresses of memory.ts, for tests that compare memories or look into a TCB.

import {
  ARP,
  DATAGRAM,
  PORT_STATE,
  REPLY,
  RX_ETHERNET,
  SEGMENT,
  Table,
  TCP_STATE,
  TIME,
} from '../../assembly/memory';
import { Tcb, TCB_OCTETS } from '../../assembly/tcp/tcb';

export * from '../../assembly/port';

/** Now and the earliest deadline. */
export function time(): usize {
  return TIME;
}

export function portState(): usize {
  return PORT_STATE;
}

/** Headers of the frame in hand, up to `datagram`. */
export function headers(): usize {
  return RX_ETHERNET;
}

export function datagram(): usize {
  return DATAGRAM;
}

export function segment(): usize {
  return SEGMENT;
}

export function reply(): usize {
  return REPLY;
}

export function neighbours(): usize {
  return ARP;
}

export function tcpState(): usize {
  return TCP_STATE;
}

/** The first connection. */
export function tcbs(): usize {
  return Table.TCBS;
}

/** Octets of a connection, rings included. */
export function tcbOctets(): usize {
  return TCB_OCTETS;
}

/** Where in a TCB `iss` and `recover` lie. */
export function iss(): usize {
  return offsetof<Tcb>('iss');
}

export function recover(): usize {
  return offsetof<Tcb>('recover');
}
