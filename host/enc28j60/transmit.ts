// SPDX-License-Identifier: MIT
// The transmitter (data sheet section 7.1): control byte, padding, FCS, time on the wire, aborts, status vector.
//
//   ETXST: control byte | frame … ETXND | status vector, 7 octets
//
// The wire is idle unless `medium` says otherwise: in half duplex that is how tests bring about collisions and deferral.
// Leaves out MACON3.PHDREN (a header of four octets outside the FCS).

import type { Alarm } from '../net/clock.ts';
import { LAST_ADDRESS, load, MEMORY_SIZE, overlap, store } from './buffer.ts';
import { frameCheckSequence } from './checksum.ts';
import { OCTET_TIME, SLOT_TIME } from './core.ts';
import type { Core } from './core.ts';
import {
  ETHERTYPE_CONTROL,
  ETHERTYPE_VLAN,
  FCS_SIZE,
  isBroadcast,
  isMulticast,
  isPause,
  lengthBits,
  MIN_SIZE_WITH_FCS,
  typeOf,
} from './frame.ts';
import type { Phy } from './phy.ts';
import { ECON1, EFLOCON, EIR, ESTAT, MACON3, MACON4, Reg } from './registers.ts';
import { hex } from './violations.ts';

/** Bits of the control byte, data sheet figure 7-1. */
export const CONTROL = { PHUGEEN: 0x08, PPADEN: 0x04, PCRCEN: 0x02, POVERRIDE: 0x01 } as const;

/** Bits 31:0 of the transmit status vector, data sheet table 7-1. Bits 15:0 are the byte count with FCS. */
export const TSV = {
  COLLISIONS: 16,
  CRC_ERROR: 1 << 20,
  DONE: 1 << 23,
  MULTICAST: 1 << 24,
  BROADCAST: 1 << 25,
  DEFERRED: 1 << 26,
  EXCESSIVE_DEFERRAL: 1 << 27,
  EXCESSIVE_COLLISIONS: 1 << 28,
  LATE_COLLISION: 1 << 29,
  GIANT: 1 << 30,
} as const;

/** Bits 55:48. */
export const TSV6 = { CONTROL: 0x01, PAUSE: 0x02, BACKPRESSURE: 0x04, VLAN: 0x08 } as const;

const STATUS_SIZE = 7;
const PREAMBLE = 8;
/** What a collided try puts on the wire: preamble and jam, in octets (judgement). */
const COLLIDED = 12;
/** A nibble at 10 Mbit/s, ns. */
const NIBBLE_TIME = 400;
/** MACON4.DEFER = 0: patience in half duplex, 24287 bit times in ns. */
const DEFERRAL_LIMIT = 24_287 * 100;

/** What the next transmission finds on a half-duplex wire; used up by it. */
export interface Medium {
  /** The wire carries somebody else's frame until this instant, ns. */
  busyUntil: number;
  /** Collisions within the window before the frame gets through. */
  collisions: number;
  /** A collision after the window. */
  lateCollision: boolean;
}

/** The transmission in hand. */
interface Transmission {
  /** From ETXST + 1, padded, without FCS. */
  frame: Uint8Array;
  /** On the wire, with FCS. */
  count: number;
  /** Where the status vector goes. */
  statusAt: number;
  /** Bits 31:16 and 55:48 of the status vector, gathered on the way. */
  bits: number;
  bits6: number;
  collisions: number;
  /** The FCS that the host supplied is right, or the chip appended one. */
  goodFcs: boolean;
}

export class Transmitter {
  medium: Medium = { busyUntil: 0, collisions: 0, lateCollision: false };
  /** A frame without FCS begins on the wire. */
  onFrame: ((frame: Uint8Array) => void) | undefined;
  /** A frame comes back into the receiver (echo, loopback). */
  onEcho: ((frame: Uint8Array) => void) | undefined;
  /** TXRTS fell: the memory port is free for the DMA unit. */
  onDone: (() => void) | undefined;
  /** Whether the DMA unit has the memory port. */
  memoryBusy: () => boolean = () => false;
  private readonly core: Core;
  private readonly phy: Phy;
  private alarm: Alarm | undefined;
  /** Between TXRTS and the first bit. */
  private waiting = false;
  private current: Transmission | undefined;
  /** The gap after the last frame ends then. */
  private wireFreeAt = 0;
  private pausedUntil = 0;
  /** TXRTS stays 1 until TXRST. */
  private stalled = false;
  /** The next transmission will stall, unless TXRST comes first (erratum 12). */
  private stallsNext = false;
  /** Octets on which a status vector was put since the host wrote them. */
  private readonly overwritten = new Uint8Array(MEMORY_SIZE);

  constructor(core: Core, phy: Phy) {
    this.core = core;
    this.phy = phy;
  }

  /** Any reset of the whole chip. */
  reset(): void {
    this.breakOff();
    this.alarm?.cancel();
    this.alarm = undefined;
    this.waiting = false;
    this.current = undefined;
    this.stalled = false;
    this.stallsNext = false;
    this.pausedUntil = 0;
  }

  /** ECON1.TXRTS went from 0 to 1. */
  start(): void {
    this.check();
    this.waiting = true;
    this.schedule();
  }

  /** Set the alarm for the first bit: after the gap, a pause, a DMA run, in half duplex a busy wire. */
  schedule(): void {
    if (!this.waiting) return;
    this.alarm?.cancel();
    this.alarm = undefined;
    if (this.memoryBusy()) return;
    const { core, medium } = this;
    const { now } = core.clock;
    let at = Math.max(now, this.wireFreeAt, this.pausedUntil);
    let deferral = 0;
    if (!core.fullDuplex && medium.busyUntil > at) {
      const patience = core.registers.has(Reg.MACON4, MACON4.DEFER) ? Infinity : DEFERRAL_LIMIT;
      deferral = medium.busyUntil - at > patience ? TSV.EXCESSIVE_DEFERRAL : TSV.DEFERRED;
      at = Math.min(medium.busyUntil, at + patience);
    }
    this.alarm = core.clock.at(at, () => this.begin(deferral));
  }

  /** The host cleared TXRTS. Returns false when the transmitter is stalled and does not hear. */
  cancel(): boolean {
    if (this.stalled) return false;
    this.breakOff();
    if (this.waiting && this.current === undefined) this.current = this.compose();
    if (this.current !== undefined) this.finish(0, true);
    return true;
  }

  /** The transmission in hand ends now: the wire is not held for what it still meant to do, back-offs above all. */
  private breakOff(): void {
    if (this.current === undefined) return;
    this.wireFreeAt = Math.min(this.wireFreeAt, this.core.clock.now + this.gap());
  }

  /** ECON1.TXRST was set: what is under way ends without a status vector. */
  held(): void {
    const aborted = this.waiting || this.current !== undefined;
    this.reset();
    this.core.registers.clear(Reg.ECON1, ECON1.TXRTS);
    if (aborted) {
      this.core.registers.set(Reg.ESTAT, ESTAT.TXABRT);
      this.core.raise(EIR.TXIF | EIR.TXERIF);
      this.onDone?.();
    }
  }

  /** A partner asked for silence of `duration` ns from now; 0 ends it. */
  pause(duration: number): void {
    this.pausedUntil = this.core.clock.now + duration;
    this.schedule();
  }

  /** Put a control frame on the wire as soon as it is free; `sent` runs when its last bit has gone. */
  sendControl(frame: Uint8Array, sent: () => void): Alarm {
    const { clock } = this.core;
    const at = Math.max(clock.now, this.wireFreeAt);
    const end = at + this.duration(frame.length + FCS_SIZE);
    this.wireFreeAt = end + this.gap();
    this.schedule();
    clock.at(at, () => this.emit(frame));
    return clock.at(end, sent);
  }

  /** The host read or wrote buffer memory. */
  touched(address: number, count: number, written: boolean): void {
    const { core } = this;
    if (written) {
      const first = Math.min(count, MEMORY_SIZE - address);
      this.overwritten.fill(0, address, address + first);
      this.overwritten.fill(0, 0, count - first);
    }
    if (!core.transmitting) return;
    const [from, length] = this.extent();
    const place = `${count} octets at ${hex(address)}`;
    if (written && overlap(address, count, from, length + STATUS_SIZE)) {
      core.report('transmit memory written while TXRTS = 1', place);
    } else if (!written && overlap(address, count, from, length)) {
      core.report('transmit memory read while TXRTS = 1', place);
    }
  }

  /** ETXST, and the octets from there to ETXND. */
  private extent(): [from: number, length: number] {
    const { registers } = this.core;
    const from = registers.word(Reg.ETXSTL);
    return [from, ((registers.word(Reg.ETXNDL) - from) & LAST_ADDRESS) + 1];
  }

  /** What the data sheet asks of a driver before TXRTS. */
  private check(): void {
    const { core } = this;
    const { registers } = core;
    const [from, length] = this.extent();
    const place = `ETXST ${hex(from)}, ETXND ${hex(registers.word(Reg.ETXNDL))}`;
    if ((from & 1) !== 0) core.report('ETXST is odd', place);
    const start = registers.word(Reg.ERXSTL);
    const end = registers.word(Reg.ERXNDL);
    if (end >= start && overlap(from, length + STATUS_SIZE, start, end - start + 1)) {
      core.report('transmit frame or status vector inside the receive ring', place);
    }
    for (let i = 0; i < length; i++) {
      if (this.overwritten[(from + i) & LAST_ADDRESS] === 1) {
        core.report('status vector ran into another buffer', `${place}: ${hex((from + i) & LAST_ADDRESS)}`);
        break;
      }
    }
    if (this.phy.echoes) core.report('half duplex traffic with HDLDIS = 0', 'transmission');
  }

  /** Read the frame out of memory and finish it as MACON3 and the control byte say. */
  private compose(): Transmission {
    const { core } = this;
    const { registers, memory } = core;
    const [from, length] = this.extent();
    const control = memory[from]!;
    const override = (control & CONTROL.POVERRIDE) !== 0;
    const appendFcs = override ? (control & CONTROL.PCRCEN) !== 0 : registers.has(Reg.MACON3, MACON3.TXCRCEN);
    const huge = override ? (control & CONTROL.PHUGEEN) !== 0 : registers.has(Reg.MACON3, MACON3.HFRMEN);
    const given = load(memory, (from + 1) & LAST_ADDRESS, length - 1);
    let frame = given;
    let goodFcs = true;
    if (appendFcs) {
      const least = override ? ((control & CONTROL.PPADEN) !== 0 ? 60 : 0) : this.padding(typeOf(given));
      if (given.length < least) {
        frame = new Uint8Array(least);
        frame.set(given);
      }
    } else {
      frame = given.subarray(0, Math.max(0, given.length - FCS_SIZE));
      goodFcs = given.length > FCS_SIZE && endsInFcs(given);
    }
    const count = appendFcs ? frame.length + FCS_SIZE : given.length;
    let bits = goodFcs ? 0 : TSV.CRC_ERROR;
    bits |= lengthBits(frame, registers.has(Reg.MACON3, MACON3.FRMLNEN));
    if (isMulticast(frame)) bits |= TSV.MULTICAST;
    if (isBroadcast(frame)) bits |= TSV.BROADCAST;
    const limit = registers.word(Reg.MAMXFLL);
    if (count > limit) {
      if (!huge) bits |= TSV.GIANT;
      core.report('frame longer than MAMXFL', `${count} octets with FCS, MAMXFL ${limit}`);
    } else if (count < MIN_SIZE_WITH_FCS) {
      core.report('frame shorter than 64 octets sent', `${count} octets with FCS`);
    }
    const type = typeOf(frame);
    const bits6 =
      (type === ETHERTYPE_CONTROL ? TSV6.CONTROL : 0) |
      (isPause(frame) ? TSV6.PAUSE : 0) |
      (type === ETHERTYPE_VLAN ? TSV6.VLAN : 0) |
      (!core.fullDuplex && registers.has(Reg.EFLOCON, EFLOCON.FCEN0) ? TSV6.BACKPRESSURE : 0);
    return { frame, count, statusAt: (from + length) & LAST_ADDRESS, bits, bits6, collisions: 0, goodFcs };
  }

  /** MACON3.PADCFG: the least length without FCS. */
  private padding(type: number): number {
    switch (this.core.registers.get(Reg.MACON3) >> 5) {
      case 0b001:
        return 60;
      case 0b011:
      case 0b111:
        return 64;
      case 0b101:
        return type === ETHERTYPE_VLAN ? 64 : 60;
      default:
        return 0;
    }
  }

  /** The wire is ours: the first bit of the first try. */
  private begin(deferral: number): void {
    const { core } = this;
    const { faults, registers } = core;
    this.alarm = undefined;
    this.waiting = false;
    if (this.stallsNext || faults.strikes('tx-stall-silent')) {
      this.stalled = true;
      return;
    }
    const current = this.compose();
    this.current = current;
    current.bits |= deferral;
    const medium = this.medium;
    this.medium = { busyUntil: 0, collisions: 0, lateCollision: false };
    if ((deferral & TSV.EXCESSIVE_DEFERRAL) !== 0) return this.finish(deferral, true);
    let lateCollision = false;
    let delay = 0;
    if (!core.fullDuplex) {
      const limit = registers.get(Reg.MACLCON1);
      current.collisions = Math.min(medium.collisions, limit + 1);
      delay = this.collidedTime(current, limit);
      if (medium.collisions > limit) return this.endAfter(delay, TSV.EXCESSIVE_COLLISIONS, true);
      lateCollision = medium.lateCollision || faults.strikes('false-late-collision');
    }
    if (lateCollision) {
      const window = registers.get(Reg.MACLCON2) + 1;
      return this.endAfter(delay + this.duration(window), TSV.LATE_COLLISION, true);
    }
    if ((current.bits & TSV.GIANT) !== 0) {
      return this.endAfter(delay + this.duration(registers.word(Reg.MAMXFLL)), TSV.GIANT, true);
    }
    if (delay === 0) this.put(current);
    else this.alarm = core.clock.at(core.clock.now + delay, () => this.put(current));
  }

  /** Time lost to collided tries and to the back-off after each that is followed by another. */
  private collidedTime({ collisions, bits6 }: Transmission, limit: number): number {
    const { registers, random } = this.core;
    const noBackOff = MACON4.NOBKOFF | ((bits6 & TSV6.BACKPRESSURE) !== 0 ? MACON4.BPEN : 0);
    const backOff = !registers.has(Reg.MACON4, noBackOff);
    let time = 0;
    for (let attempt = 1; attempt <= collisions; attempt++) {
      time += COLLIDED * OCTET_TIME;
      // Truncated binary exponential back-off, IEEE 802.3 §4.2.3.2.5.
      if (backOff && attempt <= limit) time += random.below(2 ** Math.min(attempt, 10)) * SLOT_TIME;
    }
    return time;
  }

  /** The try that gets through. */
  private put(current: Transmission): void {
    if (current.goodFcs) this.emit(current.frame);
    this.endAfter(this.duration(current.count), TSV.DONE, false);
  }

  private emit(frame: Uint8Array): void {
    if (this.phy.speaks) this.onFrame?.(frame);
  }

  private endAfter(delay: number, bits: number, aborted: boolean): void {
    const end = this.core.clock.now + delay;
    this.wireFreeAt = end + this.gap();
    this.alarm = this.core.clock.at(end, () => this.finish(bits, aborted));
  }

  /** Preamble and `count` octets on the wire, ns. */
  private duration(count: number): number {
    return (PREAMBLE + count) * OCTET_TIME;
  }

  /** MABBIPG, data sheet register 6-4: nibbles between frames, ns. */
  private gap(): number {
    return (this.core.registers.get(Reg.MABBIPG) + (this.core.fullDuplex ? 3 : 6)) * NIBBLE_TIME;
  }

  /** The end, good or not: status vector, TXRTS, flags. */
  private finish(bits: number, aborted: boolean): void {
    const { core, current } = this;
    if (current === undefined) return;
    const { faults, registers } = core;
    this.alarm?.cancel();
    this.alarm = undefined;
    this.waiting = false;
    this.current = undefined;
    current.bits |= bits;
    if (aborted && bits !== 0 && !core.fullDuplex && faults.strikes('tx-stall')) {
      const manner = faults.settings['tx-stall'];
      this.stallsNext = manner === 'next';
      this.stalled = !this.stallsNext;
      if (manner === 'flagged') core.raise(EIR.TXERIF);
      if (this.stalled) return;
    }
    this.storeStatus(current);
    registers.clear(Reg.ECON1, ECON1.TXRTS);
    if (aborted) {
      registers.set(Reg.ESTAT, ESTAT.TXABRT);
      if ((bits & TSV.LATE_COLLISION) !== 0 && !faults.settings['latecol-zero']) {
        registers.set(Reg.ESTAT, ESTAT.LATECOL);
      }
    }
    core.raise(aborted ? EIR.TXIF | EIR.TXERIF : EIR.TXIF);
    if (!aborted && (this.phy.loopback || this.phy.echoes)) this.onEcho?.(current.frame);
    this.onDone?.();
  }

  private storeStatus(current: Transmission): void {
    const { bits, bits6, count, collisions, statusAt } = current;
    // Four bits: the sixteenth collision, which aborts, is never shown (table 7-1).
    const low = bits | ((collisions & 15) << TSV.COLLISIONS);
    const onWire = count + collisions * COLLIDED;
    const vector = [count, count >> 8, low >> 16, low >> 24, onWire, onWire >> 8, bits6];
    store(this.core.memory, statusAt, Uint8Array.from(vector));
    for (let i = 0; i < STATUS_SIZE; i++) this.overwritten[(statusAt + i) & LAST_ADDRESS] = 1;
  }
}

/** Whether the last four octets are the frame check sequence of those before. */
function endsInFcs(octets: Uint8Array): boolean {
  const size = octets.length - FCS_SIZE;
  const fcs = frameCheckSequence(octets.subarray(0, size));
  for (let i = 0; i < FCS_SIZE; i++) if (octets[size + i] !== ((fcs >>> (8 * i)) & 0xff)) return false;
  return true;
}
