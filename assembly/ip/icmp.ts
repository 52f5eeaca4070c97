// SPDX-License-Identifier: MIT
// ICMP, RFC 792 with RFC 1122 §3.2.2: echo, unreachable for what we do not serve, and the errors of others, handed on if
// they quote a TCP segment of ours: the message's header lies at RX_TRANSPORT, the datagram that it quotes at PIECE. An
// echo is answered as it is read, a piece at a time; the request's checksum is known only at its end, and only then the
// reply is sent.
// Left out: an echo that takes more than one frame, which reassembly can bring but nobody here fragments; redirect,
// timestamp, address mask; source quench is ignored (RFC 6633).

import { ICMP_ERROR_INTERVAL, REASSEMBLY } from '../config';
import { Counter, Counters } from '../counters';
import { ICMP_LIMIT, PIECE, PIECE_OCTETS, REPLY, RX_NETWORK, RX_TRANSPORT } from '../memory';
import { Time } from '../time';
import { Checksum } from '../wire/checksum';
import { ICMP_HEADER, IcmpHeader, IcmpType, UnreachableCode } from '../wire/icmp';
import { IPV4_HEADER, Ipv4Header, Protocol } from '../wire/ipv4';
import { Net } from '../wire/net';
import { host } from './host';
import { datagram, Ipv4 } from './ipv4';
import { Outgoing } from './outgoing';

/** Octets of a quoted header with its longest options and the eight that follow. */
const MAX_QUOTE: u32 = 68;

/** Octets of data in an echo that one frame carries. */
const MAX_ECHO: u32 = 1472;

export abstract class Icmp {
  /** Take in the datagram in hand. Returns where the TCP segment lies that an error quotes, 0 = it is none such. */
  static receive(): usize {
    if (datagram.len < ICMP_HEADER) {
      Counters.add(Counter.IcmpMalformed);
      return 0;
    }
    const sum = Ipv4.read(RX_TRANSPORT, ICMP_HEADER);
    const header = IcmpHeader.at(RX_TRANSPORT);
    const len = datagram.len - ICMP_HEADER;
    switch (header.type) {
      case IcmpType.Echo:
        if (header.code == 0) Icmp.echo(sum, len);
        else Counters.add(Counter.IcmpUnknownType);
        return 0;
      case IcmpType.Unreachable:
      case IcmpType.TimeExceeded:
      case IcmpType.ParameterProblem:
        return Icmp.error(sum, len);
      default:
        if (Icmp.isIntact(sum, len)) Counters.add(Counter.IcmpUnknownType);
        return 0;
    }
  }

  /** Nothing here answers the datagram in hand: say so, RFC 1122 §3.2.2.1. `read` as below. */
  @inline static unreachable(code: UnreachableCode, read: u32): void {
    Icmp.report(IcmpType.Unreachable, code, read);
  }

  /** An error that quotes the datagram in hand. Of its payload the first `read` octets, 0 or 8, lie in RX_TRANSPORT. */
  static report(type: IcmpType, code: u32, read: u32): void {
    if (<i32>(load<u32>(ICMP_LIMIT) - Time.now) > 0 || !Ipv4.maySend()) {
      Counters.add(Counter.IcmpErrorsLimited);
      return;
    }
    store<u32>(ICMP_LIMIT, Time.now + ICMP_ERROR_INTERVAL);
    const headerLen = Ipv4Header.at(RX_NETWORK).headerLen;
    const quoted = min(datagram.len, 8);
    if (read == 0) Ipv4.read(RX_TRANSPORT, quoted);
    let sum = Ipv4.write(ICMP_HEADER, RX_NETWORK, headerLen);
    if (quoted > 0) sum += Ipv4.write(ICMP_HEADER + headerLen, RX_TRANSPORT, quoted);
    Icmp.reply(type, code, 0, sum, headerLen + quoted);
    Counters.add(Counter.IcmpErrorsOut);
  }

  /** RFC 1122 §3.2.2.6: identifier, sequence number and data go back as they came. */
  private static echo(sum: u32, len: u32): void {
    if (REASSEMBLY && len > MAX_ECHO) {
      if (Icmp.isIntact(sum, len)) Counters.add(Counter.IpFragment);
      return;
    }
    let dataSum: u32 = 0;
    for (let offset: u32 = 0; offset < len;) {
      const piece = min(len - offset, PIECE_OCTETS);
      dataSum += Ipv4.read(PIECE, piece);
      Ipv4.write(ICMP_HEADER + offset, PIECE, piece);
      offset += piece;
    }
    if (!Icmp.isIntact(sum + dataSum, 0)) return;
    Counters.add(Counter.IcmpEchoes);
    Icmp.reply(IcmpType.EchoReply, 0, Net.u32(RX_TRANSPORT + 4), dataSum, len);
  }

  /** Send what was written behind the header, back to where the datagram in hand came from. */
  private static reply(type: IcmpType, code: u32, rest: u32, sum: u32, len: u32): void {
    const outgoing = Outgoing.at(REPLY);
    Ipv4.prepareReply(outgoing);
    outgoing.ipv4.setProtocol(Protocol.Icmp);
    Ipv4.seal(outgoing);
    const header = IcmpHeader.at(outgoing.transport);
    header.setType(type);
    header.setCode(code);
    header.setRest(rest);
    header.setChecksum(Checksum.finish((type << 8) + code + Checksum.ofU32(rest) + sum));
    Ipv4.send(outgoing, ICMP_HEADER, len);
  }

  private static error(sum: u32, len: u32): usize {
    const quote = min(len, MAX_QUOTE);
    sum += Ipv4.read(PIECE, quote);
    if (!Icmp.isIntact(sum, len - quote)) return 0;
    Counters.add(Counter.IcmpErrorsIn);
    const quoted = Ipv4Header.at(PIECE);
    const headerLen = quoted.headerLen;
    const isOurSegment =
      quote >= IPV4_HEADER &&
      headerLen >= IPV4_HEADER &&
      quote >= headerLen + 8 &&
      quoted.version == 4 &&
      quoted.protocol == Protocol.Tcp &&
      quoted.netSource == host.netAddress &&
      !quoted.hasOffset;
    if (isOurSegment) return PIECE + headerLen;
    Counters.add(Counter.IcmpErrorsStray);
    return 0;
  }

  /** Read `len` octets nowhere and judge the whole. The parts before all had an even length. */
  private static isIntact(sum: u32, len: u32): bool {
    if (Checksum.isGood(sum + Ipv4.read(0, len))) return true;
    Counters.add(Counter.IcmpChecksumError);
    return false;
  }
}
