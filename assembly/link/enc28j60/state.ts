// SPDX-License-Identifier: MIT
// What the driver knows of the chip, and where that lies in the module's memory. The chip's own 8 KB are drawn here too:
//
//   0x0000              0x1400         0x1A00         0x1FFF
//   | receive ring 5120 | slot A 1536  | slot B 1536  |        slot: control octet, frame ≤ 1514, 7 of status vector
//
//   DRIVER_STATE: | words of DriverState | scratch 64 |

import { DRIVER_STATE } from '../../memory';

/** The receive ring. It starts at 0 (erratum 5) and ends at an odd address, which keeps ERXRDPT odd (erratum 14). */
export const RING: u32 = 0x1400;
export const RING_END: u32 = RING - 1;

/** The transmit slots, both even; their low octets are 0, so ETXSTL never changes. */
export const SLOT_A: u32 = 0x1400;
export const SLOT_B: u32 = 0x1a00;

/** Octets of a frame with its FCS: MAMXFL, and the least that Ethernet allows. */
export const FRAME_MOST: u32 = 1518;
export const FRAME_LEAST: u32 = 64;

/** Audits without a sound, with reason to doubt, after which the ring is renewed. */
export const PATIENCE: u32 = 3;

/** Where bring-up has arrived; each is done by one poll or several. */
export enum Phase {
  /** Not started. */
  Off,
  /** Leave power save (erratum 19), wait. */
  Wake,
  /** Soft reset, wait (erratum 2). */
  Reset,
  /** Is it a chip that we know? */
  Identify,
  /** Write its memory and read it back, 1 KB a step. */
  Memory,
  /** Write its registers and read them back. */
  Registers,
  /** Write its PHY registers, one a step. */
  Phy,
  /** Frames. */
  Ready,
}

@final
@unmanaged
export class DriverState {
  // What the code names most comes first: the number of an address below 64 takes one octet.

  /** The instant of the last poll. */
  now: u32;
  /** The bank selected in ECON1; known from the soft reset on. In Ready 0 or 1; 0 while `pending` is not 0. */
  bank: u32;
  /** 1 = it is free. */
  room: u32;
  /** The slot that `write` fills. */
  filling: u32;
  /** The slot on the wire, 0 = none. */
  wire: u32;
  /** Which block, PHY register or question comes next; a count from 0 within the phase. */
  step: u32;
  /** When the next step of bring-up or of upkeep is due. */
  stepAt: u32;
  /** Frames that EPKTCNT told of and that are not yet released. */
  pending: u32;
  /** Address of the header of the next frame, or of the frame in hand; ERDPT stands here between frames. */
  next: u32;
  /** Octets of the frame in hand not yet read, with FCS and pad octet. */
  left: u32;

  phase: Phase;
  /** When poll has something to do by the clock: a step, a look at the flags, the deadline of a transmission. */
  dueAt: u32;
  /** Looks at an MII that was busy. Blocks of memory that read back wrong. */
  looks: u32;
  /** When the last restart began, or begins. */
  restartedAt: u32;
  /** EREVID at bring-up. */
  revision: u32;
  /** 1 = the link is up. */
  up: u32;
  /** EIE as written. */
  eie: u32;

  /** Next pointer of the frame in hand, proved. */
  following: u32;
  /** Address of a header that did not hold, plus 1: a second time there it is not noise on the bus. 0 = none. */
  doubtAt: u32;
  /** Last reset of the ring. */
  ringResetAt: u32;
  /** 1 = RXERIF was seen and is to be cleared when the ring is empty. */
  overflowed: u32;
  /** LinkRxFrames when it was last cleared. */
  rxAtOverflow: u32;

  /** Length of the frame on the wire, without FCS. */
  wireLen: u32;
  /** Where EWRPT stands. */
  writeAt: u32;
  /** The slot that is to follow it; 0 = none. */
  waiting: u32;
  waitingLen: u32;
  /** When the transmission on the wire is given up; 0 = no poll has seen it yet. */
  deadline: u32;
  /** Resends of the frame on the wire. */
  resends: u32;
  /** Deadlines passed since the last frame that was sent. */
  timeouts: u32;

  /** Last audit. */
  auditedAt: u32;
  /** LinkRxFrames and LinkTxFrames at the last audit that found frames received. */
  rxSeen: u32;
  txSeen: u32;
  /** Silent audits with reason to doubt, and how many of them are suffered. */
  quiet: u32;
  patience: u32;
  /** 1 = nothing was received since an overflow. */
  suspect: u32;
}

/** Header of a frame in hand, transmit status vector, test pattern: each for a moment. */
const SCRATCH_OCTETS: usize = 64;
export const SCRATCH: usize = DRIVER_STATE + offsetof<DriverState>();

export const state = changetype<DriverState>(DRIVER_STATE);

/** What memory.ts reserves is enough: else this is an overflow that the compiler reports. */
export const FITS: usize = memory.data(offsetof<DriverState>() + SCRATCH_OCTETS <= 248 ? 1 : -1, 1);

export abstract class Due {
  /** Whether the instant `at` has come. */
  @inline static at(at: u32): bool {
    return <i32>(state.now - at) >= 0;
  }

  /** Be polled at the instant `at`, or sooner. */
  static by(at: u32): void {
    if (<i32>(at - state.dueAt) < 0) state.dueAt = at;
  }
}
