// SPDX-License-Identifier: MIT
// IPv4, RFC 791 with the checks of RFC 1122 §3.2.1. Incoming: the header is read and judged, and what it says is left in
// `datagram`; the transport reads on from the link, or from where ip/reassembly.ts has put a datagram together. Outgoing:
// templates, so that a segment costs one sum.
// Left out: fragmenting, options (skipped), forwarding, source routes, multicast. Without REASSEMBLY fragments are dropped.

import { IP_TTL, REASSEMBLY } from '../config';
import { Counter, Counters } from '../counters';
import { Link } from '../link/link';
import { DATAGRAM, RX_ETHERNET, RX_NETWORK, RX_TRANSPORT, TEMPLATE } from '../memory';
import { Checksum, MOST } from '../wire/checksum';
import { ETHERNET_HEADER, EtherType, EthernetHeader } from '../wire/ethernet';
import { IPV4_HEADER, Ipv4Header, Protocol } from '../wire/ipv4';
import { Net } from '../wire/net';
import { Arp } from './arp';
import { host } from './host';
import { HEADERS_OCTETS, Outgoing } from './outgoing';

/** What `receive` answers to a fragment: no protocol yet. */
export const FRAGMENT: i32 = -2;

/** Octets of the TCP header that are there when a segment is handed on. */
const TRANSPORT_LEAST: u32 = 20;
const EVEN_MOST: u32 = MOST & ~1;

/** The datagram in hand, valid from `receive` until the frame is released. */
@final
@unmanaged
export class Datagram {
  /** Source address as it lies in the header, which is how TCP looks for it. */
  netSource: u32;
  /** Octets after the header. */
  len: u32;
  /** Of a segment: where its TCP header lies, as far as 20 octets; they count as read. */
  transport: usize;
  /** Where its next octet lies in memory, 0 = on the link. */
  at: usize;
  /** The last source address that was found to be one, as it lies in the header; 0 = none yet. */
  known: u32;

  @inline get source(): u32 {
    return Net.swap32(this.netSource);
  }

  /** Sum of the two addresses, as words of memory. */
  @inline get addresses(): u64 {
    return <u64>this.netSource + host.netAddress;
  }
}

export const datagram = changetype<Datagram>(DATAGRAM);

export abstract class Ipv4 {
  /**
   * Judge the header of a datagram in a frame with `len` octets behind its own; `toGroup`: the frame was not sent to us
   * alone. Returns the protocol, -1 when the datagram was dropped, or FRAGMENT. The link stands at the payload's first
   * octet; of a segment the TCP header is read already.
   */
  static receive(len: u32, toGroup: bool): i32 {
    const header = Ipv4Header.at(RX_NETWORK);
    const totalLen = header.totalLen;
    if (totalLen < IPV4_HEADER || totalLen > len) return Ipv4.drop(Counter.IpHeaderError);
    let sum = Checksum.of20Inline(RX_NETWORK);
    let headerLen = IPV4_HEADER;
    if (!header.isPlain) {
      headerLen = header.headerLen;
      if (header.version != 4 || headerLen < IPV4_HEADER || totalLen < headerLen)
        return Ipv4.drop(Counter.IpHeaderError);
      Link.rewind(ETHERNET_HEADER + IPV4_HEADER);
      sum += (<u64>Link.read(RX_NETWORK + IPV4_HEADER, headerLen - IPV4_HEADER)) << 8; // exchanged, as in memory
    }
    if (!Checksum.isGood(Checksum.fold64(sum))) return Ipv4.drop(Counter.IpChecksumError);
    if (header.netDestination != host.netAddress || toGroup) return Ipv4.drop(Counter.IpNotOurs);
    const netSource = header.netSource;
    datagram.netSource = netSource;
    if (netSource != datagram.known || netSource == 0) {
      const source = datagram.source;
      if (source == host.address || !host.isUnicast(source)) return Ipv4.drop(Counter.IpBadSource);
      datagram.known = netSource;
    }
    if (!REASSEMBLY && header.isFragment) return Ipv4.drop(Counter.IpFragment);
    len = totalLen - headerLen;
    datagram.len = len;
    if (REASSEMBLY) datagram.at = 0;
    const protocol = REASSEMBLY && header.isFragment ? FRAGMENT : header.protocol;
    if (headerLen > IPV4_HEADER) {
      datagram.transport = RX_TRANSPORT;
      if (protocol == Protocol.Tcp && len > 0) Link.read(RX_TRANSPORT, min(len, TRANSPORT_LEAST));
    } else {
      datagram.transport = RX_NETWORK + IPV4_HEADER;
      if (protocol != Protocol.Tcp) Link.rewind(ETHERNET_HEADER + IPV4_HEADER);
    }
    return protocol;
  }

  /** The datagram in hand is from `netSource` and has `len` octets behind its header, which are in memory at `at`. */
  static takeHere(netSource: u32, len: u32, at: usize, protocol: u32): void {
    datagram.netSource = netSource;
    datagram.len = len;
    datagram.transport = at;
    datagram.at = protocol == Protocol.Tcp ? at + TRANSPORT_LEAST : at;
  }

  /** The next `len` octets of the datagram in hand to `dst`, 0 = nowhere. Returns their sum. `len` may be 0. */
  static read(dst: usize, len: u32): u32 {
    return len == 0 ? 0 : Ipv4.readInline(dst, len);
  }

  /** The same without a call, for every segment; `len` is not 0. */
  @inline static readInline(dst: usize, len: u32): u32 {
    return REASSEMBLY && datagram.at != 0 ? Ipv4.readHere(dst, len) : Link.read(dst, len);
  }

  /** The same from memory. */
  private static readHere(dst: usize, len: u32): u32 {
    let src = datagram.at;
    datagram.at = src + len;
    if (dst != 0) memory.copy(dst, src, len);
    let sum: u32 = 0;
    for (; len > EVEN_MOST; len -= EVEN_MOST, src += EVEN_MOST) sum += Checksum.ofMany(src, EVEN_MOST);
    return Checksum.fold(sum + Checksum.ofMany(src, len));
  }

  /** Whether a datagram can be composed now. */
  @inline static maySend(): bool {
    return Link.maySend();
  }

  /** Our addresses are known: fill in what all datagrams of ours share. */
  static configure(): void {
    const outgoing = Outgoing.at(TEMPLATE);
    outgoing.ethernet.copySource(host.mac);
    outgoing.ethernet.setType(EtherType.Ipv4);
    const header = outgoing.ipv4;
    // Atomic datagrams (RFC 6864): never fragmented, so the identification tells nobody anything.
    header.begin(IP_TTL, Protocol.Tcp);
    Arp.forget(outgoing);
    header.setNetSource(host.netAddress);
    Ipv4.seal(outgoing);
  }

  /** Fill in what all segments to `netDestination`, as it lies in a header, share. */
  static prepare(outgoing: Outgoing, netDestination: u32): void {
    memory.copy(changetype<usize>(outgoing), TEMPLATE, HEADERS_OCTETS);
    outgoing.ipv4.setNetDestination(netDestination);
    outgoing.addToIpSum(Checksum.fold(netDestination) << 8); // exchanged
  }

  /** The same for an answer to the datagram in hand, back the way it came. */
  static prepareReply(outgoing: Outgoing): void {
    Ipv4.prepare(outgoing, datagram.netSource);
    Ipv4.addressReply(outgoing);
  }

  /** Address the frame to where the datagram in hand came from. */
  static addressReply(outgoing: Outgoing): void {
    outgoing.ethernet.copyDestination(EthernetHeader.at(RX_ETHERNET).source);
  }

  /** After a change of the template's IPv4 fields. */
  static seal(outgoing: Outgoing): void {
    outgoing.ipv4.setTotalLen(0);
    outgoing.ipv4.setChecksum(0);
    outgoing.setIpSum(Checksum.exchanged(Checksum.of20(changetype<usize>(outgoing.ipv4))));
  }

  /** Address the frame to the first hop on the way. False when that is not known yet (it is asked for) or there is none. */
  static resolve(outgoing: Outgoing): bool {
    return Ipv4.resolveInline(outgoing);
  }

  /** The same without a call, for every segment. */
  @inline static resolveInline(outgoing: Outgoing): bool {
    return Arp.isResolved(outgoing) || Ipv4.findHop(outgoing);
  }

  /** The same of a frame that bears no MAC address yet. */
  static findHop(outgoing: Outgoing): bool {
    const hop = host.nextHop(outgoing.ipv4.destination);
    return hop != 0 && Arp.resolve(hop, outgoing);
  }

  /** Put `len` octets of payload into the datagram being composed, `offset` octets behind its header. Returns their sum. */
  @inline static write(offset: u32, src: usize, len: u32): u32 {
    return Link.write(ETHERNET_HEADER + IPV4_HEADER + offset, src, len);
  }

  /** Finish the header and transmit: `headerLen` octets of transport header in the template, then `len` already written. */
  static send(outgoing: Outgoing, headerLen: u32, len: u32): void {
    Ipv4.sendInline(outgoing, headerLen, len);
  }

  /** The same without a call, for every segment. */
  @inline static sendInline(outgoing: Outgoing, headerLen: u32, len: u32): void {
    const totalLen = IPV4_HEADER + headerLen + len;
    if (outgoing.len != totalLen) {
      outgoing.setLen(totalLen);
      outgoing.ipv4.setTotalLen(totalLen);
      outgoing.ipv4.setChecksum(Checksum.finish(outgoing.ipSum + totalLen));
    }
    Link.send(outgoing.frame, ETHERNET_HEADER + IPV4_HEADER + headerLen, ETHERNET_HEADER + totalLen);
  }

  private static drop(counter: Counter): i32 {
    Counters.add(counter);
    return -1;
  }
}
