// SPDX-License-Identifier: MIT
// The TCP_INFO that assertions look at, made of the module's connectionInfo and of what the interpreter has seen pass.
// Names and units are Linux's: times in microseconds, windows in segments. A name that is not here cannot be asserted,
// and a script that does is skipped.

import type { ConnectionInfo } from '../machine/stack.ts';
import type { Flow } from './flow.ts';

/** Linux's numbers of the states of RFC 9293 §3.3.2. */
const STATES: Readonly<Record<string, number>> = {
  ...{ ESTABLISHED: 1, 'SYN-SENT': 2, 'SYN-RECEIVED': 3, 'FIN-WAIT-1': 4, 'FIN-WAIT-2': 5, 'TIME-WAIT': 6 },
  ...{ CLOSED: 7, 'CLOSE-WAIT': 8, 'LAST-ACK': 9, LISTEN: 10, CLOSING: 11 },
};

/** Constants of assertions. */
export const INFO_CONSTANTS: Readonly<Record<string, number>> = {
  ...{ TCP_CA_Open: 0, TCP_CA_Disorder: 1, TCP_CA_CWR: 2, TCP_CA_Recovery: 3, TCP_CA_Loss: 4 },
  ...{ TCP_ESTABLISHED: 1, TCP_SYN_SENT: 2, TCP_SYN_RECV: 3, TCP_FIN_WAIT1: 4, TCP_FIN_WAIT2: 5 },
  ...{ TCP_TIME_WAIT: 6, TCP_CLOSE: 7, TCP_CLOSE_WAIT: 8, TCP_LAST_ACK: 9, TCP_LISTEN: 10, TCP_CLOSING: 11 },
  ...{ TCPI_OPT_TIMESTAMPS: 1, TCPI_OPT_SACK: 2, TCPI_OPT_WSCALE: 4, TCPI_OPT_ECN: 8 },
};

/** SACK, timestamps, window scale, ECN: the bits of connectionInfo's options in order, as Linux has them. */
const OPTION_BITS = [2, 1, 4, 8];

/** ssthresh before any loss, as Linux says it. */
const INFINITE_SSTHRESH = 0x7fffffff;
type Reader = (info: ConnectionInfo, flow: Flow) => number;

const segments = (octets: number, { mss }: ConnectionInfo): number => Math.floor(octets / Math.max(mss, 1));

const FIELDS: Readonly<Record<string, Reader>> = {
  state: ({ stateName }) => STATES[stateName] ?? 7,
  ca_state: ({ recovery, backoff, dupAcks }) => (recovery > 0 ? 3 : backoff > 0 ? 4 : dupAcks > 0 ? 1 : 0),
  backoff: ({ backoff }) => backoff,
  retransmits: ({ retransmits }) => retransmits,
  rto: ({ rto }) => rto * 1000,
  snd_mss: ({ mss }) => mss,
  rtt: ({ srtt }) => srtt * 1000,
  rttvar: ({ rttvar }) => rttvar * 1000,
  snd_cwnd: (info) => segments(info.cwnd, info),
  snd_ssthresh: (info) =>
    info.ssthresh >= INFINITE_SSTHRESH || info.ssthresh < 0
      ? INFINITE_SSTHRESH
      : segments(info.ssthresh, info),
  snd_wnd: ({ sndWnd }) => sndWnd,
  rcv_wnd: ({ rcvWnd }) => rcvWnd,
  unacked: (_info, flow) => flow.outstanding.unacked,
  sacked: (_info, flow) => flow.outstanding.sacked,
  lost: ({ lost, mss }) => Math.ceil(lost / Math.max(mss, 1)),
  min_rtt: ({ minRtt }) => minRtt * 1000,
  options: ({ options }) => OPTION_BITS.reduce((bits, bit, i) => bits | (options & (1 << i) ? bit : 0), 0),
  notsent_bytes: ({ sendQueue, sndNxt, sndUna }) => Math.max(0, sendQueue - ((sndNxt - sndUna) >>> 0)),
  bytes_acked: ({ sndUna, iss }) => (sndUna - iss - 1) >>> 0,
  bytes_received: ({ rcvNxt, irs }) => (rcvNxt - irs - 1) >>> 0,
};

/** Whether assertions may use `name`, with or without `tcpi_`. */
export function isInfoField(name: string): boolean {
  return bare(name) in FIELDS;
}

export function infoField(name: string, info: ConnectionInfo, flow: Flow): number {
  return FIELDS[bare(name)]!(info, flow);
}

function bare(name: string): string {
  return name.replace(/^tcpi_/, '');
}
