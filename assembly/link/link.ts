// SPDX-License-Identifier: MIT
// The link, chosen at compile time: the ENC28J60, or frames through memory. A frame is a stream in both directions:
// received octets go where the reader says, sent ones come from anywhere, and every transfer returns the Internet sum of
// what it moved (RFC 1071: big-endian words, an odd last octet padded with zero, below 2^26, not complemented).

import { PORT_LINK } from '../config';
import { Enc28j60 } from './enc28j60/driver';
import { Port } from './port/driver';

// prettier-ignore
export abstract class Link {
  /** Our MAC address: first 2 octets, last 4 octets. */
  @inline static configure(macHigh: u32, macLow: u32): void {
    if (PORT_LINK) Port.configure(macHigh, macLow); else Enc28j60.configure(macHigh, macLow);
  }

  /** Begin to bring the link up. Never waits: `poll` does the steps. */
  @inline static start(now: u32): void {
    if (PORT_LINK) Port.start(now); else Enc28j60.start(now);
  }

  /** Timers, bring-up, completed transmissions, link state. */
  @inline static poll(now: u32): void {
    if (PORT_LINK) Port.poll(now); else Enc28j60.poll(now);
  }

  /** `ms`, or the milliseconds until `poll` wants to run again if that is sooner; 0 = at once. */
  @inline static sooner(ms: u32, now: u32): u32 {
    return PORT_LINK ? ms : min(ms, Enc28j60.nextAt(now));
  }

  /** The chip works and has a link partner. */
  @inline static isUp(): bool {
    return PORT_LINK ? Port.isUp() : Enc28j60.isUp();
  }

  /** Whether more than one received frame may wait. */
  @inline static get hasQueue(): bool {
    return !PORT_LINK;
  }

  /**
   * Have the first HEAD octets of the next good frame at RX_ETHERNET, as far as it has so many, and stand behind them.
   * Returns its length without FCS, 14…1514, or 0 when none waits.
   */
  @inline static receive(): u32 {
    return PORT_LINK ? Port.receive() : Enc28j60.receive();
  }

  /** Stand at the octet `offset` of that frame again; not beyond HEAD. */
  @inline static rewind(offset: u32): void {
    if (PORT_LINK) Port.rewind(offset); else Enc28j60.rewind(offset);
  }

  /** Move the next `len` octets of that frame to `dst`, 0 = nowhere. Returns their sum. */
  @inline static read(dst: usize, len: u32): u32 {
    return PORT_LINK ? Port.read(dst, len) : Enc28j60.read(dst, len);
  }

  /** Done with that frame, however much of it was read. */
  @inline static release(): void {
    if (PORT_LINK) Port.release(); else Enc28j60.release();
  }

  /** That frame is not for now: the next `receive` gives it again. */
  @inline static putBack(): void {
    if (PORT_LINK) Port.putBack(); else Enc28j60.putBack();
  }

  /** Whether a frame can be composed now. */
  @inline static maySend(): bool {
    return PORT_LINK ? Port.maySend() : Enc28j60.maySend();
  }

  /** Put `len` octets into the frame being composed, `offset` octets from its first. Returns their sum. */
  @inline static write(offset: u32, src: usize, len: u32): u32 {
    return PORT_LINK ? Port.write(offset, src, len) : Enc28j60.write(offset, src, len);
  }

  /** Put the first `headLen` octets, at `head`, into the composed frame and transmit its `len`; the link pads it to 60. */
  @inline static send(head: usize, headLen: u32, len: u32): void {
    if (PORT_LINK) Port.send(head, headLen, len); else Enc28j60.send(head, headLen, len);
  }
}
