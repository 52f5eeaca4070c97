// SPDX-License-Identifier: MIT
// From the datagram in hand to `seg`. The header is read and its connection found; then the text goes from the link to
// its place in the receive ring, summed on the way; only if the sum is right does the segment arrive (RFC 9293 §3.10.7).
// Until then nothing but gaps of the ring is written, so that a corrupt segment cannot damage what is held.

import { DELAYED_ACK, HEADER_PREDICTION, RECEIVE_RING, TCP_ECN } from '../config';
import { Counter, Counters } from '../counters';
import { datagram, Ipv4 } from '../ip/ipv4';
import { RX_NETWORK } from '../memory';
import { Ring } from '../storage/ring';
import { Time } from '../time';
import { Checksum } from '../wire/checksum';
import { Ipv4Header, Protocol } from '../wire/ipv4';
import { Control, TCP_HEADER, TcpHeader } from '../wire/tcp';
import { Buckets } from './buckets';
import { CE } from './ecn';
import { Options } from './options';
import { Prediction } from './prediction';
import { Record } from './record';
import { seg, Segment } from './segment';
import { connectionArrives, noConnectionArrives } from './segment-arrives';
import { Seq } from './seq';
import { State } from './state';
import { Flag, Tcb } from './tcb';
import { Tcbs } from './tcbs';

/** Octets of what `seg` says of options. */
const OPTION_OCTETS: usize = offsetof<Segment>() - offsetof<Segment>('options');

export abstract class Receive {
  /** Take in the segment that the datagram in hand carries. False: the frame is to be received once more. */
  static segment(): bool {
    const len = datagram.len;
    const header = TcpHeader.at(datagram.transport);
    const found = Buckets.findInline(header.portsKey, datagram.netSource);
    const isKnown = Buckets.isTcb(found);
    const tcb = changetype<Tcb>(found);
    const record = changetype<Record>(found);
    if (isKnown) {
      if (HEADER_PREDICTION && Prediction.takes(tcb, header, len - TCP_HEADER)) return true;
    } else if (HEADER_PREDICTION && found != 0 && len == TCP_HEADER) {
      if (Prediction.endsHandshake(record, header)) return true;
    }
    const headerLen = header.headerLen;
    if (len < TCP_HEADER || headerLen < TCP_HEADER || headerLen > len) {
      Counters.add(Counter.TcpMalformed);
      return true;
    }
    const options = datagram.transport + TCP_HEADER;
    const optionsLen = headerLen - TCP_HEADER;
    const textLen = len - headerLen;
    const control = header.control;
    const seq = header.seq;
    const textSeq = seq + u32((control & Control.SYN) != 0);
    let sum = len + (isKnown ? headerSum(tcb, header) : strangersSum());
    if (optionsLen > 0) sum += Ipv4.read(options, optionsLen);
    if (textLen > 0) {
      sum += isKnown && mayHoldText(tcb) ? storeText(tcb, textSeq, textSeq + textLen) : Ipv4.read(0, textLen);
    }
    if (!Checksum.isGood(sum)) {
      Counters.add(Counter.TcpChecksumError);
      return true;
    }
    seg.seq = seq;
    seg.ack = header.ack;
    seg.len = textLen + u32((control & Control.SYN) != 0) + u32((control & Control.FIN) != 0);
    seg.wnd = header.window;
    seg.up = header.urgent;
    seg.control = control;
    seg.textSeq = textSeq;
    seg.textLen = textLen;
    seg.portsKey = header.portsKey;
    memory.fill(changetype<usize>(seg) + offsetof<Segment>('options'), 0, OPTION_OCTETS);
    if (optionsLen > 0) Options.parse(options, options + optionsLen);
    if (TCP_ECN) seg.isMarked = u32((Ipv4Header.at(RX_NETWORK).tos & CE) == CE);
    if (isKnown) {
      tcb.heardAt = Time.now;
      connectionArrives(tcb);
    } else if (!noConnectionArrives(record)) {
      return false;
    }
    Counters.addInline(Counter.TcpSegmentsIn);
    return true;
  }

  /** Text has come in order: the peer is told later, but of every second segment at once. */
  @inline static oweAck(tcb: Tcb): void {
    // SHLD-18, SHLD-19
    const unacked = <u32>tcb.unacked + 1;
    tcb.unacked = <u8>unacked;
    if (unacked >= 2) Tcbs.wantOutput(tcb, Flag.AckNow);
    else if (tcb.ackAt == 0) tcb.ackAt = Time.after(DELAYED_ACK);
  }
}

/**
 * The sum of a segment of `tcb` but for its length and what lies behind the header. The ports are in the connection's part.
 */
export function headerSum(tcb: Tcb, header: TcpHeader): u32 {
  return Checksum.exchanged(header.sumBehindPorts) + tcb.pseudoSum;
}

/** The same of the segment in hand, which is no TCB's. */
export function strangersSum(): u32 {
  return Checksum.exchanged(Checksum.of20(datagram.transport) + datagram.addresses) + Protocol.Tcp;
}

/** States in which text is taken; SYN-RECEIVED because the ACK that ends it may carry some. */
function mayHoldText(tcb: Tcb): bool {
  return tcb.isFrom(State.SynReceived, State.FinWait2);
}

/** Read the text [seq, end) into the gaps of the ring that lie in the window; the rest nowhere. Returns its sum. */
function storeText(tcb: Tcb, seq: u32, end: u32): u32 {
  const next = tcb.rcvNxt;
  const edge = tcb.rcvEdge;
  // Nearly always: the text that was waited for, all of it in the window, and nothing held beyond.
  if (seq == next && tcb.intervals.count == 0 && !Seq.lt(edge, end)) return storeGap(tcb, seq, end - seq);
  const first = seq;
  let sum: u32 = 0;
  while (seq != end) {
    let part: u32;
    let isGap = false;
    if (Seq.lt(seq, next)) {
      part = (Seq.lt(next, end) ? next : end) - seq;
    } else if (!Seq.lt(seq, edge)) {
      part = end - seq;
    } else {
      const run = tcb.intervals.run(seq, Seq.lt(edge, end) ? edge : end);
      isGap = run > 0;
      part = abs(run);
    }
    const partSum = isGap ? storeGap(tcb, seq, part) : Ipv4.read(0, part);
    sum += (seq - first) & 1 ? Checksum.odd(partSum) : partSum;
    seq += part;
  }
  return sum;
}

/** Read `len` octets to the place of `seq` in the ring, round its end if need be. Returns their sum. */
export function storeGap(tcb: Tcb, seq: u32, len: u32): u32 {
  const start = Ring.after(tcb.rcvHead, tcb.rcvLen + (seq - tcb.rcvNxt), RECEIVE_RING);
  const straight = Ring.straight(start, len, RECEIVE_RING);
  const sum = Ipv4.read(tcb.receiveRing + start, straight);
  if (straight == len) return sum;
  const rest = Ipv4.read(tcb.receiveRing, len - straight);
  return sum + (straight & 1 ? Checksum.odd(rest) : rest);
}
