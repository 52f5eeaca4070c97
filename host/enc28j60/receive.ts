// SPDX-License-Identifier: MIT
// The receiver: which frames are taken, and how they come to stand in the ring (data sheet sections 7.2 and 8, figure 7-3).
//
//   next pointer (2, low first) | status vector (4, low first) | frame, destination … FCS | pad to an even address
//
// A frame arrives in the instant its last bit does: RXBUSY is never seen as 1. A driver sees nothing of a frame that is
// not accepted, not even memory made dirty.

import { storeInRing } from './buffer.ts';
import { frameCheckSequence } from './checksum.ts';
import type { Core } from './core.ts';
import type { FaultSettings } from './faults.ts';
import { passesFilters, stationAddress } from './filters.ts';
import {
  ETHERTYPE_CONTROL,
  ETHERTYPE_VLAN,
  FCS_SIZE,
  isBroadcast,
  isMulticast,
  isPause,
  isTo,
  lengthBits,
  MIN_SIZE,
  PAUSE_ADDRESS,
  RECEIVED_MIN_WITH_FCS,
  typeOf,
  word,
} from './frame.ts';
import { ECON1, EIR, ERXFCON, ESTAT, MACON1, MACON3, Reg } from './registers.ts';

/** Bits of the receive status vector, data sheet table 7-3. Bits 15:0 are the byte count with FCS. */
export const RSV = {
  CRC_ERROR: 1 << 20,
  OK: 1 << 23,
  MULTICAST: 1 << 24,
  BROADCAST: 1 << 25,
  CONTROL: 1 << 27,
  PAUSE: 1 << 28,
  UNKNOWN_CONTROL: 1 << 29,
  VLAN: 1 << 30,
} as const;

/** Next pointer and status vector. */
const HEADER = 6;
const PAD = Uint8Array.of(0);
const MAX_PACKETS = 255;

/** How a frame arrives. */
export interface Arrival {
  /** The FCS is wrong. */
  badFcs?: boolean;
  /** The frame is as short as it is given; else the sending MAC is taken to have padded it to 60 octets. */
  runt?: boolean;
}

export class Receiver {
  /** Where the next frame will stand: hidden from the host, who sees ERXWRPT. */
  writePointer = 0;
  /** A pause frame for us, in full duplex with RXPAUS: for so many units of 512 bit times. */
  onPause: ((units: number) => void) | undefined;
  private readonly core: Core;
  /** An even ERXRDPT was written since the last frame, with RXEN = 1 (erratum 14). */
  private evenReadPointer = false;
  private deaf = false;
  private scratch = new Uint8Array(2048);

  constructor(core: Core) {
    this.core = core;
  }

  reset(): void {
    // ERXWRPT reads 0 until the ring is written (table 3-2), though the hidden pointer stands at ERXST.
    this.writePointer = this.core.registers.word(Reg.ERXSTL);
    this.evenReadPointer = false;
    this.deaf = false;
  }

  /** ECON1.RXRST was set. */
  held(): void {
    if (this.core.faults.settings['deaf-after-overflow'] !== 'src') this.deaf = false;
  }

  /** ERXST or ERXND was written: the write pointers are reloaded. */
  reload(): void {
    const { registers, faults } = this.core;
    const start = registers.word(Reg.ERXSTL);
    this.writePointer = faults.strikes('erxst-zero') ? 0 : start;
    registers.setWord(Reg.ERXWRPTL, start);
  }

  /** ERXRDPTH was written. */
  readPointerSet(): void {
    const { registers } = this.core;
    // Drivers that begin with an even one, before they switch reception on, work by the thousand.
    if (!registers.has(Reg.ECON1, ECON1.RXEN)) return;
    if ((registers.get(Reg.ERXRDPTL) & 1) === 0) this.evenReadPointer = true;
  }

  /** Free octets of the ring, data sheet example 7-1. */
  get free(): number {
    const { registers } = this.core;
    const start = registers.word(Reg.ERXSTL);
    const end = registers.word(Reg.ERXNDL);
    const write = this.writePointer;
    const read = registers.word(Reg.ERXRDPTL);
    if (write > read) return end - start - (write - read);
    return write === read ? end - start : read - write - 1;
  }

  /** A frame without FCS arrives. */
  receive(frame: Uint8Array, { badFcs = false, runt = false }: Arrival): void {
    const { core } = this;
    const { registers } = core;
    const listening = registers.has(Reg.MACON1, MACON1.MARXEN) && core.clockReady;
    if (!core.receiving || !listening || this.deaf) return;
    // Backpressure in half duplex: nobody else can send.
    if (!core.fullDuplex && registers.has(Reg.EFLOCON, 0x01)) return;
    if (registers.has(Reg.ECON1, ECON1.DMAST) && registers.has(Reg.ECON1, ECON1.CSUMEN)) {
      if (core.faults.strikes('dma-checksum-drops')) return;
    }
    const size = runt ? frame.length : Math.max(frame.length, MIN_SIZE);
    const count = size + FCS_SIZE;
    if (count < RECEIVED_MIN_WITH_FCS) return;
    if (count > registers.word(Reg.MAMXFLL) && !registers.has(Reg.MACON3, MACON3.HFRMEN)) return;
    if (badFcs && registers.has(Reg.ERXFCON, ERXFCON.CRCEN)) return;

    const block = this.compose(frame, size, badFcs);
    const body = block.subarray(HEADER, HEADER + size);
    const pause = isPause(body) && (isTo(body, PAUSE_ADDRESS) || isTo(body, stationAddress(registers)));
    if (typeOf(body) === ETHERTYPE_CONTROL && !badFcs) {
      if (pause && core.fullDuplex && registers.has(Reg.MACON1, MACON1.RXPAUS)) {
        this.onPause?.(word(body, 16));
      }
      if (!registers.has(Reg.MACON1, MACON1.PASSALL)) return;
    }
    if (!passesFilters(core, block.subarray(HEADER, HEADER + count))) return;
    const status =
      (badFcs ? RSV.CRC_ERROR : RSV.OK) |
      (pause ? RSV.PAUSE : 0) |
      lengthBits(body, registers.has(Reg.MACON3, MACON3.FRMLNEN));
    this.accept(block, count | status | kindBits(body));
  }

  /** Header (still empty), frame, padding and FCS, in an array that lives until the next frame. */
  private compose(frame: Uint8Array, size: number, badFcs: boolean): Uint8Array {
    const total = HEADER + size + FCS_SIZE;
    if (this.scratch.length < total) this.scratch = new Uint8Array(total);
    const block = this.scratch.subarray(0, total);
    block.set(frame, HEADER);
    block.fill(0, HEADER + frame.length);
    const fcs = frameCheckSequence(block.subarray(HEADER, HEADER + size)) ^ (badFcs ? 0xffff_ffff : 0);
    for (let i = 0; i < FCS_SIZE; i++) block[HEADER + size + i] = fcs >>> (8 * i);
    return block;
  }

  private accept(block: Uint8Array, status: number): void {
    const { core } = this;
    const { registers, memory } = core;
    const start = registers.word(Reg.ERXSTL);
    const end = registers.word(Reg.ERXNDL);
    // A pad octet so that the next frame begins at an even address; in a ring that ends at an even one even frames have it too.
    const after = this.writePointer + block.length;
    const pad = (after <= end ? after : after - (end - start + 1)) & 1;
    if (core.packetCount === MAX_PACKETS || block.length + pad > this.free) {
      if (core.packetCount < MAX_PACKETS) registers.set(Reg.ESTAT, ESTAT.BUFER);
      this.deaf = core.faults.strikes('deaf-after-overflow');
      core.raise(EIR.RXERIF);
      return;
    }
    let next = storeInRing(memory, this.writePointer, block, start, end);
    if (pad === 1) next = storeInRing(memory, next, PAD, start, end);
    const header = Uint8Array.of(next, next >> 8, status, status >> 8, status >> 16, status >> 24);
    this.spoil(header, end);
    storeInRing(memory, this.writePointer, header, start, end);
    this.writePointer = next;
    registers.setWord(Reg.ERXWRPTL, next);
    core.setPacketCount(core.packetCount + 1);
  }

  /** Errata and faults that damage the header of a frame which is itself good. */
  private spoil(header: Uint8Array, end: number): void {
    const { faults, random } = this.core;
    if (this.evenReadPointer) {
      this.evenReadPointer = false;
      if (faults.strikes('even-erxrdpt'))
        for (let i = 0; i < header.length; i++) header[i]! ^= 1 + random.below(255);
    }
    if (!faults.strikes('ring-garbage')) return;
    const setting: FaultSettings['ring-garbage'] = faults.settings['ring-garbage'];
    const kinds = ['zero', 'odd', 'outside', 'length', 'mismatch'] as const;
    const kind = typeof setting === 'string' ? setting : kinds[random.below(kinds.length)]!;
    const next = header[0]! | (header[1]! << 8);
    const pointer = { zero: 0, odd: next | 1, outside: (end + 2) & ~1, length: next, mismatch: next ^ 0x40 }[
      kind
    ];
    header[0] = pointer;
    header[1] = pointer >> 8;
    if (kind === 'length') header[3] = 0xff;
  }
}

/** The bits of data sheet table 7-3 that address and type decide. `frame` is without FCS. */
function kindBits(frame: Uint8Array): number {
  const type = typeOf(frame);
  let bits = 0;
  if (isMulticast(frame)) bits |= RSV.MULTICAST;
  if (isBroadcast(frame)) bits |= RSV.BROADCAST;
  if (type === ETHERTYPE_CONTROL) bits |= RSV.CONTROL | (isPause(frame) ? 0 : RSV.UNKNOWN_CONTROL);
  if (type === ETHERTYPE_VLAN) bits |= RSV.VLAN;
  return bits;
}
