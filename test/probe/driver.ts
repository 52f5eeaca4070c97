// SPDX-License-Identifier: MIT
// The driver of the ENC28J60 alone: its contract (assembly/link/link.ts) as exports, with room for frames on both sides,
// its counters, and where it believes the next header to stand.

import { Counters, NAMES } from '../../assembly/counters';
import { Enc28j60 } from '../../assembly/link/enc28j60/driver';
import { RX_ETHERNET } from '../../assembly/memory';
import { Phase, state } from '../../assembly/link/enc28j60/state';

const BUFFER: usize = memory.data(4096, 8);

/** 4096 octets for frames. */
export function buffer(): usize {
  return BUFFER;
}

/** A counter by its place in the list of names. */
export function counter(i: u32): u32 {
  return Counters.of(i);
}

/** Names of the counters in their order, each ended by a line feed; 0 at the end. */
export function counterNames(): usize {
  return NAMES;
}

/** Whether bring-up is over. */
export function isReady(): bool {
  return state.phase == Phase.Ready;
}

/** Where the driver believes the next header to stand. */
export function next(): u32 {
  return state.next;
}

export function configure(macHigh: u32, macLow: u32): void {
  Enc28j60.configure(macHigh, macLow);
}

export function start(now: u32): void {
  Enc28j60.start(now);
}

export function poll(now: u32): void {
  Enc28j60.poll(now);
}

export function nextAt(now: u32): u32 {
  return Enc28j60.nextAt(now);
}

export function isUp(): bool {
  return Enc28j60.isUp();
}

export function receive(): u32 {
  return Enc28j60.receive();
}

/** Where the first octets of the frame in hand are. */
export function head(): usize {
  return RX_ETHERNET;
}

export function rewind(offset: u32): void {
  Enc28j60.rewind(offset);
}

export function read(dst: usize, len: u32): u32 {
  return Enc28j60.read(dst, len);
}

export function release(): void {
  Enc28j60.release();
}

export function maySend(): bool {
  return Enc28j60.maySend();
}

export function write(offset: u32, src: usize, len: u32): u32 {
  return Enc28j60.write(offset, src, len);
}

export function send(head: usize, headLen: u32, len: u32): void {
  Enc28j60.send(head, headLen, len);
}
