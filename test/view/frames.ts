// SPDX-License-Identifier: MIT
// Frames for the view's tests: TCP segments between two hosts with good checksums, and an ARP request.

import { ACK } from '../../host/view/decode.ts';

export interface Segment {
  /** 0 = 10.0.0.1 port 49152 is the sender, 1 = 10.0.0.2 port 80. */
  from?: 0 | 1;
  flags?: number;
  seq?: number;
  ack?: number;
  window?: number;
  /** Octets of text. */
  len?: number;
  options?: number[];
  urgentPointer?: number;
  /** Port of 10.0.0.1. */
  port?: number;
}

const HOSTS = [
  { mac: [2, 0, 10, 0, 0, 1], address: [10, 0, 0, 1] },
  { mac: [2, 0, 10, 0, 0, 2], address: [10, 0, 0, 2] },
] as const;

function u16(value: number): number[] {
  return [(value >> 8) & 255, value & 255];
}

function u32(value: number): number[] {
  return [...u16(value >>> 16), ...u16(value)];
}

function checksum(octets: number[]): number[] {
  let sum = 0;
  octets.forEach((octet, i) => (sum += i % 2 === 0 ? octet * 256 : octet));
  return u16(0xffff - (sum % 0xffff));
}

/** A TCP segment in a frame. `flags` are the control bits (default ACK). */
export function tcpFrame(segment: Segment = {}): Uint8Array {
  const { from = 0, flags = ACK, seq = 0, ack = 0, window = 4380, len = 0, options = [] } = segment;
  const { port = 49152, urgentPointer = 0 } = segment;
  const [source, destination] = from === 0 ? HOSTS : [HOSTS[1], HOSTS[0]];
  const ports = from === 0 ? [port, 80] : [80, port];
  const tcp = [...ports.flatMap(u16), ...u32(seq), ...u32(ack)];
  tcp.push(((20 + options.length) / 4) << 4, flags, ...u16(window), 0, 0, ...u16(urgentPointer), ...options);
  for (let i = 0; i < len; i++) tcp.push(0x61 + (i % 26));
  const pseudo = [...source.address, ...destination.address, 0, 6, ...u16(tcp.length)];
  tcp.splice(16, 2, ...checksum([...pseudo, ...tcp]));
  const ip = [0x45, 0, ...u16(20 + tcp.length), 0, 1, 0x40, 0, 64, 6, 0, 0];
  ip.push(...source.address, ...destination.address);
  ip.splice(10, 2, ...checksum(ip));
  return Uint8Array.from([...destination.mac, ...source.mac, 8, 0, ...ip, ...tcp]);
}

/** Who has `target`? asked by 10.0.0.1. */
export function arpRequest(target: number[] = [10, 0, 0, 2]): Uint8Array {
  const { mac, address } = HOSTS[0];
  const broadcast = new Array<number>(6).fill(255);
  const body = [0, 1, 8, 0, 6, 4, 0, 1, ...mac, ...address, 0, 0, 0, 0, 0, 0, ...target];
  return Uint8Array.from([...broadcast, ...mac, 8, 6, ...body]);
}

/** Octets written in hexadecimal. */
export function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'hex'));
}
