// SPDX-License-Identifier: MIT
// The words of the dialogues: a stack on the port link, a scripted peer that speaks whole frames, and virtual
// milliseconds. Sequence numbers are relative: the stack's to its ISS, the peer's to its own (IRS of the stack), so that
// a SYN is at 0 and the first octet of text at 1. Every frame of the stack is checked to the last bit (frames.ts), every
// change of state against RFC 9293 Figure 5, and a frame that a test did not ask for fails it.
//
//   describe.each(targets)('3.10.7.4 fifth, check the ACK field: $name', (target) => {
//     test('an ACK above SND.NXT is answered and dropped', () => {
//       const t = established(target);
//       t.peer.send('A', { ack: 500 });
//       t.expect('A', { seq: 1, ack: 1 });
//       t.silence();
//     });
//   });

import assert from 'node:assert/strict';
import { Dialogue } from './support/dialogue.ts';
import type { DialogueOptions } from './support/dialogue.ts';
import type { Sent } from './support/peer.ts';
import type { Target } from './support/targets.ts';

export { MSG_OOB, Option, Ready, Shutdown } from '../host/machine/stack.ts';
export { Dialogue } from './support/dialogue.ts';
export type { Answer } from './support/dialogue.ts';
export { octets } from './support/peer.ts';
export * from './support/targets.ts';

const START = 10_000;

/** SYN-SENT's ISS is a clock and a hash: what the hash is for US and PEER, RFC 6528. Known after one SYN. */
let issAtZero: number | undefined;

/** The start time at which our ISS to PEER is 2^32 - 3 or 2^32 - 4: 250 ticks a millisecond, modulo 2^32. */
function startForWrap(target: Target): number {
  if (issAtZero === undefined) {
    const t = new Dialogue({ ...target, wraps: false }, 0);
    t.connect();
    issAtZero = t.expect('S').seq;
  }
  const ticks = BigInt.asUintN(31, (0x1_0000_0000n - 4n - BigInt(issAtZero)) >> 1n);
  // 125 · 2 ticks a millisecond: divide by 125 modulo 2^31.
  let inverse = 1n;
  for (let i = 0; i < 5; i++) inverse = BigInt.asUintN(31, inverse * (2n - 125n * inverse));
  return Number(BigInt.asUintN(31, ticks * inverse));
}

/** A fresh stack that has announced itself. */
export function open(target: Target, options: DialogueOptions = {}): Dialogue {
  const start = target.wraps ? startForWrap(target) : START;
  return new Dialogue(target, start, options);
}

/** With a listener on US.port; its backlog is no limit unless told. */
export function listening(target: Target, backlog = 100): Dialogue {
  const t = open(target);
  assert.equal(t.listen(backlog), 0);
  return t;
}

/** Our SYN is out. */
export function synSent(target: Target): Dialogue {
  const t = open(target);
  assert.equal(t.connect(), 'EINPROGRESS');
  t.expect('S', { seq: 0 });
  return t;
}

/** From a passive open. `syn`: fields of the peer's SYN. */
export function synReceived(target: Target, syn: Sent = {}): Dialogue {
  const t = listening(target);
  t.peer.send('S', syn);
  t.expect('SA', { seq: 0, ack: 1 });
  return t;
}

/** From an active open that met the peer's: RFC 9293 Figure 7. */
export function synReceivedActive(target: Target, syn: Sent = {}): Dialogue {
  const t = synSent(target);
  t.peer.send('S', syn);
  t.expect('SA', { seq: 0, ack: 1 });
  return t;
}

/** The peer opened, and the connection was accepted. The listener is still there, behind another number. */
export function established(target: Target, syn: Sent = {}): Dialogue {
  const t = synReceived(target, { mss: target.mss, ...syn });
  t.peer.send('A', syn.win === undefined ? {} : { win: syn.win });
  assert.equal(typeof t.accept(), 'number');
  t.silence();
  return t;
}

/** We opened. */
export function establishedActive(target: Target, syn: Sent = {}): Dialogue {
  const t = synSent(target);
  t.peer.send('SA', { mss: target.mss, ...syn });
  t.expect('A', { seq: 1, ack: 1 });
  return t;
}

/** We have shut our side down; the FIN is not acknowledged. The socket is still held. */
export function finWait1(target: Target): Dialogue {
  const t = established(target);
  t.shutdown(1);
  t.expect('FA', { seq: 1, ack: 1 });
  return t;
}

/** Our FIN is acknowledged. */
export function finWait2(target: Target): Dialogue {
  const t = finWait1(target);
  t.peer.send('A');
  t.silence();
  return t;
}

/** The peer's FIN is here. */
export function closeWait(target: Target): Dialogue {
  const t = established(target);
  t.peer.send('FA');
  t.expect('A', { seq: 1, ack: 2 });
  return t;
}

/** Both FINs crossed. */
export function closing(target: Target): Dialogue {
  const t = finWait1(target);
  t.peer.send('FA', { ack: 1 });
  t.expect('A', { seq: 2, ack: 2 });
  return t;
}

/** The peer's FIN, then ours, not acknowledged. */
export function lastAck(target: Target): Dialogue {
  const t = closeWait(target);
  t.shutdown(1);
  t.expect('FA', { seq: 1, ack: 2 });
  return t;
}

/** Both FINs are acknowledged. The socket is still held. */
export function timeWait(target: Target): Dialogue {
  const t = finWait2(target);
  t.peer.send('FA');
  t.expect('A', { seq: 2, ack: 2 });
  return t;
}

/** A dialogue in each state with a TCB, by the RFC's name of the state. */
export const inState = {
  'SYN-SENT': synSent,
  'SYN-RECEIVED': synReceived,
  ESTABLISHED: established,
  'FIN-WAIT-1': finWait1,
  'FIN-WAIT-2': finWait2,
  'CLOSE-WAIT': closeWait,
  CLOSING: closing,
  'LAST-ACK': lastAck,
  'TIME-WAIT': timeWait,
} as const;
